//! Signed tokens: JWS, JWK, JWK sets and the registered claims (RFC 7515, 7517, 7518, 7519, 8725).
//!
//! A token passes through types of which each can be made only from the one before:
//!
//! ```text
//! text → UnverifiedJws → (key from configuration) → VerifiedJws → claims → RegisteredClaims
//! ```
//!
//! - Only the compact serialisation is read; encryption, compression, nesting and header extensions are
//!   refused before a key is looked at.
//! - A key comes from configuration or from a key set, never from the token: `jwk`, `jku`, `x5u` and
//!   `x5c` are looked at only to name them in a refusal.
//! - A [`VerificationKey`] carries a closed [`AlgorithmSet`]. The token's `alg` is compared with it and
//!   never chooses beyond it. There is no HMAC code, so no public key can become a secret.
//! - The payload is parsed after the signature has verified; before, a claim is read to look up what is configured alone.

mod algorithm;
mod claimed;
mod claims;
mod jwk;
mod jwks;
mod jws;
pub mod known_answers;
mod thumbprint;
mod warning;

pub use algorithm::{Algorithm, AlgorithmSet};
pub(crate) use claimed::claimed;
pub use claims::{Audiences, ClaimRules, Others, RegisteredClaims, Types, check_claims};
pub use jwk::VerificationKey;
pub use jwks::{JwkSet, KeyRules};
pub use jws::{UnverifiedJws, VerifiedJws};
pub use thumbprint::Thumbprint;
pub use warning::KeyWarning;

#[cfg(test)]
pub(crate) mod tests {
    pub(crate) mod fake;
}
