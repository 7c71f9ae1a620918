//! Policies that load, and policies that must not.

mod attributes;
mod environments;
mod identity;
mod jobs;
mod misspellings;
mod own_keys;

use super::TrustPolicy;
use super::lint::LintId;
use crate::document::Problem;
use crate::jose::Algorithm;
use crate::jose::tests::fake;
use crate::json::{self, Limits};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A policy with one OIDC provider and one client, of which parts can be replaced.
pub(crate) fn document(replace: &[(&str, &str)]) -> String {
    let jwks = fake::jwks(&[fake::rsa_jwk(1, r#","kid":"a""#)]);
    let mut text = format!(
        r#"{{
  "version": 1,
  "issuer": "https://sts.example.com/oauth2",
  "providers": {{
    "idp": {{
      "type": "oidc",
      "issuer": "https://idp.example.com",
      "audiences": ["https://sts.example.com"],
      "keys": {{ "jwks": {jwks} }},
      "trust_condition": "jwt.claims.tenant == \"t1\""
    }}
  }},
  "resources": {{ "api.example.com": {{ "scopes": ["read:file", "write"] }} }},
  "clients": {{
    "app_1": {{
      "scopes": {{ "api.example.com": ["read:file", "write"] }},
      "credentials": {{
        "main": {{
          "provider": "idp",
          "condition": "jwt.claims.sub == \"workload\"",
          "attributes": {{ "client.activeSubjectUrn": "Append(\"urn:x:\", jwt.claims.run)" }}
        }}
      }}
    }}
  }}
}}"#
    );
    for (from, to) in replace {
        assert!(text.contains(from), "{from} is not in the document");
        text = text.replacen(from, to, 1);
    }
    text
}

pub(crate) fn load(text: &str) -> Result<TrustPolicy, Vec<Problem>> {
    let document = json::parse_with(text.as_bytes(), Limits::DOCUMENT).expect("the test's JSON");
    TrustPolicy::from_document(&document)
}

/// The places and messages of the errors of a changed document.
fn errors(replace: &[(&str, &str)]) -> Vec<String> {
    let errors = load(&document(replace)).expect_err("the policy must not load");
    errors.iter().map(Problem::to_string).collect()
}

#[track_caller]
fn check(replace: &[(&str, &str)], pointer: &str, message: &str) {
    let errors = errors(replace);
    assert!(
        errors
            .iter()
            .any(|error| error.starts_with(&format!("{pointer}: ")) && error.contains(message)),
        "{errors:#?}"
    );
}

#[test]
fn a_policy_loads() {
    let policy = load(&document(&[])).unwrap();
    assert_eq!(policy.issuer(), "https://sts.example.com/oauth2");
    assert_eq!(policy.token_endpoint(), "https://sts.example.com/oauth2/token");
    assert_eq!(policy.clients().count(), 1);
}

#[test]
fn required_means_required() {
    check(&[("\"version\": 1,", "")], "/", "`version` is missing");
    check(&[("\"version\": 1", "\"version\": 2")], "/version", "out of range");
    check(&[("\"issuer\": \"https://sts.example.com/oauth2\",", "")], "/", "`issuer` is missing");
    check(
        &[("\"issuer\": \"https://idp.example.com\",", "")],
        "/providers/idp",
        "`issuer` is missing",
    );
    check(
        &[("\"audiences\": [\"https://sts.example.com\"],", "")],
        "/providers/idp",
        "`audiences` is missing",
    );
    check(&[("[\"https://sts.example.com\"]", "[]")], "/providers/idp/audiences", "empty");
    check(
        &[("\"provider\": \"idp\",", "")],
        "/clients/app_1/credentials/main",
        "`provider` is missing",
    );
}

#[test]
fn unknown_members_are_errors() {
    check(&[("\"version\": 1", "\"version\": 1, \"extra\": 1")], "/extra", "not known");
    check(
        &[("\"type\": \"oidc\"", "\"type\": \"oidc\", \"audience\": \"x\"")],
        "/providers/idp/audience",
        "not known",
    );
    check(
        &[("\"provider\": \"idp\"", "\"provider\": \"idp\", \"dpop\": true")],
        "/clients/app_1/credentials/main/dpop",
        "not known",
    );
    check(
        &[("client.activeSubjectUrn", "sub")],
        "/clients/app_1/credentials/main/attributes/sub",
        "no mapping writes it",
    );
}

#[test]
fn near_names_are_suggested() {
    check(
        &[("\"trust_condition\"", "\"trust_conditon\"")],
        "/providers/idp/trust_conditon",
        "is `trust_condition` meant?",
    );
    check(
        &[("\"idp\": {", "\"forge\": {"), ("\"provider\": \"idp\"", "\"provider\": \"froge\"")],
        "/clients/app_1/credentials/main/provider",
        "is `forge` meant?",
    );
}

#[test]
fn issuers_are_urls_and_never_our_own() {
    let ours = "\"issuer\": \"https://sts.example.com/oauth2\"";
    for bad in [
        "http://sts.example.com",
        "https://sts.example.com/",
        "https://",
        "sts",
        "https://a/?b",
        "https://a#b",
        "https://u@a",
        "http://127.0.0.1.evil.com",
        "https://a/{b}",
        "https://a/*",
        "https://a/:b",
        "https://a/é",
    ] {
        check(&[(ours, &format!("\"issuer\": \"{bad}\""))], "/issuer", "not an issuer URL");
    }
    for good in ["http://127.0.0.1:8080/x", "http://[::1]:1/x", "https://sts.example.com:8443"] {
        assert!(load(&document(&[(ours, &format!("\"issuer\": \"{good}\""))])).is_ok(), "{good}");
    }
    check(
        &[("https://idp.example.com", "https://sts.example.com/oauth2")],
        "/providers/idp/issuer",
        "our own tokens",
    );
}

#[test]
fn every_binding_says_who() {
    let condition = "\"condition\": \"jwt.claims.sub == \\\"workload\\\"\",";
    let place = "/clients/app_1/credentials/main";
    check(&[(condition, "")], place, "identifies the bearer");
    let with = |condition: &str| format!("\"condition\": \"{condition}\",");
    check(&[(condition, &with("jwt.claims.env == \\\"prod\\\""))], place, "identifies the bearer");
    check(
        &[(condition, &with("jwt.claims.sub == \\\"a\\\" || jwt.claims.env == \\\"prod\\\""))],
        place,
        "identifies the bearer",
    );
    check(&[(condition, &with("jwt.claims.sub != \\\"a\\\""))], place, "identifies the bearer");
    assert!(
        load(&document(&[(condition, &with("jwt.claims.sub in [\\\"a\\\", \\\"b\\\"]"))])).is_ok()
    );
    // The two conditions count together.
    assert!(
        load(&document(&[
            ("jwt.claims.tenant == \\\"t1\\\"", "jwt.claims.sub == \\\"workload\\\""),
            (condition, ""),
        ]))
        .is_ok()
    );
}

#[test]
fn conditions_are_checked_when_the_policy_loads() {
    let condition = "jwt.claims.sub == \\\"workload\\\"";
    let place = "/clients/app_1/credentials/main/condition";
    check(&[(condition, "jwt.claims.sub ==")], place, "at byte");
    check(&[(condition, "cert.subject.CN == \\\"x\\\"")], place, "cert");
    check(&[(condition, "true")], place, "");
}

#[test]
fn scopes_are_parts_of_what_contains_them() {
    let client = "\"scopes\": { \"api.example.com\": [\"read:file\", \"write\"] },";
    check(
        &[(client, "\"scopes\": { \"api.example.com\": [\"admin\"] },")],
        "/clients/app_1/scopes/api.example.com",
        "not a scope of the resources",
    );
    check(
        &[(client, "\"scopes\": { \"other\": [\"write\"] },")],
        "/clients/app_1/scopes/other",
        "not an audience",
    );
    check(&[(client, "")], "/clients/app_1", "`scopes` is missing");
    check(
        &[(
            "\"provider\": \"idp\"",
            "\"provider\": \"idp\", \"scopes\": { \"api.example.com\": [\"admin\"] }",
        )],
        "/clients/app_1/credentials/main/scopes/api.example.com",
        "not a scope of the client",
    );
    check(
        &[("[\"read:file\", \"write\"] } },", "[\".all\"] } },")],
        "/resources/api.example.com/scopes",
        "cannot be",
    );
}

#[test]
fn several_credentials_name_their_scopes() {
    let second = "\"other\": { \"provider\": \"idp\", \"condition\": \"jwt.claims.sub == \\\"o\\\"\" }, \"main\": {";
    check(
        &[("\"main\": {", second)],
        "/clients/app_1/credentials/main",
        "more than one credential",
    );
}

#[test]
fn names_follow_their_rules() {
    check(&[("\"app_1\":", "\"app:1\":")], "/clients/app:1", "not a client id");
    check(&[("\"idp\": {", "\"Idp\": {")], "/providers/Idp", "not a provider name");
    check(
        &[("\"provider\": \"idp\"", "\"provider\": \"gone\"")],
        "/clients/app_1/credentials/main/provider",
        "no usable provider",
    );
}

#[test]
fn keys_come_one_way() {
    let keys = document(&[]);
    let start = keys.find("\"keys\": {").unwrap();
    let end = keys.find("\"trust_condition\"").unwrap();
    let keys = &keys[start..end];
    check(&[(keys, "")], "/providers/idp", "`keys` is missing");
    check(&[(keys, "\"keys\": {},")], "/providers/idp/keys", "exactly one");
    check(
        &[(keys, "\"keys\": {\"discovery\": false},")],
        "/providers/idp/keys/discovery",
        "no source",
    );
    check(
        &[(keys, "\"keys\": {\"jwks_uri\": \"http://x\"},")],
        "/providers/idp/keys/jwks_uri",
        "https",
    );
    check(
        &[(keys, "\"keys\": {\"jwks_uri\": \"https://u@x/\"},")],
        "/providers/idp/keys/jwks_uri",
        "https",
    );
    check(&[(keys, "\"keys\": {\"jwks\": {\"keys\": []}},")], "/providers/idp/keys/jwks", "");
    check(&[(keys, "\"keys\": {\"pem\": \"x\"},")], "/providers/idp/keys/pem", "");
    assert!(load(&document(&[(keys, "\"keys\": {\"discovery\": true},")])).is_ok());
    check(
        &[(keys, "\"keys\": {\"discovery\": true},"), ("https://idp.example.com", "urn:idp")],
        "/providers/idp/keys/discovery",
        "https",
    );
}

#[test]
fn providers_of_one_issuer_have_one_source_of_keys() {
    let document = document(&[]);
    let start = document.find("\"idp\": {").unwrap() + "\"idp\": ".len();
    let end = start + document[start..].find("\n    }").unwrap() + "\n    }".len();
    let original = &document[start..end];
    let keys = &original[original.find("\"keys\"").unwrap()..original.find("\"trust").unwrap()];
    let with_second = |second: &str| format!("\"second\": {second}, \"idp\": {{");
    let place = "/providers/second";
    assert!(load(&self::document(&[("\"idp\": {", &with_second(original))])).is_ok());
    let discovering = original.replace(keys, "\"keys\": {\"discovery\": true},");
    check(&[("\"idp\": {", &with_second(&discovering))], place, "`idp` has the same issuer");
    let listing = original.replace(keys, &format!("\"algorithms\": [\"RS256\"], {keys}"));
    check(&[("\"idp\": {", &with_second(&listing))], place, "`idp` has the same issuer");
    // Another issuer is another matter.
    let other = discovering.replace("https://idp.example.com", "https://other.example.com");
    assert!(load(&self::document(&[("\"idp\": {", &with_second(&other))])).is_ok());
}

#[test]
fn lifetimes_are_bounded() {
    let version = "\"version\": 1";
    check(&[(version, "\"version\": 1, \"token_lifetime\": 5")], "/token_lifetime", "duration");
    check(
        &[(version, "\"version\": 1, \"token_lifetime\": \"1h\"")],
        "/token_lifetime",
        "duration",
    );
    assert!(load(&document(&[(version, "\"version\": 1, \"token_lifetime\": \"900s\"")])).is_ok());
}

#[test]
fn i16_a_resource_says_what_its_tokens_are_signed_with() {
    let scopes = "\"scopes\": [";
    let text = document(&[]);
    let at = text.find("\"resources\"").unwrap();
    let at = at + text[at..].find(scopes).unwrap();
    let with =
        |value: &str| format!("{}\"signing_algorithm\": {value}, {}", &text[..at], &text[at..]);
    let policy = load(&text).unwrap();
    let (name, _) = policy.resources().next().unwrap();
    assert_eq!(policy.signing_algorithm(name), None);
    for algorithm in [Algorithm::Es256, Algorithm::Rs256, Algorithm::Ps256, Algorithm::EdDsa] {
        let policy = load(&with(&format!("\"{algorithm}\""))).unwrap();
        assert_eq!(policy.signing_algorithm(name), Some(algorithm));
        assert_eq!(policy.signing_algorithms().collect::<Vec<_>>(), [(name, algorithm)]);
    }
    for other in ["\"none\"", "\"HS256\"", "\"ES384\"", "\"es256\"", "\"Ed25519\"", "1"] {
        let problems = load(&with(other)).unwrap_err();
        let place = format!("/resources/{name}/signing_algorithm: ");
        let found = problems.iter().any(|problem| problem.to_string().starts_with(&place));
        assert!(found, "{other}: {problems:?}");
    }
}

#[test]
fn all_problems_are_reported_at_once() {
    let found = errors(&[
        ("\"version\": 1", "\"version\": 9"),
        ("https://idp.example.com", "https://sts.example.com/oauth2"),
    ]);
    assert!(found.len() >= 2, "{found:?}");
}

#[test]
fn k5_keys_that_are_fetched_serve_a_bounded_time() {
    let given = format!("\"jwks\": {}", fake::jwks(&[fake::rsa_jwk(1, r#","kid":"a""#)]));
    let fetched = |seconds: &str| {
        format!("\"jwks_uri\": \"https://idp.example.com/keys\", \"serve_for\": {seconds}")
    };
    for good in ["600", "\"3600s\"", "86400"] {
        assert!(load(&document(&[(&given, &fetched(good))])).is_ok(), "{good}");
    }
    let place = "/providers/idp/keys/serve_for";
    for bad in ["599", "86401", "\"24h\""] {
        check(&[(&given, &fetched(bad))], place, "not a duration within its range");
    }
    // Keys that are given have no age.
    let both = format!("{given}, \"serve_for\": 3600");
    check(&[(&given, &both)], place, "serve for ever");
    let found = |seconds: &str| {
        let policy = load(&document(&[(&given, &fetched(seconds))])).unwrap();
        let lints = policy.lints(None);
        lints.iter().any(|lint| lint.id == LintId::KeysServeLong && lint.pointer == place)
    };
    assert!(found("601") && !found("600"));
}

#[test]
fn keys_are_pinned_by_their_thumbprints() {
    let pin = fake::thumbprint(&fake::rsa(1));
    let other = fake::thumbprint(&fake::rsa(2));
    let pins = |pins: &str| format!("\"keys\": {{ \"pins\": {pins}, ");
    let keys = "\"keys\": { ";
    let with = |text: &str| load(&document(&[(keys, &pins(text))]));
    assert!(with(&format!("[\"{pin}\"]")).is_ok());
    assert!(with(&format!("[\"{other}\", \"{pin}\"]")).is_ok());
    let place = "/providers/idp/keys/pins";
    check(&[(keys, &pins("[]"))], place, "empty");
    check(&[(keys, &pins("[\"abc\"]"))], &format!("{place}/0"), "not a thumbprint");
    check(&[(keys, &pins(&format!("[\"{pin}=\"]")))], &format!("{place}/0"), "not a thumbprint");
    let many = alloc::vec![format!("\"{pin}\""); 65].join(", ");
    check(&[(keys, &pins(&format!("[{many}]")))], place, "too many");
    let only_other = pins(&format!("[\"{other}\"]"));
    check(&[(keys, &only_other)], "/providers/idp/keys/jwks", "key_not_pinned");
    let pem = format!("\"keys\": {{ \"pins\": [\"{pin}\"], \"pem\": \"x\", ");
    check(&[(keys, &pem)], place, "given here already");
}

#[test]
fn embedded_keys_are_ignored_or_refused() {
    let with = |value: &str| format!("\"type\": \"oidc\", \"embedded_keys\": {value}");
    let kind = "\"type\": \"oidc\"";
    for good in ["\"ignore\"", "\"refuse\""] {
        assert!(load(&document(&[(kind, &with(good))])).is_ok(), "{good}");
    }
    check(&[(kind, &with("\"accept\""))], "/providers/idp/embedded_keys", "not a way");
    check(&[(kind, &with("true"))], "/providers/idp/embedded_keys", "boolean");
}
