//! Public keys, whose form is checked when they are made, and never again.

mod curve;
mod dsa;
mod prepared;
mod roca;
mod rsa;

pub use curve::Curve;
pub use dsa::DsaKey;
pub use rsa::RsaLimit;

use self::prepared::Prepared;
use super::ed25519::{self, Defect};
use crate::refusal::{Code, Refusal};
use alloc::sync::Arc;
use alloc::vec::Vec;
use const_oid::ObjectIdentifier;
use core::any::Any;
use der::asn1::{AnyRef, BitStringRef};
use der::{Decode, Encode};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

/// `rsaEncryption` (RFC 3279 section 2.3.1).
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// `id-RSASSA-PSS` (RFC 4055 section 1.2).
const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
/// `id-ecPublicKey` (RFC 5480 section 2.1.1).
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// `id-Ed25519` (RFC 8410 section 3).
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
/// `id-dsa` (RFC 3279 section 2.3.2).
const DSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10040.4.1");

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum KeyKind {
    /// RSA with a modulus of this many bits.
    Rsa {
        /// Bits of the modulus.
        bits: usize,
    },
    /// A point on a curve, for ECDSA.
    Ec(Curve),
    /// Ed25519.
    Ed25519,
    /// DSA, which one legacy signer of messages has.
    Dsa,
}

