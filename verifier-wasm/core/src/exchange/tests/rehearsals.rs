//! What was recorded of a request is decided as the request was, in each of its forms; in another form as that would be.

use super::assertions::{CLAIMS as OF_CERTIFICATE, HEADER, assertion, policy_with};
use super::{CLAIMS, NOW, document, documents, signed_by_clients as own, token};
use crate::cms::tests::ecs_message;
use crate::exchange::{Exchange, Rehearsal};
use crate::jose::tests::fake;
use crate::keys::KeyRing;
use crate::policy::tests::load;
use crate::presented::{
    ClientCertificate, ID_TOKEN_BEARER, ID_TOKEN_TYPE, JWT_BEARER_ASSERTION, JWT_BEARER_GRANT,
    JWT_SPIFFE_ASSERTION, PKCS7_BEARER, PKCS7_TYPE, Presented, TOKEN_EXCHANGE_GRANT,
    X509_JWT_BEARER,
};
use crate::recorded::Recorded;
use crate::signature::SignatureProvider;
use crate::x509::tests::forge::{self, FakeBackend};
use crate::{Code, RequestForm, UnixTime, Verdict, base64};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const NAMED: [(&str, &str); 2] =
    [("client_id", "app_1"), ("application_federated_credential_name", "main")];
const DISCOVERABLE: (&str, &str) =
    ("\"provider\": \"idp\"", "\"provider\": \"idp\", \"discoverable\": true");

type Expect<'a> = Result<&'a str, Code>;

/// A request with this proof in a form, and these names.
fn request(form: RequestForm, proof: &str, names: &[(&str, &str)]) -> Presented {
    let client = |assertion_type| {
        [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", assertion_type),
            ("client_assertion", proof),
        ]
    };
    let parameters = match form {
        RequestForm::JwtBearer => {
            [("grant_type", JWT_BEARER_GRANT), ("assertion", proof), ("unknown", "")]
        }
        RequestForm::TokenExchange => [
            ("grant_type", TOKEN_EXCHANGE_GRANT),
            ("subject_token", proof),
            ("subject_token_type", if proof.contains('.') { ID_TOKEN_TYPE } else { PKCS7_TYPE }),
        ],
        RequestForm::ClientAssertion => client(JWT_BEARER_ASSERTION),
        RequestForm::SpiffeAssertion => client(JWT_SPIFFE_ASSERTION),
        _ if proof.contains('.') => client(ID_TOKEN_BEARER),
        _ => client(PKCS7_BEARER),
    };
    let scope = [("scope", "api.example.com|write")];
    let all = parameters.iter().chain(names).chain(&scope).copied();
    Presented::from_parameters(all).unwrap()
}

/// Decides the request. What was stated comes back to be judged again, with the names that a record has.
#[track_caller]
fn live(policy: &str, presented: &Presented, expect: Expect<'_>) -> Rehearsal {
    let (policy, keys) = (load(policy).unwrap(), KeyRing::default());
    let now = UnixTime::from_seconds(NOW);
    let backends = [&FakeBackend, fake::PROVIDER.backends[0]];
    let signatures = SignatureProvider { backends: &backends };
    let exchange = Exchange { policy: &policy, keys: &keys, signatures, now, own: None };
    let (verdict, explanation) = exchange.explain(presented);
    let decided = match verdict {
        Verdict::Granted(grant) => Ok(grant.terms().subject().to_string()),
        Verdict::Refused(refusal) => Err(refusal.code()),
        other => panic!("{other:?}"),
    };
    assert_eq!(decided, expect.map(ToString::to_string), "live, {presented:?}");
    let given = explanation.facts().expect("what was stated").redacted().to_json();
    // Of the assertion of a certificate nothing else is recorded: the record says whose it was.
    let bound = given.contains("certificate").then(|| "app_1".to_string());
    Rehearsal {
        form: presented.form,
        client_id: presented.client_id.clone().or(bound),
        credential: presented.credential.clone(),
        given: Recorded::from_json(&given.into()).unwrap(),
        scope: presented.scope.clone(),
        at: now,
    }
}

