//! Ed25519 (RFC 8032 section 5.1): the form of points and signatures.
//!
//! Implementations agree on honest signatures and differ on the others: OpenSSL and with it node:crypto, BoringSSL
//! and WebCrypto accept keys of small order and some non-canonical encodings. What they may differ on is
//! refused here, before any of them is asked:
//!
//! - A, the key, and R, the first half of a signature, are encodings of points, the only ones of those points
//!   (coordinate below the prime, RFC 8032 section 5.1.3), and not of small order;
//! - S, the second half, is below the order of the group (section 5.1.7), so that it cannot be replaced by S plus
//!   the order.
//!
//! What remains is the equation, which a back end checks without the cofactor: [S]B = R + [k]A.

use curve25519_dalek::edwards::CompressedEdwardsY;

/// Bytes of a key, and of either half of a signature.
pub(super) const KEY_BYTES: usize = 32;
/// The bit of the last byte that holds the sign of x.
const SIGN: u8 = 0x80;

/// The prime of the field, 2^255 - 19, big-endian.
const PRIME: [u8; KEY_BYTES] = {
    let mut prime = [0xff; KEY_BYTES];
    let [first, .., last] = &mut prime;
    *first = 0x7f;
    *last = 0xed;
    prime
};
/// The order of the group, 2^252 + 27742317777372353535851937790883648493, big-endian.
const ORDER: [u8; KEY_BYTES] = [
    0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c, 0xd6, 0x58, 0x12, 0x63, 0x1a, 0x5c, 0xf5, 0xd3, 0xed,
];

/// What is wrong with a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Defect {
    /// No point has this y.
    NotAPoint,
    /// y is not below the prime.
    NotCanonical,
    /// Eight times the point is the neutral element.
    SmallOrder,
}

/// Checks that bytes are the encoding of a point, the only one, and that its order is not small.
pub(super) fn check_point(bytes: &[u8; KEY_BYTES]) -> Result<(), Defect> {
    let mut y = *bytes;
    y.reverse();
    let [first, ..] = &mut y;
    *first &= !SIGN;
    // Big-endian and of equal length, octet strings compare as the integers do.
    if y >= PRIME {
        return Err(Defect::NotCanonical);
    }
    // The other encodings that are not canonical, x = 0 with a sign, are of points of small order.
    let point = CompressedEdwardsY(*bytes).decompress().ok_or(Defect::NotAPoint)?;
    if point.is_small_order() { Err(Defect::SmallOrder) } else { Ok(()) }
}

/// Whether a signature is 64 bytes, R a good point and S below the order.
pub(super) fn well_formed(signature: &[u8]) -> bool {
    let Some((r, s)) = signature.split_first_chunk::<KEY_BYTES>() else { return false };
    let Ok(mut s) = <[u8; KEY_BYTES]>::try_from(s) else { return false };
    s.reverse();
    s < ORDER && check_point(r).is_ok()
}

#[cfg(test)]
mod tests;
