//! What is known of the facts before there are any: the names and kinds of their members.

use super::value_form::ValueForm;
use crate::json::{Object, Value};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A model that the facts may have, the first name of its paths.
#[derive(Clone, Copy, Debug)]
pub struct Model {
    name: &'static str,
    shape: Shape,
}

/// What is known of a value.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Shape {
    /// Nothing.
    Any,
    /// It is a boolean.
    Boolean,
    /// It is an integer.
    Integer,
    /// It is a string.
    String,
    /// It is a string of this form.
    Text(ValueForm),
    /// It is a string, or a list of several.
    OneOrMany,
    /// It is an array, and what is known of each element.
    List(&'static Self),
    /// It is an object with these members, each of which may be absent, and any others.
    Open(&'static [(&'static str, Self)]),
    /// It is an object with some of these members and no others.
    Closed(&'static [(&'static str, Self)]),
    /// It is an object whose members have names that nobody knows, and what is known of each.
    Map(&'static Self),
}

impl Model {
    /// Every name of a model; no variable of an expression has one of them.
    pub(super) const NAMES: [&'static str; 4] = ["cert", "client", "jwt", "pkcs7"];

    /// A certificate.
    #[must_use]
    pub const fn cert(shape: Shape) -> Self {
        Self { name: "cert", shape }
    }

    /// The client and the credential of the request. They are not part of the proof.
    #[must_use]
    pub const fn client(shape: Shape) -> Self {
        Self { name: "client", shape }
    }

    /// An OIDC token.
    #[must_use]
    pub const fn jwt(shape: Shape) -> Self {
        Self { name: "jwt", shape }
    }

    /// A signed instance document.
    #[must_use]
    pub const fn pkcs7(shape: Shape) -> Self {
        Self { name: "pkcs7", shape }
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What is known of it.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether it is part of the proof.
    pub(super) fn is_proof(&self) -> bool {
        self.name != "client"
    }
}

impl Shape {
    /// The kind of the value as [`Value::kind`](crate::json::Value::kind) names it, where it is known.
    #[must_use]
    pub const fn kind(self) -> Option<&'static str> {
        match self {
            Self::Any => None,
            Self::Boolean => Some("boolean"),
            Self::Integer => Some("integer"),
            Self::String | Self::Text(_) | Self::OneOrMany => Some("string"),
            Self::List(_) => Some("array"),
            Self::Open(_) | Self::Closed(_) | Self::Map(_) => Some("object"),
        }
    }

    /// What is known of the member `name` of a value of this shape.
    pub(super) fn member(self, name: &str) -> Self {
        match self {
            Self::Open(members) | Self::Closed(members) => {
                let known = members.iter().find(|(known, _)| *known == name);
                known.map_or(Self::Any, |(_, shape)| *shape)
            }
            Self::Map(each) => *each,
            _ => Self::Any,
        }
    }

    /// What is known of the member `name`, or for `[0]` of an element.
    pub(crate) fn step(self, name: &str) -> Self {
        match self {
            Self::List(each) if name == "[0]" => *each,
            other => other.member(name),
        }
    }

    /// `value` with its texts as literals are brought to: case is folded where a form says that it means nothing.
    pub(crate) fn folded(self, value: Value) -> Value {
        match (self, value) {
            (Self::Text(form), Value::String(text)) => {
                form.folded(&text).map_or(Value::String(text), Value::String)
            }
            (Self::List(each), Value::Array(elements)) => {
                elements.into_iter().map(|element| each.folded(element)).collect::<Vec<_>>().into()
            }
            (Self::Open(members) | Self::Closed(members), Value::Object(mut object)) => {
                for (name, shape) in members {
                    if shape.has(ValueForm::folds)
                        && let Some(value) = object.remove(name)
                    {
                        object.insert(*name, shape.folded(value));
                    }
                }
                Value::Object(object)
            }
            (_, value) => value,
        }
    }

    /// Whether there is a text in values of this shape that people spell otherwise than facts.
    pub(super) fn is_spelled(self) -> bool {
        self.has(ValueForm::is_certain)
    }

    /// Whether there is a text in values of this shape that is lower-cased in facts.
    pub(crate) fn folds(self) -> bool {
        self.has(ValueForm::folds)
    }

    /// Whether the same is known of two values.
    pub(super) fn is_same(self, other: Self) -> bool {
        match (self, other) {
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::List(one), Self::List(other)) | (Self::Map(one), Self::Map(other)) => {
                one.is_same(*other)
            }
            (Self::Open(ones), Self::Open(others)) | (Self::Closed(ones), Self::Closed(others)) => {
                let same = |((name, one), (other_name, other)): (&(&str, Self), &(&str, Self))| {
                    name == other_name && one.is_same(*other)
                };
                ones.len() == others.len() && ones.iter().zip(others).all(same)
            }
            (one, other) => core::mem::discriminant(&one) == core::mem::discriminant(&other),
        }
    }

    /// Whether a text of such a form may be in a value of this shape.
    fn has(self, such: fn(ValueForm) -> bool) -> bool {
        match self {
            Self::Text(form) => such(form),
            Self::List(each) | Self::Map(each) => each.has(such),
            Self::Open(members) | Self::Closed(members) => {
                members.iter().any(|(_, shape)| shape.has(such))
            }
            _ => false,
        }
    }

    /// `value`, that a person wrote, with its texts in the one spelling that facts have.
    ///
    /// # Errors
    /// The names on the way to a text that cannot be one, and what is wrong with it.
    pub(crate) fn spelled(self, value: Value) -> Result<Value, (Vec<String>, String)> {
        match (self, value) {
            (Self::Text(form), Value::String(text)) if form.is_certain() => {
                match form.canonical(&text) {
                    Some(canonical) => Ok(Value::String(canonical)),
                    None => Err((Vec::new(), form.refusal(&text))),
                }
            }
            (Self::List(each), Value::Array(elements)) => {
                let mut spelled = Vec::new();
                for (index, element) in elements.into_iter().enumerate() {
                    spelled.push(
                        each.spelled(element).map_err(|error| below(&index.to_string(), error))?,
                    );
                }
                Ok(spelled.into())
            }
            (shape, Value::Object(object)) if shape.has(ValueForm::is_certain) => {
                let mut spelled = Object::new();
                for (name, value) in object {
                    let value =
                        shape.member(&name).spelled(value).map_err(|error| below(&name, error))?;
                    spelled.insert(name, value);
                }
                Ok(Value::Object(spelled))
            }
            (_, value) => Ok(value),
        }
    }

    pub(super) const fn of_kind(kind: &str) -> Self {
        match kind.as_bytes() {
            b"boolean" => Self::Boolean,
            b"integer" => Self::Integer,
            b"string" => Self::String,
            _ => Self::Any,
        }
    }
}

fn below(name: &str, (mut way, message): (Vec<String>, String)) -> (Vec<String>, String) {
    way.insert(0, name.to_string());
    (way, message)
}
