//! What can be known about an expression before there are facts.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::SyntaxError;
use super::model::{Model, Shape};
use super::syntax::{Form, Node, Operator, Path, Quantified, Segment};
use crate::json::Value;

// The names that `Value::kind` gives; a test holds them together.
const ARRAY: &str = "array";
const BOOLEAN: &str = "boolean";
const INTEGER: &str = "integer";
const OBJECT: &str = "object";
const STRING: &str = "string";

/// Checks a condition: a boolean about the proof.
pub(super) fn condition(root: &Node, models: &[Model]) -> Result<(), SyntaxError> {
    truth(root, &Scope::Facts(models))?;
    let mut paths = Vec::new();
    root.collect_paths(&mut paths);
    let is_proof =
        |path: &&Path| models.iter().any(|model| model.is_proof() && model.name() == path.root());
    if !paths.iter().any(is_proof) {
        return error(
            root,
            "a condition reads a field of the proof; this one reads only the client",
        );
    }
    Ok(())
}

/// Checks the source of the attribute behind the client id: a string or an integer.
pub(super) fn mapping(root: &Node, models: &[Model]) -> Result<(), SyntaxError> {
    let scope = Scope::Facts(models);
    one_of(root, &scope, &[STRING, INTEGER])?;
    part(root, &scope)
}

/// Checks the source of a claim: a string, an integer or a boolean.
pub(super) fn claim(root: &Node, models: &[Model]) -> Result<(), SyntaxError> {
    let scope = Scope::Facts(models);
    one_of(root, &scope, &[STRING, INTEGER, BOOLEAN])?;
    part(root, &scope)
}

/// What the paths of a part may begin with.
pub(super) enum Scope<'s> {
    Facts(&'s [Model]),
    /// The element of a quantifier, and what is around it.
    Element {
        name: &'s str,
        shape: Shape,
        /// The elements, where the list is made of literals.
        literals: &'s [Value],
        around: &'s Self,
    },
}

impl Scope<'_> {
    fn shape(&self, name: &str) -> Option<Shape> {
        match self {
            Self::Facts(models) => {
                models.iter().find(|model| model.name() == name).map(Model::shape)
            }
            Self::Element { name: own, shape, .. } if *own == name => Some(*shape),
            Self::Element { around, .. } => around.shape(name),
        }
    }

    /// The literals of which `name` is one after the other.
    pub(super) fn literals(&self, name: &str) -> &[Value] {
        match self {
            Self::Facts(_) => &[],
            Self::Element { name: own, literals, .. } if *own == name => literals,
            Self::Element { around, .. } => around.literals(name),
        }
    }

    fn names(&self) -> Vec<&str> {
        match self {
            Self::Facts(models) => models.iter().map(Model::name).collect(),
            Self::Element { name, around, .. } => {
                let mut names = around.names();
                names.push(name);
                names
            }
        }
    }
}

/// A part of an expression where a boolean is needed.
fn truth(node: &Node, scope: &Scope<'_>) -> Result<(), SyntaxError> {
    if !matches!(node.form, Form::Path(_)) {
        one_of(node, scope, &[BOOLEAN])?;
    }
    if matches!(node.form, Form::Literal(_)) {
        return constant(node);
    }
    part(node, scope)?;
    one_of(node, scope, &[BOOLEAN])
}

