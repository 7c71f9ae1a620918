//! `credmint check`, `credmint keys show`, and `credmint serve` with a configuration that cannot be served.

use crate::harness::{Folder, authority, credmint};
use serde_json::Value;

/// A configuration that loads, in a folder with `root.pem`. The certificate stands in an included file.
const GOOD: &str = r#"server:
  listen: 127.0.0.1:0
  state_directory: state
policy:
  version: 1
  issuer: https://sts.example.com/oauth2
  providers:
    plant:
      type: pca
      roots: [{ file: root.pem }]
  resources:
    api.example.com: { scopes: [read] }
  clients:
    app_1:
      scopes: { api.example.com: [read] }
      credentials:
        worker:
          provider: plant
          condition: cert.subject.CN == "worker"
"#;

fn folder() -> Folder {
    let folder = Folder::new();
    folder.file("root.pem", authority("Root").pem());
    folder
}

#[test]
fn a_good_configuration_is_good() {
    let folder = folder();
    let path = folder.file("credmint.yaml", GOOD);
    let run = credmint(["check", "--config", &path]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert_eq!(
        run.stdout,
        format!("{path}: good; issuer https://sts.example.com/oauth2, 1 providers, 1 clients\n")
    );
    let run = credmint(["check", "--config", &path, "--format", "json"]);
    assert_eq!(run.status, 0);
    assert_eq!(run.json()["valid"], true);
    // Checking leaves nothing behind.
    assert!(!std::path::Path::new(&folder.path("state")).exists());
}

/// What a check says of certificates that end is what it would say at another time.
#[test]
fn certificates_end_by_the_time_that_is_given() {
    let folder = folder();
    let path = folder.file("credmint.yaml", GOOD);
    let check = |now: &str, status: i32, expect: &str| {
        let run = credmint(["check", "--config", &path, "--now", now]);
        assert_eq!(run.status, status, "{now}: {}{}", run.stdout, run.stderr);
        let said = format!("{}{}", run.stdout, run.stderr);
        assert!(said.contains(expect), "{now}: {said}");
    };
    check("2026-11-24T12:00:00Z", 0, ": good; ");
    check("1795521600", 0, ": good; ");
    check("2039-12-24T12:00:00Z", 1, "loads, with 1 finding");
    check("2040-01-02T00:00:00Z", 2, "the root CN=Root expired at 2040-01-01T00:00:00Z");
    let run = credmint(["check", "--config", &path, "--now", "noon"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("`noon` is not a time"), "{}", run.stderr);
}

/// A policy that loads, with something to say about it.
const WITH_FINDINGS: &str = r#"version: 1
issuer: https://sts.example.com/oauth2
token_lifetime: 600s
providers:
  forge:
    type: github_actions
    issuer: https://git.example.com
    audiences: [sts.amazonaws.com]
    keys: { discovery: true }
    max_lifetime: 900s
resources:
  api.example.com: { scopes: [read] }
clients:
  app_1:
    scopes: { api.example.com: [read] }
    credentials:
      main:
        provider: forge
        match: { repository_id: "77", event_name: [push] }
        condition: jwt.claims.ref == "refs/heads/*"
"#;

#[test]
fn findings_are_told_with_their_place_and_give_1() {
    let folder = folder();
    let path = folder.file("policy.yaml", WITH_FINDINGS);
    let run = credmint(["check", "--policy", &path]);
    assert_eq!(run.status, 1, "{}", run.stderr);
    let expect = [
        ":8:17: /providers/forge/audiences/0: tokens for `sts.amazonaws.com` are made for another service \
         [audience_of_another_service]; let workloads ask for an audience of this issuer alone",
        ":3:17: /token_lifetime: tokens live for 600 s [short_token_lifetime]; use 3000s or more, \
         unless there is no such client",
        ":20:20: /clients/app_1/credentials/main/condition: jwt.claims.ref is compared literally with \
         \"refs/heads/*\" [star_is_literal]; write the whole value, or use glob(…)",
        ": loads, with 3 findings; issuer https://sts.example.com/oauth2, 1 providers, 1 clients",
    ];
    let expect: String = expect.iter().map(|line| format!("{path}{line}\n")).collect();
    assert_eq!(run.stdout, expect);

    let answer = credmint(["check", "--policy", &path, "--format", "json"]);
    assert_eq!(answer.status, 1);
    let answer = answer.json();
    assert_eq!(answer["valid"], true);
    let lint = &answer["lints"][1];
    assert_eq!(lint["lint"], "short_token_lifetime");
    assert_eq!((lint["line"].as_i64(), lint["column"].as_i64()), (Some(3), Some(17)));
    assert!(lint["mend"].is_string() && lint["file"] == path.as_str());
    assert_eq!(
        answer["bindings"][0],
        serde_json::json!({
            "client": "app_1", "credential": "main", "provider": "forge", "type": "github_actions",
            "token_lifetime": 600,
            "condition": "jwt.claims.repository_id == \"77\" && jwt.claims.event_name == \"push\" && \
                          jwt.claims.ref == \"refs/heads/*\"",
        })
    );
}

#[test]
fn accepted_findings_are_not_told() {
    let folder = folder();
    let accept = "accept:\n  - { lint: short_token_lifetime, reason: no stock client here }\n  \
                  - { lint: audience_of_another_service, reason: the token is made for us }\n";
    let text = WITH_FINDINGS.replace("version: 1\n", &format!("version: 1\n{accept}"));
    let path = folder.file("policy.yaml", text.replace("heads/*", "heads/main"));
    let run = credmint(["check", "--policy", &path]);
    assert_eq!((run.status, run.stdout.lines().count()), (0, 1), "{}{}", run.stdout, run.stderr);
}

#[test]
fn a_folder_is_checked_as_one_policy() {
    let folder = folder();
    std::fs::create_dir(folder.path("trust")).unwrap();
    folder.file(
        "trust/organisation.yaml",
        "version: 1\nissuer: https://sts.example.com/oauth2\nallowed_issuers: [https://idp.example.com]\n\
         allowed_audiences: [api.example.com]\nallowed_clients: [app_1]\nresources:\n  api.example.com: { scopes: [read] }\n",
    );
    let team = "providers:\n  idp:\n    type: oidc\n    issuer: https://idp.example.com\n    \
                audiences: [https://sts.example.com]\n    max_lifetime: 900\n    keys: { discovery: true }\n\
                clients:\n  app_1:\n    scopes: { api.example.com: [read] }\n    credentials:\n      \
                main: { provider: idp, match: { subject: worker } }\n";
    let path = folder.file("trust/team.yaml", team);
    let check = || credmint(["check", "--policy", &folder.path("trust")]);
    assert_eq!(check().status, 0, "{}", check().stderr);
    folder.file("trust/team.yaml", team.replace("idp.example.com", "evil.example.com"));
    let run = check();
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.starts_with(&format!("{path}:4:13: /providers/idp/issuer: ")),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    // What is replaced, by what, where the error is, what it says.
    let table = [
        ("listen: 127.0.0.1:0", "listn: 127.0.0.1:0", "credmint.yaml:2:3", "listn"),
        (
            "listen: 127.0.0.1:0",
            "listen: 0.0.0.0:0",
            "credmint.yaml:2:3",
            "plain http at 0.0.0.0:0",
        ),
        (
            "listen: 127.0.0.1:0",
            "listen: here",
            "credmint.yaml:2:11",
            "not an address and a port, such as 127.0.0.1:8443",
        ),
        ("  state_directory: state\n", "", "credmint.yaml:2:3", "state_directory"),
        ("policy:", "polcy:", "credmint.yaml:4:1", "polcy"),
        ("policy:\n", "policy:\n  - 1\n", "credmint.yaml:6:3", ""),
        ("  version: 1\n", "", "credmint.yaml:5:3", "`version` is missing"),
        ("  version: 1\n", "  version: 1\n  version: 1\n", "credmint.yaml:6:3", "version"),
        (
            "version: 1",
            "version: two",
            "credmint.yaml:5:12",
            "/version: this number is missing or out of range",
        ),
        ("version: 1", "version: &a 1", "credmint.yaml:5:", "anchor"),
        (
            "https://sts.example.com/oauth2",
            "https://sts.example.com/",
            "credmint.yaml:6:11",
            "/issuer: this is not an issuer URL",
        ),
        (
            "type: pca",
            "type: pka",
            "credmint.yaml:9:13",
            "`pka` is not a provider type, expected oidc",
        ),
        (
            "type: pca",
            "type: pca\n      colour: red",
            "credmint.yaml:10:15",
            "`colour` is not known here",
        ),
        ("root.pem", "absent.pem", "credmint.yaml:10:23", "absent.pem: the file cannot be read"),
        ("root.pem", "root.txt", "credmint.yaml:10:23", "the kind of file is not known"),
        ("root.pem", "broken.pem", "broken.pem:1:1", "/providers/plant/roots/0/pem: pem_malformed"),
        ("root.pem", "leaf.pem", "leaf.pem:1:1", "certificate_malformed"),
        (
            "scopes: { api.example.com: [read] }\n      cred",
            "scopes: { api.example.com: [admin] }\n      cred",
            "credmint.yaml:15:17",
            "`admin` is not a scope of the resources",
        ),
        (
            "provider: plant",
            "provider: plan",
            "credmint.yaml:18:21",
            "there is no usable provider `plan`",
        ),
        (
            "cert.subject.CN == \"worker\"",
            "cert.subject.CN ==",
            "credmint.yaml:19:22",
            "at byte 18",
        ),
        (
            "cert.subject.CN == \"worker\"",
            "cert.subject.O == \"us\"",
            "credmint.yaml:17:9",
            "identifies the bearer",
        ),
    ];
    let folder = folder();
    folder.file("broken.pem", "-----BEGIN CERTIFICATE-----\n");
    folder.file("leaf.pem", "MAA=");
    let mut wrong = Vec::new();
    for (from, to, place, says) in table {
        assert!(GOOD.contains(from), "{from}");
        let path = folder.file("credmint.yaml", GOOD.replacen(from, to, 1));
        let run = credmint(["check", "--config", &path]);
        assert_eq!(run.status, 2, "{to}");
        assert_eq!(run.stdout, "", "{to}");
        let found = run
            .stderr
            .lines()
            .any(|line| line.starts_with(&folder.path(place)) && line.contains(says));
        if !found {
            wrong.push(format!("{to}: not at {place} with {says}: {}", run.stderr));
        }
        // Whoever serves sees the same.
        let served = credmint(["serve", "--config", &path]);
        assert_eq!((served.status, served.stderr), (2, run.stderr), "{to}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_policy_in_a_file_of_its_own_has_its_own_places() {
    let folder = folder();
    let (server, policy) = GOOD.split_once("policy:\n").unwrap();
    let policy: String = policy.lines().map(|line| format!("{}\n", &line[2..])).collect();
    let main = folder.file("credmint.yaml", format!("{server}policy: trust/policy.yaml\n"));
    let check = || credmint(["check", "--config", &main]);

    let run = check();
    assert_eq!(run.status, 2);
    assert!(run.stderr.starts_with(&format!("{main}:4:9: ")), "{}", run.stderr);
    assert!(run.stderr.contains("trust/policy.yaml: the file cannot be read"), "{}", run.stderr);

    std::fs::create_dir(folder.path("trust")).unwrap();
    folder.file("trust/policy.yaml", policy.replace("root.pem", "../root.pem"));
    assert_eq!(check().status, 0, "{}", check().stderr);

    let path = folder.file(
        "trust/policy.yaml",
        policy.replace("root.pem", "../root.pem").replace("type: pca", "type: 5"),
    );
    let run = check();
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.starts_with(&format!("{path}:5:11: /providers/plant/type: ")),
        "{}",
        run.stderr
    );

    let path = folder.file("trust/policy.yaml", "version: 1\n  issuer: x\n");
    let run = check();
    assert_eq!(run.status, 2);
    assert!(run.stderr.starts_with(&format!("{path}:2:")), "{}", run.stderr);
}

#[test]
fn all_problems_of_a_policy_are_named_at_once_and_for_machines_too() {
    let folder = folder();
    let broken = GOOD.replace("version: 1", "version: 2").replace("type: pca", "type: x");
    let path = folder.file("credmint.yaml", broken);
    let run = credmint(["check", "--config", &path]);
    assert!(run.stderr.lines().count() >= 2, "{}", run.stderr);
    let run = credmint(["check", "--config", &path, "--format", "json"]);
    assert_eq!(run.status, 2);
    let answer = run.json();
    assert_eq!(answer["valid"], false);
    let errors = answer["errors"].as_array().unwrap();
    let version = errors.iter().find(|error| error["pointer"] == "/version").unwrap();
    assert_eq!(version["file"], Value::from(path));
    assert_eq!((version["line"].as_i64(), version["column"].as_i64()), (Some(5), Some(12)));
    assert!(version["message"].is_string() && version["expected"].is_string());
}

#[test]
fn a_configuration_that_cannot_be_read_is_2() {
    let folder = folder();
    for command in [&["check"][..], &["serve"], &["keys", "show"]] {
        let absent = folder.path("absent.yaml");
        let run = credmint(command.iter().copied().chain(["--config", &absent]));
        assert_eq!(run.status, 2, "{command:?}");
        assert!(run.stderr.contains("absent.yaml: the file cannot be read"), "{}", run.stderr);
    }
}

#[test]
fn keys_are_shown_and_stay() {
    let folder = folder();
    let path = folder.file("credmint.yaml", GOOD);
    let show = || credmint(["keys", "show", "--config", &path]);
    let run = show();
    assert_eq!(run.status, 0, "{}", run.stderr);
    let set = run.json();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 1);
    assert_eq!((keys[0]["alg"].as_str(), keys[0]["use"].as_str()), (Some("ES256"), Some("sig")));
    assert!(keys[0].get("d").is_none(), "no private half");
    assert_eq!(show().json(), set);

    // Another algorithm: its key is published beside the old one, which signs until verifiers know the new one.
    folder
        .file("credmint.yaml", GOOD.replace("policy:", "  signing: { algorithm: RS256 }\npolicy:"));
    let both = show().json();
    assert_eq!(both["keys"][0], set["keys"][0]);
    assert_eq!(both["keys"][1]["alg"], "RS256");
    let list = credmint(["--format", "json", "keys", "list", "--config", &path]).json();
    let states: Vec<&str> =
        list["keys"].as_array().unwrap().iter().map(|key| key["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["signing", "published"]);
    assert_eq!(list["keys"][0]["kid"], set["keys"][0]["kid"]);
}

#[test]
fn keys_are_rotated_retired_and_exported_by_the_command() {
    let folder = folder();
    let path = folder.file("credmint.yaml", GOOD);
    let keys = |arguments: &[&str]| {
        credmint([&["keys"], arguments, &["--config", path.as_str()]].concat())
    };
    let json = |arguments: &[&str]| {
        let run = keys(&[arguments, &["--format", "json"]].concat());
        assert_eq!(run.status, 0, "{}", run.stderr);
        run.json()
    };
    let first = json(&["export-public"]);
    let kid = first["kid"].as_str().unwrap();
    let pem = keys(&["export-public", kid]);
    assert!(pem.stdout.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{}", pem.stdout);
    let rotated = json(&["rotate"]);
    let next = rotated["rotated"][0]["kid"].as_str().unwrap();
    assert_eq!(rotated["rotated"][0]["made"], true);
    assert_eq!(json(&["rotate"])["rotated"][0]["made"], false);
    let refused = keys(&["retire", kid]);
    assert_eq!(refused.status, 2);
    assert!(refused.stderr.contains("is the key that signs"), "{}", refused.stderr);
    json(&["retire", next]);
    let leaked = json(&["rotate", "--compromised"]);
    let withdrawn = leaked["withdrawn"].as_array().unwrap();
    assert!(withdrawn.contains(&first["kid"]), "{leaked}");
    let set = json(&["show"]);
    assert_eq!(set["keys"].as_array().unwrap().len(), 1, "{set}");
    assert_eq!(set["keys"][0]["kid"], leaked["rotated"][0]["kid"]);
    let other = keys(&["rotate", "--algorithm", "PS256"]);
    assert_eq!(other.status, 2);
    assert!(other.stderr.contains("PS256 is not in `server.signing`"), "{}", other.stderr);
}
