//! Signers: who signed, how many, and which key is believed.

use super::message::*;
use super::*;
use crate::ber::writer::{NULL, integer, sequence, value};
use crate::verdict::Source;

#[test]
fn messages_of_the_clouds_verify() {
    let signer = [pinned(&fake::rsa(1))];
    let message = Message::ec2();
    for profile in [EC2, GENERIC] {
        let verified = verify(&message.der(), None, &signer, &rules(profile)).unwrap();
        assert_eq!(verified.content(), message.content);
        assert_eq!(verified.signing_time(), UnixTime::from_civil(2026, 11, 24, 12, 0, 0));
        assert_eq!(verified.signer(), signer[0].certificate());
    }
    let message = Message::ecs();
    let verified = verify(&message.der(), None, &signer, &rules(ECS)).unwrap();
    assert_eq!(verified.content(), message.content);
    assert_eq!(verified.signing_time(), None);
}

#[test]
fn c01_genuine_envelope_forged_content() {
    let (ec2, ecs) = (Message::ec2().der(), Message::ecs().der());
    check_der(&changed(&ec2, b"123456789012"), EC2, Err(Code::CmsDigestMismatch));
    check_der(&changed(&ec2, b"261124120000Z"), EC2, Err(Code::CmsSignatureInvalid));
    check_der(&changed(&ec2, &Message::ec2().signature()), EC2, Err(Code::CmsSignatureInvalid));
    check_der(&changed(&ecs, b"audience"), ECS, Err(Code::CmsSignatureInvalid));
    check_der(&changed(&ecs, &Message::ecs().signature()), ECS, Err(Code::CmsSignatureInvalid));

    // Forged content with attributes that fit it: the signature is over the genuine ones.
    let digest = message_digest(&Hash::Sha256.digest(b"{}"));
    let [content_type, time, protection, _] = usual();
    let mut forged = Message::ec2().attributes(&[content_type, time, protection, digest]);
    forged.content = b"{}".to_vec();
    let attributes = value(0xa0, &[&forged.signer.attributes.as_ref().unwrap().concat()]);
    let signer = forged.signer_info_with(&attributes, &Message::ec2().signature());
    check_der(&forged.with_signers(&[&signer]), EC2, Err(Code::CmsSignatureInvalid));
    check(&forged, EC2, Ok(()));
}

#[test]
fn c02_certificates_in_the_message_are_not_read() {
    let attacker = fake::rsa(2);
    let own = certificate(&attacker, SERIAL, &[]);
    let embedded = value(0xa0, &[own.raw()]);
    check(&ec2(|m| m.beside = embedded.clone()), EC2, Ok(()));
    check(&ec2(|m| m.beside = value(0xa0, &[&sequence(&[b"\x00no certificate"])])), EC2, Ok(()));
    let forged = |m: &mut Message| {
        m.beside = embedded.clone();
        m.key = attacker.clone();
    };
    check(&ec2(forged), EC2, Err(Code::CmsSignatureInvalid));
    check(&ecs(forged), ECS, Err(Code::CmsSignatureInvalid));
    let nobody = verify(&ec2(forged).der(), None, &[], &rules(EC2)).unwrap_err();
    assert_eq!(nobody.code(), Code::CmsSignerUnknown);
}

/// How many signers a message has decides before who they are: with the right one alone it verifies.
#[track_caller]
fn check_signers(signers: &[&[u8]], expect: Result<(), Code>) {
    let message = Message::ec2();
    for profile in [EC2, GENERIC] {
        check_der(&message.with_signers(signers), profile, expect);
    }
    if expect.is_err() {
        check_der(&message.with_signers(signers), ECS, expect);
    }
}

#[test]
fn c08_a_message_of_nobody() {
    check_signers(&[&Message::ec2().signer_info()], Ok(()));
    check_signers(&[], Err(Code::CmsSignerCount));
}

#[test]
fn c09_of_several_signers_none_is_believed() {
    let signer = Message::ec2().signer_info();
    let other = ec2(|m| m.key = fake::rsa(2)).signer_info();
    let count = Err(Code::CmsSignerCount);
    check_signers(&[&signer, &signer], count);
    check_signers(&[&other, &signer], count);
    check_signers(&[&signer, &other], count);
    check_signers(&[signer.as_slice(); 100], count);
}

#[test]
fn c17_another_region_is_another_signer() {
    let regions = [1, 2, 3].map(|region| {
        let key = fake::rsa(region);
        PinnedSigner::from_certificate(certificate(&key, 10 + region, &[])).unwrap()
    });
    let of_region = |region: u8| {
        ec2(|m| {
            m.key = fake::rsa(region);
            m.signer.identifier = sequence(&[&name(), &integer(10 + region)]);
        })
    };
    for region in 1..=3 {
        let message = of_region(region).der();
        let verified = verify(&message, None, &regions, &rules(EC2)).unwrap();
        assert_eq!(verified.signer(), regions[usize::from(region) - 1].certificate());
        let others: Vec<_> =
            regions.iter().filter(|other| other.certificate() != verified.signer()).collect();
        for other in others {
            let verdict = verify(&message, None, core::slice::from_ref(other), &rules(EC2));
            assert_eq!(verdict.unwrap_err().code(), Code::CmsSignerUnknown);
        }
    }
    // It names one region and is signed by another.
    let mut message = of_region(1);
    message.key = fake::rsa(2);
    let verdict = verify(&message.der(), None, &regions, &rules(EC2));
    assert_eq!(verdict.unwrap_err().code(), Code::CmsSignatureInvalid);
}

