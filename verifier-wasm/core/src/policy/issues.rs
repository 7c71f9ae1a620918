//! What is wrong with a policy document.

use alloc::string::String;
use core::fmt;

/// One problem of a policy document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// Where: a JSON Pointer (RFC 6901) into the document. For a missing member, the object that lacks it.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What is expected instead, or how to mend it.
    pub expected: String,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "{place}: {}; expected {}", self.message, self.expected)
    }
}
