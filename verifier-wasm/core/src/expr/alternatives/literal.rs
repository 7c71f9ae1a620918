//! Values that fix a field.

use crate::json::Value;
use alloc::string::String;
use core::fmt;

/// A text, an integer or a boolean.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Literal {
    Flag(bool),
    Integer(i64),
    Text(String),
}

impl Literal {
    /// The value, when it is of one of these kinds. Of equal values it is equal, and of different ones different.
    pub(crate) fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(flag) => Some(Self::Flag(*flag)),
            Value::Integer(number) => Some(Self::Integer(*number)),
            Value::String(text) => Some(Self::Text(text.clone())),
            _ => None,
        }
    }

    /// A text in lower case; anything else as it is.
    pub(crate) fn folded(&self) -> Self {
        match self {
            Self::Text(text) => Self::Text(text.to_ascii_lowercase()),
            other => other.clone(),
        }
    }

    /// Whether values of the two can be compared.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        core::mem::discriminant(self) == core::mem::discriminant(other)
    }
}

/// As in an expression.
impl fmt::Display for Literal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(out),
            Self::Integer(number) => number.fmt(out),
            Self::Text(text) => write!(out, "{text:?}"),
        }
    }
}
