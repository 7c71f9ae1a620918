//! Messages whose signers are led to a root by the certificates inside, and the same with one thing wrong.

use credmint_aws_lc::AwsLc;
use credmint_core::cms::{Allow, Authorities, CmsRules, Profile, SignedMessage, Trust};
use credmint_core::signature::SignatureProvider;
use credmint_core::x509::{Certificate, TrustAnchor};
use credmint_core::{Code, Fault, Stop, UnixTime};
use credmint_tests::commands;
use credmint_tests::fixtures::cms::{Draft, Form};
use credmint_tests::fixtures::instance::AzureInstance;
use credmint_tests::fixtures::key::{Hash, TestKey};
use credmint_tests::fixtures::pem;
use credmint_tests::fixtures::private_ca::{Client, ClientProfile, PrivateCa};
use rcgen::ExtendedKeyUsagePurpose as Usage;
use serde_json::{Value, json};

/// 2026-11-24T12:00:00Z
const NOW: i64 = 1_795_521_600;

/// A message of `signer` with these certificates inside.
fn message(signer: &Client, content: &[u8], form: &Form, inside: &[&[u8]]) -> Vec<u8> {
    let mut draft = Draft::new(signer, content, form);
    draft.certificates = inside.iter().map(|certificate| certificate.to_vec()).collect();
    draft.encode()
}

/// The subjects of the verified certificates, the signer's first.
fn verify(message: &[u8], ca: &PrivateCa, profile: Profile) -> Result<Vec<String>, Code> {
    verify_allowing(message, ca, profile, Allow::default())
}

fn verify_allowing(
    message: &[u8],
    ca: &PrivateCa,
    profile: Profile,
    allow: Allow,
) -> Result<Vec<String>, Code> {
    let verify = || {
        let anchor = TrustAnchor::from_certificate(Certificate::from_der(ca.root_der())?)?;
        let authorities = Authorities {
            anchors: &[anchor],
            intermediates: &[],
            time: UnixTime::from_seconds(NOW),
        };
        let trust = Trust { signers: &[], authorities: Some(authorities) };
        let rules = CmsRules::at_any_time(profile).with_allow(allow);
        let signatures = SignatureProvider { backends: &[&AwsLc] };
        let verified =
            SignedMessage::parse(message)?.verify_by(None, &trust, &rules, signatures)?;
        Ok(verified.certificates().map(|one| one.subject().to_string()).collect())
    };
    verify().map_err(|stop: Stop| stop.into_refusal().code())
}

/// Whether a message of a signer of this kind verifies under the generic profile.
fn generic(ca: &PrivateCa, profile: &ClientProfile) -> Result<(), Code> {
    let signer = ca.issue(profile, TestKey::rsa());
    let inside = [signer.certificate_der(), ca.intermediate_der()];
    verify(&message(&signer, b"text", &Form::usual(NOW), &inside), ca, Profile::Generic).map(drop)
}

