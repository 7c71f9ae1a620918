//! RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.2) and RSASSA-PSS (section 8.1.2).

use credmint_core::Hash;
use credmint_core::signature::PublicKey;
use rsa::{BoxedUint, Pkcs1v15Sign};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// Whether the signature verifies; `None` when this back end does not offer the hash or the key.
///
/// The encoded message is compared whole with the one that the digest demands, DigestInfo with its NULL
/// included: nothing of it is parsed.
pub(crate) fn verify_pkcs1(
    hash: Hash,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let padding = match hash {
        Hash::Sha1 => Pkcs1v15Sign::new::<Sha1>(),
        Hash::Sha256 => Pkcs1v15Sign::new::<Sha256>(),
        Hash::Sha384 => Pkcs1v15Sign::new::<Sha384>(),
        Hash::Sha512 => Pkcs1v15Sign::new::<Sha512>(),
        _ => return None,
    };
    let key = public_key(key)?;
    Some(key.verify(padding, &hash.digest(message), signature).is_ok())
}

/// Whether the signature verifies with MGF1 of the same hash and a salt as long as the hash, no shorter and no
/// longer; `None` when this back end does not offer the hash or the key. SHA-1 is not offered.
pub(crate) fn verify_pss(
    hash: Hash,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let key = public_key(key)?;
    let verified = match hash {
        Hash::Sha256 => key.pss_verify::<Sha256>(message, signature),
        Hash::Sha384 => key.pss_verify::<Sha384>(message, signature),
        Hash::Sha512 => key.pss_verify::<Sha512>(message, signature),
        _ => return None,
    };
    Some(verified.is_ok())
}

fn public_key(key: &PublicKey) -> Option<rsa::PublicKey> {
    let (modulus, exponent) = key.rsa()?;
    let modulus = BoxedUint::from_be_slice_vartime(modulus);
    let exponent = BoxedUint::from_be_slice_vartime(exponent);
    rsa::PublicKey::new(modulus, exponent).ok()
}
