//! Encodings of one message, and what is none.

use super::writer::{indefinite, integer, octet_string, oid, sequence, set, value};
use super::*;
use alloc::string::ToString;

const ID_DATA: &str = "1.2.840.113549.1.7.1";
const ID_SIGNED_DATA: &str = "1.2.840.113549.1.7.2";

/// A message of the right outer shape; `outer` writes the values on the way to `content`.
fn message(outer: fn(u8, &[&[u8]]) -> Vec<u8>, content: &[u8], beside: &[u8]) -> Vec<u8> {
    let e_content = outer(0xa0, &[content]);
    let encapsulated = outer(0x30, &[&oid(ID_DATA), &e_content]);
    let signed_data = outer(0x30, &[&integer(1), &set(&[]), &encapsulated, beside]);
    outer(0x30, &[&oid(ID_SIGNED_DATA), &outer(0xa0, &[&signed_data])])
}

#[test]
fn every_encoding_of_a_message_becomes_the_same_der() {
    let der = message(value, &octet_string(b"content"), b"");
    let (con, tent) = (octet_string(b"con"), octet_string(b"tent"));
    let check = |content: &[u8]| {
        for outer in [value, indefinite] {
            assert_eq!(to_der(&message(outer, content, b"")).unwrap(), der);
        }
    };
    check(&octet_string(b"content"));
    check(&value(0x24, &[&con, &tent]));
    check(&indefinite(0x24, &[&con, &tent]));
    check(&indefinite(0x24, &[&con, &octet_string(b""), &tent]));
    check(&indefinite(
        0x24,
        &[&value(0x24, &[&con]), &indefinite(0x24, &[&tent, &value(0x24, &[])])],
    ));

    let empty = message(value, &octet_string(b""), b"");
    assert_eq!(to_der(&message(indefinite, &value(0x24, &[]), b"")).unwrap(), empty);
}

#[test]
fn lengths_are_written_in_their_shortest_form() {
    for size in [0, 1, 127, 128, 255, 256, 65_535] {
        let content = octet_string(&vec![7; size]);
        let in_segments = indefinite(0x24, &[&content]);
        let der = message(value, &content, b"");
        assert_eq!(to_der(&message(indefinite, &in_segments, b"")).unwrap(), der, "{size}");
        assert_eq!(to_der(&der).unwrap(), der, "{size}");
    }
}

#[test]
fn what_stands_beside_the_content_is_copied() {
    // Not DER inside: it comes out as it went in, for a strict parser to refuse.
    let odd = value(0x30, &[&indefinite(0xa0, &[&octet_string(b"x")]), &[0x02, 0x81, 0x01, 0x05]]);
    let collection = [value(0xa0, &[&odd]), indefinite(0xa0, &[&odd])];
    for beside in &collection {
        let der = to_der(&message(indefinite, &octet_string(b"c"), beside)).unwrap();
        assert_eq!(der, message(value, &octet_string(b"c"), &collection[0]));
    }
}

#[test]
fn c07_nothing_inside_a_signer_info_is_rewritten() {
    let check = |signer_infos: &[u8], expect: Result<(), Code>| {
        let result = to_der(&message(indefinite, &octet_string(b"c"), signer_infos));
        assert_eq!(result.map(drop).map_err(|refusal| refusal.code()), expect);
    };
    let attributes = indefinite(0xa0, &[&sequence(&[])]);
    check(&set(&[&sequence(&[&attributes])]), Ok(()));
    check(&indefinite(0x31, &[&sequence(&[&attributes])]), Ok(()));
    check(&indefinite(0x31, &[&indefinite(0x30, &[&attributes])]), Err(Code::BerMalformed));
}

