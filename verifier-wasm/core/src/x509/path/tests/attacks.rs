//! Known attacks on paths, each with a twin that is good.

use super::*;
use crate::json::Value;
use crate::x509::tests::forge::{ECDSA_SHA256, SUBJECT_ALT_NAME, name, tlv, validity};

/// AlgorithmIdentifier of ecdsa-with-SHA1 and ecdsa-with-SHA384.
const ECDSA_SHA1: &[u8] = b"\x30\x09\x06\x07\x2a\x86\x48\xce\x3d\x04\x01";
const ECDSA_SHA384: &[u8] = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03";

fn with_algorithms(draft: Draft, inner: &[u8], outer: &[u8]) -> Draft {
    draft.with("algorithm", inner).with("outer algorithm", outer)
}

#[test]
fn x03_an_expired_cross_certificate_does_not_end_the_search() {
    let rules = any_use();
    let anchors = [root().anchor("root", ROOT), Draft::authority("old", B).anchor("old", B)];
    let leaf = leaf().signed_by("a", A);
    let expired = a().valid("200101000000Z", "210101000000Z").signed_by("old", B);
    let good = a().signed_by("root", ROOT);
    check(&leaf, &[expired.clone(), good.clone()], &anchors, &rules, GOOD);
    check(&leaf, &[good, expired.clone()], &anchors, &rules, GOOD);
    check(&leaf, &[expired], &anchors, &rules, Err(Code::CertificateExpired));
}

#[test]
fn x13_a_second_name_of_a_kind_is_seen() {
    let uri = |text: &str| tlv(0x86, text.as_bytes());
    let san = |names: &[&[u8]]| {
        let draft = leaf().extension(SUBJECT_ALT_NAME, false, &sequence(names));
        let facts = draft.signed_by("a", A).facts();
        facts.get("san").and_then(|san| san.get("uri")).cloned()
    };
    let (wanted, other) = (uri("https://td/a"), uri("https://td/b"));
    let length = |value: Option<Value>| value.and_then(|v| v.as_array().map(<[_]>::len));
    assert_eq!(length(san(&[&wanted])), Some(1));
    assert_eq!(length(san(&[&wanted, &other])), Some(2));
    // One that is no plain URI hides the whole kind, and so does a second one beside a SPIFFE ID.
    assert_eq!(san(&[&wanted, &uri("https://td/*")]), None);
    assert_eq!(length(san(&[&uri("spiffe://td/a")])), Some(1));
    assert_eq!(san(&[&uri("spiffe://td/a"), &uri("spiffe://td/b")]), None);
    assert_eq!(san(&[&wanted, &uri("spiffe://td/b")]), None);
}

#[test]
fn x14_inner_and_outer_algorithm_are_one() {
    let read = |inner: &[u8], outer: &[u8]| {
        let der = with_algorithms(leaf(), inner, outer).der("root", ROOT);
        Certificate::from_der(&der).map(drop).map_err(|refusal| refusal.code())
    };
    let mismatch = Err(Code::CertificateAlgorithmMismatch);
    assert_eq!(read(ECDSA_SHA256, ECDSA_SHA256), Ok(()));
    assert_eq!(read(ECDSA_SHA256, ECDSA_SHA384), mismatch);
    // The same algorithm with other parameters.
    let with_null = [b"\x30\x0c", &ECDSA_SHA256[2..], b"\x05\x00"].concat();
    assert_eq!(read(ECDSA_SHA256, &with_null), mismatch);
}

#[test]
fn x16_a_link_that_is_signed_over_sha_1_is_none_and_a_root_may_be() {
    let rules = any_use();
    let weak = |draft: Draft| with_algorithms(draft, ECDSA_SHA1, ECDSA_SHA1);
    check_three(&leaf(), &a(), &weak(root()), &rules, GOOD);
    let refused = Err(Code::UnsupportedCertificateAlgorithm);
    check_three(&weak(leaf()), &a(), &root(), &rules, refused);
    check_three(&leaf(), &weak(a()), &root(), &rules, refused);
}

#[test]
fn x18_an_anchor_is_its_name_and_its_whole_key() {
    let rules = any_use();
    let leaf = leaf().signed_by("root", ROOT);
    check(&leaf, &[], &[root().anchor("root", ROOT)], &rules, Ok("leaf root"));
    // The name alone, and the key alone.
    let other_key = Draft::authority("root", OTHER).anchor("root", OTHER);
    check(&leaf, &[], &[other_key], &rules, Err(Code::PathSignatureInvalid));
    let other_name = Draft::authority("other", ROOT).anchor("other", ROOT);
    check(&leaf, &[], &[other_name], &rules, Err(Code::PathNotFound));
}

