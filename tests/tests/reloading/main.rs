//! The real issuer while its configuration changes: what is taken up, what is refused, what a client sees of it.

mod certificates;
mod fetching;
mod files;
mod pair;
mod teams;
mod under_load;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use credmint_tests::world::World;

/// Tells the issuer of a world to read its configuration again.
fn hang_up(world: &World) {
    signal(world.issuer_id());
}

fn signal(process: u32) {
    let sent = Command::new("kill").args(["-HUP", &process.to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "the issuer takes a signal");
}

/// Puts a file in the place of another at once, as editors and deployments do.
fn replace(path: &Path, text: &str) {
    let beside = path.with_extension("next");
    fs::write(&beside, text).expect("a file");
    fs::rename(&beside, path).expect("a file that is replaced");
}

/// What makes the issuer of a world read its configuration again when it is told to, and then alone.
const TOLD_ALONE: (&str, &str) = ("  log: {", "  reload: { watch: false }\n  log: {");

/// How long a line may take; machines are busy.
const PATIENCE: Duration = Duration::from_secs(60);

/// How often the log is looked at.
const POLL: Duration = Duration::from_millis(10);

/// Waits until the log has so many lines with this text.
fn wait_for_lines(world: &World, text: &str, lines: usize) {
    let deadline = Instant::now() + PATIENCE;
    while world.log().lines().filter(|line| line.contains(text)).count() < lines {
        assert!(Instant::now() < deadline, "the log has no {lines} lines with `{text}`");
        thread::sleep(POLL);
    }
}

/// The record of the reload that made this version the one in use.
fn wait_for_version(world: &World, version: u64) {
    let _ = world.record(&format!("\"version\":{version},"));
}
