//! Messages for tests, right and wrong: each part can be another one before the message is signed, as if its
//! signer had signed it so. Signatures are those of [`fake`]; keys are real in form.

use crate::ber::writer::{NULL, integer, octet_string, oid, sequence, set, value};
use crate::cms::PinnedSigner;
use crate::digest::Hash;
use crate::jose::tests::fake;
use crate::signature::{KeyKind, PublicKey, der_from_fixed};
use crate::x509::Certificate;
use alloc::vec;
use alloc::vec::Vec;

pub(super) const DATA: &str = "1.2.840.113549.1.7.1";
pub(super) const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
pub(super) const SHA1: &str = "1.3.14.3.2.26";
pub(super) const SHA256: &str = "2.16.840.1.101.3.4.2.1";
pub(super) const SHA384: &str = "2.16.840.1.101.3.4.2.2";
pub(super) const SHA512: &str = "2.16.840.1.101.3.4.2.3";
pub(super) const RSA: &str = "1.2.840.113549.1.1.1";
pub(super) const SHA1_WITH_RSA: &str = "1.2.840.113549.1.1.5";
pub(super) const SHA256_WITH_RSA: &str = "1.2.840.113549.1.1.11";
pub(super) const ECDSA_WITH_SHA256: &str = "1.2.840.10045.4.3.2";
pub(super) const CONTENT_TYPE: &str = "1.2.840.113549.1.9.3";
pub(super) const MESSAGE_DIGEST: &str = "1.2.840.113549.1.9.4";
pub(super) const SMIME_CAPABILITIES: &str = "1.2.840.113549.1.9.15";
pub(super) const SIGNING_TIME: &str = "1.2.840.113549.1.9.5";
pub(super) const ALGORITHM_PROTECTION: &str = "1.2.840.113549.1.9.52";

/// The parts of a message, each in DER. All are open to change.
#[derive(Clone)]
pub(super) struct Message {
    pub(super) content_type: Vec<u8>,
    pub(super) version: Vec<u8>,
    pub(super) digest_algorithms: Vec<Vec<u8>>,
    pub(super) e_content_type: Vec<u8>,
    pub(super) content: Vec<u8>,
    pub(super) detached: bool,
    /// `certificates` and `crls`.
    pub(super) beside: Vec<u8>,
    pub(super) signer: Signer,
    pub(super) key: PublicKey,
}

/// The parts of a SignerInfo.
#[derive(Clone)]
pub(super) struct Signer {
    pub(super) version: Vec<u8>,
    pub(super) identifier: Vec<u8>,
    pub(super) digest_algorithm: Vec<u8>,
    pub(super) attributes: Option<Vec<Vec<u8>>>,
    pub(super) signature_algorithm: Vec<u8>,
    pub(super) unsigned_attributes: Vec<u8>,
}

impl Message {
    /// A message in the form of Amazon EC2, with the four attributes that it has since 2021.
    pub(super) fn ec2() -> Self {
        let content = br#"{ "accountId" : "123456789012", "region" : "eu-central-1" }"#;
        let (digest, signature) = (algorithm(SHA256, NULL), algorithm(SHA256_WITH_RSA, NULL));
        let attributes = vec![
            content_type(DATA),
            signing_time(&value(0x17, &[b"261124120000Z"])),
            algorithm_protection(&digest, &signature),
            message_digest(&Hash::Sha256.digest(content)),
        ];
        Self::new(content, digest, signature, Some(attributes))
    }

    /// A message in the form of Alibaba Cloud ECS.
    pub(super) fn ecs() -> Self {
        let content = br#"{"owner-account-id":"1","audience":"abc"}"#;
        Self::new(content, algorithm(SHA1, NULL), algorithm(RSA, NULL), None)
    }

    fn new(
        content: &[u8],
        digest: Vec<u8>,
        signature: Vec<u8>,
        attributes: Option<Vec<Vec<u8>>>,
    ) -> Self {
        Self {
            content_type: oid(SIGNED_DATA),
            version: integer(1),
            digest_algorithms: vec![digest.clone()],
            e_content_type: oid(DATA),
            content: content.to_vec(),
            detached: false,
            beside: Vec::new(),
            signer: Signer {
                version: integer(1),
                identifier: sequence(&[&name(), &integer(SERIAL)]),
                digest_algorithm: digest,
                attributes,
                signature_algorithm: signature,
                unsigned_attributes: Vec::new(),
            },
            key: fake::rsa(1),
        }
    }

    /// With these attributes, in the order that DER has for a SET OF.
    pub(super) fn attributes(self, attributes: &[Vec<u8>]) -> Self {
        let mut sorted = attributes.to_vec();
        sorted.sort();
        self.attributes_as_they_are(&sorted)
    }

    /// With these attributes, in the order given.
    pub(super) fn attributes_as_they_are(mut self, attributes: &[Vec<u8>]) -> Self {
        self.signer.attributes = Some(attributes.to_vec());
        self
    }

    /// The attributes in DER under the tag of a SET: what is signed when there are any.
    pub(super) fn signed_attributes(&self) -> Vec<u8> {
        set(&[&self.signer.attributes.as_ref().unwrap().concat()])
    }

