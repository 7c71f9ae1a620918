//! Passages of pages that are written from the code: what is between `<!-- bless NAME -->` and `<!-- end -->`.
//! `NAME` is `algorithms`, `steps`, `token-errors`, `limit` and the name of a limit, or that of a table of presets.

use std::collections::BTreeSet;
use std::env;
use std::fs;

use credmint_core::refusal::Code;

use super::{algorithm_page, limit_page, preset_tables, token_errors};
use crate::tree::{self, File};

const START: &str = "<!-- bless ";
const END: &str = "<!-- end -->";

/// What belongs between the markers of this name on a page.
fn passage(name: &str, page: &str) -> Option<String> {
    match name.split_once(' ') {
        None if name == "algorithms" => Some(algorithm_page::list()),
        None if name == "steps" => Some(steps()),
        None if name == "token-errors" => Some(token_errors::table()),
        Some(("limit", name)) => limit_page::all()
            .iter()
            .find(|limit| limit.name == name)
            .map(limit_page::Limit::in_words),
        _ => preset_tables::named(name, page),
    }
}

/// The steps of a decision in their order, in words.
fn steps() -> String {
    let steps: BTreeSet<_> = Code::ALL.iter().map(|code| code.step()).collect();
    let words: Vec<String> = steps.iter().map(|step| step.as_str().replace('_', " ")).collect();
    words.join(", ")
}

/// The page with every passage as it should be; `found` gets their names.
fn written(path: &str, page: &str, found: &mut BTreeSet<String>) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, marked)) = rest.split_once(START) {
        let (name, marked) = marked.split_once(" -->").ok_or("a marker is left open")?;
        let (_, after) = marked.split_once(END).ok_or_else(|| format!("{name}: no end"))?;
        // What only shows how markers are written is code.
        let passage = match name {
            "NAME" => return Ok(page.to_owned()),
            name => passage(name, path).ok_or_else(|| format!("{name}: nothing of this name"))?,
        };
        text.push_str(&format!("{before}{START}{name} -->{passage}{END}"));
        found.insert(name.to_owned());
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

#[test]
fn passages_are_up_to_date() {
    let bless = env::var_os("CREDMINT_BLESS").is_some();
    let mut findings = Vec::new();
    let mut found = BTreeSet::new();
    for File { path, text } in tree::files().iter().filter(|file| file.path.ends_with(".md")) {
        match written(path, text, &mut found) {
            Ok(written) if written == *text => {}
            Ok(written) if bless => {
                fs::write(tree::root().join(path), written).expect("the page is written");
            }
            Ok(_) => findings.push(format!("{path}: run `cargo xtask bless` and commit it")),
            Err(reason) => findings.push(format!("{path}: {reason}")),
        }
    }
    for (name, _) in preset_tables::TABLES {
        if !found.contains(*name) {
            findings.push(format!("the table {name} is on no page"));
        }
    }
    tree::report(&findings);
}

#[test]
fn writes_passages() {
    let written = |page: &str| written("docs/a.md", page, &mut BTreeSet::new());
    let check = |page: &str, expect: Result<&str, &str>| {
        assert_eq!(written(page), expect.map(str::to_owned).map_err(str::to_owned), "{page}");
    };
    check("a\nb\n", Ok("a\nb\n"));
    check(
        "a <!-- bless limit JWKS_KEYS -->many<!-- end --> b",
        Ok("a <!-- bless limit JWKS_KEYS -->64<!-- end --> b"),
    );
    check("<!-- bless limit NO -->x<!-- end -->", Err("limit NO: nothing of this name"));
    check("<!-- bless algorithms -->x", Err("algorithms: no end"));
    check("<!-- bless algorithms", Err("a marker is left open"));
    let table = written("a\n<!-- bless shared-issuers -->\nold\n<!-- end -->\nb\n").unwrap();
    let start = "a\n<!-- bless shared-issuers -->\n\n| issuer | fields |\n|---|---|\n";
    assert!(table.starts_with(start) && table.ends_with("|\n\n<!-- end -->\nb\n"), "{table}");
}
