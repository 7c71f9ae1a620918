//! Reading a document member by member, with the place of each value and every problem on the way.

use super::issues::PolicyError;
use crate::json::{Object, Value};
use crate::limits;
use crate::nearest::nearest;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// Whether a text can name something of the policy: not empty, of bounded length, without control characters.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= limits::NAME_BYTES && !text.chars().any(char::is_control)
}

/// The problems found so far. Reading goes on after one, so that an author sees all of them at once.
#[derive(Default)]
pub(super) struct Problems(Vec<PolicyError>);

impl Problems {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn into_errors(self) -> Vec<PolicyError> {
        self.0
    }

    pub(super) fn report(
        &mut self,
        node: &Node<'_>,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.0.push(PolicyError {
            pointer: node.pointer.clone(),
            message: message.into(),
            expected: expected.into(),
        });
    }
}

/// A value and its place.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pub(super) value: &'a Value,
    pointer: String,
}

impl<'a> Node<'a> {
    pub(super) const fn root(value: &'a Value) -> Self {
        Self { value, pointer: String::new() }
    }

    /// Where it stands: a JSON Pointer.
    pub(super) fn pointer(&self) -> &str {
        &self.pointer
    }

    fn child(&self, token: &str, value: &'a Value) -> Self {
        let escaped = token.replace('~', "~0").replace('/', "~1");
        Self { value, pointer: format!("{}/{escaped}", self.pointer) }
    }

    /// The members of an object.
    pub(super) fn members(&self, problems: &mut Problems) -> Option<Members<'a>> {
        match self.value.as_object() {
            Some(object) => {
                Some(Members { node: self.clone(), object, known: Vec::new(), is_skipped: false })
            }
            None => self.kind_problem("an object", problems),
        }
    }

    /// The entries of an object whose member names are chosen by the author.
    pub(super) fn entries(&self, problems: &mut Problems) -> Option<Vec<(&'a str, Self)>> {
        match self.value.as_object() {
            Some(object) => {
                Some(object.iter().map(|(name, value)| (name, self.child(name, value))).collect())
            }
            None => self.kind_problem("an object", problems),
        }
    }

    /// The elements of a list that must have one at least.
    pub(super) fn elements(&self, problems: &mut Problems) -> Option<Vec<Self>> {
        match self.value.as_array() {
            Some([]) => {
                problems.report(self, "this list is empty", "at least one element");
                None
            }
            Some(values) => Some(
                values
                    .iter()
                    .enumerate()
                    .map(|(index, value)| self.child(&index.to_string(), value))
                    .collect(),
            ),
            None => self.kind_problem("a list", problems),
        }
    }

    /// Any text.
    pub(super) fn text(&self, problems: &mut Problems) -> Option<&'a str> {
        match self.value.as_str() {
            Some(text) => Some(text),
            None => self.kind_problem("a string", problems),
        }
    }

    /// A text that names something: not empty, of bounded length, printable.
    pub(super) fn name(&self, problems: &mut Problems) -> Option<&'a str> {
        let text = self.text(problems)?;
        if !is_name(text) {
            problems.report(
                self,
                "this name is empty, too long or holds control characters",
                format!("1 to {} printable octets", limits::NAME_BYTES),
            );
            return None;
        }
        Some(text)
    }

    /// A list of different names, one at least.
    pub(super) fn names(&self, problems: &mut Problems) -> Option<Vec<String>> {
        let mut names: Vec<String> = Vec::new();
        let mut known = BTreeSet::new();
        for element in self.elements(problems)? {
            let name = element.name(problems)?;
            if !known.insert(name) {
                problems.report(&element, "this element occurs twice", "each element once");
            }
            names.push(name.to_string());
        }
        Some(names)
    }

    /// An integer within a range; `meaning` says what it counts.
    pub(super) fn integer(
        &self,
        range: RangeInclusive<i64>,
        meaning: &str,
        problems: &mut Problems,
    ) -> Option<i64> {
        match self.value.as_integer() {
            Some(number) if range.contains(&number) => Some(number),
            _ => {
                problems.report(
                    self,
                    "this number is missing or out of range",
                    format!("{} to {} ({meaning})", range.start(), range.end()),
                );
                None
            }
        }
    }

    /// A duration in seconds: an integer, or a string of an integer and `s`.
    pub(super) fn seconds(
        &self,
        range: RangeInclusive<i64>,
        problems: &mut Problems,
    ) -> Option<i64> {
        let number = match self.value {
            Value::Integer(number) => Some(*number),
            Value::String(text) => text.strip_suffix('s').and_then(|digits| digits.parse().ok()),
            _ => None,
        };
        match number {
            Some(number) if range.contains(&number) => Some(number),
            _ => {
                problems.report(
                    self,
                    "this is not a duration within its range",
                    format!(
                        "seconds from {} to {}, as 3600 or \"3600s\"",
                        range.start(),
                        range.end()
                    ),
                );
                None
            }
        }
    }

    /// A yes or no.
    pub(super) fn boolean(&self, problems: &mut Problems) -> Option<bool> {
        match self.value.as_bool() {
            Some(value) => Some(value),
            None => self.kind_problem("true or false", problems),
        }
    }

    fn kind_problem<T>(&self, expected: &str, problems: &mut Problems) -> Option<T> {
        problems.report(self, format!("this is {}", self.value.kind()), expected);
        None
    }
}

