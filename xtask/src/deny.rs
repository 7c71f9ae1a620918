//! Supply chain: licences, bans and sources by cargo-deny, and what must not be in a tree at all.

use std::process::Command;

use anyhow::{bail, ensure};

use crate::process;
use crate::project::Project;
use crate::tool::Tool;

const CARGO_DENY: Tool = Tool { name: "cargo-deny", version: "0.20.2" };

/// A crate that must not be built into a package of ours, on any platform.
struct Absent {
    name: &'static str,
    /// The package, or `None` for all of them with their tests.
    from: Option<&'static str>,
    reason: &'static str,
}

const ABSENT: &[Absent] = &[
    Absent {
        name: "getrandom",
        from: Some("credmint-core"),
        reason: "verification needs no entropy",
    },
    Absent {
        name: "getrandom",
        from: Some("credmint-rustcrypto"),
        reason: "verification needs no entropy",
    },
    Absent {
        name: "getrandom",
        from: Some("credmint-filter"),
        reason: "the host of a filter has none",
    },
    Absent {
        name: "getrandom",
        from: Some("credmint-module"),
        reason: "the module asks its host for nothing",
    },
    Absent {
        name: "chrono",
        from: Some("credmint-core"),
        reason: "time is an argument, in seconds",
    },
    // In Cargo.lock it shows as an optional dependency of rustls; the tree proves that it is not built.
    Absent { name: "ring", from: None, reason: "aws-lc-rs is the native back end" },
];

/// The advisory database is a git repository that not every machine reaches; a scheduled job of the
/// forge checks `advisories`.
///
/// # Errors
/// When a dependency breaks a rule of `deny.toml`.
pub(crate) fn rules(project: &Project) -> anyhow::Result<()> {
    let command = CARGO_DENY.find_or_build(project)?;
    process::run(project.command(command).args([
        "--workspace",
        "--locked",
        "check",
        "licenses",
        "bans",
        "sources",
    ]))
}

/// # Errors
/// When a crate is in a tree where it must not be; the error shows who brings it.
pub(crate) fn absences(project: &Project) -> anyhow::Result<()> {
    for absent in ABSENT {
        let mut command = project.cargo("tree");
        command.args(["--target", "all", "--invert", absent.name]);
        match absent.from {
            Some(package) => command.args(["--package", package, "--edges", "normal,build"]),
            None => command.arg("--workspace"),
        };
        let tree = inverted_tree(&mut command)?;
        let package = absent.from.unwrap_or("the workspace");
        ensure!(tree.is_empty(), "{} is in {package}: {}\n{tree}", absent.name, absent.reason);
        println!("   {} is not in {package}: {}", absent.name, absent.reason);
    }
    Ok(())
}

/// What `cargo tree --invert` prints: empty when the crate is not there, which cargo reports with
/// success or, when no package of the lock file has that name, with an error of its own.
fn inverted_tree(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output()?;
    let complaint = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() && !complaint.contains("did not match any packages") {
        bail!("cargo tree: {complaint}");
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
