//! What clients sign for themselves, and what is taken for it: confusions of issuers, clients, keys and forms.

use super::assertions::{CLAIMS, HEADER, assertion, policy_with, presented as with_certificate};
use super::{NOW, decide_with, document};
use crate::grant::{Grant, Obligation};
use crate::jose::tests::fake;
use crate::presented::{JWT_BEARER_ASSERTION, JWT_BEARER_GRANT, Presented};
use crate::signature::SignatureProvider;
use crate::x509::tests::forge::{self, FakeBackend};
use crate::{Code, Verdict, base64};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const STS: &str = "https://sts.example.com/oauth2";

/// The policy of the other tests, its credential discoverable, with two clients that have keys of their own.
pub(super) fn policy() -> String {
    let own = |number: u8| {
        let keys = fake::jwks(&[fake::rsa_jwk(number, r#","kid":"1""#)]);
        format!(r#"{{ "type": "client_key", "keys": {{ "jwks": {keys} }} }}"#)
    };
    let client = |provider: &str| {
        format!(
            r#"{{ "scopes": {{ "api.example.com": ["write"] }}, "credentials": {{ "main": {{ "provider": "{provider}" }} }} }}"#
        )
    };
    document(&[
        ("\"idp\": {", &format!("\"own_a\": {}, \"own_b\": {}, \"idp\": {{", own(2), own(3))),
        (
            "\"clients\": {",
            &format!(
                "\"clients\": {{ \"app_a\": {}, \"app_b\": {},",
                client("own_a"),
                client("own_b")
            ),
        ),
        ("\"provider\": \"idp\"", "\"provider\": \"idp\", \"discoverable\": true"),
    ])
}

pub(super) fn signed(claims: &str, key: u8) -> String {
    fake::sign(r#"{"alg":"RS256","kid":"1"}"#, claims, &fake::rsa(key))
}

pub(super) fn claims_of(client: &str) -> String {
    format!(
        r#"{{"iss":"{client}","sub":"{client}","aud":"{STS}","jti":"j1","iat":{NOW},"exp":{}}}"#,
        NOW + 60
    )
}

/// A request with this assertion and these further parameters.
fn request(jwt: &str, more: &[(&str, &str)]) -> Presented {
    let parameters = [
        ("grant_type", "client_credentials"),
        ("client_assertion_type", JWT_BEARER_ASSERTION),
        ("client_assertion", jwt),
        ("scope", "api.example.com|write"),
    ];
    Presented::from_parameters(parameters.into_iter().chain(more.iter().copied())).unwrap()
}

#[track_caller]
fn check(presented: &Presented, expect: Result<&str, Code>) {
    let found = match decide_with(&policy(), fake::PROVIDER, presented) {
        Verdict::Granted(grant) => Ok(grant.terms().subject().to_string()),
        Verdict::Refused(refusal) => Err(refusal.code()),
        other => panic!("{other:?}"),
    };
    assert_eq!(found, expect.map(ToString::to_string));
}

#[test]
fn a_client_is_known_by_its_own_key() {
    let jwt = signed(&claims_of("app_a"), 2);
    check(&request(&jwt, &[]), Ok("app_a"));
    check(&request(&jwt, &[("client_id", "app_a")]), Ok("app_a"));
    let names = [("client_id", "app_a"), ("application_federated_credential_name", "main")];
    check(&request(&jwt, &names), Ok("app_a"));
}

#[test]
fn mix_up_the_key_of_one_client_is_no_other_s() {
    // It signs in the name of another, or is presented for another, by one name or by two.
    check(&request(&signed(&claims_of("app_b"), 2), &[]), Err(Code::JwsSignatureInvalid));
    let jwt = signed(&claims_of("app_a"), 2);
    check(&request(&jwt, &[("client_id", "app_b")]), Err(Code::IssuerUnknown));
    let names = [("client_id", "app_b"), ("application_federated_credential_name", "main")];
    check(&request(&jwt, &names), Err(Code::JwsSignatureInvalid));
    let claims = claims_of("app_a");
    let subject = claims.replace(r#""sub":"app_a""#, r#""sub":"app_b""#);
    check(&request(&signed(&subject, 2), &[]), Err(Code::SubjectWrong));
    let issuer = claims.replace(r#""iss":"app_a""#, r#""iss":"app_b""#);
    check(&request(&signed(&issuer, 3), &[]), Err(Code::SubjectWrong));
}

#[test]
fn mix_up_an_issuer_and_a_client_do_not_sign_for_each_other() {
    let of_idp = super::CLAIMS.to_string();
    check(&request(&super::token(&of_idp), &[]), Ok("app_1:urn:x:7"));
    check(&request(&signed(&of_idp, 2), &[]), Err(Code::KeyUnknown));
    check(&request(&signed(&claims_of("app_a"), 1), &[]), Err(Code::JwsSignatureInvalid));
    // A client that has no key of its own signs nothing, whoever signs for it.
    for key in [1, 2] {
        check(&request(&signed(&claims_of("app_1"), key), &[]), Err(Code::IssuerUnknown));
    }
}

#[test]
fn mix_up_what_a_client_signs_is_no_grant() {
    let jwt = signed(&claims_of("app_a"), 2);
    let grant = [
        ("grant_type", JWT_BEARER_GRANT),
        ("assertion", jwt.as_str()),
        ("scope", "api.example.com|write"),
    ];
    check(&Presented::from_parameters(grant).unwrap(), Err(Code::IssuerUnknown));
}

#[test]
fn an_assertion_for_another_server_is_refused() {
    for (audience, expect) in [
        (r#""https://sts.example.com/oauth2""#, Ok("app_a")),
        (r#"["https://sts.example.com/oauth2"]"#, Ok("app_a")),
        (r#""https://other.example.com""#, Err(Code::AudienceWrong)),
        (r#""https://sts.example.com/oauth2/""#, Err(Code::AudienceWrong)),
        (r#""https://sts.example.com/oauth2/token""#, Err(Code::AudienceWrong)),
        (
            r#"["https://sts.example.com/oauth2","https://other.example.com"]"#,
            Err(Code::AudienceAmbiguous),
        ),
    ] {
        let claims = claims_of("app_a").replace(&format!("\"{STS}\""), audience);
        check(&request(&signed(&claims, 2), &[]), expect);
    }
}

/// An assertion of the client with its certificate in the header.
fn certified() -> String {
    let leaf = base64::encode_standard(&forge::any_leaf());
    let header = format!(r#"{{"alg":"ES256","x5c":["{leaf}"]}}"#);
    assertion(&header, &CLAIMS.replace("/oauth2/token", "/oauth2"))
}

fn decide_by_certificate(presented: &Presented) -> Result<Grant, Code> {
    let policy = policy_with(r#""x5c": "accept""#)
        .replace("\"provider\": \"idp\"", "\"provider\": \"idp\", \"discoverable\": true");
    let provider = SignatureProvider { backends: &[&FakeBackend] };
    match decide_with(&policy, provider, presented) {
        Verdict::Granted(grant) => Ok(grant),
        Verdict::Refused(refusal) => Err(refusal.code()),
        other => panic!("{other:?}"),
    }
}

/// I6: the store would otherwise give each form a use of its own.
#[test]
fn i06_one_jti_serves_once_whatever_the_form() {
    let beside = with_certificate(
        "app_1",
        &assertion(HEADER, CLAIMS),
        &forge::any_leaf(),
        "api.example.com|write",
    );
    let jwt = certified();
    let names = [("client_id", "app_1"), ("application_federated_credential_name", "main")];
    let requests = [beside, request(&jwt, &[]), request(&jwt, &names)];
    let keys = |presented: &Presented| {
        let grant = decide_by_certificate(presented).unwrap();
        let key = |obligation: &Obligation| match obligation {
            Obligation::Consume { key, former, .. } => [key.clone(), former.clone()],
            Obligation::FirstUse(first) => panic!("{first:?}"),
        };
        grant.obligations().iter().map(key).collect::<Vec<_>>()
    };
    let first = keys(&requests[0]);
    assert_eq!(first.len(), 1);
    for presented in &requests {
        assert_eq!(keys(presented), first, "{presented:?}");
    }
}

#[test]
fn a_certificate_beside_the_header_is_the_same() {
    let check = |certificate: &[u8], expect: Result<(), Code>| {
        let text = base64::encode_standard(certificate);
        let presented = request(&certified(), &[("client_x509", &text)]);
        assert_eq!(decide_by_certificate(&presented).map(drop), expect);
    };
    check(&forge::any_leaf(), Ok(()));
    check(&forge::foreign_leaf(), Err(Code::AssertionCertificate));
}
