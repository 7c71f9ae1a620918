//! JSON values, read strictly (RFC 8259 within RFC 7493) and written compactly.
//!
//! Rust, JavaScript and conditions must see one value in one text. So [`parse`] refuses what two parsers
//! may read differently: duplicate members at every depth, numbers beyond ±(2^53 - 1), lone surrogates. Claims alone may
//! hold a larger integer: it is kept as its digits, which nothing compares and nothing copies ([`Value::BigInteger`]).

mod read;

pub use read::{Limits, parse, parse_object, parse_object_with, parse_with};

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, btree_map};
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write};

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number written without fraction and exponent, within ±(2^53 - 1) when it was parsed.
    Integer(i64),
    /// An integer beyond ±(2^53 - 1), as its digits stood in a text that may hold such ([`Limits::CLAIMS`]). It is shown
    /// and written down, and never read as a number: two readers would see two.
    BigInteger(String),
    /// A number written with fraction or exponent, and every negative zero, which reads as 0.0.
    Decimal(f64),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object.
    Object(Object),
}

impl Value {
    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The value of an integer; `None` for a decimal, even a whole one.
    #[must_use]
    pub const fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            _ => None,
        }
    }

    /// The value of a boolean.
    #[must_use]
    pub const fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The elements of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The object.
    #[must_use]
    pub const fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The value of a member when this is an object that has it.
    #[must_use]
    pub fn get(&self, member: &str) -> Option<&Self> {
        self.as_object()?.get(member)
    }

    /// What kind of value this is, for messages: `string`, `object` and so on.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Integer(_) => "integer",
            Self::BigInteger(_) => "integer beyond 2^53",
            Self::Decimal(_) => "decimal",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }
}

/// A JSON object. Its members are sorted by name, so equal objects have one text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object(BTreeMap<String, Value>);

impl Object {
    /// An object without members.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The value of a member.
    #[must_use]
    pub fn get(&self, member: &str) -> Option<&Value> {
        self.0.get(member)
    }

    /// Whether there is a member of this name, whatever its value.
    #[must_use]
    pub fn contains(&self, member: &str) -> bool {
        self.0.contains_key(member)
    }

    /// Sets a member and returns the value it had before.
    pub fn insert(&mut self, member: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        self.0.insert(member.into(), value.into())
    }

    /// Takes a member out.
    pub fn remove(&mut self, member: &str) -> Option<Value> {
        self.0.remove(member)
    }

