//! What is shipped is made of what: a bill of materials each (CycloneDX), by cargo-cyclonedx from the lock file.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::command;
use crate::copy;
use crate::process;
use crate::project::Project;
use crate::tool::Tool;
use crate::toolchain::Target;

const CARGO_CYCLONEDX: Tool = Tool { name: "cargo-cyclonedx", version: "0.5.9" };

/// The version of CycloneDX that is written.
const SPECIFICATION: &str = "1.5";

/// Something that is shipped: its package, the file that the tool writes, what it is built for where that is not this machine.
struct Shipped {
    package: &'static str,
    written: &'static str,
    target: Option<Target>,
}

const SHIPPED: [Shipped; 3] = [
    Shipped { package: "credmint", written: "issuer/credmint_bin.cdx.json", target: None },
    Shipped {
        package: "credmint-filter",
        written: "verifier-wasm/filter/credmint_filter_cdylib-rlib.cdx.json",
        target: Some(Target::Wasm32),
    },
    Shipped {
        package: "credmint-module",
        written: "verifier-wasm/module/credmint_module_cdylib-rlib.cdx.json",
        target: Some(Target::Wasm32),
    },
];

/// Writes one file for each thing that is shipped, and returns where they lie. The same commit gives the same bytes.
///
/// # Errors
/// When the tool fails; when a crate that is linked in is missing from a file, or the name of a folder of this machine is
/// in it.
pub(crate) fn write(project: &Project) -> anyhow::Result<Vec<PathBuf>> {
    let tool = CARGO_CYCLONEDX.find_or_build(project)?;
    let folder = project.scratch("sbom");
    // The tool writes beside each manifest of the workspace.
    let sources = copy::sources(project, &folder.join("sources"))?;
    let at = process::read_text(project.command("git").args(["log", "-1", "--format=%ct"]))?;
    let host = command::host(project)?;
    let mut files = Vec::new();
    for Shipped { package, written, target } in SHIPPED {
        let target = match target {
            Some(target) => target.triple(),
            None => &host,
        };
        let mut command = sources.command(&tool);
        command
            .args(["cyclonedx", "--quiet", "--format", "json", "--describe", "binaries"])
            .args(["--spec-version", SPECIFICATION, "--target", target])
            .env("SOURCE_DATE_EPOCH", &at);
        process::run(&mut command)?;
        let text = fs::read_to_string(sources.path(written)).context(written)?;
        // What is ours is named by its folder, wherever that lies.
        let text = text.replace(&format!("{}/", sources.root().display()), "/");
        let linked = linked(&sources, package, target)?;
        check(&text, &linked, &[project.root(), &project.cargo_home()?])?;
        let file = folder.join(format!("{package}.cdx.json"));
        fs::write(&file, text).with_context(|| format!("write {}", file.display()))?;
        println!("   {}: {} crates are linked in", file.display(), linked.len());
        files.push(file);
    }
    Ok(files)
}

/// The crates that are linked in, as cargo says: `name@version`.
fn linked(project: &Project, package: &str, target: &str) -> anyhow::Result<Vec<String>> {
    let mut tree = project.cargo("tree");
    tree.args(["--package", package, "--target", target, "--edges", "normal", "--prefix", "none"]);
    let listed = process::read_text(&mut tree)?;
    let mut linked: Vec<String> = listed.lines().filter_map(named).collect();
    linked.sort();
    linked.dedup();
    Ok(linked)
}

/// `serde v1.0.229 (proc-macro)` as `serde@1.0.229`.
fn named(line: &str) -> Option<String> {
    let (name, rest) = line.split_once(" v")?;
    Some(format!("{name}@{}", rest.split(' ').next()?))
}

fn check(text: &str, linked: &[String], folders: &[&Path]) -> anyhow::Result<()> {
    ensure!(!linked.is_empty(), "cargo lists no crate");
    for one in linked {
        // The end of the name of a package: a parameter, or the end of the text.
        let ends = ['"', '?'].map(|end| format!("pkg:cargo/{one}{end}"));
        ensure!(ends.iter().any(|end| text.contains(end)), "{one} is linked in and not listed");
    }
    for folder in folders {
        let folder = folder.display().to_string();
        ensure!(!text.contains(&folder), "{folder} is a folder of this machine");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_cargo() {
        for (line, expect) in [
            ("serde v1.0.229", Some("serde@1.0.229")),
            ("serde_derive v1.0.229 (proc-macro) (*)", Some("serde_derive@1.0.229")),
            ("credmint v0.1.0 (/somewhere/issuer)", Some("credmint@0.1.0")),
            ("", None),
        ] {
            assert_eq!(named(line).as_deref(), expect, "{line}");
        }
    }

    #[test]
    fn what_is_missing_or_tells_a_folder_is_found() {
        let text = r#""purl": "pkg:cargo/a@1.0.0", "pkg:cargo/b@2.0.0?download_url=file://.""#;
        let problem = |text: &str, linked: &[&str]| {
            let linked: Vec<String> = linked.iter().map(|one| (*one).to_owned()).collect();
            check(text, &linked, &[Path::new("/builder")]).map_err(|error| error.to_string()).err()
        };
        assert_eq!(problem(text, &["a@1.0.0", "b@2.0.0"]), None);
        let missing = |one: &str| Some(format!("{one} is linked in and not listed"));
        assert_eq!(problem(text, &["a@1.0"]), missing("a@1.0"));
        assert_eq!(problem(text, &["c@1.0.0"]), missing("c@1.0.0"));
        assert_eq!(problem(text, &[]), Some("cargo lists no crate".to_owned()));
        let told = problem(&format!("{text} /builder/a"), &["a@1.0.0"]);
        assert_eq!(told, Some("/builder is a folder of this machine".to_owned()));
    }
}