/// A public key whose form is good: an RSA key of accepted size and shape, a point on its curve, an Ed25519 key
/// that is one point in its one encoding, or a DSA key in one of two legacy sizes. Cloning is cheap.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey(Arc<Key>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    parts: Parts,
    spki: Vec<u8>,
    prepared: Prepared,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Parts {
    Rsa { bits: usize, modulus: Vec<u8>, exponent: Vec<u8> },
    Ec { curve: Curve, point: Vec<u8> },
    Ed25519([u8; ed25519::KEY_BYTES]),
    Dsa(DsaKey),
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7): `rsaEncryption` with NULL parameters
    /// (RFC 3279 section 2.3.1), `id-ecPublicKey` with a named curve and an uncompressed point (RFC 5480
    /// section 2), or `id-Ed25519` without parameters (RFC 8410 section 3). It must be the one DER encoding of
    /// its key, to the byte.
    ///
    /// `id-RSASSA-PSS` is not among them: such a key is bound to parameters of its own, and the platforms and
    /// authorities that sign with PSS publish `rsaEncryption`.
    ///
    /// # Errors
    /// [`Code::KeyMalformed`]; [`Code::UnsupportedKey`] for another algorithm or curve, curve parameters
    /// written out and a compressed point; [`Code::KeyWeak`] as [`PublicKey::from_rsa`] and
    /// [`PublicKey::from_ed25519`].
    pub fn from_spki_der(der: &[u8], limit: RsaLimit) -> Result<Self, Refusal> {
        let spki = read_spki(der)?;
        let key = match spki.algorithm.oid {
            RSA_ENCRYPTION => {
                let (modulus, exponent) = rsa::read(spki.key)?;
                Self::from_rsa(modulus, exponent, limit)?
            }
            EC_PUBLIC_KEY => {
                Self::from_point(Curve::of_parameters(spki.algorithm.parameters)?, spki.key)?
            }
            ED25519 => Self::from_ed25519(spki.key)?,
            RSASSA_PSS => {
                return Err(Refusal::new(Code::UnsupportedKey)
                    .detail("the key is bound to parameters of RSASSA-PSS")
                    .expected("rsaEncryption")
                    .found("id-RSASSA-PSS"));
            }
            DSA => return Err(Refusal::new(Code::UnsupportedKey).found("DSA")),
            other => return Err(Refusal::new(Code::UnsupportedKey).found(other)),
        };
        key.encoded_as(der)
    }

    /// Reads a `SubjectPublicKeyInfo` of DSA with its parameters (RFC 3279 section 2.3.2), in the sizes of
    /// FIPS 186-2 (p of 1024 bits, q of 160) and FIPS 186-3 (2048 and 256). Nobody but a pinned signer of
    /// messages may have such a key, so that it is read here and not by [`PublicKey::from_spki_der`].
    ///
    /// What is checked: the sizes, p and q odd, g and y from 2 to p - 1 and in the subgroup of order q.
    ///
    /// # Errors
    /// [`Code::KeyMalformed`]; [`Code::UnsupportedKey`] for another algorithm or other sizes;
    /// [`Code::KeyWeak`] for g or y outside of the subgroup.
    pub fn from_legacy_dsa_spki(der: &[u8]) -> Result<Self, Refusal> {
        let spki = read_spki(der)?;
        if spki.algorithm.oid != DSA {
            return Err(Refusal::new(Code::UnsupportedKey)
                .expected("DSA")
                .found(spki.algorithm.oid));
        }
        let key = DsaKey::read(spki.algorithm.parameters, spki.key)?;
        let spki = key.encode().map_err(|_| malformed("the DSA key has no encoding"))?;
        Self::new(Parts::Dsa(key), spki).encoded_as(der)
    }

    /// Makes an RSA key from big-endian integers without leading zeros (RFC 7518 section 6.3.1).
    ///
    /// # Errors
    /// [`Code::KeyMalformed`] for an empty integer or a leading zero; [`Code::KeyWeak`] for a modulus out
    /// of the limit, even, or made by the generator of CVE-2017-15361, and for an exponent that is even,
    /// under 65537 or over 32 bits (RFC 8725 section 3.5).
    pub fn from_rsa(modulus: &[u8], exponent: &[u8], limit: RsaLimit) -> Result<Self, Refusal> {
        let bits = rsa::check_modulus(modulus, limit)?;
        rsa::check_exponent(exponent)?;
        let parameters = Some(AnyRef::NULL);
        let spki = rsa::encode(modulus, exponent)
            .and_then(|key| {
                encode_spki(AlgorithmIdentifierRef { oid: RSA_ENCRYPTION, parameters }, &key)
            })
            .map_err(|_| malformed("the RSA key has no encoding"))?;
        let parts = Parts::Rsa { bits, modulus: modulus.to_vec(), exponent: exponent.to_vec() };
        Ok(Self::new(parts, spki))
    }

    /// Makes an EC key from big-endian coordinates of the full length of the curve (RFC 7518 section 6.2.1).
    ///
    /// # Errors
    /// [`Code::KeyMalformed`] for a coordinate of another length and for a point that is not on the curve.
    pub fn from_ec(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, Refusal> {
        for (name, coordinate) in [("x", x), ("y", y)] {
            if coordinate.len() != curve.bytes() {
                return Err(malformed("a coordinate has the wrong length")
                    .expected(format_args!("{} bytes", curve.bytes()))
                    .found(format_args!("{} bytes of {name}", coordinate.len())));
            }
        }
        Self::from_point(curve, &[&[curve::UNCOMPRESSED], x, y].concat())
    }

    /// Makes an EC key from an uncompressed point (SEC 1 section 2.3.3).
    fn from_point(curve: Curve, point: &[u8]) -> Result<Self, Refusal> {
        curve.check_point(point)?;
        let oid = curve.oid();
        let parameters = Some(AnyRef::from(&oid));
        let spki = encode_spki(AlgorithmIdentifierRef { oid: EC_PUBLIC_KEY, parameters }, point)
            .map_err(|_| malformed("the EC key has no encoding"))?;
        Ok(Self::new(Parts::Ec { curve, point: point.to_vec() }, spki))
    }

    /// Makes an Ed25519 key from its 32 bytes (RFC 8032 section 5.1.5, RFC 8037 section 2).
    ///
    /// # Errors
    /// [`Code::KeyMalformed`] for another length, bytes that are no point, and a coordinate that is not below
    /// the prime; [`Code::KeyWeak`] for a point of small order, under which one signature is good for many
    /// messages.
    pub fn from_ed25519(x: &[u8]) -> Result<Self, Refusal> {
        let bytes = x.try_into().map_err(|_| {
            malformed("the key has the wrong length")
                .expected(format_args!("{} bytes", ed25519::KEY_BYTES))
                .found(format_args!("{} bytes", x.len()))
        })?;
        ed25519::check_point(&bytes).map_err(|defect| match defect {
            Defect::NotAPoint => malformed("the key is not a point of the curve"),
            Defect::NotCanonical => malformed("the key is not the encoding of its point"),
            Defect::SmallOrder => Refusal::new(Code::KeyWeak).detail("a point of small order"),
        })?;
        let spki = encode_spki(AlgorithmIdentifierRef { oid: ED25519, parameters: None }, &bytes)
            .map_err(|_| malformed("the Ed25519 key has no encoding"))?;
        Ok(Self::new(Parts::Ed25519(bytes), spki))
    }

    fn new(parts: Parts, spki: Vec<u8>) -> Self {
        Self(Arc::new(Key { parts, spki, prepared: Prepared::default() }))
    }

    /// What a back end prepares once for its arithmetic with this key: `make` is called at the first use and
    /// its value kept, for the clones of the key too. `None` when another back end, which keeps another type,
    /// was first.
    pub fn prepared<T: Any + Send + Sync>(&self, make: impl FnOnce(&Self) -> T) -> Option<&T> {
        self.0.prepared.get_or_make(|| make(self))
    }

    /// The key when `der` is its `SubjectPublicKeyInfo` to the byte: whatever the parsers tolerated, and
    /// parameters that are not those of the key, end here.
    fn encoded_as(self, der: &[u8]) -> Result<Self, Refusal> {
        if self.0.spki == der {
            Ok(self)
        } else {
            Err(malformed("SubjectPublicKeyInfo is not the DER encoding of its key"))
        }
    }

    /// What kind of key it is.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        match self.0.parts {
            Parts::Rsa { bits, .. } => KeyKind::Rsa { bits },
            Parts::Ec { curve, .. } => KeyKind::Ec(curve),
            Parts::Ed25519(_) => KeyKind::Ed25519,
            Parts::Dsa(_) => KeyKind::Dsa,
        }
    }

    /// The `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.0.spki
    }

    /// Modulus and exponent of an RSA key, big-endian without leading zeros.
    #[must_use]
    pub fn rsa(&self) -> Option<(&[u8], &[u8])> {
        match &self.0.parts {
            Parts::Rsa { modulus, exponent, .. } => Some((modulus, exponent)),
            _ => None,
        }
    }

    /// The uncompressed point of an EC key: 4, then x, then y (SEC 1 section 2.3.3).
    #[must_use]
    pub fn ec_point(&self) -> Option<&[u8]> {
        match &self.0.parts {
            Parts::Ec { point, .. } => Some(point),
            _ => None,
        }
    }

    /// The 32 bytes of an Ed25519 key (RFC 8032 section 5.1.5).
    #[must_use]
    pub fn ed25519(&self) -> Option<&[u8; 32]> {
        match &self.0.parts {
            Parts::Ed25519(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The integers of a DSA key.
    #[must_use]
    pub fn dsa(&self) -> Option<&DsaKey> {
        match &self.0.parts {
            Parts::Dsa(key) => Some(key),
            _ => None,
        }
    }
}

/// What a `SubjectPublicKeyInfo` holds.
struct Spki<'a> {
    algorithm: AlgorithmIdentifierRef<'a>,
    key: &'a [u8],
}

fn read_spki(der: &[u8]) -> Result<Spki<'_>, Refusal> {
    let spki = SubjectPublicKeyInfoRef::from_der(der)
        .map_err(|_| malformed("SubjectPublicKeyInfo is not DER"))?;
    let key = spki
        .subject_public_key
        .as_bytes()
        .ok_or_else(|| malformed("subjectPublicKey has unused bits"))?;
    Ok(Spki { algorithm: spki.algorithm, key })
}

fn encode_spki(algorithm: AlgorithmIdentifierRef<'_>, key: &[u8]) -> der::Result<Vec<u8>> {
    let subject_public_key = BitStringRef::from_bytes(key)?;
    SubjectPublicKeyInfoRef { algorithm, subject_public_key }.to_der()
}

fn malformed(detail: &str) -> Refusal {
    Refusal::new(Code::KeyMalformed).detail(detail)
}

#[cfg(test)]
mod tests;
