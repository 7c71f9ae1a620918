//! The fingerprint of a certificate: SHA-256 over its DER.

use serde::de::{Deserialize, Deserializer, Error as _};
use std::fmt;
use std::str::FromStr;

/// SHA-256 over the DER of a certificate. As text: 64 hexadecimal digits, with or without colons between the bytes, as
/// `openssl x509 -fingerprint -sha256` writes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

/// A text is no fingerprint.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a fingerprint: SHA-256 in 64 hexadecimal digits")]
pub struct NoFingerprint;

impl Fingerprint {
    /// Of a certificate in DER.
    pub(crate) fn of(certificate: &[u8]) -> Self {
        Self(credmint_core::sha256(certificate))
    }
}

impl FromStr for Fingerprint {
    type Err = NoFingerprint;

    fn from_str(text: &str) -> Result<Self, NoFingerprint> {
        let digits: Vec<u8> = match text.len() {
            64 => text.into(),
            // Colons stand between bytes alone.
            95 if text.bytes().skip(2).step_by(3).all(|byte| byte == b':') => {
                let mut digits: Vec<u8> = text.into();
                digits.retain(|byte| *byte != b':');
                digits
            }
            _ => return Err(NoFingerprint),
        };
        if digits.len() != 64 {
            return Err(NoFingerprint);
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
            for digit in pair {
                let value = char::from(*digit).to_digit(16).ok_or(NoFingerprint)?;
                *byte = (*byte << 4) | u8::try_from(value).map_err(|_| NoFingerprint)?;
            }
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fingerprints_are_read_in_both_spellings() {
        let plain = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let pairs: Vec<&str> = (0..64).step_by(2).map(|at| &plain[at..at + 2]).collect();
        let colons = pairs.join(":");
        let check = |text: &str, expect: Result<Fingerprint, NoFingerprint>| {
            assert_eq!(text.parse(), expect, "{text}");
        };
        let abc = Fingerprint::of(b"abc");
        assert_eq!(abc.to_string(), plain);
        check(plain, Ok(abc));
        check(&colons.to_uppercase(), Ok(abc));
        check(&plain[1..], Err(NoFingerprint));
        check(&format!("{plain}0"), Err(NoFingerprint));
        check(&plain.replace('b', "g"), Err(NoFingerprint));
        check(&colons.replacen(':', "0", 1), Err(NoFingerprint));
        check(&format!(":{}", &colons[1..]), Err(NoFingerprint));
        check(&plain.replacen("ba", "+a", 1), Err(NoFingerprint));
    }
}
