//! Literals beside fields of a known form: each becomes the spelling that facts have, or the policy does not load.
//!
//! Evaluation stays the comparison of texts that it is. What only looks at a part of a text (`startsWith`, `glob`, keys of
//! a map) knows no other spellings, so there a literal must be as facts are, and so must one that comes by a detour: by a
//! variable, from a map, out of `Append`. Whatever else such a field meets may be spelled in another way: then `!=` would
//! keep nobody out, so that does not load either.

use alloc::boxed::Box;
use alloc::format;

use super::SyntaxError;
use super::check::{Scope, element, shape};
use super::model::Shape;
use super::syntax::{Form, Node, Operator, Quantified};
use super::value_form::ValueForm;
use super::words::in_words;
use crate::json::Value;

mod source;

use source::Source;

/// Brings the literals of `node` to the forms of the fields that they are compared with, and lets `in`, `exists` and `all`
/// see every value of an attribute. The depth of the recursion is that of the tree, which the parser bounds.
pub(super) fn settle(node: &mut Node, scope: &Scope<'_>) -> Result<(), SyntaxError> {
    match &mut node.form {
        Form::Literal(_) | Form::Path(_) | Form::Has(_) | Form::Values(_) => Ok(()),
        Form::Not(inner) | Form::IsNullOrEmpty(inner) | Form::PercentEncode(inner) => {
            settle(inner, scope)
        }
        Form::Size(inner) => {
            if is_one_or_many(inner, scope) {
                let message = "this attribute is one text or several, so it has no size";
                return Err(SyntaxError::new(inner.start, message));
            }
            settle(inner, scope)
        }
        Form::All(parts) | Form::Any(parts) | Form::Append(parts) => {
            parts.iter_mut().try_for_each(|part| settle(part, scope))
        }
        Form::Relation(operator, left, right) => {
            settle(left, scope)?;
            settle(right, scope)?;
            if *operator == Operator::In {
                values_of(right, scope);
            }
            relation(*operator, left, right, scope)
        }
        Form::Glob(text, pattern) => {
            settle(text, scope)?;
            match Source::of(text, scope) {
                Source::Made => Err(made(text)),
                Source::Fact(Shape::Text(form)) if form.is_certain() => {
                    pattern.split('*').try_for_each(|piece| part(form, text.start, piece))
                }
                _ => Ok(()),
            }
        }
        Form::Text(_, text, sought) => {
            settle(text, scope)?;
            settle(sought, scope)?;
            parts(text, sought, scope)
        }
        Form::Index(target, key) => {
            settle(target, scope)?;
            settle(key, scope)?;
            index(target, key, scope)
        }
        Form::Quantified(part) => quantified(part, scope),
    }
}

fn quantified(part: &mut Quantified, scope: &Scope<'_>) -> Result<(), SyntaxError> {
    let Quantified { list, variable, body, .. } = part;
    settle(list, scope)?;
    values_of(list, scope);
    let literals = match &list.form {
        Form::Literal(Value::Array(elements)) => elements.as_slice(),
        _ => &[],
    };
    let shape = match Source::of(list, scope) {
        Source::Fact(Shape::List(each)) => *each,
        _ => element(list, scope),
    };
    settle(body, &Scope::Element { name: variable, shape, literals, around: scope })
}

/// Whether `node` is an attribute that is one text or several.
fn is_one_or_many(node: &Node, scope: &Scope<'_>) -> bool {
    matches!(&node.form, Form::Path(path) if matches!(shape(path, scope), Shape::OneOrMany))
}

/// Such an attribute as the list of its values, where a list is asked for.
fn values_of(node: &mut Node, scope: &Scope<'_>) {
    if is_one_or_many(node, scope) {
        let (start, end) = (node.start, node.end);
        let path = core::mem::replace(node, Node::new(start, end, Form::Literal(Value::Null)));
        *node = Node::new(start, end, Form::Values(Box::new(path)));
    }
}

fn relation(
    operator: Operator,
    left: &mut Node,
    right: &mut Node,
    scope: &Scope<'_>,
) -> Result<(), SyntaxError> {
    match operator {
        Operator::Equal | Operator::NotEqual => {
            match (Source::of(left, scope), Source::of(right, scope)) {
                (Source::Made, _) => Err(made(left)),
                (_, Source::Made) => Err(made(right)),
                (Source::Fact(shape), _) if shape.is_spelled() => meet(shape, left, right, scope),
                (_, Source::Fact(shape)) if shape.is_spelled() => meet(shape, right, left, scope),
                _ => Ok(()),
            }
        }
        Operator::In => is_in(left, right, scope),
        _ => Ok(()),
    }
}

/// What is one of the elements of a list, or one of the names of an object.
fn is_in(left: &mut Node, right: &mut Node, scope: &Scope<'_>) -> Result<(), SyntaxError> {
    let (wanted, container) = (Source::of(left, scope), Source::of(right, scope));
    if let Source::Made = wanted {
        return Err(made(left));
    }
    if let Source::Fact(Shape::List(each)) = container
        && each.is_spelled()
    {
        return meet(*each, right, left, scope);
    }
    let Source::Fact(shape) = wanted else { return Ok(()) };
    if !shape.is_spelled() {
        return Ok(());
    }
    let start = right.start;
    match &mut right.form {
        Form::Literal(Value::Array(elements)) => elements.iter_mut().try_for_each(|element| {
            *element = spelled(shape, element, start)?;
            Ok(())
        }),
        Form::Literal(_) => names(shape, right),
        _ => Err(foreign(left, right)),
    }
}

