//! The guide `docs/start.md`: its commands run as they stand, and say what it says that they say.

use crate::harness::Folder;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

/// What the guide calls its port.
const PORT: &str = "8443";

#[test]
fn the_first_installation_works_as_written() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/start.md");
    let guide = std::fs::read_to_string(guide).unwrap().replace(PORT, &free_port());
    // Whatever happens, no server stays behind.
    let script = format!(
        "set -euo pipefail\ntrap 'kill $(cat credmint.pid) 2>/dev/null || true' EXIT\n{}",
        blocks(&guide, "sh").join("\n")
    );
    let program = Path::new(env!("CARGO_BIN_EXE_credmint")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let folder = Folder::new();
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(folder.path(""))
        .env("PATH", path)
        .stdin(Stdio::null())
        .output()
        .expect("the guide needs bash, curl and openssl");
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}\n{errors}");

    let mut lines = said.lines();
    for expected in blocks(&guide, "text").iter().flat_map(|block| block.lines()) {
        assert!(
            lines.any(|line| matches(line, expected)),
            "{expected}\nis not in\n{said}\n{errors}"
        );
    }
    assert_eq!(said.matches("\naccepted\n").count() + 1, 2, "certificate and token: {said}");
}

/// The fenced blocks of a language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let start = format!("\n```{language}\n");
    let found: Vec<&str> =
        page.split(&start).skip(1).map(|rest| rest.split_once("\n```").unwrap().0).collect();
    assert!(found.len() > 3, "{language}");
    found
}

/// Whether a line is the expected one; `…` stands for anything.
fn matches(line: &str, expected: &str) -> bool {
    let mut parts = expected.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.is_empty() || expected.ends_with('…')
}

fn free_port() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string()
}
