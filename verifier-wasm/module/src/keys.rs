//! Keys of one issuer, as JavaScript holds them.

use crate::{record, rules};
use credmint_core::jose::JwkSet;
use credmint_core::keys::{AnswerHead, Flights, KeyCache, KeySource, Wait};
use credmint_core::{Refusal, Source, UnixTime, Verdict};
use std::sync::Arc;
use wasm_bindgen::prelude::wasm_bindgen;

/// The keys of one issuer: given, or fetched by JavaScript when a verification wants them.
#[wasm_bindgen]
pub struct Keys {
    /// The one issuer that fetched keys belong to; given ones belong to whom the caller says.
    issuer: Option<String>,
    pub(crate) source: KeySource,
    pub(crate) cache: KeyCache,
}

#[wasm_bindgen]
impl Keys {
    /// Keys from the text of a JWK set.
    ///
    /// # Errors
    /// The record of the refusal.
    #[wasm_bindgen(js_name = fromJwks)]
    pub fn from_jwks(text: &str) -> Result<Keys, String> {
        let set = JwkSet::parse(text.as_bytes(), &[])
            .map_err(|refusal| record::refusal(&refusal, &[]))?;
        Ok(Self {
            issuer: None,
            source: KeySource::Static(Arc::new(set)),
            cache: KeyCache::default(),
        })
    }

    /// Keys whose address the issuer's discovery document names.
    #[wasm_bindgen(js_name = fromDiscovery)]
    #[must_use]
    pub fn from_discovery(issuer: &str) -> Keys {
        Self::remote(issuer, KeySource::Discovery)
    }

    /// Keys at an address.
    #[wasm_bindgen(js_name = fromUri)]
    #[must_use]
    pub fn from_uri(issuer: &str, uri: &str) -> Keys {
        Self::remote(issuer, KeySource::JwksUri(uri.to_owned()))
    }

    /// Takes the body of a fetch that JavaScript was asked to make, or none when it failed. Answers `accept`, or why it
    /// cannot be used; in `fetch` is the next fetch of the flight, if there is one.
    pub fn ended(&mut self, flight: u32, body: Option<Vec<u8>>, now_seconds: f64) -> String {
        let now = match rules::time(now_seconds) {
            Ok(now) => now,
            Err(message) => return record::misuse(&message),
        };
        let ended = self.cache.ended(flight, body.as_deref(), now).unwrap_or_default();
        match ended.refusal {
            Some(refusal) => record::refusal(&refusal, &[]),
            None => record::taken(ended.next.as_ref()),
        }
    }
}

/// Whether the body behind this head of an answer is to be read: `undefined` if it is, else why not. `document` is that
/// of the fetch; several values of a field are joined by a comma, as `Headers` gives them.
#[wasm_bindgen(js_name = checkAnswer)]
#[must_use]
pub fn check_answer(
    document: &str,
    status: u16,
    content_type: Option<String>,
    content_encoding: Option<String>,
    length: Option<u32>,
) -> Option<String> {
    let head = AnswerHead {
        status,
        content_type: content_type.as_deref().into_iter().collect(),
        content_encoding: content_encoding.as_deref().into_iter().collect(),
        length: length.and_then(|length| usize::try_from(length).ok()),
    };
    let checked = record::document(document).map(|document| document.check(&head));
    match checked {
        Some(Ok(())) => None,
        Some(Err(refused)) => Some(refused.to_string()),
        None => Some("no document of this name".to_owned()),
    }
}

impl Keys {
    fn remote(issuer: &str, source: KeySource) -> Self {
        Self { issuer: Some(issuer.to_owned()), source, cache: KeyCache::default() }
    }

    /// Keys of one issuer never serve another (RFC 8725 section 3.8).
    pub(crate) fn serve(&self, issuer: &str) -> Result<(), String> {
        match &self.issuer {
            Some(own) if own != issuer => {
                Err(format!("the keys are those of {own}, not of {issuer}"))
            }
            _ => Ok(()),
        }
    }

    /// What JavaScript is to fetch for an answer, and what the question waits for, which has waited `round` times.
    ///
    /// # Errors
    /// When it has waited often enough.
    pub(crate) fn flights<T>(
        &mut self,
        verdict: &Verdict<T>,
        issuer: &str,
        now: UnixTime,
        round: u32,
    ) -> Result<Flights, Refusal> {
        let seen = self.cache.ring().clone();
        let source: Option<Source> = match verdict {
            Verdict::Wanting(source) => {
                let rounds = usize::try_from(round).unwrap_or(usize::MAX);
                Wait::after(rounds, now).again()?;
                Some(source.clone())
            }
            _ => seen.due(issuer, &self.source, now),
        };
        Ok(source.map_or_else(Flights::default, |source| self.cache.begin(&source, &seen, now)))
    }
}
