//! The issuer as operators see it, the real process: outputs that nobody reads, disks that are full, probes, metrics, status,
//! audit records that are verified and explained.

mod disk;
mod listener;
mod stalled;

use credmint_tests::environment;
use std::process::{Command, Output};

/// The command with these arguments, to its end.
fn credmint(arguments: &[&str]) -> Output {
    Command::new(environment::credmint()).args(arguments).output().expect("it runs")
}

/// What it prints, when it says yes.
fn said(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {text}{error}", output.status);
    text
}
