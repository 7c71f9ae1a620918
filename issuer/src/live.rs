//! What a reload replaces: the policy with all that was made from it, as one value.
//!
//! A request takes the value once, when it comes, and ends with it. So it never sees a part of one policy and a part of another.
//! One thing is asked of the value that is in use by then: whether it still knows the client ([`Live::confirm`]).

use crate::decide::Decider;
use credmint_core::{Grant, Mintable, Refusal, ReplayStore, UnixTime};

/// What a reload replaces. Cloning it is cheap.
#[derive(Clone)]
pub struct Live {
    /// Decides token requests by one policy.
    pub decider: Decider,
    /// The hash of the policy's document, for records.
    pub policy_hash: String,
    /// How many policies this process has served by, this one included.
    pub policy_version: u64,
    /// When it was loaded.
    pub loaded_at: UnixTime,
    /// How clients authenticate with a TLS certificate (RFC 8705); `None` where none is asked for or forwarded.
    pub tls_client_auth: Option<TlsClientAuth>,
}

impl Live {
    /// The last look at a grant before it is discharged: client, credential and provider must be enabled in this policy, which may
    /// have taken the place of the one that granted.
    ///
    /// # Errors
    /// As a request is refused whose client, credential or provider is unknown or disabled.
    pub fn confirm(&self, grant: Grant) -> Result<Confirmed, Refusal> {
        let terms = grant.terms();
        self.decider.policy().bind_named(terms.client_id(), terms.credential())?;
        Ok(Confirmed(grant))
    }
}

/// A grant whose client and credential are enabled in the policy in use.
#[derive(Debug)]
pub struct Confirmed(Grant);

impl Confirmed {
    /// What is granted.
    pub const fn grant(&self) -> &Grant {
        &self.0
    }

    /// As [`Grant::discharge`].
    ///
    /// # Errors
    /// As there.
    pub async fn discharge(self, store: &dyn ReplayStore) -> Result<Mintable, Refusal> {
        self.0.discharge(store).await
    }
}

/// How the last reloads went, for the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reloads {
    /// How many were taken up.
    pub taken: u64,
    /// How many were refused.
    pub refused: u64,
    /// When the last one was tried.
    pub last: Option<UnixTime>,
    /// Why the last one was refused, with places; empty when it was taken up.
    pub errors: Vec<String>,
    /// Files of teams that are not used as they are, each with whether what it was before is used instead, and why.
    pub set_aside: Vec<(String, bool, Vec<String>)>,
}

/// What the metadata says of clients that authenticate with a TLS certificate.
#[derive(Clone)]
pub struct TlsClientAuth {
    /// The token endpoint where a certificate is asked for, when that is not the one of all others (RFC 8705 section 5).
    pub token_endpoint: Option<String>,
}
