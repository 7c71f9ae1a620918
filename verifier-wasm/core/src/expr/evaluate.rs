//! A tree and facts to a value, under a step budget.

use alloc::borrow::Cow;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

mod error;

pub use error::EvalError;

use super::Facts;
use super::functions::{NotAppended, append, glob, is_null_or_empty};
use super::syntax::{Form, Node, Operator, Path, Quantified, Quantifier, Segment, TextTest};
use super::words::in_words;
use crate::json::Value;
use crate::limits;
use crate::limits::EXPRESSION_BYTES_A_STEP;
use crate::token_text::percent_encoded;

/// The value of `root`.
pub(super) fn value(root: &Node, facts: &Facts) -> Result<Value, EvalError> {
    Evaluation::new(facts).value(root).map(Cow::into_owned)
}

/// The value of `root`, which must be a boolean.
pub(super) fn condition(root: &Node, facts: &Facts) -> Result<bool, EvalError> {
    Evaluation::new(facts).boolean(root)
}

/// How many steps of its budget the evaluation of `root` takes.
pub(super) fn steps(root: &Node, facts: &Facts) -> usize {
    let mut evaluation = Evaluation::new(facts);
    let _ = evaluation.value(root);
    limits::EXPRESSION_STEPS.saturating_sub(evaluation.steps)
}

struct Evaluation<'e> {
    facts: &'e Facts,
    /// What is left of the budget.
    steps: usize,
    /// The elements that the quantifiers around this place look at, the innermost last.
    variables: Vec<(&'e str, &'e Value)>,
}

/// Where the way along a path ended early.
struct Break {
    /// How many segments were followed, the failing one included; 0 is the model itself.
    segments: usize,
    /// The kind of the value that cannot have the segment and the kind that could; `None` when the
    /// segment is simply not there.
    unfit: Option<(&'static str, &'static str)>,
}

impl<'e> Evaluation<'e> {
    const fn new(facts: &'e Facts) -> Self {
        Self { facts, steps: limits::EXPRESSION_STEPS, variables: Vec::new() }
    }

    fn spend(&mut self, steps: usize) -> Result<(), EvalError> {
        self.steps = self.steps.checked_sub(steps).ok_or(EvalError::TooManySteps)?;
        Ok(())
    }

    fn value(&mut self, node: &'e Node) -> Result<Cow<'e, Value>, EvalError> {
        self.spend(1)?;
        let truth = match &node.form {
            Form::Literal(value) => return Ok(Cow::Borrowed(value)),
            Form::Path(path) => return self.at(path).map(Cow::Borrowed),
            Form::Append(parts) => return self.append(parts).map(Cow::Owned),
            Form::PercentEncode(text) => return self.percent_encode(text).map(Cow::Owned),
            Form::Index(target, key) => return self.index(target, key),
            Form::Size(inner) => return self.size(inner).map(Cow::Owned),
            Form::Values(inner) => return self.value(inner),
            Form::Not(inner) => !self.boolean(inner)?,
            Form::All(parts) => self.junction(parts, false)?,
            Form::Any(parts) => self.junction(parts, true)?,
            Form::Relation(operator, left, right) => self.relation(*operator, left, right)?,
            Form::Has(path) => self.has(path)?,
            Form::IsNullOrEmpty(inner) => self.is_null_or_empty(inner)?,
            Form::Glob(text, pattern) => self.glob(text, pattern)?,
            Form::Text(test, text, part) => self.text(*test, text, part)?,
            Form::Quantified(part) => self.quantified(part)?,
        };
        Ok(Cow::Owned(Value::Bool(truth)))
    }

    fn boolean(&mut self, node: &'e Node) -> Result<bool, EvalError> {
        let value = self.value(node)?;
        value.as_bool().ok_or_else(|| unfit(node, "boolean", &value))
    }

    /// `&&` when `decisive` is false, `||` when it is true: an operand with the decisive value
    /// decides, even beside errors; else the first error is the result.
    fn junction(&mut self, parts: &'e [Node], decisive: bool) -> Result<bool, EvalError> {
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

    /// The macros of CEL: `exists` is `||` over the elements, `all` is `&&`, errors included.
    fn quantified(&mut self, part: &'e Quantified) -> Result<bool, EvalError> {
        let elements = match &part.list.form {
            Form::Values(inner) => self.values(inner)?,
            // Whatever makes values of its own makes no lists.
            _ => match self.value(&part.list)? {
                Cow::Borrowed(Value::Array(elements)) => elements,
                other => return Err(unfit(&part.list, "array", &other)),
            },
        };
        let decisive = part.quantifier == Quantifier::Exists;
        let mut error = None;
        for element in elements {
            self.variables.push((&part.variable, element));
            let truth = self.boolean(&part.body);
            self.variables.pop();
            match truth {
                Ok(value) if value == decisive => return Ok(decisive),
                Ok(_) => {}
                Err(limit) if limit.is_limit() => return Err(limit),
                Err(first) => error = error.or(Some(first)),
            }
        }
        error.map_or(Ok(!decisive), Err)
    }

    /// An element by its place or a member by its name.
    fn index(&mut self, target: &'e Node, key: &'e Node) -> Result<Cow<'e, Value>, EvalError> {
        let found = self.element(target, key)?;
        match *found {
            Value::BigInteger(_) => Err(big(format!("{}[{}]", in_words(target), in_words(key)))),
            _ => Ok(found),
        }
    }

    fn element(&mut self, target: &'e Node, key: &'e Node) -> Result<Cow<'e, Value>, EvalError> {
        let (container, key_value) = (self.value(target)?, self.value(key)?);
        let missing = || EvalError::Missing {
            path: format!("{}[{}]", in_words(target), in_words(key)),
            missing: format!("{}[{}]", in_words(target), in_words(key)),
        };
        match (container, &*key_value) {
            (Cow::Borrowed(Value::Array(elements)), Value::Integer(index)) => {
                let place = usize::try_from(*index).ok();
                place.and_then(|place| elements.get(place)).map(Cow::Borrowed).ok_or_else(missing)
            }
            (Cow::Borrowed(Value::Object(members)), Value::String(name)) => {
                members.get(name).map(Cow::Borrowed).ok_or_else(missing)
            }
            (container, Value::String(_)) => Err(unfit(target, "object", &container)),
            (container, Value::Integer(_)) => Err(unfit(target, "array", &container)),
            (_, other) => Err(unfit(key, "string or integer", other)),
        }
    }

