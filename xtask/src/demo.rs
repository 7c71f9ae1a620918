//! `demo`: prepares the hosts, then hands over to the demo of the package `credmint-tests`.

use std::os::unix::process::CommandExt;
use std::process::ExitCode;

use crate::hosts::Hosts;
use crate::native;
use crate::project::Project;
use crate::report::Report;

/// Runs the demo; its exit code is ours. It shows every host, so it needs every one.
pub(crate) fn run(project: &Project) -> ExitCode {
    let mut report = Report::new(false);
    println!(
        "The first run builds everything and takes some ten minutes; the next starts in seconds."
    );
    let hosts = Hosts::prepare(project, &mut report);
    let demo = report.stage("demo", "building it", || native::program(project, "demo"));
    let Some(demo) = demo.filter(|_| report.is_good()) else {
        return report.close();
    };
    let mut demo = project.command(demo);
    // In place of this process, so that Ctrl-C reaches the one that has something to clean up.
    let error = demo.envs(hosts.environment(project)).exec();
    eprintln!("error: the demo does not start: {error}");
    ExitCode::FAILURE
}
