//! What is demanded of one value without fixing it.

use super::super::functions::glob;
use super::super::syntax::TextTest;
use super::Literal;
use alloc::string::String;

/// A demand on the value at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Demand {
    /// It is there and another one than this.
    Differs(Literal),
    /// It is a text that has this part, or has not.
    Text { test: TextTest, sought: String, affirmed: bool },
    /// It is a text of this pattern, or not of it.
    Glob { pattern: String, affirmed: bool },
    /// It is a list that has this element, or an object with this member.
    Holds(Literal),
    /// Its object is there and does not have it.
    Absent,
    /// It is there.
    Present,
    /// It is not there or says nothing.
    Empty,
    /// It is there and says something.
    Filled,
}

impl Demand {
    /// Whether a value that is this literal may meet it. A comparison of two kinds is an error, so it never holds.
    pub(super) fn takes(&self, literal: &Literal) -> bool {
        let text = match literal {
            Literal::Text(text) => Some(text.as_str()),
            Literal::Flag(_) | Literal::Integer(_) => None,
        };
        match self {
            Self::Differs(other) => literal.is_alike(other) && literal != other,
            Self::Text { test, sought, affirmed } => {
                text.is_some_and(|text| test.holds(text, sought) == *affirmed)
            }
            Self::Glob { pattern, affirmed } => {
                text.is_some_and(|text| glob(text, pattern) == *affirmed)
            }
            Self::Holds(_) | Self::Absent => false,
            Self::Present => true,
            Self::Empty => text == Some(""),
            Self::Filled => text != Some(""),
        }
    }

    /// Whether no value meets both.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        let excludes = |one: &Self, other: &Self| match (one, other) {
            (Self::Absent, Self::Absent | Self::Empty) => false,
            (Self::Absent, _) | (Self::Empty, Self::Filled | Self::Holds(_)) => true,
            _ => false,
        };
        let part = |one: Option<&str>, other: Option<&str>, within: fn(&str, &str) -> bool| matches!((one, other), (Some(one), Some(other)) if !within(one, other) && !within(other, one));
        excludes(self, other)
            || excludes(other, self)
            || part(self.beginning(), other.beginning(), |whole, part| whole.starts_with(part))
            || part(self.ending(), other.ending(), |whole, part| whole.ends_with(part))
    }

    /// What every text that meets it begins with.
    fn beginning(&self) -> Option<&str> {
        match self {
            Self::Text { test: TextTest::StartsWith, sought, affirmed: true } => Some(sought),
            Self::Glob { pattern, affirmed: true } => pattern.split('*').next(),
            _ => None,
        }
    }

    /// What every text that meets it ends with.
    fn ending(&self) -> Option<&str> {
        match self {
            Self::Text { test: TextTest::EndsWith, sought, affirmed: true } => Some(sought),
            Self::Glob { pattern, affirmed: true } => pattern.rsplit('*').next(),
            _ => None,
        }
    }
}
