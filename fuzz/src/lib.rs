//! What fuzzing runs: one function a parser, fed with any bytes. `cargo xtask long fuzz` runs each under libFuzzer, and
//! `tests/tests/fuzz_seeds.rs` with the seeds, their nearest neighbours and the project's vectors.
//!
//! None may panic; what is read is read again from its own text; what was not signed is not accepted; each signature back
//! end gives the same answer, and an explanation the same verdict as a decision.

mod cms;
mod expression;
mod form;
mod forwarded;
mod jose;
mod json;
mod pem;
mod policy;
mod signed;
mod verdicts;
mod x509;

pub use cms::{ber, cms};
pub use expression::expression;
pub use form::form;
pub use forwarded::forwarded;
pub use jose::{jwks, jws};
pub use json::json;
pub use pem::pem;
pub use policy::policy;
pub use x509::{certificate, crl};

/// A parser under test: any bytes in, out whether they were read or accepted. A panic is a finding.
pub type Target = fn(&[u8]) -> bool;

/// All of them, by the names of their binaries and of the folders of their seeds.
pub const TARGETS: [(&str, Target); 12] = [
    ("ber", ber),
    ("certificate", certificate),
    ("cms", cms),
    ("crl", crl),
    ("expression", expression),
    ("form", form),
    ("forwarded", forwarded),
    ("json", json),
    ("jwks", jwks),
    ("jws", jws),
    ("pem", pem),
    ("policy", policy),
];

/// 2026-11-24T12:00:00Z, when all seeds hold.
const NOW: i64 = 1_795_521_600;

/// The policy by which the seeds of token requests are accepted.
const POLICY: &str = include_str!("../seeds/policy/exchange.json");
