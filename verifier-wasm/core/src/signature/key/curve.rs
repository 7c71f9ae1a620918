//! The curves of ECDSA, and what a point on one of them is.

use super::malformed;
use crate::refusal::{Code, Refusal};
use const_oid::ObjectIdentifier;
use der::asn1::AnyRef;

/// The tag of an uncompressed point (SEC 1 section 2.3.3).
pub(super) const UNCOMPRESSED: u8 = 4;

/// A NIST curve (FIPS 186-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Curve {
    /// P-256, also called `secp256r1`.
    P256,
    /// P-384, also called `secp384r1`.
    P384,
    /// P-521, also called `secp521r1`.
    P521,
}

impl Curve {
    /// Every curve that is offered.
    pub const ALL: &'static [Self] = &[Self::P256, Self::P384, Self::P521];

    /// Bytes of a coordinate, and of r and s. P-521 has 521 bits: the first byte is 0 or 1.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// The name that people and JOSE use, `P-256` for instance (RFC 7518 section 6.2.1.1).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// The curve of a name as [`Curve::name`] gives it.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|curve| curve.name() == name)
    }

    /// `namedCurve` (RFC 5480 section 2.1.1.1).
    pub(super) const fn oid(self) -> ObjectIdentifier {
        match self {
            Self::P256 => ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"),
            Self::P384 => ObjectIdentifier::new_unwrap("1.3.132.0.34"),
            Self::P521 => ObjectIdentifier::new_unwrap("1.3.132.0.35"),
        }
    }

    /// The curve that the parameters of `id-ecPublicKey` name. Parameters that are written out are refused:
    /// they can choose a generator for which every key is known (CVE-2020-0601).
    pub(super) fn of_parameters(parameters: Option<AnyRef<'_>>) -> Result<Self, Refusal> {
        let parameters = parameters.ok_or_else(|| malformed("the curve is missing"))?;
        let oid = parameters.decode_as::<ObjectIdentifier>().map_err(|_| {
            Refusal::new(Code::UnsupportedKey).detail("the curve is not given by its name")
        })?;
        let curve = Self::ALL.iter().copied().find(|curve| curve.oid() == oid);
        curve.ok_or_else(|| Refusal::new(Code::UnsupportedKey).detail("curve").found(oid))
    }

    /// Checks that bytes are an uncompressed point (SEC 1 section 2.3.3) of the curve.
    pub(super) fn check_point(self, point: &[u8]) -> Result<(), Refusal> {
        match point.first() {
            Some(&UNCOMPRESSED) => {}
            Some(2 | 3) => {
                return Err(Refusal::new(Code::UnsupportedKey).detail("the point is compressed"));
            }
            _ => return Err(malformed("the key is not an uncompressed point")),
        }
        // The length comes first: the arithmetic takes other encodings of points as well.
        let length = self.bytes().saturating_mul(2).saturating_add(1);
        if point.len() != length || !self.has(point) {
            return Err(malformed("the point is not on the curve"));
        }
        Ok(())
    }

    /// Whether an uncompressed point satisfies the equation of the curve, coordinates below its prime.
    fn has(self, point: &[u8]) -> bool {
        match self {
            Self::P256 => p256::PublicKey::from_sec1_bytes(point).is_ok(),
            Self::P384 => p384::PublicKey::from_sec1_bytes(point).is_ok(),
            Self::P521 => p521::PublicKey::from_sec1_bytes(point).is_ok(),
        }
    }
}
