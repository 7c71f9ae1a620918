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
//! The disjuncts are never written out, so no condition is too large. *Every disjunct fixes one of
//! these fields* is asked of the tree: of a disjunction, every part must; of a conjunction, one
//! part must, because if each had a disjunct without, these together would be one.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt;

use super::Expression;
use super::syntax::{Form, Node, Operator};
use crate::json::Value;

/// Fields that say who: alternatives, each a set of paths that only together identify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Requirement(&'static [&'static [&'static [&'static str]]]);

impl Requirement {
    /// A requirement from its alternatives; a path is its names, the model first: `[[["jwt",
    /// "claims", "sub"]]]`.
    ///
    /// Without alternatives, or with an empty one, it cannot be met.
    #[must_use]
    pub const fn new(alternatives: &'static [&'static [&'static [&'static str]]]) -> Self {
        Self(alternatives)
    }

    /// The same as sets of which each must be met by one path: `a and b, or c` is `a or c, and b or
    /// c`.
    fn clauses(self) -> Vec<Vec<&'static [&'static str]>> {
        let mut clauses = vec![Vec::new()];
        for alternative in self.0 {
            clauses = clauses
                .iter()
                .flat_map(|clause| {
                    alternative.iter().map(move |path| {
                        let mut longer = clause.clone();
                        longer.push(*path);
                        longer
                    })
                })
                .collect();
        }
        clauses
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, alternative) in self.0.iter().enumerate() {
            if index > 0 {
                out.write_str(", or ")?;
            }
            for (index, path) in alternative.iter().enumerate() {
                let and = if index > 0 { " and " } else { "" };
                out.write_str(and)?;
                spell(path, out)?;
            }
        }
        Ok(())
    }
}

/// A path in the spelling of the compatible service.
fn spell(path: &[&str], out: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, name) in path.iter().enumerate() {
        match name {
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
    requirement: Requirement,
}

impl fmt::Display for Unbound {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (disjunct, requirement) = (&self.disjunct, self.requirement);
        match disjunct.as_str() {
            "" => write!(out, "no condition")?,
            _ => write!(out, "nothing in the alternative {disjunct}")?,
        }
        write!(out, " identifies the bearer: it needs == or in with literals on {requirement}")
    }
}

/// Checks that the conjunction of `conditions` is true only for subjects that their text names.
///
/// # Errors
///
/// A disjunct that fixes none of the alternatives of `requirement`.
pub(crate) fn binds(conditions: &[&Expression], requirement: Requirement) -> Result<(), Unbound> {
    let unbound = |disjunct| Unbound { disjunct, requirement };
    let clauses = requirement.clauses();
    if requirement.0.iter().any(|alternative| alternative.is_empty()) {
        return Err(unbound(String::new()));
    }
    for clause in clauses {
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
    fields: &'r [&'static [&'static str]],
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
            (form, _) if self.fixes(form, affirmed) => None,
            _ => {
                let text = self.text.get(node.start..node.end).unwrap_or_default();
                Some(vec![if affirmed { text.into() } else { format!("!({text})") }])
            }
        }
    }

    /// Whether this part is true only for values of a field that it names.
    fn fixes(&self, form: &Form, affirmed: bool) -> bool {
        match (form, affirmed) {
            (Form::Relation(Operator::Equal, left, right), true)
            | (Form::Relation(Operator::NotEqual, left, right), false) => {
                (self.is_field(left) && names_one(right))
                    || (self.is_field(right) && names_one(left))
            }
            (Form::Relation(Operator::In, left, right), true) => {
                self.is_field(left) && names_some(right)
            }
            _ => false,
        }
    }

    fn is_field(&self, node: &Node) -> bool {
        matches!(&node.form, Form::Path(path) if self.fields.iter().any(|field| path.is(field)))
    }
}

fn names_one(node: &Node) -> bool {
    matches!(&node.form, Form::Literal(value) if is_name(value))
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
