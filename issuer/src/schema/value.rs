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

/// What access tokens are signed with.
#[derive(JsonSchema)]
pub enum SigningAlgorithm {
    /// ECDSA with P-256.
    #[schemars(rename = "ES256")]
    Es256,
    /// RSA, PKCS#1 v1.5.
    #[schemars(rename = "RS256")]
    Rs256,
    /// RSA, PSS.
    #[schemars(rename = "PS256")]
    Ps256,
    /// Ed25519.
    #[schemars(rename = "EdDSA")]
    EdDsa,
}
