//! Requests that name no credential, in the words of every command.

use crate::explain::{folder, job};
use crate::harness::{EC, Folder, NOW, Run, credmint, with};
use serde_json::{Value, json};

const DISCOVERABLE: (&str, &str) =
    ("          provider: github\n", "          provider: github\n          discoverable: true\n");

/// A second client, and an identifier of the resource.
const STANDARD: [(&str, &str); 3] = [
    DISCOVERABLE,
    (
        "    api.example.com: { scopes: [read, deploy] }\n",
        "    api.example.com: { scopes: [read, deploy], resource: https://api.example.com/v1 }\n",
    ),
    (
        "  tests:\n",
        "    app_hidden:\n      scopes: { api.example.com: [read] }\n      credentials:\n        main:\n          provider: github\n          condition: jwt.claims.repository == \"example/hidden\"\n  tests:\n",
    ),
];

/// What `explain` says of a bare token of this job.
fn explain(folder: &Folder, claims: &Value, more: &[&str]) -> Run {
    let token = EC.token(json!({ "kid": "a" }), claims.to_string().as_bytes());
    let (token, now) = (folder.file("token", token), NOW.to_string());
    let (policy, keys) = (folder.path("credmint.yaml"), folder.path("keys.json"));
    let flags = ["explain", "--policy", &policy, "--token", &token, "--keys", &keys, "--now", &now];
    credmint([&flags[..], more].concat())
}

#[test]
fn a_token_without_names_is_explained_by_what_it_states() {
    let folder = folder(&STANDARD);
    let check = |claims: Value, more: &[&str], parts: &[&str]| {
        let run = explain(&folder, &job(claims.clone()), more);
        for part in parts {
            assert!(
                run.stdout.contains(part),
                "{claims} {more:?}: {part}\n{}{}",
                run.stdout,
                run.stderr
            );
        }
    };
    let found = "ok    credential              client app_orders, credential deploy, provider github (oidc)";
    check(
        json!({}),
        &[],
        &[
            "accepted: subject app_orders:urn:gh:run:7, ",
            "scope read deploy, as client_assertion\n",
            "ok    binding",
            found,
        ],
    );
    for form in ["jwt_bearer", "token_exchange", "client_assertion", "jwt_spiffe"] {
        let run = explain(&folder, &job(json!({})), &["--form-of", form]);
        // A token of an issuer is no SVID, whatever it is sent as.
        assert_eq!(run.status, i32::from(form == "jwt_spiffe"), "{form}: {}", run.stdout);
        assert!(!run.stdout.contains(", as "), "{}", run.stdout);
    }
    let api = "https://api.example.com/v1";
    check(
        json!({}),
        &["--resource", api],
        &["audience https://api.example.com/v1, scope read deploy"],
    );
    check(json!({}), &["--scope", "read"], &["audience api.example.com, scope read,"]);
    check(json!({}), &["--client", "app_orders"], &["accepted: "]);
    check(
        json!({}),
        &["--client", "app_orders", "--credential", "deploy", "--resource", api],
        &["accepted: ", "audience https://api.example.com/v1"],
    );
    check(
        json!({}),
        &["--resource", "https://x.example.com"],
        &["refused at scope: target_not_granted"],
    );
    // Without a credential's name the compatible service has no such request.
    check(json!({}), &["--form-of", "idaas"], &["refused at form: parameter_missing"]);
    let named = ["--client", "app_orders", "--credential", "deploy"];
    let run = explain(&folder, &job(json!({})), &named);
    assert!(run.status == 0 && !run.stdout.contains(", as "), "{}", run.stdout);
    let run = explain(&folder, &job(json!({})), &["--credential", "deploy"]);
    assert_eq!(run.status, 2, "{}", run.stdout);
}

