//! ECDSA (FIPS 186-5 section 6.4.2).
//!
//! A digest longer than the order is cut on the right and a shorter one is taken as it is (section 6.4.1
//! step 2), so any curve goes with any hash of SHA-2. Signatures with a large s are accepted: RFC 7518
//! asks for neither form.

use alloc::vec::Vec;
use credmint_core::Hash;
use credmint_core::signature::{Curve, PublicKey};
use signature::hazmat::PrehashVerifier;

/// Whether the signature verifies on the curve; `None` when this back end does not offer the curve, the hash
/// or the key.
pub(crate) fn verify(
    curve: Curve,
    hash: Hash,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let digest = digest(hash, message)?;
    let point = key.ec_point()?;
    match curve {
        Curve::P256 => {
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
            Some(holds(&key, &digest, p256::ecdsa::Signature::from_slice(signature)))
        }
        Curve::P384 => {
            let key = p384::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
            Some(holds(&key, &digest, p384::ecdsa::Signature::from_slice(signature)))
        }
        Curve::P521 => {
            let key = p521::ecdsa::VerifyingKey::from_sec1_bytes(point).ok()?;
            Some(holds(&key, &digest, p521::ecdsa::Signature::from_slice(signature)))
        }
        _ => None,
    }
}

fn holds<S>(key: &impl PrehashVerifier<S>, digest: &[u8], signature: signature::Result<S>) -> bool {
    signature.is_ok_and(|signature| key.verify_prehash(digest, &signature).is_ok())
}

/// The digest, for the hashes that are offered with ECDSA: SHA-1 is not one of them.
fn digest(hash: Hash, message: &[u8]) -> Option<Vec<u8>> {
    match hash {
        Hash::Sha256 | Hash::Sha384 | Hash::Sha512 => Some(hash.digest(message)),
        _ => None,
    }
}
