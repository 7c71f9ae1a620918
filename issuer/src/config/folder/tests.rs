use super::super::{compile, load_policy};
use tempfile::TempDir;

mod limits;

const ORGANISATION_FILE: &str = "\
version: 1
issuer: https://sts.example.com/oauth2
allowed_issuers: [https://git.example.com]
allowed_audiences: [api.example.com]
allowed_clients: ['app_{team}', 'app_{team}_*']
teams:
  payments:
    allowed_issuers: [https://ci.example.com]
    allowed_audiences: [pay.example.com]
    allowed_clients: [app_pay]
resources:
  api.example.com: { scopes: [read] }
  pay.example.com: { scopes: [pay] }
";

fn team(provider: &str, issuer: &str, client: &str, audience: &str, scope: &str) -> String {
    format!(
        "providers:
  {provider}:
    type: oidc
    issuer: {issuer}
    audiences: [https://sts.example.com]
    keys: {{ discovery: true }}
clients:
  {client}:
    scopes: {{ {audience}: [{scope}] }}
    credentials:
      main: {{ provider: {provider}, match: {{ subject: worker }} }}
"
    )
}

fn orders() -> String {
    team("forge", "https://git.example.com", "app_orders", "api.example.com", "read")
}

fn payments() -> String {
    team("ci", "https://ci.example.com", "app_pay", "pay.example.com", "pay")
}

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

/// The errors of a folder, without the folder's name.
fn errors(files: &[(&str, &str)]) -> Vec<String> {
    let folder = folder(files);
    let found = match load_policy(folder.path()) {
        Err(errors) => errors,
        Ok(loaded) => compile(&loaded.policy, &loaded.sources).err().unwrap_or_default(),
    };
    let name = format!("{}/", folder.path().display());
    found.iter().map(|error| error.to_string().replace(&name, "")).collect()
}

#[test]
fn the_files_of_teams_are_one_policy() {
    let folder = folder(&[
        ("organisation.yaml", ORGANISATION_FILE),
        ("orders.yaml", &orders()),
        ("payments.yml", &payments()),
        (".hidden.yaml", "no: policy"),
        ("README.md", "for people"),
    ]);
    let loaded = load_policy(folder.path()).unwrap();
    let policy = compile(&loaded.policy, &loaded.sources).unwrap();
    assert_eq!(policy.clients().map(|(id, _)| id).collect::<Vec<_>>(), ["app_orders", "app_pay"]);
    assert_eq!(policy.providers().count(), 2);
    let (file, place) = loaded.sources.find("/clients/app_pay/credentials/main/provider");
    assert!(file.ends_with("payments.yml"));
    assert_eq!((place.line, place.column), (11, 25));
    assert!(loaded.policy.get("allowed_issuers").is_none());
}

#[test]
fn a_team_may_use_what_is_listed_for_it_and_nothing_else() {
    let check = |name: &str, file: &str, expect: &[&str]| {
        // The organisation's file names this team.
        let other = if name == "payments.yaml" { "other.yaml" } else { "payments.yaml" };
        let files = [("organisation.yaml", ORGANISATION_FILE), (name, file), (other, "{}")];
        assert_eq!(errors(&files), expect);
    };
    let issuer = "an issuer of `allowed_issuers` in organisation.yaml";
    check(
        "orders.yaml",
        &orders().replace("https://git.", "https://evil."),
        &[&format!(
            "orders.yaml:4:13: /providers/forge/issuer: this team may not trust the issuer `https://evil.example.com`, expected {issuer}"
        )],
    );
    // Another team's list is not one's own.
    check(
        "payments.yaml",
        &payments().replace("https://ci.", "https://git."),
        &[&format!(
            "payments.yaml:4:13: /providers/ci/issuer: this team may not trust the issuer `https://git.example.com`, expected {issuer}"
        )],
    );
    let audience = "an audience of `allowed_audiences` in organisation.yaml";
    check(
        "orders.yaml",
        &orders().replace("api.example.com: [read]", "pay.example.com: [pay]"),
        &[&format!(
            "orders.yaml:9:5: /clients/app_orders/scopes: this team may not use the audience `pay.example.com`, expected {audience}"
        )],
    );
    check(
        "orders.yaml",
        &format!("{}resources:\n  new.example.com: {{ scopes: [x] }}\n", orders()),
        &[&format!(
            "orders.yaml:13:3: /resources/new.example.com: this team may not use the audience `new.example.com`, expected {audience}"
        )],
    );
    check(
        "orders.yaml",
        "providers:\n  plant: { type: pca, roots: [x] }\n",
        &[
            "orders.yaml:2:3: /providers/plant: a team has providers of OIDC issuers only, expected this provider in organisation.yaml",
        ],
    );
    // A preset's own issuer is one like any other.
    check(
        "orders.yaml",
        "providers:\n  gh: { type: github_actions }\n",
        &[&format!(
            "orders.yaml:2:3: /providers/gh/issuer: this team may not trust the issuer `https://token.actions.githubusercontent.com`, expected {issuer}"
        )],
    );
    check(
        "orders.yaml",
        "issuer: https://sts.example.com\n",
        &[
            "orders.yaml:1:1: /issuer: `issuer` is not for the file of a team, expected providers, resources, clients, tests; or move it to organisation.yaml",
        ],
    );
    check(
        "orders.yaml",
        "version: 2\n",
        &["orders.yaml:1:1: the only version there is, expected 1"],
    );
}

/// What a team may not trust itself, it may not trust by way of another team or under its own keys.
#[test]
fn a_team_does_not_widen_its_limits() {
    let check = |file: &str, expect: &[&str]| {
        let files = [
            ("organisation.yaml", ORGANISATION_FILE),
            ("orders.yaml", file),
            ("payments.yaml", &payments()),
        ];
        assert_eq!(errors(&files), expect);
    };
    let issuer = "an issuer of `allowed_issuers` in organisation.yaml";
    check(
        &orders().replace("{ provider: forge", "{ provider: ci"),
        &[&format!(
            "orders.yaml:11:25: /clients/app_orders/credentials/main/provider: this team may not trust the issuer `https://ci.example.com`, which `payments` may, expected {issuer}"
        )],
    );
    check(
        &orders().replace("    keys:", "    identity: [pipeline_id]\n    keys:"),
        &[
            "orders.yaml:6:5: /providers/forge/identity: a team does not say which claims identify a bearer, expected this provider in organisation.yaml",
        ],
    );
    for (member, column, message) in [
        ("types: [at+jwt]", 5, "which types of tokens are proofs"),
        ("other_audiences: [https://other.example.com]", 5, "for whom else a proof may be"),
        ("clock_skew: 60s", 17, "how far clocks may be apart"),
    ] {
        let name = member.split(':').next().unwrap();
        check(
            &orders().replace("    keys:", &format!("    {member}\n    keys:")),
            &[&format!(
                "orders.yaml:6:{column}: /providers/forge/{name}: a team does not say {message}, expected this provider in organisation.yaml"
            )],
        );
    }
    for keys in ["jwks_uri: https://keys.example.com", "jwks: { keys: [] }", "pem: x"] {
        check(
            &orders().replace("discovery: true", keys),
            &[
                "orders.yaml:6:5: /providers/forge/keys: a team does not choose the keys of an issuer, expected `discovery: true`, or this provider in organisation.yaml",
            ],
        );
    }
}

#[test]
fn a_file_of_a_team_includes_nothing_from_outside() {
    let outside = folder(&[("keys.json", r#"{"sub":"worker"}"#)]);
    let outside = outside.path().join("keys.json");
    let test = |name: &str| {
        format!(
            "{}tests:
  - name: works
    credential: app_orders/main
    at: 2026-11-24T12:00:00Z
    given: {{ claims: {{ file: {name} }} }}
    expect: {{ accept: {{}} }}
",
            orders()
        )
    };
    let check = |name: &str, loads: bool| {
        let folder = folder(&[
            ("organisation.yaml", &ORGANISATION_FILE.replace("  payments", "  orders2")),
            ("orders.yaml", &test(name)),
            ("orders2.yaml", "{}"),
            ("given.json", r#"{"sub":"worker"}"#),
        ]);
        std::os::unix::fs::symlink(&outside, folder.path().join("link.json")).unwrap();
        match load_policy(folder.path()) {
            Ok(_) => assert!(loads, "{name}"),
            Err(errors) => {
                assert!(!loads, "{name}: {errors:?}");
                assert!(errors[0].message.contains("not in the folder of the policy"));
            }
        }
    };
    check("given.json", true);
    check("./given.json", true);
    check(outside.to_str().unwrap(), false);
    check("../given.json", false);
    check("link.json", false);
    check("absent.json", false);
}

#[test]
fn lists_are_for_teams_that_are_there() {
    let found = errors(&[("organisation.yaml", ORGANISATION_FILE), ("payment.yaml", "{}")]);
    assert_eq!(
        found,
        [
            "organisation.yaml:7:3: /teams/payments: there is no file of a team `payments` in this folder, expected the name of a file beside this one, without its ending"
        ]
    );
}

#[test]
fn nothing_is_allowed_that_is_not_listed() {
    let bare = "version: 1\nissuer: https://sts.example.com\n";
    let found = errors(&[("organisation.yaml", bare), ("orders.yaml", &orders())]);
    assert_eq!(found.len(), 3, "{found:?}");
}

#[test]
fn an_entry_that_stands_twice_names_both_places() {
    let again = orders().replace("app_orders", "app_other");
    let organisation = ORGANISATION_FILE.replace("'app_{team}'", "app_orders, app_other");
    let found = errors(&[
        ("organisation.yaml", &organisation),
        ("a.yaml", &orders()),
        ("b.yaml", &again),
        ("payments.yaml", "{}"),
    ]);
    assert_eq!(
        found,
        [
            "b.yaml:2:3: /providers/forge: `forge` occurs twice, expected another name, or one of the two; the other is at a.yaml:2:3: /providers/forge"
        ]
    );
}

#[test]
fn a_folder_has_an_organisation_and_files_that_can_be_read() {
    let found = errors(&[("orders.yaml", &orders())]);
    assert!(found[0].contains("there is no organisation.yaml"), "{found:?}");
    let found =
        errors(&[("organisation.yaml", ORGANISATION_FILE), ("a.yaml", "x: ["), ("b.yaml", "[]")]);
    assert_eq!(found.len(), 2, "{found:?}");
    let found = errors(&[
        ("organisation.yaml", "allowed_issuers: x\nteams: { a: { b: [] } }\n"),
        ("a.yaml", "{}"),
    ]);
    assert_eq!(
        found,
        [
            "organisation.yaml:1:18: /allowed_issuers: this is string, expected a list",
            "organisation.yaml:2:15: /teams/a/b: `b` is not known here, expected one of allowed_issuers, allowed_audiences, allowed_scopes, allowed_claims, allowed_clients, allowed_discoverable, max_token_lifetime",
        ]
    );
    // What the core finds has its place too.
    let wrong = orders().replace("subject: worker", "subjekt: worker");
    let found = errors(&[
        ("organisation.yaml", ORGANISATION_FILE),
        ("orders.yaml", &wrong),
        ("payments.yaml", "{}"),
    ]);
    assert!(
        found[0]
            .starts_with("orders.yaml:11:50: /clients/app_orders/credentials/main/match/subjekt: "),
        "{found:?}"
    );
}

/// A proof decides among the credentials of all teams, so the organisation says who may take part.
#[test]
fn a_discoverable_credential_needs_the_grant_of_the_organisation() {
    let discoverable = |file: &str| file.replace("{ provider:", "{ discoverable: true, provider:");
    let check = |limits: &str, expect: &[&str]| {
        let organisation = format!("{limits}{ORGANISATION_FILE}");
        let orders = discoverable(&orders());
        let found = errors(&[
            ("organisation.yaml", &organisation),
            ("orders.yaml", &orders),
            ("payments.yaml", &payments()),
        ]);
        assert_eq!(found, expect, "{limits}");
    };
    let refused = "orders.yaml:11:29: /clients/app_orders/credentials/main/discoverable: this team may not have \
                   discoverable credentials, expected `allowed_discoverable: true` in organisation.yaml";
    check("", &[refused]);
    check("allowed_discoverable: false\n", &[refused]);
    check("allowed_discoverable: true\n", &[]);
    let wrong =
        "organisation.yaml:1:23: /allowed_discoverable: this is string, expected true or false";
    check("allowed_discoverable: x\n", &[wrong]);
    // What is not discoverable needs no grant, and the grant of another team is none.
    let files = |orders: &str, payments: &str| {
        let organisation = ORGANISATION_FILE
            .replace("  payments:\n", "  payments:\n    allowed_discoverable: true\n");
        errors(&[
            ("organisation.yaml", &organisation),
            ("orders.yaml", orders),
            ("payments.yaml", payments),
        ])
    };
    assert_eq!(files(&orders(), &discoverable(&payments())), [""; 0]);
    assert_eq!(files(&discoverable(&orders()), &payments()), [refused]);
    assert_eq!(
        files(&orders().replace("{ provider:", "{ discoverable: false, provider:"), &payments()),
        [""; 0]
    );
}

#[test]
fn an_overlap_of_two_teams_has_the_place_in_both_files() {
    let organisation = format!("allowed_discoverable: true\n{ORGANISATION_FILE}")
        .replace("[https://ci.example.com]", "[https://git.example.com]");
    let orders = orders().replace("{ provider:", "{ discoverable: true, provider:");
    let payments = payments()
        .replace("https://ci.example.com", "https://git.example.com")
        .replace("{ provider:", "{ discoverable: true, provider:");
    let found = |payments: &str| {
        errors(&[
            ("organisation.yaml", &organisation),
            ("orders.yaml", &orders),
            ("payments.yaml", payments),
        ])
    };
    assert_eq!(
        found(&payments),
        [
            "payments.yaml:11:7: /clients/app_pay/credentials/main: a proof may be of this discoverable credential and of \
             `app_orders/main` as well, expected other values of jwt.claims.sub in one of the two; the other is at \
             orders.yaml:11:7: /clients/app_orders/credentials/main"
        ]
    );
    assert_eq!(found(&payments.replace("subject: worker", "subject: payer")), [""; 0]);
}
