//! The operations listener, and the commands that read what the issuer recorded.

use crate::{credmint, said};
use credmint_tests::http_client::get_plain;
use credmint_tests::process::free_address;
use credmint_tests::world::World;
use credmint_tests::world::log::leaked;
use serde_json::Value;
use std::fs;
use std::net::SocketAddr;

fn world() -> (World, SocketAddr) {
    let operations = free_address();
    let setting = format!("audit: audit.jsonl\n  operations: {{ listen: '{operations}' }}");
    let world = World::changed(&[("audit: audit.jsonl", &setting)]);
    // Connections wait at the main listener while the rest is opened.
    assert_eq!(world.get("/healthz").status, 200);
    (world, operations)
}

fn get(operations: SocketAddr, path: &str) -> Value {
    let answer = get_plain(operations, path, &[]);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

#[test]
fn operators_see_how_it_is() {
    let (world, operations) = world();
    assert_eq!(world.exchange(&world.github_request()).status, 200);
    assert_eq!(world.exchange(&world.pca_request()).status, 200);
    let _ = world.exchange(&world.github_request().with("client_id", "nobody"));

    let status = get(operations, "/status");
    assert_eq!(status["ready"], true, "{status}");
    assert_eq!(status["issuer"], world.issuer_url());
    assert!(status["policy"]["hash"].as_str().is_some_and(|hash| hash.starts_with("sha256:")));
    assert_eq!(status["audit"]["trouble"], Value::Null);
    let sources = status["sources"].as_array().expect("sources");
    let forge = sources.iter().find(|source| source["name"] == world.forge.url()).expect("one");
    assert!(forge["keys"].as_u64() >= Some(1) && forge["last_fetch"]["error"].is_null(), "{forge}");
    assert!(status["signing_keys"][0]["state"] == "signing", "{status}");
    assert!(status["certificates"][0]["expires"].is_string(), "{status}");

    let metrics = get_plain(operations, "/metrics", &[]).body;
    for line in [
        "credmint_token_requests_total{form=\"idaas\",proof=\"oidc\",verdict=\"accept\"} 1",
        "credmint_refusals_total{code=\"client_unknown\",step=\"binding\",fault=\"credential\"} 1",
        "credmint_ready{part=\"store\"} 1",
        "credmint_decision_duration_seconds_count{verdict=\"accept\"} 2",
    ] {
        assert!(metrics.lines().any(|shown| shown == line), "{line} is not in:\n{metrics}");
    }
    let policy = get(operations, "/policy");
    assert!(
        policy["providers"]
            .as_array()
            .is_some_and(|all| all.iter().any(|one| one["name"] == "forge"))
    );
    let client = get(operations, "/policy/clients/app_press");
    assert_eq!(client["credentials"][0]["provider"], "plant", "{client}");
    assert_eq!(get_plain(operations, "/policy/clients/nobody", &[]).status, 404);
    assert_eq!(get(operations, "/limits")["audit_wait_seconds"], 2);
}

#[test]
fn i24_readiness_is_that_of_every_part() {
    let (world, operations) = world();
    assert_eq!(get_plain(operations, "/readyz", &[]).status, 200);
    let kept = world.audit();
    fs::remove_file(world.file("audit.jsonl")).expect("a file");
    fs::create_dir(world.file("audit.jsonl")).expect("a folder");
    assert_eq!(world.exchange(&world.github_request()).status, 503);
    let until = |status: u16| loop {
        // It is looked at once a second.
        let answer = get_plain(operations, "/readyz", &[]);
        if answer.status == status {
            break answer;
        }
    };
    let answer = until(503);
    assert!(answer.body.starts_with("audit: records cannot be written: "), "{answer:?}");
    assert_eq!(get_plain(operations, "/livez", &[]).status, 200);
    fs::remove_dir(world.file("audit.jsonl")).expect("the folder");
    fs::write(world.file("audit.jsonl"), kept).expect("the file");
    assert_eq!(until(200).body, "ready\n");
}

/// Each token and assertion of this run, sent where it belongs and where it does not: none is in an answer to an operator. The
/// world looks at log and audit in the end.
#[test]
fn i10_i25_operators_see_no_secret() {
    let (world, operations) = world();
    let requests = [world.github_request(), world.pca_request(), world.kubernetes_request()];
    let mut secrets = Vec::new();
    for request in &requests {
        let proof = request.get("client_assertion").to_owned();
        let answers = [
            world.exchange(request),
            world.exchange(&request.clone().with("client_id", &proof)),
            world.exchange(&request.clone().with("scope", &format!("api.example.com|{proof}"))),
        ];
        assert_eq!(answers[0].status, 200, "{:?}", answers[0]);
        secrets.push(answers[0].json()["access_token"].as_str().expect("a token").to_owned());
        for refused in &answers[1..] {
            assert!(leaked(&refused.body, std::slice::from_ref(&proof)).is_empty(), "{refused:?}");
        }
        secrets.push(proof);
    }
    for path in
        ["/metrics", "/status", "/policy", "/policy/clients/app_press", "/limits", "/readyz"]
    {
        let answer = get_plain(operations, path, &[]);
        assert!(leaked(&answer.body, &secrets).is_empty(), "{path}: {}", answer.body);
    }
}

#[test]
fn a_recorded_request_is_explained_by_its_id() {
    let (world, _) = world();
    let refused = world.exchange(&world.github_request().with("scope", "api.example.com|admin"));
    let id = refused.header("request-id").expect("an id").to_owned();
    let _ = world.exchange(&world.github_request());
    let audit = world.file("audit.jsonl").display().to_string();
    let policy = world.file("credmint.yaml").display().to_string();
    let explained =
        credmint(&["explain", "--policy", &policy, "--audit", &audit, "--request", &id]);
    let text = String::from_utf8_lossy(&explained.stdout).into_owned();
    assert_eq!(explained.status.code(), Some(1), "{text}");
    assert!(text.contains("refused at scope: scope_not_granted\n"), "{text}");
    assert!(text.contains("  ok    trust_condition"), "{text}");
    let unknown = world.exchange(&world.github_request().with("client_id", "nobody"));
    let id = unknown.header("request-id").expect("an id").to_owned();
    let flags =
        ["explain", "--policy", &policy, "--audit", &audit, "--request", &id, "--format", "json"];
    let explained: Value = serde_json::from_slice(&credmint(&flags).stdout).expect("an answer");
    assert_eq!(explained["code"], "client_unknown", "{explained}");
    let none = credmint(&["explain", "--policy", &policy, "--audit", &audit, "--request", "none"]);
    assert_eq!(none.status.code(), Some(2));
}

#[test]
fn records_of_the_real_issuer_verify() {
    let (mut world, _) = world();
    for _ in 0..3 {
        assert_eq!(world.exchange(&world.github_request()).status, 200);
    }
    world.restart();
    assert_eq!(world.exchange(&world.github_request()).status, 200);
    let audit = world.file("audit.jsonl").display().to_string();
    let keys = world.write("jwks.json", &world.jwks().to_string()).display().to_string();
    let verify =
        |file: &str| credmint(&["audit", "verify", file, "--jwks", &keys, "--format", "json"]);
    let verified: Value = serde_json::from_str(&said(&verify(&audit))).expect("an answer");
    assert_eq!((&verified["valid"], &verified["chains"][0]["first"]), (&true.into(), &1.into()));
    // One character of a token's scope.
    let changed = world.audit().replacen("\"scope\":\"write", "\"scope\":\"admin", 1);
    let changed = match changed == world.audit() {
        true => changed.replacen("read:file", "read:fill", 1),
        false => changed,
    };
    assert_ne!(changed, world.audit());
    let changed = world.write("changed.jsonl", &changed).display().to_string();
    let output = verify(&changed);
    assert_eq!(output.status.code(), Some(1));
    let found: Value = serde_json::from_slice(&output.stdout).expect("an answer");
    assert_eq!(found["findings"][0]["finding"], "changed", "{found}");
}
