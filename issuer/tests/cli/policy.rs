//! `credmint test`, `policy bundle`, `replay`, and the texts that authors of policies read.

use crate::explain::{folder, job, placed};
use crate::harness::{Folder, authority, credmint, with};
use serde_json::{Value, json};

#[test]
fn tests_of_a_policy_pass_or_are_told_with_their_clause() {
    let good = folder(&[]);
    let policy = good.path("credmint.yaml");
    let run = credmint(["test", "--config", &policy]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(
        run.stdout,
        "ok    main deploys\nok    another repository does not\n2 tests, 0 failed\n"
    );
    // The condition is widened by mistake: the refused example is accepted.
    let flipped = folder(&[(
        r#"jwt.claims.repository == "example/shop-orders" &&"#,
        r#"jwt.claims.repository in ["example/shop-orders", "example/other"] &&"#,
    )]);
    let policy = flipped.path("credmint.yaml");
    let run = credmint(["test", "--config", &policy]);
    assert_eq!(run.status, 1);
    insta::assert_snapshot!("test_flipped_to_accept", placed(&flipped, &run.stdout));
    let json = credmint(["test", "--config", &policy, "--format", "json"]).json();
    assert_eq!((&json["passed"], &json["tests"][1]["passed"]), (&json!(false), &json!(false)));
    assert_eq!(json["tests"][1]["line"], 39);
    // It is neither good, nor served, nor bundled.
    let check = credmint(["check", "--config", &policy]);
    assert_eq!(check.status, 2);
    insta::assert_snapshot!("check_failed_test", placed(&flipped, &check.stderr));
    let served = credmint(["serve", "--config", &policy]);
    assert_eq!((served.status, served.stderr), (2, check.stderr.clone()));
    let bundled = credmint(["policy", "bundle", "--config", &policy]);
    assert_eq!((bundled.status, bundled.stderr), (2, check.stderr));

    let misspelt =
        folder(&[(r#"repository == "example/shop-orders""#, r#"repository == "example/shop""#)]);
    let run = credmint(["test", "--config", &misspelt.path("credmint.yaml")]);
    insta::assert_snapshot!("test_flipped_to_refuse", placed(&misspelt, &run.stdout));
}

#[test]
fn errors_of_check_are_read_by_people() {
    let folder = folder(&[
        ("version: 1", "version: 2"),
        ("provider: github", "provider: githb"),
        ("expect: { refuse: verification_condition_false }", "expect: { refuse: condition_false }"),
    ]);
    let run = credmint(["check", "--config", &folder.path("credmint.yaml")]);
    assert_eq!(run.status, 2);
    insta::assert_snapshot!("check_errors", placed(&folder, &run.stderr));
}

#[test]
fn a_bundle_is_self_contained() {
    let folder = Folder::new();
    folder.file("root.pem", authority("Root").pem());
    let policy = folder.file(
        "policy.yaml",
        "version: 1\nissuer: https://sts.example.com\nproviders:\n  plant: { type: pca, roots: [{ file: root.pem }] }\n\
         resources: { api: { scopes: [read] } }\nclients: {}\n",
    );
    let output = folder.path("bundle.json");
    let run = credmint(["policy", "bundle", "--policy", &policy, "-o", &output]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let text = std::fs::read_to_string(&output).unwrap();
    let printed = credmint(["policy", "bundle", "--policy", &policy]).stdout;
    assert_eq!(text, printed);
    let bundle: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(bundle["bundle"], 1);
    assert!(bundle["policy"]["providers"]["plant"]["roots"][0]["pem"].is_string());
    let check = credmint(["policy", "bundle", "--policy", "no-such-file.yaml"]);
    assert_eq!(check.status, 2);

    // The names of clouds are gone: what runs at the edge has no table of them.
    let policy = folder.file(
        "clouds.yaml",
        "version: 1\nissuer: https://sts.example.com\nproviders:\n\
         \u{20} ecs: { type: pkcs7, anchors: alibaba_cloud, audience: idaas_7f3c91d0b2 }\n\
         \u{20} ec2: { type: pkcs7, signers: [{ cloud: aws, region: eu-west-1 }], max_age: 300 }\n\
         resources: { api: { scopes: [read] } }\nclients: {}\n",
    );
    let run = credmint(["policy", "bundle", "--policy", &policy]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    let providers = &run.json()["policy"]["providers"];
    for (provider, profile) in [("ecs", "alibaba_ecs"), ("ec2", "amazon_ec2")] {
        let provider = &providers[provider];
        assert_eq!(provider["profile"], profile, "{provider}");
        assert_eq!(provider.get("anchors"), None, "{provider}");
        assert_eq!(provider["signers"].as_array().unwrap().len(), 1, "{provider}");
        assert!(provider["signers"][0]["pem"].is_string(), "{provider}");
    }
}

/// An audit record of a decision about these claims.
fn record(id: &str, claims: &Value, verdict: &str, more: Value) -> String {
    let record = json!({
        "audit": 1, "time": "2026-11-24T12:00:00Z", "request_id": id, "client": "app_orders",
        "credential": "deploy", "scope": "api.example.com|deploy", "verdict": verdict,
        "given": { "claims": claims },
    });
    with(&record, more).to_string()
}

#[test]
fn a_replay_tells_the_decisions_that_change() {
    let granted = json!({ "granted": {
        "subject": "app_orders:urn:gh:run:7", "audience": "api.example.com", "scope": "deploy",
        "lifetime": 3600, "jti": "j",
    } });
    let false_condition =
        json!({ "code": "verification_condition_false", "step": "verification_condition" });
    let on_release = job(json!({ "ref": "refs/heads/release" }));
    let lines = [
        record("r1", &job(json!({})), "accept", granted.clone()),
        record("r2", &on_release, "accept", granted.clone()),
        record("r3", &on_release, "accept", granted.clone()),
        record("r4", &job(json!({ "ref": "refs/heads/dev" })), "refuse", false_condition),
        // What the policy does not decide, and what no signature came with.
        record(
            "r5",
            &job(json!({})),
            "refuse",
            json!({ "code": "proof_replayed", "step": "obligations" }),
        ),
        record(
            "r6",
            &job(json!({})),
            "refuse",
            json!({ "code": "key_unknown", "step": "key_lookup", "given": null }),
        ),
        record(
            "r7",
            &job(json!({})),
            "refuse",
            json!({ "code": "expired", "step": "times", "given": {
            "claims": { "secret": "hidden: 4 bytes" }, "incomplete": true } }),
        ),
    ];
    let same = folder(&[]);
    let audit = same.file("audit.jsonl", lines[..6].join("\n") + "\n");
    let run = credmint(["replay", "--policy", &same.path("credmint.yaml"), &audit]);
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    assert_eq!(
        run.stdout,
        "6 records: 4 judged, 0 changed, 0 unclear, 2 unrelated to the policy\n"
    );

    let narrower =
        folder(&[(r#" in ["refs/heads/main", "refs/heads/release"]"#, r#" == "refs/heads/main""#)]);
    let audit = narrower.file("audit.jsonl", lines.join("\n") + "\n");
    let policy = narrower.path("credmint.yaml");
    let run = credmint(["replay", "--policy", &policy, &audit]);
    assert_eq!(run.status, 1);
    insta::assert_snapshot!("replay", run.stdout);
    let json = credmint(["replay", "--policy", &policy, &audit, "--format", "json"]).json();
    assert_eq!((&json["changed"], &json["unclear"]), (&json!(2), &json!(1)));
    assert_eq!(json["changes"][0]["first"]["request_id"], "r2");

    let broken = narrower.file("broken.jsonl", "{\"audit\":2}\n");
    let run = credmint(["replay", "--policy", &policy, &broken]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("broken.jsonl:1: this is not an audit record"), "{}", run.stderr);
}
