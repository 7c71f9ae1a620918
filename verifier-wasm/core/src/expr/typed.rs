//! Literals beside fields of a known form: each becomes the spelling that facts have, or the policy does not load.
//!
//! Evaluation stays the comparison of texts that it is. What only looks at a part of a text (`startsWith`, `glob`, keys of
//! a map) knows no other spellings, so there a literal must be as facts are.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use super::check::{Scope, element, shape};
use super::model::Shape;
use super::syntax::{Form, Node, Operator, Quantified};
use super::value_form::ValueForm;
use super::{Facts, SyntaxError, evaluate};
use crate::json::{Object, Value};

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
            match form_of(text, scope) {
                Some(form) => part(form, text.start, pattern.replace('*', "").as_str()),
                None => Ok(()),
            }
        }
        Form::Text(_, text, sought) => {
            settle(text, scope)?;
            settle(sought, scope)?;
            parts_of(text, sought, scope)?;
            parts_of(sought, text, scope)
        }
        Form::Index(target, key) => {
            settle(target, scope)?;
            settle(key, scope)?;
            match form_of(key, scope) {
                Some(form) => names(form, target),
                None => Ok(()),
            }
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
    let shape = element(list, scope);
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
            let (left_form, right_form) = (form_of(left, scope), form_of(right, scope));
            if let Some(form) = left_form {
                one(form, right, scope)?;
            }
            if let Some(form) = right_form {
                one(form, left, scope)?;
            }
            let (left_form, right_form) = (form_in(left, scope), form_in(right, scope));
            if let Some(form) = left_form {
                each(form, right)?;
            }
            match right_form {
                Some(form) => each(form, left),
                None => Ok(()),
            }
        }
        Operator::In => {
            if let Some(form) = form_of(left, scope) {
                each(form, right)?;
                names(form, right)?;
            }
            match form_in(right, scope) {
                Some(form) => one(form, left, scope),
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

/// The form of the texts that a part has as its value.
fn form_of(node: &Node, scope: &Scope<'_>) -> Option<ValueForm> {
    let shape = match &node.form {
        Form::Path(path) => shape(path, scope),
        Form::Index(target, _) => element(target, scope),
        // Neither changes a text of visible ASCII.
        Form::PercentEncode(inner) => return form_of(inner, scope),
        Form::Append(parts) => match parts.as_slice() {
            [only] => return form_of(only, scope),
            _ => return None,
        },
        _ => return None,
    };
    text_form(shape)
}

/// The form of the elements of a field.
fn form_in(node: &Node, scope: &Scope<'_>) -> Option<ValueForm> {
    match &node.form {
        Form::Path(_) => text_form(element(node, scope)),
        _ => None,
    }
}

const fn text_form(shape: Shape) -> Option<ValueForm> {
    match shape {
        Shape::Text(form) if form.is_certain() => Some(form),
        _ => None,
    }
}

/// What is compared with a value of this form: a literal is brought to it, what is made of literals must have it.
fn one(form: ValueForm, node: &mut Node, scope: &Scope<'_>) -> Result<(), SyntaxError> {
    let start = node.start;
    match &mut node.form {
        Form::Literal(Value::String(text)) => rewrite(form, text, start),
        Form::Path(path) if path.segments().is_empty() => {
            let literals = scope.literals(path.root()).iter().filter_map(Value::as_str);
            literals.into_iter().try_for_each(|text| is_canonical(form, text, start))
        }
        _ => match constant(node) {
            Some(text) => is_canonical(form, &text, start),
            None => Ok(()),
        },
    }
}

/// Every text of a list of literals.
fn each(form: ValueForm, node: &mut Node) -> Result<(), SyntaxError> {
    let start = node.start;
    let Form::Literal(Value::Array(elements)) = &mut node.form else { return Ok(()) };
    elements.iter_mut().try_for_each(|element| match element {
        Value::String(text) => rewrite(form, text, start),
        _ => Ok(()),
    })
}

/// The names of a map of literals, in which a value of this form is looked for.
fn names(form: ValueForm, node: &Node) -> Result<(), SyntaxError> {
    let Form::Literal(Value::Object(members)) = &node.form else { return Ok(()) };
    members.iter().try_for_each(|(name, _)| is_canonical(form, name, node.start))
}

fn rewrite(form: ValueForm, text: &mut String, start: usize) -> Result<(), SyntaxError> {
    match form.canonical(text) {
        Some(canonical) => {
            *text = canonical;
            Ok(())
        }
        None => Err(SyntaxError::new(start, form.refusal(text))),
    }
}

fn is_canonical(form: ValueForm, text: &str, start: usize) -> Result<(), SyntaxError> {
    match form.canonical(text) {
        Some(canonical) if canonical == text => Ok(()),
        Some(canonical) => {
            let message = format!("`{text}` can never be here: write {canonical:?}");
            Err(SyntaxError::new(start, message))
        }
        None => Err(SyntaxError::new(start, form.refusal(text))),
    }
}

/// A text that is looked for in a value, or a value that is looked for in a text.
fn parts_of(field: &Node, other: &Node, scope: &Scope<'_>) -> Result<(), SyntaxError> {
    match (form_of(field, scope), constant(other)) {
        (Some(form), Some(text)) => part(form, other.start, &text),
        _ => Ok(()),
    }
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

/// The text that a part without fields has.
fn constant(node: &Node) -> Option<String> {
    let mut paths = alloc::vec::Vec::new();
    node.collect_paths(&mut paths);
    if !paths.is_empty() {
        return None;
    }
    match evaluate::value(node, &Facts::new(Object::new())) {
        Ok(Value::String(text)) => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
