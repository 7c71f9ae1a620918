//! X.509-SVIDs by the standard ways: shown in a handshake of TLS, and in the header of an assertion.

use super::assertions::{CLAIMS, assertion, policy_with};
use super::decide_with;
use crate::policy::tests::load;
use crate::presented::{ClientCertificate, JWT_BEARER_ASSERTION, Presented};
use crate::signature::SignatureProvider;
use crate::x509::tests::forge::{
    Draft, FakeBackend, KEY_USAGE, Key, SUBJECT_ALT_NAME, sequence, tlv,
};
use crate::{Code, Verdict, base64};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

const ORDERS: &str = "spiffe://example.org/ns/shop/sa/orders";

/// The policy of certificates, for a trust domain.
fn policy(members: &str) -> String {
    let text = policy_with(members);
    let changes = [
        ("\"type\": \"pca\"", "\"type\": \"spiffe\", \"trust_domain\": \"example.org\""),
        ("\"provider\": \"idp\"", "\"provider\": \"idp\", \"discoverable\": true"),
        (
            "cert.subject.CN == 'leaf'",
            "cert.san.uri[0] == 'spiffe://example.org/ns/shop/sa/orders'",
        ),
    ];
    changes.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "{from} is not in {text}");
        text.replacen(from, to, 1)
    })
}

/// An SVID with these names, of the key that signs assertions; `usage` is the value of keyUsage.
fn svid(uris: &[&str], usage: &[u8]) -> Vec<u8> {
    let names: Vec<u8> = uris.iter().flat_map(|uri| tlv(0x86, uri.as_bytes())).collect();
    let draft = Draft::leaf("leaf", Key(1)).extension(KEY_USAGE, true, usage);
    draft.extension(SUBJECT_ALT_NAME, false, &sequence(&[&names])).der("root", Key(2))
}

const SIGNS: &[u8] = b"\x03\x02\x07\x80";
/// digitalSignature and keyCertSign.
const SIGNS_CERTIFICATES: &[u8] = b"\x03\x02\x02\x84";
/// keyEncipherment alone.
const ENCRYPTS: &[u8] = b"\x03\x02\x05\x20";

fn over_tls(leaf: Vec<u8>) -> Presented {
    let certificate = ClientCertificate::from_transport(leaf, Vec::new()).unwrap();
    let parameters = [("grant_type", "client_credentials"), ("client_id", "app_1")];
    Presented::over_tls(parameters, Some(certificate)).unwrap()
}

fn in_header(leaf: &[u8]) -> Presented {
    let header = format!(r#"{{"alg":"ES256","x5c":["{}"]}}"#, base64::encode_standard(leaf));
    let jwt = assertion(&header, &CLAIMS.replace("/oauth2/token", "/oauth2"));
    Presented::from_parameters([
        ("grant_type", "client_credentials"),
        ("client_assertion_type", JWT_BEARER_ASSERTION),
        ("client_assertion", &jwt),
    ])
    .unwrap()
}

/// The subject, or the code, and how many things are used up.
fn decide(policy: &str, presented: &Presented) -> Result<(String, usize), Code> {
    let provider = SignatureProvider { backends: &[&FakeBackend] };
    match decide_with(policy, provider, presented) {
        Verdict::Granted(grant) => Ok((grant.terms().subject().into(), grant.obligations().len())),
        Verdict::Refused(refusal) => Err(refusal.code()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_x509_svid_serves_where_its_trust_domain_says_so() {
    let good = svid(&[ORDERS], SIGNS);
    let (tls, header) = (over_tls(good.clone()), in_header(&good));
    let (accepts_tls, accepts_x5c) = (policy(r#""tls": "accept""#), policy(r#""x5c": "accept""#));
    assert_eq!(decide(&accepts_tls, &tls), Ok(("app_1:leaf".into(), 0)), "a handshake serves once");
    assert_eq!(decide(&accepts_x5c, &header), Ok(("app_1:leaf".into(), 1)), "its jti is used up");
    // Neither way is open by the other, or by itself.
    assert_eq!(decide(&accepts_x5c, &tls), Err(Code::IssuerUnknown));
    assert_eq!(decide(&accepts_tls, &header), Err(Code::CertificateInHeader));
    assert_eq!(decide(&policy(""), &tls), Err(Code::IssuerUnknown));
    assert_eq!(decide(&policy(""), &header), Err(Code::CertificateInHeader));
}

#[test]
fn what_is_no_svid_of_the_workload_is_refused_each_way() {
    let (accepts_tls, accepts_x5c) = (policy(r#""tls": "accept""#), policy(r#""x5c": "accept""#));
    let other = "spiffe://example.org/ns/shop/sa/carts";
    let check = |uris: &[&str], usage: &[u8]| {
        let leaf = svid(uris, usage);
        let shown = decide(&accepts_tls, &over_tls(leaf.clone()));
        assert_eq!(shown, decide(&accepts_x5c, &in_header(&leaf)), "{uris:?} {usage:?}");
        shown.unwrap_err()
    };
    // Another one, two that are one certificate's, a name that begins alike.
    for uris in [
        &[other][..],
        &[other, ORDERS],
        &[ORDERS, other],
        &["spiffe://example.org.evil/ns/shop/sa/orders"],
    ] {
        assert_eq!(check(uris, SIGNS), Code::CredentialNotFound, "{uris:?}");
    }
    // An SVID signs, and no certificates.
    assert_eq!(check(&[ORDERS], SIGNS_CERTIFICATES), Code::CertificateIsCa);
    assert_eq!(check(&[ORDERS], ENCRYPTS), Code::CertificateKeyUsage);
}

#[test]
fn tokens_of_a_trust_domain_come_in_no_certificate() {
    let by_keys = |members: &str| {
        let text = policy(members);
        let start = text.find("\"roots\"").unwrap();
        let end = text[start..].find(']').unwrap() + start + 1;
        let keys = r#""issuer": "https://spire.example.org", "audiences": ["x"], "keys": { "discovery": true }"#;
        text.replace(&text[start..end], keys)
            .replace("cert.san.uri[0]", "jwt.claims.sub")
            .replace("\"cert.subject.CN\"", "\"jwt.claims.sub\"")
    };
    assert!(load(&by_keys("")).is_ok(), "{:?}", load(&by_keys("")));
    for member in ["tls", "x5c"] {
        let errors = load(&by_keys(&format!("\"{member}\": \"accept\""))).unwrap_err();
        assert_eq!(errors[0].pointer, format!("/providers/idp/{member}"));
    }
}
