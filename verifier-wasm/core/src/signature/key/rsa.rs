//! RSA keys: which sizes and exponents are accepted.

use super::{malformed, roca};
use crate::limits;
use crate::refusal::{Code, Refusal};
use alloc::vec::Vec;
use der::asn1::UintRef;
use der::{Decode, Encode, Sequence};

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

/// `RSAPublicKey` (RFC 8017 appendix A.1.1).
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

/// Modulus and exponent of an `RSAPublicKey`, big-endian without leading zeros.
pub(super) fn read(der: &[u8]) -> Result<(&[u8], &[u8]), Refusal> {
    let key = RsaPublicKey::from_der(der).map_err(|_| malformed("RSAPublicKey is not DER"))?;
    Ok((key.modulus.as_bytes(), key.exponent.as_bytes()))
}

/// The DER of an `RSAPublicKey`.
pub(super) fn encode(modulus: &[u8], exponent: &[u8]) -> der::Result<Vec<u8>> {
    RsaPublicKey { modulus: UintRef::new(modulus)?, exponent: UintRef::new(exponent)? }.to_der()
}

/// Checks the modulus and returns its size in bits.
pub(super) fn check_modulus(modulus: &[u8], limit: RsaLimit) -> Result<usize, Refusal> {
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
pub(super) fn check_exponent(exponent: &[u8]) -> Result<(), Refusal> {
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

/// The size in bits of a big-endian integer; `None` when it is empty or has a leading zero byte.
pub(super) fn bits(integer: &[u8]) -> Option<usize> {
    let first = integer.first().filter(|first| **first != 0)?;
    let unused = usize::try_from(first.leading_zeros()).ok()?;
    integer.len().checked_mul(8)?.checked_sub(unused)
}

pub(super) fn is_odd(integer: &[u8]) -> bool {
    integer.last().is_some_and(|last| last & 1 == 1)
}
