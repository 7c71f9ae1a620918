//! The identity rule: conditions that name whom they are for.
//!
//! The client of a request comes from the request, so its conditions alone say who may be that
//! client. A condition binds a field when, whatever the facts, it is true only for values of the
//! field that stand in its text.
//!
//! The rule looks at the alternatives (disjuncts) of the conjunction of all conditions, with `!`
//! pushed inward: in each, one of the parts must be `field == literal` or `field in [literals]`.
//! This is sound because `&&`, `||` and `!` with errors form Kleene's three-valued logic, in which
//! De Morgan's laws and distribution hold: a condition is true only if all parts of one disjunct
//! are. Every other part, such as a comparison of comparisons, binds nothing.
//!
//! Of a list, `[*]` stands for an element and `size()` for its size, which `list.size() == 1` fixes. Together they fix the
//! whole: `"a" in list` says nothing of who else is in it.
//!
//! The disjuncts are never written out, so no condition is too large. *Every disjunct fixes one of
//! these fields* is asked of the tree: of a disjunction, every part must; of a conjunction, one
//! part must, because if each had a disjunct without, these together would be one.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::Expression;
use super::syntax::{Form, Node, Operator, Path, Segment};
use crate::json::Value;

/// Fields that say who: alternatives, each a set of paths that only together identify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirement(&'static [&'static [&'static [&'static str]]]);

impl Requirement {
    /// A requirement from its alternatives; a path is its names, the model first: `[[["jwt",
    /// "claims", "sub"]]]`. `[0]` is the first element of a list, `[*]` any, and `size()` its size.
    ///
    /// Without alternatives, or with an empty one, it cannot be met.
    #[must_use]
    pub const fn new(alternatives: &'static [&'static [&'static [&'static str]]]) -> Self {
        Self(alternatives)
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        Fields::from(*self).fmt(out)
    }
}

/// The names of a path, the model first.
pub(crate) type FieldPath = Vec<String>;

/// A [`Requirement`] that a policy may have made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fields(Vec<Vec<FieldPath>>);

impl From<Requirement> for Fields {
    fn from(requirement: Requirement) -> Self {
        let path = |path: &&[&str]| path.iter().map(ToString::to_string).collect();
        let alternative = |paths: &&[&[&str]]| paths.iter().map(path).collect();
        Self(requirement.0.iter().map(alternative).collect())
    }
}

impl Fields {
    /// Fields from their alternatives, as [`Requirement::new`] has them.
    pub(crate) const fn new(alternatives: Vec<Vec<FieldPath>>) -> Self {
        Self(alternatives)
    }

    /// The alternatives.
    pub(crate) fn alternatives(&self) -> &[Vec<FieldPath>] {
        &self.0
    }

    /// The lists of which an alternative demands that they have one element, each once.
    pub(crate) fn lists(&self) -> Vec<&[String]> {
        let mut found = Vec::new();
        for path in self.0.iter().flatten() {
            if let Some((SIZE, list)) = path.split_last().map(|(last, list)| (last.as_str(), list))
                && !found.contains(&list)
            {
                found.push(list);
            }
        }
        found
    }

    /// The same as sets of which each must be met by one path: `a and b, or c` is `a or c, and b or
    /// c`.
    fn clauses(&self) -> Vec<Vec<&FieldPath>> {
        let mut clauses = vec![Vec::new()];
        for alternative in &self.0 {
            clauses = clauses
                .iter()
                .flat_map(|clause| {
                    alternative.iter().map(move |path| {
                        let mut longer = clause.clone();
                        longer.push(path);
                        longer
                    })
                })
                .collect();
        }
        clauses
    }
}

/// An element of a list, whichever.
const ELEMENT: &str = "[*]";
/// How many elements a list has.
const SIZE: &str = "size()";

impl fmt::Display for Fields {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, alternative) in self.0.iter().enumerate() {
            if index > 0 {
                out.write_str(", or ")?;
            }
            // That there is one element goes without saying: it is asked for by itself.
            let told =
                alternative.iter().filter(|path| path.last().is_none_or(|last| last != SIZE));
            for (index, path) in told.enumerate() {
                let and = if index > 0 { " and " } else { "" };
                out.write_str(and)?;
                spell(path, out)?;
            }
        }
        Ok(())
    }
}

/// A path in the spelling of the compatible service.
fn spell(path: &[String], out: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, name) in path.iter().enumerate() {
        match name.as_str() {
            ELEMENT => out.write_str("[0]")?,
            _ if index == 0 || name.starts_with('[') => out.write_str(name)?,
            _ if super::lexer::is_member_name(name) => write!(out, ".{name}")?,
            _ => write!(out, ".'{name}'")?,
        }
    }
    Ok(())
}

/// A way for conditions to be true without saying who.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unbound {
    /// The alternative, as an expression: when it holds, all conditions do.
    disjunct: String,
    fields: Fields,
}

