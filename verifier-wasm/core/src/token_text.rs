//! Which characters the texts of an access token have: `sub`, `client_id`, `jti` and the values of `scope` (RFC 9068
//! section 2.2).
//!
//! One rule with two sides.
//!
//! - **Minting is narrow**: visible ASCII (0x21 to 0x7E), and in `sub` alone single blanks inside. RFC 6749 appendix A
//!   allows a client id no more than ASCII and a scope value no more than visible ASCII; `sub` and `jti` are bound by
//!   nothing there, and follow. What a mapping makes of other text is refused; `percentEncode` makes it fit.
//! - **Guards are wide**: they cannot tell a token of our issuer from another's, so each takes any text of Unicode in
//!   which nothing is a control character, breaks the line or turns the direction of reading. What is minted always
//!   passes. Scope values are those of RFC 6749 for both.
//!
//! HTTP fields carry visible ASCII. So a field that a guard sets holds a text percent-encoded ([`field_value`]), `%`
//! itself always: two texts never give one field, and every reader decodes in one way.

use crate::limits;
use alloc::string::String;
use core::fmt::Write as _;

/// Whether a text can be a client id: visible ASCII without what separates it from what stands beside it, which are `:`
/// in `sub` and `|` in requests, and without quote and backslash.
pub(crate) fn is_client_id(id: &str) -> bool {
    id.len() <= limits::NAME_BYTES && is_scope_token(id) && !id.contains(['|', ':'])
}

/// Whether a text is a `scope-token` (RFC 6749 section 3.3): visible ASCII without quote and backslash, so that a
/// challenge can quote it as it is.
#[must_use]
pub fn is_scope_token(text: &str) -> bool {
    is_visible(text) && !text.contains(['"', '\\'])
}

/// Whether a token of ours may have this `sub`: visible ASCII, with single blanks inside, of bounded length.
pub(crate) fn is_subject(text: &str) -> bool {
    text.len() <= limits::SUBJECT_BYTES && text.split(' ').all(is_visible)
}

/// What to do about a text that is no [`is_subject`].
pub(crate) const SUBJECT_ADVICE: &str =
    "`sub` holds visible ASCII with single blanks inside; percentEncode(…) makes other text fit";

/// Whether a token of ours may have these texts. Each scope value is an element of `scope`.
///
/// # Errors
/// The name of the first claim whose text is not allowed.
pub fn check_minted(
    sub: &str,
    client_id: &str,
    jti: &str,
    scope: &str,
) -> Result<(), &'static str> {
    let claims = [
        ("sub", is_subject(sub)),
        ("client_id", is_client_id(client_id)),
        ("jti", is_visible(jti)),
        ("scope", scope.split(' ').all(is_scope_token)),
    ];
    claims.iter().find(|(_, fits)| !fits).map_or(Ok(()), |(claim, _)| Err(*claim))
}

/// Whether a guard takes a token with this text: not empty, in one line, read in one direction.
pub(crate) fn is_shown(text: &str) -> bool {
    !text.is_empty() && !text.chars().any(is_unseen)
}

/// What [`is_shown`] asks for, in words.
pub(crate) const SHOWN: &str = "no control characters, line breaks or marks of direction";

/// The value of an HTTP field that carries a text: the bytes of its UTF-8 percent-encoded (RFC 3986 section 2.1), but
/// for visible ASCII other than `%`, and for single blanks inside.
#[must_use]
pub fn field_value(text: &str) -> String {
    let last = text.len().saturating_sub(1);
    let mut before = b' ';
    encoded(text, |index, byte| {
        let kept = byte == b' ' && before != b' ' && index != last;
        before = byte;
        kept
    })
}

/// The bytes of a text percent-encoded, but for visible ASCII other than `%`: what any `sub` of ours may hold. Different
/// texts give different results.
pub(crate) fn percent_encoded(text: &str) -> String {
    encoded(text, |_, _| false)
}

fn encoded(text: &str, mut is_kept: impl FnMut(usize, u8) -> bool) -> String {
    let mut value = String::with_capacity(text.len());
    for (index, byte) in text.bytes().enumerate() {
        // Asked about each, since it may remember.
        if is_kept(index, byte) || (byte.is_ascii_graphic() && byte != b'%') {
            value.push(char::from(byte));
        } else {
            // Writing into a string never fails.
            let _ = write!(value, "%{byte:02X}");
        }
    }
    value
}

fn is_visible(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Control characters, line breaks, and the marks that turn the direction of text (Unicode Standard Annex 9).
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
pub(crate) mod tests;
