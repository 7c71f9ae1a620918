//! Certificates for tests: real DER with real key forms, and a signature that only [`FakeBackend`] believes,
//! so that a test builds what no authority would issue and needs no arithmetic.

pub(crate) mod list;

pub(crate) use crate::ber::writer::sequence;

use crate::ber::writer;
use crate::digest::sha256;
use crate::signature::{Answer, Backend, PublicKey, Scheme, der_from_fixed};
use crate::x509::{Certificate, TrustAnchor};
use alloc::vec;
use alloc::vec::Vec;
use p256::elliptic_curve::sec1::ToSec1Point;
use p256::{ProjectivePoint, Scalar};

pub(crate) const KEY_USAGE: u8 = 15;
pub(crate) const SUBJECT_ALT_NAME: u8 = 17;
pub(crate) const BASIC_CONSTRAINTS: u8 = 19;
pub(crate) const NAME_CONSTRAINTS: u8 = 30;
pub(crate) const POLICIES: u8 = 32;
pub(crate) const POLICY_MAPPINGS: u8 = 33;
pub(crate) const POLICY_CONSTRAINTS: u8 = 36;
pub(crate) const EXTENDED_KEY_USAGE: u8 = 37;
pub(crate) const INHIBIT_ANY_POLICY: u8 = 54;

/// clientAuth and serverAuth, as encoded object identifiers.
pub(crate) const CLIENT_AUTH: &[u8] = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x02";
pub(crate) const SERVER_AUTH: &[u8] = b"\x06\x08\x2b\x06\x01\x05\x05\x07\x03\x01";
pub(crate) const ANY_USAGE: &[u8] = b"\x06\x04\x55\x1d\x25\x00";

/// AlgorithmIdentifier of ecdsa-with-SHA256.
pub(crate) const ECDSA_SHA256: &[u8] = b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";

/// A DER value.
pub(crate) fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    writer::value(tag, &[contents])
}

/// A Name with one common name.
pub(crate) fn name(common_name: &str) -> Vec<u8> {
    name_of(&[(3, 0x0c, common_name.as_bytes())])
}

/// A Name of attributes, each an arc below id-at, a string tag and text.
pub(crate) fn name_of(attributes: &[(u8, u8, &[u8])]) -> Vec<u8> {
    let rdn = |(arc, tag, text): &(u8, u8, &[u8])| {
        tlv(0x31, &sequence(&[&[0x06, 0x03, 0x55, 0x04, *arc], &tlv(*tag, text)]))
    };
    tlv(0x30, &attributes.iter().map(rdn).collect::<Vec<_>>().concat())
}

/// A Validity in UTCTime.
pub(crate) fn validity(not_before: &str, not_after: &str) -> Vec<u8> {
    sequence(&[&tlv(0x17, not_before.as_bytes()), &tlv(0x17, not_after.as_bytes())])
}

/// An Extension below id-ce.
pub(crate) fn extension(arc: u8, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical: &[u8] = if critical { &[0x01, 0x01, 0xff] } else { &[] };
    sequence(&[&[0x06, 0x03, 0x55, 0x1d, arc], critical, &tlv(0x04, value)])
}

/// A key: the multiple of the P-256 generator.
#[derive(Clone, Copy)]
pub(crate) struct Key(pub(crate) u64);

impl Key {
    pub(crate) fn spki(self) -> Vec<u8> {
        let point = ProjectivePoint::GENERATOR * Scalar::from(self.0);
        let point = point.to_affine().to_sec1_point(false);
        let algorithm =
            b"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07";
        sequence(&[algorithm, &tlv(0x03, &[&[0], point.as_bytes()].concat())])
    }

    fn sign(self, message: &[u8]) -> Vec<u8> {
        der_from_fixed(&fake_signature(&self.spki(), message)).unwrap()
    }
}

/// r is a digest of key and message, s is one: in range, and believed by [`FakeBackend`] alone.
fn fake_signature(spki: &[u8], message: &[u8]) -> Vec<u8> {
    let mut fixed = vec![0; 64];
    fixed[..32].copy_from_slice(&sha256(&[spki, message].concat()));
    fixed[0] = 0;
    fixed[63] = 1;
    fixed
}

/// Believes the signatures of this module.
pub(crate) struct FakeBackend;

impl Backend for FakeBackend {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        match scheme {
            Scheme::Ecdsa(..) if signature == fake_signature(key.spki_der(), message) => {
                Answer::Good
            }
            Scheme::Ecdsa(..) => Answer::Bad,
            _ => Answer::Unsupported,
        }
    }
}

/// Any leaf, in DER, for tests of other modules that need one in good form.
pub(crate) fn any_leaf() -> Vec<u8> {
    Draft::leaf("leaf", Key(1)).der("root", Key(2))
}

/// The authority of [`any_leaf`], in DER.
pub(crate) fn any_root() -> Vec<u8> {
    Draft::authority("root", Key(2)).der("root", Key(2))
}

/// One of several authorities, in DER.
pub(crate) fn numbered_root(number: usize) -> Vec<u8> {
    let name = alloc::format!("root {number}");
    Draft::authority(&name, Key(2)).der(&name, Key(2))
}