    /// The members, sorted by the bytes of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(member, value)| (member.as_str(), value))
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<String>, V: Into<Value>> FromIterator<(N, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(members: I) -> Self {
        // One by one: collecting into a map would bring a sort along for each kind of iterator.
        let mut object = Self::new();
        for (member, value) in members {
            object.insert(member, value);
        }
        object
    }
}

impl IntoIterator for Object {
    type Item = (String, Value);
    type IntoIter = btree_map::IntoIter<String, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<Vec<Self>> for Value {
    fn from(elements: Vec<Self>) -> Self {
        Self::Array(elements)
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl fmt::Display for Value {
    /// Compact JSON text. A decimal that is not finite, which no text gives, is written as `null`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::BigInteger(digits) => f.write_str(digits),
            // The debug form keeps the fraction of a whole number, so that it reads back as a decimal.
            Self::Decimal(number) if number.is_finite() => write!(f, "{number:?}"),
            Self::Decimal(_) => f.write_str("null"),
            Self::String(text) => write_string(f, text),
            Self::Array(elements) => {
                f.write_char('[')?;
                for (index, element) in elements.iter().enumerate() {
                    f.write_str(if index == 0 { "" } else { "," })?;
                    write!(f, "{element}")?;
                }
                f.write_char(']')
            }
            Self::Object(object) => write!(f, "{object}"),
        }
    }
}

impl fmt::Display for Object {
    /// Compact JSON text, members sorted by name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('{')?;
        for (index, (member, value)) in self.iter().enumerate() {
            f.write_str(if index == 0 { "" } else { "," })?;
            write_string(f, member)?;
            write!(f, ":{value}")?;
        }
        f.write_char('}')
    }
}

/// Writes a JSON string, escaping what RFC 8259 section 7 demands and nothing more.
fn write_string(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    f.write_char('"')?;
    let mut rest = text;
    while let Some((plain, character)) = until_escape(rest) {
        f.write_str(plain)?;
        match character {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            _ => write!(f, "\\u{:04x}", u32::from(character))?,
        }
        rest = rest.get(plain.len().saturating_add(character.len_utf8())..).unwrap_or_default();
    }
    f.write_str(rest)?;
    f.write_char('"')
}

/// What stands before the first character that is escaped, and that character.
fn until_escape(text: &str) -> Option<(&str, char)> {
    let escaped = |byte: u8| byte < 0x20 || matches!(byte, b'"' | b'\\');
    let (plain, rest) = text.split_at_checked(text.bytes().position(escaped)?)?;
    Some((plain, rest.chars().next()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;
    use alloc::vec;

    #[test]
    fn text_is_compact_sorted_and_escaped() {
        let check = |value: Value, expect: &str| {
            assert_eq!(value.to_string(), expect);
            assert_eq!(parse(expect.as_bytes()), Ok(value), "{expect}");
        };
        check(Value::Null, "null");
        check(true.into(), "true");
        check((-5).into(), "-5");
        check(Value::Decimal(1000.0), "1000.0");
        check(Value::Decimal(0.1), "0.1");
        check(Value::Decimal(1e-300), "1e-300");
        check(vec![].into(), "[]");
        check(vec![1.into(), "a".into(), vec![Value::Null].into()].into(), r#"[1,"a",[null]]"#);
        check(
            "\"\\/\n\r\t\u{0}\u{1f}\u{7f}é\u{1f600}".into(),
            "\"\\\"\\\\/\\n\\r\\t\\u0000\\u001f\u{7f}é\u{1f600}\"",
        );
        let object = Object::from_iter([
            ("b", Value::from(1)),
            ("a", Object::new().into()),
            ("\"", 2.into()),
        ]);
        check(object.into(), r#"{"\"":2,"a":{},"b":1}"#);
    }

    #[test]
    fn what_is_no_number_is_written_as_null() {
        for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Value::Decimal(number).to_string(), "null");
        }
    }

    #[test]
    fn readers_give_their_own_kind_only() {
        let value = parse(br#"{"s":"x","i":1,"d":1.0,"b":false,"a":[1],"o":{"n":null}}"#).unwrap();
        assert_eq!(value.get("s").and_then(Value::as_str), Some("x"));
        assert_eq!(value.get("i").and_then(Value::as_integer), Some(1));
        assert_eq!(value.get("d").and_then(Value::as_integer), None);
        assert_eq!(value.get("b").and_then(Value::as_bool), Some(false));
        assert_eq!(value.get("a").and_then(Value::as_array), Some(&[Value::Integer(1)][..]));
        assert_eq!(value.get("o").and_then(|object| object.get("n")), Some(&Value::Null));
        assert_eq!(value.get("s").and_then(Value::as_object), None);
        assert_eq!(value.get("absent"), None);
        let kinds: Vec<_> =
            value.as_object().unwrap().iter().map(|(_, value)| value.kind()).collect();
        assert_eq!(kinds, ["array", "boolean", "decimal", "integer", "object", "string"]);
    }

    #[test]
    fn members_come_and_go() {
        let mut object = Object::new();
        assert_eq!(object.insert("a", 1), None);
        assert_eq!(object.insert("a", "2"), Some(Value::Integer(1)));
        assert!(object.contains("a") && !object.contains("b") && object.len() == 1);
        assert_eq!(object.remove("a"), Some("2".into()));
        assert!(object.is_empty());
        assert_eq!(format!("{object}"), "{}");
    }
}
