//! Blocks of shell: they run as they stand, page by page, and print what the pages say that they print.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use credmint_tests::environment;

use crate::blocks::{Block, Page, pages};
use crate::kinds::{Kind, kind};
use crate::scenes::{self, Scene};

/// The blocks of a page that bash runs, and those that hold what it prints.
fn run_by_bash(page: Page) -> Vec<(Block, Kind)> {
    let kinds =
        page.blocks().into_iter().filter_map(|block| Some((kind(&block.info).ok()?, block)));
    kinds.filter(|(kind, _)| kind.is_run_by_bash()).map(|(kind, block)| (block, kind)).collect()
}

/// Runs a page in its scene.
fn run(path: &str, scene: &Scene) {
    let blocks = run_by_bash(Page::at(path));
    let commands: String = blocks
        .iter()
        .filter(|(_, kind)| *kind == Kind::Shell)
        .map(|(block, _)| scene.here(&block.text))
        .collect();
    // Whatever happens, no server stays behind.
    let script = format!(
        "set -euo pipefail\ntrap 'kill $(jobs -p) $(cat credmint.pid 2>/dev/null) 2>/dev/null || true' EXIT\n{}",
        in_the_background(&commands, scene)
    );
    let credmint = environment::credmint();
    let node = std::env::var_os("CREDMINT_NODE").map(PathBuf::from).unwrap_or_default();
    let folders = [&credmint, &node].map(|program| program.parent().map(Path::to_owned));
    let own = std::env::var_os("PATH").unwrap_or_default();
    let folders = folders.into_iter().flatten().chain(std::env::split_paths(&own));
    let search = std::env::join_paths(folders).expect("a PATH");
    let output = Command::new("bash")
        .args(["-c", &script])
        .current_dir(scene.folder())
        .env("PATH", search)
        .envs(scene.variables())
        .stdin(Stdio::null())
        .output()
        .expect("the pages need bash, curl and openssl");
    let said = scene.there(&String::from_utf8_lossy(&output.stdout));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{path}\n{said}\n{errors}");

    let mut lines = said.lines();
    for (block, _) in blocks.iter().filter(|(_, kind)| *kind == Kind::Output) {
        for expected in block.text.lines() {
            let found = lines.any(|line| matches(line, expected));
            assert!(found, "{}: {expected}\nis not in\n{said}\n{errors}", block.place());
        }
    }
}

/// A server that a page starts in the foreground of a terminal of its own runs beside the commands after it.
fn in_the_background(commands: &str, scene: &Scene) -> String {
    let lines = commands.lines().map(|line| {
        let serves = ["credmint serve ", "node server.mjs"].iter().any(|server| line.contains(server))
            && !line.ends_with('&');
        match scene.ready().filter(|_| serves) {
            Some(url) => format!(
                "{line} 2> serve.log &\n\
                 curl --silent --retry 60 --retry-delay 1 --retry-connrefused --output ready {url}\n"
            ),
            None => format!("{line}\n"),
        }
    });
    lines.collect()
}

/// Whether a line is the expected one; `…` matches any text.
fn matches(line: &str, expected: &str) -> bool {
    let Some((first, rest)) = expected.split_once('…') else { return line == expected };
    let Some(mut left) = line.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('…').collect();
    let last = parts.pop().unwrap_or_default();
    for part in parts {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

#[test]
fn the_readme_runs() {
    run("README.md", &scenes::front_page());
}

#[test]
fn a_first_installation_runs() {
    run("docs/start.md", &scenes::first_installation());
}

#[test]
fn the_examples_run() {
    for name in ["ec2", "ecs", "kubernetes"] {
        run(&format!("examples/{name}/README.md"), &scenes::example(name));
    }
}

#[test]
fn a_service_in_node_runs() {
    run("examples/node/README.md", &scenes::service());
}

#[test]
fn the_metadata_services_of_two_clouds_answer() {
    for name in ["amazon-ec2", "alibaba-ecs"] {
        run(&format!("docs/environments/{name}.md"), &scenes::instance());
    }
}

/// Every other page that has something to run, the pages of the commands among them.
#[test]
fn all_other_pages_run() {
    const ELSEWHERE: &[&str] = &[
        "README.md",
        "docs/start.md",
        "docs/environments/amazon-ec2.md",
        "docs/environments/alibaba-ecs.md",
    ];
    let mut count = 0;
    for page in pages() {
        let path = page.path.clone();
        let is_elsewhere = ELSEWHERE.contains(&path.as_str()) || path.starts_with("examples/");
        if !is_elsewhere && !run_by_bash(page).is_empty() {
            // The pages of environments write the configuration that the others have.
            let is_environment = path.starts_with("docs/environments/");
            run(&path, &if is_environment { Scene::empty() } else { scenes::command() });
            count += 1;
        }
    }
    assert!(count > 10, "{count} pages");
}

#[test]
fn lines_match_with_anything_between() {
    for (line, expected, expect) in [
        ("abc", "abc", true),
        ("abcd", "abc", false),
        ("abcd", "a…", true),
        ("abcd", "a…d", true),
        ("abcd", "a…c", false),
        ("abcbd", "a…b…d", true),
        ("a}}b}}", "a…}}", true),
        ("xabc", "abc", false),
    ] {
        assert_eq!(matches(line, expected), expect, "{line} {expected}");
    }
}
