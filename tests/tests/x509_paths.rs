//! Paths with real signatures, made by rcgen and verified by each back end. What a path must be like is
//! tested beside the code, with forged ones.

use credmint_aws_lc::AwsLc;
use credmint_core::signature::{Backend, SignatureProvider};
use credmint_core::x509::{
    Certificate, KeyUse, PathRules, RevocationCheck, TrustAnchor, extended_key_usage, verify_path,
};
use credmint_core::{Code, UnixTime};
use credmint_rustcrypto::RustCrypto;
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SignatureAlgorithm,
};

const BACK_ENDS: &[(&str, &dyn Backend)] = &[("RustCrypto", &RustCrypto), ("AWS-LC", &AwsLc)];

/// A name and a key that have certificates.
struct Party {
    params: CertificateParams,
    key: KeyPair,
}

impl Party {
    fn new(name: &str, algorithm: &'static SignatureAlgorithm) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.remove(DnType::CommonName);
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2049, 1, 1);
        Self { params, key: KeyPair::generate_for(algorithm).expect("a key") }
    }

    fn authority(name: &str, algorithm: &'static SignatureAlgorithm) -> Self {
        let mut party = Self::new(name, algorithm);
        party.params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        party.params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        party
    }

    fn client(name: &str, algorithm: &'static SignatureAlgorithm) -> Self {
        let mut party = Self::new(name, algorithm);
        party.params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        party.params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        party
    }

    fn self_signed(&self) -> Vec<u8> {
        self.params.self_signed(&self.key).expect("a certificate").der().to_vec()
    }

    fn signed_by(&self, issuer: &Self) -> Vec<u8> {
        let issuer = Issuer::from_params(&issuer.params, &issuer.key);
        self.params.signed_by(&self.key, &issuer).expect("a certificate").der().to_vec()
    }
}

/// Checks that every back end gives this verdict on leaf, intermediate and root.
fn check(what: &str, leaf: &[u8], intermediate: &[u8], root: &[u8], expect: Result<(), Code>) {
    let read = |der: &[u8]| Certificate::from_der(der).expect("a certificate in DER");
    let anchor = TrustAnchor::from_certificate(read(root)).expect("an authority");
    let usages = [extended_key_usage("clientAuth").expect("a usage")];
    let time = UnixTime::from_civil(2026, 11, 24, 12, 0, 0).expect("a time");
    for (name, back_end) in BACK_ENDS {
        let backends = [*back_end];
        let found = verify_path(
            &read(leaf),
            &[read(intermediate)],
            std::slice::from_ref(&anchor),
            &PathRules::new(time, KeyUse::Named(&usages), RevocationCheck::Off),
            SignatureProvider { backends: &backends },
        );
        let found = found.map(drop).map_err(|stop| stop.into_refusal().code());
        assert_eq!(found, expect, "{what}, {name}");
    }
}

#[test]
fn every_kind_of_key_signs_every_kind_of_certificate() {
    let kinds: [&'static SignatureAlgorithm; 4] = [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_RSA_SHA256,
        &rcgen::PKCS_RSA_SHA512,
    ];
    for (i, algorithm) in kinds.iter().enumerate() {
        let root = Party::authority("root", algorithm);
        // The kind changes in the middle of the path.
        let issuing = Party::authority("issuing", kinds[(i + 1) % kinds.len()]);
        let leaf = Party::client("leaf", &rcgen::PKCS_ECDSA_P256_SHA256).signed_by(&issuing);
        let intermediate = issuing.signed_by(&root);
        let what = format!("{algorithm:?}");
        check(&what, &leaf, &intermediate, &root.self_signed(), Ok(()));

        let foreign = Party::authority("root", algorithm).self_signed();
        check(&what, &leaf, &intermediate, &foreign, Err(Code::PathSignatureInvalid));
    }
}

#[test]
fn a_certificate_that_was_altered_is_not_the_signed_one() {
    let root = Party::authority("root", &rcgen::PKCS_ECDSA_P256_SHA256);
    let issuing = Party::authority("issuing", &rcgen::PKCS_RSA_SHA256);
    let leaf = Party::client("leaf", &rcgen::PKCS_ECDSA_P256_SHA256).signed_by(&issuing);
    let intermediate = issuing.signed_by(&root);
    let at = leaf.windows(4).position(|text| text == b"leaf").expect("the name");
    let mut renamed = leaf.clone();
    renamed[at..at + 4].copy_from_slice(b"leap");
    let mut other_signature = leaf.clone();
    let last = other_signature.len() - 1;
    other_signature[last] ^= 1;

    let root = root.self_signed();
    check("as signed", &leaf, &intermediate, &root, Ok(()));
    let invalid = Err(Code::PathSignatureInvalid);
    check("renamed", &renamed, &intermediate, &root, invalid);
    check("signature altered", &other_signature, &intermediate, &root, invalid);
}
