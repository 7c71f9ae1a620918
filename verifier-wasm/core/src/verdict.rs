//! What the core answers.

use crate::refusal::{Code, Refusal};
use crate::signature::SignatureCheck;
use alloc::string::String;
use alloc::vec::Vec;

/// The answer to a question of trust.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Verdict<T> {
    /// Yes, and this is what was proven.
    Granted(T),
    /// No, and this is why.
    Refused(Refusal),
    /// Not yet: the host is to bring this and to ask again.
    Wanting(Source),
}

/// Something that the core needs and does not fetch. The host carries bytes; what they mean, how long
/// they live and when to ask again is decided here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// The discovery document (RFC 8414) of an issuer; hand it to [`crate::keys::KeyRing::discovered`].
    Discovery {
        /// The issuer, as configured.
        issuer: String,
        /// Where to get it.
        url: String,
    },
    /// The JWK set (RFC 7517) of an issuer; hand it to [`crate::keys::KeyRing::fetched`].
    KeySet {
        /// The issuer, as configured.
        issuer: String,
        /// Where to get it.
        url: String,
    },
    /// Revocation lists (RFC 5280 section 5); hand each to [`crate::keys::KeyRing::fetched_crl`].
    Crls {
        /// Where to get them, as configured. They can be fetched at the same time.
        urls: Vec<String>,
    },
    /// Signature checks that a back end deferred; answer them and ask again.
    Signatures(Vec<SignatureCheck>),
}

/// Why a computation inside the core stopped: the two answers that are not yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// No.
    Refused(Refusal),
    /// Not yet.
    Wanting(Source),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Code> for Stop {
    fn from(code: Code) -> Self {
        Self::Refused(Refusal::new(code))
    }
}

impl<T> From<Result<T, Stop>> for Verdict<T> {
    fn from(result: Result<T, Stop>) -> Self {
        match result {
            Ok(value) => Self::Granted(value),
            Err(Stop::Refused(refusal)) => Self::Refused(refusal),
            Err(Stop::Wanting(source)) => Self::Wanting(source),
        }
    }
}
