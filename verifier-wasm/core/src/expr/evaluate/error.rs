//! Why an expression has no value for some facts.

use crate::limits;
use alloc::string::String;
use core::fmt;

/// Why an expression has no value for some facts. It names paths and kinds, never values.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EvalError {
    /// The facts have nothing at `path`; `missing` is its shortest part that is not there.
    Missing {
        /// The whole path.
        path: String,
        /// The part that is missing.
        missing: String,
    },
    /// The facts have nothing at `path` because they may not say it: the certificate's member `withheld` has the
    /// reason. No form tolerates this.
    Withheld {
        /// The whole path.
        path: String,
        /// The reason.
        reason: String,
    },
    /// A value is of a kind that is not allowed there.
    Kind {
        /// The path, or another operand in words.
        operand: String,
        /// The kinds that could.
        expected: &'static str,
        /// The kind that it is.
        found: &'static str,
    },
    /// Two values of different kinds were compared.
    Incomparable {
        /// The left operand.
        left: String,
        /// The kind of the left value, or of the part of it that differs in kind.
        left_kind: &'static str,
        /// The right operand.
        right: String,
        /// The kind of the right value, or of its part.
        right_kind: &'static str,
    },
    /// A value is an integer beyond ±(2^53 - 1) or holds one ([`Value::BigInteger`](crate::json::Value::BigInteger)): only whether it is there can be asked.
    BigInteger {
        /// The path, or another operand in words.
        operand: String,
    },
    /// A string is longer than [`limits::EXPRESSION_STRING_BYTES`].
    StringTooLong,
    /// The evaluation took more than [`limits::EXPRESSION_STEPS`] steps.
    TooManySteps,
}

impl EvalError {
    /// Whether a limit stopped the evaluation; nothing absorbs that.
    #[must_use]
    pub const fn is_limit(&self) -> bool {
        matches!(self, Self::StringTooLong | Self::TooManySteps)
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path, missing } if path == missing => write!(out, "{path} is missing"),
            Self::Missing { path, missing } => write!(out, "{missing} of {path} is missing"),
            Self::Withheld { path, reason } => write!(out, "{path} may not be read: {reason}"),
            Self::Kind { operand, expected, found } => {
                write!(out, "{operand} is of kind {found}, expected {expected}")
            }
            Self::Incomparable { left, left_kind, right, right_kind } => {
                write!(out, "{left} and {right} do not compare: {left_kind} against {right_kind}")
            }
            Self::BigInteger { operand } => {
                write!(
                    out,
                    "{operand} is an integer beyond 2^53, which no condition and no mapping reads"
                )
            }
            Self::StringTooLong => {
                write!(out, "a string is longer than {} bytes", limits::EXPRESSION_STRING_BYTES)
            }
            Self::TooManySteps => {
                write!(out, "the evaluation takes more than {} steps", limits::EXPRESSION_STEPS)
            }
        }
    }
}

impl core::error::Error for EvalError {}