#[test]
fn x19_der_has_one_form() {
    let good = leaf().der("root", ROOT);
    let read = |der: &[u8]| Certificate::from_der(der).map(drop).map_err(|refusal| refusal.code());
    assert_eq!(read(&good), Ok(()));
    let malformed = Err(Code::CertificateMalformed);
    assert_eq!(read(&[good.as_slice(), b"\x00"].concat()), malformed);
    assert_eq!(read(&good[..good.len() - 1]), malformed);
    // The outer length in one byte more than it needs, and no length at all.
    let contents = &good[4..];
    let longer = [&[0x30, 0x83, 0, good[2], good[3]], contents].concat();
    assert_eq!(read(&longer), malformed);
    let indefinite = [b"\x30\x80", contents, b"\x00\x00"].concat();
    assert_eq!(read(&indefinite), malformed);
    for serial in [&b"\x02\x01\x00"[..], b"\x02\x01\xff", b"\x02\x02\x00\x01", &[2, 21, 1, 0][..]] {
        let mut serial = serial.to_vec();
        serial.resize(2 + usize::from(serial[1]), 0);
        let der = leaf().with("serial", &serial).der("root", ROOT);
        assert_eq!(read(&der), Err(Code::CertificateSerial), "{serial:02x?}");
    }
}

#[test]
fn x20_a_huge_identifier_is_no_small_one() {
    let rules = PathRules { key_use: KeyUse::Named(&[CLIENT]), ..any_use() };
    check_three(&leaf().usages(&[CLIENT_AUTH]), &a(), &root(), &rules, GOOD);
    // The last arc is 2 plus 2^32, and 2 plus 2^64.
    for arc in [&b"\x90\x80\x80\x80\x02"[..], b"\x82\x80\x80\x80\x80\x80\x80\x80\x80\x02"] {
        let usage = tlv(0x06, &[b"\x2b\x06\x01\x05\x05\x07\x03", arc].concat());
        let refused = Err(Code::CertificateExtendedKeyUsage);
        check_three(&leaf().usages(&[&usage]), &a(), &root(), &rules, refused);
    }
}

#[test]
fn x21_nesting_and_claimed_lengths_cost_nothing() {
    let mut nested = Vec::new();
    for _ in 0..4_000 {
        nested = tlv(0x30, &nested);
        if nested.len() > 15_000 {
            break;
        }
    }
    let claimed = b"\x30\x84\xff\xff\xff\xf0\x30\x00";
    for der in [nested.as_slice(), claimed] {
        assert_eq!(
            Certificate::from_der(der).err().map(|refusal| refusal.code()),
            Some(Code::CertificateMalformed)
        );
    }
    let subject = leaf().with("subject", &nested[..nested.len().min(8)]).der("root", ROOT);
    assert_eq!(
        Certificate::from_der(&subject).err().map(|refusal| refusal.code()),
        Some(Code::CertificateMalformed)
    );
    assert!(Certificate::from_der(&leaf().der("root", ROOT)).is_ok());
}

#[test]
fn x23_every_certificate_of_a_path_is_valid_at_the_time() {
    let rules = any_use();
    let past = |draft: Draft| draft.with("validity", &validity("200101000000Z", "261124115959Z"));
    let edge = |draft: Draft| draft.with("validity", &validity("261124120000Z", "261124120000Z"));
    let future = |draft: Draft| draft.with("validity", &validity("261124120001Z", "300101000000Z"));
    check_three(&edge(leaf()), &edge(a()), &edge(root()), &rules, GOOD);
    let expired = Err(Code::CertificateExpired);
    check_three(&past(leaf()), &a(), &root(), &rules, expired);
    check_three(&leaf(), &past(a()), &root(), &rules, expired);
    let early = Err(Code::CertificateNotYetValid);
    check_three(&future(leaf()), &a(), &root(), &rules, early);
    check_three(&leaf(), &future(a()), &root(), &rules, early);
}

#[test]
fn x24_the_dates_of_a_root_hold() {
    let rules = any_use();
    let dated = |from: &str, to: &str| root().valid(from, to);
    check_three(&leaf(), &a(), &dated("200101000000Z", "261124120000Z"), &rules, GOOD);
    let expired = dated("200101000000Z", "261124115959Z");
    check_three(&leaf(), &a(), &expired, &rules, Err(Code::CertificateExpired));
    let early = dated("261124120001Z", "300101000000Z");
    check_three(&leaf(), &a(), &early, &rules, Err(Code::CertificateNotYetValid));
}

#[test]
fn x29_a_certificate_that_is_no_authority_is_no_root() {
    let register = |draft: Draft| {
        let certificate = draft.signed_by("root", ROOT);
        TrustAnchor::from_certificate(certificate).map(drop).map_err(|refusal| refusal.code())
    };
    assert_eq!(register(root()), Ok(()));
    assert_eq!(register(leaf()), Err(Code::CertificateNotCa));
    assert_eq!(register(Draft::new(&name("root"), ROOT)), Err(Code::CertificateNotCa));
    let may_not_sign = root().extension(KEY_USAGE, true, b"\x03\x02\x07\x80");
    assert_eq!(register(may_not_sign), Err(Code::CertificateKeyUsage));
    // Nor does a leaf become one by having the name and key of a registered root.
    let anchors = [root().anchor("root", ROOT)];
    let twin = Draft::leaf("root", ROOT).signed_by("root", ROOT);
    check(&twin, &[], &anchors, &any_use(), Err(Code::PathNotFound));
}
