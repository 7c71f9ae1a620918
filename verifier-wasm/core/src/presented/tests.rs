//! Requests that can be read, and requests that cannot.

mod forms;

use super::{
    Assertion, ClientCertificate, ID_TOKEN_BEARER, JWT_BEARER_ASSERTION, Presented, RequestForm,
};
use crate::refusal::Code;
use alloc::vec;
use alloc::vec::Vec;

fn base() -> Vec<(&'static str, &'static str)> {
    vec![
        ("grant_type", "client_credentials"),
        ("client_id", "app_1"),
        ("client_assertion_type", ID_TOKEN_BEARER),
        ("application_federated_credential_name", "deploy"),
        ("client_assertion", "a.b.c\n"),
        ("scope", "api.example.com|read:file api.example.com|write"),
    ]
}

fn with(name: &'static str, value: Option<&'static str>) -> Result<Presented, Code> {
    let mut parameters = base();
    parameters.retain(|(known, _)| *known != name);
    parameters.extend(value.map(|value| (name, value)));
    Presented::from_parameters(parameters).map_err(|refusal| refusal.code())
}

#[test]
fn a_request_is_read() {
    let presented = Presented::from_parameters(base()).unwrap();
    assert_eq!(presented.client_id.as_deref(), Some("app_1"));
    assert_eq!(presented.credential.as_deref(), Some("deploy"));
    assert_eq!(presented.assertion, Assertion::Oidc { token: "a.b.c".into() });
    assert_eq!(presented.scope.targets, ["api.example.com"]);
    assert_eq!(presented.scope.values, ["read:file", "write"]);
}

#[test]
fn wrong_parameters_are_refused() {
    let check = |name, value, code| assert_eq!(with(name, value).unwrap_err(), code, "{name}");
    check("grant_type", None, Code::ParameterMissing);
    check("grant_type", Some("password"), Code::UnsupportedGrantType);
    check("client_id", Some(""), Code::ParameterMissing);
    check("client_id", Some("a\u{0}b"), Code::ParameterInvalid);
    check("client_assertion_type", Some("urn:x"), Code::UnsupportedAssertionType);
    check("client_assertion", None, Code::ParameterMissing);
    check("application_federated_credential_name", None, Code::ParameterMissing);
    check("scope", None, Code::ParameterMissing);
    check("scope", Some("   "), Code::ScopeMalformed);
    check("scope", Some("read"), Code::ScopeMalformed);
    check("scope", Some("a|b|c"), Code::ScopeMalformed);
    check("scope", Some("|b"), Code::ScopeMalformed);
    check("scope", Some("a|"), Code::ScopeMalformed);
    check("scope", Some("a|b c|d"), Code::ScopeAudiences);
    assert!(with("unknown", Some("x")).is_ok());
}

#[test]
fn duplicated_parameters_are_refused() {
    for (name, _) in base() {
        let mut parameters = base();
        parameters.push((name, "x"));
        let refusal = Presented::from_parameters(parameters).unwrap_err();
        assert_eq!(refusal.code(), Code::ParameterDuplicated);
        assert_eq!(refusal.detail_text(), Some(name));
    }
}

#[test]
fn i10_a_proof_in_the_wrong_place_is_not_repeated() {
    let proof = "eyJhbGciOiJFUzI1NiJ9.".repeat(10);
    for name in ["grant_type", "client_assertion_type", "scope"] {
        let mut parameters = base();
        parameters.retain(|(known, _)| *known != name);
        parameters.push((name, &proof));
        let refusal = Presented::from_parameters(parameters).unwrap_err();
        assert_eq!(refusal.found_text(), Some("210 bytes"), "{name}");
    }
    let refusal = Presented::from_parameters([(&*proof, ""), (&proof, "")]).unwrap_err();
    assert_eq!(refusal.detail_text(), Some("210 bytes"));
}

#[test]
fn debug_shows_no_proof() {
    let text = alloc::format!("{:?}", Presented::from_parameters(base()).unwrap());
    assert!(!text.contains("a.b.c"), "{text}");
}

#[test]
fn a_certificate_of_tls_is_no_parameter_and_stands_for_no_other_proof() {
    let tls = [("grant_type", "client_credentials"), ("client_id", "app_1")];
    let shown = || Some(ClientCertificate::from_transport(vec![1], Vec::new()).unwrap());
    let check = |more: &[(&'static str, &'static str)], certificate, expect| {
        let parameters = tls.iter().chain(more).copied();
        let read = Presented::over_tls(parameters, certificate);
        let form = read.map(|presented| presented.form).map_err(|refusal| refusal.code());
        assert_eq!(form, expect, "{more:?}");
    };
    check(&[], shown(), Ok(RequestForm::TlsClient));
    check(&[("scope", "read")], shown(), Ok(RequestForm::TlsClient));
    check(&[("application_federated_credential_name", "a")], shown(), Ok(RequestForm::TlsClient));
    check(&[], None, Err(Code::ParameterMissing));
    check(&[("client_x509", "AQ==")], None, Err(Code::ParameterMissing));
    check(&[("client_assertion", "a.b.c")], shown(), Err(Code::ParameterMissing));
    let jwt = [("client_assertion_type", JWT_BEARER_ASSERTION), ("client_assertion", "a.b.c")];
    check(&jwt, shown(), Ok(RequestForm::ClientAssertion));
    check(&[("client_assertion_type", "urn:x")], shown(), Err(Code::UnsupportedAssertionType));
    let nameless = Presented::over_tls([tls[0]], shown()).unwrap_err();
    assert_eq!(
        (nameless.code(), nameless.detail_text()),
        (Code::ParameterMissing, Some("client_id"))
    );
}
