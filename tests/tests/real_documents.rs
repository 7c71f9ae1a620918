//! Documents that real clouds signed, and messages of other makers, against both signature back ends.

use credmint_aws_lc::AwsLc;
use credmint_core::cms::{Allow, CmsRules, PinnedSigner, Profile, SignedMessage, VerifiedContent};
use credmint_core::signature::{Backend, SignatureProvider};
use credmint_core::x509::Certificate;
use credmint_core::{Code, Fault, Refusal, Stop, UnixTime, ber, pem};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::shared_data;
use std::fs;
use std::path::Path;

/// An identity document, with the certificate that its cloud publishes and one of the cloud's others.
struct Document {
    file: &'static str,
    profile: Profile,
    signer: &'static str,
    wrong_signer: &'static str,
    /// Something of the content.
    says: &'static str,
    signing_time: Option<i64>,
    /// What it needs to be allowed.
    allow: Allow,
}

const NOTHING: Allow = Allow { sha1_rsa: false, sha1_dsa: false };
const DSA: Allow = Allow { sha1_rsa: false, sha1_dsa: true };

const DOCUMENTS: [Document; 7] = [
    Document {
        file: "cms-realworld/ec2-2026-rsa2048.p7.b64",
        profile: Profile::AmazonEc2,
        signer: "cloud-certs/aws/rsa2048/ap-southeast-2.pem",
        wrong_signer: "cloud-certs/aws/rsa2048/us-east-1.pem",
        says: r#""instanceId" : "i-0c5541936caf78c12""#,
        signing_time: Some(1_771_202_308), // 2026-02-16T00:38:28Z
        allow: NOTHING,
    },
    Document {
        file: "pkcs7/aws-iid-2021-us-west-2-rsa2048.b64",
        profile: Profile::AmazonEc2,
        signer: "cloud-certs/aws/rsa2048/us-west-2.pem",
        wrong_signer: "cloud-certs/aws/rsa2048/us-west-1.pem",
        says: r#""instanceId" : "i-078517ca8a70a1dde""#,
        signing_time: Some(1_630_704_347), // 2021-09-03T21:25:47Z
        allow: NOTHING,
    },
    Document {
        file: "pkcs7/aws-iid-2021-us-west-1-rsa2048.b64",
        profile: Profile::AmazonEc2,
        signer: "cloud-certs/aws/rsa2048/us-west-1.pem",
        wrong_signer: "cloud-certs/aws/rsa2048/us-west-2.pem",
        says: r#""instanceId" : "i-01b940c45fd11fe74""#,
        signing_time: Some(1_631_319_262), // 2021-09-11T00:14:22Z
        allow: NOTHING,
    },
    Document {
        file: "cms-realworld/alibaba-ecs-audience-abc.p7.b64",
        profile: Profile::AlibabaEcs,
        signer: "cloud-certs/alibaba-ecs-instance-identity.pem",
        wrong_signer: "cloud-certs/aws/rsa2048/us-west-2.pem",
        says: r#""audience":"abc"}"#,
        signing_time: None,
        allow: NOTHING,
    },
    Document {
        file: "pkcs7/alibaba-ecs-pkcs7-audience-abc.b64",
        profile: Profile::AlibabaEcs,
        signer: "pkcs7/alibaba-ecs-instance-identity-signer.pem",
        wrong_signer: "cloud-certs/aws/rsa2048/us-east-1.pem",
        says: r#""audience":"abc"}"#,
        signing_time: None,
        allow: NOTHING,
    },
    Document {
        file: "cms-realworld/ec2-2016-04-us-east-1-dsa-sha1.p7.b64",
        profile: Profile::AmazonEc2,
        signer: "cloud-certs/aws/dsa-global.pem",
        wrong_signer: "cloud-certs/aws/rsa2048/us-east-1.pem",
        says: r#""instanceId" : "i-"#,
        signing_time: Some(1_460_084_504), // 2016-04-08T03:01:44Z
        allow: DSA,
    },
    Document {
        file: "pkcs7/aws-iid-2016-us-east-1-pkcs7-dsa-sha1.pem",
        profile: Profile::AmazonEc2,
        signer: "pkcs7/aws-cert-dsa-default.pem",
        wrong_signer: "cloud-certs/aws/rsa2048/us-west-2.pem",
        says: r#""region" : "us-east-1""#,
        signing_time: Some(1_460_084_504),
        allow: DSA,
    },
];

