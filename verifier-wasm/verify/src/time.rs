//! Times of requests.

use crate::Host;
use credmint_core::UnixTime;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::str::FromStr;

/// A time: RFC 3339, or Unix seconds; floored to seconds.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(try_from = "Value", into = "i64")]
pub struct Time(pub(crate) UnixTime);

/// The time of a request, or now.
pub(crate) fn or_now(time: Option<Time>, host: &dyn Host) -> UnixTime {
    time.map_or_else(|| host.now(), |time| time.0)
}

/// Unix seconds.
impl From<Time> for i64 {
    fn from(time: Time) -> Self {
        time.0.seconds()
    }
}

impl From<Time> for UnixTime {
    fn from(time: Time) -> Self {
        time.0
    }
}

impl TryFrom<Value> for Time {
    type Error = String;

    fn try_from(value: Value) -> Result<Self, String> {
        let seconds = match &value {
            Value::String(text) => return text.parse(),
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(floor)),
            _ => None,
        };
        seconds.map(Self::from_seconds).ok_or_else(|| not_a_time(&value.to_string()))
    }
}

impl FromStr for Time {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let seconds = text.parse().ok().or_else(|| text.parse().ok().and_then(floor));
        match seconds {
            Some(seconds) => Ok(Self::from_seconds(seconds)),
            None => UnixTime::from_rfc3339(text).map(Self).ok_or_else(|| not_a_time(text)),
        }
    }
}

impl Time {
    const fn from_seconds(seconds: i64) -> Self {
        Self(UnixTime::from_seconds(seconds))
    }
}

fn not_a_time(text: &str) -> String {
    format!("`{text}` is not a time (RFC 3339, or Unix seconds)")
}

/// Whole seconds of a number, if it is one that a time can be.
fn floor(number: f64) -> Option<i64> {
    // 2^53: beyond it a double does not hold every integer, so it could not have been meant.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.is_finite() && number.abs() < EXACT).then(|| number.floor() as i64)
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
        check("2026-11-24t12:00:00z".into(), Some(1_795_521_600));
        check("9999-12-31T23:59:59Z".into(), Some(253_402_300_799));
        check("0000-01-01T00:00:00Z".into(), Some(-62_167_219_200));
        for bad in [
            "",
            "now",
            "nan",
            "inf",
            "1e300",
            "2026-11-24",
            "2026-11-24T12:00:00",
            "2026-11-24T12:00Z",
            "2026-11-24T12:00:00.Z",
            "2026-11-24T12:00:00Zulu",
            "2026-11-24T12:00:00+0100",
            "2026-11-24T12:00:00+24:00",
            "2026-11-24T12:00:00+01:60",
            "2026-11-24T12:00:60Z",
            "2026-13-24T12:00:00Z",
            "2026-02-29T12:00:00Z",
            "+026-11-24T12:00:00Z",
            "2026-11-24T12:00:00Z ",
            "ü026-11-24T12:00:00Z",
        ] {
            check(bad.into(), None);
        }
        check(1e300.into(), None);
        check(true.into(), None);
    }
}
