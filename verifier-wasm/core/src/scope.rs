//! Scope values, as access tokens carry them and as requests name them beside an audience.

use crate::token_text::is_scope_token;

/// The scope value that means every scope of a credential on a resource; reserved.
pub(crate) const ALL_SCOPES: &str = ".all";

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