    /// What its signer signs.
    fn signed(&self) -> Vec<u8> {
        match self.signer.attributes {
            Some(_) => self.signed_attributes(),
            None => self.content.clone(),
        }
    }

    /// The signature that its signer makes.
    pub(super) fn signature(&self) -> Vec<u8> {
        let signature = fake::signed(&self.key, &self.signed());
        match self.key.kind() {
            KeyKind::Ec(_) => der_from_fixed(&signature).unwrap(),
            _ => signature,
        }
    }

    /// Its SignerInfo, signed.
    pub(super) fn signer_info(&self) -> Vec<u8> {
        let attributes = self.signer.attributes.as_ref().map(|all| value(0xa0, &[&all.concat()]));
        self.signer_info_with(&attributes.unwrap_or_default(), &self.signature())
    }

    /// Its SignerInfo with this `signedAttrs`, encoded, and this signature.
    pub(super) fn signer_info_with(&self, attributes: &[u8], signature: &[u8]) -> Vec<u8> {
        let signer = &self.signer;
        sequence(&[
            &signer.version,
            &signer.identifier,
            &signer.digest_algorithm,
            attributes,
            &signer.signature_algorithm,
            &octet_string(signature),
            &signer.unsigned_attributes,
        ])
    }

    /// The message in DER.
    pub(super) fn der(&self) -> Vec<u8> {
        self.with_signers(&[&self.signer_info()])
    }

    /// The message in DER with these SignerInfos.
    pub(super) fn with_signers(&self, signers: &[&[u8]]) -> Vec<u8> {
        let content = match self.detached {
            true => Vec::new(),
            false => value(0xa0, &[&octet_string(&self.content)]),
        };
        let signed_data = sequence(&[
            &self.version,
            &set(&[&self.digest_algorithms.concat()]),
            &sequence(&[&self.e_content_type, &content]),
            &self.beside,
            &set(signers),
        ]);
        sequence(&[&self.content_type, &value(0xa0, &[&signed_data])])
    }
}

/// An AlgorithmIdentifier; `parameters` are encoded, or nothing.
pub(super) fn algorithm(dotted: &str, parameters: &[u8]) -> Vec<u8> {
    sequence(&[&oid(dotted), parameters])
}

/// An Attribute with these values.
pub(super) fn attribute(dotted: &str, values: &[&[u8]]) -> Vec<u8> {
    sequence(&[&oid(dotted), &set(values)])
}

pub(super) fn content_type(dotted: &str) -> Vec<u8> {
    attribute(CONTENT_TYPE, &[&oid(dotted)])
}

pub(super) fn message_digest(digest: &[u8]) -> Vec<u8> {
    attribute(MESSAGE_DIGEST, &[&octet_string(digest)])
}

pub(super) fn signing_time(time: &[u8]) -> Vec<u8> {
    attribute(SIGNING_TIME, &[time])
}

pub(super) fn algorithm_protection(digest: &[u8], signature: &[u8]) -> Vec<u8> {
    let mut implicit = signature.to_vec();
    implicit[0] = 0xa1;
    attribute(ALGORITHM_PROTECTION, &[&sequence(&[digest, &implicit])])
}

/// The serial number of [`certificate`].
pub(super) const SERIAL: u8 = 7;

/// The issuer, and subject, of [`certificate`].
pub(super) fn name() -> Vec<u8> {
    named("Cloud", 0x0c)
}

/// A name of one organization, written as a string of this tag.
pub(super) fn named(organization: &str, tag: u8) -> Vec<u8> {
    let text = value(tag, &[organization.as_bytes()]);
    sequence(&[&set(&[&sequence(&[&oid("2.5.4.10"), &text])])])
}

/// The subject key identifier of [`certificate`].
pub(super) const KEY_IDENTIFIER: &[u8] = b"identifier";

/// A certificate for `key`, valid from 2020 to the end of 2049; nobody checks its signature.
pub(super) fn certificate(key: &PublicKey, serial: u8, extensions: &[u8]) -> Certificate {
    let signed_with = algorithm(SHA256_WITH_RSA, NULL);
    let validity =
        sequence(&[&value(0x17, &[b"200101000000Z"]), &value(0x17, &[b"491231235959Z"])]);
    let tbs = sequence(&[
        &value(0xa0, &[&integer(2)]),
        &integer(serial),
        &signed_with,
        &name(),
        &validity,
        &name(),
        key.spki_der(),
        extensions,
    ]);
    let der = sequence(&[&tbs, &signed_with, &value(0x03, &[&[0; 257]])]);
    Certificate::from_der(&der).unwrap()
}

/// The certificate with the subject key identifier.
pub(super) fn certificate_with_identifier(key: &PublicKey) -> Certificate {
    let extension = sequence(&[&oid("2.5.29.14"), &octet_string(&octet_string(KEY_IDENTIFIER))]);
    certificate(key, SERIAL, &value(0xa3, &[&sequence(&[&extension])]))
}

/// The signer of [`Message::ec2`] and [`Message::ecs`], as configured.
pub(super) fn pinned(key: &PublicKey) -> PinnedSigner {
    PinnedSigner::from_certificate(certificate(key, SERIAL, &[])).unwrap()
}
