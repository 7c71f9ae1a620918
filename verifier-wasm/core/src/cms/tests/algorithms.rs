//! Algorithms: statements that contradict each other, and what a profile does not have.

use super::message::*;
use super::*;
use crate::ber::writer::{NULL, oid, sequence, value};
use crate::signature::{Curve, PublicKey};
use alloc::vec;

#[test]
fn c10_statements_about_algorithms_agree() {
    let mismatch = Err(Code::CmsAlgorithmMismatch);
    let sha256 = || algorithm(SHA256, NULL);
    let sha384 = || algorithm(SHA384, NULL);
    let rsa = || algorithm(SHA256_WITH_RSA, NULL);
    check(&ec2(|m| m.digest_algorithms = vec![sha384(), sha256()]), EC2, Ok(()));
    check(&ec2(|m| m.digest_algorithms = vec![algorithm(SHA256, &[])]), EC2, Ok(()));
    check(&ec2(|m| m.digest_algorithms = vec![]), EC2, mismatch);
    check(&ec2(|m| m.digest_algorithms = vec![sha384()]), EC2, mismatch);
    check(&ec2(|m| m.digest_algorithms = vec![algorithm(SHA256, &[4, 0])]), EC2, mismatch);

    // The signature algorithm names another hash than the digest algorithm.
    let [content_type, time, _, digest] = usual();
    let unprotected = Message::ec2().attributes(&[content_type, time, digest]);
    let signed_with = |signature: &str, profile, expect| {
        let mut message = unprotected.clone();
        message.signer.signature_algorithm = algorithm(signature, NULL);
        check(&message, profile, expect);
    };
    signed_with(SHA256_WITH_RSA, EC2, Ok(()));
    signed_with(RSA, EC2, Ok(()));
    signed_with(SHA1_WITH_RSA, EC2, mismatch);
    signed_with("1.2.840.113549.1.1.13", GENERIC, mismatch);

    // CMSAlgorithmProtection.
    let [content_type, time, _, digest] = usual();
    let protected = |protection: Vec<u8>| {
        Message::ec2().attributes(&[content_type.clone(), time.clone(), protection, digest.clone()])
    };
    check(&protected(algorithm_protection(&sha256(), &rsa())), EC2, Ok(()));
    check(&protected(algorithm_protection(&sha384(), &rsa())), EC2, mismatch);
    check(&protected(algorithm_protection(&sha256(), &algorithm(RSA, NULL))), EC2, mismatch);
    check(&protected(algorithm_protection(&algorithm(SHA256, &[]), &rsa())), EC2, mismatch);
    let other_form =
        |contents: &[&[u8]]| protected(attribute(ALGORITHM_PROTECTION, &[&sequence(contents)]));
    let mut implicit = rsa();
    implicit[0] = 0xa1;
    check(&other_form(&[&sha256(), &implicit]), EC2, Ok(()));
    check(&other_form(&[&sha256(), &implicit, NULL]), EC2, Err(Code::CmsAttributes));
    check(&other_form(&[&sha256()]), EC2, Err(Code::CmsAttributes));
    check(&other_form(&[&sha256(), &value(0xa2, &[&oid(SHA256)])]), EC2, Err(Code::CmsAttributes));
    let unprotected = Message::ec2().attributes(&[content_type, time, digest]);
    check(&unprotected, EC2, Ok(()));
}

