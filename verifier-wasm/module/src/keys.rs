//! Keys of one issuer, as JavaScript holds them.

use crate::{arguments, options, record};
use credmint_core::jose::{JwkSet, KeyRules};
use credmint_core::keys::{KeyRing, KeySource};
use credmint_core::{Refusal, UnixTime};
use std::sync::Arc;
use wasm_bindgen::prelude::wasm_bindgen;

/// The keys of one issuer: given, or fetched by JavaScript when a verification wants them.
#[wasm_bindgen]
pub struct Keys {
    /// The one issuer that fetched keys belong to; given ones belong to whom the caller says.
    issuer: Option<String>,
    pub(crate) source: KeySource,
    pub(crate) ring: KeyRing,
}

#[wasm_bindgen]
impl Keys {
    /// Keys from the text of a JWK set.
    ///
    /// # Errors
    /// The record of the refusal.
    #[wasm_bindgen(js_name = fromJwks)]
    pub fn from_jwks(text: &str) -> Result<Keys, String> {
        let set =
            JwkSet::parse(text.as_bytes(), &[]).map_err(|refusal| record::refusal(&refusal))?;
        Ok(Self {
            issuer: None,
            source: KeySource::Static(Arc::new(set)),
            ring: KeyRing::default(),
        })
    }

    /// Keys that are fetched when they are wanted. `options` is JSON text: `issuer` (required), `jwksUri`, without which
    /// the issuer's discovery document says where they are, `timeoutSeconds` and `fetch`. The last two are for JavaScript;
    /// here only whether they are good counts, of `fetch` its name.
    ///
    /// # Errors
    /// The record of what is wrong with the options.
    #[wasm_bindgen(js_name = fromOptions)]
    pub fn from_options(options: &str) -> Result<Keys, String> {
        let (issuer, source) =
            options::key_set(options).map_err(|problems| record::problems(&problems))?;
        Ok(Self { issuer: Some(issuer), source, ring: KeyRing::default() })
    }

    /// Takes a JWK set that was wanted. Answers `accept`, or why it cannot be used.
    pub fn fetched(&mut self, body: &[u8], now_seconds: f64) -> String {
        self.take(now_seconds, |ring, issuer, now| {
            ring.fetched(issuer, &KeyRules::default(), body, now)
        })
    }

    /// Takes a discovery document that was wanted. Answers `accept`, or why it cannot be used.
    pub fn discovered(&mut self, body: &[u8], now_seconds: f64) -> String {
        self.take(now_seconds, |ring, issuer, now| ring.discovered(issuer, body, now))
    }

    /// Takes note that what was wanted could not be fetched.
    pub fn failed(&mut self, now_seconds: f64) -> String {
        self.take(now_seconds, |ring, issuer, now| {
            ring.failed(issuer, now);
            Ok(())
        })
    }
}

impl Keys {
    /// Keys of one issuer never serve another (RFC 8725 section 3.8).
    pub(crate) fn serve(&self, issuer: &str) -> Result<(), String> {
        match &self.issuer {
            Some(own) if own != issuer => {
                Err(format!("the keys are those of {own}, not of {issuer}"))
            }
            _ => Ok(()),
        }
    }

    fn take(
        &mut self,
        now_seconds: f64,
        into: impl FnOnce(&mut KeyRing, &str, UnixTime) -> Result<(), Refusal>,
    ) -> String {
        let Some(issuer) = &self.issuer else {
            return record::misuse("keys that were given are never fetched");
        };
        match arguments::time(now_seconds) {
            Ok(now) => match into(&mut self.ring, issuer, now) {
                Ok(()) => record::accepted(),
                Err(refusal) => record::refusal(&refusal),
            },
            Err(message) => record::misuse(&message),
        }
    }
}