fn part(node: &Node, scope: &Scope<'_>) -> Result<(), SyntaxError> {
    match &node.form {
        Form::Literal(_) => Ok(()),
        Form::Path(path) | Form::Has(path) => known(node, path, scope),
        Form::Not(inner) => truth(inner, scope),
        Form::All(parts) | Form::Any(parts) => parts.iter().try_for_each(|part| truth(part, scope)),
        Form::Relation(operator, left, right) => {
            part(left, scope)?;
            part(right, scope)?;
            not_constant(node)?;
            relation(node, *operator, (left, right), scope)
        }
        Form::IsNullOrEmpty(argument) => {
            part(argument, scope)?;
            not_constant(node)
        }
        Form::Append(parts) => parts.iter().try_for_each(|argument| {
            one_of(argument, scope, &[STRING, INTEGER, BOOLEAN])?;
            part(argument, scope)
        }),
        Form::PercentEncode(text) => {
            one_of(text, scope, &[STRING])?;
            part(text, scope)
        }
        Form::Glob(text, pattern) => {
            one_of(text, scope, &[STRING])?;
            part(text, scope)?;
            not_constant(node)?;
            match pattern.trim_start_matches('*') {
                "" => error(node, "a pattern has more in it than stars"),
                _ => Ok(()),
            }
        }
        Form::Text(_, text, sought) => {
            for operand in [text, sought] {
                one_of(operand, scope, &[STRING])?;
                part(operand, scope)?;
            }
            not_constant(node)?;
            match &sought.form {
                Form::Literal(Value::String(sought)) if sought.is_empty() => {
                    error(node, "every text has the empty text in it")
                }
                _ => Ok(()),
            }
        }
        Form::Size(inner) => {
            one_of(inner, scope, &[STRING, ARRAY, OBJECT])?;
            part(inner, scope)
        }
        Form::Values(inner) => part(inner, scope),
        Form::Index(target, key) => {
            part(target, scope)?;
            part(key, scope)?;
            one_of(target, scope, &[ARRAY, OBJECT])?;
            one_of(key, scope, &[STRING, INTEGER])
        }
        Form::Quantified(quantified) => quantifier(node, quantified, scope),
    }
}

fn quantifier(node: &Node, part_of: &Quantified, scope: &Scope<'_>) -> Result<(), SyntaxError> {
    let Quantified { list, variable, body, .. } = part_of;
    one_of(list, scope, &[ARRAY])?;
    part(list, scope)?;
    if matches!(&list.form, Form::Literal(Value::Array(elements)) if elements.is_empty()) {
        return error(list, "nothing is in an empty list");
    }
    let shape = element(list, scope);
    truth(body, &Scope::Element { name: variable, shape, literals: &[], around: scope })?;
    let mut paths = Vec::new();
    body.collect_paths(&mut paths);
    if !paths.iter().any(|path| path.root() == variable) {
        return error(body, format!("this says nothing about `{variable}`"));
    }
    not_constant(node)
}

fn relation(
    node: &Node,
    operator: Operator,
    (left, right): (&Node, &Node),
    scope: &Scope<'_>,
) -> Result<(), SyntaxError> {
    if let (Form::Path(a), Form::Path(b)) = (&left.form, &right.form)
        && a == b
    {
        return error(node, format!("{a} is compared with itself"));
    }
    match operator {
        Operator::Equal | Operator::NotEqual => {
            comparable(node, kind(left, scope), kind(right, scope))
        }
        Operator::In => {
            one_of(right, scope, &[ARRAY, OBJECT])?;
            match &right.form {
                Form::Literal(Value::Array(elements)) if elements.is_empty() => {
                    error(right, "nothing is in an empty list")
                }
                Form::Literal(Value::Object(members)) if members.is_empty() => {
                    error(right, "nothing is in an empty map")
                }
                _ if kind(right, scope) == Some(OBJECT) => one_of(left, scope, &[STRING]),
                _ => comparable(node, kind(left, scope), element(right, scope).kind()),
            }
        }
        Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
            one_of(left, scope, &[INTEGER])?;
            one_of(right, scope, &[INTEGER])
        }
    }
}

