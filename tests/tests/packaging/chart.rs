//! The Helm chart: linted and rendered by Helm's own library, each resource checked by the strictest schema of Kubernetes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use credmint_tests::environment;
use credmint_tests::process::run;
use serde_json::{Value, json};

fn helm(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/helm").join(name)
}

/// The configuration that users begin with.
fn configuration() -> String {
    fs::read_to_string(helm("example/credmint.yaml")).expect("the example")
}

/// The values that users begin with, as the test's driver reads them.
fn values() -> Value {
    json!({
        "image": { "repository": "registry.example.com/credmint" },
        "configuration": configuration(),
        "secrets": {
            "tls": "credmint-tls",
            "store": "credmint-store",
            "keys": "credmint-keys",
            "operations": "credmint-operations",
        },
    })
}

/// What the driver says of the chart with `values`.
fn rendered(values: &Value) -> Value {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("values.json");
    fs::write(&file, values.to_string()).expect("a writable folder");
    let mut command = Command::new(environment::python());
    command.arg(environment::python_driver("chart.py")).arg(helm("credmint")).arg(file);
    let line = run("chart.py", &mut command);
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// The resources that come of `values`; each must please its schema, and nothing is found in the chart.
fn resources(values: &Value) -> Vec<Value> {
    let answer = rendered(values);
    assert_eq!(answer["findings"], json!([]), "{answer}");
    for checked in answer["checked"].as_array().expect("a list") {
        let checked = checked.as_str().expect("a text");
        // Kubernetes does not define it; where it does, an unknown kind is a mistake.
        let is_good = checked.ends_with(": ok") || checked == "PodMonitor: unknown";
        assert!(is_good, "{checked}");
    }
    answer["resources"].as_array().expect("a list").clone()
}

fn kinds(resources: &[Value]) -> Vec<&str> {
    resources.iter().map(|one| one["kind"].as_str().expect("a kind")).collect()
}

fn one<'a>(resources: &'a [Value], kind: &str) -> &'a Value {
    let mut found = resources.iter().filter(|one| one["kind"] == kind);
    let one = found.next().unwrap_or_else(|| panic!("no {kind}"));
    assert!(found.next().is_none(), "more than one {kind}");
    one
}

/// The values with those of `changes` in the place of theirs.
fn with(changes: &Value) -> Value {
    let mut values = values();
    for (name, value) in changes.as_object().expect("an object") {
        values[name] = value.clone();
    }
    values
}

/// The configuration with each first text replaced by the second.
fn changed(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(configuration(), |text, (from, to)| {
        assert!(text.contains(from), "the example has no `{from}`");
        text.replace(from, to)
    })
}

const STORE: &str = "  store:
    postgresql:
      url_file: /run/secrets/credmint/store/url
      ca_file: /run/secrets/credmint/store/ca.crt
";

#[test]
fn two_replicas_over_postgresql() {
    let resources = resources(&values());
    assert_eq!(
        kinds(&resources),
        [
            "ConfigMap",
            "Deployment",
            "NetworkPolicy",
            "PodDisruptionBudget",
            "Service",
            "ServiceAccount"
        ]
    );
    let deployment = &one(&resources, "Deployment")["spec"];
    assert_eq!(deployment["replicas"], 2);
    assert_eq!(deployment["strategy"]["rollingUpdate"]["maxUnavailable"], 0);
    let budget = &one(&resources, "PodDisruptionBudget")["spec"];
    assert_eq!(budget["maxUnavailable"], 1);
    assert_eq!(budget["selector"], deployment["selector"]);
    // The text that was checked is the one that is mounted.
    let mounted = &one(&resources, "ConfigMap")["data"]["credmint.yaml"];
    assert_eq!(mounted.as_str(), Some(configuration().as_str()));
}

/// The example loads. What it names of a pod is not here, and is not looked at.
#[test]
fn the_configuration_of_the_example_loads() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("credmint.yaml");
    fs::write(&file, configuration()).expect("a writable folder");
    let mut check = Command::new(environment::credmint());
    let output = check.args(["check", "--config"]).arg(&file).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
}

/// What the restricted profile of Kubernetes' Pod Security Standards asks for, and a root folder that nobody writes to.
#[test]
fn pods_are_restricted() {
    let resources = resources(&values());
    let pod = &one(&resources, "Deployment")["spec"]["template"]["spec"];
    let security = &pod["securityContext"];
    assert_eq!(security["runAsNonRoot"], true);
    assert_eq!(security["seccompProfile"]["type"], "RuntimeDefault");
    assert_eq!(security["runAsUser"], 65532);
    let [container] = &pod["containers"].as_array().expect("containers")[..] else {
        panic!("one container: {pod}")
    };
    assert_eq!(
        container["securityContext"],
        json!({
            "allowPrivilegeEscalation": false,
            "capabilities": { "drop": ["ALL"] },
            "readOnlyRootFilesystem": true,
            "runAsNonRoot": true,
        })
    );
    // Nothing secret in the environment: what stands there, children and dumps have too.
    assert_eq!(
        container["env"],
        json!([{ "name": "CREDENTIALS_DIRECTORY", "value": "/run/secrets/credmint/keys" }])
    );
    // No token of the cluster, and nothing of the node.
    assert_eq!(pod["automountServiceAccountToken"], false);
    for absent in ["hostNetwork", "hostPID", "hostIPC"] {
        assert_eq!(pod[absent], Value::Null);
    }
    let volumes = pod["volumes"].as_array().expect("volumes");
    assert!(volumes.iter().all(|volume| volume["hostPath"].is_null()), "{pod}");
    let writable = |mount: &&Value| mount["readOnly"] != true;
    let mounts = container["volumeMounts"].as_array().expect("mounts");
    let writable: Vec<_> =
        mounts.iter().filter(writable).map(|mount| &mount["mountPath"]).collect();
    assert_eq!(writable, ["/var/lib/credmint"]);
    for volume in volumes.iter().filter(|volume| !volume["secret"].is_null()) {
        assert_eq!(volume["secret"]["defaultMode"], 0o440, "{volume}");
    }
}

