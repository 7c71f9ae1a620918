//! What the issuer wrote about its decisions, and what it must never write.

use credmint_core::base64;
use serde_json::Value;

/// One line of the issuer's log.
#[derive(Clone, Debug)]
pub struct Record(Value);

impl Record {
    /// The records of a log, in their order.
    ///
    /// # Panics
    ///
    /// When a line is not a JSON object: the issuer writes nothing else.
    #[must_use]
    pub fn all(log: &str) -> Vec<Self> {
        let parse = |line: &str| match serde_json::from_str(line) {
            Ok(value @ Value::Object(_)) => Self(value),
            _ => panic!("this is no record of the issuer: {line}"),
        };
        log.lines().map(parse).collect()
    }

    /// The text of `member`, or nothing.
    #[must_use]
    pub fn text(&self, member: &str) -> &str {
        self.0[member].as_str().unwrap_or_default()
    }

    /// Whether it is about a token that was minted.
    #[must_use]
    pub fn is_mint(&self) -> bool {
        self.text("verdict") == "accept"
    }
}

/// Bytes of a secret that betray it: 40 base64 characters are 240 bits.
const TELLING: usize = 40;

/// The secrets of which `log` holds a telling part. Of every run of base64 that is long enough, the
/// beginning and the end are looked for, so that a secret that was cut or wrapped is found too.
#[must_use]
pub fn leaked<'a>(log: &str, secrets: &'a [String]) -> Vec<&'a str> {
    secrets
        .iter()
        .flat_map(|secret| telling_parts(secret))
        .filter(|part| log.contains(part))
        .collect()
}

fn telling_parts(secret: &str) -> impl Iterator<Item = &str> {
    let runs = secret.split(|c: char| !c.is_ascii_alphanumeric() && !"+/=-_".contains(c));
    // A header of dashes is not secret, and is part of no run that has other characters.
    let long = runs.filter(|run| run.len() >= TELLING && !is_header(run));
    long.flat_map(|run| [&run[..TELLING], &run[run.len() - TELLING..]])
}

/// Whether it is the header of a token, which names its algorithm and its key, as that of all else which the key signed.
fn is_header(run: &str) -> bool {
    let text = base64::decode_url(run.as_bytes());
    let header = text.and_then(|text| serde_json::from_slice::<Value>(&text).ok());
    header.is_some_and(|header| header.get("alg").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panicking;

    #[test]
    fn parts_of_secrets_are_found() {
        let check = |log: &str, secret: &str, expect: usize| {
            assert_eq!(leaked(log, &[secret.to_owned()]).len(), expect, "{log}");
        };
        let part = "abcdefghijklmnopqrstuvwxyz0123456789ABCD";
        let secret = format!("{part}.{part}EFGH.short\n{part}IJKL");
        check("nothing to see", &secret, 0);
        check(&part[..39], &secret, 0);
        check(&format!("found \"{part}…\""), &secret, 4);
        check(&format!("{}EFGH", &part[4..]), &secret, 1);
        // The header of a token is not secret; what it says and its signature are.
        let header = base64::encode_url(br#"{"alg":"ES256","kid":"abcdefghijklmnopqrstuvwxyz"}"#);
        let token = format!("api|{header}.{part}EFGH.{part}");
        check(&header, &token, 0);
        check(&part[..40], &token, 3);
    }

    #[test]
    fn records() {
        let records =
            Record::all("{\"verdict\":\"accept\"}\n{\"verdict\":\"refuse\",\"code\":\"x\"}\n");
        assert_eq!(records.iter().filter(|record| record.is_mint()).count(), 1);
        assert_eq!(records[1].text("code"), "x");
        assert_eq!(records[1].text("detail"), "");
    }

    #[test]
    fn anything_else_is_no_record() {
        let message = panicking::message(|| Record::all("{}\nthread 'main' panicked\n"));
        let expect = "this is no record of the issuer: thread 'main' panicked";
        assert!(message.starts_with(expect), "{message}");
    }
}
