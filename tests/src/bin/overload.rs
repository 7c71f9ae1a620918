//! `overload SECONDS`: more clients than may wait for the issuer. `cargo xtask long soak` builds everything and starts it.

use std::env;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    let seconds = env::args().nth(1).and_then(|text| text.parse().ok());
    let Some(seconds) = seconds else {
        eprintln!("usage: overload SECONDS");
        return ExitCode::FAILURE;
    };
    credmint_tests::overload::run(Duration::from_secs(seconds));
    ExitCode::SUCCESS
}
