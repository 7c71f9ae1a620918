//! `docs/clients` shows every client as it is tested: its lines, its version, and how a refusal comes out of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use credmint_core::Code;
use serde_json::Value;

use crate::clients::{CLIENTS, Client};
use crate::door::google_configuration;

/// The pages of client families.
const PAGES: &[&str] = &[
    "anthropic.md",
    "authlib.md",
    "github-actions.md",
    "google.md",
    "mcp.md",
    "microsoft.md",
    "oauthlib.md",
    "openai.md",
    "openid-client.md",
    "rust-oauth2.md",
];

/// Files of `examples/clients` that are no client of the table: those that are refused, and what others use.
const BESIDE: &[&str] = &[
    "javascript/workload_identity_provider.mjs",
    "python/google_service_account.py",
    "python/mcp_identity_assertion.py",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Info string and text of the blocks of a page that this test holds.
fn blocks(page: &str) -> Vec<(String, String)> {
    let text = read(&format!("docs/clients/{page}"));
    let mut blocks = Vec::new();
    let mut open: Option<(String, String)> = None;
    for line in text.lines() {
        match (&mut open, line.strip_prefix("```")) {
            (None, Some(info)) => open = Some((info.to_owned(), String::new())),
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some((_, block)), None) => *block += &format!("{line}\n"),
            (None, None) => {}
        }
    }
    blocks.retain(|(info, _)| info.ends_with("held-by=tests/tests/stock_clients/pages.rs"));
    blocks
}

/// The file of a client in `examples/clients`.
fn file(client: &Client) -> String {
    let end = match client.script.split_once('/') {
        Some(("python", _)) => "py",
        Some(("javascript", _)) => "mjs",
        _ => "rs",
    };
    format!("{}.{end}", client.script)
}

/// What a page says of a refusal: the type of the error, and what its members hold.
fn refusal(client: &Client) -> String {
    let description = Code::JwsSignatureInvalid.public().description();
    let said = |(member, template): &(&str, &str)| {
        let text =
            template.replace("{error}", client.form.error()).replace("{description}", &description);
        format!(", {member}: {text}")
    };
    let kind = if client.error.is_empty() { "(no exception)" } else { client.error };
    format!("{}: {kind}{}", file(client), client.shows.iter().map(said).collect::<String>())
}

#[test]
fn every_client_is_shown_as_it_is_run() {
    let mut files = BTreeSet::new();
    for language in ["python", "javascript", "rust"] {
        for entry in fs::read_dir(root().join("examples/clients").join(language)).expect("a folder")
        {
            let name = entry.expect("an entry").file_name().into_string().expect("UTF-8");
            if Path::new(&name)
                .extension()
                .is_some_and(|end| ["py", "mjs", "rs"].iter().any(|known| end == *known))
            {
                files.insert(format!("{language}/{name}"));
            }
        }
    }
    let table: BTreeSet<_> =
        CLIENTS.iter().map(file).chain(BESIDE.iter().map(|name| (*name).to_owned())).collect();
    assert_eq!(files, table, "examples/clients and the table of clients");

    let mut findings = Vec::new();
    let mut shown = BTreeSet::new();
    for page in PAGES {
        let text = read(&format!("docs/clients/{page}"));
        let linked: Vec<&String> = files
            .iter()
            .filter(|name| text.contains(&format!("(../../examples/clients/{name})")))
            .collect();
        for name in linked {
            let lines = read(&format!("examples/clients/{name}"));
            if !blocks(page).iter().any(|(_, block)| *block == lines) {
                findings.push(format!("{page}: the lines of {name} are not those of the file"));
            }
            shown.insert(name.clone());
        }
    }
    findings.extend(files.difference(&shown).map(|name| format!("{name}: on no page")));
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn pages_show_the_refusals_that_are_tested() {
    let mut findings = Vec::new();
    for client in CLIENTS {
        let (line, link) = (refusal(client), format!("(../../examples/clients/{})", file(client)));
        for page in
            PAGES.iter().filter(|page| read(&format!("docs/clients/{page}")).contains(&link))
        {
            let said = blocks(page).iter().any(|(info, text)| {
                info.starts_with("text") && text.lines().any(|said| said == line)
            });
            if !said {
                findings.push(format!("docs/clients/{page} does not say\n{line}"));
            }
        }
    }
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// Files and variables on the pages are those that the tests give to the clients.
#[test]
fn settings_are_those_of_the_tests() {
    let google = blocks("google.md");
    let (_, file) = google.iter().find(|(info, _)| info.starts_with("json")).expect("a file");
    let shown: Value = serde_json::from_str(file).expect("JSON");
    let endpoint = "https://sts.example.com/oauth2/token";
    assert_eq!(shown, google_configuration(endpoint, "/var/run/secrets/credmint/token"));

    let given = include_str!("door.rs");
    for page in ["anthropic.md", "microsoft.md"] {
        let blocks = blocks(page);
        let (_, variables) =
            blocks.iter().find(|(info, _)| info.starts_with("ini")).expect("variables");
        for line in variables.lines() {
            let (name, _) = line.split_once('=').expect("a variable");
            assert!(given.contains(&format!("(\"{name}\",")), "{page}: {name}");
        }
    }
}

/// The version of a package in the list that pins it.
fn version(client: &Client) -> String {
    let name = client.package;
    let (list, before, end) = match client.script.split_once('/') {
        Some(("python", _)) => ("tests/python/requirements.txt", format!("\n{name}=="), ' '),
        Some(("javascript", _)) => ("tests/clients/package.json", format!("\"{name}\": \""), '"'),
        _ => ("Cargo.lock", format!("name = \"{name}\"\nversion = \""), '"'),
    };
    let text = read(list);
    let (_, rest) = text.split_once(&before).unwrap_or_else(|| panic!("{name} is not in {list}"));
    rest.chars().take_while(|c| *c != end).collect()
}

#[test]
fn the_table_names_every_client_with_its_version_and_form() {
    let text = read("docs/clients/README.md");
    let mut findings = Vec::new();
    for client in CLIENTS {
        let (file, name) = (file(client), client.package);
        let parts = [
            format!("[`{file}`](../../examples/clients/{file})"),
            format!("| {name} {} |", version(client)),
            format!("| {} |", client.form.name()),
        ];
        if !text.lines().any(|line| parts.iter().all(|part| line.contains(part))) {
            findings.push(parts.join(" "));
        }
    }
    assert!(findings.is_empty(), "docs/clients/README.md lacks\n{}\n", findings.join("\n"));
}
