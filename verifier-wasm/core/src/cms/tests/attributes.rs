//! Signed attributes: what is signed, and what only looks like it.

use super::message::*;
use super::*;
use crate::ber::writer::{NULL, indefinite, octet_string, oid, sequence, set, value};
use alloc::string::ToString;
use alloc::vec;
use core::slice;

#[test]
fn c03_attributes_of_one_message_are_no_content_of_another() {
    let genuine = Message::ec2();
    let mut forged = genuine.clone();
    forged.content = genuine.signed_attributes();
    forged.signer.attributes = None;
    assert_eq!(forged.signature(), genuine.signature(), "the attack needs no key");
    for profile in [EC2, ECS, GENERIC] {
        check(&forged, profile, Err(Code::CmsAttributesConfusion));
    }
    // Without attributes at all, whatever the content is.
    check(&ec2(|m| m.signer.attributes = None), EC2, Err(Code::CmsAttributes));
    check(&ec2(|m| m.signer.attributes = None), GENERIC, Err(Code::CmsAttributes));
    let starts_like_a_set = |m: &mut Message| {
        m.signer.attributes = None;
        m.content = b"12345".to_vec();
    };
    check(&ec2(starts_like_a_set), EC2, Err(Code::CmsAttributes));
}

#[test]
fn c04_content_of_one_message_is_no_attributes_of_another() {
    let mut message = ecs(|m| m.signer.attributes = Message::ec2().signer.attributes);
    message.signer.digest_algorithm = algorithm(SHA256, NULL);
    message.digest_algorithms = vec![algorithm(SHA256, NULL)];
    refused(&message, ECS, "absent");

    // Attributes that nobody knows: let in where anybody may sign, not from the cloud.
    let [content_type, time, protection, digest] = usual();
    let other = attribute(SMIME_CAPABILITIES, &[&sequence(&[&oid(SHA256)])]);
    let all = [content_type, time, protection, digest, other];
    check(&Message::ec2().attributes(&all), GENERIC, Ok(()));
    refused(&Message::ec2().attributes(&all), EC2, SMIME_CAPABILITIES);
    let twice = attribute(SMIME_CAPABILITIES, &[&sequence(&[])]);
    let all = [all.as_slice(), &[twice]].concat();
    refused(&Message::ec2().attributes(&all), GENERIC, "found two");
}

#[test]
fn c05_content_type_is_there_once_and_the_same() {
    let [of_data, time, protection, digest] = usual();
    let message = |content_types: &[Vec<u8>]| {
        let rest = [time.clone(), protection.clone(), digest.clone()];
        Message::ec2().attributes(&[content_types, &rest].concat())
    };
    let of_signed_data = content_type(SIGNED_DATA);
    let with_values = |values: &[&[u8]]| message(&[attribute(CONTENT_TYPE, values)]);
    check(&message(slice::from_ref(&of_data)), EC2, Ok(()));
    refused(&message(&[]), EC2, "(contentType); expected one");
    refused(&message(slice::from_ref(&of_signed_data)), EC2, "expected id-data");
    refused(&message(&[of_data.clone(), of_data.clone()]), EC2, "order of a SET OF");
    refused(&message(&[of_data, of_signed_data]), EC2, "found two");
    refused(&with_values(&[]), EC2, "contentType");
    refused(&with_values(&[&oid(DATA), &oid(DATA)]), EC2, "contentType: trailing");
    refused(&with_values(&[&octet_string(b"id-data")]), EC2, "contentType");
    refused(&ec2(|m| m.signer.attributes = Some(vec![])), EC2, "(contentType); expected one");
    check(&ec2(|m| m.e_content_type = oid(SIGNED_DATA)), EC2, Err(Code::CmsContentType));
}

#[test]
fn c06_message_digest_is_there_once_and_whole() {
    let [content_type, time, protection, digest] = usual();
    let message = |digests: &[Vec<u8>]| {
        let rest = [content_type.clone(), time.clone(), protection.clone()];
        Message::ec2().attributes(&[digests, &rest].concat())
    };
    let of_content = Hash::Sha256.digest(&Message::ec2().content);
    let mismatch = Err(Code::CmsDigestMismatch);
    check(&message(slice::from_ref(&digest)), EC2, Ok(()));
    check(&message(&[message_digest(&[7; 32])]), EC2, mismatch);
    check(&message(&[message_digest(&of_content[..16])]), EC2, mismatch);
    check(&message(&[message_digest(&[&of_content[..], &[0]].concat())]), EC2, mismatch);
    check(&message(&[message_digest(&[])]), EC2, mismatch);

    let bytes = octet_string(&of_content);
    let with_values = |values: &[&[u8]]| message(&[attribute(MESSAGE_DIGEST, values)]);
    refused(&message(&[]), EC2, "(messageDigest); expected one");
    refused(&message(&[digest, message_digest(&[7; 32])]), EC2, "found two");
    refused(&with_values(&[]), EC2, "messageDigest");
    refused(&with_values(&[&bytes, &bytes]), EC2, "messageDigest: trailing");
    refused(&with_values(&[&value(0x24, &[&bytes])]), EC2, "expected DER");
    refused(&with_values(&[&value(0x0c, &[&of_content])]), EC2, "messageDigest");
}

#[test]
fn c07_signed_attributes_are_der_as_received() {
    let genuine = Message::ec2();
    let with = |attributes: &[u8]| {
        let signer = genuine.signer_info_with(attributes, &genuine.signature());
        genuine.with_signers(&[&signer])
    };
    let [content_type, time, protection, digest] = usual();
    let all = [content_type.clone(), time.clone(), protection.clone(), digest.clone()].concat();
    check_der(&with(&value(0xa0, &[&all])), EC2, Ok(()));
    check_der(&with(&indefinite(0xa0, &[&all])), EC2, Err(Code::CmsMalformed));
    check_der(&with(&set(&[&all])), EC2, Err(Code::CmsMalformed));
    check_der(&with(&value(0xa0, &[&set(&[&all])])), EC2, Err(Code::CmsAttributes));
    check_der(&with(&value(0xa0, &[&all, &[0, 0]])), EC2, Err(Code::CmsAttributes));
    let long = [&[0xa0, 0x82, 0x00, 0x98][..], &all].concat();
    check_der(&with(&long), EC2, Err(Code::CmsMalformed));

    // Signed in another order than that of a SET OF: whoever sorts before hashing sees another message.
    let all = [time.clone(), content_type.clone(), protection.clone(), digest.clone()];
    refused(&genuine.clone().attributes_as_they_are(&all), GENERIC, "order of a SET OF");

    // BER inside an attribute that is not read.
    let with_other = |inner: &[u8]| {
        let other = attribute(SMIME_CAPABILITIES, &[inner]);
        genuine.clone().attributes(&[all.as_slice(), &[other]].concat())
    };
    check(&with_other(&sequence(&[])), GENERIC, Ok(()));
    for inner in [
        indefinite(0x30, &[]),
        vec![0x04, 0x81, 0x01, 0x00],
        value(0x24, &[&octet_string(b"x")]),
        sequence(&[&value(0x24, &[&octet_string(b"x")])]),
    ] {
        refused(&with_other(&inner), GENERIC, "expected DER");
    }
}

/// Refused for its attributes, with this in the operator's line.
#[track_caller]
fn refused(message: &Message, profile: Profile, because: &str) {
    let verdict = verify(&message.der(), None, &[pinned(&fake::rsa(1))], &rules(profile));
    let refusal = verdict.unwrap_err();
    assert_eq!(refusal.code(), Code::CmsAttributes, "{refusal}");
    assert!(refusal.to_string().contains(because), "{refusal}");
}
