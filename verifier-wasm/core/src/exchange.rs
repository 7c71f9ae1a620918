//! The exchange: a token request in, a [`Grant`] out.

mod explain;
mod hints;
mod judge;
mod notes;
mod rehearse;
#[cfg(test)]
mod tests;

pub use explain::{Explanation, Note, Outcome};
pub(crate) use notes::{Notes, Seen};
pub use rehearse::Rehearsal;

use crate::grant::{Grant, Terms};
use crate::keys::KeyRing;
use crate::policy::{Binding, ProviderKind, TrustPolicy};
use crate::presented::{Presented, ScopeRequest};
use crate::proof::{Evidence, Form};
use crate::recorded::Recorded;
use crate::refusal::{Refusal, Step};
use crate::signature::{Session, SignatureProvider};
use crate::time::UnixTime;
use crate::verdict::{Source, Stop, Verdict};
use alloc::format;
use alloc::vec::Vec;
use judge::judge;

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
    /// Decides a token request.
    ///
    /// The checks come in the one order of [`crate::Step`]. On [`Verdict::Wanting`] the host brings what is wanted
    /// and asks again with the same request.
    pub fn decide(&self, presented: &Presented) -> Verdict<Grant> {
        self.decide_noting(presented, &mut Notes::none())
    }

    /// As [`Exchange::decide`]; what a valid signature proved is left in `facts` as well, for the audit record,
    /// whatever the verdict.
    pub fn decide_recorded(
        &self,
        presented: &Presented,
        facts: &mut Option<Recorded>,
    ) -> Verdict<Grant> {
        self.decide_noting(presented, &mut Notes::facts(facts))
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

    fn decide_noting(&self, presented: &Presented, notes: &mut Notes<'_>) -> Verdict<Grant> {
        let session = Session::new(self.signatures);
        let result = self.identify(presented, &session, notes).map(Identity::grant);
        session.finish(result)
    }

    /// Explains what [`Exchange::decide`] says: the same way, with a trace of it. What a token would say is told;
    /// none can be minted. An explanation beside [`Verdict::Wanting`] is of a pass that did not come to its end.
    pub fn explain(&self, presented: &Presented) -> (Verdict<Terms>, Explanation) {
        let session = Session::new(self.signatures);
        let mut explanation = Explanation::default();
        let mut notes = Notes::person(&mut explanation);
        let result = self.identify(presented, &session, &mut notes).map(|identity| identity.terms);
        if let Err(Stop::Refused(refusal)) = &result {
            notes.ended(refusal);
        }
        hints::add(&mut explanation, self.policy, &presented.client_id, &presented.credential);
        (session.finish(result), explanation)
    }

    fn identify(
        &self,
        presented: &Presented,
        session: &Session<'_>,
        notes: &mut Notes<'_>,
    ) -> Result<Identity, Stop> {
        let form = Form::read(&presented.assertion)?;
        notes.passed(Step::Form, || Seen::found(form.in_words()));
        let binding = self.policy.bind(presented)?;
        notes.passed(Step::Binding, || Seen::found(format!("{binding}")));
        let evidence = form.verify(&binding, self.keys, self.now, session, notes)?;
        Ok(Identity::establish(evidence, &binding, &presented.scope, self.now, notes)?)
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
        notes: &mut Notes<'_>,
    ) -> Result<Self, Refusal> {
        let terms = judge(evidence.statement(), binding, scope, now, notes)?;
        Ok(Self { evidence, terms })
    }

    fn grant(self) -> Grant {
        Grant::new(self.terms, self.evidence.into_obligation().into_iter().collect())
    }
}
