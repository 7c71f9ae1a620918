//! What an expression contains, for lints, which look for likely mistakes.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::Expression;
use super::check::{Scope, shape};
use super::model::{Model, Shape};
use super::syntax::{Form, Node, Operator, Path, Quantifier, TextTest};
use crate::json::Value;

/// A test of a text that many texts pass.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pattern<'e> {
    /// The field, where it is one.
    pub(crate) path: Option<&'e Path>,
    pub(crate) shape: PatternShape<'e>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PatternShape<'e> {
    StartsWith(&'e str),
    EndsWith(&'e str),
    Contains(&'e str),
    Glob(&'e str),
}

impl Expression {
    /// Every path that is compared with literals by `==`, `!=` or `in`, with each of them.
    pub(crate) fn literals(&self) -> Vec<(&Path, &Value)> {
        let mut found = Vec::new();
        for node in self.nodes() {
            let Form::Relation(operator, left, right) = &node.form else { continue };
            let (path, literal) = match (&left.form, &right.form) {
                (Form::Path(path), Form::Literal(literal)) => (path, literal),
                (Form::Literal(literal), Form::Path(path)) if *operator != Operator::In => {
                    (path, literal)
                }
                _ => continue,
            };
            match literal {
                Value::Array(elements) => {
                    found.extend(elements.iter().map(|element| (path, element)));
                }
                single => found.push((path, single)),
            }
        }
        found
    }

    /// Whether the condition holds only where the field is an integer: it is compared with integers in each alternative,
    /// and a comparison with a text is an error.
    pub(crate) fn demands_integer(&self, path: &Path) -> bool {
        demands_integer(&self.root, path)
    }

    /// Every test of a text with a literal that many texts pass.
    pub(crate) fn patterns(&self) -> Vec<Pattern<'_>> {
        let mut found = Vec::new();
        for node in self.nodes() {
            let (text, shape) = match &node.form {
                Form::Glob(text, pattern) => (text, PatternShape::Glob(pattern)),
                Form::Text(test, text, part) => match (&part.form, test) {
                    (Form::Literal(Value::String(part)), TextTest::StartsWith) => {
                        (text, PatternShape::StartsWith(part))
                    }
                    (Form::Literal(Value::String(part)), TextTest::EndsWith) => {
                        (text, PatternShape::EndsWith(part))
                    }
                    (Form::Literal(Value::String(part)), TextTest::Contains) => {
                        (text, PatternShape::Contains(part))
                    }
                    _ => continue,
                },
                _ => continue,
            };
            let path = match &text.form {
                Form::Path(path) => Some(path),
                _ => None,
            };
            found.push(Pattern { path, shape });
        }
        found
    }

    /// The literals and beginnings that are probably no value of the field that they are compared with, each with what
    /// its values are like.
    pub(crate) fn strangers(&self, models: &[Model]) -> Vec<(&Path, String, &'static str)> {
        let form_of = |path: &Path| match shape(path, &Scope::Facts(models)) {
            Shape::Text(form) => Some(form),
            _ => None,
        };
        let mut found = Vec::new();
        for (path, literal) in self.literals() {
            if let (Some(form), Some(text)) = (form_of(path), literal.as_str())
                && form.canonical(text).is_none()
                && !text.contains('*')
            {
                found.push((path, text.to_string(), form.expected()));
            }
        }
        for pattern in self.patterns() {
            let begins = match pattern.shape {
                PatternShape::StartsWith(text) => text,
                PatternShape::Glob(pattern) => pattern.split('*').next().unwrap_or_default(),
                _ => continue,
            };
            if let Some((path, form)) = pattern.path.and_then(|path| Some((path, form_of(path)?)))
                && !form.may_begin(begins)
            {
                found.push((path, begins.to_string(), form.expected()));
            }
        }
        found
    }

    /// The lists of `all` of which nothing else in the expression asks whether anything is in them.
    pub(crate) fn lists_that_may_be_empty(&self) -> Vec<&Path> {
        let mut of_all: Vec<&Path> = Vec::new();
        let mut asked: Vec<&Path> = Vec::new();
        for node in self.nodes() {
            match &node.form {
                Form::Quantified(part) => {
                    let Form::Path(path) = &part.list.form else { continue };
                    match part.quantifier {
                        Quantifier::All => of_all.push(path),
                        Quantifier::Exists => asked.push(path),
                    }
                }
                Form::Size(inner) | Form::IsNullOrEmpty(inner) => {
                    if let Form::Path(path) = &inner.form {
                        asked.push(path);
                    }
                }
                Form::Relation(Operator::In, _, right) => {
                    if let Form::Path(path) = &right.form {
                        asked.push(path);
                    }
                }
                _ => {}
            }
        }
        of_all.retain(|path| !asked.contains(path));
        of_all
    }

    fn nodes(&self) -> Vec<&Node> {
        let mut found = Vec::new();
        let mut pending = vec![&self.root];
        while let Some(node) = pending.pop() {
            found.push(node);
            pending.extend(node.children().into_iter().rev());
        }
        found
    }
}

/// The depth of the recursion is that of the tree, which the parser bounds.
fn demands_integer(node: &Node, path: &Path) -> bool {
    let is_field = |node: &Node| matches!(&node.form, Form::Path(found) if found == path);
    let is_integer = |value: &Value| value.as_integer().is_some();
    let are_integers = |node: &Node| match &node.form {
        Form::Literal(Value::Array(elements)) => elements.iter().all(is_integer),
        Form::Literal(value) => is_integer(value),
        _ => false,
    };
    match &node.form {
        Form::All(parts) => parts.iter().any(|part| demands_integer(part, path)),
        Form::Any(parts) => parts.iter().all(|part| demands_integer(part, path)),
        Form::Relation(_, left, right) => {
            is_field(left) && are_integers(right) || is_field(right) && are_integers(left)
        }
        _ => false,
    }
}
