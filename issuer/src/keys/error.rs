//! Why signing keys cannot be had.

use super::file::KeyFileError;
use super::sealing_keys::SealingKeyError;
use super::{NoSigner, SigningAlgorithm};
use crate::limits::PUBLISHED_KEYS;
use credmint_core::Refusal;
use std::path::PathBuf;

/// Why signing keys cannot be had. No text holds anything of a private key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// The database failed.
    #[error("the signing keys cannot be read or stored: {0}")]
    Database(#[from] sqlx::Error),
    /// A file cannot be used.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// There is no key-encryption key.
    #[error(transparent)]
    SealingKey(#[from] SealingKeyError),
    /// PostgreSQL keeps no key-encryption key beside itself.
    #[error(
        "signing keys in PostgreSQL are sealed: `signing.key_encryption_key` says by which key"
    )]
    NoSealingKey,
    /// None of the key-encryption keys opens it.
    #[error(
        "the signing key {kid} was sealed by the key-encryption key {by}, or for something else; it is none of the configured ones"
    )]
    Sealed {
        /// Which key.
        kid: String,
        /// What sealed it.
        by: String,
    },
    /// What is stored is not the key of this name.
    #[error("what is stored as the signing key {kid} is another key, or none")]
    Stored {
        /// Which key.
        kid: String,
    },
    /// It is in a token, which a later version stored.
    #[error("the signing key {kid} is in a PKCS#11 token, which this version does not sign with")]
    NoToken {
        /// Which key.
        kid: String,
    },
    /// A file of version 0.1 is no key.
    #[error("{} is not an unencrypted PKCS#8 key in DER for {algorithm}", path.display())]
    NotAKey {
        /// Which.
        path: PathBuf,
        /// What it should be for.
        algorithm: SigningAlgorithm,
    },
    /// The system gives no random numbers.
    #[error("a signing key could not be made: the system gives no random numbers")]
    Randomness,
    /// Others changed the keys each time.
    #[error("the signing keys are being changed by others again and again")]
    Busy,
    /// Verifiers would not take the set.
    #[error("the published keys are no key set: {0}")]
    Set(Refusal),
    /// A resource wants an algorithm that there is to be no key for.
    #[error(
        "the resource `{resource}` wants tokens that are signed with {name}: it is not in `server.signing`, which changes with a restart"
    )]
    NotConfigured {
        /// Which resource.
        resource: String,
        /// The algorithm.
        name: &'static str,
    },
    /// A resource wants an algorithm whose first key is not published for long enough yet.
    #[error("the resource `{resource}` names an algorithm too early: {reason}")]
    NotYet {
        /// Which resource.
        resource: String,
        /// What there is of keys.
        reason: NoSigner,
    },
    /// Verifiers take sets of a limited size.
    #[error(
        "{PUBLISHED_KEYS} keys are published already: the next is made when the first of them is gone"
    )]
    TooMany,
    /// There is no such key.
    #[error("there is no signing key {kid}")]
    Unknown {
        /// What was asked for.
        kid: String,
    },
    /// It is the key that signs.
    #[error("{kid} is the key that signs: `credmint keys rotate` makes its successor")]
    Signs {
        /// Which key.
        kid: String,
    },
}
