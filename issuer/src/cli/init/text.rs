//! What every part of a draft is written with.

use std::fmt::Write as _;

/// The time of the tests.
pub(super) const AT: &str = "2026-11-24T12:00:00Z";

/// Lines, each with blanks before it.
pub(super) fn indented(lines: &str, spaces: usize) -> String {
    lines.lines().fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{:spaces$}{line}", "");
        text
    })
}
