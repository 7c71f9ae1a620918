//! Judging what a proof stated without the proof: tests of a policy, and audit records on another policy.

use super::explain::Explanation;
use super::hints;
use super::judge::judge;
use super::notes::{Notes, Seen};
use crate::grant::Terms;
use crate::policy::TrustPolicy;
use crate::presented::ScopeRequest;
use crate::proof;
use crate::recorded::Recorded;
use crate::refusal::{Refusal, Step};
use crate::time::UnixTime;
use alloc::format;
use alloc::string::String;

/// A request whose proof is taken for signed: what is judged is everything after the signature.
#[derive(Clone, Debug, PartialEq)]
pub struct Rehearsal {
    /// The client's id.
    pub client_id: String,
    /// The name of the client's federated credential.
    pub credential: String,
    /// What the proof states.
    pub given: Recorded,
    /// What is asked for.
    pub scope: ScopeRequest,
    /// The time of the decision.
    pub at: UnixTime,
}

impl Rehearsal {
    /// What the policy says to this request, with a trace. What a token would say is told; none can be minted.
    ///
    /// The checks are those of a live request from the binding on, but for the keys, paths and signatures, which
    /// leave no facts behind.
    pub fn judge(&self, policy: &TrustPolicy) -> (Result<Terms, Refusal>, Explanation) {
        let mut explanation = Explanation::default();
        let mut notes = Notes::person(&mut explanation);
        let result = self.run(policy, &mut notes);
        if let Err(refusal) = &result {
            notes.ended(refusal);
        }
        hints::add(&mut explanation, policy, &self.client_id, &self.credential);
        (result, explanation)
    }

    fn run(&self, policy: &TrustPolicy, notes: &mut Notes<'_>) -> Result<Terms, Refusal> {
        let binding = policy.find(&self.client_id, &self.credential, self.given.kind())?;
        notes.passed(Step::Binding, || Seen::found(format!("{binding}")));
        let statement = proof::state(&self.given, &binding, self.at, notes)?;
        judge(&statement, &binding, &self.scope, self.at, notes)
    }
}