/// Only its operator learns what is near.
#[test]
fn who_finds_no_credential_is_told_the_nearest() {
    let near = folder(&STANDARD);
    let check = |folder: &Folder, claims: Value, more: &[&str], parts: &[&str]| {
        let run = explain(folder, &job(claims.clone()), more);
        assert_eq!(run.status, 1, "{}{}", run.stdout, run.stderr);
        for part in parts {
            assert!(run.stdout.contains(part), "{claims}: {part}\n{}", run.stdout);
        }
    };
    let nearest = ["hint      app_orders/deploy comes nearest; this is its condition"];
    check(
        &near,
        json!({ "repository": "example/shop-order" }),
        &[],
        &[
            "refused at credential: credential_not_found",
            "FAIL  jwt.claims.repository == \"example/shop-orders\"",
            "ok    jwt.claims.ref in",
            nearest[0],
        ],
    );
    check(
        &near,
        json!({ "repository": "example/hidden" }),
        &[],
        &[
            "credential_not_found",
            "hint      app_hidden/main would be found if it were discoverable",
        ],
    );
    check(
        &near,
        json!({ "iss": "https://token.actions.githubusercontent.co" }),
        &[],
        &[
            "refused at binding: issuer_unknown",
            "hint      the policy has a provider of the issuer \"https://token.actions.githubusercontent.com\"",
        ],
    );
    check(
        &near,
        json!({}),
        &["--client", "app_hidden"],
        &["issuer_unknown", "and no credential of it is discoverable and the client's"],
    );
    check(
        &folder(&[]),
        json!({}),
        &[],
        &[
            "issuer_unknown",
            "provider \"github\" has this issuer, and no credential of it is discoverable",
        ],
    );
    check(&near, json!({ "iss": "https://nobody.example.com" }), &[], &["issuer_unknown"]);
}

#[test]
fn an_answer_says_which_credential_was_found() {
    let folder = folder(&STANDARD);
    let token = EC.token(json!({ "kid": "a" }), job(json!({})).to_string().as_bytes());
    let form = json!({
        "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": token,
    });
    let (form, now) = (folder.file("form.json", form.to_string()), NOW.to_string());
    let (policy, keys) = (folder.path("credmint.yaml"), folder.path("keys.json"));
    let flags = ["--policy", &policy, "--form", &form, "--keys", &keys, "--now", &now];
    let command = ["proof", "verify", "--format", "json"];
    let answer = credmint([&command, &flags[..]].concat()).json();
    let member = |name: &str| answer[name].as_str();
    assert_eq!(member("form"), Some("jwt_bearer"), "{answer}");
    assert_eq!((member("client_id"), member("credential")), (Some("app_orders"), Some("deploy")));
}

/// A test as a policy has it, of a job.
fn case(claims: &str, more: &str, expect: &str) -> String {
    format!(
        "    - name: one more\n      at: 2026-11-24T12:00:00Z\n{more}      given:\n        claims: {{ iss: https://token.actions.githubusercontent.com, repository_owner_id: \"4242\", {claims} }}\n      expect: {expect}\n"
    )
}

#[test]
fn a_test_of_a_policy_need_not_name_a_credential() {
    let check = |claims: &str, more: &str, expect: &str, passes: bool| {
        let text = format!("  tests:\n{}", case(claims, more, expect));
        let folder = folder(&[STANDARD[0], STANDARD[1], STANDARD[2], ("  tests:\n", &text)]);
        let run = credmint(["test", "--policy", &folder.path("credmint.yaml")]);
        assert_eq!(
            run.status,
            i32::from(!passes),
            "{claims} {more} {expect}\n{}{}",
            run.stdout,
            run.stderr
        );
        run.stdout
    };
    let main = "repository: example/shop-orders, ref: refs/heads/main, run_id: \"7\"";
    let found = "{ accept: { credential: app_orders/deploy, audience: api.example.com, scope: read deploy } }";
    check(main, "", found, true);
    check(main, "      client: app_orders\n", found, true);
    let api = "      resource: https://api.example.com/v1\n      scope: read\n";
    check(main, api, "{ accept: { audience: https://api.example.com/v1, scope: read } }", true);
    check(main, "      client: app_hidden\n", "{ refuse: issuer_unknown }", true);
    check(main, "      form: jwt_bearer\n", found, true);
    check(main, "      form: jwt_spiffe\n", "{ refuse: issuer_unknown }", true);
    check("repository: example/other", "", "{ refuse: credential_not_found }", true);
    // Bad twins: another credential than the one that is found, and one that is not found.
    let other = "{ accept: { credential: app_hidden/main } }";
    let told = check(main, "", other, false);
    assert!(told.contains("got       accept: credential app_orders/deploy, "), "{told}");
    let told = check("repository: example/hidden", "", other, false);
    assert!(told.contains("would be found if it were discoverable"), "{told}");
}

