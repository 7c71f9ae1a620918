//! Documentation that can be found, and links that lead somewhere.

use std::path::Path;

use crate::tree::{self, File};

/// From these, every page under `docs/` must be linked. The third has the generated table of environments.
const INDEXES: &[&str] = &["README.md", "docs/README.md", "docs/configuration.md"];

/// The files that the links of a Markdown page lead to, relative to the root, without the anchors.
/// Links to other places, and what stands in code, are no links of ours.
fn links(file: &File) -> Vec<String> {
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
            let link = link.split('#').next().unwrap_or_default();
            if !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:") {
                links.push(plain(&folder.join(link)));
            }
        }
    }
    links
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
            if !exists(&link) {
                findings.push(format!("{}: links to {link}, which is not there", page.path));
            }
        }
    }
    findings
}

fn unlinked_pages(files: &[File]) -> Vec<String> {
    let indexes = files.iter().filter(|file| INDEXES.contains(&file.path.as_str()));
    let linked: Vec<String> = indexes.flat_map(links).collect();
    let pages = files
        .iter()
        .filter(|file| file.path.starts_with("docs/") && !INDEXES.contains(&file.path.as_str()));
    pages
        .filter(|page| !linked.contains(&page.path))
        .map(|page| format!("{}: linked from none of {INDEXES:?}", page.path))
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
        file("README.md", "[a](docs/a.md#part), [site](https://example.com), `[code](no.md)`"),
        file("docs/a.md", "[up](../README.md) [b](./b.md) [gone](gone.md)\n```\n[x](x.md)\n```"),
        file("docs/b.md", "[here](#here)"),
    ];
    let exists = |path: &str| files.iter().any(|file| file.path == path);
    assert_eq!(
        dead_links(&files, exists),
        ["docs/a.md: links to docs/gone.md, which is not there"]
    );
    assert_eq!(unlinked_pages(&files).len(), 1);
    assert!(unlinked_pages(&files)[0].starts_with("docs/b.md"));
}