    /// Characters of a string, elements of an array, members of an object.
    fn size(&mut self, inner: &'e Node) -> Result<Value, EvalError> {
        let value = self.value(inner)?;
        let size = match &*value {
            Value::String(text) => {
                self.spend(reading(text))?;
                text.chars().count()
            }
            Value::Array(elements) => elements.len(),
            Value::Object(members) => members.len(),
            other => return Err(unfit(inner, "string, array or object", other)),
        };
        Ok(Value::Integer(i64::try_from(size).unwrap_or(i64::MAX)))
    }

    fn text(&mut self, test: TextTest, text: &'e Node, part: &'e Node) -> Result<bool, EvalError> {
        let (text_value, part_value) = (self.value(text)?, self.value(part)?);
        let content = text_value.as_str().ok_or_else(|| unfit(text, "string", &text_value))?;
        let sought = part_value.as_str().ok_or_else(|| unfit(part, "string", &part_value))?;
        self.spend(reading(content))?;
        Ok(test.holds(content, sought))
    }

    fn relation(
        &mut self,
        operator: Operator,
        left: &'e Node,
        right: &'e Node,
    ) -> Result<bool, EvalError> {
        if let (Operator::In, Form::Values(inner)) = (operator, &right.form) {
            let wanted = self.value(left)?;
            let elements = self.values(inner)?;
            return self.is_among((left, &wanted), (right, elements));
        }
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
    /// of elements. Without recursion, because the depth of facts is not limited here.
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
                (Value::BigInteger(_), _) => return Err(big(in_words(left))),
                (_, Value::BigInteger(_)) => return Err(big(in_words(right))),
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
            Value::Array(elements) => self.is_among((left, wanted), (right, elements)),
            Value::Object(members) => match wanted {
                Value::String(name) => Ok(members.contains(name)),
                _ => Err(unfit(left, "string", wanted)),
            },
            _ => Err(unfit(right, "array or object", container)),
        }
    }

    fn is_among(
        &mut self,
        (left, wanted): (&Node, &Value),
        (right, elements): (&Node, &[Value]),
    ) -> Result<bool, EvalError> {
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

    /// The texts at a path that has one or several.
    fn values(&mut self, path: &'e Node) -> Result<&'e [Value], EvalError> {
        match self.value(path)? {
            Cow::Borrowed(Value::Array(several)) => Ok(several),
            Cow::Borrowed(one @ Value::String(_)) => Ok(core::slice::from_ref(one)),
            other => Err(unfit(path, "string or array", &other)),
        }
    }

    fn append(&mut self, parts: &'e [Node]) -> Result<Value, EvalError> {
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

    fn percent_encode(&mut self, text: &'e Node) -> Result<Value, EvalError> {
        let value = self.value(text)?;
        let content = value.as_str().ok_or_else(|| unfit(text, "string", &value))?;
        self.spend(reading(content))?;
        if content.len() > limits::EXPRESSION_STRING_BYTES {
            return Err(EvalError::StringTooLong);
        }
        let encoded = percent_encoded(content);
        let fits = encoded.len() <= limits::EXPRESSION_STRING_BYTES;
        if fits { Ok(Value::String(encoded)) } else { Err(EvalError::StringTooLong) }
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
    fn is_null_or_empty(&mut self, argument: &'e Node) -> Result<bool, EvalError> {
        let Form::Path(path) = &argument.form else {
            return Ok(is_null_or_empty(&*self.value(argument)?));
        };
        match self.walk(path)? {
            Ok(Value::BigInteger(_)) => Err(big(path.to_string())),
            Ok(value) => Ok(is_null_or_empty(value)),
            Err(end) if end.unfit.is_none_or(|(found, _)| found == Value::Null.kind()) => Ok(true),
            Err(end) => Err(broken(path, &end)),
        }
    }

    fn glob(&mut self, text: &'e Node, pattern: &str) -> Result<bool, EvalError> {
        let value = self.value(text)?;
        let content = value.as_str().ok_or_else(|| unfit(text, "string", &value))?;
        if content.len() > limits::EXPRESSION_STRING_BYTES {
            return Err(EvalError::StringTooLong);
        }
        self.spend(pattern.len())?;
        Ok(glob(content, pattern))
    }

    fn at(&mut self, path: &Path) -> Result<&'e Value, EvalError> {
        match self.walk(path)? {
            Ok(Value::BigInteger(_)) => Err(big(path.to_string())),
            Ok(value) => Ok(value),
            Err(end) => Err(broken(path, &end)),
        }
    }

    /// Follows `path` as far as it goes.
    fn walk(&mut self, path: &Path) -> Result<Result<&'e Value, Break>, EvalError> {
        self.spend(path.segments().len())?;
        let variable = self.variables.iter().rev().find(|(name, _)| *name == path.root());
        let root = variable.map(|(_, element)| *element);
        let Some(mut value) = root.or_else(|| self.facts.models().get(path.root())) else {
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
                None => {
                    let segments = followed.saturating_add(1);
                    let start = root.or_else(|| self.facts.models().get(path.root()));
                    withheld(start, path, segments)?;
                    return Ok(Err(Break { segments, unfit }));
                }
            }
        }
        Ok(Ok(value))
    }
}

