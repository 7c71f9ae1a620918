//! What is written down on the way through the checks: nothing, the facts, or everything.
//!
//! Nothing is decided by a trace: a check that fails ends the way whether anybody reads of it or not.

mod explanation;

pub use explanation::{Explanation, Note, Outcome};

use crate::expr::Clause;
use crate::recorded::Recorded;
use crate::refusal::{Refusal, Step};
use crate::x509::VerifiedList;
use alloc::string::String;
use alloc::vec::Vec;

/// What is kept of one pass, and it. Where nothing is kept nothing is made: what would be is a closure.
#[derive(Debug)]
pub struct Trace {
    detail: Detail,
    explanation: Explanation,
    lists: Vec<VerifiedList>,
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
        Self { detail, explanation: Explanation::new(), lists: Vec::new() }
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

    /// Takes note of such lists.
    pub(crate) fn verified(&mut self, lists: Vec<VerifiedList>) {
        self.lists = lists;
    }

    pub(crate) fn into_explanation(self) -> Explanation {
        self.explanation
    }

    /// Forgets an earlier pass.
    pub(crate) fn restart(&mut self) {
        self.explanation = Explanation::new();
        self.lists.clear();
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
