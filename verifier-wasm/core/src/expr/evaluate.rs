//! A tree and facts to a value, under a step budget.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec;
use core::fmt;

use super::Facts;
use super::functions::{NotAppended, append, glob, is_null_or_empty};
use super::syntax::{Form, Node, Operator, Path, Segment};
use crate::json::Value;
use crate::limits;

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
    /// A value is of a kind that cannot stand where it stands.
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
            Self::Kind { operand, expected, found } => {
                write!(out, "{operand} is of kind {found}, expected {expected}")
            }
            Self::Incomparable { left, left_kind, right, right_kind } => {
                write!(out, "{left} and {right} do not compare: {left_kind} against {right_kind}")
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

/// The value of `root`.
pub(super) fn value(root: &Node, facts: &Facts) -> Result<Value, EvalError> {
    Evaluation::new(facts).value(root).map(Cow::into_owned)
}

/// The value of `root`, which must be a boolean.
pub(super) fn condition(root: &Node, facts: &Facts) -> Result<bool, EvalError> {
    Evaluation::new(facts).boolean(root)
}

struct Evaluation<'f> {
    facts: &'f Facts,
    steps: usize,
}

/// Where the way along a path ended early.
struct Break {
    /// How many segments were followed, the failing one included; 0 is the model itself.
    segments: usize,
    /// The kind of the value that cannot have the segment and the kind that could; `None` when the
    /// segment is simply not there.
    unfit: Option<(&'static str, &'static str)>,
}

impl<'f> Evaluation<'f> {
    const fn new(facts: &'f Facts) -> Self {
        Self { facts, steps: limits::EXPRESSION_STEPS }
    }

    fn spend(&mut self, steps: usize) -> Result<(), EvalError> {
        self.steps = self.steps.checked_sub(steps).ok_or(EvalError::TooManySteps)?;
        Ok(())
    }

