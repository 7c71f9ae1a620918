//! Documents of the stand-in clouds and their bad twins, before the verifier of signed messages: each
//! twin differs from a good message in one thing, and that thing is the reason given.

use credmint_aws_lc::AwsLc;
use credmint_core::cms::{CmsRules, PinnedSigner, Profile, SignedMessage};
use credmint_core::signature::SignatureProvider;
use credmint_core::x509::Certificate;
use credmint_core::{Code, Refusal, Stop};
use credmint_tests::fixtures::cloud_signer::CloudSigner;
use credmint_tests::fixtures::cms::{Draft, Form};
use credmint_tests::fixtures::cms_defects::Defect;
use credmint_tests::fixtures::instance::{AudienceForm, AzureInstance, Ec2Instance, EcsInstance};
use credmint_tests::fixtures::key::{Hash, TestKey};
use credmint_tests::fixtures::private_ca::{ClientProfile, PrivateCa};

/// 2026-11-24T12:00:00Z
const NOW: i64 = 1_795_521_600;

/// The verified content of `message` from `signer`.
fn verify(message: &[u8], signer: &CloudSigner, profile: Profile) -> Result<Vec<u8>, Refusal> {
    verify_with(message, signer.certificate_der(), profile)
}

/// The verified content of `message` from the signer with this certificate, pinned.
fn verify_with(message: &[u8], signer: &[u8], profile: Profile) -> Result<Vec<u8>, Refusal> {
    let provider = SignatureProvider { backends: &[&AwsLc] };
    let certificate = Certificate::from_der(signer)?;
    let signers = [PinnedSigner::from_certificate(certificate)?];
    let rules = CmsRules::at_any_time(profile);
    let verified = SignedMessage::parse(message)?.verify(None, &signers, &rules, provider);
    Ok(verified.map_err(Stop::into_refusal)?.content().to_vec())
}

fn ecs_content() -> Vec<u8> {
    let instance = EcsInstance::new("1000000000000001", "i-test1");
    instance.document(Some("abc"), AudienceForm::Escaped).into_bytes()
}

fn ec2_content() -> Vec<u8> {
    Ec2Instance::new("123456789012", "i-1", "eu-test-1", NOW).document().into_bytes()
}

#[test]
fn good_documents() {
    let check = |signer: &CloudSigner, content: Vec<u8>, form: Form, profile| {
        let verified = verify(&signer.sign(&content, &form), signer, profile);
        assert_eq!(verified.as_ref(), Ok(&content), "{form:?}");
    };
    let ecs = CloudSigner::ecs();
    check(&ecs, ecs_content(), Form::ecs(), Profile::AlibabaEcs);
    check(&ecs, ecs_content(), Form::ecs_sha256(), Profile::AlibabaEcs);
    let ec2 = CloudSigner::ec2("eu-test-1");
    check(&ec2, ec2_content(), Form::ec2(NOW), Profile::AmazonEc2);
    check(&ec2, ec2_content(), Form::ec2(NOW).in_segments(100), Profile::AmazonEc2);
    check(&ec2, ec2_content(), Form::ec2_2018(NOW), Profile::AmazonEc2);
}

#[test]
fn bad_twins() {
    let check = |signer: &CloudSigner, content: Vec<u8>, form: Form, profile| {
        for defect in Defect::of(&form) {
            let message = defect.message(signer, &content, &form);
            let code = verify(&message, signer, profile).map_err(|refusal| refusal.code());
            assert_eq!(code, Err(expected(defect, &form)), "{defect:?} of {form:?}");
        }
        let impostor = signer.impostor().sign(&content, &form);
        let code = verify(&impostor, signer, profile).map_err(|refusal| refusal.code());
        assert_eq!(code, Err(Code::CmsSignatureInvalid), "impostor of {form:?}");
    };
    check(&CloudSigner::ecs(), ecs_content(), Form::ecs(), Profile::AlibabaEcs);
    let ec2 = CloudSigner::ec2("eu-test-1");
    check(&ec2, ec2_content(), Form::ec2(NOW), Profile::AmazonEc2);
    check(&ec2, ec2_content(), Form::ec2_2018(NOW), Profile::AmazonEc2);
}

