//! DSA with SHA-1 (FIPS 186-4 section 4.7), for one legacy signer of messages.

use credmint_core::Hash;
use credmint_core::signature::{DsaKey, PublicKey};
use dsa::{BoxedUint, Components, Signature, VerifyingKey};
use signature::hazmat::PrehashVerifier;

/// Whether the signature verifies; `None` for a key that this back end does not offer.
pub(crate) fn verify_sha1(key: &PublicKey, message: &[u8], signature: &[u8]) -> Option<bool> {
    let key = key.dsa()?;
    let verifying = verifying_key(key)?;
    let (r, s) = signature.split_at_checked(key.q().len())?;
    let signature = Signature::from_components(integer(r), integer(s));
    let digest = Hash::Sha1.digest(message);
    let verified = |signature| verifying.verify_prehash(&digest, &signature).is_ok();
    Some(signature.is_some_and(verified))
}

fn verifying_key(key: &DsaKey) -> Option<VerifyingKey> {
    let (p, q, g) = (integer(key.p()), integer(key.q()), integer(key.g()));
    let components = Components::from_components(p, q, g).ok()?;
    VerifyingKey::from_components(components, integer(key.y())).ok()
}

fn integer(bytes: &[u8]) -> BoxedUint {
    BoxedUint::from_be_slice_vartime(bytes)
}