/// 2026-11-24T12:00:00Z.
const NOW: UnixTime = UnixTime::from_seconds(1_795_521_600);

/// Rules that allow everything that can be allowed, so that nothing but the profile can be the reason.
fn rules(profile: Profile) -> CmsRules {
    CmsRules::new(profile, NOW).with_allow(Allow { sha1_rsa: true, sha1_dsa: true })
}

fn verify(
    backend: &dyn Backend,
    message: &[u8],
    detached: Option<&[u8]>,
    signer: &PinnedSigner,
    rules: &CmsRules,
) -> Result<VerifiedContent, Refusal> {
    let backends = [backend];
    let (signatures, signers) = (SignatureProvider { backends: &backends }, [signer.clone()]);
    let message = SignedMessage::parse(message)?;
    message.verify(detached, &signers, rules, signatures).map_err(Stop::into_refusal)
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn read_text(path: &Path) -> String {
    String::from_utf8(read(path)).unwrap()
}

fn certificate(path: &Path) -> Certificate {
    Certificate::from_der(&pem::certificate(&read_text(path)).unwrap()).unwrap()
}

fn signer(path: &Path) -> PinnedSigner {
    PinnedSigner::from_certificate_allowing(certificate(path), DSA).unwrap()
}

/// The back ends that have the arithmetic of a document.
fn backends(document: &Document) -> &'static [&'static dyn Backend] {
    if document.allow == DSA { &[&RustCrypto] } else { &[&AwsLc, &RustCrypto] }
}

#[test]
fn c01_every_document_verifies_with_the_published_certificate() {
    let Some(data) = shared_data::folder("") else { return };
    for document in &DOCUMENTS {
        let message = pem::message(&read_text(&data.join(document.file))).unwrap();
        let signer = signer(&data.join(document.signer));
        for backend in backends(document) {
            let rules = rules(document.profile).with_allow(document.allow);
            let verified = verify(*backend, &message, None, &signer, &rules)
                .unwrap_or_else(|refusal| panic!("{}: {refusal}", document.file));
            let content = String::from_utf8(verified.content().to_vec()).unwrap();
            assert!(content.contains(document.says), "{}: {content}", document.file);
            assert_eq!(verified.signing_time().map(UnixTime::seconds), document.signing_time);
            assert_eq!(verified.signer(), signer.certificate());
        }
    }
}

/// There is no byte that may be another one: the framing, the lengths and the ends count as well. Every bit
/// is turned by itself; the last three changes turn one algorithm of a family into another.
#[test]
fn c01_no_byte_of_a_document_can_be_changed() {
    let Some(data) = shared_data::folder("") else { return };
    let changes = [1, 2, 4, 8, 16, 32, 64, 128, 0xff, 0x0a, 0x0d];
    for document in &DOCUMENTS {
        let genuine = pem::message(&read_text(&data.join(document.file))).unwrap();
        let signer = signer(&data.join(document.signer));
        let rules = rules(document.profile);
        let check = |backend: &dyn Backend, at: usize, change: u8| {
            let mut message = genuine.clone();
            message[at] ^= change;
            let verdict = verify(backend, &message, None, &signer, &rules);
            let fault = verdict.err().map(|refusal| refusal.code().fault());
            assert_eq!(fault, Some(Fault::Credential), "{} at {at}, {change:#04x}", document.file);
        };
        let [first, others @ ..] = backends(document) else { panic!("a back end") };
        for at in 0..genuine.len() {
            changes.iter().for_each(|change| check(*first, at, *change));
            others.iter().for_each(|other| check(*other, at, 1));
        }
    }
}

#[test]
fn c15_a_document_ends_where_it_ends() {
    let Some(data) = shared_data::folder("") else { return };
    for document in &DOCUMENTS {
        let genuine = pem::message(&read_text(&data.join(document.file))).unwrap();
        let signer = signer(&data.join(document.signer));
        let refused = |message: &[u8]| {
            verify(&RustCrypto, message, None, &signer, &rules(document.profile)).is_err()
        };
        for end in 0..genuine.len() {
            assert!(refused(&genuine[..end]), "{} cut at {end}", document.file);
        }
        for suffix in [&[0][..], &[0, 0], b"\n", &genuine] {
            assert!(refused(&[&genuine, suffix].concat()), "{} + {suffix:02x?}", document.file);
        }
    }
}

