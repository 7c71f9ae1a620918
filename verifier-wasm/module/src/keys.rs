//! Keys of one issuer, as JavaScript holds them.

use crate::{arguments, options, record};
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
        Ok(Self { issuer: Some(issuer), source, cache: KeyCache::default() })
    }

    /// Takes the body of a fetch that JavaScript was asked to make, or none when it failed. Answers `accept`, or why it
    /// cannot be used; in `fetch` is the next fetch of the flight, if there is one.
    pub fn ended(&mut self, flight: u32, body: Option<Vec<u8>>, now_seconds: f64) -> String {
        let now = match arguments::time(now_seconds) {
            Ok(now) => now,
            Err(message) => {
                // It is over all the same. Were it under way for ever, nobody could begin another.
                let _ = self.cache.ended(flight, None, UnixTime::from_seconds(0));
                return record::misuse(&message);
            }
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
