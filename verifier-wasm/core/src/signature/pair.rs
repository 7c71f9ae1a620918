//! Two integers, r and s: at a full length, and in DER.

use alloc::vec::Vec;
use core::iter;
use der::asn1::UintRef;
use der::{Decode, Encode, Sequence};

/// `Dss-Sig-Value` and `Ecdsa-Sig-Value` (RFC 3279 sections 2.2.2 and 2.2.3).
#[derive(Sequence)]
struct Pair<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

/// r and s at `length` bytes each, from strict DER of two integers that are not negative and fit.
pub(super) fn fixed_from_der(length: usize, der: &[u8]) -> Option<Vec<u8>> {
    let pair = Pair::from_der(der).ok()?;
    let mut fixed = Vec::with_capacity(length.saturating_mul(2));
    for integer in [pair.r.as_bytes(), pair.s.as_bytes()] {
        let padding = length.checked_sub(integer.len())?;
        fixed.extend(iter::repeat_n(0, padding));
        fixed.extend_from_slice(integer);
    }
    Some(fixed)
}

/// The DER of r and s at `length` bytes each.
pub(super) fn der_from_fixed(length: usize, fixed: &[u8]) -> Option<Vec<u8>> {
    let (r, s) = fixed.split_at_checked(length)?;
    Pair { r: UintRef::new(r).ok()?, s: UintRef::new(s).ok()? }.to_der().ok()
}

/// Whether both are as long as `order`, below it and not zero.
pub(super) fn in_range(order: &[u8], fixed: &[u8]) -> bool {
    let Some((r, s)) = fixed.split_at_checked(order.len()) else { return false };
    // Of equal length, octet strings compare as the integers do.
    [r, s].into_iter().all(|integer| {
        integer.len() == order.len() && integer < order && integer.iter().any(|byte| *byte != 0)
    })
}