#[test]
fn c11_algorithms_are_those_of_the_profile() {
    let refused = Err(Code::UnsupportedCmsAlgorithm);
    let unprotected = |hash: Hash, digest: Vec<u8>, signature: Vec<u8>| {
        let content = Message::ec2().content;
        let [content_type, time, ..] = usual();
        let mut message = Message::ec2().attributes(&[
            content_type,
            time,
            message_digest(&hash.digest(&content)),
        ]);
        message.digest_algorithms = vec![digest.clone()];
        message.signer.digest_algorithm = digest;
        message.signer.signature_algorithm = signature;
        message
    };
    let rsa = |hash, digest, parameters: &[u8], signature| {
        unprotected(hash, algorithm(digest, parameters), algorithm(signature, parameters))
    };
    // What EC2 wrote in 2018, and since.
    for message in [
        rsa(Hash::Sha256, SHA256, NULL, RSA),
        rsa(Hash::Sha256, SHA256, &[], RSA),
        rsa(Hash::Sha256, SHA256, NULL, SHA256_WITH_RSA),
        rsa(Hash::Sha256, SHA256, &[], SHA256_WITH_RSA),
    ] {
        check(&message, EC2, Ok(()));
    }
    check(&rsa(Hash::Sha256, SHA256, &[4, 0], RSA), EC2, refused);
    check(&rsa(Hash::Sha384, SHA384, NULL, RSA), EC2, refused);
    check(&rsa(Hash::Sha384, SHA384, NULL, RSA), GENERIC, Ok(()));
    check(&rsa(Hash::Sha512, SHA512, NULL, RSA), GENERIC, Ok(()));
    check(&rsa(Hash::Sha256, SHA256_WITH_RSA, NULL, RSA), GENERIC, refused);
    for unknown in ["1.2.840.113549.2.5", "2.16.840.1.101.3.4.2.4", "1.2.3"] {
        check(&rsa(Hash::Sha256, unknown, NULL, RSA), GENERIC, refused);
    }
    for unknown in ["1.2.840.10040.4.3", "1.2.840.113549.1.1.10", "1.3.101.112", "1.2.3"] {
        check(&rsa(Hash::Sha256, SHA256, NULL, unknown), GENERIC, refused);
    }

    // SHA-1: by the profile of Alibaba Cloud in its own form, or by name.
    let sha1 = rsa(Hash::Sha1, SHA1, NULL, SHA1_WITH_RSA);
    let signer = [pinned(&fake::rsa(1))];
    let allowed = |profile| CmsRules {
        allow: Allow { sha1_rsa: true, ..Allow::default() },
        ..rules(profile)
    };
    check(&sha1, GENERIC, refused);
    assert!(verify(&sha1.der(), None, &signer, &allowed(GENERIC)).is_ok());
    assert_eq!(
        verify(&sha1.der(), None, &signer, &allowed(EC2)).err().map(|refusal| refusal.code()),
        Some(Code::UnsupportedCmsAlgorithm)
    );
    let ecs_with = |digest: &str, signature: &str| {
        ecs(|m| {
            m.digest_algorithms = vec![algorithm(digest, NULL)];
            m.signer.digest_algorithm = algorithm(digest, NULL);
            m.signer.signature_algorithm = algorithm(signature, NULL);
        })
    };
    check(&ecs_with(SHA1, RSA), ECS, Ok(()));
    check(&ecs_with(SHA1, SHA1_WITH_RSA), ECS, refused);
    check(&ecs_with(SHA256, RSA), ECS, Ok(()));
    check(&ecs_with(SHA256, SHA256_WITH_RSA), ECS, Ok(()));
    check(&ecs_with(SHA512, RSA), ECS, refused);
}

#[test]
fn ecdsa_signers_are_generic_and_the_key_decides() {
    let with_key = |key: &PublicKey, parameters: &[u8]| {
        let [content_type, time, _, digest] = usual();
        let mut message = Message::ec2().attributes(&[content_type, time, digest]);
        message.signer.signature_algorithm = algorithm(ECDSA_WITH_SHA256, parameters);
        message.key = key.clone();
        message
    };
    let code = |message: &Message, pinned_key: &PublicKey, profile| {
        let verdict = verify(&message.der(), None, &[pinned(pinned_key)], &rules(profile));
        verdict.map(drop).map_err(|refusal| refusal.code())
    };
    let (p256, p384) = (fake::ec(Curve::P256), fake::ec(Curve::P384));
    assert_eq!(code(&with_key(&p256, &[]), &p256, GENERIC), Ok(()));
    assert_eq!(code(&with_key(&p384, &[]), &p384, GENERIC), Ok(()));
    assert_eq!(code(&with_key(&p256, NULL), &p256, GENERIC), Ok(()));
    let other = with_key(&p256, b"\x06\x01\x2a");
    assert_eq!(code(&other, &p256, GENERIC), Err(Code::UnsupportedCmsAlgorithm));
    assert_eq!(code(&with_key(&p256, &[]), &p256, EC2), Err(Code::UnsupportedCmsAlgorithm));
    assert_eq!(
        code(&with_key(&p256, &[]), &fake::rsa(1), GENERIC),
        Err(Code::UnsupportedCmsAlgorithm)
    );
    assert_eq!(code(&Message::ec2(), &p256, EC2), Err(Code::UnsupportedCmsAlgorithm));
    assert_eq!(code(&with_key(&p256, &[]), &p384, GENERIC), Err(Code::CmsSignatureInvalid));
    assert_eq!(code(&with_key(&p384, &[]), &p256, GENERIC), Err(Code::SignatureMalformed));

    let message = with_key(&p256, &[]);
    let attributes = value(0xa0, &[&message.signer.attributes.as_ref().unwrap().concat()]);
    let fixed = fake::signed(&p256, &message.signed_attributes());
    let signer = message.signer_info_with(&attributes, &fixed);
    let verdict =
        verify(&message.with_signers(&[&signer]), None, &[pinned(&p256)], &rules(GENERIC));
    assert_eq!(verdict.unwrap_err().code(), Code::SignatureMalformed);
}
