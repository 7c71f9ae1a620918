//! Every code block of the pages for people: it runs, it is read by what it is for, or its info string says why it
//! cannot. CONTRIBUTING.md lists the info strings.

mod blocks;
mod data;
mod frames;
mod javascript;
mod kinds;
mod scenes;
mod shell;
mod usage;

use std::path::{Path, PathBuf};

use blocks::{Block, Page, pages};
use kinds::{Kind, kind};

/// The folder of the project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Fails with one line a finding.
fn report(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

/// The blocks of all pages of a kind that `wanted` picks, with what it picked.
fn all<T>(wanted: impl Fn(Kind) -> Option<T>) -> Vec<(Block, T)> {
    let mut found = Vec::new();
    for block in pages().into_iter().flat_map(Page::blocks) {
        if let Ok(Some(picked)) = kind(&block.info).map(&wanted) {
            found.push((block, picked));
        }
    }
    found
}

#[test]
fn every_block_says_what_it_is() {
    let mut findings = Vec::new();
    for page in pages() {
        findings.extend(page.indented_code());
        for block in page.blocks() {
            if let Err(reason) = kind(&block.info) {
                findings.push(format!("{}: `{}`: {reason}", block.place(), block.info));
            }
        }
    }
    report(&findings);
}

/// What a block is said to be held by, holds it: another test that names the page.
#[test]
fn tests_that_are_named_read_the_page() {
    let mut findings = Vec::new();
    for (block, test) in all(Kind::held_by) {
        let text = std::fs::read_to_string(root().join(&test)).unwrap_or_default();
        let name = block.page.rsplit('/').next().unwrap_or_default();
        if !text.contains(name) {
            findings.push(format!("{}: {test} does not mention {name}", block.place()));
        }
    }
    report(&findings);
}

/// Rust blocks run as documentation tests of the crate beside whose manifest the page lies.
#[test]
fn rust_blocks_are_documentation_tests() {
    let mut findings = Vec::new();
    for (block, ()) in all(|kind| matches!(kind, Kind::Rust).then_some(())) {
        let page = root().join(&block.page);
        let library = page.with_file_name("src").join("lib.rs");
        let text = std::fs::read_to_string(library).unwrap_or_default();
        if !text.contains("#![doc = include_str!(\"../README.md\")]") {
            findings
                .push(format!("{}: no crate has this page as its documentation", block.place()));
        }
    }
    report(&findings);
}
