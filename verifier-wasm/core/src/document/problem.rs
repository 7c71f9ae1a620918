//! What is wrong with a document.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

/// One problem of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// Where: a JSON Pointer (RFC 6901) into the document. For a missing member, the object that lacks it.
    pub pointer: String,
    /// What is wrong, with what was found.
    pub message: String,
    /// What is expected instead, or how to correct it.
    pub expected: String,
    /// The word that was probably meant, when there is one near.
    pub hint: Option<String>,
    /// A JSON Pointer to the other of two places that do not go together.
    pub other: Option<String>,
}

impl Problem {
    /// A problem at a place.
    pub fn new(
        pointer: impl Into<String>,
        message: impl fmt::Display,
        expected: impl Into<String>,
    ) -> Self {
        let (pointer, expected) = (pointer.into(), expected.into());
        Self { pointer, message: message.to_string(), expected, hint: None, other: None }
    }

    /// The same with the word that was probably meant.
    #[must_use]
    pub fn near(self, hint: Option<&str>) -> Self {
        Self { hint: hint.map(ToString::to_string), ..self }
    }

    /// The same of two places, of which this is the other.
    #[must_use]
    pub fn beside(self, other: impl Into<String>) -> Self {
        Self { other: Some(other.into()), ..self }
    }

    /// The message, and the hint as a question behind it.
    #[must_use]
    pub fn question(&self) -> String {
        match &self.hint {
            Some(near) => format!("{}; is `{near}` meant?", self.message),
            None => self.message.clone(),
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "{place}: {}; expected {}", self.question(), self.expected)?;
        match &self.other {
            Some(other) => write!(f, "; the other is at {other}"),
            None => Ok(()),
        }
    }
}

/// The problems found so far, in the order in which they were found.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    #[must_use]
    pub fn into_list(self) -> Vec<Problem> {
        self.0
    }

    /// Takes note of one.
    pub(super) fn push(&mut self, problem: Problem) {
        self.0.push(problem);
    }
}
