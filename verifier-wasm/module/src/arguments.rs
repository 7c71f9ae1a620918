//! The caller's arguments that are no options.

use credmint_core::document::{self, Problem};
use credmint_core::json;
use credmint_core::policy::Bundle;
use credmint_core::{UnixTime, limits};

/// The bundle of a policy.
pub(crate) fn bundle(text: &str) -> Result<Bundle, Vec<Problem>> {
    document::read_text(text.as_bytes(), json::Limits::DOCUMENT, Bundle::from_node)
}

/// A time in whole seconds. Milliseconds would be far outside what the core takes for a working clock.
pub(crate) fn time(seconds: f64) -> Result<UnixTime, String> {
    // Every integer up to 2^53 is exact in a double; the comparison is false for NaN.
    if seconds.abs() <= limits::JSON_INTEGER_MAX as f64 {
        Ok(UnixTime::from_seconds(seconds.floor() as i64))
    } else {
        Err("the time is not a number of seconds".to_owned())
    }
}

/// A list of strings.
pub(crate) fn texts(text: &str) -> Result<Vec<String>, String> {
    let wrong = || "not a list of strings".to_owned();
    let list = json::parse(text.as_bytes()).map_err(|_| wrong())?;
    let values = list.as_array().ok_or_else(wrong)?;
    values.iter().map(|value| value.as_str().map(str::to_owned).ok_or_else(wrong)).collect()
}
