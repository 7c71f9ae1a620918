//! The real issuer under load, briefly: `cargo xtask long soak` does the same for as long as it is told.

use credmint_tests::{overload, soak};
use std::process::ExitCode;
use std::time::Duration;

/// Every answer right, and memory, descriptors and store flat.
#[test]
fn thirty_seconds_of_mixed_load() {
    assert_eq!(soak::run(Duration::from_secs(30)), ExitCode::SUCCESS);
}

/// What is too much is refused at once with 503, and what is taken up is not late for it.
#[test]
fn i14_twice_the_load_that_it_can_take() {
    overload::run(Duration::from_secs(5));
}
