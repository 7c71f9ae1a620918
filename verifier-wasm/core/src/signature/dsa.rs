//! DSA signatures: r and s at the full length of q, and the DER of CMS (RFC 3279 section 2.2.2).

use super::DsaKey;
use super::pair;
use alloc::vec::Vec;

/// Converts a DER signature into r and s at the full length of q.
pub(super) fn fixed_from_der(key: &DsaKey, der: &[u8]) -> Option<Vec<u8>> {
    pair::fixed_from_der(key.q().len(), der)
}

/// Whether a signature has twice the length of q and 0 < r, s < q (FIPS 186-4 section 4.7).
pub(super) fn in_range(key: &DsaKey, fixed: &[u8]) -> bool {
    pair::in_range(key.q(), fixed)
}
