//! Scope values, as access tokens carry them and as requests name them beside an audience.

/// The scope value that stands for every scope of a credential on a resource; reserved.
pub(crate) const ALL_SCOPES: &str = ".all";

/// Whether a text is a `scope-token` (RFC 6749 section 3.3): printable ASCII without blank, quote and backslash,
/// so that a challenge can quote it as it is.
#[must_use]
pub fn is_scope_token(text: &str) -> bool {
    let allowed = |octet: u8| octet.is_ascii_graphic() && !matches!(octet, b'"' | b'\\');
    !text.is_empty() && text.bytes().all(allowed)
}

/// Whether a text can be a scope value of a policy: a scope-token without `|`, which separates it from the
/// audience.
pub(crate) fn is_scope_value(text: &str) -> bool {
    is_scope_token(text) && !text.contains('|')
}

/// Whether a text can be an audience of a scope item: the same characters.
pub(crate) fn is_audience(text: &str) -> bool {
    is_scope_value(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_of_a_value() {
        let check = |text: &str, token: bool, value: bool| {
            assert_eq!(is_scope_token(text), token, "{text:?}");
            assert_eq!(is_scope_value(text), value, "{text:?}");
        };
        check("read:file", true, true);
        check("!#[]~", true, true);
        check("a|b", true, false);
        for wrong in ["", " ", "a b", "a\tb", "a\"b", "a\\b", "a\u{7f}", "é"] {
            check(wrong, false, false);
        }
    }
}
