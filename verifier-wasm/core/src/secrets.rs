//! What in a text may be a secret: texts whose bearer could use them.
//!
//! Callers choose parts of what is written down (a client id, a scope, a `kid`, a claim), and people mistake one
//! parameter for another, so a whole signed token or document may stand anywhere. [`hide`] is the one rule of what that
//! looks like, for refusals, audit records and logs alike:
//!
//! - a JOSE object in compact form, whole or cut: access tokens of ours are of this form;
//! - a PEM block, to its end;
//! - base64 of DER or BER of some length: certificates, signed documents, keys.

use crate::limits::{
    SECRET_DER, SECRET_DER_GAP, SECRET_DER_START, SECRET_HEADER, SECRET_SIGNATURE,
};
use alloc::borrow::Cow;
use alloc::string::String;
use core::fmt::Write as _;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// How base64url begins of `{` and then a quote, a blank, a tab or the end of a line: the headers of JOSE objects.
const HEADERS: [&str; 6] = ["eyJ", "eyI", "eyA", "ewo", "ew0", "ewk"];

/// The text with `hidden: N bytes` in the place of whatever may be a secret. It can be one value or a whole line of
/// JSON: nothing is taken out of a line but what is between two quotes.
#[must_use]
pub fn hide(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, length, after)) = split(rest) {
        // Writing into a string never fails.
        let _ = write!(out, "{before}hidden: {length} bytes");
        rest = after;
    }
    if rest.len() == text.len() {
        return Cow::Borrowed(text);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Whether something in the text is hidden by [`hide`].
pub(crate) fn holds(text: &str) -> bool {
    split(text).is_some()
}

/// What stands before the first secret, how long that is, and what stands after it.
fn split(text: &str) -> Option<(&str, usize, &str)> {
    let mut inside = false;
    for (at, character) in text.char_indices() {
        let in_word = is_base64url(character) || character == '.';
        let (before, rest) = text.split_at_checked(at)?;
        let length = match character {
            '-' if rest.starts_with(BEGIN) => pem(rest),
            _ if in_word && !inside => compact(rest).or_else(|| der(rest)),
            _ => None,
        };
        if let Some(length) = length {
            return Some((before, length, rest.get(length..)?));
        }
        inside = in_word;
    }
    None
}

/// The length of the PEM block that `text` begins with. One without an end goes on to the next quote.
fn pem(text: &str) -> Option<usize> {
    let bound = text.find('"').unwrap_or(text.len());
    let block = text.get(..bound)?;
    let after_end = block.find(END).and_then(|at| {
        let end = at.saturating_add(END.len());
        let label = block.get(end..)?.find(DASHES)?;
        Some(end.saturating_add(label).saturating_add(DASHES.len()))
    });
    // The backslash of an escaped quote stays with it.
    let backslashes = block.bytes().rev().take_while(|byte| *byte == b'\\').count();
    Some(after_end.unwrap_or(bound.saturating_sub(backslashes % 2)))
}

/// The length of the JOSE object that `text` begins with.
fn compact(text: &str) -> Option<usize> {
    let end = text.find(|c| !is_base64url(c) && c != '.').unwrap_or(text.len());
    let word = text.get(..end)?;
    let begins = HEADERS.iter().any(|header| word.starts_with(header));
    let is_cut = begins && (word.contains('.') || word.len() >= SECRET_HEADER);
    let is_signed =
        word.split('.').count() > 2 && word.split('.').any(|part| part.len() >= SECRET_SIGNATURE);
    (is_cut || is_signed).then_some(end)
}

/// The length of the base64 that `text` begins with, when it is that of a SEQUENCE of more than 127 bytes: 0x30, then a
/// length that begins with 0x80 to 0x83.
fn der(text: &str) -> Option<usize> {
    let third = text.strip_prefix("MI")?.bytes().next()?;
    if !(b'A'..=b'P').contains(&third) {
        return None;
    }
    let is_base64 = |c: char| is_base64url(c) || matches!(c, '+' | '/' | '=');
    let (mut end, mut all, mut gap, mut escape) = (0_usize, 0_usize, 0_usize, false);
    for (at, character) in text.char_indices() {
        if escape || character == '\\' || character.is_ascii_whitespace() {
            // An escaped end of a line, as it stands in JSON.
            let is_line_end =
                matches!(character, 'n' | 'r' | 't' | '\\') || character.is_ascii_whitespace();
            gap = gap.saturating_add(1);
            if (all < SECRET_DER_START) || !is_line_end || gap > SECRET_DER_GAP {
                break;
            }
            escape = !escape && character == '\\';
        } else if is_base64(character) {
            (all, gap) = (all.saturating_add(1), 0);
            end = at.saturating_add(character.len_utf8());
        } else {
            break;
        }
    }
    (all >= SECRET_DER).then_some(end)
}

const fn is_base64url(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl";

    #[test]
    fn what_a_bearer_could_use_is_hidden() {
        let check = |text: &str, expect: &str| assert_eq!(hide(text), expect, "{text}");
        check(TOKEN, "hidden: 49 bytes");
        check(&format!("client `{TOKEN}` unknown"), "client `hidden: 49 bytes` unknown");
        check(&format!("api|{TOKEN} api|read"), "api|hidden: 49 bytes api|read");
        check(&format!("a {TOKEN} b {TOKEN} c"), "a hidden: 49 bytes b hidden: 49 bytes c");
        check(&format!("Bearer+{TOKEN}"), "Bearer+hidden: 49 bytes");
        // Cut before its first dot, and with something in front of it.
        check(&format!("eyJ{}…", "a".repeat(37)), "hidden: 40 bytes…");
        let signed = format!("x-{}.e30.{}", "a".repeat(20), "A".repeat(86));
        check(&signed, &format!("hidden: {} bytes", signed.len()));
        for header in ["{\"alg\":1}", "{ \"alg\":1}", "{\n\"alg\":1}", "{\t\"alg\":1}", "{\r\n}"] {
            let token = format!("{}.e30.x", crate::base64::encode_url(header.as_bytes()));
            assert!(holds(&token), "{header:?}");
        }
    }

    #[test]
    fn documents_and_keys_are_hidden() {
        let check = |text: &str, expect: &str| assert_eq!(hide(text), expect, "{text}");
        let body = format!("MII{}", "aB3+/x".repeat(20));
        let hidden = format!("hidden: {} bytes", body.len());
        check(&body, &hidden);
        check(&format!("found {body}=="), &format!("found hidden: {} bytes", body.len() + 2));
        for end in ["\n", "\r\n", "\\n", "\\r\\n", " "] {
            let lines = format!("{}{end}{}{end}{}", &body[..40], &body[40..80], &body[80..]);
            let whole = hide(&lines).to_string();
            assert_eq!(whole, format!("hidden: {} bytes", lines.len()), "{lines}");
        }
        let pem = format!("-----BEGIN PKCS7-----\n{body}\n-----END PKCS7-----");
        check(&format!("{pem}, and more"), &format!("hidden: {} bytes, and more", pem.len()));
        check("-----BEGIN EC PRIVATE KEY-----\nc2Vj", "hidden: 35 bytes");
        check("x-----BEGIN EC PRIVATE KEY-----", "xhidden: 30 bytes");
    }

    #[test]
    fn a_line_of_json_stays_one() {
        let check = |value: &str| {
            let line = crate::json::Value::Object(crate::json::Object::from_iter([
                ("a", crate::json::Value::from(value)),
                ("b", "kept".into()),
            ]))
            .to_string();
            let hidden = hide(&line);
            let read = crate::json::parse_object(hidden.as_bytes()).unwrap();
            assert_eq!(
                read.get("b").and_then(crate::json::Value::as_str),
                Some("kept"),
                "{hidden}"
            );
            assert!(!hidden.contains("c2Vj"), "{hidden}");
        };
        check("-----BEGIN X-----\nc2Vj");
        check("-----BEGIN X-----\nc2Vj\n-----END X-----\n");
        check("-----BEGIN X-----\nc2Vj\n-----END X");
        check("-----BEGIN X-----c2Vj\"more\"");
        check("-----BEGIN X-----c2Vj\\");
        check("-----BEGIN X-----c2Vj\\\"");
        check("eyJhbGciOiJFUzI1NiJ9.e30.c2Vj");
    }

    #[test]
    fn everything_else_is_kept() {
        for text in [
            "",
            "eyJ is a word",
            "eyes.example.com",
            "https://oidc.eks.us-west-2.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
            "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "repo:org/name:ref:refs/heads/main",
            "MIDDLEWARE of the orders service, which has a name of many words in a row",
            "MIIB",
            "a.b.c",
            "the certificate CN=press-7,O=Stand-in Plant; é…",
            "-----BEGIN",
        ] {
            assert_eq!(hide(text), text);
            assert!(!holds(text), "{text}");
        }
    }
}
