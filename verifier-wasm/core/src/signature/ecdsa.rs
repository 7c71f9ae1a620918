//! ECDSA signatures in their two encodings.
use super::Curve;
use alloc::vec::Vec;

/// Placeholder.
#[must_use]
pub fn fixed_from_der(_curve: Curve, _der: &[u8]) -> Option<Vec<u8>> {
    None
}
/// Placeholder.
#[must_use]
pub fn der_from_fixed(_signature: &[u8]) -> Option<Vec<u8>> {
    None
}
pub(super) fn in_range(_curve: Curve, _fixed: &[u8]) -> bool {
    false
}
