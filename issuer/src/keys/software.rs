//! A private key in this process, made and used by aws-lc. ECDSA takes its nonces from aws-lc, which hedges them with the key
//! and the message; what fails for want of randomness mints nothing.

use super::{PublicJwk, SignError, Signer, SigningAlgorithm};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256,
    RSA_PSS_SHA256, RsaEncoding,
};
use credmint_core::signature::{PublicKey, RsaLimit};
use zeroize::Zeroizing;

/// Signs with a key in memory.
pub(crate) struct SoftwareKey {
    private: PrivateKey,
    public: PublicJwk,
}

/// aws-lc overwrites them when they are dropped. There is no `Debug` and no way out.
enum PrivateKey {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ed25519(Ed25519KeyPair),
}

impl SoftwareKey {
    /// The key in unencrypted PKCS#8; `None` when it is not one of `algorithm`, or one that verifiers refuse.
    pub(crate) fn from_pkcs8(key: &[u8], algorithm: SigningAlgorithm) -> Option<Self> {
        let private = match algorithm {
            SigningAlgorithm::Es256 => PrivateKey::Ec(
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key).ok()?,
            ),
            SigningAlgorithm::Rs256 => {
                PrivateKey::Rsa(RsaKeyPair::from_pkcs8(key).ok()?, &RSA_PKCS1_SHA256)
            }
            SigningAlgorithm::Ps256 => {
                PrivateKey::Rsa(RsaKeyPair::from_pkcs8(key).ok()?, &RSA_PSS_SHA256)
            }
            SigningAlgorithm::EdDsa => PrivateKey::Ed25519(Ed25519KeyPair::from_pkcs8(key).ok()?),
        };
        let spki: PublicKeyX509Der<'_> = match &private {
            PrivateKey::Ec(pair) => pair.public_key().as_der(),
            PrivateKey::Rsa(pair, _) => pair.public_key().as_der(),
            PrivateKey::Ed25519(pair) => pair.public_key().as_der(),
        }
        .ok()?;
        // The same check that verifiers make: a key that they refuse must not sign.
        let public = PublicKey::from_spki_der(spki.as_ref(), RsaLimit::Standard).ok()?;
        Some(Self { private, public: PublicJwk::new(public, algorithm)? })
    }
}

impl Signer for SoftwareKey {
    fn public(&self) -> &PublicJwk {
        &self.public
    }

    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let random = SystemRandom::new();
        match &self.private {
            PrivateKey::Ec(pair) => {
                let signature = pair.sign(&random, message).map_err(|_| SignError)?;
                Ok(signature.as_ref().to_vec())
            }
            PrivateKey::Rsa(pair, padding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*padding, &random, message, &mut signature).map_err(|_| SignError)?;
                Ok(signature)
            }
            PrivateKey::Ed25519(pair) => {
                Ok(pair.try_sign(message).map_err(|_| SignError)?.as_ref().to_vec())
            }
        }
    }
}

/// A new private key in PKCS#8; `None` when there is no randomness.
pub(crate) fn generate(algorithm: SigningAlgorithm) -> Option<Zeroizing<Vec<u8>>> {
    let key = match algorithm {
        SigningAlgorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).ok()?;
            pair.to_pkcs8v1().ok()?.as_ref().to_vec()
        }
        SigningAlgorithm::Rs256 | SigningAlgorithm::Ps256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).ok()?;
            let key: Pkcs8V1Der<'_> = pair.as_der().ok()?;
            key.as_ref().to_vec()
        }
        SigningAlgorithm::EdDsa => {
            Ed25519KeyPair::generate().ok()?.to_pkcs8().ok()?.as_ref().to_vec()
        }
    };
    Some(Zeroizing::new(key))
}
