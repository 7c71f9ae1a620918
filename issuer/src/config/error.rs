//! An error in a configuration, with its place.

use super::place::Place;
use credmint_core::json;
use std::fmt;
use std::path::{Path, PathBuf};

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// The file in which it is wrong.
    pub file: PathBuf,
    /// Line, from 1; 0 when it concerns the file as a whole.
    pub line: u64,
    /// Column in characters, from 1; 0 when it concerns the file as a whole.
    pub column: u64,
    /// JSON Pointer (RFC 6901) to the value, where one is known: into the policy for what the core
    /// found, into the configuration file otherwise.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What should be there instead.
    pub expected: Option<String>,
    /// The other of two places that do not go together.
    pub other: Option<Box<OtherPlace>>,
}

/// Where what does not go together with something else is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherPlace {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: u64,
    /// Column in characters, from 1.
    pub column: u64,
    /// JSON Pointer (RFC 6901) into the policy.
    pub pointer: String,
}

impl ConfigError {
    pub(super) fn new(file: &Path, place: Place, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: place.line,
            column: place.column,
            pointer: String::new(),
            message: message.into(),
            expected: None,
            other: None,
        }
    }

    pub(super) fn whole_file(file: &Path, message: impl Into<String>) -> Self {
        Self::new(file, Place { line: 0, column: 0 }, message)
    }

    /// What is wrong with the surroundings that `server:` names in a file.
    pub(crate) fn of_server(file: &Path, message: impl Into<String>) -> Self {
        Self::whole_file(file, message).at("/server")
    }

    pub(super) fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = pointer.into();
        self
    }

    pub(super) fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    pub(super) fn beside(mut self, other: OtherPlace) -> Self {
        self.other = Some(Box::new(other));
        self
    }

    /// An error that has no line, because its file cannot be read, moves to where the file is named.
    pub(super) fn or_named_at(self, by: &Path, place: Place) -> Self {
        if self.line != 0 {
            return self;
        }
        let message = format!("{}: {}", self.file.display(), self.message);
        Self { message, ..Self::new(by, place, "").at(self.pointer) }
    }

    /// For programs: `file`, `line`, `column`, `pointer`, `message`, and where they are known `expected` and `other`, which has
    /// the first four of another place.
    #[must_use]
    pub fn to_json(&self) -> json::Object {
        let number = |value: u64| json::Value::from(i64::try_from(value).unwrap_or(i64::MAX));
        let mut object = json::Object::from_iter([
            ("file", json::Value::from(self.file.display().to_string())),
            ("line", number(self.line)),
            ("column", number(self.column)),
            ("pointer", self.pointer.as_str().into()),
            ("message", self.message.as_str().into()),
        ]);
        if let Some(expected) = &self.expected {
            object.insert("expected", expected.as_str());
        }
        if let Some(other) = &self.other {
            let place = json::Object::from_iter([
                ("file", json::Value::from(other.file.display().to_string())),
                ("line", number(other.line)),
                ("column", number(other.column)),
                ("pointer", other.pointer.as_str().into()),
            ]);
            object.insert("other", place);
        }
        object
    }
}

impl fmt::Display for ConfigError {
    /// `file:line:column: /pointer: what, expected; the other place`, leaving out what is not known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.file.display())?;
        if self.line != 0 {
            write!(f, "{}:{}:", self.line, self.column)?;
        }
        if !self.pointer.is_empty() {
            write!(f, " {}:", self.pointer)?;
        }
        write!(f, " {}", self.message)?;
        if let Some(expected) = &self.expected {
            write!(f, ", expected {expected}")?;
        }
        if let Some(OtherPlace { file, line, column, pointer }) = self.other.as_deref() {
            write!(f, "; the other is at {}:{line}:{column}: {pointer}", file.display())?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}
