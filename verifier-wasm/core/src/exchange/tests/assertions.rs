//! Exchanges of assertions that a private CA's leaf signed: the order of the checks, and single use.

use super::{CLAIMS as OIDC_CLAIMS, decide_with, document, token};
use crate::grant::{Grant, Obligation};
use crate::presented::{Presented, X509_JWT_BEARER};
use crate::signature::SignatureProvider;
use crate::x509::tests::forge::{self, FakeBackend};
use crate::{Code, PublicCode, Refusal, UnixTime, Verdict, base64};
use alloc::format;
use alloc::string::String;

pub(super) const HEADER: &str = r#"{"alg":"ES256","typ":"JWT"}"#;
pub(super) const CLAIMS: &str = r#"{"iss":"app_1","sub":"app_1","aud":"https://sts.example.com/oauth2/token","jti":"j1","iat":1799999990,"exp":1800000590}"#;

/// The policy of the other tests with a private CA in the place of its OIDC provider.
fn policy() -> String {
    policy_with("")
}

/// The same with more members of the provider.
pub(super) fn policy_with(members: &str) -> String {
    let plain = document(&[]);
    let start = plain.find("\"type\": \"oidc\"").unwrap();
    let end = plain.find("  },\n  \"resources\"").unwrap();
    let root = base64::encode_standard(&forge::any_root());
    let comma = if members.is_empty() { "" } else { ", " };
    let provider = format!("\"type\": \"pca\", \"roots\": [\"{root}\"]{comma}{members} }}\n");
    document(&[
        (&plain[start..end], &provider),
        ("jwt.claims.sub == \\\"workload\\\"", "cert.subject.CN == 'leaf'"),
        ("Append(\\\"urn:x:\\\", jwt.claims.run)", "cert.subject.CN"),
    ])
}

pub(super) fn assertion(header: &str, claims: &str) -> String {
    let input = format!(
        "{}.{}",
        base64::encode_url(header.as_bytes()),
        base64::encode_url(claims.as_bytes())
    );
    let signature = forge::signed_by_leaf(input.as_bytes());
    format!("{input}.{}", base64::encode_url(&signature))
}

pub(super) fn presented(client: &str, jwt: &str, leaf: &[u8], scope: &str) -> Presented {
    let presented = Presented::from_parameters([
        ("grant_type", "client_credentials"),
        ("client_id", client),
        ("client_assertion_type", X509_JWT_BEARER),
        ("application_federated_credential_name", "main"),
        ("client_assertion", jwt),
        ("client_x509", &base64::encode_standard(leaf)),
        ("scope", scope),
    ]);
    presented.unwrap()
}

fn decide(client: &str, jwt: &str, leaf: &[u8], scope: &str) -> Verdict<Grant> {
    let presented = presented(client, jwt, leaf, scope);
    let provider = SignatureProvider { backends: &[&FakeBackend] };
    decide_with(&policy(), provider, &presented)
}

fn granted(claims: &str) -> Grant {
    match decide("app_1", &assertion(HEADER, claims), &forge::any_leaf(), "api.example.com|write") {
        Verdict::Granted(grant) => grant,
        other => panic!("{other:?}"),
    }
}

fn refusal(client: &str, jwt: &str, leaf: &[u8]) -> Refusal {
    match decide(client, jwt, leaf, "api.example.com|write") {
        Verdict::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn i06_an_assertion_is_consumed_until_it_would_be_refused_as_expired() {
    let grant = granted(CLAIMS);
    assert_eq!(grant.terms().subject(), "app_1:leaf");
    let key = |grant: &Grant| match grant.obligations() {
        [Obligation::Consume { key, former, until, .. }] => {
            assert_eq!(*until, UnixTime::from_seconds(1_800_000_621));
            assert_ne!(key, former);
            key.clone()
        }
        other => panic!("{other:?}"),
    };
    let used = key(&grant);
    // The jti counts, whatever else is new in the assertion.
    assert_eq!(key(&granted(&CLAIMS.replace("1799999990", "1799999995"))), used);
    assert_ne!(key(&granted(&CLAIMS.replace("j1", "j2"))), used);
}

#[test]
fn a_refused_scope_leaves_the_assertion_unused() {
    let jwt = assertion(HEADER, CLAIMS);
    let verdict = decide("app_1", &jwt, &forge::any_leaf(), "api.example.com|admin");
    let Verdict::Refused(refusal) = verdict else { panic!("{verdict:?}") };
    assert_eq!(refusal.code(), Code::ScopeNotGranted);
}

#[test]
fn checks_come_in_their_order() {
    let code = |header: &str, changes: &[(&str, &str)]| {
        let claims = changes.iter().fold(String::from(CLAIMS), |claims, (from, to)| {
            assert!(claims.contains(from), "{from}");
            claims.replace(from, to)
        });
        refusal("app_1", &assertion(header, &claims), &forge::any_leaf()).code()
    };
    let check = |changes: &[(&str, &str)], expect: Code| {
        assert_eq!(code(HEADER, changes), expect, "{changes:?}");
    };
    let expired = ("1799999990,\"exp\":1800000590", "1799999000,\"exp\":1799999970");
    assert_eq!(code(r#"{"alg":"ES384"}"#, &[]), Code::AlgorithmNotAllowed);
    assert_eq!(code(r#"{"alg":"HS256"}"#, &[]), Code::UnsupportedAlgorithm);
    assert_eq!(code(r#"{"alg":"ES256","typ":"at+jwt"}"#, &[]), Code::TypeWrong);
    check(&[("\"iss\":\"app_1\"", "\"iss\":\"app_2\"")], Code::IssuerWrong);
    check(&[("\"sub\":\"app_1\"", "\"sub\":\"app_2\"")], Code::SubjectWrong);
    check(&[("\"sub\":\"app_1\",", "")], Code::SubjectWrong);
    check(&[("oauth2/token", "oauth2/token/")], Code::AudienceWrong);
    check(&[("1800000590", "1800000621")], Code::LifetimeTooLong);
    check(&[expired], Code::Expired);
    check(&[("\"jti\":\"j1\",", "")], Code::JtiMissing);
    // An earlier failure hides a later one.
    check(&[expired, ("\"sub\":\"app_1\"", "\"sub\":\"app_2\"")], Code::SubjectWrong);
    check(&[expired, ("oauth2/token", "oauth2/x")], Code::AudienceWrong);
}

#[test]
fn i09_a_stranger_does_not_learn_which_clients_exist() {
    let check = |jwt: &str, leaf: &[u8], of_known: Code| {
        let (known, unknown) = (refusal("app_1", jwt, leaf), refusal("app_2", jwt, leaf));
        assert_eq!(known.code(), of_known);
        assert_eq!(known.code().public(), PublicCode::NotTrusted);
        assert_eq!(unknown.code().public(), PublicCode::NotTrusted);
    };
    let good = assertion(HEADER, CLAIMS);
    check(&good, &forge::foreign_leaf(), Code::PathSignatureInvalid);
    check(&assertion(r#"{"alg":"none"}"#, "{}"), &forge::any_leaf(), Code::UnsupportedAlgorithm);
    // A signature of another kind of key, and one that is out of range.
    check(&token(OIDC_CLAIMS), &forge::any_leaf(), Code::AlgorithmNotAllowed);
    let header = base64::encode_url(HEADER.as_bytes());
    check(&format!("{header}.e30.AAAA"), &forge::any_leaf(), Code::SignatureMalformed);
}
