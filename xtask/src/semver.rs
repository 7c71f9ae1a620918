//! Semantic versions: the public items of the core against those of the last release.

use crate::process;
use crate::project::Project;
use crate::tool::Tool;

const CARGO_SEMVER_CHECKS: Tool = Tool { name: "cargo-semver-checks", version: "0.51.0" };

/// Releases are tagged so, with their version behind it.
const TAG: &str = "v*";

/// Compares with the last tag of a release. Before the first there is nothing to compare with, and the kept list of public
/// items is all that shows a change.
///
/// # Errors
/// When the version of the workspace does not say what has changed.
pub(crate) fn run(project: &Project) -> anyhow::Result<()> {
    let mut describe = project.command("git");
    describe.args(["describe", "--tags", "--abbrev=0", "--match", TAG]);
    let Ok(tag) = process::read_text(&mut describe) else {
        println!("   no release is tagged: there is nothing to compare with");
        return Ok(());
    };
    let mut command = project.command(CARGO_SEMVER_CHECKS.find_or_build(project)?);
    command.args(["semver-checks", "--package", "credmint-core", "--baseline-rev", tag.trim()]);
    process::run(&mut command)
}
