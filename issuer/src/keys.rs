//! Signing keys: where they live, what is published of them, and the one place that signs.
//!
//! A private key never leaves its [`Signer`]: there is no way to read it, print it or serialise it. What
//! the key set publishes is made from the public key alone.
//!
//! [`life`] says what a key is at which time, [`KeyKeeper`] stores what follows from it, and [`SigningKeys`] is what requests see.

mod error;
mod file;
mod jwk;
mod keeper;
pub mod life;
mod material;
mod seal;
mod sealing_keys;
mod set;
mod software;
mod stored;
mod table;
mod vault;

pub use error::KeyError;
pub use file::KeyFileError;
pub use jwk::PublicJwk;
pub use keeper::KeyKeeper;
pub use life::{KeyLife, KeyState};
pub use sealing_keys::SealingKeyError;

pub use crate::config::{SealingKeyPlace, SigningAlgorithm};
pub use stored::{KeyOptions, KeyStore, Leaked, ListedKeys, Rotated, Rotation, check};

use crate::limits::KEY_ROUNDS;
use arc_swap::ArcSwap;
use credmint_core::jose::JwkSet;
use credmint_core::policy::TrustPolicy;
use credmint_core::{UnixTime, base64, json};
use life::{Change, Rules};
use set::KeySet;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use table::{KeyTable, Write};

/// Something that holds a private key and signs with it: this process, or a token.
pub trait Signer: Send + Sync {
    /// The public key, with its `kid` and algorithm.
    fn public(&self) -> &PublicJwk;

    /// The signature of `message` in the form that a JWS carries (RFC 7518 sections 3.3 to 3.5, RFC 8037 section 3.1): for
    /// ES256 `r || s`. It may take a millisecond of a core.
    ///
    /// # Errors
    /// When the key cannot be used or there is no randomness; then nothing may be minted.
    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;

    /// Whether a signature waits for something outside of this process, so that it must not be made on a thread that serves
    /// others.
    fn waits(&self) -> bool {
        false
    }

    /// `claims` as a signed token in compact form (RFC 7515 section 7.1), with `alg`, `kid` and `typ` in
    /// its header and nothing else.
    ///
    /// # Errors
    /// As [`Signer::signature`].
    fn sign(&self, typ: &str, claims: &json::Object) -> Result<String, SignError> {
        let public = self.public();
        let header = json::Object::from_iter([
            ("alg", public.algorithm().as_str()),
            ("kid", public.kid()),
            ("typ", typ),
        ]);
        let mut token = base64::encode_url(header.to_string().as_bytes());
        token.push('.');
        token.push_str(&base64::encode_url(claims.to_string().as_bytes()));
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        token.push_str(&base64::encode_url(&signature));
        Ok(token)
    }
}

/// The key could not be used. The reason stays with the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signing key could not be used")]
pub struct SignError;

/// The keys that sign and every key that verifiers are told of, at each moment. A clone sees the same.
#[derive(Clone)]
pub struct SigningKeys {
    set: Arc<ArcSwap<KeySet>>,
    default: SigningAlgorithm,
    /// What there is to be a key for.
    algorithms: BTreeSet<SigningAlgorithm>,
    /// Where the keys are stored; not where a test made them.
    table: Option<KeyTable>,
    /// The longest lifetime of tokens that this process knows to be stored, in seconds.
    longest: Arc<AtomicI64>,
}

impl SigningKeys {
    fn new(set: KeySet, rules: &Rules, table: Option<KeyTable>) -> Self {
        let set = Arc::new(ArcSwap::from_pointee(set));
        let (default, algorithms) = (rules.default, rules.algorithms.clone());
        Self { set, default, algorithms, table, longest: Arc::default() }
    }

