//! The audit records of the real issuer: one a decision, enough to judge again, the same that `explain` says. That no
//! secret is in them is looked at whenever a world ends.

use std::fs;
use std::process::{Command, Output};

use credmint_tests::environment;
use credmint_tests::fixtures::github_actions::Job;
use credmint_tests::fixtures::kubernetes;
use credmint_tests::world::request::TokenRequest;
use credmint_tests::world::{PROOF_AUDIENCE, World};
use serde_json::{Value, json};

fn records(world: &World) -> Vec<Value> {
    let records = world.audit();
    let records = records.lines().map(|line| serde_json::from_str(line).expect("a record"));
    records.filter(|record: &Value| record.get("kind").is_none()).collect()
}

fn credmint(arguments: &[&str]) -> Output {
    Command::new(environment::credmint()).args(arguments).output().expect("it runs")
}

#[test]
fn every_decision_has_one_record() {
    let world = World::start();
    let requests = [
        (world.pca_request(), "accept"),
        (world.github_request(), "accept"),
        (world.kubernetes_request(), "accept"),
        (world.ecs_request(), "accept"),
        (world.ec2_request(), "accept"),
        (world.github_request().with("client_id", "nobody"), "client_unknown"),
        (world.github_request().with("scope", "api.example.com|admin"), "scope_not_granted"),
        (world.github_request().without("scope"), "parameter_missing"),
    ];
    for (request, _) in &requests {
        let _ = world.exchange(request);
    }
    let records = records(&world);
    assert_eq!(records.len(), requests.len());
    for (record, (request, expect)) in records.iter().zip(&requests) {
        let said = record["code"].as_str().or(record["verdict"].as_str());
        assert_eq!(said, Some(*expect), "{record}");
        assert!(record["policy"]["hash"].as_str().is_some_and(|hash| hash.starts_with("sha256:")));
        if *expect == "accept" {
            assert!(record["granted"]["jti"].is_string(), "{record}");
            assert!(record["given"].is_object(), "{record}");
        }
        if *expect != "parameter_missing" {
            assert_eq!(record["client"], request.get("client_id"));
            assert_eq!(record["scope"], request.get("scope"));
        }
    }
    // What was proven is recorded of a refused proof too, and nothing of one that was not proven.
    assert!(records[5]["given"].is_null() && records[6]["given"].is_object());
    let audit = world.file("audit.jsonl").display().to_string();
    let policy = world.file("credmint.yaml").display().to_string();
    let replayed = credmint(&["replay", "--policy", &policy, &audit]);
    let said = String::from_utf8_lossy(&replayed.stdout).into_owned();
    assert!(replayed.status.success(), "{said}");
    assert_eq!(said, "8 records: 6 judged, 0 changed, 0 unclear, 2 unrelated to the policy\n");
}

#[test]
fn an_explanation_has_the_facts_of_the_record() {
    let world = World::start();
    let elsewhere = Job { repository_id: "78".to_owned(), ..Job::on_main("example/shop") };
    let claims = kubernetes::claims("shop", "other", PROOF_AUDIENCE);
    let requests = [
        world.github_request_of(&elsewhere),
        world.kubernetes_request(),
        world
            .kubernetes_request()
            .with("client_assertion", &kubernetes::token(&world.cluster, &claims)),
        world.pca_request(),
        world.ecs_request(),
        world.ec2_request(),
    ];
    for request in &requests {
        let _ = world.exchange(request);
    }
    let keys = json!({ world.forge.url(): world.forge.jwks() }).to_string();
    let keys = world.write("keys.json", &keys).display().to_string();
    for (record, request) in records(&world).iter().zip(&requests) {
        let explained = explain(&world, request, &keys, record["time"].as_str().expect("a time"));
        assert_eq!(explained["given"], record["given"]);
        for member in ["verdict", "code", "step", "expected", "found"] {
            assert_eq!(explained.get(member), record.get(member), "{member}: {record}");
        }
    }
}

fn explain(world: &World, request: &TokenRequest, keys: &str, now: &str) -> Value {
    let form: Value = form_urlencoded::parse(request.body().as_bytes())
        .map(|(name, value)| (name.into_owned(), Value::from(value.into_owned())))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let form = world.write("form.json", &form.to_string()).display().to_string();
    let policy = world.file("credmint.yaml").display().to_string();
    let flags = ["explain", "--policy", &policy, "--form", &form, "--keys", keys, "--now", now];
    let output = credmint(&[&flags[..], &["--format", "json"]].concat());
    serde_json::from_slice(&output.stdout).expect("an answer")
}

#[test]
fn what_cannot_be_recorded_is_not_decided() {
    let world = World::start();
    assert_eq!(world.exchange(&world.github_request()).status, 200);
    let kept = world.audit();
    fs::remove_file(world.file("audit.jsonl")).expect("a file");
    fs::create_dir(world.file("audit.jsonl")).expect("a folder");
    for request in [world.github_request(), world.github_request().with("client_id", "nobody")] {
        let answer = world.exchange(&request);
        assert_eq!(answer.status, 503, "{answer:?}");
        assert_eq!(answer.header("credmint-error"), Some("temporarily_unavailable"));
        assert_eq!(answer.json().get("access_token"), None);
    }
    fs::remove_dir(world.file("audit.jsonl")).expect("the folder");
    fs::write(world.file("audit.jsonl"), kept).expect("the file");
    assert_eq!(world.exchange(&world.github_request()).status, 200);
}
