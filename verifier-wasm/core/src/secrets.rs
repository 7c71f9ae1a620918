//! What in a text may be a secret: texts whose bearer could use them.
//!
//! Callers choose parts of what is written down (a client id, a scope, a `kid`, a claim), and people mistake one
//! parameter for another, so a whole signed token or document may stand anywhere. [`hide`] is the one rule of what that
//! looks like, for refusals, audit records and logs alike:
//!
//! - a JOSE object in compact form, whole or cut: access tokens of ours are of this form;
//! - a PEM block, to its end;
//! - base64 of DER or BER of some length: certificates, signed documents, keys;
//! - base64 of a shorter private key.
//!
//! An escape in front does not hide what it is: a word begins after `\n`, `\u000a` and `%0A` as well, and `%2E` is a dot.

use crate::limits::{
    SECRET_DER, SECRET_DER_GAP, SECRET_DER_START, SECRET_ESCAPE, SECRET_ESCAPES, SECRET_HEADER,
    SECRET_KEY, SECRET_SIGNATURE,
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
    if !may_hold(text) {
        return Cow::Borrowed(text);
    }
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
    may_hold(text) && split(text).is_some()
}

/// Whether a text could hold a secret at all. Most do not, and a quick look says so: what [`split`] finds has a part that tells,
/// or is a signed token, which has two dots, as they are or behind percent signs, in one long word.
fn may_hold(text: &str) -> bool {
    TELLING.iter().any(|part| text.contains(part))
        || HEADERS.iter().any(|header| text.contains(header) && begins_a_word(text, header))
        || has_long_word_of_parts(text.as_bytes())
}

/// How a PEM block, a SEQUENCE of some length and a private key begin.
const TELLING: [&str; 3] = [BEGIN, "MI", "CAQ"];

/// Whether a word may begin with this somewhere: not behind another of its characters, as in `keyId`, unless that is the end of
/// an escape.
fn begins_a_word(text: &str, part: &str) -> bool {
    text.match_indices(part).any(|(at, _)| {
        let before = text.as_bytes().get(..at).unwrap_or_default();
        let in_word = before.last().is_some_and(|last| is_compact(char::from(*last)));
        let mut near = before.iter().rev().take(SECRET_ESCAPE);
        !in_word || near.any(|byte| matches!(byte, b'\\' | b'%'))
    })
}

/// Whether a word of more than [`SECRET_SIGNATURE`] bytes has two dots or percent signs. Such a word lies on one of the bytes that
/// are so far from each other, so the others are read only where one of these is in a word.
fn has_long_word_of_parts(text: &[u8]) -> bool {
    let in_word = |byte: &&u8| is_compact(char::from(**byte)) || **byte == b'%';
    let mut at = SECRET_SIGNATURE;
    while let Some((before, from)) = text.split_at_checked(at).filter(|(_, from)| !from.is_empty())
    {
        let (left, right) = (
            before.iter().rev().take_while(in_word).count(),
            from.iter().take_while(in_word).count(),
        );
        if right > 0 && left.saturating_add(right) > SECRET_SIGNATURE {
            let word = before.iter().rev().take(left).chain(from.iter().take(right));
            if word.filter(|byte| matches!(byte, b'.' | b'%')).count() > 1 {
                return true;
            }
        }
        // The next word begins behind this one.
        at = at.saturating_add(right).saturating_add(SECRET_SIGNATURE).saturating_add(1);
    }
    false
}

