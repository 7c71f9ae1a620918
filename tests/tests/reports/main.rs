//! Inputs after public reports of users of other systems, in the folder `reports` of the test material: what comes out
//! must be what the `expected` of each case says.
//!
//! A case whose language has grown since, or that comes out otherwise on purpose, has a row in `differences.rs`, with
//! what comes out and why. A row that makes no difference any more fails.

mod differences;
mod oidc;
mod pki;

use differences::DIFFERENCES;

/// One line of a case: what came out, and whether that is as it should.
pub(crate) struct Line {
    pub(crate) case: String,
    pub(crate) line: String,
    pub(crate) got: String,
    pub(crate) fits: bool,
}

/// Checks the lines of a part of the reports against what they should be and against the table.
pub(crate) fn check(part: &str, lines: &[Line]) {
    assert!(!lines.is_empty(), "no cases in {part}");
    let mut wrong = Vec::new();
    for Line { case, line, got, fits } in lines {
        let row = DIFFERENCES.iter().find(|row| row.is_of(part, case, line));
        match row {
            None if !fits => wrong.push(format!("{case}, {line}: {got}")),
            Some(_) if *fits => {
                wrong.push(format!("{case}, {line}: the row in the table makes no difference"));
            }
            Some(row) if !got.starts_with(row.got) => {
                wrong.push(format!("{case}, {line}: {got}, not as in the table: {}", row.got));
            }
            _ => {}
        }
    }
    for row in DIFFERENCES.iter().filter(|row| row.part == part) {
        assert!(!row.why.is_empty(), "{}, {}: no reason", row.case, row.line);
        if !lines.iter().any(|line| row.is_of(part, &line.case, &line.line)) {
            wrong.push(format!("{}, {}: there is no such line", row.case, row.line));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
}
