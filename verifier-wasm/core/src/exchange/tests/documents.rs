//! Exchanges of documents: what a stranger, who can sign nothing, learns from a refusal.

use super::{NOW, decide_with, document};
use crate::base64;
use crate::cms::tests::{ec2_message, ecs_message, signer_certificate};
use crate::exchange::Exchange;
use crate::jose::tests::fake;
use crate::keys::KeyRing;
use crate::presented::{PKCS7_BEARER, Presented};
use crate::{Code, PublicCode, Refusal, UnixTime, Verdict};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The policy of the other tests with an ECS provider in the place of its OIDC provider.
pub(super) fn policy() -> String {
    let plain = document(&[]);
    let start = plain.find("\"type\": \"oidc\"").unwrap();
    let end = plain.find("  },\n  \"resources\"").unwrap();
    let provider = format!(
        r#""type": "pkcs7", "profile": "alibaba_ecs", "audience": "idaas_1",
           "signers": [{{ "pem": "{}" }}] }}
"#,
        base64::encode_standard(&signer_certificate())
    );
    document(&[
        (&plain[start..end], &provider),
        ("jwt.claims.sub == \\\"workload\\\"", "pkcs7.payload.jsonData.'owner-account-id' == '1'"),
        ("\"provider\": \"idp\"", "\"provider\": \"idp\", \"binds\": \"group\""),
        ("jwt.claims.run", "pkcs7.payload.jsonData.'instance-id'"),
    ])
}

fn presented(client: &str, message: &[u8]) -> Presented {
    Presented::from_parameters([
        ("grant_type", "client_credentials"),
        ("client_id", client),
        ("client_assertion_type", PKCS7_BEARER),
        ("application_federated_credential_name", "main"),
        ("client_assertion", &base64::encode_standard(message)),
        ("scope", "api.example.com|write"),
    ])
    .unwrap()
}

fn refusal(client: &str, message: &[u8]) -> Refusal {
    match decide_with(&policy(), fake::PROVIDER, &presented(client, message)) {
        Verdict::Refused(refusal) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn i09_a_forged_document_does_not_tell_which_clients_exist() {
    let check = |message: &[u8], of_known: Code| {
        let known = refusal("app_1", message).code();
        let unknown = refusal("app_2", message).code();
        assert_eq!(known, of_known);
        assert_eq!(known.public(), unknown.public(), "{known:?} {unknown:?}");
    };
    let forged = |content: &str| {
        let mut message = ecs_message(Some(content));
        *message.last_mut().unwrap() ^= 1;
        message
    };
    check(&forged("{}"), Code::CmsSignatureInvalid);
    check(&forged("no JSON"), Code::JsonMalformed);
    check(&forged("[]"), Code::JsonMalformed);
    check(&forged(r#"{"a":1,"a":1}"#), Code::JsonDuplicateMember);
    check(&forged(&format!("{{{}}}", " ".repeat(9000))), Code::CmsTooLarge);
    check(&ecs_message(None), Code::CmsContentDetached);
    // Of a form that another profile demands.
    check(&ec2_message(), Code::CmsAttributes);
}

/// A wrong audience says nothing about the time beside it: mending the one must not seem to need the other.
#[test]
fn another_audience_leaves_the_age_as_it_is() {
    let content = r#"{"owner-account-id":"1","audience":{"aud":"x","signingTime":1799999990}}"#;
    let presented = presented("app_1", &ecs_message(Some(content)));
    let policy = crate::policy::tests::load(&policy()).unwrap();
    let (keys, now) = (KeyRing::default(), UnixTime::from_seconds(NOW));
    let exchange =
        Exchange { policy: &policy, keys: &keys, signatures: fake::PROVIDER, now, own: None };
    let (_, explanation) = exchange.explain(&presented);
    let codes: Vec<Code> = explanation.failures().map(Refusal::code).collect();
    assert_eq!(codes, [Code::DocumentAudience, Code::MappingError]);
}

#[test]
fn what_the_signer_signed_is_judged_further() {
    let content = r#"{"owner-account-id":"1","audience":"{\"aud\":\"x\",\"signingTime\":1}"}"#;
    let code = refusal("app_1", &ecs_message(Some(content))).code();
    assert_eq!(code, Code::DocumentAudience);
    assert_eq!(code.public(), PublicCode::WrongAudience);
    let others: Vec<Code> = ["{}", r#"{"audience":"idaas_1"}"#]
        .map(|content| refusal("app_1", &ecs_message(Some(content))).code())
        .into();
    assert_eq!(others, [Code::DocumentAudienceMissing, Code::DocumentTimeMissing]);
}
