//! A request to judge without its proof: what a test of a policy and an audit record hold.

use crate::form::RequestForm;
use crate::presented::ScopeRequest;
use crate::recorded::Recorded;
use crate::time::UnixTime;
use alloc::string::String;

/// A request whose proof is taken for signed: what is judged is everything after the signature.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal {
    /// Which grant it is, and what carried the proof: that decides which providers are asked and what the proof must name
    /// as its audience.
    pub form: RequestForm,
    /// The client's id, where the request names it.
    pub client_id: Option<String>,
    /// The name of the client's federated credential, where the request names it.
    pub credential: Option<String>,
    /// What the proof states.
    pub given: Recorded,
    /// What is asked for.
    pub scope: ScopeRequest,
    /// The time of the decision.
    pub at: UnixTime,
}
