//! A preset is one file, one line in the list and one page, and nothing else names it.

use credmint_core::policy::{Preset, Takes};

use crate::tree::{self, File};

const LIST: &str = "verifier-wasm/core/src/policy/presets.rs";
const FILES: &str = "verifier-wasm/core/src/policy/presets/";
const PAGES: &str = "docs/environments/";

/// Folders whose files are not the source: tests, pages, and what users copy.
const NOT_SOURCE: &[&str] = &["tests/", "docs/", "examples/", "fuzz/", "schema/"];

/// The file of each preset is in the list: in a `mod`, and in a line of its own.
fn unlisted(files: &[File]) -> Vec<String> {
    let list = files.iter().find(|file| file.path == LIST).map_or("", |file| &file.text);
    let mut findings = Vec::new();
    for file in files {
        let Some(name) = file.path.strip_prefix(FILES) else { continue };
        let name = name.trim_end_matches(".rs");
        let is_there = |line: &str| list.lines().any(|known| known.contains(line));
        if !is_there(&format!("mod {name};")) || !is_there(&format!(" = {name}::")) {
            findings.push(format!("{}: it is not in the list of {LIST}", file.path));
        }
    }
    findings
}

/// Each preset has a page, and each page is of a preset.
fn without_page(files: &[File], pages: &[&str]) -> Vec<String> {
    let path = |page: &str| format!("{PAGES}{page}.md");
    let mut findings = Vec::new();
    for page in pages {
        if !files.iter().any(|file| file.path == path(page)) {
            findings.push(format!("{}: a preset says that this is its page", path(page)));
        }
    }
    for file in files.iter().filter(|file| file.path.starts_with(PAGES)) {
        if !pages.iter().any(|page| path(page) == file.path) {
            findings.push(format!("{}: no preset has this page", file.path));
        }
    }
    findings
}

/// What names a preset in code.
fn words() -> Vec<String> {
    let mut words = Vec::new();
    for preset in Preset::ALL {
        words.push(format!("Preset::{preset:?}"));
        words.extend(preset.default_issuer().map(|issuer| format!("\"{issuer}\"")));
        let name = preset.name();
        match (is_kind(*preset), name.contains('_')) {
            (true, _) => {}
            (false, true) => words.push(name.to_owned()),
            (false, false) => words.push(format!("\"{name}\"")),
        }
    }
    words
}

/// Whether the name is that of a kind of proof as well: tokens of any issuer, certificates, keys of clients.
fn is_kind(preset: Preset) -> bool {
    preset.other_type_name().is_some()
        || matches!(preset.takes(), Takes::Certificates | Takes::Keys)
}

fn named_elsewhere(files: &[File], words: &[String]) -> Vec<String> {
    let mut findings = Vec::new();
    for File { path, text } in files.iter().filter(|file| is_source(&file.path)) {
        let code = text.lines().take_while(|line| *line != "mod tests {").enumerate();
        for (number, line) in code.filter(|(_, line)| !line.trim_start().starts_with("//")) {
            if let Some(word) = words.iter().find(|word| line.contains(word.as_str())) {
                findings.push(format!(
                    "{path}:{}: {word}: only its own file names a preset",
                    number + 1
                ));
            }
        }
    }
    findings
}

fn is_source(path: &str) -> bool {
    let is_code = [".rs", ".ts", ".mts", ".js", ".mjs"].iter().any(|ending| path.ends_with(ending));
    let is_outside =
        |folder: &&str| path.starts_with(*folder) || path.contains(&format!("/{folder}"));
    is_code
        && path != LIST
        && !path.starts_with(FILES)
        && !path.ends_with("/tests.rs")
        && !NOT_SOURCE.iter().any(is_outside)
}

/// Files that tell people about a preset; what judges never does, so that builds for the edge are without the texts.
const TELLING: &[&str] = &[
    "verifier-wasm/core/src/policy/lint",
    "verifier-wasm/clouds/",
    "issuer/src/cli/init",
    "issuer/src/schema/",
];

fn told_elsewhere(files: &[File]) -> Vec<String> {
    let mut findings = Vec::new();
    for File { path, text } in files.iter().filter(|file| is_source(&file.path)) {
        let is_telling = TELLING.iter().any(|place| path.starts_with(place));
        let code: String = text.split("mod tests {").take(1).collect();
        if !is_telling && code.contains(".guide()") {
            findings.push(format!("{path}: builds for the edge would have the texts of presets"));
        }
        let is_edge =
            path.starts_with("verifier-wasm/") && !path.starts_with("verifier-wasm/core/");
        if is_edge && code.contains(".lints(") {
            findings.push(format!("{path}: findings are told where policies are written"));
        }
    }
    findings
}

#[test]
fn what_judges_has_no_texts_of_presets() {
    tree::report(&told_elsewhere(&tree::files()));
    let file = |path: &str, text: &str| File { path: path.into(), text: text.into() };
    assert_eq!(told_elsewhere(&[file("verifier-wasm/core/src/proof.rs", "a.guide()")]).len(), 1);
    assert_eq!(told_elsewhere(&[file("verifier-wasm/filter/src/a.rs", "a.lints(None)")]).len(), 1);
    assert_eq!(told_elsewhere(&[file("issuer/src/cli/init.rs", "a.guide()")]).len(), 0);
}

#[test]
fn every_preset_is_a_file_a_line_and_a_page() {
    let files = tree::files();
    let mut pages: Vec<&str> = Preset::ALL.iter().map(|preset| preset.guide().page).collect();
    pages.dedup();
    let mut findings = unlisted(&files);
    findings.extend(without_page(&files, &pages));
    tree::report(&findings);
}

#[test]
fn nothing_else_names_a_preset() {
    tree::report(&named_elsewhere(&tree::files(), &words()));
}

#[test]
fn finds_what_is_missing_and_who_names_a_preset() {
    let file = |path: &str, text: &str| File { path: path.into(), text: text.into() };
    let list = file(LIST, "mod moon;\n    Moon = moon::PRESET;\n");
    let (moon, sun) = (file(&format!("{FILES}moon.rs"), ""), file(&format!("{FILES}sun.rs"), ""));
    assert_eq!(unlisted(&[list, moon, sun]).len(), 1);
    let page = || file("docs/environments/moon.md", "");
    assert_eq!(without_page(&[page()], &["moon"]).len(), 0);
    assert_eq!(without_page(&[page()], &["moon", "sun"]).len(), 1);
    assert_eq!(without_page(&[page()], &[]).len(), 1);
    let check = |path: &str, text: &str, expect: usize| {
        let words = ["Preset::Moon".to_owned(), "full_moon".to_owned()];
        assert_eq!(named_elsewhere(&[file(path, text)], &words).len(), expect, "{path}: {text}");
    };
    check("issuer/src/a.rs", "if kind == \"full_moon\" {}", 1);
    check("issuer/src/a.rs", "match preset { Preset::Moon => 1 }", 1);
    check("issuer/src/a.rs", "// full_moon\nlet a = 1;\nmod tests {\n \"full_moon\"\n}", 0);
    check("issuer/tests/a.rs", "\"full_moon\"", 0);
    check("tests/src/a.rs", "\"full_moon\"", 0);
    check(LIST, "full_moon", 0);
    check("docs/environments/moon.md", "full_moon", 0);
}