#[test]
fn c17_a_document_of_another_signer_is_refused() {
    let Some(data) = shared_data::folder("") else { return };
    for document in &DOCUMENTS {
        let message = pem::message(&read_text(&data.join(document.file))).unwrap();
        let wrong = signer(&data.join(document.wrong_signer));
        let refusal = verify(&AwsLc, &message, None, &wrong, &rules(document.profile)).unwrap_err();
        assert_eq!(refusal.code(), Code::CmsSignerUnknown, "{}: {refusal}", document.file);
    }
}

#[test]
fn c03_a_document_under_another_profile_is_refused() {
    let Some(data) = shared_data::folder("") else { return };
    for document in &DOCUMENTS {
        let message = pem::message(&read_text(&data.join(document.file))).unwrap();
        let signer = signer(&data.join(document.signer));
        let code = |profile| {
            let verdict = verify(&RustCrypto, &message, None, &signer, &rules(profile));
            verdict.map(drop).map_err(|refusal| refusal.code())
        };
        match document.profile {
            Profile::AmazonEc2 => {
                assert_eq!(code(Profile::AlibabaEcs), Err(Code::CmsAttributes));
                assert_eq!(code(Profile::AzureAttested), Err(Code::CmsSignerName));
                assert_eq!(code(Profile::Generic), Ok(()), "{}", document.file);
            }
            _ => {
                assert_eq!(code(Profile::AmazonEc2), Err(Code::CmsAttributes));
                assert_eq!(code(Profile::AzureAttested), Err(Code::CmsSignerName));
                assert_eq!(code(Profile::Generic), Err(Code::CmsAttributes));
            }
        }
    }
}

/// The attack on genuine documents: their signed attributes are what the signer signed, so without them they
/// would be content.
#[test]
fn c03_attributes_of_a_document_are_no_content() {
    let Some(data) = shared_data::folder("") else { return };
    for document in DOCUMENTS.iter().filter(|document| document.profile == Profile::AmazonEc2) {
        let genuine = pem::message(&read_text(&data.join(document.file))).unwrap();
        let signer = signer(&data.join(document.signer));
        let forged = attributes_as_content(&genuine);
        for profile in
            [Profile::AmazonEc2, Profile::AlibabaEcs, Profile::Generic, Profile::AzureAttested]
        {
            let refusal = verify(&RustCrypto, &forged, None, &signer, &rules(profile)).unwrap_err();
            assert_eq!(refusal.code(), Code::CmsAttributesConfusion, "{refusal}");
        }
    }
}

/// A message in DER with the signed attributes of `message` as content and none as attributes.
fn attributes_as_content(message: &[u8]) -> Vec<u8> {
    let der = ber::to_der(message).unwrap();
    let info = parts(contents(&der));
    let signed_data = parts(contents(contents(info[1])));
    let signer_info = parts(contents(contents(signed_data[3])));
    let [version, sid, digest_algorithm, attributes, signature_algorithm, signature] =
        signer_info[..]
    else {
        panic!("a SignerInfo with signed attributes")
    };
    let content = [&[0x31], &attributes[1..]].concat();
    let encapsulated = parts(contents(signed_data[2]));
    let content = value(0x30, &[encapsulated[0], &value(0xa0, &[&value(0x04, &[&content])])]);
    let signer = value(0x30, &[version, sid, digest_algorithm, signature_algorithm, signature]);
    let signed_data =
        value(0x30, &[signed_data[0], signed_data[1], &content, &value(0x31, &[&signer])]);
    value(0x30, &[info[0], &value(0xa0, &[&signed_data])])
}

