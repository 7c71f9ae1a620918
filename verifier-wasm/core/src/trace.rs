//! What is written down on the way through the checks: nothing, the facts, or everything.
//!
//! Nothing is decided by a trace: a check that fails ends the way whether anybody reads of it or not.

mod explanation;

pub use explanation::{Explanation, Note, Outcome};

use crate::access_token;
use crate::expr::Clause;
use crate::jose::VerifiedJws;
use crate::policy::{Binding, TrustPolicy};
use crate::recorded::Recorded;
use crate::refusal::{Refusal, Step};
use crate::verdict::Source;
use crate::x509::VerifiedList;
use alloc::string::String;
use alloc::vec::Vec;

/// What is kept of one pass, and it. Where nothing is kept nothing is made: what would be is a closure.
#[derive(Debug)]
pub struct Trace {
    detail: Detail,
    explanation: Explanation,
    lists: Vec<VerifiedList>,
    due: Vec<Source>,
    bound: Option<Bound>,
    exchanged: Option<Exchanged>,
}

/// The access token that a request exchanges: what names it, and nothing that could be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchanged {
    /// Its `jti`.
    pub jti: String,
    /// Its `client_id`: to which client it was issued.
    pub client_id: String,
}

/// Which binding a request came to, by its names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// The client's id.
    pub client_id: String,
    /// The name of the client's federated credential.
    pub credential: String,
    /// The name of the credential's provider.
    pub provider: String,
}

impl Bound {
    /// The binding of these names in `policy`.
    pub(crate) fn of<'p>(&self, policy: &'p TrustPolicy) -> Option<Binding<'p>> {
        policy.bind_named(&self.client_id, &self.credential).ok()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Detail {
    Nothing,
    /// The facts, for the audit record.
    Facts,
    /// Everything, for a person.
    Everything,
}

/// What a check saw, in words.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) found: Option<String>,
    pub(crate) clause: Option<Clause>,
    pub(crate) hint: Option<String>,
}

impl Trace {
    /// Keeps nothing.
    #[must_use]
    pub const fn none() -> Self {
        Self::of(Detail::Nothing)
    }

    /// Keeps what a valid signature proved, whatever the verdict; for the audit record.
    #[must_use]
    pub const fn facts() -> Self {
        Self::of(Detail::Facts)
    }

    /// Keeps everything.
    pub(crate) const fn everything() -> Self {
        Self::of(Detail::Everything)
    }

    const fn of(detail: Detail) -> Self {
        Self {
            detail,
            explanation: Explanation::new(),
            lists: Vec::new(),
            due: Vec::new(),
            bound: None,
            exchanged: None,
        }
    }

    /// What a valid signature proved, where that was kept and there was one.
    #[must_use]
    pub fn into_facts(self) -> Option<Recorded> {
        self.explanation.facts
    }

    /// The fetched revocation lists that the decision found to be signed by their authorities, whatever is kept beside and
    /// whatever the verdict: for [`KeyRing::verified_crls`](crate::keys::KeyRing::verified_crls).
    #[must_use]
    pub fn take_lists(&mut self) -> Vec<VerifiedList> {
        core::mem::take(&mut self.lists)
    }

    /// What is to be fetched anew for requests like this one, though none need wait for it
    /// ([`KeyRing::due`](crate::keys::KeyRing::due)), whatever is kept beside and whatever the verdict.
    #[must_use]
    pub fn take_due(&mut self) -> Vec<Source> {
        core::mem::take(&mut self.due)
    }

    /// The client and the credential that the request came to, where anything is kept and it came to one.
    #[must_use]
    pub const fn bound(&self) -> Option<&Bound> {
        self.bound.as_ref()
    }

    /// The request came to this binding.
    pub(crate) fn bind(&mut self, binding: &Binding<'_>) {
        if self.detail != Detail::Nothing {
            self.bound = Some(Bound {
                client_id: binding.client_id.into(),
                credential: binding.credential_name.into(),
                provider: binding.credential.provider.clone(),
            });
        }
    }

