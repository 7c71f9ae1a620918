//! `check`: everything that needs no running host.

use std::path::Path;
use std::process::ExitCode;

use crate::deny;
use crate::native::{self, AS_FOR_TESTS};
use crate::process;
use crate::project::Project;
use crate::report::Report;
use crate::toolchain::Toolchain;
use crate::wasm;

/// Runs every check, also after one has failed.
pub(crate) fn run(project: &Project) -> ExitCode {
    let mut report = Report::new(false);
    report.stage("fmt", "formatting", || {
        process::run(project.command("cargo").args(["fmt", "--all", "--check"]))
    });
    report.stage("tidy", "words, links, sizes, lock files, generated files", || {
        process::run(project.cargo("test").args(AS_FOR_TESTS).arg("--quiet"))
    });
    report.stage("absences", "crates that must not be built in", || deny::absences(project));
    report.stage("clouds", "certificates that clouds publish", || clouds(project, None));
    report.stage("deny", "licences, bans and sources of dependencies", || deny::rules(project));
    report.stage("package", "crates that are published", || package(project, &["--no-verify"]));
    report.stage("clippy", "lints, all targets of the workspace", || {
        let mut cargo = project.cargo("clippy");
        process::run(cargo.args(["--workspace", "--all-targets", "--", "--deny", "warnings"]))
    });
    let toolchain = report.stage("toolchain", "for WebAssembly", || Toolchain::find(project));
    if let Some(toolchain) = toolchain {
        report.stage("clippy wasm", "lints of what only WebAssembly compiles", || {
            wasm::lint(project, toolchain)
        });
        report.stage("no std", "the core builds where there is no std", || {
            wasm::build_without_std(project, toolchain)
        });
    }
    report.close()
}

/// Checks the table of the certificates that clouds publish, or a file of that form, at the present time.
///
/// # Errors
/// When something is wrong with it; the findings are printed.
pub(crate) fn clouds(project: &Project, file: Option<&Path>) -> anyhow::Result<()> {
    let command = native::program(project, "credmint-clouds")?;
    process::run(project.command(command).args(file))
}

/// The crates that are published. All others are shipped in another form, or not at all.
const PUBLISHED: [&str; 6] = [
    "credmint",
    "credmint-aws-lc",
    "credmint-clouds",
    "credmint-core",
    "credmint-rustcrypto",
    "credmint-verify",
];

/// Packs the crates that are published, as the registry takes them; without `--no-verify` each is also built from what was
/// packed.
///
/// # Errors
/// When one cannot be packed.
pub(crate) fn package(project: &Project, how: &[&str]) -> anyhow::Result<()> {
    let mut cargo = project.cargo("package");
    cargo.args(["--quiet", "--allow-dirty"]).args(how);
    for name in PUBLISHED {
        cargo.args(["--package", name]);
    }
    process::run(&mut cargo)
}

/// Writes the files that the tidy test compares, and the page of the issuer's metrics.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn bless(project: &Project) -> anyhow::Result<()> {
    let mut cargo = project.cargo("test");
    cargo.args(["--quiet", "--package", "xtask", "--test", "tidy", "generated"]);
    process::run(cargo.env("CREDMINT_BLESS", "1"))?;
    let mut cargo = project.cargo("test");
    cargo.args(["--quiet", "--package", "credmint", "--test", "metrics", "files_are_up_to_date"]);
    process::run(cargo.env("CREDMINT_BLESS", "1"))
}

/// Writes the JSON Schemas that a test of the issuer compares.
///
/// # Errors
/// When they cannot be written.
pub(crate) fn schema(project: &Project) -> anyhow::Result<()> {
    let mut cargo = project.cargo("test");
    cargo.args(["--quiet", "--package", "credmint", "--test", "schema", "files_are_up_to_date"]);
    process::run(cargo.env("CREDMINT_BLESS", "1"))
}