/// A field, whose values have this shape, and what it is compared with: a literal is brought to it, what comes from
/// literals must have it, and another field must be of the same.
fn meet(
    shape: Shape,
    field: &Node,
    other: &mut Node,
    scope: &Scope<'_>,
) -> Result<(), SyntaxError> {
    let start = other.start;
    if let Form::Literal(literal) = &mut other.form {
        *literal = spelled(shape, literal, start)?;
        return Ok(());
    }
    match Source::of(other, scope) {
        Source::Literals(values) => {
            values.iter().try_for_each(|value| match spelled(shape, value, start)? {
                canonical if canonical == *value => Ok(()),
                canonical => Err(misspelled(value, &canonical, start)),
            })
        }
        Source::Fact(found) if found.is_same(shape) => Ok(()),
        _ => Err(foreign(field, other)),
    }
}

/// A text that is looked for in another.
fn parts(text: &Node, sought: &Node, scope: &Scope<'_>) -> Result<(), SyntaxError> {
    let certain = |shape: Shape| match shape {
        Shape::Text(form) if form.is_certain() => Some(form),
        _ => None,
    };
    let each = |form: ValueForm, values: &[Value], start: usize| {
        values.iter().filter_map(Value::as_str).try_for_each(|value| part(form, start, value))
    };
    match (Source::of(text, scope), Source::of(sought, scope)) {
        (Source::Made, _) => Err(made(text)),
        (_, Source::Made) => Err(made(sought)),
        (Source::Fact(one), Source::Fact(other)) if one.is_same(other) => Ok(()),
        (Source::Fact(shape), other) if certain(shape).is_some() => match (certain(shape), other) {
            (Some(form), Source::Literals(values)) => each(form, &values, sought.start),
            _ => Err(foreign(text, sought)),
        },
        (other, Source::Fact(shape)) => match (certain(shape), other) {
            (None, _) => Ok(()),
            (Some(form), Source::Literals(values)) => each(form, &values, text.start),
            _ => Err(foreign(sought, text)),
        },
        _ => Ok(()),
    }
}

/// A key that is no literal, and what it is looked for in.
fn index(target: &Node, key: &Node, scope: &Scope<'_>) -> Result<(), SyntaxError> {
    if let Form::Literal(_) = &key.form {
        return Ok(());
    }
    let sought = match Source::of(key, scope) {
        Source::Made => return Err(made(key)),
        Source::Fact(shape) if shape.is_spelled() => Some(shape),
        _ => None,
    };
    match (Source::of(target, scope), sought) {
        (Source::Literals(_), Some(shape)) => names(shape, target),
        (_, Some(_)) => Err(foreign(key, target)),
        // Which field it is decides how its values are spelled.
        (Source::Fact(shape @ (Shape::Closed(_) | Shape::Open(_))), None)
            if shape.is_spelled() || matches!(shape, Shape::Closed(_)) =>
        {
            let message = format!("{} has fields of several forms: name one", in_words(target));
            Err(SyntaxError::new(key.start, message))
        }
        _ => Ok(()),
    }
}

/// The names of a map of literals, in which a value of this shape is looked for.
fn names(shape: Shape, node: &Node) -> Result<(), SyntaxError> {
    let (Shape::Text(form), Form::Literal(Value::Object(members))) = (shape, &node.form) else {
        return Ok(());
    };
    members.iter().try_for_each(|(name, _)| is_canonical(form, name, node.start))
}

/// A literal in the spelling that facts of this shape have.
fn spelled(shape: Shape, literal: &Value, start: usize) -> Result<Value, SyntaxError> {
    shape.spelled(literal.clone()).map_err(|(_, message)| SyntaxError::new(start, message))
}

fn is_canonical(form: ValueForm, text: &str, start: usize) -> Result<(), SyntaxError> {
    match form.canonical(text) {
        Some(canonical) if canonical == text => Ok(()),
        Some(canonical) => Err(misspelled(&text, &canonical.into(), start)),
        None => Err(SyntaxError::new(start, form.refusal(text))),
    }
}

/// It is a value, and spelled as facts never are, in a place where it stays as it is.
fn misspelled(found: &dyn core::fmt::Display, canonical: &Value, start: usize) -> SyntaxError {
    SyntaxError::new(start, format!("`{found}` can never be here: write {canonical}"))
}

/// What is neither made of literals nor of the form of `field`.
fn foreign(field: &Node, other: &Node) -> SyntaxError {
    let message = format!(
        "{} may be spelled as {} never is: only literals and fields of the same form go with it",
        in_words(other),
        in_words(field)
    );
    SyntaxError::new(other.start, message)
}

/// A text with a field of a known form in it, of which nothing else knows another spelling.
fn made(node: &Node) -> SyntaxError {
    let message =
        format!("{} has a field in it with a form of its own: compare that field", in_words(node));
    SyntaxError::new(node.start, message)
}

fn part(form: ValueForm, start: usize, text: &str) -> Result<(), SyntaxError> {
    if form.may_hold(text) {
        return Ok(());
    }
    let message = format!(
        "`{text}` can never be a part of this: here no other spellings are known, and values are lower-case, of {}",
        form.expected()
    );
    Err(SyntaxError::new(start, message))
}

#[cfg(test)]
mod tests;
