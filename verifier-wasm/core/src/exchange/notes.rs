//! What is written down on the way through the checks: nothing, the facts, or everything.

use super::explain::{Explanation, Note, Outcome};
use crate::expr::Clause;
use crate::recorded::Recorded;
use crate::refusal::{Code, Refusal, Step};
use alloc::string::String;

/// Takes notes of one pass. Without a reader nothing is made: what would be noted is a closure.
pub(crate) struct Notes<'n>(Reader<'n>);

enum Reader<'n> {
    Nobody,
    /// The facts, for the audit record.
    Facts(&'n mut Option<Recorded>),
    /// Everything, for a person. Only this reader lets the way go on after a check has failed.
    Person(&'n mut Explanation),
}

/// What a check saw, in words.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) found: Option<String>,
    pub(crate) clause: Option<Clause>,
}

impl<'n> Notes<'n> {
    pub(crate) const fn none() -> Self {
        Self(Reader::Nobody)
    }

    pub(crate) const fn facts(facts: &'n mut Option<Recorded>) -> Self {
        Self(Reader::Facts(facts))
    }

    pub(crate) const fn person(explanation: &'n mut Explanation) -> Self {
        Self(Reader::Person(explanation))
    }

    /// A check that was passed.
    pub(crate) fn passed(&mut self, step: Step, seen: impl FnOnce() -> Seen) {
        if let Reader::Person(explanation) = &mut self.0 {
            explanation.add(Note::new(step, Outcome::Passed, seen()));
        }
    }

    /// What a valid signature proved, before it is compared with anything.
    pub(crate) fn stated(&mut self, recorded: impl FnOnce() -> Recorded) {
        match &mut self.0 {
            Reader::Nobody => {}
            Reader::Facts(facts) => **facts = Some(recorded()),
            Reader::Person(explanation) => explanation.facts = Some(recorded()),
        }
    }

    /// The result of a check. A failed one ends the way; only for a person the way goes on, without a value, and
    /// the first failure stands until [`Notes::conclude`] tells it.
    ///
    /// # Errors
    /// The refusal of the check.
    pub(crate) fn take<T>(
        &mut self,
        step: Step,
        result: Result<T, Refusal>,
        seen: impl FnOnce(Option<&T>) -> Seen,
    ) -> Result<Option<T>, Refusal> {
        match (&mut self.0, result) {
            (Reader::Person(explanation), result) => {
                let (outcome, value) = match result {
                    Ok(value) => (Outcome::Passed, Some(value)),
                    Err(refusal) => (Outcome::Failed(refusal), None),
                };
                explanation.add(Note::new(step, outcome, seen(value.as_ref())));
                Ok(value)
            }
            (_, Ok(value)) => Ok(Some(value)),
            (_, Err(refusal)) => Err(refusal),
        }
    }

    /// The end of the way: nothing may be concluded from it when a check has failed.
    ///
    /// # Errors
    /// The first failure.
    pub(crate) fn conclude(&self) -> Result<(), Refusal> {
        match &self.0 {
            Reader::Person(explanation) => explanation.refusal().cloned().map_or(Ok(()), Err),
            _ => Ok(()),
        }
    }

    /// A refusal that ended the way.
    pub(crate) fn ended(&mut self, refusal: &Refusal) {
        if let Reader::Person(explanation) = &mut self.0 {
            explanation.end_with(refusal);
        }
    }

    /// What stands in the place of a value that is there whenever no check has failed.
    pub(crate) fn missing() -> Refusal {
        Refusal::new(Code::InternalError).detail("a way that went on has no failure")
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
