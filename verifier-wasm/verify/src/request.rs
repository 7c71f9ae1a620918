//! One line of a batch: which members a request has, before anything is judged.
//!
//! The request is its sender's and is read strictly: an unknown, repeated or wrongly typed member is wrong use. What
//! a member *holds* may come from an attacker: tokens, keys and certificates are handed on as they stand in
//! the line, so that the core sees every fault in them and refuses.

use crate::answer::Misuse;
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess,
    Visitor,
};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::marker::PhantomData;

/// A request and the id that its answer gets.
pub(crate) struct Line<'a> {
    /// A string or a number.
    pub(crate) id: Value,
    members: BTreeMap<String, &'a RawValue>,
}

impl<'a> Line<'a> {
    /// Reads a line as far as to know its id.
    pub(crate) fn parse(line: &'a [u8]) -> Result<Self, Misuse> {
        let members: Members<&RawValue> = serde_json::from_slice(line)
            .map_err(|error| Misuse::new(format_args!("the line is not a JSON object: {error}")))?;
        let mut members = members.unique().map_err(Misuse::new)?;
        let id = members.remove("id").map(|id| serde_json::from_str(id.get()));
        match id {
            Some(Ok(id @ (Value::String(_) | Value::Number(_)))) => Ok(Self { id, members }),
            Some(_) => Err(Misuse::new("id: neither a string nor a number")),
            None => Err(Misuse::new("the request has no id")),
        }
    }

    /// Reads the members of the request other than the id.
    pub(crate) fn read<R: DeserializeOwned>(&self) -> Result<R, Misuse> {
        let members = Named { members: self.members.iter(), next: None };
        R::deserialize(MapAccessDeserializer::new(members)).map_err(Misuse::new)
    }
}

/// The members of an object in their order, repeated ones too.
pub(crate) struct Members<V>(pub(crate) Vec<(String, V)>);

impl<V> Members<V> {
    /// The members by name. The error names one that is there twice.
    fn unique(self) -> Result<BTreeMap<String, V>, String> {
        let mut unique = BTreeMap::new();
        for (name, value) in self.0 {
            if unique.contains_key(&name) {
                return Err(format!("{name}: the member occurs twice"));
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
pub(crate) fn unique_members<'de, D: Deserializer<'de>, V: Deserialize<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, V>, D::Error> {
    let members = Option::<Members<V>>::deserialize(deserializer)?;
    members.map_or_else(|| Ok(BTreeMap::new()), Members::unique).map_err(D::Error::custom)
}

/// A list; null means an empty one, as it means a member that is left out everywhere.
pub(crate) fn list<'de, D: Deserializer<'de>, V: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<V>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A document: a JSON object as it is in the request, or any text in a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Document(pub(crate) String);

impl Document {
    /// Whether this is, or could only be, the text of a JSON object.
    pub(crate) fn is_object(&self) -> bool {
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

/// The members of a request as serde asks for them. An error about a value names its member.
struct Named<'a> {
    members: btree_map::Iter<'a, String, &'a RawValue>,
    next: Option<(&'a str, &'a RawValue)>,
}

impl<'de> MapAccess<'de> for Named<'de> {
    type Error = serde_json::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Self::Error> {
        self.next = self.members.next().map(|(name, value)| (name.as_str(), *value));
        let Some((name, _)) = self.next else { return Ok(None) };
        seed.deserialize(name.into_deserializer()).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, Self::Error> {
        let Some((name, value)) = self.next.take() else {
            return Err(Self::Error::custom("a value without a name"));
        };
        seed.deserialize(value).map_err(|error| {
            // The place within the value does not help: its sender does not see it as a text of its own.
            let text = error.to_string();
            let what = text.rsplit_once(" at line ").map_or(text.as_str(), |(what, _)| what);
            Self::Error::custom(format_args!("{name}: {what}"))
        })
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
            read(r#"{"id":"x","text":"","number":null,"names":null,"keys":null,"by_name":null}"#)
                .unwrap();
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
        check("", "not a JSON object");
        check("[]", "not a JSON object");
        check(r#"{"id":1,"text":"a"} x"#, "not a JSON object");
        check(r#"{"text":"a"}"#, "no id");
        check(r#"{"id":null,"text":"a"}"#, "id: neither");
        check(r#"{"id":{},"text":"a"}"#, "id: neither");
        check(r#"{"id":1,"id":1,"text":"a"}"#, "id: the member occurs twice");
        check(r#"{"id":1,"text":"a","te\u0078t":"b"}"#, "text: the member occurs twice");
        check(r#"{"id":1}"#, "missing field `text`");
        check(r#"{"id":1,"text":"a","other":1}"#, "unknown field `other`");
        check(r#"{"id":1,"text":5}"#, "text: invalid type: integer `5`, expected a string");
        check(r#"{"id":1,"text":"\ud800"}"#, "text: ");
        check(r#"{"id":1,"text":"a","number":"1"}"#, "number: invalid type: string");
        check(r#"{"id":1,"text":"a","names":"b"}"#, "names: invalid type: string");
        check(r#"{"id":1,"text":"a","names":[1]}"#, "names: invalid type: integer");
        check(r#"{"id":1,"text":"a","keys":[]}"#, "keys: neither an object nor a string");
        check(r#"{"id":1,"text":"a","by_name":{"a":"","a":""}}"#, "a: the member occurs twice");
    }
}