#[test]
fn c13_malformed_ber_is_refused() {
    let check = |input: &[u8], found: &str| {
        let refusal = to_der(input).expect_err(found);
        assert_eq!(refusal.code(), Code::BerMalformed, "{refusal}");
        assert!(refusal.to_string().contains(found), "{refusal} for {found}");
    };
    check(b"", "ends inside a value");
    check(&[0x30], "ends inside a value");
    check(&[0x30, 0x02, 0x05], "ends inside a value");
    check(&[0x30, 0x82, 0x01], "shortest form");
    check(&[0x30, 0x81, 0x7f], "shortest form");
    check(&[0x30, 0x82, 0x00, 0xff], "shortest form");
    check(&[0x30, 0x83, 0x01, 0x00, 0x00], "ends inside a value");
    check(&[0x30, 0x84, 0x80, 0x00, 0x00, 0x00], "ends inside a value");
    check(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], "ends inside a value");
    check(&[0x30, 0x88, 0x80, 0, 0, 0, 0, 0, 0, 0], "more than four bytes");
    check(&[0x30, 0xff], "more than four bytes");
    check(&[0x3f, 0x21, 0x00], "tag number");
    check(&[0x04, 0x80, 0x00, 0x00], "primitive");
    check(&[0x00, 0x00], "end-of-contents");
    check(&[0x30, 0x80, 0x05, 0x00], "ends inside an indefinite length");
    check(&[0x30, 0x80, 0x05, 0x00, 0x00], "ends inside a value");
    check(&[0x30, 0x04, 0x05, 0x00, 0x00, 0x00], "end-of-contents");
    check(&[0x30, 0x80, 0x00, 0x00, 0x00, 0x00], "after the message");

    let der = message(value, &octet_string(b"content"), b"");
    check(&[der.as_slice(), &[0x00]].concat(), "after the message");
    for end in 0..der.len() {
        assert_eq!(
            to_der(&der[..end]).err().map(|refusal| refusal.code()),
            Some(Code::BerMalformed),
            "cut at {end}"
        );
    }

    let content = |content: Vec<u8>, found: &str| {
        check(&message(value, &content, b""), found);
        check(&message(indefinite, &content, b""), found);
    };
    content(value(0x24, &[&value(0x0c, &[b"x"])]), "not an OCTET STRING");
    content(indefinite(0x24, &[&value(0x30, &[&octet_string(b"x")])]), "not an OCTET STRING");
    content(value(0x24, &[&octet_string(b"x"), &[0, 0], &octet_string(b"y")]), "end-of-contents");
    content(indefinite(0x24, &[&[0x04, 0x81, 0x01, 0x61]]), "shortest form");
}

#[test]
fn c13_bombs_meet_their_limits() {
    let check = |input: Vec<u8>, code: Code| {
        assert_eq!(to_der(&input).map_err(|refusal| refusal.code()), Err(code));
    };
    let nested = |levels| (0..levels).fold(octet_string(b"x"), |inner, _| value(0x24, &[&inner]));
    let deepest = limits::BER_DEPTH - WAY.len();
    assert!(to_der(&message(value, &nested(deepest), b"")).is_ok());
    check(message(value, &nested(deepest + 1), b""), Code::BerTooDeep);
    check(message(indefinite, &[0x24, 0x80].repeat(20_000), b""), Code::BerTooDeep);
    check([0x30, 0x80].repeat(30_000), Code::BerMalformed);

    let segments = |count| indefinite(0x24, &[&[0x04, 0x00].repeat(count)]);
    assert!(to_der(&message(value, &segments(limits::BER_SEGMENTS), b"")).is_ok());
    check(message(value, &segments(limits::BER_SEGMENTS + 1), b""), Code::BerTooMany);
    check(message(value, &segments(100_000), b""), Code::BerTooMany);

    let beside = |count| [0x05, 0x00].repeat(count);
    check(message(value, &octet_string(b""), &beside(limits::BER_VALUES)), Code::BerTooMany);
    let elements = indefinite(0xa0, &[&beside(limits::BER_VALUES)]);
    check(message(value, &octet_string(b""), &elements), Code::BerTooMany);
}

#[test]
fn der_is_required_to_the_innermost_value() {
    let check = |bytes: &[u8], expect: bool| {
        assert_eq!(require_der(bytes).is_ok(), expect, "{bytes:02x?}");
        assert_eq!(require_der(&sequence(&[&set(&[bytes])])).is_ok(), expect, "{bytes:02x?}");
    };
    check(&[], true);
    check(&[integer(5), octet_string(b"x"), value(0xa0, &[&integer(1)])].concat(), true);
    check(&value(0x80, &[b"primitive"]), true);
    check(&indefinite(0x30, &[]), false);
    check(&value(0x24, &[&octet_string(b"x")]), false);
    check(&value(0x10, &[]), false);
    check(&value(0x11, &[]), false);
    check(&[0x02, 0x81, 0x01, 0x05], false);
    check(&[0x02, 0x02, 0x05], false);
    check(&[0x00, 0x00], false);

    let nested = |levels| (0..levels).fold(integer(1), |inner, _| sequence(&[&inner]));
    assert!(require_der(&nested(limits::BER_DEPTH)).is_ok());
    let refusal = require_der(&nested(limits::BER_DEPTH + 1)).unwrap_err();
    assert_eq!(refusal.code(), Code::BerTooDeep);
}
