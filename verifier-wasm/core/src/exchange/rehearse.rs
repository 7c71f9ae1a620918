//! Judging what a proof stated without the proof: tests of a policy, and audit records on another policy.

use super::hints;
use super::judge::{collect, judge};
use crate::grant::Terms;
use crate::policy::{Binding, TrustPolicy};
use crate::presented::ScopeRequest;
use crate::proof;
use crate::recorded::Recorded;
use crate::refusal::{Refusal, Step};
use crate::time::UnixTime;
use crate::trace::{Explanation, Seen, Trace};
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
        let mut trace = Trace::everything();
        let result = self.run(policy, &mut trace);
        if let Err(refusal) = &result {
            trace.ended(refusal);
            if let Ok(binding) = self.bind(policy) {
                collect(&self.given, &binding, &self.scope, self.at, &mut trace);
            }
        }
        let mut explanation = trace.into_explanation();
        hints::add(&mut explanation, policy, &self.client_id, &self.credential);
        (result, explanation)
    }

    fn run(&self, policy: &TrustPolicy, trace: &mut Trace) -> Result<Terms, Refusal> {
        let binding = self.bind(policy)?;
        trace.passed(Step::Binding, || Seen::found(format!("{binding}")));
        proof::check(&self.given, &binding, self.at, trace)?;
        let statement = proof::state(&self.given, &binding, self.at)?;
        judge(&statement, &binding, &self.scope, self.at, trace)
    }

    fn bind<'p>(&self, policy: &'p TrustPolicy) -> Result<Binding<'p>, Refusal> {
        policy.find(&self.client_id, &self.credential, self.given.kind())
    }
}
