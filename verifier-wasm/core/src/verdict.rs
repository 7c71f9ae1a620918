//! What the core answers.

use crate::refusal::{Code, Refusal};
use crate::signature::{NotVerified, SignatureCheck};
use alloc::string::String;
use alloc::vec;
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
    /// Signature checks that a back end deferred, at least one; [`Rounds`](crate::deferred::Rounds) takes the answers.
    /// They can be checked at the same time.
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

impl<T> Verdict<T> {
    /// What was proven, for `?`.
    ///
    /// # Errors
    /// The two answers that are not yes.
    pub fn into_result(self) -> Result<T, Stop> {
        match self {
            Self::Granted(value) => Ok(value),
            Self::Refused(refusal) => Err(Stop::Refused(refusal)),
            Self::Wanting(source) => Err(Stop::Wanting(source)),
        }
    }
}

impl Stop {
    /// The refusal; for a host that brings nothing, of what is wanted too: what is not proven is refused.
    #[must_use]
    pub fn into_refusal(self) -> Refusal {
        match self {
            Self::Refused(refusal) => refusal,
            Self::Wanting(_) => {
                Refusal::new(Code::InternalError).detail("the host does not fetch what is wanted")
            }
        }
    }

    /// The same, with another refusal.
    pub(crate) fn map_refusal(self, change: impl FnOnce(Refusal) -> Refusal) -> Self {
        match self {
            Self::Refused(refusal) => Self::Refused(change(refusal)),
            wanting @ Self::Wanting(_) => wanting,
        }
    }

    /// Of a signature that is not verified, with `invalid` as the code of one that is simply wrong.
    #[must_use]
    pub fn of_signature(not: NotVerified, invalid: Code) -> Self {
        match not {
            NotVerified::Failed(failure) => Self::Refused(failure.refusal(invalid)),
            NotVerified::Deferred(check) => (*check).into(),
        }
    }
}

impl From<SignatureCheck> for Stop {
    fn from(deferred: SignatureCheck) -> Self {
        Self::Wanting(Source::Signatures(vec![deferred]))
    }
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

/// What is open among checks that are asked for side by side, so that a host can answer them at the same time.
#[derive(Default)]
pub(crate) struct Open(Vec<SignatureCheck>);

impl Open {
    /// Adds a check that is to be answered.
    pub(crate) fn add(&mut self, check: SignatureCheck) {
        self.0.push(check);
    }

    /// Keeps what a result says is to be checked, and gives `None` for it.
    ///
    /// # Errors
    /// Every other reason to stop.
    pub(crate) fn sift<T>(&mut self, result: Result<T, Stop>) -> Result<Option<T>, Stop> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(Stop::Wanting(Source::Signatures(checks))) => {
                self.0.extend(checks);
                Ok(None)
            }
            Err(other) => Err(other),
        }
    }

    /// What is to be said when `stop` comes behind what is open: it is not said before that is answered.
    pub(crate) fn before(&mut self, stop: Stop) -> Stop {
        self.settled().err().unwrap_or(stop)
    }

    /// Whether nothing is open.
    ///
    /// # Errors
    /// What is open, to be answered.
    pub(crate) fn settled(&mut self) -> Result<(), Stop> {
        match core::mem::take(&mut self.0) {
            open if open.is_empty() => Ok(()),
            open => Err(Stop::Wanting(Source::Signatures(open))),
        }
    }
}
