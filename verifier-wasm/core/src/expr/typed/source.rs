//! Where a value comes from.

use alloc::vec;
use alloc::vec::Vec;

use super::super::Facts;
use super::super::check::{Scope, shape};
use super::super::evaluate;
use super::super::model::Shape;
use super::super::syntax::{Form, Node};
use crate::json::{Object, Value};
use crate::token_text::percent_encoded;

/// Where the value of a part comes from.
pub(super) enum Source {
    /// It is a fact, of which this is known.
    Fact(Shape),
    /// It is one of these, which stand in the expression.
    Literals(Vec<Value>),
    /// A text that was put together, and in it is a fact whose texts have a form.
    Made,
    /// Anything else: nothing is known of it.
    Other,
}

impl Source {
    /// That of `node`. The depth of the recursion is that of the tree, which the parser bounds.
    pub(super) fn of(node: &Node, scope: &Scope<'_>) -> Self {
        match &node.form {
            Form::Literal(value) => Self::Literals(vec![value.clone()]),
            Form::Path(path) => match scope.literals(path.root()) {
                [] => Self::Fact(shape(path, scope)),
                literals => Self::Literals(literals.to_vec()),
            },
            Form::Index(target, key) => match Self::of(target, scope) {
                Self::Fact(shape) => Self::Fact(member(shape, key)),
                Self::Literals(containers) => Self::Literals(members(&containers, key)),
                other => other,
            },
            // No text of a form has anything in it that would be encoded.
            Form::PercentEncode(inner) => match Self::of(inner, scope) {
                Self::Literals(values) => {
                    let texts = values.iter().filter_map(Value::as_str);
                    Self::Literals(texts.map(|text| percent_encoded(text).into()).collect())
                }
                other => other,
            },
            Form::Append(parts) => Self::appended(node, parts, scope),
            _ => Self::Other,
        }
    }

    fn appended(node: &Node, parts: &[Node], scope: &Scope<'_>) -> Self {
        if let [only] = parts
            && let source @ (Self::Fact(Shape::Text(_)) | Self::Made) = Self::of(only, scope)
        {
            return source;
        }
        let mut paths = Vec::new();
        node.collect_paths(&mut paths);
        if paths.is_empty() {
            let value = evaluate::value(node, &Facts::new(Object::new()));
            return value.map_or(Self::Other, |text| Self::Literals(vec![text]));
        }
        let is_spelled = |part: &Node| match Self::of(part, scope) {
            Self::Fact(shape) => shape.is_spelled(),
            Self::Made => true,
            Self::Literals(_) | Self::Other => false,
        };
        if parts.iter().any(is_spelled) { Self::Made } else { Self::Other }
    }
}

/// What is known of a member or an element.
fn member(shape: Shape, key: &Node) -> Shape {
    match (shape, &key.form) {
        (Shape::List(each) | Shape::Map(each), _) => *each,
        (shape, Form::Literal(Value::String(name))) => shape.member(name),
        _ => Shape::Any,
    }
}

/// What the key may find in maps and lists of literals.
fn members(containers: &[Value], key: &Node) -> Vec<Value> {
    let mut found = Vec::new();
    for container in containers {
        match (container, &key.form) {
            (Value::Object(members), Form::Literal(Value::String(name))) => {
                found.extend(members.get(name).cloned());
            }
            (Value::Object(members), _) => {
                found.extend(members.iter().map(|(_, value)| value.clone()));
            }
            (Value::Array(elements), _) => found.extend(elements.iter().cloned()),
            _ => {}
        }
    }
    found
}
