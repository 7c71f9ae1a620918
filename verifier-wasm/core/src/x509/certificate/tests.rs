//! Certificates that are read, and their twins that are not.

use super::*;
use crate::x509::tests::forge::{Draft, Key, extension, name, name_of, sequence, tlv};
use alloc::vec;
use alloc::vec::Vec;

const KEY: Key = Key(2);
const SHA256_WITH_RSA: &[u8] = b"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00";

fn leaf() -> Draft {
    Draft::leaf("leaf", Key(1))
}

fn check(draft: &Draft, expect: Result<(), Code>) {
    let read = Certificate::from_der(&draft.der("issuer", KEY));
    let shown = alloc::format!("{read:?}");
    assert_eq!(read.map(drop).map_err(|refusal| refusal.code()), expect, "{shown}");
}

#[test]
fn what_came_in_is_what_is_kept() {
    let der = leaf().der("issuer", KEY);
    let certificate = Certificate::from_der(&der).unwrap();
    assert_eq!(certificate.raw(), der);
    assert!(der[3..].starts_with(certificate.tbs()));
    assert_eq!(certificate.subject_der(), name("leaf"));
    assert_eq!(certificate.issuer_der(), name("issuer"));
    assert_eq!(certificate.serial(), [1]);
    assert_eq!(certificate.public_key_spki(), Key(1).spki());
    assert_eq!(certificate.not_before(), UnixTime::from_civil(2020, 1, 1, 0, 0, 0).unwrap());
    assert_eq!(certificate.not_after(), UnixTime::from_civil(2030, 1, 1, 0, 0, 0).unwrap());
    assert!(!certificate.is_ca() && !certificate.is_self_issued());
}

#[test]
fn every_cut_and_every_addition_is_refused() {
    let der = leaf().der("issuer", KEY);
    for end in 0..der.len() {
        assert_eq!(
            Certificate::from_der(&der[..end]).err().map(|refusal| refusal.code()),
            Some(Code::CertificateMalformed),
            "cut at {end}"
        );
    }
    assert_eq!(
        Certificate::from_der(&[der.as_slice(), &[0]].concat()).err().map(|refusal| refusal.code()),
        Some(Code::CertificateMalformed)
    );
    check(&leaf().with("after", b"\x05\x00"), Err(Code::CertificateMalformed));
    check(
        &leaf().with("key", &[Key(1).spki(), Key(1).spki()].concat()),
        Err(Code::CertificateMalformed),
    );
}

#[test]
fn no_byte_makes_the_reader_fail_otherwise_than_by_refusing() {
    let der = leaf().der("issuer", KEY);
    for at in 0..der.len() {
        for byte in [0x00, 0x01, 0x7f, 0x80, 0x84, 0xff] {
            let mut changed = der.clone();
            changed[at] = byte;
            let _ = Certificate::from_der(&changed);
        }
    }
}

#[test]
fn size_is_bounded() {
    let refusal = Certificate::from_der(&vec![0x30; limits::CERTIFICATE_BYTES + 1]).unwrap_err();
    assert_eq!(refusal.code(), Code::CertificateTooLarge);
}

#[test]
fn versions_hold_what_they_may() {
    let plain = Draft::new(&name("leaf"), Key(1));
    let (v1, v2) = (b"".as_slice(), b"\xa0\x03\x02\x01\x01".as_slice());
    let unique = b"\x81\x02\x00\x01\x82\x02\x00\x01";
    check(&plain, Ok(()));
    check(&plain.clone().with("version", v1), Ok(()));
    check(&plain.clone().with("version", v2), Ok(()));
    check(&plain.clone().with("version", v2).with("unique identifiers", unique), Ok(()));
    check(&plain.clone().with("unique identifiers", unique), Ok(()));

    check(&leaf().with("version", v1), Err(Code::CertificateVersion));
    check(&leaf().with("version", v2), Err(Code::CertificateVersion));
    check(
        &plain.clone().with("version", v1).with("unique identifiers", unique),
        Err(Code::CertificateVersion),
    );
    // v1 written out, v4, a version of two bytes.
    check(&plain.clone().with("version", b"\xa0\x03\x02\x01\x00"), Err(Code::CertificateVersion));
    check(&plain.clone().with("version", b"\xa0\x03\x02\x01\x03"), Err(Code::CertificateVersion));
    check(
        &plain.clone().with("version", b"\xa0\x04\x02\x02\x00\x02"),
        Err(Code::CertificateVersion),
    );
    // Unused bits of an identifier are zero.
    let with = |identifier: &[u8]| plain.clone().with("unique identifiers", identifier);
    check(&with(b"\x81\x01\x00"), Ok(()));
    check(&with(b"\x81\x02\x03\x08"), Ok(()));
    for bad in [b"\x81\x02\x03\x04".as_slice(), b"\x81\x02\x08\x00", b"\x81\x01\x01", b"\x81\x00"] {
        check(&with(bad), Err(Code::CertificateMalformed));
    }
    // Identifiers in the wrong order.
    check(
        &plain.with("unique identifiers", b"\x82\x02\x00\x01\x81\x02\x00\x01"),
        Err(Code::CertificateMalformed),
    );
}