/// A leaf of the same names by an authority with another key.
pub(crate) fn foreign_leaf() -> Vec<u8> {
    Draft::leaf("leaf", Key(1)).der("root", Key(3))
}

/// The signature of [`any_leaf`]'s key, r and s at full length; [`FakeBackend`] believes it.
pub(crate) fn signed_by_leaf(message: &[u8]) -> Vec<u8> {
    fake_signature(&Key(1).spki(), message)
}

/// A certificate about to be signed: its fields in order, each as DER, to be replaced or left out.
#[derive(Clone)]
pub(crate) struct Draft {
    fields: Vec<(&'static str, Vec<u8>)>,
    extensions: Vec<(u8, Vec<u8>)>,
}

impl Draft {
    /// Version 3, valid from 2020 to 2030, without extensions.
    pub(crate) fn new(subject: &[u8], key: Key) -> Self {
        let fields = vec![
            ("version", b"\xa0\x03\x02\x01\x02".to_vec()),
            ("serial", b"\x02\x01\x01".to_vec()),
            ("algorithm", ECDSA_SHA256.to_vec()),
            ("issuer", Vec::new()),
            ("validity", validity("200101000000Z", "300101000000Z")),
            ("subject", subject.to_vec()),
            ("key", key.spki()),
            ("unique identifiers", Vec::new()),
            ("extensions", Vec::new()),
            ("outer algorithm", ECDSA_SHA256.to_vec()),
            ("signature", Vec::new()),
            ("after", Vec::new()),
        ];
        Self { fields, extensions: Vec::new() }
    }

    /// A leaf with digitalSignature.
    pub(crate) fn leaf(common_name: &str, key: Key) -> Self {
        Self::new(&name(common_name), key).extension(KEY_USAGE, true, b"\x03\x02\x07\x80")
    }

    /// An authority with keyCertSign and cRLSign.
    pub(crate) fn authority(common_name: &str, key: Key) -> Self {
        Self::new(&name(common_name), key)
            .extension(BASIC_CONSTRAINTS, true, b"\x30\x03\x01\x01\xff")
            .extension(KEY_USAGE, true, b"\x03\x02\x01\x06")
    }

    /// Replaces a field; empty leaves it out.
    pub(crate) fn with(mut self, field: &str, der: &[u8]) -> Self {
        let known = self.fields.iter_mut().find(|(name, _)| *name == field).unwrap();
        known.1 = der.to_vec();
        self
    }

    /// Adds an extension below id-ce, in place of one of the same type.
    pub(crate) fn extension(self, arc: u8, critical: bool, value: &[u8]) -> Self {
        let mut draft = self.without_extension(arc);
        draft.extensions.push((arc, extension(arc, critical, value)));
        draft
    }

    /// Adds an Extension as it is.
    pub(crate) fn raw_extension(mut self, der: &[u8]) -> Self {
        self.extensions.push((0, der.to_vec()));
        self
    }

    pub(crate) fn without_extension(mut self, arc: u8) -> Self {
        self.extensions.retain(|(own, _)| *own != arc);
        self
    }

    /// basicConstraints of an authority with a path length.
    pub(crate) fn path_length(self, number: u8) -> Self {
        let value = sequence(&[&[0x01, 0x01, 0xff, 0x02, 0x01, number]]);
        self.extension(BASIC_CONSTRAINTS, true, &value)
    }

    pub(crate) fn usages(self, usages: &[&[u8]]) -> Self {
        self.extension(EXTENDED_KEY_USAGE, false, &sequence(usages))
    }

    pub(crate) fn valid(self, not_before: &str, not_after: &str) -> Self {
        self.with("validity", &validity(not_before, not_after))
    }

    /// The DER, signed by the authority with this common name and key.
    pub(crate) fn der(&self, issuer: &str, key: Key) -> Vec<u8> {
        let mut fields = self.fields.clone();
        for (field, der) in &mut fields {
            if *field == "issuer" && der.is_empty() {
                *der = name(issuer);
            }
            if *field == "extensions" && der.is_empty() && !self.extensions.is_empty() {
                let list: Vec<_> = self.extensions.iter().map(|(_, der)| der.as_slice()).collect();
                *der = tlv(0xa3, &sequence(&list));
            }
        }
        let field = |name: &str| {
            let found = fields.iter().find(|(field, _)| *field == name).unwrap();
            found.1.as_slice()
        };
        let tbs: Vec<&[u8]> = fields[..9].iter().map(|(_, der)| der.as_slice()).collect();
        let tbs = sequence(&tbs);
        let signature = match field("signature") {
            [] => tlv(0x03, &[&[0], key.sign(&tbs).as_slice()].concat()),
            given => given.to_vec(),
        };
        sequence(&[&tbs, field("outer algorithm"), &signature, field("after")])
    }

    pub(crate) fn signed_by(&self, issuer: &str, key: Key) -> Certificate {
        Certificate::from_der(&self.der(issuer, key)).unwrap()
    }

    pub(crate) fn anchor(&self, issuer: &str, key: Key) -> TrustAnchor {
        TrustAnchor::from_certificate(self.signed_by(issuer, key)).unwrap()
    }
}
