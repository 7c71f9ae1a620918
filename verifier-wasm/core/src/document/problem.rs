//! What is wrong with a document.

use super::Node;
use crate::nearest::nearest;
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
    /// What is expected instead, or how to mend it.
    pub expected: String,
    /// The word that was probably meant, when there is one near.
    pub hint: Option<String>,
}

impl Problem {
    /// A problem at a place.
    pub fn new(
        pointer: impl Into<String>,
        message: impl fmt::Display,
        expected: impl Into<String>,
    ) -> Self {
        let (pointer, expected) = (pointer.into(), expected.into());
        Self { pointer, message: message.to_string(), expected, hint: None }
    }

    /// The same with the word that was probably meant.
    #[must_use]
    pub fn near(self, hint: Option<&str>) -> Self {
        Self { hint: hint.map(ToString::to_string), ..self }
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
        write!(f, "{place}: {}; expected {}", self.question(), self.expected)
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

    /// Takes note of a problem of a value.
    pub fn report(
        &mut self,
        node: &Node<'_>,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.0.push(Problem::new(node.pointer(), message.into(), expected));
    }

    /// Takes note of a word that is none of the `known` ones, of which one may be near.
    pub(super) fn report_unknown(&mut self, node: &Node<'_>, word: &str, known: &[&str]) {
        let message = format!("`{word}` is not known here");
        let near = nearest(word, known.iter().copied());
        let expected = format!("one of {}", known.join(", "));
        self.0.push(Problem::new(node.pointer(), message, expected).near(near));
    }
}