/// Documents of Azure, and messages of others with the usual attributes.
#[test]
fn bad_twins_of_signers_with_a_chain() {
    let ca = PrivateCa::new("Web");
    let profile = ClientProfile {
        alternative_names: vec!["metadata.azure.com".to_owned()],
        ..ClientProfile::new("metadata.azure.com")
    };
    let signer = ca.issue(&profile, TestKey::rsa());
    let check = |form: Form, profile| {
        let content = AzureInstance::new("s-1", "v-1", NOW).document().into_bytes();
        let good = Draft::new(&signer, &content, &form).encode();
        let verified = verify_with(&good, signer.certificate_der(), profile);
        assert_eq!(verified, Ok(content.clone()), "{form:?}");
        for defect in Defect::of(&form) {
            let message = defect.message(&signer, &content, &form);
            let verdict = verify_with(&message, signer.certificate_der(), profile);
            let code = verdict.map_err(|refusal| refusal.code());
            let expect = match defect {
                // Others may sign what is not read here; clouds may not.
                Defect::UnknownAttribute if profile == Profile::Generic => Ok(content.clone()),
                // SHA-512 is one of its hashes, and the digest is none of it.
                Defect::OtherDigest if profile == Profile::Generic => Err(Code::CmsDigestMismatch),
                // What is taken off leaves no document.
                Defect::DroppedAttributes if profile == Profile::AzureAttested => {
                    Err(Code::CmsSignatureInvalid)
                }
                defect => Err(expected(defect, &form)),
            };
            assert_eq!(code, expect, "{defect:?} of {form:?}");
        }
    };
    check(Form::azure(), Profile::AzureAttested);
    check(Form::usual(NOW), Profile::AzureAttested);
    check(Form::usual(NOW), Profile::Generic);
}

/// Regions share one issuer name; the serial number alone says that this is another.
#[test]
fn a_signer_of_another_region() {
    let (here, there) = (CloudSigner::ec2("eu-test-1"), CloudSigner::ec2("eu-test-2"));
    let message = there.sign(&ec2_content(), &Form::ec2(NOW));
    let code = verify(&message, &here, Profile::AmazonEc2).map_err(|refusal| refusal.code());
    assert_eq!(code, Err(Code::CmsSignerUnknown));
}

/// A message of one cloud's form does not pass under the profile of the other, with either signer.
#[test]
fn forms_of_the_other_profile() {
    let check = |signer: &CloudSigner, form: Form, profile, expect| {
        let message = signer.sign(&ecs_content(), &form);
        let code = verify(&message, signer, profile).map_err(|refusal| refusal.code());
        assert_eq!(code, Err(expect), "{form:?}");
    };
    let (ecs, ec2) = (CloudSigner::ecs(), CloudSigner::ec2("eu-test-1"));
    check(&ecs, Form::ec2(NOW), Profile::AlibabaEcs, Code::CmsAttributes);
    check(&ec2, Form::ecs_sha256(), Profile::AmazonEc2, Code::CmsAttributes);
    let sha1 = Form { digest: Hash::Sha1, ..Form::ec2_2018(NOW) };
    check(&ec2, sha1, Profile::AmazonEc2, Code::UnsupportedCmsAlgorithm);
}

/// The reason that a message with this defect is refused for.
fn expected(defect: Defect, form: &Form) -> Code {
    let attributes = form.attributes.is_some();
    let protected = form.attributes.as_ref().is_some_and(|some| some.algorithm_protection);
    match defect {
        Defect::AlteredContent if attributes => Code::CmsDigestMismatch,
        Defect::AlteredContent | Defect::AlteredSignature => Code::CmsSignatureInvalid,
        Defect::Detached => Code::CmsContentDetached,
        Defect::TrailingByte | Defect::Truncated | Defect::OtherSegment => Code::BerMalformed,
        Defect::DeepSegments => Code::BerTooDeep,
        Defect::OtherMessageType | Defect::OtherContentType => Code::CmsContentType,
        Defect::NoSigner | Defect::TwoSigners => Code::CmsSignerCount,
        Defect::SignerByKeyIdentifier | Defect::SerialWithZeros => Code::CmsSignerUnknown,
        // rsaEncryption contradicts no digest, so the one that no profile takes is what remains.
        Defect::OtherDigest if !form.signature_names_hash => Code::UnsupportedCmsAlgorithm,
        Defect::DigestNotListed | Defect::OtherDigest => Code::CmsAlgorithmMismatch,
        Defect::SignatureNamesOtherHash => Code::CmsAlgorithmMismatch,
        // ecdsa-with-SHA256 contradicts nothing where the digest is SHA-256 and not protected.
        Defect::SignatureNamesOtherKey if form.digest == Hash::Sha256 && !protected => {
            Code::UnsupportedCmsAlgorithm
        }
        Defect::SignatureNamesOtherKey => Code::CmsAlgorithmMismatch,
        Defect::ProtectionNamesOtherDigest => Code::CmsAlgorithmMismatch,
        Defect::AttributesAsContent => Code::CmsAttributesConfusion,
        Defect::OtherMessageDigest => Code::CmsDigestMismatch,
        Defect::DroppedAttributes
        | Defect::NoAttributes
        | Defect::NoContentType
        | Defect::OtherContentTypeAttribute
        | Defect::NoMessageDigest
        | Defect::TwoMessageDigests
        | Defect::TwoDigestValues
        | Defect::TwoSigningTimes
        | Defect::UnknownAttribute
        | Defect::UnsortedAttributes => Code::CmsAttributes,
    }
}
