//! Private keys as the store holds them: encrypted by AES-256-GCM under a key-encryption key, and bound to what they are for.

use super::SigningAlgorithm;
use crate::limits::SEALING_KEY_BYTES;
use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use credmint_core::base64;
use zeroize::Zeroizing;

/// What is sealed here, so that nothing that is sealed for another purpose is taken for a signing key.
const PURPOSE: &[u8] = b"credmint signing key 1";

/// A key-encryption key. There is no `Debug` and no way out.
pub(crate) struct SealingKey {
    key: RandomizedNonceKey,
    id: String,
}

/// A private key, sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sealed {
    /// The nonce, the encrypted key and the tag.
    pub(crate) bytes: Vec<u8>,
    /// Which key sealed it.
    pub(crate) by: String,
}

impl SealingKey {
    /// The key of these bytes.
    pub(crate) fn new(bytes: &[u8; SEALING_KEY_BYTES]) -> Option<Self> {
        let key = RandomizedNonceKey::new(&AES_256_GCM, bytes).ok()?;
        // A digest of 256 random bits tells nothing of them.
        let name = [b"credmint key-encryption key", bytes.as_slice()].concat();
        let name = Zeroizing::new(name);
        let id: Vec<u8> = digest(&SHA256, &name).as_ref().iter().copied().take(12).collect();
        Some(Self { key, id: base64::encode_url(&id) })
    }

    /// Its name: the first 96 bits of a digest.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Seals a private key; `None` when there is no randomness.
    pub(crate) fn seal(
        &self,
        private: &[u8],
        kid: &str,
        algorithm: SigningAlgorithm,
    ) -> Option<Sealed> {
        // Large enough from the start: growing would leave a copy behind. Encrypted where it is, nothing of it is left.
        let room = private.len() + AES_256_GCM.tag_len();
        let mut buffer = Zeroizing::new(Vec::with_capacity(room));
        buffer.extend_from_slice(private);
        let aad = Aad::from(associated(kid, algorithm));
        let nonce = self.key.seal_in_place_append_tag(aad, &mut *buffer).ok()?;
        let bytes = [nonce.as_ref(), buffer.as_slice()].concat();
        Some(Sealed { bytes, by: self.id.clone() })
    }

    /// The private key of `sealed`; `None` when it was not sealed by this key, for this key and algorithm.
    pub(crate) fn open(
        &self,
        sealed: &[u8],
        kid: &str,
        algorithm: SigningAlgorithm,
    ) -> Option<Zeroizing<Vec<u8>>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut buffer = Zeroizing::new(sealed.to_vec());
        let aad = Aad::from(associated(kid, algorithm));
        let length = self.key.open_in_place(nonce, aad, &mut buffer).ok()?.len();
        buffer.truncate(length);
        Some(buffer)
    }
}

/// What a sealed key is bound to, each part with its length before it.
fn associated(kid: &str, algorithm: SigningAlgorithm) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in [PURPOSE, algorithm.as_str().as_bytes(), kid.as_bytes()] {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part);
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn i03_a_sealed_key_opens_for_what_it_was_sealed_for_alone() {
        let key = SealingKey::new(&[7; 32]).unwrap();
        let private = b"a private key";
        let sealed = key.seal(private, "kid", SigningAlgorithm::Es256).unwrap();
        let check = |key: &SealingKey, bytes: &[u8], kid: &str, algorithm, expect: bool| {
            let opened = key.open(bytes, kid, algorithm);
            assert_eq!(
                opened.as_ref().map(|opened| opened.as_slice()),
                expect.then_some(&private[..])
            );
        };
        let es256 = SigningAlgorithm::Es256;
        check(&key, &sealed.bytes, "kid", es256, true);
        check(&key, &sealed.bytes, "other", es256, false);
        check(&key, &sealed.bytes, "kid", SigningAlgorithm::Rs256, false);
        check(&SealingKey::new(&[8; 32]).unwrap(), &sealed.bytes, "kid", es256, false);
        for at in 0..sealed.bytes.len() {
            let mut other = sealed.bytes.clone();
            other[at] ^= 1;
            check(&key, &other, "kid", es256, false);
            check(&key, &sealed.bytes[..at], "kid", es256, false);
        }
    }

    #[test]
    fn no_two_seals_are_equal_and_none_holds_the_key() {
        let key = SealingKey::new(&[7; 32]).unwrap();
        let seal = || key.seal(&[5; 64], "kid", SigningAlgorithm::EdDsa).unwrap();
        let (first, second) = (seal(), seal());
        assert_ne!(first.bytes, second.bytes);
        assert!(!first.bytes.windows(8).any(|window| window == [5; 8]));
        assert_eq!(first.bytes.len(), NONCE_LEN + 64 + 16);
        assert_eq!((first.by.as_str(), first.by.len()), (key.id(), 16));
        assert_ne!(key.id(), SealingKey::new(&[8; 32]).unwrap().id());
    }
}
