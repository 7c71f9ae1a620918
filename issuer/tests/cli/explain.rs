//! `credmint explain`, and what people read when a proof is refused.

use crate::harness::{EC, Folder, NOW, credmint, with};
use serde_json::{Value, json};

const FORGE: &str = "https://token.actions.githubusercontent.com";

/// A configuration for jobs of one repository, with two tests of its own.
const CONFIGURATION: &str = r#"server:
  state_directory: state
policy:
  version: 1
  issuer: https://sts.example.com
  providers:
    github:
      type: github_actions
      issuer: https://token.actions.githubusercontent.com
      audiences: [https://sts.example.com]
      keys: { discovery: true }
      max_lifetime: 900s
      trust_condition: jwt.claims.repository_owner_id == "4242"
  resources:
    api.example.com: { scopes: [read, deploy] }
  clients:
    app_orders:
      scopes: { api.example.com: [read, deploy] }
      credentials:
        deploy:
          provider: github
          condition: >-
            jwt.claims.repository == "example/shop-orders" &&
            jwt.claims.ref in ["refs/heads/main", "refs/heads/release"]
          attributes:
            client.activeSubjectUrn: Append("urn:gh:run:", jwt.claims.run_id)
  tests:
    - name: main deploys
      credential: app_orders/deploy
      at: 2026-11-24T12:00:00Z
      given:
        claims:
          sub: repo:example/shop-orders:ref:refs/heads/main
          repository_owner_id: "4242"
          repository: example/shop-orders
          ref: refs/heads/main
          run_id: "7"
      expect: { accept: { subject: "app_orders:urn:gh:run:7", scope: read deploy } }
    - name: another repository does not
      credential: app_orders/deploy
      at: 2026-11-24T12:00:00Z
      given:
        claims:
          sub: repo:example/other:ref:refs/heads/main
          repository_owner_id: "4242"
          repository: example/other
          ref: refs/heads/main
          run_id: "7"
      expect: { refuse: verification_condition_false }
"#;

pub(crate) fn job(changes: Value) -> Value {
    let claims = json!({
        "iss": FORGE, "aud": "https://sts.example.com", "sub": "repo:example/shop-orders:ref:refs/heads/main",
        "repository": "example/shop-orders", "repository_owner_id": "4242", "ref": "refs/heads/main",
        "run_id": "7", "iat": NOW - 10, "exp": NOW + 290,
    });
    with(&claims, changes)
}

fn form(claims: &Value) -> Value {
    json!({
        "grant_type": "client_credentials",
        "client_id": "app_orders",
        "application_federated_credential_name": "deploy",
        "client_assertion_type": "urn:cloud:idaas:params:oauth:client-assertion-type:id-token-bearer",
        "client_assertion": EC.token(json!({ "kid": "a" }), claims.to_string().as_bytes()),
        "scope": "api.example.com|deploy",
    })
}

/// A folder with the configuration, changed, and the keys of the forge.
pub(crate) fn folder(changes: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    let mut text = CONFIGURATION.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    folder.file("credmint.yaml", text);
    folder.file("keys.json", json!({ FORGE: EC.jwks() }).to_string());
    folder
}

/// What `explain` prints for a request, with its exit status.
fn explain(folder: &Folder, form: &Value, more: &[&str]) -> (String, i32) {
    let form = folder.file("form.json", form.to_string());
    let mut arguments = vec![
        "explain".to_owned(),
        "--config".to_owned(),
        folder.path("credmint.yaml"),
        "--form".to_owned(),
        form,
        "--keys".to_owned(),
        folder.path("keys.json"),
        "--now".to_owned(),
        NOW.to_string(),
    ];
    arguments.extend(more.iter().map(|argument| (*argument).to_owned()));
    let run = credmint(&arguments);
    assert_eq!(run.stderr, "");
    (run.stdout, run.status)
}

/// Text without the name of the folder, which is another each time.
pub(crate) fn placed(folder: &Folder, text: &str) -> String {
    text.replace(&folder.path(""), "")
}

#[test]
fn a_person_with_a_wrong_repository_name_finds_the_cause_from_the_output_alone() {
    let folder = folder(&[]);
    let claims = job(json!({ "repository": "example/shop-order" }));
    let (text, status) = explain(&folder, &form(&claims), &[]);
    assert_eq!(status, 1);
    // The step, the clause, what was found, what is meant.
    for cause in [
        "refused at verification_condition: verification_condition_false",
        "FAIL  jwt.claims.repository == \"example/shop-orders\"",
        "found  jwt.claims.repository = \"example/shop-order\"",
        "\"example/shop-orders\" is near to what was found",
        "ok    jwt.claims.ref in",
    ] {
        assert!(text.contains(cause), "{cause}\n{text}");
    }
    insta::assert_snapshot!("explain_wrong_repository", text);
}

#[test]
fn what_is_accepted_and_what_else_would_fail() {
    let folder = folder(&[]);
    let (text, status) = explain(&folder, &form(&job(json!({}))), &[]);
    assert_eq!(status, 0);
    insta::assert_snapshot!("explain_accepted", text);
    let claims = job(
        json!({ "aud": "https://github.com/example", "ref": "refs/heads/dev", "run_id": null }),
    );
    let request = with(&form(&claims), json!({ "scope": "api.example.com|admin" }));
    insta::assert_snapshot!("explain_many_failures", explain(&folder, &request, &[]).0);
    let unknown = with(&form(&job(json!({}))), json!({ "client_id": "app_order" }));
    insta::assert_snapshot!("explain_unknown_client", explain(&folder, &unknown, &[]).0);
}

#[test]
fn an_explanation_says_what_proof_verify_says() {
    let folder = folder(&[]);
    let policy = folder.path("credmint.yaml");
    let base = form(&job(json!({})));
    let table = [
        base.clone(),
        form(&job(json!({ "repository": "x" }))),
        form(&job(json!({ "exp": NOW - 100, "iat": NOW - 200 }))),
        form(&job(json!({ "iss": "https://x" }))),
        form(&job(json!({ "run_id": null }))),
        with(&base, json!({ "client_id": "x" })),
        with(&base, json!({ "client_assertion": "a.b.c" })),
        with(&base, json!({ "client_assertion": "eyJhbGciOiJFUzI1NiIsImtpZCI6ImEifQ.e30.AAAA" })),
        with(&base, json!({ "scope": "x" })),
        with(&base, json!({ "scope": "api.example.com|x" })),
        json!({}),
    ];
    for request in table {
        let (explained, status) = explain(&folder, &request, &["--format", "json"]);
        let mut explained: Value = serde_json::from_str(&explained).unwrap();
        let form = folder.file("form.json", request.to_string());
        let now = NOW.to_string();
        let keys = folder.path("keys.json");
        let verified = credmint([
            "proof", "verify", "--policy", &policy, "--form", &form, "--keys", &keys, "--now",
            &now, "--format", "json",
        ]);
        assert_eq!(status, verified.status);
        let members = explained.as_object_mut().unwrap();
        let steps = members.remove("steps").unwrap();
        members.remove("given");
        assert_eq!(explained, verified.json());
        let first = steps.as_array().unwrap().iter().find(|step| step["outcome"] == "failed");
        assert_eq!(first.map(|step| &step["code"]), explained.get("code"), "{steps}");
    }
}

#[test]
fn no_token_is_in_an_explanation() {
    let folder = folder(&[]);
    let request = form(&job(json!({ "secret": "hush", "other": "eyJhbGciOiJub25lIn0.e30.x" })));
    for format in ["text", "json"] {
        let (text, _) = explain(&folder, &request, &["--format", format]);
        let token = request["client_assertion"].as_str().unwrap();
        for part in token.split('.') {
            assert!(!text.contains(part), "{text}");
        }
        assert!(!text.contains("hush") && !text.contains("eyJ"), "{text}");
    }
}

#[test]
fn a_bare_token_is_explained_as_its_request_would_be() {
    let folder = folder(&[]);
    let request = form(&job(json!({})));
    let token =
        folder.file("token", format!("{}\n", request["client_assertion"].as_str().unwrap()));
    let (policy, keys, now) =
        (folder.path("credmint.yaml"), folder.path("keys.json"), NOW.to_string());
    let with_token = |client: &str| {
        credmint([
            "explain",
            "--policy",
            &policy,
            "--token",
            &token,
            "--client",
            client,
            "--credential",
            "deploy",
            "--keys",
            &keys,
            "--now",
            &now,
        ])
    };
    let good = with_token("app_orders");
    assert!(good.stdout.contains("scope read deploy"), "{}{}", good.stdout, good.stderr);
    assert_eq!(with_token("nobody").status, 1);
}

#[test]
fn a_refusal_is_read_by_people() {
    let folder = folder(&[]);
    let form = form(&job(json!({ "repository": "example/shop-order" })));
    let form = folder.file("form.json", form.to_string());
    let now = NOW.to_string();
    let run = credmint([
        "proof",
        "verify",
        "--policy",
        &folder.path("credmint.yaml"),
        "--form",
        &form,
        "--keys",
        &folder.path("keys.json"),
        "--now",
        &now,
    ]);
    insta::assert_snapshot!("proof_refused", run.stdout);
}

#[test]
fn keys_are_a_set_sets_by_issuer_or_in_the_policy() {
    let inlined = format!("keys: {{ jwks: {} }}", EC.jwks());
    let (named, inside) = (folder(&[]), folder(&[("keys: { discovery: true }", &inlined)]));
    let plain = named.file("plain.json", EC.jwks().to_string());
    let request = form(&job(json!({}))).to_string();
    let run = |folder: &Folder, command: &[&str], keys: &[&str]| {
        let (form, policy) = (folder.file("form.json", &request), folder.path("credmint.yaml"));
        let now = NOW.to_string();
        let flags = ["--policy", &policy, "--form", &form, "--now", &now];
        credmint([command, &flags, keys].concat())
    };
    for command in [&["explain"][..], &["proof", "verify"]] {
        let check = |folder: &Folder, keys: &[&str]| {
            let run = run(folder, command, keys);
            assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
        };
        check(&named, &["--keys", &named.path("keys.json")]);
        check(&named, &["--keys", &plain]);
        check(&inside, &[]);
        // Without keys the flag is named.
        let without = run(&named, command, &[]);
        assert_eq!(without.status, 1);
        assert!(without.stdout.contains("(--keys FILE)"), "{}", without.stdout);
    }
}

/// A token in the place of a file, a flag or a word is not shown again.
#[test]
fn i10_a_token_among_the_arguments_is_not_repeated() {
    let folder = folder(&[]);
    let request = form(&job(json!({})));
    let token = request["client_assertion"].as_str().unwrap();
    let policy = folder.path("credmint.yaml");
    let check = |arguments: &[&str], expect: &str| {
        let run = credmint(arguments);
        assert_eq!(run.status, 2, "{arguments:?}");
        for part in token.split('.') {
            assert!(!run.stdout.contains(part) && !run.stderr.contains(part), "{}", run.stderr);
        }
        assert!(run.stderr.contains(expect), "{}", run.stderr);
    };
    let words = ["--client", "app_orders", "--credential", "deploy"];
    let start = ["explain", "--policy", &policy, "--token", token];
    check(&[&start[..], &words].concat(), "--token names a file with the token");
    check(&[&["explain", "--policy", token, "--token", &policy], &words[..]].concat(), "hidden: ");
    check(&["explain", token], "hidden: ");
    check(&[token], "hidden: ");
    check(&["explain", &format!("--policy={token}"), "--form", token], "hidden: ");
    check(&["check", "--policy", token], "hidden: ");
    check(&["x509", "show", token], "hidden: ");
}

#[test]
fn colours_are_for_terminals() {
    let folder = folder(&[]);
    let form = folder.file("form.json", form(&job(json!({ "ref": "other" }))).to_string());
    let (policy, keys) = (folder.path("credmint.yaml"), folder.path("keys.json"));
    let coloured = |variables: &[(&str, &str)]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_credmint"))
            .args(["explain", "--policy", &policy, "--form", &form, "--keys", &keys])
            .args(["--now", &NOW.to_string()])
            .env_remove("NO_COLOR")
            .env_remove("CLICOLOR_FORCE")
            .envs(variables.iter().copied())
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("verification_condition_false"), "{text}");
        text.contains("\u{1b}[")
    };
    // Where standard output is a pipe there are none, unless they are asked for.
    assert!(!coloured(&[]));
    assert!(coloured(&[("CLICOLOR_FORCE", "1")]));
    assert!(!coloured(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}