#[test]
fn c02_a_signer_led_to_a_root() {
    let ca = PrivateCa::new("Plant");
    let signer = ca.client_rsa("machine");
    let (leaf, issuing) = (signer.certificate_der(), ca.intermediate_der());
    let check = |inside: &[&[u8]], expect: Result<usize, Code>| {
        let verdict =
            verify(&message(&signer, b"text", &Form::usual(NOW), inside), &ca, Profile::Generic);
        assert_eq!(verdict.map(|subjects| subjects.len()), expect);
    };
    check(&[leaf, issuing], Ok(2));
    check(&[issuing, leaf], Ok(2));
    check(&[ca.root_der(), issuing, leaf], Ok(2));
    check(&[leaf], Err(Code::PathNotFound));
    check(&[issuing], Err(Code::CmsSignerUnknown));
    check(&[], Err(Code::CmsSignerUnknown));
    check(&[leaf, leaf, issuing], Err(Code::CmsMalformed));
    check(&[leaf, issuing, &[0x30, 0]], Err(Code::CertificateMalformed));
    check(&[&[leaf][..], &[issuing; 8]].concat(), Err(Code::CertificatesTooMany));
    // Another authority of the same names, and a certificate of the signer's names and number by it.
    let impostor = ca.impostor();
    let inside = [leaf, issuing];
    let genuine = message(&signer, b"text", &Form::usual(NOW), &inside);
    assert_eq!(verify(&genuine, &impostor, Profile::Generic), Err(Code::PathSignatureInvalid));
    let serial = Certificate::from_der(leaf).unwrap().serial().to_vec();
    let forged = ClientProfile { serial: Some(serial), ..ClientProfile::new("machine") };
    let forger = impostor.issue(&forged, TestKey::rsa());
    let forgery = |inside: &[&[u8]]| {
        verify(&message(&forger, b"text", &Form::usual(NOW), inside), &ca, Profile::Generic)
    };
    let (own, own_issuing) = (forger.certificate_der(), impostor.intermediate_der());
    assert_eq!(forgery(&[own, own_issuing, impostor.root_der()]), Err(Code::PathSignatureInvalid));
    // The genuine certificate inside does not make the forger's signature good, nor both at once.
    assert_eq!(forgery(&[leaf, issuing]), Err(Code::CmsSignatureInvalid));
    assert_eq!(forgery(&[own, leaf, issuing]), Err(Code::CmsMalformed));
    assert_eq!(forgery(&[leaf, own, issuing]), Err(Code::CmsMalformed));
}

#[test]
fn c01_a_good_chain_is_no_good_signature() {
    let ca = PrivateCa::new("Plant");
    let signer = ca.client_rsa("machine");
    let inside = [signer.certificate_der(), ca.intermediate_der()];
    let genuine = message(&signer, b"text", &Form::usual(NOW), &inside);
    assert!(verify(&genuine, &ca, Profile::Generic).is_ok());
    for at in 0..genuine.len() {
        let mut changed = genuine.clone();
        changed[at] ^= 1;
        let fault = verify(&changed, &ca, Profile::Generic).err().map(|code| code.fault());
        assert_eq!(fault, Some(Fault::Credential), "at {at}");
    }
}

#[test]
fn x07_signers_are_for_signing() {
    let ca = PrivateCa::new("Plant");
    let good = || ClientProfile::new("machine");
    let used_for =
        |usages: &[Usage]| ClientProfile { extended_key_usages: usages.to_vec(), ..good() };
    let wrong = Err(Code::CertificateExtendedKeyUsage);
    assert_eq!(generic(&ca, &good()), Ok(()));
    assert_eq!(generic(&ca, &used_for(&[])), Ok(()));
    assert_eq!(generic(&ca, &used_for(&[Usage::EmailProtection])), Ok(()));
    assert_eq!(generic(&ca, &used_for(&[Usage::CodeSigning, Usage::ServerAuth])), Ok(()));
    assert_eq!(generic(&ca, &used_for(&[Usage::ServerAuth])), wrong);
    assert_eq!(generic(&ca, &used_for(&[Usage::TimeStamping])), wrong);
    assert_eq!(generic(&ca, &used_for(&[Usage::Any])), wrong);
    assert_eq!(generic(&ca, &good().for_encryption()), Err(Code::CertificateKeyUsage));
    assert_eq!(generic(&ca, &good().expired()), Err(Code::CertificateExpired));
    assert_eq!(generic(&ca, &good().not_yet_valid()), Err(Code::CertificateNotYetValid));
}

/// A signer like those of Azure: the certificate of a TLS host.
fn host(ca: &PrivateCa, names: &[&str]) -> Client {
    let profile = ClientProfile {
        alternative_names: names.iter().map(ToString::to_string).collect(),
        extended_key_usages: vec![Usage::ServerAuth, Usage::ClientAuth],
        ..ClientProfile::new("metadata.azure.com")
    };
    ca.issue(&profile, TestKey::rsa())
}

fn azure(ca: &PrivateCa, signer: &Client, form: &Form) -> Result<(), Code> {
    let content = AzureInstance::new("s-1", "v-1", NOW).document();
    let inside = [signer.certificate_der(), ca.intermediate_der()];
    let message = message(signer, content.as_bytes(), form, &inside);
    verify(&message, ca, Profile::AzureAttested).map(drop)
}

