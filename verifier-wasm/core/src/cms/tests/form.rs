//! The form of a message: sizes, content, structure, encodings.

use super::message::*;
use super::*;
use crate::ber::writer::{NULL, indefinite, integer, octet_string, oid, sequence, set, value};
use crate::limits;
use alloc::collections::BTreeSet;
use alloc::vec;

#[test]
fn c12_documents_are_small() {
    let of_length = |length: usize| {
        let padding = length - br#"{"audience":""}"#.len();
        [br#"{"audience":""#, vec![b'x'; padding].as_slice(), br#""}"#].concat()
    };
    let check = |length, expect| check(&ecs(|m| m.content = of_length(length)), ECS, expect);
    check(limits::DOCUMENT_BYTES, Ok(()));
    check(limits::DOCUMENT_BYTES + 1, Err(Code::CmsTooLarge));

    let of_length = |length| [7].repeat(length);
    check_der(&of_length(limits::CMS_BYTES), EC2, Err(Code::BerMalformed));
    check_der(&of_length(limits::CMS_BYTES + 1), EC2, Err(Code::CmsTooLarge));
}

#[test]
fn c12_documents_signed_with_sha1_leave_no_room_for_a_collision() {
    let check = |content: &[u8], profile: Profile, expect| {
        let message = match profile {
            Profile::AlibabaEcs => ecs(|m| m.content = content.to_vec()),
            _ => {
                let mut attributes = usual();
                attributes[3] = message_digest(&Hash::Sha256.digest(content));
                ec2(|m| m.content = content.to_vec()).attributes(&attributes)
            }
        };
        check(&message, profile, expect);
    };
    check(br#"{"audience":"a ~"}"#, ECS, Ok(()));
    check(b"{\r\n\t\"audience\": \"\\u00e9\"}", ECS, Ok(()));
    for content in ["{\"audience\":\"\u{e9}\"}", "{\"audience\":\"\u{7f}\"}", "{\"\u{f3}\":1}"] {
        check(content.as_bytes(), ECS, Err(Code::DocumentMalformed));
        check(content.as_bytes(), EC2, Ok(()));
    }
}

#[test]
fn c13_content_is_the_segments_joined() {
    let genuine = Message::ec2();
    let (first, second) = genuine.content.split_at(20);
    let message = |segments: &[&[u8]]| {
        let content = indefinite(0xa0, &[&indefinite(0x24, segments)]);
        let signed_data = indefinite(
            0x30,
            &[
                &integer(1),
                &set(&[&algorithm(SHA256, NULL)]),
                &indefinite(0x30, &[&oid(DATA), &content]),
                &set(&[&genuine.signer_info()]),
            ],
        );
        indefinite(0x30, &[&oid(SIGNED_DATA), &indefinite(0xa0, &[&signed_data])])
    };
    let (first, second) = (octet_string(first), octet_string(second));
    check_der(&message(&[&octet_string(&genuine.content)]), EC2, Ok(()));
    check_der(&message(&[&first, &second]), EC2, Ok(()));
    check_der(&message(&[&first, &octet_string(b""), &second]), EC2, Ok(()));
    check_der(&message(&[&second, &first]), EC2, Err(Code::CmsDigestMismatch));
    check_der(&message(&[&first]), EC2, Err(Code::CmsDigestMismatch));
    let of_another_type = value(0x0c, &[&second[2..]]);
    check_der(&message(&[&first, &of_another_type]), EC2, Err(Code::BerMalformed));
    check_der(&message(&[&first, &[0, 0], &second]), EC2, Err(Code::BerMalformed));
}

#[test]
fn c14_content_inside_and_beside_is_the_same() {
    let check = |message: &Message, beside: Option<&[u8]>, profile, expect: Result<(), Code>| {
        let signer = [pinned(&fake::rsa(1))];
        let verdict = verify(&message.der(), beside, &signer, &rules(profile));
        let content = verdict.map(|verified| assert_eq!(verified.content(), message.content));
        assert_eq!(content.map_err(|refusal| refusal.code()), expect);
    };
    for (attached, profile) in [(Message::ec2(), EC2), (Message::ecs(), ECS)] {
        let content = attached.content.clone();
        let altered = [&content, &b" "[..]].concat();
        check(&attached, None, profile, Ok(()));
        check(&attached, Some(&content), profile, Ok(()));
        check(&attached, Some(&altered), profile, Err(Code::CmsContentDiffers));
        check(&attached, Some(b""), profile, Err(Code::CmsContentDiffers));
        let detached = Message { detached: true, ..attached };
        check(&detached, Some(&content), profile, Ok(()));
        check(&detached, None, profile, Err(Code::CmsContentDetached));
    }
    let detached = ec2(|m| m.detached = true);
    check(&detached, Some(b"other"), EC2, Err(Code::CmsDigestMismatch));
}

#[test]
fn c15_nothing_follows_the_message() {
    let message = Message::ec2().der();
    check_der(&message, EC2, Ok(()));
    for suffix in [&[0][..], &[0, 0], b"\n", &message] {
        check_der(&[&message, suffix].concat(), EC2, Err(Code::BerMalformed));
    }
    check_der(&message[..message.len() - 1], EC2, Err(Code::BerMalformed));
    check_der(&[b"\n", message.as_slice()].concat(), EC2, Err(Code::BerMalformed));
}

/// One more value at the end of every structure of the message, one structure at a time.
#[test]
fn c15_nothing_follows_inside_the_message() {
    let mut codes = BTreeSet::new();
    for (message, profile) in [(Message::ec2(), EC2), (Message::ecs(), ECS)] {
        let der = message.der();
        check_der(&der, profile, Ok(()));
        let structures = der_structures(&der);
        assert!(structures >= 15, "{structures} structures");
        for number in 0..structures {
            let longer = with_null_in(&der, &mut { number });
            let verdict = verify(&longer, None, &[pinned(&fake::rsa(1))], &rules(profile));
            codes.insert(verdict.map(drop).expect_err("it is longer").code().as_str());
        }
    }
    assert_eq!(
        codes,
        BTreeSet::from([
            "cms_attributes",
            "cms_malformed",
            "cms_signer_count",
            "cms_signer_unknown"
        ])
    );
}

/// How many constructed values there are in a run of DER.
fn der_structures(der: &[u8]) -> usize {
    let inside = |(tag, contents): (u8, &[u8])| match tag & 0x20 {
        0 => 0,
        _ => 1 + der_structures(contents),
    };
    values(der).into_iter().map(inside).sum()
}

/// A run of DER with a NULL at the end of the constructed value of this number, counted from the outside.
fn with_null_in(der: &[u8], number: &mut usize) -> Vec<u8> {
    let mut out = Vec::new();
    for (tag, contents) in values(der) {
        let contents = match tag & 0x20 {
            0 => contents.to_vec(),
            _ => {
                let here = *number == 0;
                *number = number.wrapping_sub(1);
                let inner = with_null_in(contents, number);
                if here { [&inner, NULL].concat() } else { inner }
            }
        };
        out.extend(value(tag, &[&contents]));
    }
    out
}

/// Tag and contents of the values in a run of DER.
fn values(mut der: &[u8]) -> Vec<(u8, &[u8])> {
    let mut all = Vec::new();
    while let [tag, length, rest @ ..] = der {
        let bytes = if *length < 0x80 { 0 } else { usize::from(length & 0x7f) };
        let long = rest[..bytes].iter().fold(0, |sum, byte| sum * 256 + usize::from(*byte));
        let length = if bytes == 0 { usize::from(*length) } else { long };
        let (contents, after) = rest[bytes..].split_at(length);
        all.push((*tag, contents));
        der = after;
    }
    all
}

#[test]
fn c16_other_types_are_refused_by_name() {
    let check = |message: Message, found: &str| {
        let refusal = SignedMessage::parse(&message.der()).unwrap_err();
        assert_eq!(refusal.code(), Code::CmsContentType);
        assert_eq!(refusal.found_text(), Some(found));
    };
    let of_type = |dotted: &str| ec2(|m| m.content_type = oid(dotted));
    check(of_type("1.2.840.113549.1.7.3"), "id-envelopedData");
    check(of_type("1.2.840.113549.1.9.16.1.2"), "id-ct-authData");
    check(of_type(DATA), "id-data");
    check(of_type("1.2.3"), "1.2.3");
    let over = |dotted: &str| ec2(|m| m.e_content_type = oid(dotted));
    check(over("1.2.840.113549.1.9.16.1.4"), "id-ct-TSTInfo");
    check(over("1.3.6.1.4.1.311.2.1.4"), "Authenticode");
    check(over(SIGNED_DATA), "id-signedData");
}

#[test]
fn c20_content_without_attributes_is_one_json_object() {
    let check = |content: &str, expect: Result<(), Code>| {
        check(&ecs(|m| m.content = content.as_bytes().to_vec()), ECS, expect);
    };
    check(r#"{"owner-account-id":"1"}"#, Ok(()));
    check(r#"{"owner-account-id":"1","owner-account-id":"2"}"#, Err(Code::JsonDuplicateMember));
    check(r#"{"owner-account-id":"1"}{}"#, Err(Code::JsonMalformed));
    check("not JSON", Err(Code::JsonMalformed));
    check("", Err(Code::JsonMalformed));
    let no_object = |content: &str| {
        let message = ecs(|m| m.content = content.as_bytes().to_vec()).der();
        assert_eq!(
            verify(&message, None, &[pinned(&fake::rsa(1))], &rules(ECS))
                .err()
                .map(|refusal| refusal.code()),
            Some(Code::JsonMalformed)
        );
    };
    no_object("[]");
    no_object("\"text\"");
    no_object("1");
}

#[test]
fn versions_fit_what_they_announce() {
    let malformed = Err(Code::CmsMalformed);
    for version in [0, 2, 3, 4, 5] {
        check(&ec2(|m| m.version = integer(version)), GENERIC, malformed);
        check(&ec2(|m| m.signer.version = integer(version)), GENERIC, malformed);
    }
    check(&ec2(|m| m.version = value(0x02, &[&[0, 1]])), GENERIC, malformed);
    check(&ec2(|m| m.version = value(0x0a, &[&[1]])), GENERIC, malformed);
}

#[test]
fn what_is_unsigned_is_refused_or_not_read() {
    let refused = Err(Code::CmsMalformed);
    let unsigned = value(0xa1, &[&attribute("1.2.840.113549.1.9.6", &[NULL])]);
    let with_unsigned = ec2(|m| m.signer.unsigned_attributes = unsigned.clone());
    check(&with_unsigned, GENERIC, Ok(()));
    check(&with_unsigned, EC2, Err(Code::CmsAttributes));
    let with_unsigned = ecs(|m| m.signer.unsigned_attributes = unsigned.clone());
    check(&with_unsigned, ECS, Err(Code::CmsAttributes));

    let certificate = certificate(&fake::rsa(3), 9, &[]);
    check(&ec2(|m| m.beside = value(0xa0, &[certificate.raw(), certificate.raw()])), EC2, Ok(()));
    check(&ec2(|m| m.beside = value(0xa0, &[])), EC2, Ok(()));
    for other_kind in [0xa0, 0xa1, 0xa2, 0xa3] {
        let other = value(0xa0, &[&value(other_kind, &[certificate.raw()])]);
        check(&ec2(|m| m.beside = other), GENERIC, refused);
    }
    check(&ec2(|m| m.beside = value(0xa1, &[&sequence(&[])])), GENERIC, refused);
    check(&ec2(|m| m.beside = value(0xa1, &[])), GENERIC, refused);
}

#[test]
fn signing_time_is_strict_and_there_once() {
    let [content_type, _, protection, digest] = usual();
    let time = |tag, text: &str| signing_time(&value(tag, &[text.as_bytes()]));
    let with = |times: &[Vec<u8>]| {
        let mut all = vec![content_type.clone(), protection.clone(), digest.clone()];
        all.extend_from_slice(times);
        Message::ec2().attributes(&all)
    };
    let check = |message: Message, expect: Option<UnixTime>| {
        let signer = [pinned(&fake::rsa(1))];
        let verified = verify(&message.der(), None, &signer, &rules(EC2)).unwrap();
        assert_eq!(verified.signing_time(), expect);
    };
    check(with(&[]), None);
    check(with(&[time(0x17, "500101000000Z")]), UnixTime::from_civil(1950, 1, 1, 0, 0, 0));
    check(with(&[time(0x18, "20500101000000Z")]), UnixTime::from_civil(2050, 1, 1, 0, 0, 0));

    let refused = |times: &[Vec<u8>]| super::check(&with(times), EC2, Err(Code::CmsAttributes));
    refused(&[time(0x17, "261124120000Z"), time(0x17, "261124120001Z")]);
    refused(&[time(0x18, "20261124120000Z")]);
    refused(&[time(0x18, "20500101000000.5Z")]);
    refused(&[time(0x17, "2611241200Z")]);
    refused(&[time(0x17, "261124120000+0000")]);
    refused(&[time(0x17, "261324120000Z")]);
    refused(&[time(0x0c, "261124120000Z")]);
    refused(&[attribute(SIGNING_TIME, &[])]);
}
