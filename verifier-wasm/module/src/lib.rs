//! The core for JavaScript.
//!
//! Bytes and JSON text cross the boundary, nothing else: what a caller could change between two reads stays outside.
//! Every function answers with the text of one JSON object whose member `verdict` says which it is:
//!
//! | `verdict` | other members |
//! |---|---|
//! | `accept` | what was proven |
//! | `refuse` | `code`, `step`, `fault`, `public`, `sentence`, `publicSentence`, `message`; `detail`, `expected`, `found` when there are any; `status`, `headers` and `body` for the caller |
//! | `wanting` | `wait`: ask again when these flights have ended |
//! | `misuse` | `message`: the caller's own arguments are wrong; `problems`, where they are a document: each with `pointer`, `message`, `expected`, and `hint` when a word is near |
//!
//! In any of them `fetch` lists what is to be fetched: `flight`, `document` (`discovery` or `key_set`), `url`, `accept`
//! and `bytes`, the most that is read. [`Keys::ended`] takes what came of it. Only a question that is `wanting` waits.
//!
//! The JavaScript around it, in the folder `js`, is what people use.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::string_slice,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

mod arguments;
#[cfg(target_arch = "wasm32")]
mod host;
mod keys;
mod options;
mod record;

pub use keys::{Keys, check_answer};

use credmint_core::guard::{bearer, verify_access_token as verify};
use credmint_core::signature::SignatureProvider;
use credmint_rustcrypto::RustCrypto;
use wasm_bindgen::prelude::wasm_bindgen;

/// The signature back ends: the host's own first.
#[cfg(target_arch = "wasm32")]
const SIGNATURES: SignatureProvider<'static> =
    SignatureProvider { backends: &[&host::Host, &RustCrypto] };

/// The signature back end where there is no JavaScript host, which is in tests.
#[cfg(not(target_arch = "wasm32"))]
const SIGNATURES: SignatureProvider<'static> = SignatureProvider { backends: &[&RustCrypto] };

/// Verifies an access token (RFC 9068).
///
/// `options` is JSON text: `issuer`, `audience` and `keys` (required), `scope` (a list), `clockSkewSeconds`,
/// `maxLifetimeSeconds` and `now`. The values of `keys` and `now` are the two arguments; here only whether they were
/// given counts.
/// `now_seconds` is Unix time in seconds, `round` how often the question has waited already.
#[wasm_bindgen(js_name = verifyAccessToken)]
#[must_use]
pub fn verify_access_token(
    token: &str,
    options: &str,
    keys: &mut Keys,
    now_seconds: f64,
    round: u32,
) -> String {
    let rules = match options::verification(options) {
        Ok(rules) => rules,
        Err(problems) => return record::problems(&problems),
    };
    let now = match arguments::time(now_seconds) {
        Ok(now) => now,
        Err(message) => return record::misuse(&message),
    };
    if let Err(message) = keys.serve(&rules.issuer) {
        return record::misuse(&message);
    }
    let verdict = verify(token, &rules, &keys.source, keys.cache.ring(), now, SIGNATURES);
    match keys.flights(&verdict, &rules.issuer, now, round) {
        Ok(flights) => record::verdict(verdict, &flights, &rules.scope),
        Err(refusal) => record::refusal(&refusal, &rules.scope),
    }
}

/// Reads the options of [`verify_access_token`] without verifying anything: `accept`, or what is wrong with them.
#[wasm_bindgen(js_name = checkOptions)]
#[must_use]
pub fn check_options(options: &str) -> String {
    match options::verification(options) {
        Ok(_) => record::taken(None),
        Err(problems) => record::problems(&problems),
    }
}

/// Reads the bundle of a policy, as `credmint policy bundle` writes it. All of it must be good, though an edge uses the
/// answer alone: `issuer`, `hash`, and `resources`, the scope values by audience: the
/// name of each resource and its identifiers.
#[wasm_bindgen(js_name = readPolicyBundle)]
#[must_use]
pub fn read_policy_bundle(bundle: &str) -> String {
    match arguments::bundle(bundle) {
        Ok(bundle) => record::bundle(&bundle),
        Err(problems) => record::problems(&problems),
    }
}

/// Reads the one bearer token of a request (RFC 6750 section 2.1).
///
/// `values` is a JSON list: the values of the `Authorization` fields as they came. The answer carries `token`,
/// of which nothing is verified.
#[wasm_bindgen(js_name = readBearer)]
#[must_use]
pub fn read_bearer(values: &str) -> String {
    match arguments::texts(values) {
        Ok(values) => {
            let values: Vec<&str> = values.iter().map(String::as_str).collect();
            record::bearer(bearer(&values))
        }
        Err(message) => record::misuse(&message),
    }
}

#[cfg(test)]
mod tests;
