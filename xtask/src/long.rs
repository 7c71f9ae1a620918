//! `long`: what takes too long for every change. Each stage is the long form of something that `ci` does briefly.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::bench;
use crate::checks;
use crate::command::{self, Linking};
use crate::fuzz;
use crate::hosts::{self, Hosts};
use crate::native;
use crate::nextest;
use crate::process;
use crate::project::Project;
use crate::report::Report;
use crate::sbom;
use crate::semver;
use crate::twice;

/// The variable by which property tests are told how many cases to try.
const CASES: &str = "PROPTEST_CASES";

/// A stage, which can be asked for by name.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Stage {
    /// Every parser under libFuzzer
    Fuzz,
    /// Property tests with many more cases
    Properties,
    /// The issuer under load, and with more clients than may wait: every answer right, nothing that piles up
    Soak,
    /// The benchmarks
    Bench,
    /// What is shipped, packed
    Dist,
    /// The public items of the core against those of the last release
    Semver,
    /// The command, the WebAssembly modules and the npm package built twice, in two places, and compared
    Twice,
}

/// What to run, and how long.
#[derive(Args)]
pub(crate) struct Bounds {
    /// Only these; all of them without a name
    stages: Vec<Stage>,
    /// How long each fuzzed parser is run, and how long the soak
    #[arg(long, default_value_t = 60, value_name = "SECONDS")]
    seconds: u64,
    /// How many cases each property test tries; ci tries 256
    #[arg(long, default_value_t = 4096)]
    cases: u32,
}

/// Runs the stages, also after one has failed.
pub(crate) fn run(project: &Project, bounds: &Bounds) -> ExitCode {
    let mut report = Report::new(false);
    let time = Duration::from_secs(bounds.seconds);
    let wants = |stage| bounds.stages.is_empty() || bounds.stages.contains(&stage);
    if wants(Stage::Fuzz) {
        report.stage("fuzz", "every parser, with bytes that are made up", || {
            fuzz::run(project, time)
        });
    }
    if wants(Stage::Properties) {
        let environment = environment(project, bounds.cases);
        report.tests("properties", "all tests that need no host, with many more cases", || {
            nextest::workspace(project, &environment)
        });
    }
    if wants(Stage::Soak) {
        report.stage("soak", "the issuer under load", || soak(project, time));
    }
    if wants(Stage::Bench) {
        bench::stages(project, None, &mut report);
    }
    if wants(Stage::Dist) {
        hosts::pack(project, &mut report);
        report.stage(
            "static",
            "the command without shared libraries, in a folder of its own",
            || shipped(project),
        );
        report.stage("sbom", "what is shipped is made of", || sbom::write(project));
        report.stage("package", "crates that are published, built from what was packed", || {
            checks::package(project, &[])
        });
    }
    if wants(Stage::Semver) {
        report.stage("semver", "the public items of the core", || semver::run(project));
    }
    if wants(Stage::Twice) {
        report
            .stage("twice", "built in two places, compared byte for byte", || twice::run(project));
    }
    report.close()
}

/// Without a host: property tests need none.
fn environment(project: &Project, cases: u32) -> Vec<(&'static str, PathBuf)> {
    let mut environment = Hosts::vectors_alone(project);
    environment.push((CASES, cases.to_string().into()));
    environment
}

/// Builds the command for images, and tests that one where the short form tests the command of this machine.
fn shipped(project: &Project) -> anyhow::Result<()> {
    let built = command::build(project, Linking::Static)?;
    let mut cargo = project.cargo("test");
    cargo.args(["--package", "credmint-tests", "--test", "packaging", "--", "empty_root"]);
    process::run(cargo.env("CREDMINT_BIN", built))
}

/// How long the overload is at the most: what piles up does so in seconds.
const OVERLOAD: Duration = Duration::from_secs(60);

/// The soak and the overload of the package `credmint-tests`, against the command that is not optimised: its checks of
/// arithmetic are on.
fn soak(project: &Project, time: Duration) -> anyhow::Result<()> {
    let command = native::program(project, "credmint")?;
    for (name, time) in [("soak", time), ("overload", time.min(OVERLOAD))] {
        let mut load = project.command(native::program(project, name)?);
        load.arg(time.as_secs().max(1).to_string()).env("CREDMINT_BIN", &command);
        process::run(&mut load)?;
    }
    Ok(())
}
