//! Verifying an instance document: everything from the bytes of the message to its content.

use crate::measure::compare;
use credmint_aws_lc::AwsLc;
use credmint_core::cms::{CmsRules, PinnedSigner, Profile, SignedMessage, VerifiedContent};
use credmint_core::signature::{Answer, Backend, PublicKey, RsaLimit, Scheme, SignatureProvider};
use credmint_core::x509::Certificate;
use credmint_core::{Hash, UnixTime};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::fixtures::cloud_signer::CloudSigner;
use credmint_tests::fixtures::cms::Form;
use credmint_tests::fixtures::instance::{AudienceForm, Ec2Instance, EcsInstance};
use std::cell::RefCell;
use std::fs;
use std::hint::black_box;
use std::path::Path;

/// 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;

/// Runs all of it.
pub(crate) fn run(folder: Option<&Path>) {
    println!(
        "a document as the metadata service gives it, without its base64; the signer is prepared"
    );
    let ec2 = CloudSigner::ec2("us-west-2");
    let instance = Ec2Instance::new("123456789012", "i-0abcdef1234567890", "us-west-2", NOW);
    let document = ec2.sign(instance.document().as_bytes(), &Form::ec2(NOW));
    let content = one("EC2, BER, signed attributes", &ec2, Profile::AmazonEc2, &document);
    write(folder, "ec2", &ec2, &document, &content);
    let ecs = CloudSigner::ecs();
    let instance = EcsInstance::new("1234567890123456", "i-bp1abcdefghijklmnopq");
    let content = instance.document(Some("idaas_7f3c91d0b2"), AudienceForm::Raw);
    let document = ecs.sign(content.as_bytes(), &Form::ecs());
    let content = one("ECS, DER, SHA-1", &ecs, Profile::AlibabaEcs, &document);
    write(folder, "ecs", &ecs, &document, &content);
}

/// Writes what the benchmark in Node verifies.
fn write(folder: Option<&Path>, name: &str, signer: &CloudSigner, message: &[u8], content: &[u8]) {
    let Some(folder) = folder else { return };
    fs::create_dir_all(folder).expect("a folder");
    let files = [("ber", message), ("der", signer.certificate_der()), ("json", content)];
    for (extension, bytes) in files {
        fs::write(folder.join(name).with_extension(extension), bytes).expect("a file");
    }
}

/// Measures one document and returns its content.
fn one(name: &str, signer: &CloudSigner, profile: Profile, message: &[u8]) -> Vec<u8> {
    let certificate = Certificate::from_der(signer.certificate_der()).expect("a certificate");
    let signers = [PinnedSigner::from_certificate(certificate.clone()).expect("a signer")];
    let rules = CmsRules::new(profile, UnixTime::from_seconds(NOW));
    let verify = |backend: &dyn Backend| verify(message, &signers, &rules, &[backend]);
    let recorder = Recorder::default();
    let content = verify(&recorder).content().to_vec();
    let check = recorder.0.into_inner().expect("one signature");
    // A message with attributes costs a digest of the content beside the signature over the attributes.
    let digest = || (check.message != content).then(|| Hash::Sha256.digest(&content));
    let key = certificate.public_key(RsaLimit::Standard).expect("a key");
    let bare = |backend: &dyn Backend| {
        let answer = backend.verify(check.scheme, &key, &check.message, &check.signature);
        assert_eq!(answer, Answer::Good);
        black_box(digest())
    };
    compare(
        format!("{name}, AWS-LC"),
        || verify(&AwsLc),
        ("digest and signature", || bare(&AwsLc)),
        Some(1.15),
    );
    compare(
        format!("{name}, pure Rust"),
        || verify(&RustCrypto),
        ("digest and signature", || bare(&RustCrypto)),
        None,
    );
    content
}

fn verify(
    message: &[u8],
    signers: &[PinnedSigner],
    rules: &CmsRules,
    backends: &[&dyn Backend],
) -> VerifiedContent {
    let message = SignedMessage::parse(message).expect("a message");
    message.verify(None, signers, rules, SignatureProvider { backends }).expect("a good document")
}

/// The one signature of a document.
struct Check {
    scheme: Scheme,
    message: Vec<u8>,
    signature: Vec<u8>,
}

/// Keeps what it is asked, and says yes.
#[derive(Default)]
struct Recorder(RefCell<Option<Check>>);

impl Backend for Recorder {
    fn verify(&self, scheme: Scheme, _: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        let (message, signature) = (message.to_vec(), signature.to_vec());
        self.0.replace(Some(Check { scheme, message, signature }));
        Answer::Good
    }
}
