//! Commands of the crate registry that the checks need: found by version, else built once.

use std::path::PathBuf;

use crate::process;
use crate::project::Project;

/// A command of cargo: the crate has the command's name.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
}

impl Tool {
    /// The command, if this machine has it in exactly this version: in `PATH`, or built before.
    pub(crate) fn find(&self, project: &Project) -> Option<PathBuf> {
        let built = self.folder(project).join("bin").join(self.name);
        [process::find(self.name), Some(built)].into_iter().flatten().find(|command| {
            let version = process::read_text(project.command(command).arg("--version"));
            version.is_ok_and(|text| text.split_whitespace().nth(1) == Some(self.version))
        })
    }

    /// [`Tool::find`]; when there is none, builds it into `target/credmint/tools`.
    ///
    /// # Errors
    /// When it does not build.
    pub(crate) fn find_or_build(&self, project: &Project) -> anyhow::Result<PathBuf> {
        if let Some(command) = self.find(project) {
            return Ok(command);
        }
        println!("   {} {} is built once; it takes some minutes", self.name, self.version);
        let root = self.folder(project);
        process::run(
            project
                .command("cargo")
                .args(["install", self.name, "--version", self.version, "--locked", "--quiet"])
                // It works for a second: not optimising saves more than it costs.
                .arg("--debug")
                .arg("--root")
                .arg(&root)
                .arg("--target-dir")
                .arg(root.join("build")),
        )?;
        // Only the command is worth keeping: its object files are some hundred megabytes.
        std::fs::remove_dir_all(root.join("build"))?;
        Ok(root.join("bin").join(self.name))
    }

    fn folder(&self, project: &Project) -> PathBuf {
        project.scratch("tools")
    }
}
