//! The files of Project Wycheproof as they are written.

use credmint_core::json::{Limits, Object, Value, parse_with};
use std::fmt;
use std::fs;
use std::path::Path;

pub(crate) struct Suite {
    file: String,
    object: Object,
}

/// Cases that have a key in common.
pub(crate) struct Group<'a> {
    pub(crate) file: &'a str,
    pub(crate) object: &'a Object,
}

pub(crate) struct Case<'a> {
    pub(crate) file: &'a str,
    object: &'a Object,
}

impl Suite {
    pub(crate) fn read(folder: &Path, file: &str) -> Self {
        let text = fs::read(folder.join(file)).unwrap();
        match parse_with(&text, Limits::DOCUMENT) {
            Ok(Value::Object(object)) => Self { file: file.into(), object },
            other => panic!("{file}: {other:?}"),
        }
    }

    pub(crate) fn groups(&self) -> impl Iterator<Item = Group<'_>> {
        objects(&self.object, "testGroups").map(|object| Group { file: &self.file, object })
    }

    pub(crate) fn number_of_tests(&self) -> usize {
        let number = self.object.get("numberOfTests").and_then(Value::as_integer);
        usize::try_from(number.unwrap()).unwrap()
    }
}

impl<'a> Group<'a> {
    pub(crate) fn cases(&self) -> impl Iterator<Item = Case<'a>> + use<'a> {
        let file = self.file;
        objects(self.object, "tests").map(move |object| Case { file, object })
    }

    pub(crate) fn text(&self, member: &str) -> &'a str {
        text(self.object, member).unwrap_or_else(|| panic!("{}: no {member}", self.file))
    }

    /// The SubjectPublicKeyInfo.
    pub(crate) fn spki(&self) -> Vec<u8> {
        let of = |member| text(self.object, member);
        bytes(of("publicKeyDer").or_else(|| of("keyDer")).unwrap())
    }

    /// An integer of the public key, big-endian without leading zeros.
    pub(crate) fn integer(&self, member: &str) -> Vec<u8> {
        let key = self.object.get("publicKey").and_then(Value::as_object).unwrap();
        let integer = bytes(text(key, member).unwrap());
        integer.into_iter().skip_while(|byte| *byte == 0).collect()
    }
}

impl<'a> Case<'a> {
    pub(crate) fn id(&self) -> i64 {
        self.object.get("tcId").and_then(Value::as_integer).unwrap()
    }

    pub(crate) fn get(&self, member: &str) -> Option<&'a Value> {
        self.object.get(member)
    }

    pub(crate) fn text(&self, member: &str) -> &'a str {
        text(self.object, member).unwrap_or_else(|| panic!("no {member}: {self}"))
    }

    pub(crate) fn bytes(&self, member: &str) -> Vec<u8> {
        bytes(self.text(member))
    }

    pub(crate) fn has_flag(&self, flag: &str) -> bool {
        self.get("flags").and_then(Value::as_array).unwrap().contains(&flag.into())
    }
}

impl fmt::Display for Case<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.object)
    }
}

fn objects<'a>(parent: &'a Object, member: &str) -> impl Iterator<Item = &'a Object> + use<'a> {
    let elements = parent.get(member).and_then(Value::as_array).unwrap();
    elements.iter().map(|element| element.as_object().unwrap())
}

fn text<'a>(parent: &'a Object, member: &str) -> Option<&'a str> {
    parent.get(member).and_then(Value::as_str)
}

fn bytes(hex: &str) -> Vec<u8> {
    let digits = (0..hex.len()).step_by(2);
    digits.map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}
