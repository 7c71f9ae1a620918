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
    /// The kind of the value that cannot have the segment and the kind that could; `None` when the segment is
    /// simply not there.
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

    /// `&&` when `decisive` is false, `||` when it is true: an operand with the decisive value decides, even
    /// beside errors; else the first error stands.
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

    /// Compares to the end even when a difference is found: an error must not depend on the order of elements.
    /// Without recursion, because nobody here limits the depth of facts.
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
mod tests {
    use super::super::Expression;
    use super::*;
    use crate::json;
    use alloc::format;

    const FACTS: &str = r#"{"jwt": {"claims": {
        "s": "x", "empty": "", "i": 7, "big": "07", "d": 1.5, "yes": true, "no": false, "nil": null,
        "list": ["x", "y"], "mixed": ["x", 7], "none": [], "o": {"k": "v", "n": null}, "void": {},
        "nest": [[1], [2]], "__proto__": "p"
    }}}"#;

    fn shown(text: &str) -> String {
        // Short names in the tables: `~s` is `jwt.claims.s`.
        let text = text.replace('~', "jwt.claims.");
        let facts = Facts::new(json::parse_object(FACTS.as_bytes()).unwrap());
        match Expression::parse(&text).unwrap().evaluate(&facts) {
            Ok(value) => value.to_string(),
            Err(error) => format!("{error}").replace("jwt.claims.", "~"),
        }
    }

    fn check(text: &str, expect: &str) {
        assert_eq!(shown(text), expect, "{text}");
    }

    #[test]
    fn equality_is_within_a_kind() {
        check("~s == 'x'", "true");
        check("~s == 'y'", "false");
        check("~s != 'y'", "true");
        check("~i == 7", "true");
        check("~i == -7", "false");
        check("~yes == true", "true");
        check("~nil == null", "true");
        check("~list == ['x', 'y']", "true");
        check("~list == ['x']", "false");
        check("~none == []", "true");
        check("~o == ~o", "true");
        check("~o == ~void", "false");
        check("~nest[0] == ~nest[1]", "false");
        check("~d == ~d", "true");
        check("~__proto__ == 'p'", "true");
    }

    #[test]
    fn different_kinds_are_an_error() {
        check("~i == '7'", "~i and the literal do not compare: integer against string");
        check("~i != '7'", "~i and the literal do not compare: integer against string");
        check("null == ~s", "the literal and ~s do not compare: null against string");
        check("~d == 1", "~d and the literal do not compare: decimal against integer");
        check("~yes == 'true'", "~yes and the literal do not compare: boolean against string");
        check("~none == ~void", "~none and ~void do not compare: array against object");
        check("~list == ~mixed", "~list and ~mixed do not compare: string against integer");
        // Also when an earlier pair already differs, whatever the order.
        check("~mixed == ['a', 'b']", "~mixed and the list do not compare: integer against string");
        check("~mixed == ~nest", "~mixed and ~nest do not compare: integer against array");
    }

    #[test]
    fn missing_is_an_error_that_names_the_path() {
        check("~gone == 'x'", "~gone is missing");
        check("~gone != 'x'", "~gone is missing");
        check("~gone.more.still", "~gone of ~gone.more.still is missing");
        check("cert.subject", "cert of cert.subject is missing");
        check("~list[2]", "~list[2] is missing");
        check("~list[1]", "\"y\"");
        check("~s.length", "~s is of kind string, expected object");
        check("~list.x", "~list is of kind array, expected object");
        check("~o[0]", "~o is of kind object, expected array");
        check("~nil.x", "~nil is of kind null, expected object");
        check("~constructor", "~constructor is missing");
    }

    #[test]
    fn errors_are_absorbed_from_either_side() {
        check("~gone == 'x' && false", "false");
        check("false && ~gone == 'x'", "false");
        check("~gone == 'x' || true", "true");
        check("true || ~gone == 'x'", "true");
        check("~gone == 'x' && true", "~gone is missing");
        check("true && ~gone == 'x'", "~gone is missing");
        check("~gone == 'x' || false", "~gone is missing");
        check("~gone == 'x' || ~lost == 'y' || false", "~gone is missing");
        check("!(~gone == 'x') || true", "true");
        check("!(~gone == 'x')", "~gone is missing");
        check("'text' && false", "false");
        check("'text' && true", "the literal is of kind string, expected boolean");
        check("!~s", "~s is of kind string, expected boolean");
        check("~gone == 'x' && ~s == 'y' || ~i == 7", "true");
    }

    #[test]
    fn has_tolerates_only_its_last_segment() {
        check("has(~s)", "true");
        check("has(~nil)", "true");
        check("has(~gone)", "false");
        check("has(~o.k)", "true");
        check("has(~o['x'])", "false");
        check("has(~gone.more)", "~gone of ~gone.more is missing");
        check("has(~s.more)", "~s is of kind string, expected object");
        check("has(~list.more)", "~list is of kind array, expected object");
        check("has(cert.subject)", "cert of cert.subject is missing");
        check("has(~gone) && ~gone == 'x'", "false");
    }

    #[test]
    fn is_null_or_empty_tolerates_the_whole_path() {
        for empty in ["~nil", "~empty", "~none", "~void", "~gone", "~gone.x[0]", "~nil.x", "cert"] {
            check(&format!("IsNullOrEmpty({empty})"), "true");
        }
        for full in ["~s", "~i", "~d", "~no", "~list", "~o", "Append(~s)", "Append('a', 1)"] {
            check(&format!("IsNullOrEmpty({full})"), "false");
        }
        check("IsNullOrEmpty(Append(~empty))", "true");
        check("IsNullOrEmpty(Append(~gone))", "~gone is missing");
        check("IsNullOrEmpty(~s.x)", "~s is of kind string, expected object");
        check("IsNullOrEmpty(~o[0])", "~o is of kind object, expected array");
    }

    #[test]
    fn membership() {
        check("~s in ['a', 'x']", "true");
        check("~s in ['a', 'b']", "false");
        check("~s in []", "false");
        check("'y' in ~list", "true");
        check("'z' in ~list", "false");
        check("'k' in ~o", "true");
        check("'x' in ~o", "false");
        check("7 in ~mixed", "true");
        check("'x' in ~mixed", "true");
        check("'z' in ~mixed", "the literal and ~mixed do not compare: string against integer");
        check("~i in ['7']", "~i and the list do not compare: integer against string");
        check("~nest[0] in ~nest", "true");
        check("'x' in ~s", "~s is of kind string, expected array or object");
        check("7 in ~o", "the literal is of kind integer, expected string");
        check("~gone in []", "~gone is missing");
    }

    #[test]
    fn order_is_for_integers() {
        check("~i < 8 && ~i <= 7 && ~i > 6 && ~i >= 7", "true");
        check("~i < 7 || ~i > 7 || ~i <= 6 || ~i >= 8", "false");
        check("~big < 8", "~big is of kind string, expected integer");
        check("~d < 2", "~d is of kind decimal, expected integer");
        check("7 > ~nil", "~nil is of kind null, expected integer");
    }

    #[test]
    fn append_joins_strings_integers_and_booleans() {
        check("Append(~s, ':', ~i, ':', -3, ':', ~yes)", r#""x:7:-3:true""#);
        check("Append(~nil)", "~nil is of kind null, expected string, integer or boolean");
        check("Append(~list)", "~list is of kind array, expected string, integer or boolean");
        check("Append(~d)", "~d is of kind decimal, expected string, integer or boolean");
        check("Append(~s, ~gone)", "~gone is missing");
    }

    #[test]
    fn glob_takes_strings() {
        check("glob(~s, 'x*')", "true");
        check("glob(~s, '*y')", "false");
        check("glob(~i, '*7')", "~i is of kind integer, expected string");
        check("glob(~gone, '*x')", "~gone is missing");
    }

    #[test]
    fn limits_are_never_absorbed() {
        let string = |length| format!("{:x<1$}", "", length);
        let long = string(limits::EXPRESSION_STRING_BYTES);
        check(&format!("IsNullOrEmpty(Append('{long}'))"), "false");
        check(
            &format!("IsNullOrEmpty(Append('{long}', 'x'))"),
            "a string is longer than 4096 bytes",
        );
        check(
            &format!("IsNullOrEmpty(Append('{long}', 'x')) || true"),
            "a string is longer than 4096 bytes",
        );
        check(&format!("true || IsNullOrEmpty(Append('{long}', 'x'))"), "true");

        let elements = alloc::vec![Value::Integer(1); limits::EXPRESSION_STEPS];
        let models = json::Object::from_iter([("jwt", Value::Array(elements))]);
        let facts = Facts::new(models);
        let evaluate = |text: &str| Expression::parse(text).unwrap().condition(&facts);
        assert_eq!(evaluate("2 in jwt || true"), Err(EvalError::TooManySteps));
        assert_eq!(evaluate("true || 2 in jwt"), Ok(true));
        assert_eq!(evaluate("1 in jwt"), Ok(true));
    }

    /// Facts that no parser made may be deeper than any parser allows.
    #[test]
    fn comparison_of_deep_facts_costs_no_stack() {
        let deep =
            |depth| (0..depth).fold(Value::Null, |inner, _| Value::Array(alloc::vec![inner]));
        let models = json::Object::from_iter([("a", deep(5_000)), ("b", deep(5_000))]);
        let facts = Facts::new(models);
        let equal = Expression::parse("a == b").unwrap();
        assert_eq!(equal.condition(&facts), Ok(true));
    }
}
