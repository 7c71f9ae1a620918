//! Base64 that is none: what probably happened to it on its way here.

use super::Wrong;
use crate::base64;
use alloc::vec::Vec;

/// The bytes of base64 with white space in it.
pub(super) fn decode(body: &str) -> Result<Vec<u8>, Wrong> {
    let bytes = base64::decode_spaced(body).filter(|bytes| !bytes.is_empty());
    match bytes {
        // Four that are lost leave base64 again, of other bytes.
        Some(bytes) if !body.contains(' ') || is_whole(&bytes) || !lost_plus(body) => Ok(bytes),
        Some(_) => Err(LOST_PLUS),
        None => Err(mistake(body)),
    }
}

const LOST_PLUS: Wrong = "a + was lost on the way and is a blank now: percent-encode it in forms, as %2B \
     (curl --data-urlencode)";

/// JSON in the place of the text that one of its members has.
pub(super) const JSON: Wrong = "this is JSON: send the text of the member that holds the proof or certificate, without the rest";

/// What the sender of a proof is told of it, where that helps.
pub(super) fn told(wrong: Wrong) -> Option<&'static str> {
    match wrong {
        LOST_PLUS => Some("A + was lost on the way: percent-encode it in forms, as %2B."),
        JSON => Some("The proof is JSON: send the text of the member that holds it."),
        _ => None,
    }
}

/// What is wrong with base64 that does not decode.
fn mistake(body: &str) -> Wrong {
    let body = body.trim_ascii();
    let has = |characters: &[char]| body.contains(characters);
    if body.is_empty() {
        "there is nothing"
    } else if body.starts_with(['{', '[']) {
        JSON
    } else if body.starts_with(['"', '\'']) {
        "not base64: there are quotes around it"
    } else if body.contains("\\n") || body.contains("\\r") {
        "not base64: the two characters \\n stand where the lines end"
    } else if has(&['%']) {
        "not base64: it was percent-encoded twice"
    } else if lost_plus(body) {
        LOST_PLUS
    } else if has(&['-', '_']) && !has(&['+', '/']) {
        "not base64: this is base64url, with - and _ for + and /"
    } else if is_unpadded(body) {
        "not base64: the = at its end are missing, or it was cut"
    } else {
        "not base64"
    }
}

/// Whether it is base64 with every blank a plus.
fn lost_plus(body: &str) -> bool {
    let body = body.trim_ascii();
    body.contains(' ')
        && base64::decode_spaced(&body.replace(' ', "+")).is_some_and(|der| is_whole(&der))
}

fn is_unpadded(body: &str) -> bool {
    let count = body.bytes().filter(|byte| !byte.is_ascii_whitespace()).count();
    count % 4 != 0 && base64::decode_start(body).is_some()
}

/// Whether bytes are one value of DER or BER, by its length.
fn is_whole(der: &[u8]) -> bool {
    let Some((0x30, rest)) = der.split_first() else { return false };
    let Some((length, rest)) = rest.split_first() else { return false };
    let more = match *length {
        0x80 => return rest.ends_with(&[0, 0]),
        short @ 0..=0x7f => return usize::from(short) == rest.len(),
        long => usize::from(long & 0x7f),
    };
    let Some((length, rest)) = rest.split_at_checked(more) else { return false };
    let length = length
        .iter()
        .try_fold(0_usize, |length, byte| length.checked_mul(256)?.checked_add(usize::from(*byte)));
    length == Some(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;
    use alloc::vec;

    #[test]
    fn what_happened_is_told() {
        // 0xfb 0xef 0xbe in base64 is ++++.
        let mut der = vec![0x30, 0x81, 200];
        der.extend([0xfb, 0xef, 0xbe].repeat(66));
        der.extend([1, 2]);
        let text = base64::encode_standard(&der);
        let check = |text: &str, expect: Result<(), &str>| match (decode(text), expect) {
            (Ok(bytes), Ok(())) => assert_eq!(bytes, der, "{text}"),
            (Err(wrong), Err(part)) => assert!(wrong.contains(part), "{text}: {wrong}"),
            (decoded, expect) => panic!("{text}: {decoded:?}, expected {expect:?}"),
        };
        check(&text, Ok(()));
        check(&text.replace("++++", "++++ "), Ok(()));
        check(&text.replace("++++", "++++\n"), Ok(()));
        check(&text.replacen('+', " ", 1), Err("a + was lost"));
        check(&text.replacen('+', " ", 4), Err("a + was lost"));
        check(&text.replace('+', " "), Err("a + was lost"));
        check(&text.replace('+', "-"), Err("base64url"));
        check(&text.replace('+', "%2B"), Err("percent-encoded twice"));
        check(&text.replacen('+', "\\n+", 1), Err("the two characters \\n"));
        check(&alloc::format!("\"{text}\""), Err("quotes around it"));
        check(&alloc::format!("{{\"signature\":\"{text}\"}}"), Err("this is JSON"));
        check(text.trim_end_matches('='), Err("are missing"));
        check(&text.replacen('+', "#", 1), Err("not base64"));
        check("", Err("nothing"));
        check(&String::from_utf8(vec![b' '; 8]).unwrap(), Err("nothing"));
    }
}