/// Whether an object on the way from `start` to the last of the first `segments` of `path`, which is not there, withholds
/// it: its member `withheld` has the reason, by the members from there on.
fn withheld(start: Option<&Value>, path: &Path, segments: usize) -> Result<(), EvalError> {
    let mut value = start;
    let way = path.segments().get(..segments).unwrap_or_default();
    for (followed, segment) in way.iter().enumerate() {
        let Some(here) = value else { break };
        if let Some(Value::Object(reasons)) = here.get("withheld") {
            let members = way.iter().skip(followed).map(|segment| match segment {
                Segment::Member(name) => name.as_str(),
                Segment::Index(_) => "[]",
            });
            let members = members.collect::<Vec<_>>().join(".");
            if let Some(Value::String(reason)) = reasons.get(&members) {
                let (path, reason) = (path.to_string(), reason.clone());
                return Err(EvalError::Withheld { path, reason });
            }
        }
        value = match segment {
            Segment::Member(name) => here.get(name),
            Segment::Index(index) => here.as_array().and_then(|elements| elements.get(*index)),
        };
    }
    Ok(())
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

const fn big(operand: String) -> EvalError {
    EvalError::BigInteger { operand }
}

/// Steps for reading a text from its start to its end.
const fn reading(text: &str) -> usize {
    text.len() / EXPRESSION_BYTES_A_STEP
}

fn integer(operand: &Node, value: &Value) -> Result<i64, EvalError> {
    value.as_integer().ok_or_else(|| unfit(operand, "integer", value))
}

#[cfg(test)]
mod tests;