/// DSA with SHA-1 is accepted where it is allowed by name, for its one signer, and nowhere else.
#[test]
fn c11_the_legacy_document_of_ec2_needs_to_be_allowed() {
    let Some(data) = shared_data::folder("") else { return };
    let dsa = certificate(&data.join("cloud-certs/aws/dsa-global.pem"));
    for allow in [NOTHING, Allow { sha1_rsa: true, ..NOTHING }] {
        let refusal = PinnedSigner::from_certificate_allowing(dsa.clone(), allow).unwrap_err();
        assert_eq!(refusal.code(), Code::UnsupportedKey, "{refusal}");
    }
    let code = PinnedSigner::from_certificate(dsa).err().map(|refusal| refusal.code());
    assert_eq!(code, Some(Code::UnsupportedKey));
    for document in DOCUMENTS.iter().filter(|document| document.allow == DSA) {
        let message = pem::message(&read_text(&data.join(document.file))).unwrap();
        let signer = signer(&data.join(document.signer));
        for profile in [Profile::AmazonEc2, Profile::Generic] {
            let rules = rules(profile).with_allow(NOTHING);
            let refusal = verify(&RustCrypto, &message, None, &signer, &rules).unwrap_err();
            assert_eq!(
                refusal.code(),
                Code::UnsupportedCmsAlgorithm,
                "{}: {refusal}",
                document.file
            );
        }
        // A host without the arithmetic says so.
        let rules = rules(Profile::AmazonEc2);
        let refusal = verify(&AwsLc, &message, None, &signer, &rules).unwrap_err();
        assert_eq!(refusal.code(), Code::UnsupportedSignature, "{refusal}");
    }
}

/// Of the many certificates of a cloud, one verifies a document: its region's.
#[test]
fn c17_one_certificate_of_the_table_verifies_a_document() {
    let Some(data) = shared_data::folder("") else { return };
    let signers: Vec<PinnedSigner> = credmint_clouds::rows()
        .iter()
        .map(|row| Certificate::from_der(&row.certificate).unwrap())
        .map(|certificate| PinnedSigner::from_certificate_allowing(certificate, DSA).unwrap())
        .collect();
    for document in &DOCUMENTS {
        let message = pem::message(&read_text(&data.join(document.file))).unwrap();
        let rules = rules(document.profile);
        let good = signers
            .iter()
            .zip(credmint_clouds::rows())
            .filter(|(signer, _)| verify(&RustCrypto, &message, None, signer, &rules).is_ok());
        let good: Vec<_> = good.map(|(_, row)| row).collect();
        assert_eq!(good.len(), 1, "{}", document.file);
        assert!(good[0].verified_by_real_document, "{}", good[0].name());
    }
}

#[test]
fn c18_every_certificate_of_the_endpoint_can_be_pinned_and_no_small_one() {
    let Some(data) = shared_data::folder("cloud-certs") else { return };
    let check = |folder: &str, expect: Result<(), Code>| {
        let mut count = 0;
        for entry in fs::read_dir(data.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let pinned = PinnedSigner::from_certificate(certificate(&path));
            assert_eq!(pinned.map(drop).map_err(|r| r.code()), expect, "{}", path.display());
            count += 1;
        }
        assert!(count > 30, "{folder} has {count} certificates");
    };
    check("aws/rsa2048", Ok(()));
    check("aws/rsa1024", Err(Code::KeyWeak));
}

#[test]
fn c14_content_beside_a_document_is_the_content_inside() {
    let Some(data) = shared_data::folder("") else { return };
    let document = &DOCUMENTS[3];
    let message = pem::message(&read_text(&data.join(document.file))).unwrap();
    let signer = signer(&data.join(document.signer));
    let check = |content: Option<&[u8]>| {
        verify(&AwsLc, &message, content, &signer, &rules(document.profile))
    };
    let inside = check(None).unwrap();
    assert_eq!(check(Some(inside.content())).unwrap(), inside);
    let other = [inside.content(), b" "].concat();
    assert_eq!(check(Some(&other)).unwrap_err().code(), Code::CmsContentDiffers);
}

#[test]
fn c13_messages_in_der_come_through_unchanged() {
    let Some(data) = shared_data::folder("rustcrypto-formats/cms/tests/examples") else { return };
    for file in ["cms_der.bin", "sd.cms", "scep_der.bin", "apple_mdm_signature_der.bin"] {
        let der = read(&data.join(file));
        assert!(ber::to_der(&der).unwrap() == der, "{file}");
    }
}

