//! Who may import whom: between crates by a table, between the modules of the core by an order, and within every module
//! without circles.

mod imports;

use crate::sources::CRATE_ROOT;
use crate::tree::{self, File};
use imports::Imports;
use std::collections::{BTreeMap, BTreeSet};

/// The modules of `credmint-core`, lowest first. A module imports those above its own line alone, so no two of them import
/// each other, and what a pull request adds to a module can be judged by what lies under it.
const CORE: &[&str] = &[
    // the ground: bytes, numbers, texts; uses none of the others
    "limits",
    "hex",
    "base64",
    "time",
    "names",
    "nearest",
    "secrets",
    "form",
    "refusal",
    "json",
    "ber",
    "pem",
    "digest",
    "redact",
    "token_text",
    "scope",
    // signatures, and what a question may be answered with
    "signature",
    "verdict",
    "deferred",
    // formats, which know no provider and no policy
    "x509",
    "jose",
    "cms",
    "expr",
    // keys of issuers over time
    "keys",
    "access_token",
    // the exchange
    "document",
    "recorded",
    "presented",
    "rehearsal",
    "grant",
    "policy",
    "trace",
    "proof",
    "exchange",
    "guard",
];

/// What the crates of the workspace may use of each other, in code that is shipped. Arrows point down only.
const CRATES: &[(&str, &[&str])] = &[
    ("credmint-core", &[]),
    ("credmint-rustcrypto", &["credmint-core"]),
    ("credmint-aws-lc", &["credmint-core"]),
    ("credmint-clouds", &["credmint-core"]),
    ("credmint-verify", &["credmint-clouds", "credmint-core"]),
    ("credmint-filter", &["credmint-core", "credmint-rustcrypto"]),
    ("credmint-module", &["credmint-core", "credmint-rustcrypto"]),
    (
        "credmint",
        &[
            "credmint-aws-lc",
            "credmint-clouds",
            "credmint-core",
            "credmint-verify",
            "credmint-rustcrypto",
        ],
    ),
];

/// Imports of a module of the core from one that does not lie under it, and modules that are in no line.
fn out_of_order(imports: &Imports, order: &[&str]) -> Vec<String> {
    let place = |module: &str| order.iter().position(|name| *name == module);
    let mut findings = BTreeSet::new();
    for (file, imported) in imports.edges() {
        let (from, to) = (top(file), top(imported));
        if from == to || file == CRATE_ROOT {
            continue;
        }
        match (place(from), place(to)) {
            (Some(from), Some(to)) if to < from => {}
            (Some(_), Some(_)) => {
                findings
                    .insert(format!("{file}.rs: imports {imported}, which is not below {from}"));
            }
            _ => {
                findings.insert(format!("{file}.rs → {imported}.rs: one of them is in no line"));
            }
        }
    }
    findings.into_iter().collect()
}

/// The circles among the children of each module, a child taken with all that is in it. A module and its own children
/// count as one there: a file may use what its parent defines.
fn circles(imports: &Imports) -> Vec<String> {
    let mut families: BTreeMap<&str, BTreeMap<&str, BTreeSet<&str>>> = BTreeMap::new();
    for (file, imported) in imports.edges() {
        if let Some((parent, from, to)) = siblings(file, imported) {
            families.entry(parent).or_default().entry(from).or_default().insert(to);
        }
    }
    let mut findings = Vec::new();
    for family in families.values() {
        for from in family.keys() {
            if let Some(path) = way_back(family, from) {
                findings.push(format!("a circle of imports: {}", path.join(" → ")));
            }
        }
    }
    findings
}

/// The module that holds both files apart, and its two children that they belong to.
fn siblings<'a>(file: &'a str, imported: &'a str) -> Option<(&'a str, &'a str, &'a str)> {
    let shared = file
        .split('/')
        .zip(imported.split('/'))
        .take_while(|(one, other)| one == other)
        .map(|(name, _)| name.len() + 1)
        .sum::<usize>();
    let child = |path: &'a str| {
        let rest = path.get(shared..).filter(|rest| !rest.is_empty())?;
        Some(&path[..shared + rest.find('/').unwrap_or(rest.len())])
    };
    Some((&file[..shared.saturating_sub(1)], child(file)?, child(imported)?))
}

/// A shortest way from `start` over others and back.
fn way_back<'a>(
    family: &BTreeMap<&'a str, BTreeSet<&'a str>>,
    start: &'a str,
) -> Option<Vec<&'a str>> {
    let mut ways = vec![vec![start]];
    let mut seen = BTreeSet::new();
    while !ways.is_empty() {
        let mut longer = Vec::new();
        for way in ways {
            for next in family.get(way.last()?).into_iter().flatten() {
                let way: Vec<&str> = way.iter().copied().chain([*next]).collect();
                if *next == start {
                    return Some(way);
                }
                if seen.insert(*next) {
                    longer.push(way);
                }
            }
        }
        ways = longer;
    }
    None
}