/// The members of one object, taken by name. What nobody took is unknown.
pub(super) struct Members<'a> {
    node: Node<'a>,
    object: &'a Object,
    known: Vec<&'static str>,
    /// Members are not looked at any further, because nobody knows which there should be.
    is_skipped: bool,
}

impl<'a> Members<'a> {
    /// A member that may be absent.
    pub(super) fn optional(&mut self, name: &'static str) -> Option<Node<'a>> {
        self.known.push(name);
        self.object.get(name).map(|value| self.node.child(name, value))
    }

    /// A member that must be there.
    pub(super) fn required(
        &mut self,
        name: &'static str,
        problems: &mut Problems,
    ) -> Option<Node<'a>> {
        let node = self.optional(name);
        if node.is_none() {
            problems.report(
                &self.node,
                format!("`{name}` is missing"),
                format!("the member `{name}`"),
            );
        }
        node
    }

    /// Whether a member is there, without taking it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.object.contains(name)
    }

    /// Leaves the members that nobody took without a report.
    pub(super) const fn skip(&mut self) {
        self.is_skipped = true;
    }

    /// The flag `enabled`, true when absent.
    pub(super) fn enabled(&mut self, problems: &mut Problems) -> Option<bool> {
        match self.optional("enabled") {
            None => Some(true),
            Some(node) => node.boolean(problems),
        }
    }

    /// Reports every member that was not asked for.
    pub(super) fn close(self, problems: &mut Problems) {
        for (name, value) in self.object.iter().filter(|_| !self.is_skipped) {
            if !self.known.contains(&name) {
                let meant = match nearest(name, self.known.iter().copied()) {
                    Some(near) => format!("; is `{near}` meant?"),
                    None => String::new(),
                };
                problems.report(
                    &self.node.child(name, value),
                    format!("`{name}` is not known here{meant}"),
                    format!("one of {}", self.known.join(", ")),
                );
            }
        }
    }
}

/// Whether a name follows the rule of providers and credentials: lower-case letters, digits, `_`, `-`, at
/// most 64 octets.
pub(super) fn is_plain_name(name: &str) -> bool {
    let fits = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')
    };
    (1..=64).contains(&name.len()) && name.bytes().all(fits)
}

/// What [`is_plain_name`] asks for, in words.
pub(super) const PLAIN_NAME: &str = "1 to 64 of a-z, 0-9, _ and -";