/// What stands before the first secret, how long that is, and what stands after it.
fn split(text: &str) -> Option<(&str, usize, &str)> {
    let mut inside = false;
    // Where the last escape ends, whether a word begins there, and where one may not begin before.
    let (mut fresh, mut whole, mut escaping) = (None, 0_usize, false);
    for (at, character) in text.char_indices() {
        let (before, rest) = text.split_at_checked(at)?;
        let in_word = is_compact(character);
        let begins = at >= whole && in_word && (!inside || fresh == Some(at));
        let length = match character {
            '-' if rest.starts_with(BEGIN) => pem(rest),
            _ if begins => compact(rest).or_else(|| der(rest)).or_else(|| key(rest)),
            _ => None,
        };
        if let Some(length) = length {
            return Some((before, length, rest.get(length..)?));
        }
        inside = in_word || at < whole;
        escaping = character == '\\' && !escaping;
        if let Some((byte, length)) = percent(rest) {
            let end = at.saturating_add(length);
            (inside, whole, fresh) = match is_compact(byte) {
                true => (true, end, None),
                false => (false, whole, Some(end)),
            };
        } else if character == '\\'
            && let Some(length) = escape(rest)
        {
            let end = at.saturating_add(length);
            fresh = Some(end);
            // A line of JSON is not cut within an escape.
            let of_json =
                matches!(rest.as_bytes(), [_, b'b' | b'f' | b'n' | b'r' | b't' | b'u', ..]);
            whole = if escaping && of_json { end } else { whole };
        }
    }
    None
}

/// The length of the escape that `text` begins with, of which the last character could be one of a word: as Rust, JSON
/// and others write it.
fn escape(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [_, b'u', ..] => text.get(2..6).filter(|four| is_hex(four)).map(|_| 6),
        [_, b'x', ..] => text.get(2..4).filter(|two| is_hex(two)).map(|_| 4),
        [_, b'0' | b'a' | b'b' | b'e' | b'f' | b'n' | b'r' | b't' | b'v', ..] => Some(2),
        _ => None,
    }
}

/// The character below U+0080 that `text` begins with behind a percent sign (RFC 3986 section 2.1), which may be escaped
/// itself, and the length of that.
fn percent(text: &str) -> Option<(char, usize)> {
    let mut digits = text.strip_prefix('%')?;
    let (mut found, mut length) = (None, 1_usize);
    for _ in 0..=SECRET_ESCAPES {
        let Some(pair) = digits.get(..2).filter(|pair| is_hex(pair)) else { break };
        length = length.saturating_add(pair.len());
        let byte = u8::from_str_radix(pair, 16).ok().filter(u8::is_ascii);
        found = byte.map(|byte| (char::from(byte), length)).or(found);
        let Some(inner) = digits.strip_prefix("25") else { break };
        digits = inner;
    }
    found
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
    let (mut end, mut dots, mut part, mut longest) = (0_usize, 0_usize, 0_usize, 0_usize);
    while let Some((character, length)) = text.get(end..).and_then(unit) {
        match character {
            '.' => (dots, part) = (dots.saturating_add(1), 0),
            _ if is_compact(character) => part = part.saturating_add(1),
            _ => break,
        }
        longest = longest.max(part);
        end = end.saturating_add(length);
    }
    let begins = HEADERS.iter().any(|header| text.starts_with(header));
    let is_cut = begins && (dots > 0 || end >= SECRET_HEADER);
    let is_signed = dots > 1 && longest >= SECRET_SIGNATURE;
    (is_cut || is_signed).then_some(end)
}

/// The character that `text` begins with, itself or behind percent signs, and the length of that.
fn unit(text: &str) -> Option<(char, usize)> {
    let itself = || text.chars().next().map(|character| (character, character.len_utf8()));
    percent(text).or_else(itself)
}

/// The length of the base64 that `text` begins with, when it is that of a SEQUENCE of more than 127 bytes: 0x30, then a
/// length that begins with 0x80 to 0x83.
fn der(text: &str) -> Option<usize> {
    let third = text.strip_prefix("MI")?.bytes().next()?;
    if !(b'A'..=b'P').contains(&third) {
        return None;
    }
    base64_of(text, SECRET_DER)
}

