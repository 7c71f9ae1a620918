//! Passages of pages that are written from the code: what stands between `<!-- bless NAME -->` and `<!-- end -->`.
//! `NAME` is `algorithms`, `steps`, or `limit` and the name of a limit.

use std::collections::BTreeSet;
use std::env;
use std::fs;

use credmint_core::refusal::Code;

use super::{algorithm_page, limit_page};
use crate::tree;

const START: &str = "<!-- bless ";
const END: &str = "<!-- end -->";

/// What belongs between the markers of this name.
fn passage(name: &str) -> Option<String> {
    match name.split_once(' ') {
        None if name == "algorithms" => Some(algorithm_page::list()),
        None if name == "steps" => Some(steps()),
        Some(("limit", name)) => limit_page::all()
            .iter()
            .find(|limit| limit.name == name)
            .map(limit_page::Limit::in_words),
        _ => None,
    }
}

/// The steps of a decision in their order, in words.
fn steps() -> String {
    let steps: BTreeSet<_> = Code::ALL.iter().map(|code| code.step()).collect();
    let words: Vec<String> = steps.iter().map(|step| step.as_str().replace('_', " ")).collect();
    words.join(", ")
}

/// The page with every passage as it should be.
fn written(page: &str) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, marked)) = rest.split_once(START) {
        let (name, marked) = marked.split_once(" -->").ok_or("a marker is left open")?;
        let (_, after) = marked.split_once(END).ok_or_else(|| format!("{name}: no end"))?;
        // What only shows how markers are written stands in code.
        let passage = match name {
            "NAME" => return Ok(page.to_owned()),
            name => passage(name).ok_or_else(|| format!("{name}: nothing of this name"))?,
        };
        text.push_str(&format!("{before}{START}{name} -->{passage}{END}"));
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

#[test]
fn passages_are_up_to_date() {
    let bless = env::var_os("CREDMINT_BLESS").is_some();
    let mut findings = Vec::new();
    for page in tree::files().iter().filter(|file| file.path.ends_with(".md")) {
        match written(&page.text) {
            Ok(text) if text == page.text => {}
            Ok(text) if bless => {
                fs::write(tree::root().join(&page.path), text).expect("the page is written");
            }
            Ok(_) => findings.push(format!("{}: run `cargo xtask bless`", page.path)),
            Err(reason) => findings.push(format!("{}: {reason}", page.path)),
        }
    }
    tree::report(&findings);
}

#[test]
fn writes_passages() {
    let page = "a <!-- bless limit JWKS_KEYS -->many<!-- end --> b";
    assert_eq!(written(page).unwrap(), "a <!-- bless limit JWKS_KEYS -->64<!-- end --> b");
    let check = |page: &str, expect: &str| assert_eq!(written(page), Err(expect.to_owned()));
    check("<!-- bless limit NO -->x<!-- end -->", "limit NO: nothing of this name");
    check("<!-- bless algorithms -->x", "algorithms: no end");
    check("<!-- bless algorithms", "a marker is left open");
}
