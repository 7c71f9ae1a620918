//! Programs for this machine, built as the tests build them, so that nothing is compiled twice.

use std::path::PathBuf;

use crate::process;
use crate::project::Project;

/// Cargo chooses the features of dependencies for all packages that it is asked for together, and how much debug
/// information build scripts get by what else is built. With these targets both choices are those of
/// `cargo test --workspace`; with `--package` alone, half of the dependencies would be built a second time.
pub(crate) const AS_FOR_TESTS: [&str; 5] =
    ["--workspace", "--bin", "xtask-bindgen", "--test", "tidy"];

/// Builds a program of the workspace, not optimised, and returns where it lies.
///
/// # Errors
/// When it does not build.
pub(crate) fn program(project: &Project, name: &str) -> anyhow::Result<PathBuf> {
    process::run(project.cargo("build").args(AS_FOR_TESTS).args(["--quiet", "--bin", name]))?;
    Ok(project.built("debug").join(name))
}
