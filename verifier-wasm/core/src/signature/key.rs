//! Public keys, checked in form when they are made, so that nobody after it has to.

mod roca;

use crate::limits;
use crate::refusal::{Code, Refusal};
use alloc::vec::Vec;
use const_oid::ObjectIdentifier;
use der::asn1::{AnyRef, BitStringRef, UintRef};
use der::{Decode, Encode, Sequence};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

/// `rsaEncryption` (RFC 3279 section 2.3.1).
const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// `id-ecPublicKey` (RFC 5480 section 2.1.1).
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// The tag of an uncompressed point (SEC 1 section 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// A NIST curve (FIPS 186-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Curve {
    /// P-256, also called `secp256r1`.
    P256,
    /// P-384, also called `secp384r1`.
    P384,
}

impl Curve {
    /// Every curve that is offered.
    pub const ALL: &'static [Self] = &[Self::P256, Self::P384];

    /// Octets of a coordinate, and of r and s.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
        }
    }

    /// `namedCurve` (RFC 5480 section 2.1.1.1).
    const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::P256 => ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
            Self::P384 => ObjectIdentifier::new_unwrap("1.3.132.0.34"),
        }
    }

    /// Whether an uncompressed point satisfies the equation of the curve, coordinates below its prime.
    fn has(self, point: &[u8]) -> bool {
        match self {
            Self::P256 => p256::PublicKey::from_sec1_bytes(point).is_ok(),
            Self::P384 => p384::PublicKey::from_sec1_bytes(point).is_ok(),
        }
    }
}

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum KeyKind {
    /// RSA with a modulus of this many bits.
    Rsa {
        /// Bits of the modulus.
        bits: usize,
    },
    /// A point on a curve.
    Ec(Curve),
}

/// Which RSA sizes are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RsaLimit {
    /// 2048 to 4096 bits.
    Standard,
    /// 2048 to 8192 bits, where a caller asks for it by name.
    Allow8192,
}

impl RsaLimit {
    const fn max_bits(self) -> usize {
        match self {
            Self::Standard => limits::RSA_MAX_BITS,
            Self::Allow8192 => limits::RSA_ALLOWED_MAX_BITS,
        }
    }
}

/// A public key whose form is good: an RSA key of accepted size and shape, or a point on its curve.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PublicKey {
    parts: Parts,
    spki: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Parts {
    Rsa { bits: usize, modulus: Vec<u8>, exponent: Vec<u8> },
    Ec { curve: Curve, point: Vec<u8> },
}

/// `RSAPublicKey` (RFC 8017 appendix A.1.1).
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7): `rsaEncryption` with NULL parameters
    /// (RFC 3279 section 2.3.1), or `id-ecPublicKey` with a named curve and an uncompressed point (RFC 5480
    /// section 2). It must be the one DER encoding of its key, to the octet.
    ///
    /// # Errors
    /// [`Code::KeyMalformed`]; [`Code::KeyUnsupported`] for another algorithm or curve, curve parameters
    /// written out and a compressed point; [`Code::KeyWeak`] as [`PublicKey::from_rsa`].
    pub fn from_spki_der(der: &[u8], limit: RsaLimit) -> Result<Self, Refusal> {
        let spki = SubjectPublicKeyInfoRef::from_der(der)
            .map_err(|_| malformed("SubjectPublicKeyInfo is not DER"))?;
        let parameters = spki.algorithm.parameters;
        let bits = spki
            .subject_public_key
            .as_bytes()
            .ok_or_else(|| malformed("subjectPublicKey has unused bits"))?;
        let key = match spki.algorithm.oid {
            RSA_ENCRYPTION => {
                let rsa = RsaPublicKey::from_der(bits)
                    .map_err(|_| malformed("RSAPublicKey is not DER"))?;
                Self::from_rsa(rsa.modulus.as_bytes(), rsa.exponent.as_bytes(), limit)?
            }
            EC_PUBLIC_KEY => Self::from_point(named_curve(parameters)?, bits)?,
            other => return Err(Refusal::new(Code::KeyUnsupported).found(other)),
        };
        // Whatever the parsers tolerated, and RSA parameters other than NULL, ends here.
        if key.spki != der {
            return Err(malformed("SubjectPublicKeyInfo is not the DER encoding of its key"));
        }
        Ok(key)
    }

    /// Makes an RSA key from big-endian integers without leading zeros (RFC 7518 section 6.3.1).
    ///
    /// # Errors
    /// [`Code::KeyMalformed`] for an empty integer or a leading zero; [`Code::KeyWeak`] for a modulus out
    /// of the limit, even, or made by the generator of CVE-2017-15361, and for an exponent that is even,
    /// under 65537 or over 32 bits (RFC 8725 section 3.5).
    pub fn from_rsa(modulus: &[u8], exponent: &[u8], limit: RsaLimit) -> Result<Self, Refusal> {
        let bits = check_modulus(modulus, limit)?;
        check_exponent(exponent)?;
        let parameters = Some(AnyRef::NULL);
        let spki = UintRef::new(modulus)
            .and_then(|modulus| {
                RsaPublicKey { modulus, exponent: UintRef::new(exponent)? }.to_der()
            })
            .and_then(|key| {
                encode_spki(AlgorithmIdentifierRef { oid: RSA_ENCRYPTION, parameters }, &key)
            })
            .map_err(|_| malformed("the RSA key has no encoding"))?;
        let parts = Parts::Rsa { bits, modulus: modulus.to_vec(), exponent: exponent.to_vec() };
        Ok(Self { parts, spki })
    }

    /// Makes an EC key from big-endian coordinates of the full length of the curve (RFC 7518 section 6.2.1).
    ///
    /// # Errors
    /// [`Code::KeyMalformed`] for a coordinate of another length and for a point that is not on the curve.
    pub fn from_ec(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, Refusal> {
        for (name, coordinate) in [("x", x), ("y", y)] {
            if coordinate.len() != curve.bytes() {
                return Err(malformed("a coordinate has the wrong length")
                    .expected(format_args!("{} octets", curve.bytes()))
                    .found(format_args!("{} octets of {name}", coordinate.len())));
            }
        }
        Self::from_point(curve, &[&[UNCOMPRESSED], x, y].concat())
    }

    /// Makes an EC key from an uncompressed point (SEC 1 section 2.3.3).
    fn from_point(curve: Curve, point: &[u8]) -> Result<Self, Refusal> {
        match point.first() {
            Some(&UNCOMPRESSED) => {}
            Some(2 | 3) => {
                return Err(Refusal::new(Code::KeyUnsupported).detail("the point is compressed"));
            }
            _ => return Err(malformed("the key is not an uncompressed point")),
        }
        // The length comes first: the arithmetic takes other encodings of points as well.
        let length = curve.bytes().saturating_mul(2).saturating_add(1);
        if point.len() != length || !curve.has(point) {
            return Err(malformed("the point is not on the curve"));
        }
        let oid = curve.oid();
        let parameters = Some(AnyRef::from(&oid));
        let spki = encode_spki(AlgorithmIdentifierRef { oid: EC_PUBLIC_KEY, parameters }, point)
            .map_err(|_| malformed("the EC key has no encoding"))?;
        Ok(Self { parts: Parts::Ec { curve, point: point.to_vec() }, spki })
    }

    /// What kind of key it is.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        match self.parts {
            Parts::Rsa { bits, .. } => KeyKind::Rsa { bits },
            Parts::Ec { curve, .. } => KeyKind::Ec(curve),
        }
    }

    /// The `SubjectPublicKeyInfo` in DER.
    #[must_use]
    pub fn spki_der(&self) -> &[u8] {
        &self.spki
    }

    /// Modulus and exponent of an RSA key, big-endian without leading zeros.
    #[must_use]
    pub fn rsa(&self) -> Option<(&[u8], &[u8])> {
        match &self.parts {
            Parts::Rsa { modulus, exponent, .. } => Some((modulus, exponent)),
            Parts::Ec { .. } => None,
        }
    }

    /// The uncompressed point of an EC key: 4, then x, then y (SEC 1 section 2.3.3).
    #[must_use]
    pub fn ec_point(&self) -> Option<&[u8]> {
        match &self.parts {
            Parts::Ec { point, .. } => Some(point),
            Parts::Rsa { .. } => None,
        }
    }
}

