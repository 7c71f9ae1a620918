//! The pages for people: their commands run as they stand, and say what the pages say that they say; their
//! configuration loads.

use crate::harness::{EC, Folder, authority, credmint};
use credmint_core::policy::{Preset, match_fields};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};

/// What the pages call the port of the server.
const PORT: &str = "8443";

#[test]
fn a_first_installation_works_as_written() {
    run_page("start.md");
}

#[test]
fn commands_answer_as_written() {
    run_page("commands.md");
}

#[test]
fn the_configuration_loads_as_written() {
    let page = page("configuration.md");
    let folder = Folder::new();
    let certificate = authority("Root").pem();
    folder.file("root.pem", &certificate);
    folder.file("cluster-jwks.json", EC.jwks().to_string());
    let configurations = blocks(&page, "yaml");
    let path = folder.file("credmint.yaml", configurations[0]);
    let run = credmint(["check", "--config", &path]);
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
    // The folder of several teams, each file under the name in its first line.
    std::fs::create_dir(folder.path("trust")).unwrap();
    assert_eq!(configurations.len(), 4);
    for file in &configurations[1..] {
        let name = file.lines().next().unwrap().trim_start_matches("# ");
        folder.file(name, file);
    }
    let run = credmint(["check", "--policy", &folder.path("trust")]);
    assert_eq!(run.status, 0, "{}{}", run.stdout, run.stderr);
}

#[test]
fn the_page_of_an_environment_has_its_members_and_an_example_of_its_type() {
    for preset in Preset::ALL {
        let name = preset.guide().page;
        let page = page(&format!("environments/{name}.md"));
        for field in match_fields(*preset) {
            assert!(page.contains(field.name), "{name}: {} is nowhere", field.name);
        }
        let kind = preset.type_name();
        assert!(blocks(&page, "yaml")[0].contains(&format!("type: {kind}")), "{name}");
    }
}

/// The pages of environments have five headings, and a policy to copy that loads as it stands.
#[test]
fn the_policies_of_the_environments_load_as_written() {
    const HEADINGS: [&str; 5] =
        ["What it proves", "Configure", "What to bind", "Hazards", "Example"];
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/environments");
    let mut count = 0;
    for entry in std::fs::read_dir(pages).unwrap() {
        let name = format!("environments/{}", entry.unwrap().file_name().display());
        let page = page(&name);
        let headings: Vec<&str> =
            page.lines().filter_map(|line| line.strip_prefix("## ")).collect();
        assert_eq!(headings, HEADINGS, "{name}");
        let folder = Folder::new();
        let policies = blocks(&page, "yaml");
        assert_eq!(policies.len(), 1, "{name}");
        for (at, _) in policies[0].match_indices("file: ") {
            let file = policies[0][at + 6..].split([' ', '}', ',']).next().unwrap();
            folder.file(file, authority("Root").pem());
        }
        folder.file("policy.yaml", policies[0]);
        let configuration = "server: { state_directory: state }\npolicy: policy.yaml\n";
        let run = credmint(["check", "--config", &folder.file("credmint.yaml", configuration)]);
        assert_eq!(run.status, 0, "{name}: {}{}", run.stdout, run.stderr);
        count += 1;
    }
    assert!(count >= 3, "{count} pages");
}

/// Runs the `sh` blocks of a page one after another, and looks for the lines of its `text` blocks in what they
/// print, in order.
fn run_page(name: &str) {
    let page = page(name).replace(PORT, &free_port());
    // Whatever happens, no server stays behind.
    let script = format!(
        "set -euo pipefail\ntrap 'kill $(cat credmint.pid 2>/dev/null) 2>/dev/null || true' EXIT\n{}",
        blocks(&page, "sh").join("\n")
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
        .expect("the pages need bash, curl and openssl");
    let said = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}\n{errors}");

    let mut lines = said.lines();
    for expected in blocks(&page, "text").iter().flat_map(|block| block.lines()) {
        let found = lines.any(|line| matches(line, expected));
        assert!(found, "{expected}\nis not in\n{said}\n{errors}");
    }
}

fn page(name: &str) -> String {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    std::fs::read_to_string(docs.join(name)).unwrap()
}

/// The fenced blocks of a language.
fn blocks<'a>(page: &'a str, language: &str) -> Vec<&'a str> {
    let start = format!("\n```{language}\n");
    let found: Vec<&str> =
        page.split(&start).skip(1).map(|rest| rest.split_once("\n```").unwrap().0).collect();
    assert!(!found.is_empty(), "{language}");
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
