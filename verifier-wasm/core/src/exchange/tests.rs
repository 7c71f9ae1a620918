//! Exchanges of OIDC tokens: the order of the checks, and what a grant holds.

mod assertions;
mod characters;
mod discovered;
mod documents;
mod exchanged;
mod explanations;
mod fetched_lists;
mod rehearsals;
mod revocation;
mod signed_by_clients;
mod svids;
mod tls;

use super::{Exchange, Trace};
use crate::grant::Grant;
use crate::jose::tests::fake;
use crate::keys::KeyRing;
use crate::policy::tests::{document, load};
use crate::presented::{Assertion, ID_TOKEN_BEARER, Presented};
use crate::signature::SignatureProvider;
use crate::x509::tests::forge;
use crate::{Code, Source, UnixTime, Verdict, base64};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const NOW: i64 = 1_800_000_000;

const CLAIMS: &str = r#"{"iss":"https://idp.example.com","aud":"https://sts.example.com","sub":"workload","tenant":"t1","run":"7","iat":1799999990,"exp":1800000300}"#;

fn token(claims: &str) -> String {
    fake::sign(r#"{"alg":"RS256","kid":"a"}"#, claims, &fake::rsa(1))
}

fn presented(change: &[(&str, &str)], token: &str) -> Presented {
    let mut parameters: Vec<(String, String)> = [
        ("grant_type", "client_credentials"),
        ("client_id", "app_1"),
        ("client_assertion_type", ID_TOKEN_BEARER),
        ("application_federated_credential_name", "main"),
        ("client_assertion", token),
        ("scope", "api.example.com|write"),
    ]
    .map(|(name, value)| (name.to_string(), value.to_string()))
    .into();
    for (name, value) in change {
        for parameter in parameters.iter_mut().filter(|(known, _)| known == name) {
            parameter.1 = value.to_string();
        }
    }
    Presented::from_parameters(parameters).unwrap()
}

fn decide_with(
    policy: &str,
    provider: SignatureProvider<'_>,
    presented: &Presented,
) -> Verdict<Grant> {
    let policy = load(policy).unwrap();
    let keys = KeyRing::default();
    let now = UnixTime::from_seconds(NOW);
    let exchange = Exchange { policy: &policy, keys: &keys, signatures: provider, now, own: None };
    exchange.decide(presented, &mut Trace::none())
}

#[track_caller]
fn granted(presented: &Presented) -> Grant {
    match decide_with(&document(&[]), fake::PROVIDER, presented) {
        Verdict::Granted(grant) => grant,
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refused(policy: &str, presented: &Presented, code: Code) {
    match decide_with(policy, fake::PROVIDER, presented) {
        Verdict::Refused(refusal) => assert_eq!(refusal.code(), code, "{refusal}"),
        other => panic!("{other:?}"),
    }
}

/// A policy whose credential maps a claim from this source, and the decision on the usual token.
fn mapped(source: &str) -> Verdict<Grant> {
    let from = "\"attributes\": { ";
    let to = alloc::format!("\"attributes\": {{ \"team\": \"{source}\", ");
    let policy = document(&[(from, &to)]);
    decide_with(&policy, fake::PROVIDER, &presented(&[], &token(CLAIMS)))
}

#[test]
fn mapped_claims_are_granted() {
    let check = |source: &str, expect: &str| match mapped(source) {
        Verdict::Granted(grant) => {
            assert_eq!(grant.terms().claims().to_string(), expect);
            assert_eq!(grant.terms().subject(), "app_1:urn:x:7");
        }
        other => panic!("{source}: {other:?}"),
    };
    check("Append('t:', jwt.claims.tenant)", r#"{"team":"t:t1"}"#);
    check("jwt.claims.iat", r#"{"team":1799999990}"#);
    check("jwt.claims.sub == 'workload'", r#"{"team":true}"#);
}

#[test]
fn an_integer_stands_behind_the_client_id_in_digits() {
    let policy = document(&[("Append(\\\"urn:x:\\\", jwt.claims.run)", "jwt.claims.iat")]);
    match decide_with(&policy, fake::PROVIDER, &presented(&[], &token(CLAIMS))) {
        Verdict::Granted(grant) => assert_eq!(grant.terms().subject(), "app_1:1799999990"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn mapped_claims_are_bounded_together() {
    let appended = |times: usize| {
        let parts = alloc::vec!["jwt.claims.iss"; times].join(", ");
        mapped(&alloc::format!("Append({parts})"))
    };
    // The issuer has 23 bytes, `{"team":""}` eleven.
    assert!(matches!(appended(177), Verdict::Granted(_)));
    match appended(178) {
        Verdict::Refused(refusal) => {
            assert_eq!(refusal.code(), Code::MappingError);
            assert_eq!(refusal.found_text(), Some("4105"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_claim_that_cannot_be_mapped_refuses() {
    for source in ["jwt.claims.gone", "Append('', jwt.claims.aud, '\\\\u200b')", "jwt.claims.list"]
    {
        match mapped(source) {
            Verdict::Refused(refusal) => assert_eq!(refusal.code(), Code::MappingError, "{source}"),
            other => panic!("{source}: {other:?}"),
        }
    }
}

#[test]
fn a_good_token_is_granted_what_was_asked_for() {
    let grant = granted(&presented(&[], &token(CLAIMS)));
    let terms = grant.terms();
    assert_eq!(terms.issuer(), "https://sts.example.com/oauth2");
    assert_eq!(terms.subject(), "app_1:urn:x:7");
    assert_eq!(terms.client_id(), "app_1");
    assert_eq!(terms.audience(), "api.example.com");
    assert_eq!(terms.scope(), ["write"]);
    assert_eq!(terms.lifetime(), 3600);
    assert!(grant.obligations().is_empty());
}

#[test]
fn all_stands_for_everything_granted() {
    let all = presented(&[("scope", "api.example.com|.all")], &token(CLAIMS));
    assert_eq!(granted(&all).terms().scope(), ["read:file", "write"]);
}

#[test]
fn a_token_that_is_bound_to_a_key_is_no_proof() {
    for bound in
        [r#""cnf":{"jkt":"0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"},"#, r#""cnf":null,"#]
    {
        let claims = CLAIMS.replacen('{', &alloc::format!("{{{bound}"), 1);
        refused(&document(&[]), &presented(&[], &token(&claims)), Code::TokenBound);
    }
}

#[test]
fn nothing_in_the_proof_selects_the_client() {
    let good = token(CLAIMS);
    let plain = document(&[]);
    refused(&plain, &presented(&[("client_id", "app_2")], &good), Code::ClientUnknown);
    refused(
        &plain,
        &presented(&[("application_federated_credential_name", "x")], &good),
        Code::CredentialUnknown,
    );
}

#[test]
fn what_is_disabled_refuses() {
    let good = presented(&[], &token(CLAIMS));
    let check = |from: &str, to: &str, code| refused(&document(&[(from, to)]), &good, code);
    check("\"app_1\": {", "\"app_1\": { \"enabled\": false,", Code::ClientDisabled);
    check("\"main\": {", "\"main\": { \"enabled\": false,", Code::CredentialDisabled);
    check("\"type\": \"oidc\"", "\"type\": \"oidc\", \"enabled\": false", Code::ProviderDisabled);
}

#[test]
fn a_proof_of_another_kind_is_refused() {
    // A private CA's assertion for an OIDC credential: its own form is good.
    let mut other = presented(&[], &token(CLAIMS));
    other.assertion = Assertion::Pca {
        jwt: token(CLAIMS),
        certificate: base64::encode_standard(&forge::any_leaf()),
        chain: String::new(),
    };
    refused(&document(&[]), &other, Code::ProviderKind);
}

#[test]
fn checks_come_in_their_order() {
    let plain = document(&[]);
    let check = |from: &str, to: &str, code| {
        assert!(CLAIMS.contains(from));
        refused(&plain, &presented(&[], &token(&CLAIMS.replace(from, to))), code);
    };
    check("https://idp.example.com", "https://idp.example.com/", Code::IssuerWrong);
    check("\"https://sts.example.com\"", "\"https://sts.example.com/x\"", Code::AudienceWrong);
    check("1800000300", "1799999900", Code::ClaimsMalformed);
    check("1799999990,\"exp\":1800000300", "1799999000,\"exp\":1799999970", Code::Expired);
    check("\"t1\"", "\"t2\"", Code::TrustConditionFalse);
    check("\"tenant\":\"t1\",", "", Code::TrustConditionError);
    check("workload", "other", Code::VerificationConditionFalse);
    check("\"run\":\"7\",", "", Code::MappingError);
    check("\"run\":\"7\"", "\"run\":\"7\\u202e8\"", Code::MappingError);
    check("\"run\":\"7\"", "\"run\":\"7\\u200b\"", Code::MappingError);
    // An earlier failure hides a later one.
    check("\"t1\",\"run\":\"7\"", "\"t2\",\"run\":\"\"", Code::TrustConditionFalse);
}

#[test]
fn form_comes_before_binding_and_binding_before_signature() {
    let plain = document(&[]);
    let unknown = [("client_id", "app_2")];
    refused(&plain, &presented(&unknown, "a.b"), Code::JwsMalformed);
    let foreign = fake::sign(r#"{"alg":"RS256","kid":"a"}"#, CLAIMS, &fake::rsa(2));
    refused(&plain, &presented(&unknown, &foreign), Code::ClientUnknown);
    refused(&plain, &presented(&[], &foreign), Code::JwsSignatureInvalid);
}

#[test]
fn scopes_only_narrow() {
    let plain = document(&[]);
    let good = token(CLAIMS);
    let check = |scope, code| refused(&plain, &presented(&[("scope", scope)], &good), code);
    check("api.example.com|admin", Code::ScopeNotGranted);
    check("api.example.com|write api.example.com|admin", Code::ScopeNotGranted);
    check("api.example.com|.all api.example.com|admin", Code::ScopeNotGranted);
    check("api.example.com|.ALL", Code::ScopeNotGranted);
    check("other.example.com|write", Code::ScopeNotGranted);
    check("other.example.com|.all", Code::ScopeNotGranted);
}

#[test]
fn a_failed_condition_shows_its_clause() {
    let other = token(&CLAIMS.replace("workload", "other"));
    let Verdict::Refused(refusal) =
        decide_with(&document(&[]), fake::PROVIDER, &presented(&[], &other))
    else {
        panic!("must refuse")
    };
    assert_eq!(refusal.expected_text(), Some(r#"jwt.claims.sub == "workload""#));
    assert_eq!(refusal.found_text(), Some(r#"jwt.claims.sub "other""#));
}

#[test]
fn j04_a_provider_may_refuse_tokens_that_carry_keys() {
    let plain = document(&[]);
    let strict =
        document(&[("\"type\": \"oidc\"", "\"type\": \"oidc\", \"embedded_keys\": \"refuse\"")]);
    let with = |more: &str| {
        let header = alloc::format!(r#"{{"alg":"RS256","kid":"a"{more}}}"#);
        presented(&[], &fake::sign(&header, CLAIMS, &fake::rsa(1)))
    };
    let is_granted = |policy: &str, more: &str| {
        matches!(decide_with(policy, fake::PROVIDER, &with(more)), Verdict::Granted(_))
    };
    assert!(is_granted(&strict, ""));
    for more in [r#","jwk":{}"#, r#","x5c":[]"#, r#","jku":"x""#, r#","x5u":"x""#] {
        assert!(is_granted(&plain, more), "{more}");
        refused(&strict, &with(more), Code::JwsEmbeddedKey);
    }
    // The thumbprint of a certificate is a name, not a key.
    assert!(is_granted(&strict, r#","x5t":"AAAA","x5t#S256":"AAAA""#));
}

#[test]
fn missing_keys_are_wanted() {
    let keys = document(&[]);
    let start = keys.find("\"keys\": {").unwrap();
    let end = keys.find("\"trust_condition\"").unwrap();
    let policy = document(&[(&keys[start..end], "\"keys\": {\"discovery\": true},")]);
    let verdict = decide_with(&policy, fake::PROVIDER, &presented(&[], &token(CLAIMS)));
    assert!(matches!(verdict, Verdict::Wanting(Source::Discovery { .. })), "{verdict:?}");
    // A token that no key can serve makes nobody fetch.
    let none = fake::sign(r#"{"alg":"none"}"#, CLAIMS, &fake::rsa(1));
    refused(&policy, &presented(&[], &none), Code::UnsupportedAlgorithm);
}

#[test]
fn a_pass_that_deferred_a_signature_grants_nothing() {
    let good = presented(&[], &token(CLAIMS));
    let verdict = decide_with(&document(&[]), fake::LATER, &good);
    assert!(matches!(&verdict, Verdict::Wanting(Source::Signatures(checks)) if checks.len() == 1));
    // The deferred checks are the proof, in bytes: what is logged of them is not.
    let shown = alloc::format!("{verdict:?}");
    assert!(shown.contains("SignatureCheck") && !shown.contains("101, 121, 74"), "{shown}");
    // Whatever would come after the signature stays unsaid.
    let wrong = presented(&[], &token(&CLAIMS.replace("workload", "other")));
    let verdict = decide_with(&document(&[]), fake::LATER, &wrong);
    assert!(matches!(verdict, Verdict::Wanting(Source::Signatures(_))));
}
