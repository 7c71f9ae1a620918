//! RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2.2).

use credmint_core::Hash;
use credmint_core::signature::PublicKey;
use rsa::{BoxedUint, Pkcs1v15Sign};
use sha1::Sha1;
use sha2::{Sha256, Sha384, Sha512};

/// Whether the signature verifies; `None` when this back end does not offer the hash or the key.
///
/// The encoded message is compared whole with the one that the digest demands, DigestInfo with its NULL
/// included: nothing of it is parsed.
pub(crate) fn verify(
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
    let (modulus, exponent) = key.rsa()?;
    let modulus = BoxedUint::from_be_slice_vartime(modulus);
    let exponent = BoxedUint::from_be_slice_vartime(exponent);
    let key = rsa::PublicKey::new(modulus, exponent).ok()?;
    Some(key.verify(padding, &hash.digest(message), signature).is_ok())
}