/// The length of the base64 that `text` begins with, when it is that of a shorter private key (RFC 5915 section 3, RFC
/// 5958 section 2): a SEQUENCE, the version 0 or 1, then an OCTET STRING or a SEQUENCE.
fn key(text: &str) -> Option<usize> {
    match text.as_bytes() {
        [b'M', b'A'..=b'H', _, b'C', b'A', b'Q', b'A' | b'E', b'E' | b'w', ..] => {
            base64_of(text, SECRET_KEY)
        }
        _ => None,
    }
}

/// A slash behind backslashes, as some write it in JSON, and the length of that.
fn escaped_slash(text: &str) -> Option<(char, usize)> {
    let after = text.strip_prefix('\\')?.trim_start_matches('\\');
    let rest = after.strip_prefix('/')?;
    Some(('/', text.len().saturating_sub(rest.len())))
}

/// The length of the lines of base64 that `text` begins with, when it has so many characters at least.
fn base64_of(text: &str, least: usize) -> Option<usize> {
    let (mut at, mut end, mut all, mut gap) = (0_usize, 0_usize, 0_usize, 0_usize);
    let mut escape = false;
    while let Some((character, length)) =
        text.get(at..).and_then(|rest| escaped_slash(rest).or_else(|| unit(rest)))
    {
        at = at.saturating_add(length);
        let is_line_end = character == '\\'
            || character.is_ascii_whitespace()
            || (escape && matches!(character, 'n' | 'r' | 't'));
        escape = character == '\\';
        if is_line_end {
            // An escaped end of a line, as it stands in JSON.
            gap = gap.saturating_add(length);
            if all < SECRET_DER_START || gap > SECRET_DER_GAP {
                break;
            }
        } else if is_base64url(character) || matches!(character, '+' | '/' | '=') {
            (all, gap, end) = (all.saturating_add(1), 0, at);
        } else {
            break;
        }
    }
    (all >= least).then_some(end)
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

const fn is_compact(character: char) -> bool {
    is_base64url(character) || character == '.'
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
    const ED25519: &str = "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f";
    const SEC1: &str =
        "MHcCAQEEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4foAoGCCqGSM49AwEHoUQDQgAE";

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

    /// An escape in front of a secret, in any of the spellings in which it can come to be written, hides nothing.
    #[test]
    fn an_escape_in_front_hides_nothing() {
        let long = format!("MIIE{}", "aB3+/x".repeat(40));
        let cut = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0";
        for secret in [TOKEN, cut, long.as_str(), ED25519, SEC1] {
            let hidden = format!("hidden: {} bytes", secret.len());
            for escape in [
                "\n",
                "\t",
                "\\n",
                "\\t",
                "\\r",
                "\\r\\n",
                "\\\\n",
                "\\\\\\\\n",
                "\\u000a",
                "\\\\u000a",
                "\\u{b}",
                "\\x0a",
                "\\0",
                "%0A",
                "%0d%0a",
                "%250A",
                "%25250A",
                "%20",
                "%22",
                "%2B",
                "%2F",
                "%3D",
                "\\",
                "\\\\",
            ] {
                let text = format!("kid {escape}{secret}");
                let shown = hide(&text).into_owned();
                assert_eq!(shown, format!("kid {escape}{hidden}"), "{text}");
            }
        }
    }

    #[test]
    fn an_escape_within_hides_nothing() {
        let check = |text: &str| {
            let whole = format!("hidden: {} bytes", text.len());
            assert_eq!(hide(text), whole, "{text}");
            assert_eq!(hide(&format!("{text}\\n")), format!("{whole}\\n"), "{text}");
            assert_eq!(hide(&format!("{text}%22")), format!("{whole}%22"), "{text}");
        };
        let signed = format!("{}.e30.{}", "a".repeat(20), "A".repeat(86));
        for dot in ["%2E", "%2e", "%252E"] {
            check(&TOKEN.replace('.', dot));
            check(&signed.replace('.', dot));
        }
        check(&TOKEN.replacen('.', "%2E", 1));
        let body = format!("MII{}", "aB3+/x".repeat(30));
        for (plus, slash, end) in [
            ("%2B", "%2F", "%3D%3D"),
            ("%2b", "%2f", "%3d"),
            ("%252B", "%252F", "%253D"),
            ("+", "\\/", "="),
            ("+", "/", "=="),
        ] {
            check(&format!("{}{end}", body.replace('+', plus).replace('/', slash)));
        }
        for end in ["%0A", "%0D%0A", "%250D%250A", "\\\\r\\\\n"] {
            check(&format!("{}{end}{}{end}{}", &body[..40], &body[40..80], &body[80..]));
        }
    }

    #[test]
    fn short_private_keys_are_hidden() {
        let check = |key: &str| assert_eq!(hide(key), format!("hidden: {} bytes", key.len()));
        check(ED25519);
        check(SEC1);
        check(&SEC1[..SECRET_KEY]);
        // Without parameters and public key, and with the public key of RFC 5958.
        check("MCUCAQEEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f");
        check("MFECAQEwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f");
        // Public keys are none.
        for public in [
            "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
            "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
            &SEC1[..SECRET_KEY - 1],
        ] {
            assert_eq!(hide(public), public);
        }
    }

    /// What is looked for first misses nothing: a text in which a word is hidden could hold one.
    #[test]
    fn the_first_look_misses_nothing() {
        let parts = [
            "eyJhbGciOiJFUzI1NiJ9",
            ".",
            "%2E",
            "%252E",
            "e30",
            "c2Vj",
            "MIIE",
            "aB3+/x",
            "MC4CAQAw",
            "\\n",
            "%0A",
            "\"",
            " ",
            "-----BEGIN ",
            "-----END ",
            "-----",
            "é",
            "A1b2_-",
            "\\",
            "\n",
            "=",
            "%41",
            "%2541",
            "{}",
        ];
        // Every pair of parts, in a word of each length that counts.
        for (one, other) in parts.iter().flat_map(|one| parts.map(|other| (*one, other))) {
            for times in [0, 1, 2, 11, 16, 40, 64, 65, 66] {
                let text = format!("{one}{}{other}{one}{other}", "A".repeat(times));
                let text = [text.as_str(), one, &"b".repeat(times), other, &text].concat();
                assert!(may_hold(&text) || split(&text).is_none(), "{text}");
            }
        }
    }

    /// No text makes every word of it be read again and again.
    #[test]
    fn long_texts_are_read_once() {
        for part in
            ["%2E", "%252E", "a%2E", "a%41", "MIIA%0A", "MC4CAQAw\\n", "\\", "%25", "a.", "\\n"]
        {
            let text = part.repeat(10_000);
            assert!(!holds(&text), "{part}");
        }
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
        let signed = format!("{}.e30.{}.c2Vj", "a".repeat(20), "A".repeat(86));
        let der = format!("MII{}c2Vj", "a".repeat(80));
        for secret in [signed.as_str(), &der, "eyJhbGciOiJFUzI1NiJ9.e30.c2Vj"] {
            for escape in ["\n", "\u{8}", "\u{1}", "\\", "\\n", "\\u000a", "\"", "%0A"] {
                check(&format!("{escape}{secret}{escape}"));
            }
        }
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
            "C:\\new\\tables\\MIIS",
            "https%3A%2F%2Fidp%2Eexample%2Ecom%2Foauth2",
            "urn:example:%2E%2E%2Ea%0Ab",
            "3c5e7a90-1b2d-4f60-8a9b-c0d1e2f3a4b5\\n",
            "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
            "%0ANzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs",
            "\\nE3:B0:C4:42:98:FC:1C:14:9A:FB:F4:C8:99:6F:B9:24:27:AE:41:E4:64:9B:93:4C:A4:95:99:1B",
            "MC4CAQAw of the orders service",
            "%ZZ%2",
            "é%2Eé",
        ] {
            assert_eq!(hide(text), text);
            assert!(!holds(text), "{text}");
        }
    }
}
