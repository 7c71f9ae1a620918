//! Scope values, as access tokens carry them and as requests name them beside an audience.

use crate::limits::NAME_BYTES;
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

/// Whether a text can identify a resource: an absolute URI without a fragment (RFC 8707 section 2), of the characters that
/// an audience may have, no longer than a name.
pub(crate) fn is_identifier(text: &str) -> bool {
    let scheme = text.split_once(':').map_or("", |(scheme, _)| scheme);
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(allowed)
        && text.len() > scheme.len().saturating_add(1)
        && text.len() <= NAME_BYTES
        && !text.contains('#')
        && is_audience(text)
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

    #[test]
    fn identifiers_of_resources() {
        let check = |text: &str, expect| assert_eq!(is_identifier(text), expect, "{text:?}");
        check("https://api.example.com", true);
        check("https://mcp.example.com:8443/mcp?a=b", true);
        check("api://files", true);
        check("urn:example:files", true);
        let wrong = [
            "",
            "api.example.com",
            "/mcp",
            "https:",
            ":x",
            "1a:x",
            "a b:c",
            "https://a#b",
            "https://a|b",
            "https://é",
        ];
        for wrong in wrong {
            check(wrong, false);
        }
        check(&alloc::format!("https://{}", "a".repeat(NAME_BYTES)), false);
    }
}