#[test]
fn messages_of_other_makers_verify_with_their_signer_pinned() {
    let Some(data) = shared_data::folder("") else { return };
    // The signer's certificate is the first one inside these; here it is pinned as if it were configured.
    let check = |file: &str, expect: Result<usize, Code>| {
        let message = read(&data.join(file));
        let der = ber::to_der(&message).unwrap();
        let signed_data = parts(contents(contents(parts(contents(&der))[1])));
        let certificates = signed_data.iter().find(|part| part[0] == 0xa0).unwrap();
        let own = Certificate::from_der(parts(contents(certificates))[0]).unwrap();
        let signer = PinnedSigner::from_certificate(own).unwrap();
        let rules = CmsRules::at_any_time(Profile::Generic);
        for backend in [&AwsLc as &dyn Backend, &RustCrypto] {
            let verdict = verify(backend, &message, None, &signer, &rules);
            let verdict = verdict.map(|verified| verified.content().len());
            assert_eq!(verdict.map_err(|refusal| refusal.code()), expect, "{file}");
        }
    };
    check("rustcrypto-formats/cms/tests/examples/cms_ber.bin", Ok(10_034));
    check("rustcrypto-formats/cms/tests/examples/cms_der.bin", Ok(10_034));
    check("rustcrypto-formats/cms/tests/examples/sd.cms", Ok(447));
    check("cms-generic/apple-app-store-receipt.p7.ber", Err(Code::CmsAttributesConfusion));
}

#[test]
fn c16_messages_of_other_types_are_refused_by_name() {
    let Some(data) = shared_data::folder("") else { return };
    let check = |file: &str, found: &str| {
        let bytes = read(&data.join(file));
        let message = match std::str::from_utf8(&bytes) {
            Ok(text) => pem::message(text).unwrap(),
            Err(_) => bytes,
        };
        let refusal = SignedMessage::parse(&message).unwrap_err();
        assert_eq!(refusal.code(), Code::CmsContentType, "{file}: {refusal}");
        assert_eq!(refusal.found_text(), Some(found), "{file}");
    };
    check("asn1crypto/cms-compressed.der", "id-ct-compressedData");
    check("asn1crypto/cms-digested.der", "id-digestedData");
    check("asn1crypto/cms-encrypted.der", "id-encryptedData");
    check("asn1crypto/cms-enveloped.der", "id-envelopedData");
    check("asn1crypto/cms-signed-digested.der", "id-digestedData");
    check("pyca/pkcs7/authenticode.der", "Authenticode");
    check("pyca/pkcs7/enveloped.pem", "id-envelopedData");
    check("pyca/pkcs7/enveloped-triple-des.pem", "id-envelopedData");
    check("rustcrypto-formats/cms/tests/examples/compressed_data.bin", "id-ct-compressedData");
    check("rustcrypto-formats/cms/tests/examples/enveloped_data_ktri.bin", "id-envelopedData");
}

#[test]
fn c08_a_bag_of_certificates_is_no_message() {
    let Some(data) = shared_data::folder("pyca/pkcs7") else { return };
    let refusal = SignedMessage::parse(&read(&data.join("amazon-roots.der"))).unwrap_err();
    assert_eq!(refusal.code(), Code::CmsSignerCount, "{refusal}");
}

/// The values in a run of DER.
fn parts(mut der: &[u8]) -> Vec<&[u8]> {
    let mut all = Vec::new();
    while !der.is_empty() {
        let contents = contents(der);
        let end = contents.as_ptr_range().end as usize - der.as_ptr() as usize;
        let (part, rest) = der.split_at(end);
        all.push(part);
        der = rest;
    }
    all
}

/// What the first value of a run of DER contains.
fn contents(der: &[u8]) -> &[u8] {
    let (start, length) = match der[1] {
        short @ 0..=0x7f => (2, usize::from(short)),
        long => {
            let start = 2 + usize::from(long & 0x7f);
            (start, der[2..start].iter().fold(0, |sum, byte| sum * 256 + usize::from(*byte)))
        }
    };
    &der[start..start + length]
}

/// One value in DER.
fn value(tag: u8, contents: &[&[u8]]) -> Vec<u8> {
    let contents = contents.concat();
    let length = u16::try_from(contents.len()).unwrap().to_be_bytes();
    let header = match contents.len() {
        0..=0x7f => vec![tag, length[1]],
        0x80..=0xff => vec![tag, 0x81, length[1]],
        _ => vec![tag, 0x82, length[0], length[1]],
    };
    [header, contents].concat()
}