#[track_caller]
fn judged(policy: &str, rehearsal: &Rehearsal, expect: Expect<'_>) {
    let judged = match rehearsal.judge(&load(policy).unwrap()).0 {
        Ok(terms) => Ok(terms.subject().to_string()),
        Err(refusal) => Err(refusal.code()),
    };
    assert_eq!(judged, expect.map(ToString::to_string), "judged again, {rehearsal:?}");
}

/// Decides the request and what was recorded of it, which must come to the same.
#[track_caller]
fn check(policy: &str, presented: &Presented, expect: Expect<'_>) -> Rehearsal {
    let rehearsal = live(policy, presented, expect);
    judged(policy, &rehearsal, expect);
    rehearsal
}

const TOKEN_FORMS: [RequestForm; 3] =
    [RequestForm::JwtBearer, RequestForm::TokenExchange, RequestForm::ClientAssertion];

#[test]
fn a_token_of_an_issuer() {
    let policy = document(&[DISCOVERABLE]);
    let other = token(&CLAIMS.replace("workload", "other"));
    let elsewhere = token(&CLAIMS.replace("\"https://sts.example.com\"", "\"https://x\""));
    for form in [RequestForm::Idaas].iter().chain(&TOKEN_FORMS).copied() {
        let check = |jwt: &str, expect| check(&policy, &request(form, jwt, &NAMED), expect);
        check(&token(CLAIMS), Ok("app_1:urn:x:7"));
        check(&other, Err(Code::VerificationConditionFalse));
        check(&elsewhere, Err(Code::AudienceWrong));
    }
    for form in TOKEN_FORMS {
        let check = |jwt: &str, expect| check(&policy, &request(form, jwt, &[]), expect);
        check(&token(CLAIMS), Ok("app_1:urn:x:7"));
        check(&other, Err(Code::CredentialNotFound));
        check(&elsewhere, Err(Code::AudienceWrong));
    }
}

