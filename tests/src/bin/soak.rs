//! `soak SECONDS`: the issuer under load. `cargo xtask long soak` builds everything and starts it.

use std::env;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let seconds = env::args().nth(1).and_then(|text| text.parse().ok());
    let Some(seconds) = seconds else {
        eprintln!("usage: soak SECONDS");
        return ExitCode::FAILURE;
    };
    credmint_tests::soak::run(Duration::from_secs(seconds))
}
