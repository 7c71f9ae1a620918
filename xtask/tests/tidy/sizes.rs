//! One idea a file: a source file that needs more room than this holds two.

use crate::tree::{self, File};

const LINES: usize = 500;
const SOURCES: &[&str] = &["rs", "ts", "mts", "js", "mjs", "py"];

/// Files that may be longer, each with its reason.
const LONGER: &[(&str, &str)] = &[];

fn findings(files: &[File], longer: &[(&str, &str)]) -> Vec<String> {
    let mut findings = Vec::new();
    for file in files {
        let lines = lines_without_tests(&file.text);
        let is_source =
            file.path.rsplit_once('.').is_some_and(|(_, extension)| SOURCES.contains(&extension));
        let is_listed = longer.iter().any(|(path, _)| *path == file.path);
        if is_source && lines > LINES && !is_listed {
            findings.push(format!("{}: {lines} lines, at most {LINES}", file.path));
        }
        if is_listed && lines <= LINES {
            findings.push(format!("{}: {lines} lines: it need not be listed", file.path));
        }
        if file.path.rsplit('/').next() == Some("mod.rs") {
            findings.push(format!("{}: name the file after the module", file.path));
        }
    }
    for (path, _) in longer {
        if !files.iter().any(|file| file.path == *path) {
            findings.push(format!("{path}: listed as long, but not there"));
        }
    }
    findings
}

/// The lines above `mod tests {`: cases are many and short, and stand beside the code.
fn lines_without_tests(text: &str) -> usize {
    text.lines().take_while(|line| *line != "mod tests {").count()
}

#[test]
fn files_are_short() {
    tree::report(&findings(&tree::files(), LONGER));
}

#[test]
fn finds_long_files_and_stale_entries() {
    let file = |path: &str, lines: usize| File { path: path.into(), text: "x\n".repeat(lines) };
    let check = |file: File, longer: &[(&str, &str)], expected: usize| {
        assert_eq!(findings(&[file], longer).len(), expected);
    };
    check(file("a.rs", LINES), &[], 0);
    check(file("a.rs", LINES + 1), &[], 1);
    check(file("a.rs", LINES + 1), &[("a.rs", "a table")], 0);
    check(file("a.rs", LINES), &[("a.rs", "a table")], 1);
    check(file("a.rs", 1), &[("b.rs", "a table")], 1);
    let mut tested = file("a.rs", LINES);
    tested.text.push_str("mod tests {\n}\n");
    check(tested, &[], 0);
    check(file("a/mod.rs", 1), &[], 1);
    check(file("Cargo.lock", 9000), &[], 0);
}
