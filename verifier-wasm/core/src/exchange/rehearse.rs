//! Judging what a proof stated without the proof: tests of a policy, and audit records on another policy.

use super::discovered::discover;
use super::hints;
use super::judge::{collect, judge};
use super::route::{Route, recorded};
use crate::grant::Terms;
use crate::policy::{ProviderBinding, TrustPolicy};
use crate::proof;
use crate::refusal::{Refusal, Step};
use crate::rehearsal::Rehearsal;
use crate::trace::{Explanation, Seen, Trace};
use crate::verdict::Stop;
use alloc::format;

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
            if let Some(binding) = trace.bound().and_then(|bound| bound.of(policy)) {
                let given = (&self.given, self.form);
                collect(given, &binding, &self.scope, self.at, Step::Scope, &mut trace);
            }
        }
        let mut explanation = trace.into_explanation();
        hints::add(&mut explanation, policy, self.client_id.as_deref(), self.credential.as_deref());
        (result, explanation)
    }

    fn run(&self, policy: &TrustPolicy, trace: &mut Trace) -> Result<Terms, Refusal> {
        let state = |to: ProviderBinding<'_>, client_id: Option<&str>, trace: &mut Trace| {
            let given = (&self.given, self.form);
            proof::check(given, to, client_id, self.at, trace)?;
            proof::state(given, to, client_id, self.at)
        };
        let (stated, binding) = match recorded(policy, self)? {
            Route::Named(binding) => {
                trace.bind(&binding);
                trace.passed(Step::Binding, || Seen::found(format!("{binding}")));
                (state(binding.to(), Some(binding.client_id), trace)?, binding)
            }
            Route::Discovered(candidates) => {
                let client_id = candidates.client_id;
                let found =
                    discover(policy, &candidates, trace, |to, way| Ok(state(to, client_id, way)?));
                found.map_err(Stop::into_refusal)?
            }
        };
        let statement = stated.bound(&binding);
        judge(&statement, &binding, &self.scope, self.at, trace)
    }
}