    /// The access token of ours that the request exchanges, where anything is kept and its signature was valid.
    #[must_use]
    pub const fn exchanged(&self) -> Option<&Exchanged> {
        self.exchanged.as_ref()
    }

    /// The request exchanges this access token, which may be refused yet. Its name counts for no check.
    pub(crate) fn exchanges(&mut self, token: &VerifiedJws) {
        if self.detail != Detail::Nothing {
            self.exchanged =
                access_token::name(token).map(|(jti, client_id)| Exchanged { jti, client_id });
        }
    }

    /// Takes note of such lists.
    pub(crate) fn verified(&mut self, lists: Vec<VerifiedList>) {
        self.lists.extend(lists);
    }

    /// Takes note of such a source.
    pub(crate) fn due(&mut self, source: Option<Source>) {
        self.due.extend(source);
    }

    /// A trace of the same detail, for one of several ways that are tried.
    pub(crate) const fn of_one_way(&self) -> Self {
        Self::of(self.detail)
    }

    /// Takes over what a host is to do after one of the ways, whether it was the right one or not.
    pub(crate) fn tried(&mut self, way: &mut Self) {
        self.lists.append(&mut way.lists);
        self.due.append(&mut way.due);
    }

    /// Goes on by what was written down of one of the ways.
    pub(crate) fn follow(&mut self, way: Self) {
        for note in way.explanation.notes() {
            self.explanation.add(note.clone());
        }
        if way.explanation.facts.is_some() {
            self.explanation.facts = way.explanation.facts;
        }
    }

    pub(crate) fn into_explanation(self) -> Explanation {
        self.explanation
    }

    /// Forgets an earlier pass.
    pub(crate) fn restart(&mut self) {
        self.explanation = Explanation::new();
        self.lists.clear();
        self.due.clear();
        self.bound = None;
        self.exchanged = None;
    }

    /// The facts so far.
    pub(crate) const fn stated(&self) -> Option<&Recorded> {
        self.explanation.facts()
    }

    /// Whether the decision reached this step.
    pub(crate) fn has(&self, step: Step) -> bool {
        self.explanation.notes().iter().any(|note| note.step == step)
    }

    /// A check that was passed.
    pub(crate) fn passed(&mut self, step: Step, seen: impl FnOnce() -> Seen) {
        if self.detail == Detail::Everything {
            self.explanation.add(Note::new(step, Outcome::Passed, seen()));
        }
    }

    /// The result of a check, handed on.
    ///
    /// # Errors
    /// The refusal of the check.
    pub(crate) fn check<T>(
        &mut self,
        step: Step,
        result: Result<T, Refusal>,
        seen: impl FnOnce(Option<&T>) -> Seen,
    ) -> Result<T, Refusal> {
        if self.detail == Detail::Everything {
            let outcome = match &result {
                Ok(_) => Outcome::Passed,
                Err(refusal) => Outcome::Failed(refusal.clone()),
            };
            self.explanation.add(Note::new(step, outcome, seen(result.as_ref().ok())));
        }
        result
    }

    /// What a valid signature proved, before it is compared with anything.
    pub(crate) fn state(&mut self, recorded: impl FnOnce() -> Recorded) {
        if self.detail != Detail::Nothing {
            self.explanation.facts = Some(recorded());
        }
    }

    /// A refusal that ended the way; nothing when its check has said so.
    pub(crate) fn ended(&mut self, refusal: &Refusal) {
        if self.detail == Detail::Everything {
            self.explanation.end_with(refusal);
        }
    }
}

impl Seen {
    pub(crate) fn found(found: impl Into<String>) -> Self {
        Self { found: Some(found.into()), ..Self::default() }
    }

    pub(crate) fn nothing() -> Self {
        Self::default()
    }

    /// The parts of a condition, where there is one.
    pub(crate) fn clause(clause: Option<Clause>) -> Self {
        Self { clause, ..Self::default() }
    }
}
