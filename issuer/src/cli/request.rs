//! One line of a batch: which members a request has, before anything is judged.
//!
//! The request is its sender's and is read strictly: an unknown, repeated or wrongly typed member is wrong use. What
//! a member *holds* may come from an attacker: tokens, keys and certificates are handed on as they stand in
//! the line, so that the core sees every fault in them and refuses.

use super::answer::Misuse;
use serde::de::value::MapDeserializer;
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, forward_to_deserialize_any};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

/// A request and the id that its answer gets.
pub(super) struct Line<'a> {
    /// A string or a number.
    pub(super) id: Value,
    members: BTreeMap<String, &'a RawValue>,
}

impl<'a> Line<'a> {
    /// Reads a line as far as to know its id.
    pub(super) fn parse(line: &'a [u8]) -> Result<Self, Misuse> {
        let members: Members<&RawValue> = serde_json::from_slice(line)
            .map_err(|error| Misuse::new(format_args!("the line is no JSON object: {error}")))?;
        let mut members = members.unique().map_err(Misuse::new)?;
        let id = members.remove("id").map(|id| serde_json::from_str(id.get()));
        match id {
            Some(Ok(id @ (Value::String(_) | Value::Number(_)))) => Ok(Self { id, members }),
            Some(_) => Err(Misuse::new("id: neither a string nor a number")),
            None => Err(Misuse::new("the request has no id")),
        }
    }

    /// Reads the members of the request other than the id.
    pub(super) fn read<R: DeserializeOwned>(&self) -> Result<R, Misuse> {
        let members = self.members.iter();
        let members = members.map(|(name, value)| (name.as_str(), Member { name, value }));
        R::deserialize(MapDeserializer::new(members)).map_err(Misuse::new)
    }
}

/// The members of an object in their order, repeated ones too.
pub(super) struct Members<V>(pub(super) Vec<(String, V)>);

impl<V> Members<V> {
    /// The members by name. The error names one that is there twice.
    fn unique(self) -> Result<BTreeMap<String, V>, String> {
        let mut unique = BTreeMap::new();
        for (name, value) in self.0 {
            if unique.contains_key(&name) {
                return Err(format!("{name}: the member is there twice"));
            }
            unique.insert(name, value);
        }
        Ok(unique)
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Members<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for Read<V> {
            type Value = Members<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Read(PhantomData))
    }
}

/// An object whose member names are the sender's choice, each once.
pub(super) fn unique_members<'de, D: Deserializer<'de>, V: Deserialize<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, V>, D::Error> {
    let members = Option::<Members<V>>::deserialize(deserializer)?;
    members.map_or_else(|| Ok(BTreeMap::new()), Members::unique).map_err(D::Error::custom)
}

/// A list; null stands for an empty one, as it stands for every other member that is left out.
pub(super) fn list<'de, D: Deserializer<'de>, V: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<V>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A document: a JSON object as it stands in the request, or any text in a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Document(pub(super) String);

impl Document {
    /// Whether this is, or could only be, the text of a JSON object.
    pub(super) fn is_object(&self) -> bool {
        self.0.trim_ascii_start().starts_with('{')
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        match raw.get().as_bytes().first() {
            Some(b'{') => Ok(Self(raw.get().to_owned())),
            Some(b'"') => serde_json::from_str(raw.get()).map(Self).map_err(D::Error::custom),
            _ => Err(D::Error::custom("neither an object nor a string")),
        }
    }
}

/// The value of a member, whose errors name the member.
struct Member<'a> {
    name: &'a str,
    value: &'a RawValue,
}

impl Member<'_> {
    fn named(&self, error: serde_json::Error) -> serde_json::Error {
        // The place within the value helps nobody: the sender does not see the value as a line of its own.
        let text = error.to_string();
        let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
        serde_json::Error::custom(format_args!("{}: {what}", self.name))
    }
}

impl<'de> IntoDeserializer<'de, serde_json::Error> for Member<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Member<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.value.deserialize_any(visitor).map_err(|error| self.named(error))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        self.value.deserialize_option(visitor).map_err(|error| self.named(error))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.value.deserialize_enum(name, variants, visitor).map_err(|error| self.named(error))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.value.deserialize_newtype_struct(name, visitor).map_err(|error| self.named(error))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, Eq, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Request {
        text: String,
        number: Option<i64>,
        #[serde(default, deserialize_with = "list")]
        names: Vec<String>,
        keys: Option<Document>,
        #[serde(default, deserialize_with = "unique_members")]
        by_name: BTreeMap<String, Document>,
    }

    fn read(line: &str) -> Result<Request, String> {
        Line::parse(line.as_bytes())
            .and_then(|line| line.read())
            .map_err(|misuse: Misuse| misuse.to_string())
    }

    #[test]
    fn requests_are_read() {
        let request =
            read(r#" {"id": 7, "text": "a\u00e9", "keys": {"b": 1, "b": 1e999}} "#).unwrap();
        assert_eq!(request.text, "aé");
        // As it stands: the fault is for the core to find.
        assert_eq!(request.keys, Some(Document(r#"{"b": 1, "b": 1e999}"#.to_owned())));
        let request =
            read(r#"{"id":"x","text":"","number":null,"names":null,"keys":null}"#).unwrap();
        assert_eq!((request.number, request.keys), (None, None));
        let request = read(r#"{"id":"x","text":"","keys":"\u007b","by_name":{"i":{},"j":""}}"#);
        let request = request.unwrap();
        assert!(request.keys.unwrap().is_object());
        assert_eq!(request.by_name.len(), 2);
    }

    #[test]
    fn what_is_no_request_is_wrong_use() {
        let check = |line: &str, expect: &str| {
            let error = read(line).unwrap_err();
            assert!(error.contains(expect), "{line}: {error}");
        };
        check("", "no JSON object");
        check("[]", "no JSON object");
        check(r#"{"id":1,"text":"a"} x"#, "no JSON object");
        check(r#"{"text":"a"}"#, "no id");
        check(r#"{"id":null,"text":"a"}"#, "id: neither");
        check(r#"{"id":{},"text":"a"}"#, "id: neither");
        check(r#"{"id":1,"id":1,"text":"a"}"#, "id: the member is there twice");
        check(r#"{"id":1,"text":"a","te\u0078t":"b"}"#, "text: the member is there twice");
        check(r#"{"id":1}"#, "missing field `text`");
        check(r#"{"id":1,"text":"a","other":1}"#, "unknown field `other`");
        check(r#"{"id":1,"text":5}"#, "text: invalid type: integer `5`, expected a string");
        check(r#"{"id":1,"text":"\ud800"}"#, "text: ");
        check(r#"{"id":1,"text":"a","number":"1"}"#, "number: invalid type: string");
        check(r#"{"id":1,"text":"a","names":"b"}"#, "names: invalid type: string");
        check(r#"{"id":1,"text":"a","names":[1]}"#, "names: invalid type: integer");
        check(r#"{"id":1,"text":"a","keys":[]}"#, "keys: neither an object nor a string");
        check(r#"{"id":1,"text":"a","by_name":{"a":"","a":""}}"#, "a: the member is there twice");
    }
}
