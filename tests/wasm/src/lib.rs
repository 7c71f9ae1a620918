//! The verify commands compiled to WebAssembly, with pure Rust as the only signature back end.
//!
//! Tests run the same requests here and in the native command, and compare the answers byte by byte.
#![cfg(target_arch = "wasm32")]

mod documents;

pub use documents::Documents;

use credmint_core::UnixTime;
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::SignatureProvider;
use credmint_rustcrypto::RustCrypto;
use credmint_verify::{Command, Host, Verifier};
use serde_json::Value;
use wasm_bindgen::prelude::wasm_bindgen;

/// Answers requests of one command, a JSON text a line, with an answer a line. Throws when there is no such command.
///
/// `now_seconds` is the time of requests that give none, in Unix seconds.
///
/// # Errors
/// A sentence, when there is no such command.
#[wasm_bindgen]
pub fn answer(command: &str, requests: &str, now_seconds: f64) -> Result<String, String> {
    let host = Wasm { now: UnixTime::from_seconds(now_seconds as i64) };
    let command: Command = command.parse().map_err(|misuse| format!("{misuse}"))?;
    let mut judge = Verifier::new(command, &host);
    let mut answers = String::new();
    for request in requests.lines().filter(|line| !line.is_empty()) {
        answers.push_str(&Value::Object(judge.answer(request.as_bytes())).to_string());
        answers.push('\n');
    }
    Ok(answers)
}

struct Wasm {
    now: UnixTime,
}

impl Host for Wasm {
    fn signatures(&self) -> SignatureProvider<'_> {
        SignatureProvider { backends: &[&RustCrypto] }
    }

    fn now(&self) -> UnixTime {
        self.now
    }

    fn open_policy(&self, file: &str) -> Result<TrustPolicy, String> {
        Err(format!("{file}: there are no files here; give the policy as an object"))
    }
}
