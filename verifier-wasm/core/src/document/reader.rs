//! A value and its place.

use super::{Problem, Problems};
use crate::json::Value;
use crate::limits;
use crate::names::is_name;
use crate::nearest::nearest;
use crate::token_text::is_shown;
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ops::RangeInclusive;

/// A value and its place. Each reading method gives a value of its kind, or reports a problem and gives none.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// The value.
    pub value: &'a Value,
    pointer: String,
}

impl<'a> Node<'a> {
    /// The whole of a document.
    #[must_use]
    pub const fn root(value: &'a Value) -> Self {
        Self { value, pointer: String::new() }
    }

    /// Where it is: a JSON Pointer.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    pub(super) fn child(&self, token: &str, value: &'a Value) -> Self {
        let pointer = match token.contains(['~', '/']) {
            true => {
                let escaped = token.replace('~', "~0").replace('/', "~1");
                format!("{}/{escaped}", self.pointer)
            }
            false => format!("{}/{token}", self.pointer),
        };
        Self { value, pointer }
    }

    /// The value below these member names, if it is there.
    pub fn below(&self, names: &[&str]) -> Option<Self> {
        names.iter().try_fold(self.clone(), |node, name| {
            node.value.get(name).map(|value| node.child(name, value))
        })
    }

    /// The entries of an object whose member names are chosen by the author.
    pub fn entries(&self, problems: &mut Problems) -> Option<Vec<(&'a str, Self)>> {
        match self.value.as_object() {
            Some(object) => {
                Some(object.iter().map(|(name, value)| (name, self.child(name, value))).collect())
            }
            None => self.kind_problem("an object", problems),
        }
    }

    /// The elements of a list.
    pub fn list(&self, problems: &mut Problems) -> Option<Vec<Self>> {
        let Some(values) = self.value.as_array() else {
            return self.kind_problem("a list", problems);
        };
        let child = |(index, value): (usize, &'a Value)| self.child(&index.to_string(), value);
        Some(values.iter().enumerate().map(child).collect())
    }

    /// The elements of a list that must have one at least.
    pub fn elements(&self, problems: &mut Problems) -> Option<Vec<Self>> {
        let elements = self.list(problems)?;
        if elements.is_empty() {
            problems.report(self, "this list is empty", "at least one element");
            return None;
        }
        Some(elements)
    }

    /// Any text.
    pub fn text(&self, problems: &mut Problems) -> Option<&'a str> {
        match self.value.as_str() {
            Some(text) => Some(text),
            None => self.kind_problem("a string", problems),
        }
    }

    /// A text that is not empty, and in which nothing breaks the line or turns the direction of reading.
    pub fn line(&self, problems: &mut Problems) -> Option<&'a str> {
        let text = self.text(problems)?;
        if !is_shown(text) {
            let message = "this text is empty, or holds control characters or marks of direction";
            problems.report(self, message, "one line of plain text");
            return None;
        }
        Some(text)
    }

    /// A text that names something: not empty, of bounded length, printable.
    pub fn name(&self, problems: &mut Problems) -> Option<&'a str> {
        let text = self.text(problems)?;
        if !is_name(text) {
            problems.report(
                self,
                "this name is empty, too long or holds control characters",
                format!("1 to {} printable bytes", limits::NAME_BYTES),
            );
            return None;
        }
        Some(text)
    }

    /// A list of different names, one at least.
    pub fn names(&self, problems: &mut Problems) -> Option<Vec<String>> {
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

    /// One of a few words.
    pub fn word<T: Copy>(&self, known: &[(&str, T)], problems: &mut Problems) -> Option<T> {
        let text = self.text(problems)?;
        let found = known.iter().find(|(word, _)| *word == text).map(|(_, meaning)| *meaning);
        if found.is_none() {
            let known: Vec<&str> = known.iter().map(|(word, _)| *word).collect();
            problems.report_unknown(self, text, &known);
        }
        found
    }

    /// An integer within a range; `meaning` says what it counts.
    pub fn integer(
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

    /// Whether it is a number above 0 and at most `most`, with or without a fraction; `meaning` says what it counts.
    pub fn is_positive(&self, most: u32, meaning: &str, problems: &mut Problems) -> Option<()> {
        let fits = match self.value {
            Value::Integer(number) => (1..=i64::from(most)).contains(number),
            Value::Decimal(number) => *number > 0.0 && *number <= f64::from(most),
            _ => false,
        };
        if !fits {
            let expected = format!("more than 0 and at most {most} ({meaning})");
            problems.report(self, "this number is missing or out of range", expected);
            return None;
        }
        Some(())
    }

    /// A duration in seconds: an integer, or a string of an integer and `s`.
    pub fn seconds(&self, range: RangeInclusive<i64>, problems: &mut Problems) -> Option<i64> {
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
    pub fn boolean(&self, problems: &mut Problems) -> Option<bool> {
        match self.value.as_bool() {
            Some(value) => Some(value),
            None => self.kind_problem("true or false", problems),
        }
    }

    pub(super) fn kind_problem<T>(&self, expected: &str, problems: &mut Problems) -> Option<T> {
        problems.report(self, format!("this is {}", self.value.kind()), expected);
        None
    }
}

impl Problems {
    /// Takes note of a problem of a value.
    pub fn report(
        &mut self,
        node: &Node<'_>,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.report_texts(node, message.into(), expected.into());
    }

    /// Takes note of a problem of two values that do not go together.
    pub fn report_both(
        &mut self,
        (node, other): (&Node<'_>, &Node<'_>),
        message: impl Into<String>,
        expected: impl Into<String>,
    ) {
        let problem = Problem::new(node.pointer(), message.into(), expected.into());
        self.push(problem.beside(other.pointer()));
    }

    fn report_texts(&mut self, node: &Node<'_>, message: String, expected: String) {
        self.push(Problem::new(node.pointer(), message, expected));
    }

    /// Takes note of a word that is none of the `known` ones, of which one may be near.
    pub(super) fn report_unknown(&mut self, node: &Node<'_>, word: &str, known: &[&str]) {
        let message = format!("`{word}` is not known here");
        let near = nearest(word, known.iter().copied());
        let expected = format!("one of {}", known.join(", "));
        self.push(Problem::new(node.pointer(), message, expected).near(near));
    }
}
