//! What `organisation.yaml` lets teams do.

use super::*;

/// The limits of a team do not end at issuers and audiences.
#[test]
fn scopes_claims_client_ids_and_lifetimes_have_limits() {
    let organisation = "\
version: 1
issuer: https://sts.example.com/oauth2
token_lifetime: 1800s
allowed_issuers: [https://git.example.com]
allowed_audiences: [api.example.com, new.example.com]
allowed_scopes: { api.example.com: [read] }
allowed_claims: [commit]
allowed_clients: ['app_{team}', '{team}-*']
max_token_lifetime: 1800s
resources:
  api.example.com: { scopes: [read, admin] }
";
    let check = |from: &str, to: &str, expect: &[&str]| {
        let file =
            orders().replace("match: { subject: worker } }", "match: { subject: worker } } # end");
        assert!(file.contains(from), "{from}");
        let files = [("organisation.yaml", organisation), ("orders.yaml", &file.replace(from, to))];
        let found = errors(&files);
        assert_eq!(found, expect, "{to}");
    };
    let client = |id: &str| {
        format!(
            "orders.yaml:8:3: /clients/{id}: this team may not have the client `{id}`, expected a client id of `allowed_clients` in organisation.yaml"
        )
    };
    check("app_orders", "orders-1", &[]);
    check("app_orders", "orders-", &[&client("orders-")]);
    check("app_orders", "app_orders2", &[&client("app_orders2")]);
    check("app_orders", "app_payments", &[&client("app_payments")]);
    check("app_orders", "app_{team}", &[&client("app_{team}")]);

    check(
        "[read]",
        "[read, admin]",
        &[
            "orders.yaml:9:15: /clients/app_orders/scopes/api.example.com: this team may not use the scope `admin` of `api.example.com`, expected a scope of `allowed_scopes` in organisation.yaml",
        ],
    );
    let resource = "resources: { new.example.com: { scopes: [anything] } }";
    check("# end", &format!("\n{resource}"), &[]);

    let attributes = |mapping: &str| format!(", attributes: {{ {mapping} }} }}");
    check(
        " } # end",
        &attributes("client.activeSubjectUrn: jwt.claims.sub, commit: jwt.claims.sub"),
        &[],
    );
    check(
        " } # end",
        &attributes("role: '\"admin\"'"),
        &[
            "orders.yaml:11:80: /clients/app_orders/credentials/main/attributes/role: this team may not set the claim `role`, expected a claim of `allowed_claims` in organisation.yaml",
        ],
    );

    let lifetime = |at: &str| {
        format!(
            "{at}: tokens of this team may not live 1801 seconds, expected `token_lifetime` of at most 1800s"
        )
    };
    check(" } # end", ", token_lifetime: 1800 }", &[]);
    check(
        " } # end",
        ", token_lifetime: 1801 }",
        &[&lifetime("orders.yaml:11:76: /clients/app_orders/credentials/main/token_lifetime")],
    );
    check(
        "    credentials",
        "    token_lifetime: 1801s\n    credentials",
        &[&lifetime("orders.yaml:10:21: /clients/app_orders/token_lifetime")],
    );
}

/// The organisation's own lifetime reaches a team through a client that has none.
#[test]
fn a_client_without_a_lifetime_has_that_of_the_organisation() {
    let organisation = ORGANISATION_FILE.replace("teams:", "max_token_lifetime: 900s\nteams:");
    let check = |file: &str, expect: &[&str]| {
        let files = [
            ("organisation.yaml", organisation.as_str()),
            ("orders.yaml", file),
            ("payments.yaml", "{}"),
        ];
        assert_eq!(errors(&files), expect);
    };
    check(
        &orders(),
        &[
            "orders.yaml:11:7: /clients/app_orders/credentials/main: tokens of this team may not live 3600 seconds, expected `token_lifetime` of at most 900s",
        ],
    );
    check(&orders().replace("    credentials", "    token_lifetime: 900s\n    credentials"), &[]);
    check(&orders().replace("match:", "token_lifetime: 900s, match:"), &[]);
}

/// What a team has of its own for one thing frees it of nothing else.
#[test]
fn a_limit_of_one_team_takes_the_place_of_that_limit_alone() {
    let check = |own: &str, expect: &[&str]| {
        let organisation = format!(
            "\
version: 1
issuer: https://sts.example.com/oauth2
allowed_issuers: [https://ci.example.com]
allowed_audiences: [pay.example.com]
allowed_scopes: {{ pay.example.com: [pay] }}
allowed_clients: [app_pay]
max_token_lifetime: 900s
teams: {{ payments: {{ {own} }} }}
resources: {{ pay.example.com: {{ scopes: [pay, refund] }} }}
"
        );
        let files = [("organisation.yaml", organisation.as_str()), ("payments.yaml", &payments())];
        let found = errors(&files);
        let found: Vec<&str> = found
            .iter()
            .map(|error| error.rsplit(": ").next().unwrap().split(", expected").next().unwrap())
            .collect();
        assert_eq!(found, expect, "{own}");
    };
    let long = "tokens of this team may not live 3600 seconds";
    check("", &[long]);
    check("max_token_lifetime: 3600s", &[]);
    check("allowed_clients: [app_other]", &["this team may not have the client `app_pay`", long]);
    check(
        "max_token_lifetime: 3600s, allowed_scopes: { pay.example.com: [refund] }",
        &["this team may not use the scope `pay` of `pay.example.com`"],
    );
    check(
        "max_token_lifetime: 3600s, allowed_issuers: [https://git.example.com]",
        &["this team may not trust the issuer `https://ci.example.com`"],
    );
}

#[test]
fn a_team_has_one_file() {
    let check = |files: &[(&str, &str)], expect: &[&str]| {
        let mut all = vec![("organisation.yaml", ORGANISATION_FILE)];
        all.extend(files);
        assert_eq!(
            errors(&all)
                .iter()
                .map(|error| error.split(" is ").last().unwrap())
                .collect::<Vec<_>>(),
            expect
        );
    };
    check(
        &[("payments.yaml", "{}"), ("payments.yml", &payments())],
        &["the file of `payments` too, expected one file a team"],
    );
    check(
        &[("payments.yaml", "{}"), ("organisation.yml", &orders())],
        &["the file of `organisation` too, expected one file a team"],
    );
    // Names that differ in case are two teams, and the second has no lists of its own.
    check(&[("payments.yaml", "{}"), ("Payments.yaml", "{}")], &[]);
}

#[test]
fn limits_are_read_strictly() {
    let check = |line: &str, expect: &str| {
        let text = format!(
            "{line}\n{}",
            ORGANISATION_FILE.replace("allowed_clients: ['app_{team}', 'app_{team}_*']\n", "")
        );
        let found = errors(&[("organisation.yaml", &text), ("payments.yaml", "{}")]);
        assert_eq!(found, [format!("organisation.yaml:1:{expect}")]);
    };
    let clients = "expected client ids, as \"app_orders\", \"app_{team}\" or, for all that begin so, \"app_{team}_*\"";
    check(
        "allowed_clients: ['*_x']",
        &format!("1: /allowed_clients: `*_x` has a `*` that is not its end, {clients}"),
    );
    check(
        "allowed_clients: ['{tem}']",
        &format!("1: /allowed_clients: `{{tem}}` has a placeholder that is not known, {clients}"),
    );
    check(
        "allowed_scopes: { pay.example.com: [pay] }",
        "19: /allowed_scopes/pay.example.com: `pay.example.com` is not in `allowed_audiences`, expected an audience of `allowed_audiences` beside this",
    );
    check(
        "max_token_lifetime: 5",
        "21: /max_token_lifetime: this is not a duration within its range, expected seconds from 60 to 86400, as 3600 or \"3600s\"",
    );
    check(
        "allowed_issuer: [x]",
        "1: /allowed_issuer: `allowed_issuer` is not known here; is `allowed_issuers` meant?, expected one of teams, allowed_issuers, allowed_audiences, allowed_scopes, allowed_claims, allowed_clients, allowed_discoverable, max_token_lifetime",
    );
}

/// `app_{team}_*` of one team would have room for the clients of another whose name goes on from there.
#[test]
fn client_ids_of_teams_are_apart() {
    let check = |second: &str, clients: &str, expect: &[&str]| {
        let organisation = ORGANISATION_FILE
            .replace("['app_{team}', 'app_{team}_*']", clients)
            .split("teams:")
            .next()
            .unwrap()
            .to_owned();
        let files =
            [("organisation.yaml", organisation.as_str()), ("pay.yaml", "{}"), (second, "{}")];
        let rest = "providers: {}\nresources: {}\nclients: {}\n";
        let organisation = format!("{organisation}{rest}");
        let files = [("organisation.yaml", organisation.as_str()), files[1], files[2]];
        assert_eq!(errors(&files), expect, "{second} {clients}");
    };
    let apart = |text: &str| {
        format!(
            "organisation.yaml:1:1: `app_pay_*` of the team `pay` takes in `{text}` of `pay_eu`, expected names of teams and beginnings of client ids that keep the teams apart"
        )
    };
    check("pay_eu.yaml", "['app_{team}', 'app_{team}_*']", &[&apart("app_pay_eu")]);
    check("pay_eu.yaml", "['app_{team}_*']", &[&apart("app_pay_eu_")]);
    check("pay_eu.yaml", "['app_{team}.*']", &[]);
    check("payments.yaml", "['app_{team}', 'app_{team}_*']", &[]);
    // The organisation names no team, so it shares them.
    check("pay_eu.yaml", "['app_*']", &[]);
}