    fn value<'v>(&mut self, node: &'v Node) -> Result<Cow<'v, Value>, EvalError>
    where
        'f: 'v,
    {
        self.spend(1)?;
        let truth = match &node.form {
            Form::Literal(value) => return Ok(Cow::Borrowed(value)),
            Form::Path(path) => return self.at(path).map(Cow::Borrowed),
            Form::Append(parts) => return self.append(parts).map(Cow::Owned),
            Form::Not(inner) => !self.boolean(inner)?,
            Form::All(parts) => self.junction(parts, false)?,
            Form::Any(parts) => self.junction(parts, true)?,
            Form::Relation(operator, left, right) => self.relation(*operator, left, right)?,
            Form::Has(path) => self.has(path)?,
            Form::IsNullOrEmpty(inner) => self.is_null_or_empty(inner)?,
            Form::Glob(text, pattern) => self.glob(text, pattern)?,
        };
        Ok(Cow::Owned(Value::Bool(truth)))
    }

    fn boolean(&mut self, node: &Node) -> Result<bool, EvalError> {
        let value = self.value(node)?;
        value.as_bool().ok_or_else(|| unfit(node, "boolean", &value))
    }

    /// `&&` when `decisive` is false, `||` when it is true: an operand with the decisive value
    /// decides, even beside errors; else the first error stands.
    fn junction(&mut self, parts: &[Node], decisive: bool) -> Result<bool, EvalError> {
        let mut error = None;
        for part in parts {
            match self.boolean(part) {
                Ok(value) if value == decisive => return Ok(decisive),
                Ok(_) => {}
                Err(limit) if limit.is_limit() => return Err(limit),
                Err(first) => error = error.or(Some(first)),
            }
        }
        error.map_or(Ok(!decisive), Err)
    }

    fn relation(
        &mut self,
        operator: Operator,
        left: &Node,
        right: &Node,
    ) -> Result<bool, EvalError> {
        let (a, b) = (self.value(left)?, self.value(right)?);
        match operator {
            Operator::Equal => self.equal((left, &a), (right, &b)),
            Operator::NotEqual => Ok(!self.equal((left, &a), (right, &b))?),
            Operator::In => self.contains((left, &a), (right, &b)),
            Operator::Less => Ok(integer(left, &a)? < integer(right, &b)?),
            Operator::LessOrEqual => Ok(integer(left, &a)? <= integer(right, &b)?),
            Operator::Greater => Ok(integer(left, &a)? > integer(right, &b)?),
            Operator::GreaterOrEqual => Ok(integer(left, &a)? >= integer(right, &b)?),
        }
    }

    /// Compares to the end even when a difference is found: an error must not depend on the order
    /// of elements. Without recursion, because nobody here limits the depth of facts.
    fn equal(
        &mut self,
        (left, a): (&Node, &Value),
        (right, b): (&Node, &Value),
    ) -> Result<bool, EvalError> {
        let mut equal = true;
        let mut pending = vec![(a, b)];
        while let Some((a, b)) = pending.pop() {
            self.spend(1)?;
            match (a, b) {
                (Value::Null, Value::Null) => {}
                (Value::Bool(a), Value::Bool(b)) => equal &= a == b,
                (Value::Integer(a), Value::Integer(b)) => equal &= a == b,
                (Value::Decimal(a), Value::Decimal(b)) => equal &= a == b,
                (Value::String(a), Value::String(b)) => equal &= a == b,
                (Value::Array(a), Value::Array(b)) => {
                    equal &= a.len() == b.len();
                    pending.extend(a.iter().zip(b));
                }
                (Value::Object(a), Value::Object(b)) => {
                    equal &= a.len() == b.len() && a.iter().all(|(name, _)| b.contains(name));
                    pending.extend(a.iter().filter_map(|(name, a)| Some((a, b.get(name)?))));
                }
                _ => {
                    return Err(EvalError::Incomparable {
                        left: in_words(left),
                        left_kind: a.kind(),
                        right: in_words(right),
                        right_kind: b.kind(),
                    });
                }
            }
        }
        Ok(equal)
    }

    fn contains(
        &mut self,
        (left, wanted): (&Node, &Value),
        (right, container): (&Node, &Value),
    ) -> Result<bool, EvalError> {
        match container {
            Value::Array(elements) => {
                let mut error = None;
                for element in elements {
                    match self.equal((left, wanted), (right, element)) {
                        Ok(true) => return Ok(true),
                        Ok(false) => {}
                        Err(limit) if limit.is_limit() => return Err(limit),
                        Err(first) => error = error.or(Some(first)),
                    }
                }
                error.map_or(Ok(false), Err)
            }
            Value::Object(members) => match wanted {
                Value::String(name) => Ok(members.contains(name)),
                _ => Err(unfit(left, "string", wanted)),
            },
            _ => Err(unfit(right, "array or object", container)),
        }
    }

    fn append(&mut self, parts: &[Node]) -> Result<Value, EvalError> {
        let mut text = String::new();
        for part in parts {
            let value = self.value(part)?;
            append(&mut text, &value).map_err(|reason| match reason {
                NotAppended::Kind => unfit(part, "string, integer or boolean", &value),
                NotAppended::TooLong => EvalError::StringTooLong,
            })?;
        }
        Ok(Value::String(text))
    }

    /// As CEL's macro: only the last segment may be missing.
    fn has(&mut self, path: &Path) -> Result<bool, EvalError> {
        match self.walk(path)? {
            Ok(_) => Ok(true),
            Err(end) if end.unfit.is_none() && end.segments == path.segments().len() => Ok(false),
            Err(end) => Err(broken(path, &end)),
        }
    }

    /// A path may be missing, from null on or altogether; any other argument must have a value.
    fn is_null_or_empty(&mut self, argument: &Node) -> Result<bool, EvalError> {
        let Form::Path(path) = &argument.form else {
            return Ok(is_null_or_empty(&*self.value(argument)?));
        };
        match self.walk(path)? {
            Ok(value) => Ok(is_null_or_empty(value)),
            Err(end) if end.unfit.is_none_or(|(found, _)| found == Value::Null.kind()) => Ok(true),
            Err(end) => Err(broken(path, &end)),
        }
    }

    fn glob(&mut self, text: &Node, pattern: &str) -> Result<bool, EvalError> {
        let value = self.value(text)?;
        let content = value.as_str().ok_or_else(|| unfit(text, "string", &value))?;
        if content.len() > limits::EXPRESSION_STRING_BYTES {
            return Err(EvalError::StringTooLong);
        }
        self.spend(pattern.len())?;
        Ok(glob(content, pattern))
    }

    fn at(&mut self, path: &Path) -> Result<&'f Value, EvalError> {
        self.walk(path)?.map_err(|end| broken(path, &end))
    }

    /// Follows `path` as far as it goes.
    fn walk(&mut self, path: &Path) -> Result<Result<&'f Value, Break>, EvalError> {
        self.spend(path.segments().len())?;
        let Some(mut value) = self.facts.models().get(path.root()) else {
            return Ok(Err(Break { segments: 0, unfit: None }));
        };
        for (followed, segment) in path.segments().iter().enumerate() {
            let (next, unfit) = match (segment, value) {
                (Segment::Member(name), Value::Object(members)) => (members.get(name), None),
                (Segment::Index(index), Value::Array(elements)) => (elements.get(*index), None),
                (Segment::Member(_), other) => (None, Some((other.kind(), "object"))),
                (Segment::Index(_), other) => (None, Some((other.kind(), "array"))),
            };
            match next {
                Some(next) => value = next,
                None => return Ok(Err(Break { segments: followed.saturating_add(1), unfit })),
            }
        }
        Ok(Ok(value))
    }
}

fn broken(path: &Path, end: &Break) -> EvalError {
    match end.unfit {
        None => EvalError::Missing { path: path.to_string(), missing: path.prefix(end.segments) },
        Some((found, expected)) => EvalError::Kind {
            operand: path.prefix(end.segments.saturating_sub(1)),
            expected,
            found,
        },
    }
}

fn unfit(operand: &Node, expected: &'static str, found: &Value) -> EvalError {
    EvalError::Kind { operand: in_words(operand), expected, found: found.kind() }
}

fn integer(operand: &Node, value: &Value) -> Result<i64, EvalError> {
    value.as_integer().ok_or_else(|| unfit(operand, "integer", value))
}

/// An operand for a message, without any value.
fn in_words(operand: &Node) -> String {
    match &operand.form {
        Form::Path(path) => path.to_string(),
        Form::Literal(Value::Array(_)) => "the list".into(),
        Form::Literal(_) => "the literal".into(),
        Form::Append(_) => "Append(…)".into(),
        Form::Has(path) => alloc::format!("has({path})"),
        Form::IsNullOrEmpty(_) => "IsNullOrEmpty(…)".into(),
        Form::Glob(..) => "glob(…)".into(),
        Form::Not(_) => "the negation".into(),
        Form::All(_) => "the conjunction".into(),
        Form::Any(_) => "the disjunction".into(),
        Form::Relation(..) => "the comparison".into(),
    }
}

#[cfg(test)]
mod tests;