/// A record as the issuer writes it of a request that names nobody.
fn record(claims: &Value, outcome: Value) -> String {
    let record = json!({
        "audit": 1, "time": "2026-11-24T12:00:00Z", "request_id": "r1", "form": "jwt_bearer",
        "proof": "oidc", "scope": "", "given": { "claims": claims },
    });
    with(&record, outcome).to_string()
}

#[test]
fn a_replay_finds_credentials_again() {
    let granted = |credential: &str, audience: &str| {
        json!({
            "verdict": "accept", "bound": { "client": "app_orders", "credential": credential },
            "targets": [audience],
            "granted": {
                "subject": "app_orders:urn:gh:run:7", "client": "app_orders", "credential": credential,
                "audience": audience, "scope": "read deploy", "lifetime": 3600, "jti": "j",
            },
        })
    };
    let api = "https://api.example.com/v1";
    let refused =
        |code: &str, step: &str| json!({ "verdict": "refuse", "code": code, "step": step });
    let other = job(json!({ "repository": "example/other" }));
    let unchanged = [
        record(&job(json!({})), granted("deploy", "api.example.com")),
        record(&job(json!({})), granted("deploy", api)),
        record(&other, refused("credential_not_found", "credential")),
    ];
    let same = folder(&STANDARD);
    let replayed = |folder: &Folder, lines: &[String]| {
        let audit = folder.file("audit.jsonl", lines.join("\n") + "\n");
        credmint(["replay", "--policy", &folder.path("credmint.yaml"), &audit])
    };
    let run = replayed(&same, &unchanged);
    assert_eq!(
        run.stdout,
        "3 records: 3 judged, 0 changed, 0 unclear, 0 unrelated to the policy\n"
    );
    // In another form the same is another request: no SVID is of an issuer, and a client signs no grant.
    let svid = |outcome: Value| with(&json!({ "form": "jwt_spiffe" }), outcome);
    let lines = [
        record(&job(json!({})), svid(refused("issuer_unknown", "binding"))),
        record(&job(json!({})), svid(granted("deploy", "api.example.com"))),
    ];
    let run = replayed(&same, &lines);
    assert!(run.stdout.contains("1 × app_orders / deploy\n"), "{}", run.stdout);
    assert!(run.stdout.contains("after     refuse issuer_unknown\n"), "{}", run.stdout);
    assert!(run.stdout.contains("2 records: 2 judged, 1 changed, 0 unclear"), "{}", run.stdout);
    // Another credential is another decision, though the token would say the same.
    let run = replayed(&same, &[record(&job(json!({})), granted("main", "api.example.com"))]);
    assert_eq!(run.status, 1);
    for part in [
        "1 × app_orders / main\n",
        "before    accept credential app_orders/main, subject",
        "after     accept credential app_orders/deploy, subject",
    ] {
        assert!(run.stdout.contains(part), "{part}\n{}", run.stdout);
    }
    // Where nothing is discoverable, nothing is found.
    let run = replayed(&folder(&[STANDARD[1]]), &unchanged[..2]);
    assert!(run.stdout.contains("after     refuse issuer_unknown"), "{}", run.stdout);
}

#[test]
fn check_and_a_bundle_say_what_guards_take() {
    let folder = folder(&STANDARD);
    let policy = folder.path("credmint.yaml");
    let both = ["api.example.com", "https://api.example.com/v1"];
    let run = credmint(["check", "--policy", &policy]);
    let told = "guards of api.example.com take the audiences api.example.com, https://api.example.com/v1\n";
    assert!(run.stdout.contains(told), "{}{}", run.stdout, run.stderr);
    let json = credmint(["check", "--policy", &policy, "--format", "json"]).json();
    assert_eq!(json["audiences"], json!({ "api.example.com": both }));
    let bundle = credmint(["policy", "bundle", "--policy", &policy]).json();
    assert_eq!(bundle["policy"]["resources"]["api.example.com"]["resource"], both[1], "{bundle}");
    assert_eq!(
        bundle["policy"]["clients"]["app_orders"]["credentials"]["deploy"]["discoverable"],
        true
    );
    assert_eq!(bundle["hash"], json["hash"]);
}