    /// Prepares for the tokens of a policy, before any is minted by it: how long they live is stored, so that no key is deleted
    /// before them, and each algorithm that a resource names has a key that signs.
    ///
    /// # Errors
    /// When a resource names an algorithm that nothing signs with at `now`, or the store fails.
    pub async fn prepare_for(&self, policy: &TrustPolicy, now: UnixTime) -> Result<(), KeyError> {
        for (resource, named) in policy.signing_algorithms() {
            let algorithm = SigningAlgorithm::from_name(named.as_str())
                .filter(|algorithm| self.algorithms.contains(algorithm));
            let resource = || resource.to_owned();
            let Some(algorithm) = algorithm else {
                return Err(KeyError::NotConfigured { resource: resource(), name: named.as_str() });
            };
            if let Err(reason) = self.signer(Some(algorithm), now) {
                return Err(KeyError::NotYet { resource: resource(), reason });
            }
        }
        let Some(table) = &self.table else { return Ok(()) };
        let seconds = policy.longest_token_lifetime();
        // A policy that lets tokens live no longer needs no store: what it disables is disabled though that is down.
        if seconds <= self.longest.load(Ordering::Acquire) {
            return Ok(());
        }
        for _ in 0..KEY_ROUNDS {
            let held = table.read().await?.held;
            let longest = Write::Life(Change::Longest { seconds });
            if seconds <= held.longest || table.store(held.version, &[longest]).await? {
                self.longest.fetch_max(seconds, Ordering::AcqRel);
                return Ok(());
            }
        }
        Err(KeyError::Busy)
    }

    /// The key that signs at `now` with `algorithm`, or where none is asked for. A key of the default algorithm that is not
    /// published for long enough yet is waited for, with the one before it.
    ///
    /// # Errors
    /// When there is none.
    pub fn signer(
        &self,
        algorithm: Option<SigningAlgorithm>,
        now: UnixTime,
    ) -> Result<Arc<dyn Signer>, NoSigner> {
        let set = self.set.load();
        let found = match algorithm {
            None => set.signer_by_default(self.default, now),
            Some(algorithm) => set.signer(algorithm, now),
        };
        let algorithm = algorithm.unwrap_or(self.default);
        found.ok_or_else(|| NoSigner { algorithm, from: set.signs_from(algorithm) })
    }

    /// The JWK set (RFC 7517 section 5) for verifiers.
    #[must_use]
    pub fn jwks(&self) -> Arc<str> {
        self.set.load().jwks()
    }

    /// What verifies the tokens of this issuer here: the keys that are published, as every verifier reads them.
    #[must_use]
    pub fn verifying(&self) -> Arc<JwkSet> {
        self.set.load().verifying()
    }

    /// The algorithms of the keys that are published.
    #[must_use]
    pub fn algorithms(&self) -> Vec<SigningAlgorithm> {
        self.set.load().algorithms().iter().copied().collect()
    }

    /// Until when the key signs that signs at `now` by default.
    fn signs_until(&self, now: UnixTime) -> Option<UnixTime> {
        life::signing_by_default(&self.set.load().lives, self.default, now)?.sign_until
    }

    /// Whether nothing signs before a key is published that was made for that.
    fn waits_urgently(&self, now: UnixTime) -> bool {
        let set = self.set.load();
        set.lives.iter().any(|key| {
            key.urgent
                && key.is_usable()
                && !key.started
                && key.sign_from.is_none_or(|from| now < from)
        })
    }

    /// Each key that is stored, and what it is at `now`.
    #[must_use]
    pub fn states(&self, now: UnixTime) -> Vec<(KeyLife, KeyState)> {
        let set = self.set.load();
        set.states(now).into_iter().map(|(key, state)| (key.clone(), state)).collect()
    }
}

/// No key signs with an algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no key signs with {algorithm}{}", .from.map(|from| format!(" before {from}")).unwrap_or_default())]
pub struct NoSigner {
    /// Which one.
    pub algorithm: SigningAlgorithm,
    /// When the key that is being published begins.
    pub from: Option<UnixTime>,
}

#[cfg(test)]
mod tests;