/// Checks the modulus and returns its size in bits.
fn check_modulus(modulus: &[u8], limit: RsaLimit) -> Result<usize, Refusal> {
    let bits =
        bits(modulus).ok_or_else(|| malformed("the modulus is empty or starts with zero"))?;
    if !(limits::RSA_MIN_BITS..=limit.max_bits()).contains(&bits) {
        return Err(Refusal::new(Code::KeyWeak)
            .detail("size of the modulus")
            .expected(format_args!("{} to {} bits", limits::RSA_MIN_BITS, limit.max_bits()))
            .found(format_args!("{bits} bits")));
    }
    if !is_odd(modulus) {
        return Err(Refusal::new(Code::KeyWeak).detail("the modulus is even"));
    }
    if roca::fingerprint(modulus) {
        return Err(
            Refusal::new(Code::KeyWeak).detail("the modulus can be factored (CVE-2017-15361)")
        );
    }
    Ok(bits)
}

/// Checks the exponent. Small ones make sloppy padding checks fatal, large ones cost time.
fn check_exponent(exponent: &[u8]) -> Result<(), Refusal> {
    if bits(exponent).is_none() {
        return Err(malformed("the exponent is empty or starts with zero"));
    }
    let value = match exponent {
        [a, b, c] => u32::from_be_bytes([0, *a, *b, *c]),
        [a, b, c, d] => u32::from_be_bytes([*a, *b, *c, *d]),
        _ => 0,
    };
    if value < 65_537 || !is_odd(exponent) {
        return Err(Refusal::new(Code::KeyWeak)
            .detail("exponent")
            .expected("an odd number from 65537, of at most 32 bits"));
    }
    Ok(())
}

/// The size in bits of a big-endian integer; `None` when it is empty or has a leading zero octet.
fn bits(integer: &[u8]) -> Option<usize> {
    let first = integer.first().filter(|first| **first != 0)?;
    let unused = usize::try_from(first.leading_zeros()).ok()?;
    integer.len().checked_mul(8)?.checked_sub(unused)
}

fn is_odd(integer: &[u8]) -> bool {
    integer.last().is_some_and(|last| last & 1 == 1)
}

/// The curve that the parameters of `id-ecPublicKey` name. Parameters that are written out are refused: they
/// can choose a generator for which every key is known (CVE-2020-0601).
fn named_curve(parameters: Option<AnyRef<'_>>) -> Result<Curve, Refusal> {
    let parameters = parameters.ok_or_else(|| malformed("the curve is missing"))?;
    let oid = parameters.decode_as::<ObjectIdentifier>().map_err(|_| {
        Refusal::new(Code::KeyUnsupported).detail("the curve is not given by its name")
    })?;
    let curve = Curve::ALL.iter().copied().find(|curve| curve.oid() == oid);
    curve.ok_or_else(|| Refusal::new(Code::KeyUnsupported).detail("curve").found(oid))
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
