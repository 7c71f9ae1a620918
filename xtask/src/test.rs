//! `test` and `ci`.

use std::process::ExitCode;

use anyhow::ensure;

use crate::budget;
use crate::checks;
use crate::hosts::{Hosts, JS};
use crate::nextest;
use crate::process;
use crate::project::{Project, in_continuous_integration};
use crate::report::{MissingTool, Report};

/// Prepares every host and runs every test against it.
pub(crate) fn run(project: &Project, skip_missing: bool) -> ExitCode {
    let mut report = Report::new(skip_missing && !in_continuous_integration());
    report.stage("vectors", "the public conformance vectors", || vectors(project));
    let hosts = Hosts::prepare(project, &mut report);
    // A test that misses its host would only say so again.
    if report.is_good() {
        let environment = hosts.environment(project);
        for (name, path) in &environment {
            println!("   {name}={}", path.display());
        }
        report.tests("rust", "unit, conformance and end-to-end tests", || {
            nextest::workspace(project, &environment)
        });
        report.stage("core", "what its own tests cost", || budget::of_the_core(project));
        report
            .tests("doc", "the examples in the documentation", || nextest::documentation(project));
        if let Some(node) = &hosts.node {
            report.tests("npm test", "the tests of the npm package", || {
                nextest::counted(&mut node.script(project, JS, "test"))
            });
        }
    }
    report.close_with_tests()
}

/// `check`, then the very command that the README gives for the tests. Both run, so that one run
/// shows everything that is wrong.
pub(crate) fn continuous_integration(project: &Project) -> ExitCode {
    let checked = checks::run(project);
    let mut command = project.command("cargo");
    let tested = process::run(command.args(["xtask", "test"]).env("CI", "true"));
    if checked == ExitCode::SUCCESS && tested.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Conformance tests read the vectors in place and leave themselves out where there are none.
fn vectors(project: &Project) -> anyhow::Result<()> {
    let folder = project.vectors();
    if !folder.is_dir() {
        return Err(MissingTool(format!(
            "no vectors in {}: set CREDMINT_VECTORS to their folder",
            folder.display()
        ))
        .into());
    }
    ensure!(folder.join("SOURCES.md").is_file(), "{} lacks SOURCES.md", folder.display());
    println!("   {}", folder.display());
    Ok(())
}
