use super::*;
use crate::json::{self, Value};
use alloc::vec::Vec;

/// One of the vectors that every host runs.
#[derive(Debug)]
pub(crate) struct Vector {
    pub(crate) claim: String,
    pub(crate) text: String,
    /// Whether a token of ours may carry it.
    pub(crate) minted: bool,
    /// What a guard says: `accept`, or a code.
    pub(crate) guard: String,
    /// The HTTP field that carries it.
    pub(crate) field: Option<String>,
}

pub(crate) fn vectors() -> Vec<Vector> {
    let text = include_bytes!("../../../../tests/vectors/token-text/characters.json");
    let read = |vector: &Value| {
        let text = |name: &str| vector.get(name).and_then(Value::as_str).map(String::from);
        Vector {
            claim: text("claim").unwrap(),
            text: text("text").unwrap(),
            minted: vector.get("minted").and_then(Value::as_bool).unwrap(),
            guard: text("guard").unwrap(),
            field: text("field"),
        }
    };
    json::parse(text).unwrap().as_array().unwrap().iter().map(read).collect()
}

/// What is minted is what the vectors say, and a guard takes all of it.
#[test]
fn vectors_are_minted_as_they_say() {
    for vector in vectors() {
        let text = vector.text.as_str();
        let found = match vector.claim.as_str() {
            "sub" => check_minted(text, "app_1", "j", "read"),
            "client_id" => check_minted("app_1", text, "j", "read"),
            "jti" => check_minted("app_1", "app_1", text, "read"),
            _ => check_minted("app_1", "app_1", "j", text),
        };
        let expect = if vector.minted { Ok(()) } else { Err(vector.claim.as_str()) };
        assert_eq!(found, expect, "{vector:?}");
        assert!(!vector.minted || vector.guard == "accept", "{vector:?}");
    }
}

#[test]
fn characters_of_each_claim() {
    let check = |text: &str, subject: bool, client: bool, scope: bool, shown: bool| {
        let found = (is_subject(text), is_client_id(text), is_scope_token(text), is_shown(text));
        assert_eq!(found, (subject, client, scope, shown), "{text:?}");
    };
    check("app_orders", true, true, true, true);
    check("!#[]~%", true, true, true, true);
    check("app:run", true, false, true, true);
    check("a|b", true, false, true, true);
    check("a\"b", true, false, false, true);
    check("a\\b", true, false, false, true);
    check("Production East", true, false, false, true);
    for not_ours in [" a", "a ", "a  b", " ", "équipe", "a\u{200d}b", "a\u{a0}b"] {
        check(not_ours, false, false, false, true);
    }
    for nobodys in ["", "a\u{0}b", "a\nb", "a\tb", "a\u{7f}", "a\u{85}b", "a\u{202e}b"] {
        check(nobodys, false, false, false, false);
    }
    for turned in ['\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{2028}', '\u{2066}'] {
        check(&String::from(turned), false, false, false, false);
    }
}

#[test]
fn the_claim_that_does_not_fit_is_named() {
    let check = |texts: [&str; 4], expect| {
        let [sub, client_id, jti, scope] = texts;
        assert_eq!(check_minted(sub, client_id, jti, scope), expect, "{texts:?}");
    };
    check(["app:Production East", "app", "j", "read write"], Ok(()));
    check(["app:équipe", "app", "j", "read"], Err("sub"));
    check(["app:x", "a pp", "j", "read"], Err("client_id"));
    check(["app:x", "app", "j 1", "read"], Err("jti"));
    check(["app:x", "app", "", "read"], Err("jti"));
    check(["app:x", "app", "j", ""], Err("scope"));
    check(["app:x", "app", "j", "read  write"], Err("scope"));
}

#[test]
fn fields_are_visible_ascii() {
    let check = |text: &str, field: &str, encoded: &str| {
        assert_eq!(field_value(text), field, "{text:?}");
        assert_eq!(percent_encoded(text), encoded, "{text:?}");
    };
    check("app:run", "app:run", "app:run");
    check("Production East", "Production East", "Production%20East");
    check("équipe", "%C3%A9quipe", "%C3%A9quipe");
    check("%C3%A9quipe", "%25C3%25A9quipe", "%25C3%25A9quipe");
    check(" a  b ", "%20a %20b%20", "%20a%20%20b%20");
    check(" ", "%20", "%20");
    check("", "", "");
    check("a\r\nb", "a%0D%0Ab", "a%0D%0Ab");
}

/// However a text is put together, decoding gives it back, and nothing in the field needs care.
#[test]
fn fields_decode_to_what_they_carry() {
    let parts = ["", " ", "%", "%20", "a", "é", "\u{202e}", "😀", "\n"];
    for first in parts {
        for second in parts {
            for third in parts {
                let text: String = [first, second, third].concat();
                let field = field_value(&text);
                assert!(field.is_empty() || is_subject(&field), "{text:?}: {field:?}");
                assert_eq!(decoded(&field), text.as_bytes(), "{field}");
                assert_eq!(decoded(&percent_encoded(&text)), text.as_bytes(), "{field}");
            }
        }
    }
}

fn decoded(field: &str) -> Vec<u8> {
    let mut rest = field.as_bytes();
    let mut text = Vec::new();
    while let Some((&first, after)) = rest.split_first() {
        let byte = match first {
            b'%' => u8::from_str_radix(core::str::from_utf8(&after[..2]).unwrap(), 16).unwrap(),
            plain => plain,
        };
        rest = if first == b'%' { &after[2..] } else { after };
        text.push(byte);
    }
    text
}
