//! Bytes for people and for keys of maps: lower-case hexadecimal digits.

use alloc::string::{String, ToString};
use core::fmt::{self, Write};
use sha2::{Digest, Sha256};

/// Lower-case hex of a SHA-256 over parts whose lengths are part of it, so that no two different lists of parts have the same
/// text.
pub(crate) fn digest_of_parts(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part.as_bytes());
    }
    Hex(&hash.finalize()).to_string()
}

/// Bytes that show themselves as two lower-case hexadecimal digits each.
pub(crate) struct Hex<'a>(pub(crate) &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| {
            f.write_char(digit(byte >> 4))?;
            f.write_char(digit(byte & 0x0f))
        })
    }
}

fn digit(half: u8) -> char {
    char::from_digit(half.into(), 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_digits_a_byte() {
        let check = |bytes: &[u8], expect: &str| assert_eq!(Hex(bytes).to_string(), expect);
        check(&[], "");
        check(&[0, 0x0f, 0xa0, 0xff], "000fa0ff");
    }
}
