//! The Rust tests: by cargo-nextest where it is, else by `cargo test`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process;
use crate::project::{Project, in_continuous_integration};
use crate::tally::Tally;
use crate::tool::Tool;

const CARGO_NEXTEST: Tool = Tool { name: "cargo-nextest", version: "0.9.143" };

/// Test binaries of `credmint-tests` that run against a host, by the variables that name it.
const HOSTED: &[(&str, &[&str])] = &[
    ("connections", &["CREDMINT_BIN"]),
    ("demo", &["CREDMINT_BIN", "CREDMINT_ENVOY", "CREDMINT_NODE"]),
    ("documents", &["CREDMINT_BIN", "CREDMINT_NODE"]),
    ("edges", &["CREDMINT_BIN", "CREDMINT_ENVOY", "CREDMINT_NODE"]),
    ("endurance", &["CREDMINT_BIN"]),
    ("envoy", &["CREDMINT_ENVOY"]),
    ("examples", &["CREDMINT_BIN"]),
    ("exchange", &["CREDMINT_BIN"]),
    ("packaging", &["CREDMINT_BIN", "CREDMINT_PYTHON"]),
    ("operations", &["CREDMINT_BIN"]),
    ("postgresql", &["CREDMINT_POSTGRESQL"]),
    ("records", &["CREDMINT_NODE"]),
    (
        "replicas",
        &[
            "CREDMINT_BIN",
            "CREDMINT_ENVOY",
            "CREDMINT_NODE",
            "CREDMINT_NODE_FOR_CLIENTS",
            "CREDMINT_POSTGRESQL",
            "CREDMINT_PYTHON",
        ],
    ),
    ("reloading", &["CREDMINT_BIN"]),
    ("reports", &["CREDMINT_BIN"]),
    ("sdk", &["CREDMINT_BIN", "CREDMINT_PYTHON"]),
    ("sdk_client", &["CREDMINT_BIN", "CREDMINT_PYTHON"]),
    ("stock_clients", &["CREDMINT_BIN", "CREDMINT_NODE_FOR_CLIENTS", "CREDMINT_PYTHON"]),
    ("systemd", &["CREDMINT_BIN", "CREDMINT_PYTHON", "CREDMINT_SYSTEMD_ANALYZE"]),
];

/// Runs the tests of the workspace with `environment` set. What needs a host that is not in it is left out and
/// named: this is only called without one where that is allowed.
///
/// # Errors
/// When the runner cannot be started. A failing test is in the second part of the answer.
pub(crate) fn workspace(
    project: &Project,
    environment: &[(&'static str, PathBuf)],
) -> anyhow::Result<(Tally, anyhow::Result<()>)> {
    let left_out = left_out(environment);
    for binary in &left_out {
        println!("   left out, since its host is missing: {binary}");
    }
    let mut command = if let Some(nextest) = nextest(project)? {
        let mut command = project.cargo_of(&nextest.to_string_lossy(), "nextest run");
        command.args(["--no-fail-fast", "--workspace"]);
        if !left_out.is_empty() {
            let binaries: Vec<_> = left_out.iter().map(|name| format!("binary({name})")).collect();
            command.args(["--filterset", &format!("not ({})", binaries.join(" | "))]);
        }
        command
    } else {
        println!("   cargo-nextest is not installed: cargo test does the same, more slowly");
        let mut command = project.cargo("test");
        command.args(["--no-fail-fast", "--workspace", "--lib", "--bins", "--examples"]);
        for test in test_binaries(project)?.iter().filter(|test| !left_out.contains(&test.as_str()))
        {
            command.args(["--test", test]);
        }
        command
    };
    counted(command.envs(environment.iter().map(|(name, path)| (name, path as &Path))))
}

/// The runner: this machine's, of whatever version. Continuous integration builds it where there is none; elsewhere
/// that would take longer than it saves.
fn nextest(project: &Project) -> anyhow::Result<Option<PathBuf>> {
    match process::find(CARGO_NEXTEST.name) {
        Some(command) => Ok(Some(command)),
        None if in_continuous_integration() => CARGO_NEXTEST.find_or_build(project).map(Some),
        None => CARGO_NEXTEST.find(project),
    }
}

fn left_out(environment: &[(&str, PathBuf)]) -> Vec<&'static str> {
    let has = |variable: &str| environment.iter().any(|(name, _)| *name == variable);
    let lacking = |needs: &[&str]| needs.iter().any(|need| !has(need));
    HOSTED.iter().filter(|(_, needs)| lacking(needs)).map(|(binary, _)| *binary).collect()
}

/// The integration tests of the workspace: each package has its own in `tests`.
fn test_binaries(project: &Project) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for folder in [
        "tests/tests",
        "xtask/tests",
        "issuer/tests",
        "issuer/aws-lc/tests",
        "verifier-wasm/core/tests",
    ] {
        for entry in fs::read_dir(project.path(folder))? {
            let path = entry?.path();
            let is_test =
                path.extension().is_some_and(|end| end == "rs") || path.join("main.rs").is_file();
            if let Some(name) = path.file_stem().filter(|_| is_test) {
                names.push(name.to_string_lossy().into_owned());
            }
        }
    }
    Ok(names)
}

/// Runs the examples in the documentation of the libraries.
///
/// # Errors
/// As [`workspace`].
pub(crate) fn documentation(project: &Project) -> anyhow::Result<(Tally, anyhow::Result<()>)> {
    counted(project.cargo("test").args(["--workspace", "--doc"]))
}

/// Runs `command` and counts the tests in its closing lines.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn counted(command: &mut Command) -> anyhow::Result<(Tally, anyhow::Result<()>)> {
    let (status, output) = process::watch(command)?;
    Ok((Tally::read(&output), process::succeeded(command, status)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_misses_its_host_is_left_out() {
        let check = |has: &[&'static str], expect: &[&str]| {
            let environment: Vec<_> = has.iter().map(|name| (*name, PathBuf::new())).collect();
            assert_eq!(left_out(&environment), expect, "{has:?}");
        };
        let (command, envoy) = ("CREDMINT_BIN", "CREDMINT_ENVOY");
        let clients = "CREDMINT_NODE_FOR_CLIENTS";
        let (systemd, database) = ("CREDMINT_SYSTEMD_ANALYZE", "CREDMINT_POSTGRESQL");
        let (node, python) = ("CREDMINT_NODE", "CREDMINT_PYTHON");
        check(&[command, envoy, node, clients, python, systemd, database], &[]);
        let without_node = ["demo", "documents", "edges", "records", "replicas", "stock_clients"];
        check(&[command, envoy, python, systemd, database], &without_node);
        let without_python = [
            "demo",
            "edges",
            "envoy",
            "packaging",
            "replicas",
            "sdk",
            "sdk_client",
            "stock_clients",
            "systemd",
        ];
        check(&[command, node, clients, systemd, database], &without_python);
        check(&[command, envoy, node, clients, python], &["postgresql", "replicas", "systemd"]);
        let all: Vec<_> = HOSTED.iter().map(|(binary, _)| *binary).collect();
        check(&[], &all);
    }
}