fn top(file: &str) -> &str {
    file.split('/').next().unwrap_or(file)
}

/// The folders with the sources of crates.
fn sources(files: &[File]) -> BTreeSet<String> {
    let roots = files.iter().filter_map(|file| {
        let folder = file.path.strip_suffix("/lib.rs").or(file.path.strip_suffix("/main.rs"))?;
        folder.ends_with("/src").then(|| folder.to_owned())
    });
    roots.collect()
}

#[test]
fn the_core_is_one_line() {
    let imports = Imports::read(&tree::files(), "verifier-wasm/core/src");
    tree::report(&out_of_order(&imports, CORE));
    for module in CORE {
        assert!(imports.has(module), "the line names {module}, which is not there");
    }
}

#[test]
fn no_module_has_a_circle() {
    let files = tree::files();
    let mut findings = Vec::new();
    for folder in sources(&files) {
        let found = circles(&Imports::read(&files, &folder));
        findings.extend(found.into_iter().map(|finding| format!("{folder}: {finding}")));
    }
    tree::report(&findings);
}

#[test]
fn crates_use_what_lies_below_them() {
    let files = tree::files();
    let mut findings = Vec::new();
    for (name, allowed) in CRATES {
        let named = format!("name = \"{name}\"\n");
        let manifest = files
            .iter()
            .find(|file| file.path.ends_with("/Cargo.toml") && file.text.contains(&named))
            .unwrap_or_else(|| panic!("no Cargo.toml of {name}"));
        for used in ours(&manifest.text) {
            if !allowed.contains(&used.as_str()) {
                findings.push(format!("{}: {used} does not lie below {name}", manifest.path));
            }
        }
    }
    tree::report(&findings);
}

/// The crates of ours among the dependencies of a manifest, those of tests left out.
fn ours(manifest: &str) -> Vec<String> {
    let mut is_dependencies = false;
    let mut used = Vec::new();
    for line in manifest.lines() {
        if line.starts_with('[') {
            is_dependencies =
                line.ends_with("dependencies]") && !line.ends_with("dev-dependencies]");
        }
        let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
        if is_dependencies && name.starts_with("credmint") {
            used.push(name.to_owned());
        }
    }
    used
}

#[test]
fn finds_what_is_out_of_order() {
    let check = |written: &[(&str, &str)], order: usize, circle: usize| {
        let files: Vec<File> = written
            .iter()
            .map(|(path, text)| File { path: format!("src/{path}.rs"), text: (*text).into() })
            .collect();
        let imports = Imports::read(&files, "src");
        assert_eq!(out_of_order(&imports, &["low", "high"]).len(), order, "order of {written:?}");
        assert_eq!(circles(&imports).len(), circle, "circles of {written:?}");
    };
    let root = ("lib", "pub mod low; pub mod high;");
    check(&[root, ("low", ""), ("high", "use crate::low::A;")], 0, 0);
    check(&[root, ("low", "use crate::high::A;"), ("high", "")], 1, 0);
    check(&[root, ("low", "fn f() { crate::high::g(); }"), ("high", "")], 1, 0);
    // Two findings: each of the two is on the way back to itself.
    check(&[root, ("low", "use crate::high::A;"), ("high", "use crate::low::B;")], 1, 2);
    check(&[root, ("low", ""), ("high", ""), ("new", "use crate::low::A;")], 1, 0);
    // A re-export leads to the file that defines.
    let inner = ("low/a", "use super::B;");
    check(&[root, ("low", "mod a; mod b; pub use b::B;"), inner, ("low/b", "")], 0, 0);
    check(
        &[root, ("low", "mod a; mod b; pub use b::B;"), inner, ("low/b", "use super::a::A;")],
        0,
        2,
    );
    // A parent and its child are one.
    check(&[root, ("low", "mod a; use a::A; struct P;"), ("low/a", "use super::P;")], 0, 0);
    // Tests may import what they like.
    check(&[root, ("low", "#[cfg(test)] mod tests { use crate::high::A; }"), ("high", "")], 0, 0);
    check(&[root, ("low", ""), ("low/tests/a", "use crate::high::A;"), ("high", "")], 0, 0);
    check(
        &[root, ("low", "use crate::{hex, high::{A, B as C}};"), ("high", ""), ("hex", "")],
        2,
        0,
    );
}
