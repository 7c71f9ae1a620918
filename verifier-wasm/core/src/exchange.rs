//! The exchange: a token request in, a [`Grant`] out.

mod cases;
mod hints;
mod judge;
mod rehearse;
#[cfg(test)]
mod tests;

pub use crate::rehearsal::Rehearsal;
pub use crate::trace::{Explanation, Note, Outcome, Trace};
pub use cases::CaseResult;

use crate::grant::{Grant, Terms};
use crate::keys::KeyRing;
use crate::policy::{Binding, ProviderKind, TrustPolicy};
use crate::presented::{Presented, ScopeRequest};
use crate::proof::{Context, Evidence, Form};
use crate::refusal::{Refusal, Step};
use crate::signature::{Session, SignatureProvider};
use crate::time::UnixTime;
use crate::trace::Seen;
use crate::verdict::{Source, Stop, Verdict};
use alloc::format;
use alloc::vec::Vec;
use judge::{collect, judge};

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

    /// What is to be fetched anew for requests like this one, though none need wait for it ([`KeyRing::due`]). To be
    /// asked once the request has its verdict.
    #[must_use]
    pub fn due(&self, presented: &Presented) -> Option<Source> {
        let binding = self.policy.bind(presented).ok()?;
        match binding.provider.kind() {
            ProviderKind::Oidc(provider) => {
                self.keys.due(provider.issuer(), provider.keys(), self.now)
            }
            ProviderKind::Pca(provider) => {
                self.keys.due_crls(&provider.crl_urls().collect::<Vec<_>>(), self.now)
            }
            _ => None,
        }
    }

    /// Decides as [`Exchange::decide`] does, and explains it: every step that was passed and the one that failed. Behind a
    /// failure after the signature stand those of the other checks of what was stated. An explanation beside
    /// [`Verdict::Wanting`] is of a pass that did not come to its end.
    pub fn explain(&self, presented: &Presented) -> (Verdict<Grant>, Explanation) {
        let mut trace = Trace::everything();
        let verdict = self.decide(presented, &mut trace);
        if let Verdict::Refused(refusal) = &verdict {
            trace.ended(refusal);
            if let (Some(stated), Ok(binding)) =
                (trace.stated().cloned(), self.policy.bind(presented))
            {
                collect(&stated, &binding, &presented.scope, self.now, &mut trace);
            }
        }
        let mut explanation = trace.into_explanation();
        hints::add(&mut explanation, self.policy, &presented.client_id, &presented.credential);
        (verdict, explanation)
    }

    fn identify(&self, presented: &Presented, trace: &mut Trace) -> Result<Identity, Stop> {
        let form = Form::read(&presented.assertion)?;
        trace.passed(Step::Form, || Seen::found(form.in_words()));
        let binding = self.policy.bind(presented)?;
        trace.passed(Step::Binding, || Seen::found(format!("{binding}")));
        let session = Session::new(self.signatures);
        let (ring, now) = (self.keys, self.now);
        let context = Context { binding: &binding, ring, now, session: &session, trace };
        let evidence = form.verify(context)?;
        Ok(Identity::establish(evidence, &binding, &presented.scope, now, trace)?)
    }
}

/// A proof whose conditions hold, with its attributes mapped and its scope narrowed.
struct Identity {
    evidence: Evidence,
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
        let terms = judge(evidence.statement(), binding, scope, now, trace)?;
        Ok(Self { evidence, terms })
    }

    fn grant(self, now: UnixTime) -> Grant {
        Grant::new(self.terms, self.evidence.into_obligation().into_iter().collect(), now)
    }
}
