//! Values of requests: times, binary, keys, certificates.
//!
//! A value that a sender of proofs could have made is refused when it is malformed; only the shape of the request
//! itself is wrong use.

use super::answer::Misuse;
use credmint_core::signature::{PublicKey, RsaLimit};
use credmint_core::x509::Certificate;
use credmint_core::{Code, Refusal, UnixTime, base64, pem};
use serde::Deserialize;
use serde_json::Value;
use std::io::Read;
use std::path::{Path, PathBuf};

/// A time: RFC 3339, or Unix seconds; floored to seconds.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct Time(pub(super) UnixTime);

impl TryFrom<Value> for Time {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let wrong = || format!("`{value}` is not a time (RFC 3339, or Unix seconds)");
        match &value {
            Value::String(text) => text.parse(),
            Value::Number(number) => {
                let seconds = match number.as_i64() {
                    Some(seconds) => Some(seconds),
                    None => number.as_f64().and_then(floor),
                };
                seconds.map(|seconds| Self(UnixTime::from_seconds(seconds))).ok_or_else(wrong)
            }
            _ => Err(wrong()),
        }
    }
}

impl std::str::FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(seconds) = text.parse::<i64>() {
            return Ok(Self(UnixTime::from_seconds(seconds)));
        }
        if let Some(seconds) = text.parse::<f64>().ok().and_then(floor) {
            return Ok(Self(UnixTime::from_seconds(seconds)));
        }
        let timestamp = text.parse::<jiff::Timestamp>().map_err(|error| {
            format!("`{text}` is not a time (RFC 3339, or Unix seconds): {error}")
        })?;
        let floored = if timestamp.subsec_nanosecond() < 0 {
            timestamp.as_second().saturating_sub(1)
        } else {
            timestamp.as_second()
        };
        Ok(Self(UnixTime::from_seconds(floored)))
    }
}

/// Whole seconds of a number, if it is one that a time can be.
fn floor(number: f64) -> Option<i64> {
    // 2^53: beyond it a double does not hold every integer, so it could not have been meant.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.is_finite() && number.abs() < EXACT).then(|| number.floor() as i64)
}

/// The time of a request, or now.
pub(super) fn time_or_now(time: Option<Time>) -> UnixTime {
    time.map_or_else(|| crate::decide::system_clock()(), |time| time.0)
}

/// Octets in standard base64.
pub(super) fn octets(text: &str, member: &str) -> Result<Vec<u8>, Refusal> {
    base64::decode_spaced(text).ok_or_else(|| {
        Refusal::new(Code::ParameterInvalid).detail(member).expected("standard base64")
    })
}

/// One certificate in PEM or base64 DER.
pub(super) fn certificate(text: &str) -> Result<Certificate, Refusal> {
    Certificate::from_der(&pem::certificate(text)?)
}

/// Certificates; each text may be a bundle of several.
pub(super) fn certificates(texts: &[String]) -> Result<Vec<Certificate>, Refusal> {
    let mut certificates = Vec::new();
    for text in texts {
        for der in pem::certificates(text)? {
            certificates.push(Certificate::from_der(&der)?);
        }
    }
    Ok(certificates)
}

/// A public key: SubjectPublicKeyInfo in PEM or base64 DER.
pub(super) fn spki(text: &str, limit: RsaLimit) -> Result<PublicKey, Refusal> {
    PublicKey::from_spki_der(&pem::public_key(text)?, limit)
}

/// The octets of a file, or of standard input for `-`.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Misuse> {
    let octets = if path == Path::new("-") {
        let mut octets = Vec::new();
        std::io::stdin().read_to_end(&mut octets).map(|_| octets)
    } else {
        std::fs::read(path)
    };
    octets.map_err(|error| Misuse::new(format_args!("{}: {error}", path.display())))
}

/// The text of a file, or of standard input for `-`.
pub(super) fn read_text(path: &Path) -> Result<String, Misuse> {
    String::from_utf8(read(path)?)
        .map_err(|_| Misuse::new(format_args!("{}: not UTF-8", path.display())))
}

/// The octets of a file in standard base64.
pub(super) fn read_base64(path: &Path) -> Result<String, Misuse> {
    Ok(base64::encode_standard(&read(path)?))
}

/// The text of a file that may be binary DER or text: binary becomes base64.
pub(super) fn read_der_or_text(path: &Path) -> Result<String, Misuse> {
    // A DER or BER structure starts with a SEQUENCE, which no text of ours does.
    match String::from_utf8(read(path)?) {
        Ok(text) if !text.starts_with('0') => Ok(text),
        Ok(text) => Ok(base64::encode_standard(text.as_bytes())),
        Err(error) => Ok(base64::encode_standard(error.as_bytes())),
    }
}

/// As [`read_der_or_text`], for each of several files.
pub(super) fn read_all_der_or_text(paths: &[PathBuf]) -> Result<Vec<String>, Misuse> {
    paths.iter().map(|path| read_der_or_text(path)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_floored() {
        let check = |value: Value, expect: Option<i64>| {
            let time = Time::try_from(value.clone()).ok().map(|time| time.0.seconds());
            assert_eq!(time, expect, "{value}");
        };
        check(1_795_521_600.into(), Some(1_795_521_600));
        check(1_795_521_600.9.into(), Some(1_795_521_600));
        check((-1).into(), Some(-1));
        check((-0.5).into(), Some(-1));
        check("1795521600".into(), Some(1_795_521_600));
        check("1795521600.9".into(), Some(1_795_521_600));
        check("2026-11-24T12:00:00Z".into(), Some(1_795_521_600));
        check("2026-11-24T13:00:00.999+01:00".into(), Some(1_795_521_600));
        check("1969-12-31T23:59:59.5Z".into(), Some(-1));
        check("9999-12-31T23:59:59Z".into(), Some(253_402_300_799));
        for bad in ["", "now", "2026-11-24", "2026-13-24T12:00:00Z", "nan", "inf", "1e300"] {
            check(bad.into(), None);
        }
        check(1e300.into(), None);
        check(true.into(), None);
    }
}
