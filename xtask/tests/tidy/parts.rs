//! Parts of pages that are written from the list of presets: what stands between `<!-- generated: NAME -->` and
//! `<!-- end: NAME -->`, on whichever page. `cargo xtask bless` writes them; the test compares.

use std::env;
use std::fmt::Write as _;
use std::fs;

use credmint_core::expr::Requirement;
use credmint_core::policy::guide::Question;
use credmint_core::policy::{Preset, Takes, shared_issuers};

use crate::tree::{self, File};

/// A part; it is written for a page with this way to the folder of pages about environments.
struct Part {
    name: &'static str,
    write: fn(&str) -> String,
}

const PARTS: &[Part] = &[
    Part { name: "provider-types", write: provider_types },
    Part { name: "identity-fields", write: |_| identity_fields() },
    Part { name: "shared-issuers", write: |_| shared_issuer_table() },
    Part { name: "init-environments", write: init_environments },
];

const BEGIN: &str = "<!-- generated: ";
const END: &str = "<!-- end: ";
const CLOSE: &str = " -->\n";

#[test]
fn generated_parts_are_up_to_date() {
    let bless = env::var_os("CREDMINT_BLESS").is_some();
    let mut findings = Vec::new();
    let mut written: Vec<String> = Vec::new();
    for File { path, text } in tree::files().iter().filter(|file| file.path.ends_with(".md")) {
        match with_parts(path, text, &mut written) {
            Err(finding) => findings.push(format!("{path}: {finding}")),
            Ok(expected) if expected == *text => {}
            Ok(expected) if bless => {
                fs::write(tree::root().join(path), expected).expect("the page is written");
            }
            Ok(_) => findings.push(format!("{path}: run `cargo xtask bless` and commit it")),
        }
    }
    for Part { name, .. } in PARTS {
        if !written.iter().any(|written| written == name) {
            findings.push(format!("the part {name} stands on no page"));
        }
    }
    tree::report(&findings);
}

/// The page with every part as it should be.
fn with_parts(path: &str, page: &str, written: &mut Vec<String>) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(BEGIN) {
        let (name, after) = after.split_once(CLOSE).ok_or("a part without a name")?;
        let part = PARTS.iter().find(|part| part.name == name);
        let part = part.ok_or_else(|| format!("there is no part {name}"))?;
        let end = format!("{END}{name}{CLOSE}");
        let (_, after) = after.split_once(&end).ok_or_else(|| format!("no end of {name}"))?;
        let _ = write!(text, "{before}{BEGIN}{name}{CLOSE}\n{}\n{end}", (part.write)(&way(path)));
        written.push(name.to_owned());
        rest = after;
    }
    Ok(text + rest)
}

/// The way from a page to the folder of pages about environments.
fn way(path: &str) -> String {
    match path.split('/').collect::<Vec<_>>().as_slice() {
        ["docs", folders @ .., _] => format!("{}environments", "../".repeat(folders.len())),
        [folders @ .., _] => format!("{}docs/environments", "../".repeat(folders.len())),
        [] => String::new(),
    }
}

fn table(columns: &str, rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let count = columns.matches('|').count() - 1;
    let mut text = format!("{columns}\n|{}\n", "---|".repeat(count));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text
}

/// The presets in the order of their types, each name once.
fn by_type() -> Vec<Preset> {
    let mut all: Vec<Preset> = Vec::new();
    for first in Preset::of_each_type() {
        let same = Preset::ALL.iter().filter(|preset| preset.type_name() == first.type_name());
        all.extend(same);
    }
    all.dedup_by_key(|preset| preset.name());
    all
}

/// How a policy names it: its type, and the profile of documents.
fn in_policy(preset: Preset) -> String {
    let kind = preset.type_name();
    match (preset.takes(), preset.other_type_name()) {
        (Takes::Documents, _) => format!("`{kind}`, `{}`", preset.name()),
        (_, Some(other)) => format!("`{kind}` or `{other}`"),
        (_, None) => format!("`{kind}`"),
    }
}

fn link(text: &str, preset: Preset, way: &str) -> String {
    format!("[{text}]({way}/{}.md)", preset.guide().page)
}

fn provider_types(way: &str) -> String {
    let row = |preset: Preset| {
        vec![
            link(&in_policy(preset), preset, way),
            preset.guide().about.trim_end_matches('.').to_owned(),
            preset.default_issuer().map_or("none".to_owned(), |issuer| format!("`{issuer}`")),
        ]
    };
    table("| `type` | proofs | public issuer |", by_type().into_iter().map(row))
}

fn identity_fields() -> String {
    let row = |preset: Preset| {
        let same = Preset::ALL.iter().filter(|other| other.name() == preset.name());
        let fields: Vec<String> = same.map(|preset| ticked(preset.identity())).collect();
        vec![in_policy(preset), fields.join(", or ")]
    };
    table("| provider | fields |", by_type().into_iter().map(row))
}

fn shared_issuer_table() -> String {
    let row = |(issuer, owner): (&str, Requirement)| vec![format!("`{issuer}`"), ticked(owner)];
    table("| issuer | fields |", shared_issuers().map(row))
}

/// The alternatives of a requirement, each field as code.
fn ticked(requirement: Requirement) -> String {
    let text = requirement.to_string();
    let alternative = |fields: &str| format!("`{}`", fields.replace(" and ", "` and `"));
    text.split(", or ").map(alternative).collect::<Vec<_>>().join(", or ")
}

fn init_environments(way: &str) -> String {
    let flag = |question: &Question| match question.default {
        Some(default) => format!("`--{}` (`{default}` by default)", question.flag),
        None => format!("`--{}`", question.flag),
    };
    let mut presets = Preset::ALL.to_vec();
    presets.dedup_by_key(|preset| preset.name());
    let rows = presets.into_iter().filter_map(|preset| {
        let init = preset.guide().init.as_ref()?;
        let flags: Vec<String> = init.questions.iter().map(flag).collect();
        Some(vec![link(&format!("`{}`", preset.name()), preset, way), flags.join(", ")])
    });
    let columns =
        "| `--environment` | flags beside `--issuer`, `--client`, `--audience` and `--scope` |";
    table(columns, rows)
}

#[test]
fn parts_are_replaced_and_the_rest_stays() {
    let check = |page: &str, expect: Result<&str, &str>| {
        let found = with_parts("docs/a.md", page, &mut Vec::new());
        match (found, expect) {
            (Ok(found), Ok(expect)) => assert!(found.contains(expect), "{found}"),
            (Err(found), Err(expect)) => assert_eq!(found, expect),
            (found, _) => panic!("{found:?}"),
        }
    };
    check("a\nb\n", Ok("a\nb\n"));
    let part = "a\n<!-- generated: shared-issuers -->\nold\n<!-- end: shared-issuers -->\nb\n";
    check(part, Ok("-->\n\n| issuer | fields |\n|---|---|\n"));
    check(part, Ok("\n\n<!-- end: shared-issuers -->\nb\n"));
    check(&part.replace("shared", "other"), Err("there is no part other-issuers"));
    check(&part.replace("end: ", "stop: "), Err("no end of shared-issuers"));
    assert_eq!(way("README.md"), "docs/environments");
    assert_eq!(way("docs/a.md"), "environments");
    assert_eq!(way("docs/commands/init.md"), "../environments");
    assert_eq!(way("js/README.md"), "../docs/environments");
}
