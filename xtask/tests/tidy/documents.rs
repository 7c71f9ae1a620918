//! Documentation that can be found, and links that lead somewhere.

use std::path::Path;
use std::process::Command;

use crate::tree::{self, File};

/// Whether every page under `docs/` may be linked from here: the front page, and the index of a folder.
fn is_index(path: &str) -> bool {
    path == "README.md" || path.starts_with("docs/") && path.ends_with("/README.md")
}

/// Where a link leads to.
struct Link {
    /// Relative to the root.
    path: String,
    anchor: String,
}

/// Where the links of a Markdown page lead to. Links to other places, and what is in code, are no links of ours.
fn links(file: &File) -> Vec<Link> {
    let folder = Path::new(&file.path).parent().unwrap_or(Path::new(""));
    let mut links = Vec::new();
    let mut in_code = false;
    for line in file.text.lines() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
        for (start, _) in prose.match_indices("](") {
            let Some((link, _)) = prose[start + 2..].split_once(')') else { continue };
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let path = match path {
                "" => file.path.clone(),
                path => plain(&folder.join(path)),
            };
            links.push(Link { path, anchor: anchor.to_owned() });
        }
    }
    links
}

/// The anchors of the headings of a page, as GitHub makes them.
fn anchors(page: &File) -> Vec<String> {
    let titles = page.text.lines().filter(|line| line.starts_with('#'));
    titles.map(|line| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(title: &str) -> String {
    let kept =
        title.chars().filter(|character| character.is_alphanumeric() || " -_".contains(*character));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// `a/./b/../c` as `a/c`.
fn plain(path: &Path) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.iter().filter_map(|part| part.to_str()) {
        match part {
            "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

fn dead_links(files: &[File], exists: impl Fn(&str) -> bool) -> Vec<String> {
    let mut findings = Vec::new();
    for page in files.iter().filter(|file| file.path.ends_with(".md")) {
        for link in links(page) {
            let Link { path, anchor } = link;
            let target = files.iter().find(|file| file.path == path);
            if !exists(&path) {
                findings.push(format!("{}: links to {path}, which is not there", page.path));
            } else if !anchor.is_empty()
                && !target.is_some_and(|page| anchors(page).contains(&anchor))
            {
                findings.push(format!("{}: {path} has no heading for #{anchor}", page.path));
            }
        }
    }
    findings
}

fn unlinked_pages(files: &[File]) -> Vec<String> {
    let indexes = files.iter().filter(|file| is_index(&file.path));
    let linked: Vec<String> = indexes.flat_map(links).map(|link| link.path).collect();
    let pages = files.iter().filter(|file| file.path.starts_with("docs/"));
    pages
        .filter(|page| !linked.contains(&page.path))
        .map(|page| format!("{}: linked from no index", page.path))
        .collect()
}

#[test]
fn links_lead_somewhere() {
    tree::report(&dead_links(&tree::files(), |path| tree::root().join(path).exists()));
}

#[test]
fn every_page_is_linked() {
    tree::report(&unlinked_pages(&tree::files()));
}

#[test]
fn finds_dead_links_and_unlinked_pages() {
    let file = |path: &str, text: &str| File { path: path.into(), text: text.into() };
    let files = [
        file(
            "README.md",
            "[a](docs/a.md#a-part-of-it), [site](https://example.com), `[code](no.md)`",
        ),
        file(
            "docs/a.md",
            "## A `part` of it\n[up](../README.md) [b](./b.md) [gone](gone.md)\n```\n[x](x.md)\n```",
        ),
        file("docs/b.md", "[here](#here)"),
    ];
    let exists = |path: &str| files.iter().any(|file| file.path == path);
    assert_eq!(
        dead_links(&files, exists),
        [
            "docs/a.md: links to docs/gone.md, which is not there",
            "docs/b.md: docs/b.md has no heading for #here"
        ]
    );
    assert_eq!(unlinked_pages(&files).len(), 1);
    assert!(unlinked_pages(&files)[0].starts_with("docs/b.md"));
}

/// What the pages run, `cargo xtask` knows.
#[test]
fn pages_name_tasks_that_exist() {
    let help = Command::new(env!("CARGO_BIN_EXE_xtask")).arg("--help").output().expect("it runs");
    let help = String::from_utf8(help.stdout).expect("text");
    let mut findings = Vec::new();
    for page in tree::files().iter().filter(|file| file.path.ends_with(".md")) {
        for (at, found) in page.text.match_indices("cargo xtask ") {
            let rest = &page.text[at + found.len()..];
            let task: String = rest.chars().take_while(char::is_ascii_lowercase).collect();
            let is_known =
                help.lines().any(|line| line.trim_start().starts_with(&format!("{task} ")));
            if !task.is_empty() && !is_known {
                findings.push(format!("{}: cargo xtask {task} is not there", page.path));
            }
        }
    }
    tree::report(&findings);
}
