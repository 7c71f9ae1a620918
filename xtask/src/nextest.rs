//! The Rust tests: by cargo-nextest where it is, else by `cargo test`.

use std::path::Path;
use std::process::Command;

use crate::process;
use crate::project::Project;
use crate::tally::Tally;

/// Runs the tests of the workspace with `environment` set.
///
/// # Errors
/// When the runner cannot be started. A failing test is in the second part of the answer.
pub(crate) fn workspace(
    project: &Project,
    environment: &[(&'static str, std::path::PathBuf)],
) -> anyhow::Result<(Tally, anyhow::Result<()>)> {
    let mut command = if process::find("cargo-nextest").is_some() {
        let mut command = project.cargo("nextest run");
        command.arg("--no-fail-fast");
        command
    } else {
        println!("   cargo-nextest is not installed: cargo test does the same, more slowly");
        let mut command = project.cargo("test");
        command.args(["--no-fail-fast", "--lib", "--bins", "--tests", "--examples"]);
        command
    };
    counted(
        command
            .arg("--workspace")
            .envs(environment.iter().map(|(name, path)| (name, path as &Path))),
    )
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
