//! A time in the configuration of the server: seconds, as `900` or `900s`, as in the policy.

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use std::fmt;
use std::time::Duration;

/// A number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seconds(pub Duration);

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Seconds;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("seconds, as 900 or 900s")
    }

    fn visit_u64<E: Error>(self, seconds: u64) -> Result<Seconds, E> {
        Ok(Seconds(Duration::from_secs(seconds)))
    }

    fn visit_i64<E: Error>(self, seconds: i64) -> Result<Seconds, E> {
        let seconds = u64::try_from(seconds).map_err(|_| E::custom("a time before none"))?;
        self.visit_u64(seconds)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Seconds, E> {
        let digits = text.strip_suffix('s').unwrap_or(text);
        let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let seconds = is_plain.then(|| digits.parse().ok()).flatten();
        let wrong = || E::custom(format_args!("`{text}` is no number of seconds, as 900 or 900s"));
        seconds.map(|seconds| Seconds(Duration::from_secs(seconds))).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_with_their_unit_or_without() {
        let check = |text: &str, expect: Option<u64>| {
            let read: Option<Seconds> = serde_json::from_str(text).ok();
            assert_eq!(read.map(|seconds| seconds.0.as_secs()), expect, "{text}");
        };
        check("900", Some(900));
        check("\"900s\"", Some(900));
        check("\"900\"", Some(900));
        for text in ["-1", "\"\"", "\"s\"", "\"15m\"", "\"+9s\"", "\"9 s\"", "1.5", "null"] {
            check(text, None);
        }
    }
}
