//! The exchange: a token request in, a [`Grant`] out.

mod asked;
mod cases;
mod discovered;
mod hints;
mod judge;
mod near;
mod rehearse;
mod route;
#[cfg(test)]
mod tests;

pub use crate::rehearsal::Rehearsal;
pub use crate::trace::{Bound, Explanation, Note, Outcome, Trace};
pub use cases::CaseResult;

use crate::grant::{Grant, Obligation, Terms};
use crate::keys::KeyRing;
use crate::policy::{Binding, TrustPolicy};
use crate::presented::{Presented, ScopeRequest};
use crate::proof::{Context, Evidence, Form};
use crate::refusal::{Refusal, Step};
use crate::signature::{Session, SignatureProvider};
use crate::time::UnixTime;
use crate::trace::Seen;
use crate::verdict::{Stop, Verdict};
use alloc::format;
use discovered::discover;
use judge::{collect, judge};
use route::{Route, route};

/// Everything that a decision depends on beside the request.
#[derive(Clone, Copy)]
pub struct Exchange<'a> {
    /// The trust policy.
    pub policy: &'a TrustPolicy,
    /// The keys of outside issuers that have been fetched so far.
    pub keys: &'a KeyRing,
    /// The signature back ends.
    pub signatures: SignatureProvider<'a>,
    /// The time of the decision.
    pub now: UnixTime,
}

impl Exchange<'_> {
    /// Decides a token request. `trace` keeps of the way what it is for; the verdict is the same with any.
    ///
    /// The checks come in the one order of [`crate::Step`]. On [`Verdict::Wanting`] the host brings what is wanted
    /// and asks again with the same request.
    pub fn decide(&self, presented: &Presented, trace: &mut Trace) -> Verdict<Grant> {
        trace.restart();
        self.identify(presented, trace).map(|identity| identity.grant(self.now)).into()
    }

    /// Decides as [`Exchange::decide`] does, and explains it: every step that was passed and the one that failed. Behind a
    /// failure after the signature stand those of the other checks of what was stated. An explanation beside
    /// [`Verdict::Wanting`] is of a pass that did not come to its end.
    pub fn explain(&self, presented: &Presented) -> (Verdict<Grant>, Explanation) {
        let mut trace = Trace::everything();
        let verdict = self.decide(presented, &mut trace);
        if let Verdict::Refused(refusal) = &verdict {
            trace.ended(refusal);
            if let (Some(stated), Some(binding)) =
                (trace.stated().cloned(), trace.bound().and_then(|bound| bound.of(self.policy)))
            {
                collect(&stated, &binding, &presented.scope, self.now, &mut trace);
            }
        }
        let mut explanation = trace.into_explanation();
        let (client_id, credential) =
            (presented.client_id.as_deref(), presented.credential.as_deref());
        hints::add(&mut explanation, self.policy, client_id, credential);
        (verdict, explanation)
    }

    fn identify(&self, presented: &Presented, trace: &mut Trace) -> Result<Identity, Stop> {
        let form = Form::read(&presented.assertion)?;
        trace.passed(Step::Form, || Seen::found(form.in_words()));
        let (evidence, binding) = match route(self.policy, presented, &form)? {
            Route::Named(binding) => {
                trace.bind(&binding);
                trace.passed(Step::Binding, || Seen::found(format!("{binding}")));
                let session = Session::new(self.signatures);
                let client_id = Some(binding.client_id);
                let (ring, now, to) = (self.keys, self.now, binding.to());
                let context = Context { to, client_id, ring, now, session: &session, trace };
                (form.verify(context)?, binding)
            }
            Route::Discovered(candidates) => {
                let session = Session::new(self.signatures);
                let (client_id, ring, now) = (candidates.client_id, self.keys, self.now);
                discover(self.policy, &candidates, trace, |to, way| {
                    let form = Form::read(&presented.assertion)?;
                    let context =
                        Context { to, client_id, ring, now, session: &session, trace: way };
                    form.verify(context)
                })?
            }
        };
        Ok(Identity::establish(evidence, &binding, &presented.scope, self.now, trace)?)
    }
}

/// A proof whose conditions hold, with its attributes mapped and its scope narrowed.
struct Identity {
    obligation: Option<Obligation>,
    terms: Terms,
}

impl Identity {
    fn establish(
        evidence: Evidence,
        binding: &Binding<'_>,
        scope: &ScopeRequest,
        now: UnixTime,
        trace: &mut Trace,
    ) -> Result<Self, Refusal> {
        let (statement, obligation) = evidence.bound(binding);
        let terms = judge(&statement, binding, scope, now, trace)?;
        Ok(Self { obligation, terms })
    }

    fn grant(self, now: UnixTime) -> Grant {
        Grant::new(self.terms, self.obligation.into_iter().collect(), now)
    }
}
