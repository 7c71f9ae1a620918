//! Tables of pages that are written from the list of presets.

use std::fmt::Write as _;

use credmint_core::expr::Requirement;
use credmint_core::policy::guide::Question;
use credmint_core::policy::{Preset, Takes, shared_issuers};

/// A table; it is written for a page with this way to the folder of pages about environments.
type Write = fn(&str) -> String;

/// All of them, by name.
pub(super) const TABLES: &[(&str, Write)] = &[
    ("provider-types", provider_types),
    ("identity-fields", |_| identity_fields()),
    ("shared-issuers", |_| shared_issuer_table()),
    ("init-environments", init_environments),
];

/// The table of this name as it is on this page.
pub(super) fn named(name: &str, page: &str) -> Option<String> {
    let (_, write) = TABLES.iter().find(|(known, _)| *known == name)?;
    Some(format!("\n\n{}\n", write(&way(page))))
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
fn the_way_to_the_pages_about_environments() {
    assert_eq!(way("README.md"), "docs/environments");
    assert_eq!(way("docs/a.md"), "environments");
    assert_eq!(way("docs/commands/init.md"), "../environments");
    assert_eq!(way("js/README.md"), "../docs/environments");
}
