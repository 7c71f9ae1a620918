//! Public keys, checked in form.
use crate::refusal::Refusal;
use alloc::vec::Vec;

/// A NIST curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Curve {
    /// P-256.
    P256,
    /// P-384.
    P384,
}

/// What kind of key it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// 2048 to 8192 bits.
    Allow8192,
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey(Vec<u8>);

impl PublicKey {
    /// Placeholder.
    ///
    /// # Errors
    /// Never.
    pub fn from_spki_der(der: &[u8], _limit: RsaLimit) -> Result<Self, Refusal> {
        Ok(Self(der.to_vec()))
    }
    /// Placeholder.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        KeyKind::Ec(Curve::P256)
    }
}
