//! A trace of the way through the checks, for a person.
//!
//! It is written by the decision itself: what is explained is what was decided. After the first failure come those of the
//! checks that were not come to, as far as what a valid signature proved can be judged, so that one look shows all that
//! must be corrected.

use super::Seen;
use crate::expr::Clause;
use crate::recorded::Recorded;
use crate::refusal::{Code, Refusal, Step, shown};
use alloc::string::String;
use alloc::vec::Vec;

/// What happened at each step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explanation {
    notes: Vec<Note>,
    pub(super) facts: Option<Recorded>,
}

/// What happened at one step.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Note {
    /// The step of the one order of checks.
    pub step: Step,
    /// Its result.
    pub outcome: Outcome,
    /// What was expected, for the operator.
    pub expected: Option<String>,
    /// What was found, for the operator. Secrets are hidden.
    pub found: Option<String>,
    /// The condition of the step, part by part.
    pub clause: Option<Clause>,
    /// What is probably meant, when something near is known.
    pub hint: Option<String>,
}

/// The result of a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The check was passed.
    Passed,
    /// The check failed. The first failure is the verdict; later ones would be, if those before were corrected.
    Failed(Refusal),
}

impl Explanation {
    pub(super) const fn new() -> Self {
        Self { notes: Vec::new(), facts: None }
    }

    /// The steps in their order. A step that was not reached has no note.
    #[must_use]
    pub fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// The first failure, which is the verdict; `None` when every check was passed.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        self.failures().next()
    }

    /// Every failure, the verdict first.
    pub fn failures(&self) -> impl Iterator<Item = &Refusal> {
        self.notes.iter().filter_map(|note| match &note.outcome {
            Outcome::Passed => None,
            Outcome::Failed(refusal) => Some(refusal),
        })
    }

    /// Adds a refusal that ended the decision outside of the traced steps; does nothing after a failure.
    pub fn end_with(&mut self, refusal: &Refusal) {
        if self.refusal().is_none() {
            let step = refusal.code().step();
            self.add(Note::new(step, Outcome::Failed(refusal.clone()), Seen::default()));
        }
    }

    /// What the proof stated, when its signature was valid; the same that the audit record has.
    #[must_use]
    pub const fn facts(&self) -> Option<&Recorded> {
        self.facts.as_ref()
    }

    /// Adds a hint to the failure with one of these codes.
    pub(crate) fn hint(&mut self, codes: &[Code], hint: impl FnOnce() -> Option<String>) {
        let failed = self.notes.iter_mut().find(|note| match &note.outcome {
            Outcome::Failed(refusal) => codes.contains(&refusal.code()),
            Outcome::Passed => false,
        });
        if let Some(note) = failed {
            note.hint = hint();
        }
    }

    pub(super) fn add(&mut self, note: Note) {
        self.notes.push(note);
    }
}

impl Note {
    pub(super) fn new(step: Step, outcome: Outcome, seen: Seen) -> Self {
        let mut expected = None;
        let mut found = seen.found.map(|text| shown(&text));
        if let Outcome::Failed(refusal) = &outcome {
            // What the refusal says is about what failed.
            expected = refusal.expected_text().map(Into::into);
            found = refusal.found_text().map(Into::into).or(found);
        }
        Self { step, outcome, expected, found, clause: seen.clause, hint: seen.hint }
    }
}
