//! Commands of the crate registry that the checks need: found by version, else built once for every clone.

use std::fs;
use std::path::PathBuf;

use crate::cache;
use crate::process;
use crate::project::Project;

/// A command of cargo: the crate has the command's name.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
}

impl Tool {
    /// The command, if this machine has it in exactly this version: in `PATH`, or built before.
    ///
    /// # Errors
    /// When there is no cache folder.
    pub(crate) fn find(&self, project: &Project) -> anyhow::Result<Option<PathBuf>> {
        let commands = [process::find(self.name), Some(self.kept()?)];
        Ok(commands.into_iter().flatten().find(|command| self.is(project, command)))
    }

    /// [`Tool::find`]; when there is none, builds it into the cache folder.
    ///
    /// # Errors
    /// When it does not build.
    pub(crate) fn find_or_build(&self, project: &Project) -> anyhow::Result<PathBuf> {
        if let Some(command) = self.find(project)? {
            return Ok(command);
        }
        let (folder, kept) = (self.folder()?, self.kept()?);
        let _lock = cache::lock(&folder)?;
        // Another clone may have built it while this one waited.
        if self.is(project, &kept) {
            return Ok(kept);
        }
        println!("   {} {} is built once, into {}", self.name, self.version, folder.display());
        process::run(
            project
                .command("cargo")
                .args(["install", self.name, "--version", self.version, "--locked", "--quiet"])
                // It works for a second: not optimising saves more than it costs.
                .args(["--debug", "--force"])
                .arg("--root")
                .arg(&folder)
                .arg("--target-dir")
                .arg(folder.join("build")),
        )?;
        // Only the command is worth keeping: its object files are some hundred megabytes.
        fs::remove_dir_all(folder.join("build"))?;
        Ok(kept)
    }

    /// Whether `command` is this tool in this version. Some commands of cargo answer only to their own name, as cargo
    /// calls them.
    fn is(&self, project: &Project, command: &PathBuf) -> bool {
        let own_name = self.name.trim_start_matches("cargo-");
        [&["--version"][..], &[own_name, "--version"]].iter().any(|arguments| {
            let version = process::read_text(project.command(command).args(*arguments));
            version.is_ok_and(|text| text.split_whitespace().nth(1) == Some(self.version))
        })
    }

    fn folder(&self) -> anyhow::Result<PathBuf> {
        cache::folder(&format!("tools/{}-{}", self.name, self.version))
    }

    fn kept(&self) -> anyhow::Result<PathBuf> {
        Ok(self.folder()?.join("bin").join(self.name))
    }
}