#[test]
fn c10_c17_documents_of_azure() {
    let ca = PrivateCa::new("Web");
    let signer = host(&ca, &["metadata.azure.com", "southcentralus.metadata.azure.com"]);
    let form = Form::azure();
    assert_eq!(azure(&ca, &signer, &form), Ok(()));
    assert_eq!(azure(&ca, &signer, &Form::ecs_sha256()), Ok(()));
    assert_eq!(azure(&ca, &signer, &Form::usual(NOW)), Ok(()));
    let sha512 = Form { digest: Hash::Sha512, ..Form::azure() };
    assert_eq!(azure(&ca, &signer, &sha512), Err(Code::UnsupportedCmsAlgorithm));
    assert_eq!(azure(&ca, &signer, &Form::ecs()), Err(Code::UnsupportedCmsAlgorithm));
    let sha1 = Form { digest: Hash::Sha1, ..Form::azure() };
    assert_eq!(azure(&ca, &signer, &sha1), Err(Code::UnsupportedCmsAlgorithm));

    // The root vouches for everybody; the host name alone says that this is Azure.
    for names in [&["example.com"][..], &[], &["metadata.azure.com.example"], &["10.0.0.1"]] {
        assert_eq!(azure(&ca, &host(&ca, names), &form), Err(Code::CmsSignerName), "{names:?}");
    }
    assert_eq!(azure(&ca, &host(&ca, &["usgovvirginia.metadata.azure.us"]), &form), Ok(()));
    // A wildcard stands for hosts below what follows it.
    for names in [&["metadata.azure.com", "*.metadata.azure.com"][..], &["*.metadata.azure.cn"]] {
        assert_eq!(azure(&ca, &host(&ca, names), &form), Ok(()), "{names:?}");
    }
    for names in [&["*.azure.com"][..], &["*.com", "*.metadata.azure.com.example"]] {
        assert_eq!(azure(&ca, &host(&ca, names), &form), Err(Code::CmsSignerName), "{names:?}");
    }
    let content = AzureInstance::new("s-1", "v-1", NOW).document();
    let inside = [signer.certificate_der(), ca.intermediate_der()];
    let genuine = message(&signer, content.as_bytes(), &form, &inside);
    let verdict = verify(&genuine, &ca.impostor(), Profile::AzureAttested);
    assert_eq!(verdict, Err(Code::PathSignatureInvalid));
}

/// The batch command: roots and a time, the present when none is given.
#[test]
fn a_request_with_roots() {
    let ca = PrivateCa::new("Plant");
    let signer = ca.client_rsa("machine");
    let inside = [signer.certificate_der(), ca.intermediate_der()];
    let text = pem::base64_line(&message(&signer, b"text", &Form::usual(NOW), &inside));
    let good = json!({ "id": 0, "cms": text, "anchors": [ca.root_pem()] });
    let check = |change: Value, expect: &str| {
        let mut request = good.clone();
        request.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let answer = commands::answers("cms", &[request]).unwrap().remove(0);
        let found = answer["code"].as_str().or(answer["verdict"].as_str()).unwrap();
        assert_eq!(found, expect, "{answer}");
        answer
    };
    let answer = check(json!({}), "accept");
    assert_eq!(answer["path"], json!(["CN=machine", "CN=Plant Issuing"]));
    assert_eq!(answer["content"], "text");
    check(json!({ "time": NOW }), "accept");
    check(json!({ "time": "2010-01-01T00:00:00Z" }), "certificate_not_yet_valid");
    check(json!({ "time": "2060-01-01T00:00:00Z" }), "certificate_expired");
    check(json!({ "anchors": [] }), "cms_signer_unknown");
    check(json!({ "anchors": [ca.impostor().root_pem()] }), "path_signature_invalid");
    check(json!({ "anchors": [signer.certificate_pem()] }), "certificate_not_ca");
    check(json!({ "profile": "azure-attested" }), "json_malformed");
    check(json!({ "profile": "alibaba-ecs" }), "cms_attributes");
    // A signer that sends its certificate alone is led to the root by what the request brings.
    let alone = message(&signer, b"text", &Form::usual(NOW), &[signer.certificate_der()]);
    let alone = pem::base64_line(&alone);
    check(json!({ "cms": alone }), "path_not_found");
    check(json!({ "cms": alone, "intermediates": [ca.intermediate_pem()] }), "accept");
    let other = PrivateCa::new("Other");
    check(json!({ "cms": alone, "intermediates": [other.intermediate_pem()] }), "path_not_found");
    // Pinned, the certificate needs no root, and no chain.
    let answer = check(json!({ "anchors": [], "signers": [signer.certificate_pem()] }), "accept");
    assert_eq!(answer.get("path"), None);
    let other = PrivateCa::new("Other").client_rsa("machine").certificate_pem();
    check(json!({ "signers": [other] }), "accept");
    check(json!({ "anchors": [], "signers": [other] }), "cms_signer_unknown");
}

