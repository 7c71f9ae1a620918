//! The keys at a moment, as one value that is never changed: what signs, and what verifiers are told.

use super::life::{self, KeyLife, KeyState};
use super::{PublicJwk, Signer, SigningAlgorithm};
use credmint_core::jose::{Algorithm, JwkSet, KeyRules};
use credmint_core::{Refusal, UnixTime, json};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The keys of one version of the store.
pub(crate) struct KeySet {
    /// Which version.
    pub(crate) version: i64,
    /// Every key that is stored, in the order of their numbers.
    pub(crate) lives: Vec<KeyLife>,
    /// Those of which this process can use the private half.
    own: Vec<KeyLife>,
    signers: BTreeMap<String, Arc<dyn Signer>>,
    algorithms: BTreeSet<SigningAlgorithm>,
    jwks: Arc<str>,
    verifying: Arc<JwkSet>,
}

/// A stored key, as far as it can be used.
pub(crate) struct KnownKey {
    /// What is stored of it.
    pub(crate) life: KeyLife,
    /// Its public half.
    pub(crate) public: PublicJwk,
    /// What signs with it, where this process can use it.
    pub(crate) signer: Option<Arc<dyn Signer>>,
}

impl KeySet {
    /// The set of these keys. What is published depends on what is stored alone, so processes that read the same agree
    /// byte for byte.
    ///
    /// # Errors
    /// When verifiers would not take one of them.
    pub(crate) fn new(version: i64, keys: Vec<KnownKey>) -> Result<Self, Refusal> {
        let published = || keys.iter().filter(|key| key.life.withdrawn.is_none());
        let jwks: Vec<json::Value> = published().map(|key| key.public.to_json().into()).collect();
        let jwks = json::Object::from_iter([("keys", jwks)]).to_string();
        let algorithms: Vec<Algorithm> =
            SigningAlgorithm::ALL.iter().map(|algorithm| algorithm.to_verify()).collect();
        let rules = KeyRules::default().with_algorithms(algorithms);
        let verifying = JwkSet::published(jwks.as_bytes(), &rules)?;
        let algorithms = published().map(|key| key.life.algorithm).collect();
        let (mut lives, mut own, mut signers) = (Vec::new(), Vec::new(), BTreeMap::new());
        for key in keys {
            if let Some(signer) = key.signer {
                own.push(key.life.clone());
                signers.insert(key.life.kid.clone(), signer);
            }
            lives.push(key.life);
        }
        let (jwks, verifying) = (jwks.into(), Arc::new(verifying));
        Ok(Self { version, lives, own, signers, algorithms, jwks, verifying })
    }

    /// What signs with this algorithm at `now`.
    pub(crate) fn signer(
        &self,
        algorithm: SigningAlgorithm,
        now: UnixTime,
    ) -> Option<Arc<dyn Signer>> {
        life::signing(&self.own, algorithm, now).and_then(|key| self.signer_of(key))
    }

    /// What signs where no algorithm is asked for.
    pub(crate) fn signer_by_default(
        &self,
        default: SigningAlgorithm,
        now: UnixTime,
    ) -> Option<Arc<dyn Signer>> {
        life::signing_by_default(&self.own, default, now).and_then(|key| self.signer_of(key))
    }

    fn signer_of(&self, key: &KeyLife) -> Option<Arc<dyn Signer>> {
        self.signers.get(&key.kid).cloned()
    }

    /// The signer of a key that was opened already.
    pub(crate) fn opened(&self, kid: &str) -> Option<Arc<dyn Signer>> {
        self.signers.get(kid).cloned()
    }

    /// From when a key of this algorithm is to sign, where one is being published.
    pub(crate) fn signs_from(&self, algorithm: SigningAlgorithm) -> Option<UnixTime> {
        let pending =
            |key: &&KeyLife| key.algorithm == algorithm && key.is_usable() && !key.started;
        self.own.iter().filter(pending).find_map(|key| key.sign_from)
    }

    /// Each key with what it is at `now`.
    pub(crate) fn states(&self, now: UnixTime) -> Vec<(&KeyLife, KeyState)> {
        self.lives.iter().map(|key| (key, key.state(&self.lives, now))).collect()
    }

    /// The JWK set (RFC 7517 section 5) for verifiers.
    pub(crate) fn jwks(&self) -> Arc<str> {
        Arc::clone(&self.jwks)
    }

    /// The same as it verifies.
    pub(crate) fn verifying(&self) -> Arc<JwkSet> {
        Arc::clone(&self.verifying)
    }

    /// The algorithms of the published keys.
    pub(crate) const fn algorithms(&self) -> &BTreeSet<SigningAlgorithm> {
        &self.algorithms
    }
}
