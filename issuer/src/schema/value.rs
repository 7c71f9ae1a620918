//! Values that occur in several places of a policy.

use schemars::JsonSchema;

/// Seconds, as 900 or "900s".
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum Duration {
    /// Seconds.
    Seconds(u64),
    /// Seconds with their unit.
    Text(#[schemars(regex(pattern = r"^[0-9]+s$"))] String),
}

/// One value or a list of them.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum OneOrMany<T> {
    /// One.
    One(T),
    /// Any of these.
    Many(#[schemars(length(min = 1))] Vec<T>),
}

/// A finding of `credmint check` that is known.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Acceptance {
    /// Its id.
    pub lint: String,
    /// Why this is as it should be.
    #[schemars(length(min = 1))]
    pub reason: String,
}
