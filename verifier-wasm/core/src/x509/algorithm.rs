//! Signature algorithms of certificates (RFC 5280 section 4.1.1.2).

use super::fields::{Field, Fields, Oid};
use crate::digest::Hash;
use crate::hex::Hex;
use crate::refusal::Refusal;
use crate::signature::{KeyKind, Scheme};
use alloc::boxed::Box;
use core::fmt;

/// An AlgorithmIdentifier: identifier and parameters together say what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SignatureAlgorithm {
    oid: Box<[u8]>,
    /// The parameters in DER; empty when absent.
    parameters: Box<[u8]>,
}

/// The primitive of an accepted algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Primitive {
    RsaPkcs1(Hash),
    Ecdsa(Hash),
}

impl Primitive {
    /// The scheme with a key of this kind; `None` when such a key does not sign so.
    pub(super) const fn scheme(self, kind: KeyKind) -> Option<Scheme> {
        match (self, kind) {
            (Self::RsaPkcs1(hash), KeyKind::Rsa { .. }) => Some(Scheme::RsaPkcs1(hash)),
            (Self::Ecdsa(hash), KeyKind::Ec(curve)) => Some(Scheme::Ecdsa(curve, hash)),
            _ => None,
        }
    }
}

const NULL: &[u8] = &[0x05, 0x00];
const ABSENT: &[u8] = &[];

/// The accepted algorithms with their parameters: NULL for RSA (RFC 4055 section 5), absent for ECDSA
/// (RFC 5758 section 3.2). What is weaker than SHA-256 is not here.
const ACCEPTED: &[(&[u8], &[u8], Primitive)] = &[
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", NULL, Primitive::RsaPkcs1(Hash::Sha256)),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c", NULL, Primitive::RsaPkcs1(Hash::Sha384)),
    (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d", NULL, Primitive::RsaPkcs1(Hash::Sha512)),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x02", ABSENT, Primitive::Ecdsa(Hash::Sha256)),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x03", ABSENT, Primitive::Ecdsa(Hash::Sha384)),
    (b"\x2a\x86\x48\xce\x3d\x04\x03\x04", ABSENT, Primitive::Ecdsa(Hash::Sha512)),
];

impl SignatureAlgorithm {
    /// Reads an AlgorithmIdentifier, whatever algorithm it is. Whether it is accepted is asked when a
    /// signature is checked, so that a root, whose own signature is not, may be signed with anything.
    pub(super) fn read(fields: &Fields<'_>, identifier: &Field<'_>) -> Result<Self, Refusal> {
        let mut inside = fields.inside(identifier)?;
        let oid = inside.oid("signatureAlgorithm.algorithm")?;
        let parameters = match inside.is_empty() {
            true => ABSENT,
            false => inside.any("signatureAlgorithm.parameters")?.der,
        };
        inside.finish("signatureAlgorithm")?;
        Ok(Self { oid: oid.octets().into(), parameters: parameters.into() })
    }

    /// The primitive, when the algorithm is an accepted one with exactly its parameters.
    pub(super) fn primitive(&self) -> Option<Primitive> {
        let accepted = ACCEPTED
            .iter()
            .find(|(oid, parameters, _)| **oid == *self.oid && **parameters == *self.parameters);
        accepted.map(|(_, _, primitive)| *primitive)
    }
}

impl fmt::Display for SignatureAlgorithm {
    /// The identifier, and the parameters in hexadecimal when there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Oid::shown(&self.oid))?;
        if !self.parameters.is_empty() {
            f.write_str(" with parameters ")?;
        }
        write!(f, "{}", Hex(&self.parameters))
    }
}