/// The kind of a part, where the facts do not decide it.
fn kind(node: &Node, scope: &Scope<'_>) -> Option<&'static str> {
    match &node.form {
        Form::Literal(value) => Some(value.kind()),
        Form::Path(path) => shape(path, scope).kind(),
        Form::Index(target, _) => element(target, scope).kind(),
        Form::Append(_) | Form::PercentEncode(_) => Some(STRING),
        Form::Size(_) => Some(INTEGER),
        Form::Values(_) => Some(ARRAY),
        Form::Not(_)
        | Form::All(_)
        | Form::Any(_)
        | Form::Relation(..)
        | Form::Has(_)
        | Form::IsNullOrEmpty(_)
        | Form::Glob(..)
        | Form::Text(..)
        | Form::Quantified(_) => Some(BOOLEAN),
    }
}

/// What is known of the elements of a list, or of the values of a map.
pub(super) fn element(node: &Node, scope: &Scope<'_>) -> Shape {
    let first = match &node.form {
        Form::Literal(Value::Array(elements)) => elements.first(),
        Form::Literal(Value::Object(members)) => members.iter().next().map(|(_, value)| value),
        Form::Path(path) => match shape(path, scope) {
            Shape::List(element) | Shape::Map(element) => return *element,
            _ => None,
        },
        Form::Values(_) => return Shape::String,
        _ => None,
    };
    first.map_or(Shape::Any, |value| Shape::of_kind(value.kind()))
}

fn one_of(node: &Node, scope: &Scope<'_>, kinds: &[&str]) -> Result<(), SyntaxError> {
    match kind(node, scope) {
        Some(found) if !kinds.contains(&found) => {
            error(node, format!("expected {}, found {found}", kinds.join(" or ")))
        }
        _ => Ok(()),
    }
}

fn comparable(
    node: &Node,
    left: Option<&'static str>,
    right: Option<&'static str>,
) -> Result<(), SyntaxError> {
    match (left, right) {
        (Some(left), Some(right)) if left != right => {
            error(node, format!("{left} does not compare with {right}"))
        }
        _ => Ok(()),
    }
}

/// What is known of the value at a path that [`known`] accepts.
pub(super) fn shape(path: &Path, scope: &Scope<'_>) -> Shape {
    path.segments().iter().fold(scope.shape(path.root()).unwrap_or(Shape::Any), |shape, segment| {
        match (shape, segment) {
            (shape, Segment::Member(name)) => shape.member(name),
            (Shape::List(element), Segment::Index(_)) => *element,
            _ => Shape::Any,
        }
    })
}

fn member(members: &[(&'static str, Shape)], name: &str) -> Option<Shape> {
    members.iter().find(|(known, _)| *known == name).map(|(_, shape)| *shape)
}

/// Whether the facts can have anything at a path.
fn known(node: &Node, path: &Path, scope: &Scope<'_>) -> Result<(), SyntaxError> {
    let Some(mut shape) = scope.shape(path.root()) else {
        let names = scope.names().join(", ");
        return error(node, format!("there is no `{}` here; there are: {names}", path.root()));
    };
    if path.is(&["client", "activeSubjectUrn"]) {
        return error(node, "client.activeSubjectUrn is written by a mapping and cannot be read");
    }
    for (followed, segment) in path.segments().iter().enumerate() {
        shape = match (shape, segment) {
            (Shape::Any, _) => return Ok(()),
            (Shape::Open(_) | Shape::Map(_), Segment::Member(name)) => shape.member(name),
            (Shape::Closed(members), Segment::Member(name)) => match member(members, name) {
                Some(shape) => shape,
                None => {
                    let known: Vec<&str> = members.iter().map(|(name, _)| *name).collect();
                    let (whole, known) = (path.prefix(followed), known.join(", "));
                    return error(node, format!("{whole} has no `{name}`; it may have: {known}"));
                }
            },
            (Shape::List(element), Segment::Index(_)) => *element,
            (other, _) => {
                let (whole, kind) = (path.prefix(followed), other.kind().unwrap_or_default());
                let found = path.prefix(followed.saturating_add(1));
                return error(node, format!("{whole} is of kind {kind} and has no {found}"));
            }
        };
    }
    Ok(())
}

/// A comparison without a field has the same value for every proof.
fn not_constant(node: &Node) -> Result<(), SyntaxError> {
    let mut paths = Vec::new();
    node.collect_paths(&mut paths);
    if paths.is_empty() { constant(node) } else { Ok(()) }
}

fn constant(node: &Node) -> Result<(), SyntaxError> {
    error(node, "this is the same for every proof")
}

fn error(node: &Node, message: impl Into<String>) -> Result<(), SyntaxError> {
    Err(SyntaxError::new(node.start, message))
}

#[cfg(test)]
mod tests;