#[test]
fn what_a_client_signs_is_no_grant() {
    let (policy, claims) = (own::policy(), own::claims_of("app_a"));
    let of_a = [("client_id", "app_a"), NAMED[1]];
    let form = RequestForm::ClientAssertion;
    let named = request(form, &own::signed(&claims, 2), &of_a);
    let found = request(form, &own::signed(&claims, 2), &[]);
    for (presented, code) in [(named, Code::ProviderKind), (found, Code::IssuerUnknown)] {
        let rehearsal = check(&policy, &presented, Ok("app_a"));
        for form in [RequestForm::Idaas, RequestForm::JwtBearer, RequestForm::TokenExchange] {
            judged(&policy, &Rehearsal { form, ..rehearsal.clone() }, Err(code));
        }
    }
    let other = claims.replace(r#""sub":"app_a""#, r#""sub":"app_b""#);
    check(&policy, &request(form, &own::signed(&other, 2), &[]), Err(Code::SubjectWrong));
}

#[test]
fn an_svid_is_known_by_its_trust_domain_and_names_this_issuer() {
    let plain = document(&[]);
    let (start, end) =
        (plain.find("\"type\": \"oidc\"").unwrap(), plain.find("\"keys\": {").unwrap());
    let policy = document(&[
        DISCOVERABLE,
        (
            &plain[start..end],
            r#""type": "spiffe", "trust_domain": "example.org", "audiences": ["https://sts.example.com"], "#,
        ),
        ("workload", "spiffe://example.org/sa/orders"),
    ]);
    let svid = |audience: &str| {
        token(&format!(
            r#"{{"sub":"spiffe://example.org/sa/orders","aud":"{audience}","tenant":"t1","run":"7","exp":1800000300}}"#
        ))
    };
    let (issuer, others) = ("https://sts.example.com/oauth2", "https://sts.example.com");
    let form = RequestForm::SpiffeAssertion;
    for (names, code) in [(&[][..], Code::IssuerUnknown), (&NAMED, Code::AudienceWrong)] {
        let good = check(&policy, &request(form, &svid(issuer), names), Ok("app_1:urn:x:7"));
        check(&policy, &request(form, &svid(others), names), Err(Code::AudienceWrong));
        // As a token of an issuer it would be for another audience, and is of no issuer.
        let token = Rehearsal { form: RequestForm::TokenExchange, ..good };
        judged(&policy, &token, Err(code));
    }
    check(&policy, &request(RequestForm::JwtBearer, &svid(others), &NAMED), Ok("app_1:urn:x:7"));
}

/// The policy of certificates with more members of the provider, its credential discoverable.
fn certificates(members: &str) -> String {
    policy_with(members).replace(DISCOVERABLE.0, DISCOVERABLE.1)
}

const X5C: &str = r#""x5c": "accept""#;
const TLS: &str = r#""tls": "accept""#;

#[test]
fn a_certificate_counts_where_it_may_be_shown() {
    let leaf = base64::encode_standard(&forge::any_leaf());
    let header = format!(r#"{{"alg":"ES256","x5c":["{leaf}"]}}"#);
    let jwt = assertion(&header, &OF_CERTIFICATE.replace("/oauth2/token", "/oauth2"));
    let x5c = |names: &[(&str, &str)]| request(RequestForm::ClientAssertion, &jwt, names);
    let tls = |names: &[(&str, &str)]| {
        let parameters = [("grant_type", "client_credentials"), ("scope", "api.example.com|write")];
        let certificate = ClientCertificate::from_transport(forge::any_leaf(), Vec::new()).unwrap();
        let all = parameters.iter().chain(names).copied();
        Presented::over_tls(all, Some(certificate)).unwrap()
    };
    let (found, named) = (&NAMED[..1], &NAMED[..]);
    let in_header = Code::CertificateInHeader;
    for (presented, members, other, refused) in [
        (x5c(&[]), X5C, TLS, in_header),
        (x5c(found), X5C, TLS, in_header),
        (x5c(named), X5C, TLS, in_header),
        (tls(found), TLS, X5C, Code::IssuerUnknown),
        (tls(named), TLS, X5C, Code::ProviderKind),
    ] {
        let condition = match presented.credential {
            Some(_) => Code::VerificationConditionFalse,
            None => Code::CredentialNotFound,
        };
        let of_another = |members| certificates(members).replace("== 'leaf'", "== 'other'");
        let good = check(&certificates(members), &presented, Ok("app_1:leaf"));
        check(&of_another(members), &presented, Err(condition));
        for members in ["", other] {
            judged(&certificates(members), &good, Err(refused));
        }
    }
    // Beside the assertion it is for every provider of a private CA.
    let jwt = assertion(HEADER, OF_CERTIFICATE);
    let beside = Presented::from_parameters([
        ("grant_type", "client_credentials"),
        NAMED[0],
        NAMED[1],
        ("client_assertion_type", X509_JWT_BEARER),
        ("client_assertion", &jwt),
        ("client_x509", &leaf),
        ("scope", "api.example.com|write"),
    ]);
    let good = check(&certificates(""), &beside.unwrap(), Ok("app_1:leaf"));
    judged(&certificates(X5C), &good, Ok("app_1:leaf"));
    // No such request brings a certificate.
    for form in [RequestForm::JwtBearer, RequestForm::TokenExchange, RequestForm::SpiffeAssertion] {
        let none = Rehearsal { form, ..good.clone() };
        judged(&certificates(X5C), &none, Err(Code::ProviderKind));
    }
}

#[test]
fn a_document() {
    let policy = documents::policy();
    let message = |owner: &str| {
        let content = format!(
            r#"{{"owner-account-id":"{owner}","instance-id":"i-1","audience":{{"aud":"idaas_1","signingTime":1799999990}}}}"#
        );
        base64::encode_standard(&ecs_message(Some(&content)))
    };
    for form in [RequestForm::Idaas, RequestForm::TokenExchange] {
        let good = check(&policy, &request(form, &message("1"), &NAMED), Ok("app_1:urn:x:i-1"));
        let other = request(form, &message("2"), &NAMED);
        check(&policy, &other, Err(Code::VerificationConditionFalse));
        let none = Rehearsal { form: RequestForm::ClientAssertion, ..good };
        judged(&policy, &none, Err(Code::ProviderKind));
    }
}
