//! ECDSA (FIPS 186-5 section 6.4.2).
//!
//! A digest longer than the order is cut on the right and a shorter one is taken as it is (section 6.4.1
//! step 2), so any curve goes with any hash of SHA-2. Signatures with a large s are accepted: RFC 7518
//! asks for neither form.

use alloc::vec::Vec;
use credmint_core::Hash;
use credmint_core::signature::PublicKey;
use signature::hazmat::PrehashVerifier;

/// Whether the signature verifies on P-256; `None` when this back end does not offer the hash or the key.
pub(crate) fn verify_p256(
    hash: Hash,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let digest = digest(hash, message)?;
    let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(key.ec_point()?).ok()?;
    let signature = p256::ecdsa::Signature::from_slice(signature);
    Some(signature.is_ok_and(|signature| key.verify_prehash(&digest, &signature).is_ok()))
}

/// Whether the signature verifies on P-384; `None` when this back end does not offer the hash or the key.
pub(crate) fn verify_p384(
    hash: Hash,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let digest = digest(hash, message)?;
    let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(key.ec_point()?).ok()?;
    let signature = p384::ecdsa::Signature::from_slice(signature);
    Some(signature.is_ok_and(|signature| key.verify_prehash(&digest, &signature).is_ok()))
}

/// The digest, for the hashes that are offered with ECDSA: SHA-1 is not one of them.
fn digest(hash: Hash, message: &[u8]) -> Option<Vec<u8>> {
    match hash {
        Hash::Sha256 | Hash::Sha384 | Hash::Sha512 => Some(hash.digest(message)),
        _ => None,
    }
}
