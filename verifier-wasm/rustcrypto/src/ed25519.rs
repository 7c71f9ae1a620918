//! Ed25519 (RFC 8032 section 5.1.7).

use credmint_core::signature::PublicKey;
use ed25519_dalek::{Signature, VerifyingKey};

/// Whether the signature verifies; `None` for another kind of key.
///
/// The equation is checked without the cofactor. Small orders and encodings that are not canonical are refused
/// here as well as in the core: one who uses this back end alone gets no less.
pub(crate) fn verify(key: &PublicKey, message: &[u8], signature: &[u8]) -> Option<bool> {
    let key = VerifyingKey::from_bytes(key.ed25519()?).ok()?;
    let signature = Signature::from_slice(signature);
    Some(signature.is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()))
}
