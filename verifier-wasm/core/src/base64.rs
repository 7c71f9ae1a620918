//! Base64 and base64url (RFC 4648), each octet string in its one canonical text.
//!
//! Everything here refuses what is not canonical: wrong padding, the other alphabet, white space, bits
//! after the last byte that are not zero (RFC 4648 section 3.5). Where a format is lenient about white
//! space, [`decode_spaced`] is, and nothing else.

use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Decodes unpadded base64url (RFC 7515 section 2). Empty text is the empty octet string.
#[must_use]
pub fn decode_url(text: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

/// Encodes as unpadded base64url (RFC 7515 section 2).
#[must_use]
pub fn encode_url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes padded base64 (RFC 4648 section 4). Empty text is the empty octet string.
#[must_use]
pub fn decode_standard(text: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Decodes padded base64 with ASCII white space anywhere in it, as PEM bodies have.
#[must_use]
pub fn decode_spaced(text: &str) -> Option<Vec<u8>> {
    let dense: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    decode_standard(&dense)
}

/// The bytes of as many whole groups of four characters as there are, white space left out.
pub(crate) fn decode_start(text: &str) -> Option<Vec<u8>> {
    let mut dense: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    dense.truncate(dense.len().saturating_sub(dense.len() % 4));
    decode_standard(&dense)
}

/// Encodes as padded base64 (RFC 4648 section 4).
#[must_use]
pub fn encode_standard(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn rfc4648_section_10() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(encode_standard(bytes.as_bytes()), text);
            assert_eq!(decode_standard(text.as_bytes()).as_deref(), Some(bytes.as_bytes()));
            let bare = text.trim_end_matches('=');
            assert_eq!(encode_url(bytes.as_bytes()), bare);
            assert_eq!(decode_url(bare.as_bytes()).as_deref(), Some(bytes.as_bytes()));
        }
    }

    #[test]
    fn j25_one_text_for_each_octet_string() {
        assert_eq!(decode_url(b"-_-_").as_deref(), Some(&[0xfb, 0xff, 0xbf][..]));
        assert_eq!(decode_standard(b"+/+/").as_deref(), Some(&[0xfb, 0xff, 0xbf][..]));
        for text in [
            &b"+/+/"[..],
            b"Zg==",
            b"Zg=",
            b"Z",
            b"Zm9vY",
            b"Zh",
            b"Zm9",
            b" Zg",
            b"Zg ",
            b"Z g",
            b"Zg\n",
            b"Zg\0",
            b"Zg.",
            b"\xffg",
            "Zé".as_bytes(),
        ] {
            assert_eq!(decode_url(text), None, "{text:?}");
        }
        for text in [
            &b"-_-_"[..],
            b"Zg",
            b"Zg=",
            b"Zg===",
            b"Z===",
            b"====",
            b"Zh==",
            b"Zm9=",
            b"Zg==Zg==",
            b" Zg==",
            b"Zg==\n",
            b"Z=g=",
            b"\xffg==",
        ] {
            assert_eq!(decode_standard(text), None, "{text:?}");
        }
    }

    #[test]
    fn white_space_where_it_is_tolerated() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(decode_spaced(text).as_deref(), expect.map(str::as_bytes), "{text:?}");
        };
        check(" Zm9v\r\nYm\tFy\n", Some("foobar"));
        check("Z g = \n=", Some("f"));
        check(" \n", Some(""));
        check("Zg", None);
        check("Zm9v,YmFy", None);
        check("Zm9v\u{a0}YmFy", None);
    }

    proptest! {
        #[test]
        fn whatever_decodes_is_the_text_that_encodes(text in "[A-Za-z0-9_=+/-]{0,9}") {
            if let Some(bytes) = decode_url(text.as_bytes()) {
                prop_assert_eq!(encode_url(&bytes), text.clone());
            }
            if let Some(bytes) = decode_standard(text.as_bytes()) {
                prop_assert_eq!(encode_standard(&bytes), text);
            }
        }
    }
}
