//! Node and the npm packages of the lock files.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;

use crate::process;
use crate::project::Project;
use crate::report::MissingTool;

/// The oldest release line that the npm package supports.
const OLDEST: u32 = 20;

/// Packages whose install script was read and may run; no other's does. Bun's puts the command of its
/// platform package in place.
const REVIEWED_SCRIPTS: &[&str] = &["bun"];

/// Node and its npm.
pub(crate) struct Node {
    pub(crate) node: PathBuf,
    npm: PathBuf,
}

impl Node {
    /// # Errors
    /// [`MissingTool`] without Node [`OLDEST`] or newer, or without npm.
    pub(crate) fn find(project: &Project) -> anyhow::Result<Self> {
        let missing = || MissingTool(format!("Node {OLDEST} or newer with npm is not installed"));
        let node = process::find("node").ok_or_else(missing)?;
        let npm = process::find("npm").ok_or_else(missing)?;
        let version = process::read_text(project.command(&node).arg("--version"))?;
        if major(&version) < OLDEST {
            return Err(missing()).context(format!("this is Node {version}"));
        }
        Ok(Self { node, npm })
    }

    /// `npm ci` in `folder` of the project, when its lock file has changed since the last time.
    /// Install scripts do not run, except those of [`REVIEWED_SCRIPTS`].
    ///
    /// # Errors
    /// When there is no lock file or npm fails.
    pub(crate) fn install(&self, project: &Project, folder: &str) -> anyhow::Result<()> {
        let lock = project.path(folder).join("package-lock.json");
        let wanted = fs::read(&lock).with_context(|| format!("{folder}/package-lock.json"))?;
        let packages = project.path(folder).join("node_modules");
        let made_for = packages.join(".made-for");
        if fs::read(&made_for).is_ok_and(|text| text == wanted) {
            return Ok(());
        }
        self.npm(project, folder, &["ci", "--ignore-scripts", "--no-audit", "--no-fund"])?;
        for name in REVIEWED_SCRIPTS.iter().filter(|name| packages.join(name).is_dir()) {
            self.npm(project, folder, &["rebuild", name])?;
        }
        fs::write(made_for, wanted).with_context(|| format!("{folder} has no packages"))
    }

    fn npm(&self, project: &Project, folder: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = project.command(&self.npm);
        process::run(
            command.current_dir(project.path(folder)).arg("--loglevel=error").args(arguments),
        )
    }

    /// `npm run script` in `folder` of the project.
    pub(crate) fn script(
        &self,
        project: &Project,
        folder: &str,
        script: &str,
    ) -> std::process::Command {
        let mut command = project.command(&self.npm);
        command.current_dir(project.path(folder)).args(["run", "--silent", script]);
        command
    }
}

/// `v20.20.2`
fn major(version: &str) -> u32 {
    version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|text| text.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_versions() {
        for (version, expected) in [("v20.20.2", 20), ("v8.0.0", 8), ("nonsense", 0)] {
            assert_eq!(major(version), expected, "{version}");
        }
    }
}
