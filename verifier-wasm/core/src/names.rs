//! Names: what may name a client, a credential, a provider, a resource.

use crate::limits;

/// Whether a text can name something: not empty, of bounded length, without control characters.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= limits::NAME_BYTES && !text.chars().any(char::is_control)
}

/// Whether a name follows the rule of providers and credentials: what [`PLAIN_NAME`] says.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let fits = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-')
    };
    (1..=limits::PLAIN_NAME_BYTES).contains(&name.len()) && name.bytes().all(fits)
}

/// What [`is_plain_name`] asks for, in words.
pub(crate) const PLAIN_NAME: &str = "1 to 64 of a-z, 0-9, _ and -";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_texts_are_names() {
        let check = |text: &str, name: bool, plain: bool| {
            assert_eq!((is_name(text), is_plain_name(text)), (name, plain), "{text:?}");
        };
        check("main", true, true);
        check("a_b-1", true, true);
        check("Main", true, false);
        check("équipe 7", true, false);
        check("", false, false);
        check("a\nb", false, false);
        check(&"a".repeat(64), true, true);
        check(&"a".repeat(65), true, false);
        check(&"a".repeat(limits::NAME_BYTES + 1), false, false);
        assert!(PLAIN_NAME.contains(&alloc::format!("{}", limits::PLAIN_NAME_BYTES)));
    }
}