#[test]
fn serial_numbers_are_positive_and_short_and_zero_of_authorities_alone() {
    let serial = |bytes: &[u8]| leaf().with("serial", &tlv(0x02, bytes));
    check(&serial(&[0x7f; 20]), Ok(()));
    check(&serial(&[0x00, 0x80]), Ok(()));
    // Twenty bytes with their top bit set have a zero byte in front.
    let longest = |bytes: usize| [&[0x00][..], &vec![0x80; bytes]].concat();
    check(&serial(&longest(20)), Ok(()));
    check(&serial(&longest(21)), Err(Code::CertificateSerial));
    let padded = [&[0x00][..], &[0x7f; 20]].concat();
    for bad in
        [&[0x00][..], &[0xff], &[0x80, 0x00], &[0x00, 0x01], &[], &[0x7f; 21], &padded, &[0, 0]]
    {
        check(&serial(bad), Err(Code::CertificateSerial));
    }
    let authority = |bytes: &[u8]| Draft::authority("a", KEY).with("serial", &tlv(0x02, bytes));
    check(&authority(&[0x00]), Ok(()));
    check(&authority(&longest(20)), Ok(()));
    for bad in [&[0xff][..], &[0x80, 0x00], &[0x00, 0x00], &[]] {
        check(&authority(bad), Err(Code::CertificateSerial));
    }
}

#[test]
fn both_algorithm_identifiers_are_one() {
    check(&leaf().with("algorithm", SHA256_WITH_RSA), Err(Code::CertificateAlgorithmMismatch));
    check(
        &leaf().with("outer algorithm", SHA256_WITH_RSA),
        Err(Code::CertificateAlgorithmMismatch),
    );
    // The same algorithm with other parameters.
    let with_null = b"\x30\x0c\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02\x05\x00";
    check(&leaf().with("outer algorithm", with_null), Err(Code::CertificateAlgorithmMismatch));
    check(&leaf().with("algorithm", with_null).with("outer algorithm", with_null), Ok(()));
    let bad = b"\x30\x00";
    check(
        &leaf().with("algorithm", bad).with("outer algorithm", bad),
        Err(Code::CertificateMalformed),
    );
}

#[test]
fn the_signature_is_whole_bytes() {
    check(&leaf().with("signature", b"\x03\x02\x01\x80"), Err(Code::CertificateMalformed));
    check(&leaf().with("signature", b"\x03\x00"), Err(Code::CertificateMalformed));
    check(&leaf().with("signature", b"\x04\x02\x00\x80"), Err(Code::CertificateMalformed));
}

#[test]
fn names_have_their_form() {
    let subject = |der: &[u8]| leaf().with("subject", der);
    check(&leaf().with("issuer", b"\x30\x00"), Err(Code::CertificateMalformed));
    check(&subject(b"\x30\x02\x31\x00"), Err(Code::CertificateMalformed));
    check(&subject(&sequence(&[&name("leaf")])), Err(Code::CertificateMalformed));
    // Two attributes in one set: sorted, and not.
    let (c, o) =
        (b"\x30\x09\x06\x03\x55\x04\x06\x0c\x02DE", b"\x30\x09\x06\x03\x55\x04\x0a\x0c\x02Oo");
    check(&subject(&sequence(&[&tlv(0x31, &[c.as_slice(), o].concat())])), Ok(()));
    let unsorted = tlv(0x31, &[o.as_slice(), c].concat());
    check(&subject(&sequence(&[&unsorted])), Err(Code::CertificateMalformed));
    // Too many.
    let many = vec![(3, 0x0c, b"x".as_slice()); limits::NAMES + 1];
    check(&subject(&name_of(&many)), Err(Code::CertificateExtensionsTooMany));
    check(&subject(&name_of(&many[..limits::NAMES])), Ok(()));
}

#[test]
fn without_subject_there_are_alternative_names() {
    let empty = leaf().with("subject", b"\x30\x00");
    let names = sequence(&[&tlv(0x82, b"a.example")]);
    check(&empty, Err(Code::CertificateExtensionInvalid));
    check(&empty.clone().extension(17, false, &names), Ok(()));
    check(&empty.clone().extension(17, true, &names), Ok(()));
    check(&empty.extension(17, true, b"\x30\x00"), Err(Code::CertificateExtensionInvalid));
}

#[test]
fn extensions_are_a_list_without_repetition() {
    let extensions = |list: &[u8]| leaf().with("extensions", &tlv(0xa3, list));
    let one = extension(99, false, b"");
    check(&extensions(&sequence(&[&one])), Ok(()));
    check(&extensions(b"\x30\x00"), Err(Code::CertificateMalformed));
    check(&extensions(b""), Err(Code::CertificateMalformed));
    check(&extensions(&[sequence(&[&one]), vec![5, 0]].concat()), Err(Code::CertificateMalformed));
    check(&extensions(&sequence(&[&one, &one])), Err(Code::CertificateExtensionDuplicate));
    // FALSE written out says the same as nothing.
    let written_out = b"\x30\x0a\x06\x03\x55\x1d\x63\x01\x01\x00\x04\x00";
    check(&extensions(&sequence(&[written_out])), Ok(()));
    // TRUE as one, something after the value.
    for bad in [
        b"\x30\x0a\x06\x03\x55\x1d\x63\x01\x01\x01\x04\x00",
        b"\x30\x0a\x06\x03\x55\x1d\x63\x04\x00\x01\x01\xff",
    ] {
        check(&extensions(&sequence(&[bad])), Err(Code::CertificateMalformed));
    }
    let many: Vec<u8> =
        (0..=limits::EXTENSIONS).flat_map(|i| extension(60 + i as u8, false, b"")).collect();
    let all_but_one = &many[..many.len() - extension(60, false, b"").len()];
    check(&extensions(&sequence(&[&many])), Err(Code::CertificateExtensionsTooMany));
    check(&extensions(&sequence(&[all_but_one])), Ok(()));
}
