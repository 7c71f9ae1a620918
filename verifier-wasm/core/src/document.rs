//! The one strict reader of documents that people write: a policy, the configuration of a filter, the options of a
//! call.
//!
//! It knows none of them. It reads a JSON value member by member, remembers the place of each, and gathers
//! [`Problems`]: reading goes on after one, so that an author sees all of them at once. A member that nobody asked
//! for is a problem, and says which known one is near.
//!
//! ```
//! use credmint_core::document::read;
//! use credmint_core::json;
//!
//! let document = json::parse(br#"{ "scope": ["read"], "audeince": "api" }"#).unwrap();
//! let problems = read(&document, |node, problems| {
//!     let mut members = node.members(problems)?;
//!     let audience = members.required("audience", problems);
//!     let scope = members.optional("scope");
//!     members.close(problems);
//!     Some((audience?.text(problems)?.len(), scope.is_some()))
//! })
//! .unwrap_err();
//! assert_eq!(problems[1].pointer, "/audeince");
//! assert_eq!(problems[1].hint.as_deref(), Some("audience"));
//! ```

mod members;
mod problem;
mod reader;

pub use members::Members;
pub use problem::{Problem, Problems};
pub use reader::Node;

use crate::json::{self, Value};
use alloc::vec::Vec;

/// What `reader` makes of a document, unless there is a problem.
///
/// # Errors
/// Every problem, with its place.
pub fn read<T>(
    document: &Value,
    reader: impl FnOnce(&Node<'_>, &mut Problems) -> Option<T>,
) -> Result<T, Vec<Problem>> {
    let mut problems = Problems::default();
    let value = reader(&Node::root(document), &mut problems);
    match value {
        Some(value) if problems.is_empty() => Ok(value),
        _ => Err(problems.into_list()),
    }
}

/// As [`read`], of a text, which must be strict JSON of at most this size.
///
/// # Errors
/// Every problem, with its place; one about the whole document when it is not JSON.
pub fn read_text<T>(
    text: &[u8],
    limits: json::Limits,
    reader: impl FnOnce(&Node<'_>, &mut Problems) -> Option<T>,
) -> Result<T, Vec<Problem>> {
    match json::parse_with(text, limits) {
        Ok(document) => read(&document, reader),
        Err(refusal) => Err(Vec::from([Problem::new("", refusal, "one JSON text")])),
    }
}

#[cfg(test)]
mod tests;
