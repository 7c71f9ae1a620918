//! Where things lie, and cargo as the project calls it.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

/// The source tree and the folder that cargo builds into.
pub(crate) struct Project {
    root: PathBuf,
    target: PathBuf,
}

impl Project {
    /// # Errors
    /// When not started through `cargo xtask`.
    pub(crate) fn find() -> anyhow::Result<Self> {
        let manifest = env::var_os("CARGO_MANIFEST_DIR").context("start it as `cargo xtask`")?;
        let root = Path::new(&manifest).parent().context("xtask/ lies in the root")?.to_path_buf();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => root.join(folder),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// A copy of the sources, which is built into a folder of its own.
    pub(crate) fn at(root: &Path) -> Self {
        Self { root: root.to_path_buf(), target: root.join("target") }
    }

    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path given relative to the root.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// A path given relative to cargo's target folder.
    pub(crate) fn built(&self, relative: &str) -> PathBuf {
        self.target.join(relative)
    }

    /// A path under `target/credmint`: what the set-up makes and `cargo clean` removes.
    pub(crate) fn scratch(&self, relative: &str) -> PathBuf {
        self.target.join("credmint").join(relative)
    }

    /// The conformance vectors, which are never copied into the project: the folder in
    /// `CREDMINT_VECTORS`, else `shared/data` beside the project.
    pub(crate) fn vectors(&self) -> PathBuf {
        match env::var_os("CREDMINT_VECTORS") {
            Some(folder) => PathBuf::from(folder),
            None => self.root.join("../shared/data"),
        }
    }

    /// Where cargo keeps the sources of dependencies.
    ///
    /// # Errors
    /// When neither `CARGO_HOME` nor a home folder is set.
    pub(crate) fn cargo_home(&self) -> anyhow::Result<PathBuf> {
        match env::var_os("CARGO_HOME") {
            Some(folder) => Ok(self.root.join(folder)),
            None => Ok(Path::new(&env::var_os("HOME").context("HOME is not set")?).join(".cargo")),
        }
    }

    /// `program`, started in the root.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// `cargo subcommand`, which may be of several words. In continuous integration the lock file may
    /// not change.
    pub(crate) fn cargo(&self, subcommand: &str) -> Command {
        self.cargo_of("cargo", subcommand)
    }

    /// [`Project::cargo`] for another cargo than the active one.
    pub(crate) fn cargo_of(&self, cargo: &str, subcommand: &str) -> Command {
        let mut command = self.command(cargo);
        command.args(subcommand.split(' ')).env("CARGO_TARGET_DIR", &self.target);
        if in_continuous_integration() {
            command.arg("--locked");
        }
        command
    }
}

/// Whether `CI` is set, as every forge does.
pub(crate) fn in_continuous_integration() -> bool {
    env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false")
}