/// Only Azure names a digest by the algorithm of a signature.
#[test]
fn c10_the_digest_of_azure_is_that_of_no_other_profile() {
    let ca = PrivateCa::new("Web");
    let signer = host(&ca, &["metadata.azure.com"]);
    let inside = [signer.certificate_der(), ca.intermediate_der()];
    let code = |form: &Form, profile| verify(&message(&signer, b"{}", form, &inside), &ca, profile);
    let with_attributes = Form { digest_by_signature: true, ..Form::usual(NOW) };
    assert_eq!(code(&with_attributes, Profile::Generic), Err(Code::UnsupportedCmsAlgorithm));
    assert!(code(&Form::azure(), Profile::AzureAttested).is_ok());
    let pinned = |form: &Form, profile: &str| {
        let text = pem::base64_line(&message(&signer, b"{}", form, &[]));
        let request = json!({
            "id": 0, "cms": text, "signers": [signer.certificate_pem()], "profile": profile,
        });
        let answer = commands::answers("cms", &[request]).unwrap().remove(0);
        assert_eq!(answer["code"], "unsupported_cms_algorithm", "{answer}");
    };
    pinned(&with_attributes, "amazon-ec2");
    pinned(&Form::azure(), "alibaba-ecs");
}

/// Amazon and Alibaba send no certificates: one that is there, and leads to a root, is not theirs.
#[test]
fn c02_c11_what_only_pinned_signers_may() {
    let ca = PrivateCa::new("Plant");
    let signer = ca.client_rsa("machine");
    let inside = [signer.certificate_der(), ca.intermediate_der()];
    let all = Allow { sha1_rsa: true, sha1_dsa: true };
    let check = |form: &Form, profile, expect: Result<(), Code>| {
        let message = message(&signer, b"{}", form, &inside);
        assert_eq!(verify_allowing(&message, &ca, profile, all).map(drop), expect, "{form:?}");
    };
    check(&Form::usual(NOW), Profile::Generic, Ok(()));
    check(&Form::ec2(NOW), Profile::AmazonEc2, Err(Code::CmsSignerUnknown));
    check(&Form::ecs(), Profile::AlibabaEcs, Err(Code::CmsSignerUnknown));
    check(&Form::ecs_sha256(), Profile::AlibabaEcs, Err(Code::CmsSignerUnknown));
    // SHA-1 is allowed to signers whose certificate is in the configuration, and to no signer for its root.
    let sha1 = Form { digest: Hash::Sha1, ..Form::usual(NOW) };
    check(&sha1, Profile::Generic, Err(Code::UnsupportedCmsAlgorithm));
    let text = pem::base64_line(&message(&signer, b"{}", &sha1, &inside));
    let request = |member: &str, pem: &str| {
        let mut request = json!({ "id": 0, "cms": text, "allow": ["sha1-rsa"] });
        request[member] = json!([pem]);
        commands::answers("cms", &[request]).unwrap().remove(0)
    };
    assert_eq!(request("signers", &signer.certificate_pem())["verdict"], "accept");
    assert_eq!(request("anchors", &ca.root_pem())["code"], "unsupported_cms_algorithm");
}
