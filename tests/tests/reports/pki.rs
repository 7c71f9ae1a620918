//! Certificates, lists and documents: the script of each case prints a line a try, which is compared with `expected`.

use crate::differences::ADAPTED;
use crate::{Line, check};
use credmint_tests::{environment, shared_data};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// What one try printed: its first line, and all lines.
struct Tried {
    line: String,
    first: String,
    all: Vec<String>,
}

#[test]
fn every_case_comes_out_as_expected() {
    let Some(folder) = shared_data::folder("reports/pki") else { return };
    let mut cases: Vec<_> = fs::read_dir(folder)
        .expect("the cases")
        .map(|entry| entry.expect("a case").path())
        .collect();
    cases.sort();
    let mut lines = Vec::new();
    for case in cases {
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        let expected = fs::read_to_string(case.join("expected")).expect("what is expected");
        let tried = run(adapted(&case, &name).path());
        let expected: Vec<(&str, &str)> =
            expected.lines().map(|line| line.split_once(": ").expect("a line")).collect();
        assert_eq!(tried.len(), expected.len(), "{name}");
        for (tried, (line, expect)) in tried.into_iter().zip(expected) {
            assert_eq!(tried.line, line, "{name}");
            let fits = tried.fits(expect);
            lines.push(Line { case: name.clone(), line: tried.line, got: tried.first, fits });
        }
    }
    check("pki", &lines);
}

/// A copy of a case in which what is adapted says the same in the language of today.
fn adapted(case: &Path, name: &str) -> TempDir {
    let copy = TempDir::new().expect("a scratch folder");
    for file in fs::read_dir(case).expect("a case") {
        let file = file.expect("a file");
        let bytes = fs::read(file.path()).expect("a file");
        fs::write(copy.path().join(file.file_name()), bytes).expect("a copy");
    }
    for change in ADAPTED.iter().filter(|change| change.case == name) {
        let path = copy.path().join(change.file);
        let text = fs::read_to_string(&path).expect("text");
        assert!(text.contains(change.from), "{name}: {} is not as it was", change.file);
        fs::write(path, text.replace(change.from, change.to)).expect("a copy");
    }
    copy
}

/// When the cases were written: what their certificates and lists are checked by.
const NOW: &str = "2026-12-01T00:00:00Z";

/// The command for a script, which says no time where it checks a policy.
fn command(case: &Path) -> PathBuf {
    let path = case.join("credmint-at");
    let (command, script) = (
        environment::credmint(),
        r#"
case "$1" in
    check) exec "$COMMAND" "$@" --now "$NOW" ;;
    *) exec "$COMMAND" "$@" ;;
esac
"#,
    );
    let text = format!("#!/bin/sh\nCOMMAND='{}'\nNOW='{NOW}'{script}", command.display());
    fs::write(&path, text).expect("a script");
    fs::set_permissions(&path, Permissions::from_mode(0o700)).expect("a script that runs");
    path
}

/// Runs the script of a case. With `-v` it prints a line `try: what came first`, then all of it, indented.
fn run(case: &Path) -> Vec<Tried> {
    let output = Command::new("sh")
        .args(["./run.sh", "-v"])
        .current_dir(case)
        .env("CREDMINT", command(case))
        .output()
        .expect("a shell");
    let mut tried: Vec<Tried> = Vec::new();
    for line in String::from_utf8(output.stdout).expect("text").lines() {
        match line.strip_prefix("    ") {
            Some(more) => tried.last_mut().expect("a try before").all.push(more.to_owned()),
            None => {
                let (line, first) =
                    line.split_once(": ").unwrap_or((line.trim_end_matches(':'), ""));
                tried.push(Tried {
                    line: line.to_owned(),
                    first: first.to_owned(),
                    all: Vec::new(),
                });
            }
        }
    }
    tried
}

impl Tried {
    /// Whether it is what `expected` says, in a line or in words.
    fn fits(&self, expect: &str) -> bool {
        let loads = |what: &str| self.all.iter().any(|line| line.contains(&format!(": {what}")));
        let is_good = loads("good; ");
        match expect {
            "a finding, not an error" => loads("loads, with "),
            "an error or a finding" => !is_good,
            _ if expect.starts_with("refused (") => self.first != "accepted" && !is_good,
            _ => match expect.split_once(", and says that ") {
                Some((first, what)) => self.first == first && self.says(what),
                None => self.first == expect,
            },
        }
    }

    fn says(&self, what: &str) -> bool {
        let part = match what {
            "a + was lost on the way" => "a + was lost on the way",
            "this is JSON" => "this is JSON",
            _ => panic!("{what}: what is that in our words?"),
        };
        self.all.iter().any(|line| line.contains(part))
    }
}