#[test]
fn c19_signers_are_named_byte_by_byte() {
    let unknown = Err(Code::CmsSignerUnknown);
    let identifier = |m: &mut Message, name: &[u8], serial: &[u8]| {
        m.signer.identifier = sequence(&[name, &value(0x02, &[serial])]);
    };
    check(&ec2(|m| identifier(m, &name(), &[SERIAL])), EC2, Ok(()));
    check(&ec2(|m| identifier(m, &name(), &[0, SERIAL])), EC2, unknown);
    check(&ec2(|m| identifier(m, &name(), &[SERIAL + 1])), EC2, unknown);
    check(&ec2(|m| identifier(m, &name(), &[])), EC2, unknown);
    check(&ec2(|m| identifier(m, &named("Cloud", 0x13), &[SERIAL])), EC2, unknown);
    check(&ec2(|m| identifier(m, &named("cloud", 0x0c), &[SERIAL])), EC2, unknown);
    check(&ec2(|m| identifier(m, &sequence(&[]), &[SERIAL])), EC2, unknown);
    let malformed = Err(Code::CmsMalformed);
    check(&ec2(|m| m.signer.identifier = sequence(&[&name()])), EC2, malformed);
    check(&ec2(|m| m.signer.identifier = integer(SERIAL)), EC2, malformed);
}

#[test]
fn c19_key_identifiers_are_those_of_the_configured_certificate() {
    let by_identifier = |identifier: &[u8]| {
        ec2(|m| {
            m.version = integer(3);
            m.signer.version = integer(3);
            m.signer.identifier = value(0x80, &[identifier]);
        })
    };
    let key = fake::rsa(1);
    let with = PinnedSigner::from_certificate(certificate_with_identifier(&key)).unwrap();
    let code = |message: Message, signer: &PinnedSigner| {
        let verdict = verify(&message.der(), None, core::slice::from_ref(signer), &rules(EC2));
        verdict.map(drop).map_err(|refusal| refusal.code())
    };
    assert_eq!(code(by_identifier(KEY_IDENTIFIER), &with), Ok(()));
    assert_eq!(code(Message::ec2(), &with), Ok(()));
    assert_eq!(code(by_identifier(b"another"), &with), Err(Code::CmsSignerUnknown));
    assert_eq!(code(by_identifier(b""), &with), Err(Code::CmsSignerUnknown));
    // A certificate without the extension has no key identifier, neither an empty nor a computed one.
    let without = pinned(&key);
    assert_eq!(code(by_identifier(KEY_IDENTIFIER), &without), Err(Code::CmsSignerUnknown));
    assert_eq!(code(by_identifier(b""), &without), Err(Code::CmsSignerUnknown));
    let wrong_version = ec2(|m| m.signer.identifier = value(0x80, &[KEY_IDENTIFIER]));
    assert_eq!(code(wrong_version, &with), Err(Code::CmsMalformed));
}

#[test]
fn the_signer_is_valid_at_the_time_when_one_is_given() {
    let code = |time: Option<UnixTime>| {
        let rules = CmsRules { time, ..rules(EC2) };
        let verdict = verify(&Message::ec2().der(), None, &[pinned(&fake::rsa(1))], &rules);
        verdict.map(drop).map_err(|refusal| refusal.code())
    };
    let from = UnixTime::from_civil(2020, 1, 1, 0, 0, 0).unwrap();
    let until = UnixTime::from_civil(2049, 12, 31, 23, 59, 59).unwrap();
    assert_eq!(code(None), Ok(()));
    assert_eq!(code(Some(from)), Ok(()));
    assert_eq!(code(Some(until)), Ok(()));
    assert_eq!(code(Some(from.plus(-1))), Err(Code::CmsSignerExpired));
    assert_eq!(code(Some(until.plus(1))), Err(Code::CmsSignerExpired));
}

#[test]
fn steps_come_in_the_one_order() {
    // A message with everything wrong, then mended step by step.
    let mut message = ec2(|m| {
        m.signer.attributes = None;
        m.signer.identifier = sequence(&[&name(), &integer(1)]);
        m.signer.signature_algorithm = algorithm("1.2.840.10040.4.3", NULL);
        m.key = fake::rsa(2);
    });
    check(&message, EC2, Err(Code::CmsAttributes));
    let [content_type, time, _, digest] = usual();
    let forged = message_digest(&[7; 32]);
    message = message.attributes(&[content_type.clone(), time.clone(), forged]);
    check(&message, EC2, Err(Code::CmsSignerUnknown));
    message.signer.identifier = sequence(&[&name(), &integer(SERIAL)]);
    check(&message, EC2, Err(Code::UnsupportedCmsAlgorithm));
    message.signer.signature_algorithm = algorithm(SHA256_WITH_RSA, NULL);
    check(&message, EC2, Err(Code::CmsDigestMismatch));
    message = message.attributes(&[content_type, time, digest]);
    check(&message, EC2, Err(Code::CmsSignatureInvalid));
    message.key = fake::rsa(1);
    check(&message, EC2, Ok(()));
}

#[test]
fn deferred_signatures_are_no_verdict() {
    let message = SignedMessage::parse(&Message::ec2().der()).unwrap();
    let verified = message.verify(None, &[pinned(&fake::rsa(2))], &rules(EC2), fake::LATER);
    let Err(Stop::Wanting(Source::Signatures(checks))) = verified else {
        panic!("a verdict without an answer")
    };
    assert_eq!(checks.len(), 1);
    assert_eq!(checks[0].message, Message::ec2().signed_attributes());
}
