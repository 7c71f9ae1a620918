//! `demo`: prepares the hosts, then hands over to the demo of the package `credmint-tests`.

use std::process::ExitCode;

use crate::hosts::Hosts;
use crate::process;
use crate::project::Project;
use crate::report::Report;

/// Runs the demo; its exit code is ours.
pub(crate) fn run(project: &Project, skip_missing: bool) -> ExitCode {
    let mut report = Report::new(skip_missing);
    println!(
        "The first run builds everything and takes some ten minutes; the next starts in seconds."
    );
    let hosts = Hosts::prepare(project, &mut report);
    report.stage("demo", "building it", || {
        process::run(project.cargo("build").args(["--package", "credmint-tests", "--bin", "demo"]))
    });
    if !report.is_good() {
        return report.close();
    }
    let mut demo = project.command(project.built("debug/demo"));
    match demo.envs(hosts.environment(project)).status() {
        Ok(status) => match status.code().map(u8::try_from) {
            Some(Ok(code)) => ExitCode::from(code),
            _ => ExitCode::FAILURE,
        },
        Err(error) => {
            eprintln!("error: the demo does not start: {error}");
            ExitCode::FAILURE
        }
    }
}
