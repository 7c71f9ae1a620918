//! What may be shown of a value that a proof states.
//!
//! Facts are shown to operators and written into audit records. A proof that is signed over them is never among
//! them, but an issuer may put another party's secret into a claim. The rule is by name and by form:
//!
//! - the text of a member whose name is in [`SECRET_NAMES`];
//! - a text with something in it that may be a secret by its form ([`secrets`]): a token, a document, a PEM block;
//!
//! is replaced by `hidden: N bytes`, wherever it stands.

use crate::json::{Object, Value};
use crate::limits;
use crate::secrets;
use alloc::format;
use alloc::vec::Vec;

/// Names of members whose texts are secrets, in lower case.
const SECRET_NAMES: &[&str] = &[
    "access_token",
    "assertion",
    "client_assertion",
    "client_secret",
    "id_token",
    "password",
    "private_key",
    "refresh_token",
    "secret",
    "token",
];

/// A value as it may be shown, and whether something of it was hidden.
pub(crate) fn redacted(value: &Value) -> (Value, bool) {
    let mut hidden = false;
    let value = shown(value, false, limits::JSON_DEPTH, &mut hidden);
    (value, hidden)
}

/// As [`redacted`], for a value that stands below members with these names: what is below a secret is one.
pub(crate) fn redacted_below<'n>(mut names: impl Iterator<Item = &'n str>, value: &Value) -> Value {
    shown(value, names.any(is_secret_name), limits::JSON_DEPTH, &mut false)
}

/// As [`redacted`], for an object.
pub(crate) fn redacted_object(object: &Object) -> (Object, bool) {
    let mut hidden = false;
    (shown_object(object, false, limits::JSON_DEPTH, &mut hidden), hidden)
}

/// `depth` bounds the recursion: no value of a proof is nested more deeply, and one that were is hidden.
fn shown(value: &Value, secret: bool, depth: usize, hidden: &mut bool) -> Value {
    let hide = |bytes: usize| Value::from(format!("hidden: {bytes} bytes"));
    match value {
        Value::String(text) if secret || secrets::holds(text) => {
            *hidden = true;
            hide(text.len())
        }
        Value::Array(_) | Value::Object(_) if depth == 0 => {
            *hidden = true;
            Value::from("hidden: nested too deeply")
        }
        Value::Array(elements) => {
            let depth = depth.saturating_sub(1);
            let elements: Vec<Value> =
                elements.iter().map(|element| shown(element, secret, depth, hidden)).collect();
            elements.into()
        }
        Value::Object(object) => {
            shown_object(object, secret, depth.saturating_sub(1), hidden).into()
        }
        plain => plain.clone(),
    }
}

fn shown_object(object: &Object, secret: bool, depth: usize, hidden: &mut bool) -> Object {
    let member = |(name, value)| {
        let secret = secret || is_secret_name(name);
        (name, shown(value, secret, depth, hidden))
    };
    object.iter().map(member).collect()
}

fn is_secret_name(name: &str) -> bool {
    SECRET_NAMES.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use alloc::string::ToString;

    #[test]
    fn secrets_are_hidden_by_name_and_by_form() {
        let check = |text: &str, expect: &str, hides: bool| {
            let (value, hidden) = redacted(&json::parse(text.as_bytes()).unwrap());
            assert_eq!((value.to_string().as_str(), hidden), (expect, hides), "{text}");
        };
        check(r#"{"sub":"a","n":1,"l":["b"]}"#, r#"{"l":["b"],"n":1,"sub":"a"}"#, false);
        check(r#"{"Access_Token":"abc"}"#, r#"{"Access_Token":"hidden: 3 bytes"}"#, true);
        check(r#"{"secret":{"a":["b",1]}}"#, r#"{"secret":{"a":["hidden: 1 bytes",1]}}"#, true);
        check(r#"["eyJhbGciOiJub25lIn0.e30."]"#, r#"["hidden: 24 bytes"]"#, true);
        check(r#""see eyJh.e30.x""#, r#""hidden: 14 bytes""#, true);
        check(r#""-----BEGIN PRIVATE KEY-----""#, r#""hidden: 27 bytes""#, true);
        check(r#""eyJ is a word""#, r#""eyJ is a word""#, false);
        check(r#"{"token_use":"access"}"#, r#"{"token_use":"access"}"#, false);
        check(r#""Bearer:eyJh.e30.x""#, r#""hidden: 17 bytes""#, true);
        check(r#""https://a.example/?jwt=eyJh.e30.x""#, r#""hidden: 33 bytes""#, true);
        check(r#""{\"t\":\"eyJh.e30.x\"}""#, r#""hidden: 18 bytes""#, true);
        // A header that was written with a blank or a line break first.
        check(r#""eyAiYWxnIjoiRVMyNTYifQ.e30.x""#, r#""hidden: 28 bytes""#, true);
        check(r#""ewoiYWxnIjoiRVMyNTYifQ.e30.x""#, r#""hidden: 28 bytes""#, true);
        check(r#""eyes.example.com""#, r#""eyes.example.com""#, false);
        let below = |names: &[&str]| redacted_below(names.iter().copied(), &"x".into());
        assert_eq!(below(&["claims", "token"]), "hidden: 1 bytes".into());
        assert_eq!(below(&["claims", "secret", "part"]), "hidden: 1 bytes".into());
        assert_eq!(below(&["claims", "sub"]), "x".into());
    }
}
