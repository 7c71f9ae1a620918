//! Signing keys: where they live, what is published of them, and the one place that signs.
//!
//! A private key never leaves its [`Signer`]: there is no way to read it, print it or serialise it. What
//! the key set publishes is made from the public key alone.

use credmint_core::jose::{Algorithm, JwkSet};
use credmint_core::{Refusal, base64, json};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

mod file;
mod jwk;

pub use file::{FileSigner, KeyFileError};
pub use jwk::PublicJwk;

/// How the issuer signs (RFC 7518 section 3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[non_exhaustive]
pub enum SigningAlgorithm {
    /// ECDSA on P-256 with SHA-256: small tokens, cheap to sign.
    #[default]
    Es256,
    /// RSA PKCS#1 v1.5 with SHA-256: for verifiers that know nothing else.
    Rs256,
}

impl SigningAlgorithm {
    /// Every algorithm, the default first.
    pub const ALL: [Self; 2] = [Self::Es256, Self::Rs256];

    /// The name in a JOSE header.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
        }
    }
}

impl fmt::Display for SigningAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something that holds a private key and signs with it: a file today, a token or a service elsewhere.
pub trait Signer: Send + Sync {
    /// The public key, with its `kid` and algorithm.
    fn public(&self) -> &PublicJwk;

    /// The signature of `message` in the form that a JWS carries (RFC 7518 sections 3.3 and 3.4): for
    /// ES256 `r || s`. It may take a millisecond of a core.
    ///
    /// # Errors
    /// When the key cannot be used or there is no randomness; then nothing may be minted.
    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;

    /// `claims` as a signed token in compact form (RFC 7515 section 7.1), with `alg`, `kid` and `typ` in
    /// its header and nothing else.
    ///
    /// # Errors
    /// As [`Signer::signature`].
    fn sign(&self, typ: &str, claims: &json::Object) -> Result<String, SignError> {
        let public = self.public();
        let header = json::Object::from_iter([
            ("alg", public.algorithm().as_str()),
            ("kid", public.kid()),
            ("typ", typ),
        ]);
        let mut token = base64::encode_url(header.to_string().as_bytes());
        token.push('.');
        token.push_str(&base64::encode_url(claims.to_string().as_bytes()));
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        token.push_str(&base64::encode_url(&signature));
        Ok(token)
    }
}

/// The key could not be used. The reason stays with the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the signing key could not be used")]
pub struct SignError;

/// The key that signs and every key that verifiers are told of.
#[derive(Clone)]
pub struct SigningKeys {
    current: Arc<dyn Signer>,
    published: Vec<PublicJwk>,
}

impl SigningKeys {
    /// Opens the key files of a state directory. The key of `algorithm` signs, and is made when there is
    /// none. The key of another algorithm that is found stays published, so that tokens signed before a
    /// change of the algorithm still verify; remove its file when the last of them has expired.
    ///
    /// # Errors
    /// When a key file cannot be read, made or trusted.
    pub fn open(directory: &Path, algorithm: SigningAlgorithm) -> Result<Self, KeyFileError> {
        let current = FileSigner::open_or_create(directory, algorithm)?;
        let mut published = vec![current.public().clone()];
        for other in SigningAlgorithm::ALL.into_iter().filter(|other| *other != algorithm) {
            if let Some(signer) = FileSigner::open(directory, other)? {
                published.push(signer.public().clone());
            }
        }
        Ok(Self { current: Arc::new(current), published })
    }

    /// The key that signs.
    #[must_use]
    pub fn current(&self) -> &dyn Signer {
        &*self.current
    }

    /// What verifies the tokens of this issuer here: the keys that are published, as every verifier reads them.
    ///
    /// # Errors
    /// When one of them is no key that signs access tokens.
    pub fn verifying(&self) -> Result<JwkSet, Refusal> {
        JwkSet::parse(self.jwks().to_string().as_bytes(), &[Algorithm::Es256, Algorithm::Rs256])
    }

    /// The JWK set (RFC 7517 section 5) for verifiers, the current key first.
    #[must_use]
    pub fn jwks(&self) -> json::Object {
        let keys: Vec<json::Value> =
            self.published.iter().map(|key| key.to_json().into()).collect();
        json::Object::from_iter([("keys", keys)])
    }
}

#[cfg(test)]
mod tests;
