//! Makes private keys, and opens those that are stored.

use super::life::{KeyHome, KeyLife};
use super::material::{Material, Private};
use super::seal::Sealed;
use super::sealing_keys::SealingKeys;
use super::software::{self, SoftwareKey};
use super::{KeyError, PublicJwk, Signer, SigningAlgorithm};
use credmint_core::signature::{PublicKey, RsaLimit};
use std::sync::Arc;

/// Where private keys are made and opened.
pub(crate) struct Vault {
    pub(super) sealing: SealingKeys,
}

/// A key that was made and is stored nowhere yet.
pub(crate) struct MadeKey {
    pub(crate) public: PublicJwk,
    pub(crate) material: Material,
}

impl Vault {
    /// Makes a key. It takes a while for RSA.
    pub(crate) fn make(&self, algorithm: SigningAlgorithm) -> Result<MadeKey, KeyError> {
        let private = software::generate(algorithm).ok_or(KeyError::Randomness)?;
        self.keep(&private, algorithm)?.ok_or(KeyError::Randomness)
    }

    /// A key in PKCS#8 as it is to be stored; `None` when it is none of `algorithm`.
    pub(crate) fn keep(
        &self,
        private: &[u8],
        algorithm: SigningAlgorithm,
    ) -> Result<Option<MadeKey>, KeyError> {
        let Some(key) = SoftwareKey::from_pkcs8(private, algorithm) else { return Ok(None) };
        let public = key.public().clone();
        let sealed = self.sealing.seal(private, public.kid(), algorithm);
        let private = Private::Sealed(sealed.ok_or(KeyError::Randomness)?);
        let material = Material { public: public.key().spki_der().to_vec(), private };
        Ok(Some(MadeKey { public, material }))
    }

    /// What signs with a stored key; `None` when it does not sign any more.
    pub(crate) fn open(
        &self,
        life: &KeyLife,
        material: &Material,
    ) -> Result<Option<Arc<dyn Signer>>, KeyError> {
        let (kid, algorithm) = (&life.kid, life.algorithm);
        match &material.private {
            Private::Forgotten => Ok(None),
            Private::Sealed(sealed) => {
                let failed = || KeyError::Sealed { kid: kid.clone(), by: sealed.by.clone() };
                let private = self.sealing.open(sealed, kid, algorithm).ok_or_else(failed)?;
                let key = SoftwareKey::from_pkcs8(&private, algorithm)
                    .filter(|key| key.public().kid() == kid)
                    .ok_or_else(|| KeyError::Stored { kid: kid.clone() })?;
                Ok(Some(Arc::new(key)))
            }
            Private::Token(_) => Err(KeyError::NoToken { kid: kid.clone() }),
        }
    }

    /// What was sealed by a former key, sealed anew.
    pub(crate) fn reseal(&self, life: &KeyLife, material: &Material) -> Option<Sealed> {
        let Private::Sealed(sealed) = &material.private else { return None };
        if self.sealing.is_first(sealed) {
            return None;
        }
        let private = self.sealing.open(sealed, &life.kid, life.algorithm)?;
        self.sealing.seal(&private, &life.kid, life.algorithm)
    }

    /// Where new keys are made.
    pub(crate) const fn home(&self) -> KeyHome {
        KeyHome::Store
    }
}

/// The public half of a stored key, when it is that of its name.
pub(crate) fn public_of(life: &KeyLife, material: &Material) -> Option<PublicJwk> {
    let key = PublicKey::from_spki_der(&material.public, RsaLimit::Standard).ok()?;
    PublicJwk::new(key, life.algorithm).filter(|public| public.kid() == life.kid)
}
