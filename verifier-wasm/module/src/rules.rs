//! The caller's arguments.

use credmint_core::guard::GuardRules;
use credmint_core::json::{self, Object, Value};
use credmint_core::policy::Bundle;
use credmint_core::{UnixTime, is_scope_token, limits};

/// Longest lifetime of an access token that is believed when the caller says nothing: the longest that a Credmint policy
/// can ask for.
const MAX_LIFETIME: i64 = limits::ACCESS_TOKEN_LIFETIME_MAX;

/// The rules of a call.
pub(crate) fn read(text: &str) -> Result<GuardRules, String> {
    let rules = json::parse_object(text.as_bytes()).map_err(|refusal| refusal.to_string())?;
    let known = ["issuer", "audience", "scope", "clockSkewSeconds", "maxLifetimeSeconds"];
    if let Some((unknown, _)) = rules.iter().find(|(name, _)| !known.contains(name)) {
        return Err(format!("`{unknown}` is not an option"));
    }
    Ok(GuardRules {
        issuer: required(&rules, "issuer")?,
        audience: required(&rules, "audience")?,
        scope: scope(&rules)?,
        skew: seconds(&rules, "clockSkewSeconds", 0, limits::SKEW_MAX)?.unwrap_or(limits::SKEW),
        max_lifetime: seconds(&rules, "maxLifetimeSeconds", 1, limits::OIDC_LIFETIME_MAX)?
            .unwrap_or(MAX_LIFETIME),
    })
}

/// The bundle of a policy.
pub(crate) fn bundle(text: &str) -> Result<Bundle, String> {
    let document = json::parse_with(text.as_bytes(), json::Limits::DOCUMENT)
        .map_err(|refusal| refusal.to_string())?;
    Bundle::read(&document).map_err(|errors| {
        errors.first().map_or_else(|| "no policy".to_owned(), ToString::to_string)
    })
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

fn required(rules: &Object, name: &str) -> Result<String, String> {
    match rules.get(name).and_then(Value::as_str) {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(format!("`{name}` must be a string that is not empty")),
    }
}

fn scope(rules: &Object) -> Result<Vec<String>, String> {
    let wrong = || "`scope` must be a list of scope values".to_owned();
    let Some(values) = rules.get("scope") else { return Ok(Vec::new()) };
    let values = values.as_array().ok_or_else(wrong)?;
    values
        .iter()
        .map(|value| match value.as_str() {
            Some(text) if is_scope_token(text) => Ok(text.to_owned()),
            _ => Err(wrong()),
        })
        .collect()
}

fn seconds(rules: &Object, name: &str, least: i64, most: i64) -> Result<Option<i64>, String> {
    let Some(value) = rules.get(name) else { return Ok(None) };
    match value.as_integer() {
        Some(number) if (least..=most).contains(&number) => Ok(Some(number)),
        _ => Err(format!("`{name}` must be {least} to {most} seconds")),
    }
}
