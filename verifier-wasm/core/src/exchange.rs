//! The exchange: a token request in, a [`Grant`] out.

mod asked;
mod cases;
mod discovered;
mod exchanged;
mod hints;
mod judge;
mod near;
mod rehearse;
mod route;
#[cfg(test)]
mod tests;

pub use crate::rehearsal::Rehearsal;
pub use crate::trace::{Bound, Exchanged, Explanation, Note, Outcome, Trace};
pub use cases::CaseResult;

use crate::access_token;
use crate::grant::{Grant, Obligation, Terms};
use crate::jose::JwkSet;
use crate::keys::KeyRing;
use crate::policy::{Binding, TrustPolicy};
use crate::presented::Presented;
use crate::proof::{Context, Evidence, Form};
use crate::refusal::Step;
use crate::signature::{Session, SignatureProvider};
use crate::time::UnixTime;
use crate::trace::Seen;
use crate::verdict::{Stop, Verdict};
use alloc::format;
use discovered::discover;
use exchanged::Subject;
use judge::{collect, judge, judge_subject};
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
    /// The signing keys of the issuer itself, as it publishes them now: with these alone its access tokens can be exchanged.
    pub own: Option<&'a JwkSet>,
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
                // What may be had for somebody else is not said without their token.
                let last = match presented.subject {
                    Some(_) => Step::Mapping,
                    None => Step::Scope,
                };
                let stated = (&stated, presented.form);
                collect(stated, &binding, &presented.scope, self.now, last, &mut trace);
            }
        }
        let mut explanation = trace.into_explanation();
        let (client_id, credential) =
            (presented.client_id.as_deref(), presented.credential.as_deref());
        hints::add(&mut explanation, self.policy, client_id, credential);
        (verdict, explanation)
    }

    fn identify(&self, presented: &Presented, trace: &mut Trace) -> Result<Identity, Stop> {
        let exchanged = presented.exchanged_of(self.policy.issuer());
        if let (Some(token), None) = (exchanged, &presented.subject) {
            let terms = Subject::narrowed(token, presented, self, trace)?;
            // Whoever holds a token may use it until it ends, so it may be narrowed as often.
            return Ok(Identity { obligation: None, terms });
        }
        let form = Form::read(&presented.assertion)?;
        let exchanged = exchanged.map(access_token::read).transpose()?;
        trace.passed(Step::Form, || Seen::found(form.in_words()));
        let session = Session::new(self.signatures);
        let (evidence, binding) = self.bind(presented, form, &session, trace)?;
        let (statement, owed) = evidence.bound(&binding);
        let (scope, now) = (&presented.scope, self.now);
        let terms = match exchanged {
            None => judge(&statement, &binding, scope, now, trace)?,
            Some(token) => {
                // Nothing is verified for a client, or said of a token to it, before its own conditions hold.
                let actor = judge_subject(&statement, &binding, scope, now, trace)?;
                let subject = Subject::of_another(token, self, &session, trace)?;
                subject.used_by(&binding, actor, scope, trace)?
            }
        };
        let obligation = owed.map(|owed| owed.due(presented.nonce.as_ref())).transpose()?;
        Ok(Identity { obligation, terms })
    }

    /// Verifies the proof, and finds whose it is.
    fn bind(
        &self,
        presented: &Presented,
        form: Form<'_>,
        session: &Session<'_>,
        trace: &mut Trace,
    ) -> Result<(Evidence, Binding<'_>), Stop> {
        let (ring, now) = (self.keys, self.now);
        match route(self.policy, presented, &form)? {
            Route::Named(binding) => {
                trace.bind(&binding);
                trace.passed(Step::Binding, || Seen::found(format!("{binding}")));
                let (to, client_id) = (binding.to(), Some(binding.client_id));
                let context = Context { to, client_id, ring, now, session, trace };
                Ok((form.verify(context)?, binding))
            }
            Route::Discovered(candidates) => {
                let client_id = candidates.client_id;
                let mut form = Some(form);
                discover(self.policy, &candidates, trace, |to, way| {
                    // Each provider after the first reads it anew.
                    let form = match form.take() {
                        Some(form) => form,
                        None => Form::read(&presented.assertion)?,
                    };
                    form.verify(Context { to, client_id, ring, now, session, trace: way })
                })
            }
        }
    }
}

/// A proof whose conditions hold, with its attributes mapped and its scope narrowed.
struct Identity {
    obligation: Option<Obligation>,
    terms: Terms,
}

impl Identity {
    fn grant(self, now: UnixTime) -> Grant {
        Grant::new(self.terms, self.obligation.into_iter().collect(), now)
    }
}
