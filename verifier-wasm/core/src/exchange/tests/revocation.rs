//! Exchanges of assertions under revocation lists: from the policy, from an address, given along.

use super::assertions::{CLAIMS, HEADER, assertion, policy_with, presented};
use super::{Exchange, NOW, Trace, load};
use crate::keys::KeyRing;
use crate::limits::{CRL_FRESH, FETCH_BACK_OFF};
use crate::signature::SignatureProvider;
use crate::verdict::Source;
use crate::x509::Crl;
use crate::x509::tests::forge::list::ListDraft;
use crate::x509::tests::forge::{self, FakeBackend, Key};
use crate::{Code, PublicCode, UnixTime, Verdict, base64};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

const URL: &str = "https://pki.example.com/root.crl";

fn now() -> UnixTime {
    UnixTime::from_seconds(NOW)
}

/// A list of the root that holds now, in January 2027.
fn current() -> ListDraft {
    ListDraft::new().holds("270101000000Z", "270201000000Z")
}

fn revoking() -> ListDraft {
    current().revoking(&[1])
}

fn stale() -> ListDraft {
    ListDraft::new().holds("261201000000Z", "270101000000Z")
}

fn der(draft: &ListDraft) -> Vec<u8> {
    draft.der("root", Key(2))
}

fn given(draft: &ListDraft) -> String {
    format!(r#""crls": [{{"pem": "{}"}}]"#, base64::encode_standard(&der(draft)))
}

/// `Ok` when a token is granted; what is wanted counts as the source's addresses.
fn decide_at(
    members: &str,
    ring: &KeyRing,
    now: UnixTime,
) -> Result<(), Result<Code, Vec<String>>> {
    let policy = load(&policy_with(members)).unwrap();
    let signatures = SignatureProvider { backends: &[&FakeBackend] };
    let jwt = assertion(HEADER, CLAIMS);
    let presented = presented("app_1", &jwt, &forge::any_leaf(), "api.example.com|write");
    let exchange = Exchange { policy: &policy, keys: ring, signatures, now, own: None };
    match exchange.decide(&presented, &mut Trace::none()) {
        Verdict::Granted(_) => Ok(()),
        Verdict::Refused(refusal) => Err(Ok(refusal.code())),
        Verdict::Wanting(Source::Crls { urls }) => Err(Err(urls)),
        Verdict::Wanting(other) => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(members: &str, ring: &KeyRing, expect: Result<(), Code>) {
    assert_eq!(decide_at(members, ring, now()), expect.map_err(Ok), "{members:.40}");
}

#[test]
fn x28_lists_of_the_policy_are_required_unless_it_says_otherwise() {
    let none = KeyRing::default();
    check("", &none, Ok(()));
    check(&given(&current()), &none, Ok(()));
    check(&given(&revoking()), &none, Err(Code::CertificateRevoked));
    check(&given(&stale()), &none, Err(Code::CrlStale));
    let foreign = current().der("other", Key(3));
    let foreign = format!(r#""crls": ["{}"]"#, base64::encode_standard(&foreign));
    check(&foreign, &none, Err(Code::CrlMissing));
    check(r#""require_crls": true"#, &none, Err(Code::CrlMissing));

    let optional = |members: String| format!(r#"{members}, "require_crls": false"#);
    check(&optional(given(&stale())), &none, Ok(()));
    check(&optional(foreign), &none, Ok(()));
    check(&optional(given(&revoking())), &none, Err(Code::CertificateRevoked));
    check(&optional(given(&stale().revoking(&[1]))), &none, Err(Code::CertificateRevoked));
}

#[test]
fn x28_a_list_at_an_address_is_wanted_and_then_holds() {
    let members = format!(r#""crls": [{{"url": "{URL}"}}]"#);
    let wanted = Err(Err([URL.into()].into()));
    let mut ring = KeyRing::default();
    assert_eq!(decide_at(&members, &ring, now()), wanted);
    ring.fetched_crl(URL, &der(&current()), now()).unwrap();
    check(&members, &ring, Ok(()));
    // The revocation is seen when the list is fetched again.
    let later = now().plus(CRL_FRESH);
    assert_eq!(decide_at(&members, &ring, later), wanted);
    let newer = ListDraft::new().holds("270102000000Z", "270201000000Z").revoking(&[1]);
    ring.fetched_crl(URL, &der(&newer), now()).unwrap();
    check(&members, &ring, Err(Code::CertificateRevoked));
}

#[test]
fn x28_a_list_that_cannot_be_fetched_refuses_when_it_is_required() {
    let required = format!(r#""crls": [{{"url": "{URL}"}}]"#);
    let optional = format!(r#"{required}, "require_crls": false"#);
    let mut ring = KeyRing::default();
    ring.failed_crl(URL, now());
    check(&required, &ring, Err(Code::CrlUnavailable));
    check(&optional, &ring, Ok(()));
    // The caller is to try again, and is told nothing of the path.
    assert_eq!(Code::CrlUnavailable.public(), PublicCode::TemporarilyUnavailable);
    let again = now().plus(FETCH_BACK_OFF);
    assert_eq!(decide_at(&required, &ring, again), Err(Err([URL.into()].into())));
    // One that is held and has run out says so.
    ring.fetched_crl(URL, &der(&stale()), now()).unwrap();
    check(&required, &ring, Err(Code::CrlStale));
    check(&optional, &ring, Ok(()));
    // Another list may settle it.
    let both =
        format!(r#""crls": [{{"url": "{URL}"}}, "{}"]"#, base64::encode_standard(&der(&current())));
    check(&both, &ring, Ok(()));
}

#[test]
fn several_addresses_are_wanted_at_once() {
    let urls: Vec<String> = (0..3).map(|i| format!("https://pki.example.com/{i}.crl")).collect();
    let members = format!(
        r#""crls": [{{"url": "{}"}}, {{"url": "{}"}}, {{"url": "{}"}}]"#,
        urls[0], urls[1], urls[2]
    );
    let mut ring = KeyRing::default();
    assert_eq!(decide_at(&members, &ring, now()), Err(Err(urls.clone())));
    ring.fetched_crl(&urls[1], &der(&current()), now()).unwrap();
    assert_eq!(decide_at(&members, &ring, now()), Err(Err([0, 2].map(|i| urls[i].clone()).into())));
    ring.failed_crl(&urls[0], now());
    ring.failed_crl(&urls[2], now());
    check(&members, &ring, Ok(()));
}

#[test]
fn lists_that_come_with_the_question_are_heeded() {
    let mut ring = KeyRing::default();
    ring.give_crl(Crl::from_der(&der(&current())).unwrap());
    check("", &ring, Ok(()));
    check(r#""require_crls": true"#, &ring, Ok(()));
    ring.give_crl(Crl::from_der(&der(&revoking())).unwrap());
    check("", &ring, Err(Code::CertificateRevoked));
}

#[test]
fn x28_an_explanation_says_whether_revocation_was_checked() {
    let explained = |members: &str| {
        let policy = load(&policy_with(members)).unwrap();
        let signatures = SignatureProvider { backends: &[&FakeBackend] };
        let jwt = assertion(HEADER, CLAIMS);
        let presented = presented("app_1", &jwt, &forge::any_leaf(), "api.example.com|write");
        let keys = KeyRing::default();
        let exchange = Exchange { policy: &policy, keys: &keys, signatures, now: now(), own: None };
        let (verdict, explanation) = exchange.explain(&presented);
        assert!(matches!(verdict, Verdict::Granted(_)), "{verdict:?}");
        let path = explanation.notes().iter().find(|note| note.step == crate::Step::Path);
        path.and_then(|note| note.found.clone()).unwrap()
    };
    assert_eq!(explained(&given(&current())), "CN=leaf; revocation was checked");
    let unchecked = "CN=leaf; revocation was not checked for every certificate of the path";
    assert_eq!(explained(""), unchecked);
}

#[test]
fn lists_of_a_policy_come_in_bundles_and_over_http() {
    let crls = |members: &str| {
        let policy = load(&policy_with(members)).unwrap();
        let provider = policy.providers().next().unwrap().1;
        match provider.kind() {
            crate::policy::ProviderKind::Pca(pca) => pca.crls().len(),
            _ => 0,
        }
    };
    assert_eq!(crls(r#""crls": [{"url": "http://pki/a.crl"}, {"url": "https://pki/a.crl"}]"#), 2);
    let block = |draft: &ListDraft| {
        let base64 = base64::encode_standard(&der(draft));
        format!("-----BEGIN X509 CRL-----\\n{base64}\\n-----END X509 CRL-----\\n")
    };
    let bundle = format!(r#""crls": ["{}{}"]"#, block(&current()), block(&revoking()));
    assert_eq!(crls(&bundle), 2);
    check(&bundle, &KeyRing::default(), Err(Code::CertificateRevoked));
    // All that they hold together is bounded as single ones are.
    let many = |count| {
        format!(r#""crls": ["{}", "{}"]"#, block(&current()).repeat(count), block(&current()))
    };
    assert_eq!(crls(&many(crate::limits::CRLS - 1)), crate::limits::CRLS);
    let errors = load(&policy_with(&many(crate::limits::CRLS))).expect_err("too many");
    assert!(format!("{}", errors[0]).contains("too many revocation lists"), "{}", errors[0]);
}

#[test]
fn lists_of_a_policy_are_lists_from_one_place() {
    let refused = |members: &str, place: &str, message: &str| {
        let errors = load(&policy_with(members)).expect_err("the policy must not load");
        let errors: Vec<String> = errors.iter().map(|error| format!("{error}")).collect();
        let place = format!("/providers/idp/{place}: ");
        assert!(
            errors.iter().any(|error| error.starts_with(&place) && error.contains(message)),
            "{errors:#?}"
        );
    };
    refused(r#""crls": []"#, "crls", "empty");
    refused(r#""crls": {}"#, "crls", "object");
    refused(r#""crls": [{}]"#, "crls/0", "exactly one source");
    refused(
        &format!(r#""crls": [{{"url": "{URL}", "pem": "x"}}]"#),
        "crls/0",
        "exactly one source",
    );
    refused(
        r#""crls": [{"url": "ldap:///CN=a?certificateRevocationList"}]"#,
        "crls/0/url",
        "https",
    );
    refused(r#""crls": [{"url": "http://user@pki/a.crl"}]"#, "crls/0/url", "https");
    refused(r#""crls": [{"url": "https://user@pki/a.crl"}]"#, "crls/0/url", "https");
    refused(r#""crls": [{"uri": "https://pki/a.crl"}]"#, "crls/0/uri", "not known");
    refused(r#""crls": ["AA=="]"#, "crls/0", "crl_malformed");
    refused(r#""crls": [{"pem": 1}]"#, "crls/0/pem", "integer");
    refused(r#""require_crls": "yes""#, "require_crls", "string");
    let delta = current().extension(forge::list::DELTA_CRL_INDICATOR, true, b"\x02\x01\x01");
    refused(&given(&delta), "crls/0/pem", "unsupported_crl_delta");
    let many = format!(r#"{{"url": "{URL}"}},"#).repeat(crate::limits::CRLS + 1);
    refused(&format!(r#""crls": [{}]"#, many.trim_end_matches(',')), "crls", "too many");
}
