use crate::base64;
use crate::expr::Facts;
use crate::json::{self, Limits, Object, Value};
use crate::policy::TrustPolicy;
use crate::policy::tests::load;
use crate::x509::tests::forge;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

mod overlaps;
mod size;

/// Where proofs of a provider of tokens come from, and what identifies.
const IDP: &str = r#""type": "oidc", "issuer": "https://idp.example.com", "audiences": ["https://sts"], "keys": {"discovery": true}, "identity": [["sub"], ["repository_id"]]"#;

/// A policy with these providers, and a client `c0`, `c1`, … for each of the credentials: the name of its provider, and its
/// members.
fn policy(providers: &[(&str, &str)], credentials: &[(&str, &str)]) -> String {
    let clients: Vec<(String, String)> = credentials
        .iter()
        .enumerate()
        .map(|(index, (provider, members))| {
            let credential =
                format!(r#""main": {{"provider": "{provider}", "discoverable": true, {members}}}"#);
            (format!("c{index}"), credential)
        })
        .collect();
    policy_of(providers, &clients)
}

/// A policy with these providers and clients: an id, and its credentials as members.
fn policy_of(providers: &[(&str, &str)], clients: &[(String, String)]) -> String {
    let providers: Vec<String> =
        providers.iter().map(|(name, members)| format!(r#""{name}": {{{members}}}"#)).collect();
    let clients: Vec<String> = clients
        .iter()
        .map(|(id, credentials)| {
            format!(
                r#""{id}": {{"scopes": {{"api": ["read"]}}, "credentials": {{{credentials}}}}}"#
            )
        })
        .collect();
    format!(
        r#"{{"version": 1, "issuer": "https://sts.example.com", "providers": {{{}}},
            "resources": {{"api": {{"scopes": ["read"]}}}}, "clients": {{{}}}}}"#,
        providers.join(","),
        clients.join(",")
    )
}

/// The same with what everybody takes.
fn condition(text: &str) -> String {
    format!(r#""condition": "{text}""#)
}

/// What is wrong with a policy.
fn problems(text: &str) -> Vec<String> {
    match load(text) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

fn loaded(text: &str) -> TrustPolicy {
    match load(text) {
        Ok(policy) => policy,
        Err(problems) => panic!("{problems:#?}"),
    }
}

/// The facts of a token with these claims.
fn token(claims: &str) -> Facts {
    facts("jwt", Value::from(Object::from_iter([("claims", value(claims))])))
}

fn facts(root: &str, model: Value) -> Facts {
    Facts::new(Object::from_iter([(root, model)]))
}

fn value(text: &str) -> Value {
    json::parse_with(text.as_bytes(), Limits::DOCUMENT).unwrap()
}

/// The candidates, as `client/name`.
fn candidates(
    policy: &TrustPolicy,
    provider: &str,
    client: Option<&str>,
    facts: &Facts,
) -> Vec<String> {
    let found = policy.discovery().candidates(provider, client, facts);
    found.iter().map(|(client, name)| format!("{client}/{name}")).collect()
}

#[test]
fn what_a_proof_states_finds_the_credentials() {
    let by = |text: &str| condition(text);
    let credentials = [
        by("jwt.claims.sub == 'a'"),
        by("jwt.claims.sub in ['b', 'c'] && jwt.claims.env == 'prod'"),
        by("jwt.claims.repository_id == 7 && !(jwt.claims.sub in ['a', 'b', 'c', 'd', 'e'])"),
        by(
            "(jwt.claims.sub == 'd' || jwt.claims.sub == 'e') && jwt.claims.ref.startsWith('refs/')",
        ),
    ];
    let credentials: Vec<(&str, &str)> =
        credentials.iter().map(|members| ("idp", members.as_str())).collect();
    let policy = loaded(&policy(&[("idp", IDP)], &credentials));
    let check = |claims: &str, client: Option<&str>, expect: &[&str]| {
        assert_eq!(candidates(&policy, "idp", client, &token(claims)), expect, "{claims}");
    };
    check(r#"{"sub": "a"}"#, None, &["c0/main"]);
    check(r#"{"sub": "a"}"#, Some("c0"), &["c0/main"]);
    check(r#"{"sub": "a"}"#, Some("c1"), &[]);
    check(r#"{"sub": "a"}"#, Some("nobody"), &[]);
    check(r#"{"sub": "b"}"#, None, &[]);
    check(r#"{"sub": "b", "env": "prod"}"#, None, &["c1/main"]);
    check(r#"{"sub": "c", "env": "prod"}"#, None, &["c1/main"]);
    check(r#"{"sub": "c", "env": ["prod"]}"#, None, &[]);
    check(r#"{"sub": "e"}"#, None, &["c3/main"]);
    check(r#"{"sub": "x", "repository_id": 7}"#, None, &["c2/main"]);
    check(r#"{"sub": "x", "repository_id": "7"}"#, None, &[]);
    // The conditions say which: a candidate may be none.
    check(r#"{"sub": "a", "repository_id": 7}"#, None, &["c0/main", "c2/main"]);
    check(r#"{"sub": "x"}"#, None, &[]);
    check("{}", None, &[]);
    assert_eq!(candidates(&policy, "other", None, &token(r#"{"sub": "a"}"#)), [""; 0]);
}

#[test]
fn only_what_is_enabled_and_discoverable_is_found() {
    let text = |from: &str, to: &str| {
        let text = policy(&[("idp", IDP)], &[("idp", &condition("jwt.claims.sub == 'a'"))]);
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1)
    };
    let check = |from: &str, to: &str, expect: &[&str]| {
        let policy = loaded(&text(from, to));
        assert_eq!(candidates(&policy, "idp", None, &token(r#"{"sub": "a"}"#)), expect, "{to}");
        let providers = policy.discovery().providers_of_issuer("https://idp.example.com", None);
        assert_eq!(providers.len(), expect.len(), "{to}");
    };
    check("\"discoverable\": true", "\"enabled\": true, \"discoverable\": true", &["c0/main"]);
    check("\"discoverable\": true", "\"discoverable\": false", &[]);
    check("\"discoverable\": true,", "", &[]);
    check("\"discoverable\": true", "\"discoverable\": true, \"enabled\": false", &[]);
    check("\"c0\": {", "\"c0\": {\"enabled\": false, ", &[]);
    check("\"idp\": {", "\"idp\": {\"enabled\": false, ", &[]);
    let found = problems(&text("\"discoverable\": true", "\"discoverable\": \"yes\""));
    assert_eq!(
        found,
        ["/clients/c0/credentials/main/discoverable: this is string; expected true or false"]
    );
}

#[test]
fn providers_are_found_by_what_a_proof_names() {
    let root = base64::encode_standard(&forge::any_root());
    let ecs = format!(
        r#""type": "pkcs7", "profile": "alibaba_ecs", "audience": "idaas_7f3c91d0b2", "signers": [{{"pem": "{root}"}}]"#
    );
    let pca = format!(r#""type": "pca", "roots": ["{root}"]"#);
    let spiffe = r#""type": "spiffe", "trust_domain": "example.org", "audiences": ["https://sts"], "keys": {"jwks_uri": "https://spire/keys"}"#;
    let named = format!(r#"{spiffe}, "issuer": "https://spire""#);
    let other = IDP.replace("https://sts", "https://other");
    let providers = [
        ("idp", IDP),
        ("other", other.as_str()),
        ("idle", IDP),
        ("mesh", spiffe),
        ("named", named.as_str()),
        ("ecs", ecs.as_str()),
        ("plant", pca.as_str()),
    ];
    let sub = |text: &str| condition(&format!("jwt.claims.sub == '{text}'"));
    let credentials = [
        ("idp", sub("a")),
        ("other", sub("a")),
        ("mesh", sub("spiffe://example.org/a")),
        ("named", sub("spiffe://example.org/b")),
        ("ecs", r#""match": {"account_id": "1", "instance_id": "i-1"}"#.to_string()),
        ("plant", condition("cert.subject.CN == 'a'")),
    ];
    let credentials: Vec<(&str, &str)> =
        credentials.iter().map(|(provider, members)| (*provider, members.as_str())).collect();
    let policy = loaded(&policy(&providers, &credentials));
    let discovery = policy.discovery();
    assert_eq!(discovery.providers_of_issuer("https://idp.example.com", None), ["idp", "other"]);
    assert_eq!(discovery.providers_of_issuer("https://idp.example.com", Some("c1")), ["other"]);
    assert_eq!(discovery.providers_of_issuer("https://idp.example.com", Some("c2")), [""; 0]);
    assert_eq!(discovery.providers_of_issuer("https://idp.example.com/", None), [""; 0]);
    assert_eq!(discovery.providers_of_issuer("https://spire", None), ["named"]);
    assert_eq!(discovery.providers_of_issuer("spiffe://example.org", None), [""; 0]);
    assert_eq!(
        discovery.providers_of_trust_domain("spiffe://example.org", None),
        ["mesh", "named"]
    );
    assert_eq!(discovery.providers_of_trust_domain("spiffe://example.com", None), [""; 0]);
    assert_eq!(discovery.document_providers(None), ["ecs"]);
    assert_eq!(discovery.document_providers(Some("c0")), [""; 0]);
    assert_eq!(discovery.certificate_providers("c5"), ["plant"]);
    assert_eq!(discovery.certificate_providers("c0"), [""; 0]);

    let document = r#"{"payload": {"jsonData": {"owner-account-id": "1", "instance-id": "i-1"}}}"#;
    let document = facts("pkcs7", value(document));
    assert_eq!(candidates(&policy, "ecs", None, &document), ["c4/main"]);
    let cert = facts("cert", value(r#"{"subject": {"CN": "a"}}"#));
    assert_eq!(candidates(&policy, "plant", Some("c5"), &cert), ["c5/main"]);
    assert_eq!(candidates(&policy, "plant", Some("c4"), &cert), [""; 0]);
}

/// What identifies is looked for in the spelling that facts have.
#[test]
fn literals_are_looked_for_as_facts_have_them() {
    let root = base64::encode_standard(&forge::any_root());
    let pca = format!(r#""type": "pca", "roots": ["{root}"]"#);
    let azure = r#""type": "azure_vm", "issuer": "https://sts.windows.net/3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5/", "audiences": ["https://sts"], "keys": {"discovery": true}"#;
    let upper = "jwt.claims.oid == '3C5E7A90-1B2D-4F60-8A9B-C0D1E2F3A4B5'";
    let policy = loaded(&policy(
        &[("plant", &pca), ("azure", azure)],
        &[
            ("plant", &condition("cert.serialNumber == '0x0A' && cert.issuer.CN == 'ca'")),
            ("plant", r#""match": {"dns_name": "Worker-7.example.com"}"#),
            ("azure", &condition(upper)),
        ],
    ));
    let preset = |name: &str| policy.providers().find(|(own, _)| *own == name).unwrap().1.preset();
    let check = |provider: &str, root: &str, model: &str, client: &str, expect: &[&str]| {
        let facts = facts(root, preset(provider).folded(value(model)));
        assert_eq!(candidates(&policy, provider, Some(client), &facts), expect, "{model}");
    };
    check("plant", "cert", r#"{"serialNumber": "0a", "issuer": {"CN": "ca"}}"#, "c0", &["c0/main"]);
    check("plant", "cert", r#"{"san": {"dns": ["WORKER-7.example.com"]}}"#, "c1", &["c1/main"]);
    check("plant", "cert", r#"{"san": {"dns": ["worker-7.example.com", "b"]}}"#, "c1", &[]);
    let oid = r#"{"claims": {"oid": "3c5e7a90-1B2D-4f60-8a9b-c0d1e2f3a4b5"}}"#;
    check("azure", "jwt", oid, "c2", &["c2/main"]);
}

#[test]
fn a_group_is_found_by_its_owner() {
    let github =
        r#""type": "github_actions", "audiences": ["https://sts"], "keys": {"discovery": true}"#;
    let group = |owner: &str| {
        format!(
            r#""binds": "group", "attributes": {{"client.activeSubjectUrn": "Append(\"urn:gh:\", jwt.claims.repository_id)"}}, "condition": "jwt.claims.repository_owner_id == '{owner}'""#
        )
    };
    let single =
        condition("jwt.claims.repository_owner_id == '3' && jwt.claims.repository_id == '7'");
    let policy = loaded(&policy(
        &[("gh", github)],
        &[("gh", &group("1")), ("gh", &group("2")), ("gh", &single)],
    ));
    let check = |claims: &str, expect: &[&str]| {
        assert_eq!(candidates(&policy, "gh", None, &token(claims)), expect, "{claims}");
    };
    check(r#"{"repository_owner_id": "1", "repository_id": "7"}"#, &["c0/main"]);
    check(r#"{"repository_owner_id": "2", "repository_id": "9"}"#, &["c1/main"]);
    check(r#"{"repository_owner_id": "3", "repository_id": "7"}"#, &["c2/main"]);
    check(r#"{"repository_owner_id": "3", "repository_id": "8"}"#, &[]);
    check(r#"{"repository_owner_id": "4", "repository_id": "7"}"#, &[]);
}
