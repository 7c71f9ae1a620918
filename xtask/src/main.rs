//! `cargo xtask`: the only entry to building, testing and checking the project.
//!
//! It needs Rust and finds, or sets up by itself, the rest: a WebAssembly toolchain, a Python
//! environment with Envoy, the npm packages of the lock file. What serves every clone, tools and that environment, lies
//! in the user's cache folder; the rest under `target/credmint`, so that `cargo clean` removes it.

mod bench;
mod budget;
mod cache;
mod checks;
mod command;
mod copy;
mod demo;
mod deny;
mod fuzz;
mod hosts;
mod long;
mod native;
mod nextest;
mod node;
mod packages;
mod process;
mod project;
mod python;
mod report;
mod sbom;
mod semver;
mod tally;
mod test;
mod tool;
mod toolchain;
mod twice;
mod wasm;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::command::Linking;
use crate::long::Bounds;
use crate::project::Project;
use crate::report::Report;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, tests and checks Credmint")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Shows it at work: issuer, Envoy and clients on this machine
    Demo,
    /// Runs every test: Rust, JavaScript, and end to end on the real hosts
    Test(Missing),
    /// Builds what is shipped: the credmint command, the Envoy filter, the npm package
    Build(Missing),
    /// Builds the credmint command alone, as it is shipped
    Command {
        /// Without any shared library, for images that hold nothing else
        #[arg(long = "static")]
        is_static: bool,
        /// Copies it into this folder
        #[arg(long, value_name = "FOLDER")]
        to: Option<PathBuf>,
    },
    /// Writes what the command is made of, as CycloneDX
    Sbom,
    /// Formatting, lints, dependencies, tidiness: everything that needs no running host
    Check,
    /// What continuous integration runs on each change: `check`, then `test`, the short form of everything
    Ci,
    /// What takes longer: fuzzing, property tests at length, soak, benchmarks, double build
    Long(Bounds),
    /// Builds the two WebAssembly modules and prints their sizes
    Wasm(Missing),
    /// Checks the table of the certificates that clouds publish: format, fingerprints, expiry, duplicates
    Clouds {
        /// Another table of the same form
        file: Option<PathBuf>,
    },
    /// Measures Credmint against the peers of its field: jose, x509, cms, policy or issuer; all of them without a name
    Bench {
        /// What to measure
        name: Option<String>,
    },
    /// Rewrites the files that are generated from tables in the code
    Bless,
    /// Rewrites the JSON Schemas of the configuration, the policy and its parts
    Schema,
}

#[derive(Args)]
struct Missing {
    /// Without Python, Node or the test vectors: say what is left out, and go on
    #[arg(long)]
    skip_missing: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let project = match Project::find() {
        Ok(project) => project,
        Err(error) => {
            eprintln!("error: {error:#}");
            return ExitCode::FAILURE;
        }
    };
    match arguments.task {
        Task::Demo => demo::run(&project),
        Task::Test(missing) => test::run(&project, missing.skip_missing),
        Task::Build(missing) => hosts::ship(&project, missing.skip_missing),
        Task::Command { is_static, to } => {
            let linking = if is_static { Linking::Static } else { Linking::Dynamic };
            let mut report = Report::new(false);
            report.stage("credmint", "the command, as it is shipped", || {
                command::build_into(&project, linking, to.as_deref())
            });
            report.close()
        }
        Task::Sbom => {
            let mut report = Report::new(false);
            report.stage("sbom", "what the command is made of", || sbom::write(&project));
            report.close()
        }
        Task::Check => checks::run(&project),
        Task::Ci => test::continuous_integration(&project),
        Task::Long(bounds) => long::run(&project, &bounds),
        Task::Wasm(missing) => {
            let mut report = Report::new(missing.skip_missing);
            hosts::wasm(&project, &mut report);
            report.close()
        }
        Task::Clouds { file } => {
            let mut report = Report::new(false);
            report.stage("clouds", "certificates that clouds publish", || {
                checks::clouds(&project, file.as_deref())
            });
            report.close()
        }
        Task::Schema => {
            let mut report = Report::new(false);
            report.stage("schema", "writing the JSON Schemas", || checks::schema(&project));
            report.close()
        }
        Task::Bench { name } => bench::run(&project, name.as_deref()),
        Task::Bless => {
            let mut report = Report::new(false);
            report.stage("bless", "writing the generated files", || checks::bless(&project));
            report.close()
        }
    }
}
