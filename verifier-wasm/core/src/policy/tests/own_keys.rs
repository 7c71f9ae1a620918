//! Clients with keys of their own, and the settings of what clients sign themselves.

use super::load;
use crate::base64;
use crate::document::Problem;
use crate::jose::tests::fake;
use crate::policy::ProviderKind;
use crate::x509::tests::forge;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

fn keys(number: u8) -> String {
    fake::jwks(&[fake::rsa_jwk(number, r#","kid":"a""#)])
}

/// A policy with the provider `own` of these members, one `idp` and one `plant` of these, and these credentials of two
/// clients.
fn policy(own: &str, plant: &str, credentials: [&str; 2]) -> String {
    let root = base64::encode_standard(&forge::any_root());
    let [one, other] = credentials;
    format!(
        r#"{{"version": 1, "issuer": "https://sts.example.com/oauth2",
        "providers": {{
          "own": {{"type": "client_key", {own}}},
          "idp": {{"type": "oidc", "issuer": "https://idp.example.com", "audiences": ["x"], "max_lifetime": 900,
            "keys": {{"jwks": {}}}}},
          "plant": {{"type": "pca", "roots": ["{root}"] {plant}}}
        }},
        "resources": {{"api": {{"scopes": ["read"]}}}},
        "clients": {{
          "app_1": {{"scopes": {{"api": ["read"]}}, "credentials": {{{one}}}}},
          "app_2": {{"scopes": {{"api": ["read"]}}, "credentials": {{{other}}}}}
        }}}}"#,
        keys(9)
    )
}

const MAIN: &str = r#""main": {"provider": "own", "scopes": {"api": ["read"]}}"#;
const OTHER: &str = r#""main": {"provider": "idp", "condition": "jwt.claims.sub == 'w'", "scopes": {"api": ["read"]}}"#;
const MACHINE: &str = r#""machine": {"provider": "plant", "condition": "cert.subject.CN == 'w'", "scopes": {"api": ["read"]}}"#;

fn jwks() -> String {
    format!(r#""keys": {{"jwks": {}}}"#, keys(1))
}

fn problems(text: &str) -> Vec<String> {
    match load(text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(Problem::to_string).collect(),
    }
}

#[track_caller]
fn check(text: &str, expect: &[(&str, &str)]) {
    let mut found = problems(text);
    // What follows from a provider that could not be read.
    found.retain(|problem| !problem.contains("there is no usable provider"));
    assert_eq!(found.len(), expect.len(), "{found:#?}");
    for (at, message) in expect {
        let is_it = |problem: &&String| {
            problem.starts_with(&format!("{at}: ")) && problem.contains(message)
        };
        assert!(found.iter().any(|problem| is_it(&problem)), "{at}: {message} in {found:#?}");
    }
}

#[test]
fn the_settings_of_an_own_key() {
    let with = |members: &str| policy(members, "", [MAIN, OTHER]);
    let own = "/providers/own";
    check(&with(&jwks()), &[]);
    check(&with(r#""keys": {"jwks_uri": "https://app.example.com/keys"}"#), &[]);
    check(&with(&format!(r#"{}, "max_lifetime": "3600s""#, jwks())), &[]);
    check(&with(&format!(r#"{}, "algorithms": ["PS256"]"#, jwks())), &[]);
    for word in ["issuer", "issuer_or_token_endpoint"] {
        check(&with(&format!(r#"{}, "assertion_audiences": "{word}""#, jwks())), &[]);
    }
    let wrong = |members: &str, at: &str, message: &str| {
        check(&with(members), &[(&format!("{own}{at}"), message)]);
    };
    wrong(r#""enabled": true"#, "", "`keys` is missing");
    let none = [
        ("/providers/own/keys/discovery", "not known here"),
        ("/providers/own/keys", "exactly one source"),
    ];
    check(&with(r#""keys": {"discovery": true}"#), &none);
    wrong(r#""keys": {"jwks_uri": "http://app.example.com"}"#, "/keys/jwks_uri", "https alone");
    let two = format!(r#""keys": {{"jwks": {}, "jwks_uri": "https://a"}}"#, keys(1));
    wrong(&two, "/keys", "exactly one source");
    let more = |members: &str| format!("{}, {members}", jwks());
    wrong(&more(r#""max_lifetime": 3601"#), "/max_lifetime", "duration");
    wrong(&more(r#""max_lifetime": 0"#), "/max_lifetime", "duration");
    wrong(&more(r#""algorithms": ["HS256"]"#), "/algorithms/0", "not offered");
    wrong(&more(r#""assertion_audiences": "token_endpoint""#), "/assertion_audiences", "not known");
    wrong(&more(r#""audiences": ["x"]"#), "/audiences", "not known here");
    wrong(&more(r#""issuer": "app_1""#), "/issuer", "not known here");
    wrong(&more(r#""trust_condition": "true""#), "/trust_condition", "not known here");
    // The shared secret of a symmetrical algorithm is no public key.
    let secret = r#""keys": {"jwks": {"keys": [{"kty": "oct", "k": "AAAA"}]}}"#;
    wrong(secret, "/keys/jwks", "unsupported_key (kty, oct)");
}

#[test]
fn an_own_key_is_one_credential_s_alone() {
    let two = [MAIN, MAIN];
    let expect: [(&str, &str); 2] = [
        ("/clients/app_1/credentials/main", "see /clients/app_2/credentials/main"),
        ("/clients/app_2/credentials/main", "see /clients/app_1/credentials/main"),
    ];
    check(&policy(&jwks(), "", two), &expect);
    // A client has one key of its own, which a set may renew.
    let again = MAIN.replace("main", "again");
    let both = format!("{MAIN}, {again}");
    let found = problems(&policy(&jwks(), "", [&both, OTHER]));
    assert!(
        found.iter().any(|it| it.starts_with("/clients/app_1/credentials/again: a client signs")),
        "{found:#?}"
    );
}

#[test]
fn a_client_signs_with_its_own_key_or_with_certificates() {
    let both = format!("{MAIN}, {MACHINE}");
    check(&policy(&jwks(), "", [&both, OTHER]), &[]);
    let expect: [(&str, &str); 2] = [
        ("/clients/app_1/credentials/main", "see /clients/app_1/credentials/machine"),
        ("/clients/app_1/credentials/machine", "see /clients/app_1/credentials/main"),
    ];
    check(&policy(&jwks(), r#", "x5c": "accept""#, [&both, OTHER]), &expect);
    check(&policy(&jwks(), r#", "x5c": "accept""#, [MAIN, MACHINE]), &[]);
}

#[test]
fn no_issuer_has_the_name_of_a_client() {
    let text = policy(&jwks(), "", [MAIN, OTHER]);
    let expect =
        [("/providers/idp", "see /clients/app_2"), ("/clients/app_2", "see /providers/idp")];
    check(&text.replace("https://idp.example.com", "app_2"), &expect);
    check(&text.replace("https://idp.example.com", "app_3"), &[]);
}

#[test]
fn nothing_is_asked_for_beside_an_own_key() {
    let with = |member: &str| {
        let credential = MAIN.replace("\"own\"", &format!("\"own\", {member}"));
        policy(&jwks(), "", [&credential, OTHER])
    };
    let at = |member: &str| format!("/clients/app_1/credentials/main/{member}");
    for (member, name) in [
        (r#""condition": "client.clientId == 'app_1'""#, "condition"),
        (r#""binds": "individual""#, "binds"),
    ] {
        check(&with(member), &[(&at(name), "the key identifies the client")]);
    }
    let found = problems(&with(r#""match": {"subject": "x"}"#));
    assert!(found[0].contains("the key identifies the client"), "{found:#?}");
    check(
        &with(
            r#""attributes": {"team": "'orders'", "client.activeSubjectUrn": "client.clientId"}"#,
        ),
        &[],
    );
    // What the client claims of itself reaches no token.
    let found = problems(&with(r#""attributes": {"team": "jwt.claims.team"}"#));
    assert!(found[0].starts_with(&format!("{}/team", at("attributes"))), "{found:#?}");
}

#[test]
fn certificates_in_a_header_are_accepted_by_name() {
    let x5c = |members: &str| policy(&jwks(), members, [MAIN, MACHINE]);
    let accepts = |members: &str| {
        let policy = load(&x5c(members)).unwrap();
        let provider = policy.providers().find(|(name, _)| *name == "plant").unwrap().1;
        match provider.kind() {
            ProviderKind::Pca(pca) => pca.x5c.is_some(),
            _ => false,
        }
    };
    assert!(!accepts(""));
    assert!(!accepts(r#", "x5c": "refuse""#));
    assert!(accepts(r#", "x5c": "accept", "assertion_audiences": "issuer_or_token_endpoint""#));
    check(&x5c(r#", "x5c": true"#), &[("/providers/plant/x5c", "this is")]);
    check(&x5c(r#", "x5c": "allow""#), &[("/providers/plant/x5c", "not known")]);
    check(
        &x5c(r#", "assertion_audiences": "issuer""#),
        &[("/providers/plant", "nothing is accepted")],
    );
}

#[test]
fn svids_have_an_audience_for_the_token_endpoint() {
    let svids = |more: &str| {
        let kind = r#""type": "oidc", "issuer": "https://idp.example.com","#;
        let domain = format!(r#""type": "spiffe", "trust_domain": "example.org", {more}"#);
        policy(&jwks(), "", [MAIN, OTHER])
            .replace(kind, &domain)
            .replace("jwt.claims.sub == 'w'", "jwt.claims.sub == 'spiffe://example.org/w'")
    };
    check(&svids(""), &[]);
    check(&svids(r#""assertion_audiences": "issuer_or_token_endpoint","#), &[]);
    check(
        &svids(r#""assertion_audiences": [],"#),
        &[("/providers/idp/assertion_audiences", "this is")],
    );
    // Other tokens have `audiences` for everybody.
    let oidc = policy(&jwks(), "", [MAIN, OTHER]).replace(
        r#""max_lifetime": 900,"#,
        r#""max_lifetime": 900, "assertion_audiences": "issuer","#,
    );
    check(&oidc, &[("/providers/idp/assertion_audiences", "not known here")]);
}

#[test]
fn what_clients_sign_has_findings() {
    let found = |text: &str| {
        let policy = load(text).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let lint =
            |lint: &crate::policy::lint::Lint| format!("{} {}", lint.id.as_str(), lint.pointer);
        policy.lints(None).iter().map(lint).collect::<Vec<String>>()
    };
    let loose = r#""assertion_audiences": "issuer_or_token_endpoint""#;
    let text = |own: &str, plant: &str| policy(own, plant, [MAIN, MACHINE]);
    assert_eq!(found(&text(&jwks(), "")), [] as [&str; 0]);
    assert_eq!(
        found(&text(&format!("{}, {loose}", jwks()), "")),
        ["token_endpoint_as_audience /providers/own/assertion_audiences"]
    );
    assert_eq!(
        found(&text(&jwks(), &format!(r#", "x5c": "accept", {loose}"#))),
        ["token_endpoint_as_audience /providers/plant/assertion_audiences"]
    );
    // Who holds the key of a client can sign as an issuer, and the reverse.
    let shared = format!(r#""keys": {{"jwks": {}}}"#, keys(9));
    assert_eq!(found(&text(&shared, "")), ["issuers_share_a_key /providers/own/keys"]);
}

#[test]
fn keys_are_held_by_issuer_and_by_client() {
    let policy = load(&policy(&jwks(), "", [MAIN, OTHER])).unwrap();
    let holders: Vec<String> = policy.key_holders().map(|(name, _)| name.to_string()).collect();
    assert_eq!(holders, ["https://idp.example.com", "app_1"]);
    let own = |client: &str| policy.own_key(client).map(|(credential, _)| credential);
    assert_eq!((own("app_1"), own("app_2"), own("app_3")), (Some("main"), None, None));
}
