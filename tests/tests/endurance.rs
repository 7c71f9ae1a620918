//! The real issuer under load, briefly: `cargo xtask long soak` does the same for as long as it is told.

use credmint_tests::{overload, soak};
use std::process::ExitCode;
use std::time::Duration;

/// Every answer right, and memory, descriptors and store flat.
#[test]
fn thirty_seconds_of_mixed_load() {
    assert_eq!(soak::run(Duration::from_secs(30)), ExitCode::SUCCESS);
}

/// Of more than may wait some is granted and the rest refused with 503, all within a second, and no memory is kept.
#[test]
fn i14_more_clients_than_may_wait() {
    overload::run(Duration::from_secs(5));
}
