//! Tests that cannot pass for a wrong reason: what they may not be made of.

use crate::tree::{self, File};

/// Attributes and calls that no test has, split so that this file does not hold them, and why.
const FORBIDDEN: &[(&[&str], &str)] = &[
    (&["#[should_", "panic"], "it passes for any panic: compare `panicking::message`"),
    (&["#[ign", "ore"], "a test that does not run holds nothing"),
    (
        &["with_", "cases("],
        "PROPTEST_CASES says how many: few while one works, many in the long form",
    ),
];

/// Servers that are slow on purpose: what is tested is the patience of those who ask.
const SLOW: &[&str] = &["tests/src/fixtures/oidc_issuer.rs"];

/// How a sleep may stand in a test: in a loop that looks again, until a deadline.
const LOOKS_AGAIN: &str = "sleep(POLL)";

/// Lines above a sleep among which its loop begins.
const LOOP_LINES: usize = 10;

fn findings(file: &File) -> Vec<String> {
    let mut findings = Vec::new();
    let mut find = |line: usize, why: &str| findings.push(format!("{}:{line}: {why}", file.path));
    let lines: Vec<&str> = file.text.lines().collect();
    let tests = first_line_of_tests(&file.path, &lines);
    for (index, line) in lines.iter().enumerate() {
        let number = index + 1;
        for (word, why) in FORBIDDEN {
            if line.contains(&word.concat()) {
                find(number, why);
            }
        }
        if index >= tests && sleeps(line) && !looks_again(&lines[..=index]) {
            let slow = SLOW.contains(&file.path.as_str());
            if !slow {
                find(number, "sleeping: wait for what happens, or look again in a loop: `POLL`");
            }
        }
    }
    for (line, text) in asserted(&lines[tests.min(lines.len())..]) {
        if text.contains(".is_err()") {
            find(tests + line, "`is_err` holds for any reason: compare the code or the message");
        }
    }
    findings
}

/// Where the tests of a file begin: a file of tests is all tests.
fn first_line_of_tests(path: &str, lines: &[&str]) -> usize {
    let is_tests = |part: &str| part == "tests" || part == "tests.rs";
    if path.split('/').any(is_tests) {
        return 0;
    }
    lines.iter().position(|line| *line == "mod tests {").unwrap_or(lines.len())
}

fn sleeps(line: &str) -> bool {
    let call = ["sle", "ep("].concat();
    let code = line.split("//").next().unwrap_or_default();
    // What is in a text is the command of a shell.
    code.split('"').step_by(2).any(|part| part.contains(&call))
}

fn looks_again(lines: &[&str]) -> bool {
    let (line, above) = lines.split_last().expect("a line");
    let begins = |line: &&&str| line.trim_start().starts_with("while ") || line.trim() == "loop {";
    line.contains(LOOKS_AGAIN) && above.iter().rev().take(LOOP_LINES).any(|line| begins(&line))
}

/// The asserting statements: the line of each, and its text up to the semicolon that ends it.
fn asserted(lines: &[&str]) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (index, line) in lines.iter().enumerate() {
        let begins = line.trim_start().starts_with("assert") || line.contains("prop_assert");
        if begins {
            found.push((index + 1, String::new()));
            open = true;
        }
        if let Some((_, text)) = found.last_mut().filter(|_| open) {
            text.push_str(line.trim());
            open = !line.ends_with(';');
        }
    }
    found
}

#[test]
fn tests_pass_for_one_reason() {
    let files = tree::files();
    let sources = files.iter().filter(|file| file.path.ends_with(".rs"));
    tree::report(&sources.flat_map(findings).collect::<Vec<_>>());
}

#[test]
fn finds_what_hides_a_reason() {
    let check = |path: &str, text: &str, expect: usize| {
        let found = findings(&File { path: path.into(), text: text.into() });
        assert_eq!(found.len(), expect, "{path}: {text}: {found:?}");
    };
    let call = |argument: &str| ["thread::sle", "ep(", argument, ");"].concat();
    check("a/src/b.rs", &["#[should_", "panic]"].concat(), 1);
    check("a/src/b.rs", &["ProptestConfig::with_", "cases(2)"].concat(), 1);
    check("a/src/b.rs", &call("TICK"), 0);
    check("a/src/b.rs", &format!("mod tests {{\n    {}", call("SHORT")), 1);
    check("tests/tests/b.rs", &call("SHORT"), 1);
    check("tests/tests/b.rs", &call("POLL"), 1);
    check("tests/tests/b.rs", &format!("while !done() {{\n    {}\n}}", call("POLL")), 0);
    check("tests/tests/b.rs", &["shell(\"exec sle", "ep(1)\")"].concat(), 0);
    check("tests/tests/b.rs", "assert!(a().is_err());", 1);
    check("tests/tests/b.rs", "assert!(\n    a()\n        .is_err()\n);\nlet b = 1;", 1);
    check("tests/tests/b.rs", "assert!(a().is_ok());\nif a().is_err() {}", 0);
    check("a/src/b.rs", "assert!(a().is_err());", 0);
    check("tests/tests/b.rs", "assert_eq!(a().map_err(code), Err(Code::X));", 0);
}