/// Probes ask the listener that the token endpoint's load does not reach, and clients cannot.
#[test]
fn operations_are_for_operators() {
    let resources = resources(&with(&json!({ "podMonitor": { "enabled": true } })));
    let container = &one(&resources, "Deployment")["spec"]["template"]["spec"]["containers"][0];
    for (probe, path) in
        [("startupProbe", "/livez"), ("livenessProbe", "/livez"), ("readinessProbe", "/readyz")]
    {
        let expect = json!({ "path": path, "port": "operations", "scheme": "HTTPS" });
        assert_eq!(container[probe]["httpGet"], expect);
    }
    let ports = &one(&resources, "Service")["spec"]["ports"];
    assert_eq!(*ports, json!([{ "name": "https", "port": 443, "targetPort": "https" }]));
    let ingress = |resources: &[Value]| one(resources, "NetworkPolicy")["spec"]["ingress"].clone();
    let clients = json!([{ "ports": [{ "protocol": "TCP", "port": "https" }] }]);
    assert_eq!(ingress(&resources), clients);
    let monitor = &one(&resources, "PodMonitor")["spec"]["podMetricsEndpoints"][0];
    assert_eq!(monitor["port"], "operations");
    let token = json!({ "credentials": { "name": "credmint-operations", "key": "token" } });
    assert_eq!(monitor["authorization"], token);

    let monitoring = json!({ "namespaceSelector": { "matchLabels": { "name": "monitoring" } } });
    let open = json!({ "networkPolicy": { "operators": [monitoring] } });
    let resources = self::resources(&with(&open));
    let operators = &ingress(&resources)[1];
    assert_eq!(operators["from"], json!([monitoring]));
    assert_eq!(operators["ports"], json!([{ "protocol": "TCP", "port": "operations" }]));
}

#[test]
fn one_replica_with_sqlite_replaces_itself() {
    let alone = json!({
        "configuration": changed(&[(STORE, "")]),
        "replicas": 1,
        "state": { "claim": "credmint-state" },
    });
    let resources = resources(&with(&alone));
    assert!(!kinds(&resources).contains(&"PodDisruptionBudget"));
    let deployment = &one(&resources, "Deployment")["spec"];
    assert_eq!(deployment["strategy"], json!({ "type": "Recreate" }));
    let state =
        json!({ "name": "state", "persistentVolumeClaim": { "claimName": "credmint-state" } });
    let volumes = deployment["template"]["spec"]["volumes"].as_array().expect("volumes");
    assert!(volumes.contains(&state), "{volumes:?}");
}

#[test]
fn the_cluster_it_runs_in() {
    let cluster = json!({ "cluster": { "enabled": true, "audience": "https://kubernetes" } });
    let resources = resources(&with(&cluster));
    let pod = &one(&resources, "Deployment")["spec"]["template"]["spec"];
    let volumes = pod["volumes"].as_array().expect("volumes");
    let projected = volumes.iter().find(|volume| volume["name"] == "cluster").expect("a volume");
    let token = &projected["projected"]["sources"][0]["serviceAccountToken"];
    assert_eq!(token["audience"], "https://kubernetes");
    // Only what was asked for: the token that Kubernetes would give any pod stays away.
    assert_eq!(pod["automountServiceAccountToken"], false);
}

/// What contradicts itself is not rendered, and the reason names both sides.
#[test]
fn what_cannot_run_is_not_rendered() {
    let check = |changes: Value, expect: &str| {
        let answer = rendered(&with(&changes));
        let refused = answer["refused"].as_str().unwrap_or_else(|| panic!("rendered: {changes}"));
        assert!(refused.contains(expect), "{refused}");
    };
    let configuration = |changes: &[(&str, &str)]| json!({ "configuration": changed(changes) });
    check(json!({ "image": {} }), "repository");
    check(json!({ "image": { "repository": "x", "tag": "latest" } }), "tag");
    check(json!({ "replica": 2 }), "replica");
    check(json!({ "secrets": {} }), "tls");
    check(json!({ "configuration": "server: [" }), "configuration: ");
    check(json!({ "configuration": "policy: {}" }), "there is no `server`");
    check(configuration(&[(STORE, "")]), "replicas: 2 need `server.store.postgresql`");
    check(
        json!({ "configuration": changed(&[(STORE, "")]), "replicas": 1 }),
        "state.claim: with SQLite",
    );
    check(json!({ "state": { "claim": "credmint-state" } }), "replicas keep their state");
    check(
        configuration(&[("0.0.0.0:9464", "127.0.0.1:9464")]),
        "`server.operations.listen` is `127.0.0.1:9464`, and the pod is asked at 0.0.0.0:9464",
    );
    check(
        configuration(&[("0.0.0.0:8443", "0.0.0.0:8444")]),
        "`server.listen` is `0.0.0.0:8444`, and the pod is asked at 0.0.0.0:8443",
    );
    check(
        configuration(&[(", bearer_token_file: /run/secrets/credmint/operations/token", "")]),
        "`server.operations.bearer_token_file` is not set",
    );
    check(configuration(&[("/var/lib/credmint/state", "/srv")]), "all that the pod may write to");
    check(
        configuration(&[(
            "  tls: { certificate: /run/secrets/credmint/tls/tls.crt, key: /run/secrets/credmint/tls/tls.key }\n",
            "",
        )]),
        "`server.tls` is not set",
    );
}