impl fmt::Display for Unbound {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (disjunct, fields) = (&self.disjunct, &self.fields);
        match disjunct.as_str() {
            "" => write!(out, "no condition")?,
            _ => write!(out, "nothing in the alternative {disjunct}")?,
        }
        write!(out, " identifies the bearer: it needs == or in with literals on {fields}")
    }
}

/// Checks that the conjunction of `conditions` is true only for subjects that their text names.
///
/// # Errors
///
/// A disjunct that fixes none of the alternatives of `fields`.
pub(crate) fn binds(conditions: &[&Expression], fields: &Fields) -> Result<(), Unbound> {
    let unbound = |disjunct| Unbound { disjunct, fields: fields.clone() };
    if fields.0.iter().any(Vec::is_empty) {
        return Err(unbound(String::new()));
    }
    for clause in fields.clauses() {
        let escapes: Option<Vec<Vec<String>>> = conditions
            .iter()
            .map(|condition| {
                let rule = Rule { text: condition.text(), fields: &clause };
                rule.escape(&condition.root, true)
            })
            .collect();
        if let Some(parts) = escapes {
            return Err(unbound(parts.concat().join(" && ")));
        }
    }
    Ok(())
}

/// The question of one clause to one condition.
struct Rule<'r> {
    text: &'r str,
    fields: &'r [&'r FieldPath],
}

impl Rule<'_> {
    /// The parts of a disjunct of `node`, or of its negation when it is not `affirmed`, that fixes
    /// none of the fields; `None` when every disjunct fixes one.
    fn escape(&self, node: &Node, affirmed: bool) -> Option<Vec<String>> {
        match (&node.form, affirmed) {
            (Form::Not(inner), _) => self.escape(inner, !affirmed),
            (Form::All(parts), true) | (Form::Any(parts), false) => {
                let escapes: Option<Vec<_>> =
                    parts.iter().map(|part| self.escape(part, affirmed)).collect();
                escapes.map(|parts| parts.concat())
            }
            (Form::Any(parts), true) | (Form::All(parts), false) => {
                parts.iter().find_map(|part| self.escape(part, affirmed))
            }
            (form, _) if self.fields.iter().any(|field| is_fixed(field, form, affirmed)) => None,
            _ => {
                let text = self.text.get(node.start..node.end).unwrap_or_default();
                Some(vec![if affirmed { text.into() } else { format!("!({text})") }])
            }
        }
    }
}

/// Whether this part is true only for values of the field that it names.
fn is_fixed(field: &[String], form: &Form, affirmed: bool) -> bool {
    match (form, affirmed) {
        (Form::Relation(Operator::Equal, left, right), true)
        | (Form::Relation(Operator::NotEqual, left, right), false) => {
            is_equal(field, left, right) || is_equal(field, right, left)
        }
        (Form::Relation(Operator::In, left, right), true) => is_among(field, left, right),
        _ => false,
    }
}

/// `side == literal`.
fn is_equal(field: &[String], side: &Node, literal: &Node) -> bool {
    let Form::Literal(value) = &literal.form else { return false };
    let only = value.as_array().is_some_and(|elements| matches!(elements, [one] if is_name(one)));
    match list_of(field) {
        Some((list, ELEMENT)) => {
            (is_element(side, list) && is_name(value)) || (is_field(side, list) && only)
        }
        Some((list, _)) => {
            let is_size = matches!(&side.form, Form::Size(inner) if is_field(inner, list));
            (is_size && *value == Value::Integer(1)) || (is_field(side, list) && only)
        }
        None => is_field(side, field) && is_name(value),
    }
}

/// `left in right`.
fn is_among(field: &[String], left: &Node, right: &Node) -> bool {
    match list_of(field) {
        Some((list, ELEMENT)) => {
            let named = matches!(&left.form, Form::Literal(value) if is_name(value));
            (is_element(left, list) && names_some(right)) || (named && is_field(right, list))
        }
        Some(_) => false,
        None => is_field(left, field) && names_some(right),
    }
}

/// The list of which the field is an element or the size, and which of the two.
fn list_of(field: &[String]) -> Option<(&[String], &str)> {
    let (last, list) = field.split_last()?;
    matches!(last.as_str(), ELEMENT | SIZE).then_some((list, last.as_str()))
}

fn is_field(node: &Node, field: &[String]) -> bool {
    let Form::Path(path) = &node.form else { return false };
    let names: Vec<&str> = field.iter().map(String::as_str).collect();
    path.is(&names)
}

/// Whether it is an element of the list by its place.
fn is_element(node: &Node, list: &[String]) -> bool {
    let Form::Path(path) = &node.form else { return false };
    let Some((Segment::Index(_), above)) = path.segments().split_last() else { return false };
    let names: Vec<&str> = list.iter().map(String::as_str).collect();
    Path::new(path.root().into(), above.to_vec()).is(&names)
}

fn names_some(node: &Node) -> bool {
    match &node.form {
        Form::Literal(Value::Array(elements)) => {
            !elements.is_empty() && elements.iter().all(is_name)
        }
        _ => false,
    }
}

/// Null, a boolean and the empty string are what a field holds when it says nothing.
fn is_name(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_empty(),
        Value::Integer(_) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
