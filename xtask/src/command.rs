//! The command as it is shipped: optimised, and the same bytes wherever the same sources are built by the same compiler.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::process;
use crate::project::Project;

/// How the command gets its C library.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Linking {
    /// From the machine that it runs on, which has that of this machine or a newer one. It can load PKCS#11 modules.
    Dynamic,
    /// It brings its own and needs no other file: for images that hold nothing else.
    Static,
}

impl Linking {
    /// The folder that cargo builds into: one each, since other flags build everything anew.
    fn target_folder(self, project: &Project) -> PathBuf {
        project.scratch(match self {
            Self::Dynamic => "command",
            Self::Static => "static",
        })
    }

    fn flags(self) -> &'static [&'static str] {
        match self {
            Self::Dynamic => &[],
            Self::Static => &["-Ctarget-feature=+crt-static"],
        }
    }
}

/// Builds the command and returns where it lies.
///
/// # Errors
/// When it does not build; when it was to be static and is not.
pub(crate) fn build(project: &Project, linking: Linking) -> anyhow::Result<PathBuf> {
    let target = host(project)?;
    let folder = linking.target_folder(project);
    let mapped = mapped(project, &folder)?;
    let flags: Vec<OsString> = linking
        .flags()
        .iter()
        .map(OsString::from)
        .chain(mapped.iter().map(|(from, to)| prefix("--remap-path-prefix=", from, to)))
        .collect();
    // C sources name themselves in their errors.
    let of_c: Vec<OsString> =
        mapped.iter().map(|(from, to)| prefix("-ffile-prefix-map=", from, to)).collect();
    let mut cargo = project.cargo("build");
    cargo
        .args(["--release", "--package", "credmint", "--bin", "credmint"])
        // Named, so that the flags are for what is shipped and not for build scripts.
        .args(["--target", &target])
        .env("CARGO_TARGET_DIR", &folder)
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}".as_ref()))
        .env(format!("CFLAGS_{}", target.replace('-', "_")), of_c.join(" ".as_ref()));
    process::run(&mut cargo)?;
    let command = folder.join(target).join("release/credmint");
    let needed = libraries(project, &command)?;
    println!("   {}: {} bytes", command.display(), fs::metadata(&command)?.len());
    match (linking, needed.is_empty()) {
        (Linking::Static, false) => bail!("it needs {needed:?}, and was to be static"),
        (Linking::Static, true) => println!("   it needs no shared library"),
        (Linking::Dynamic, _) => println!("   it needs {}", needed.join(" ")),
    }
    Ok(command)
}

/// [`build`], and a copy in `folder`.
///
/// # Errors
/// As [`build`]; when the folder cannot be written.
pub(crate) fn build_into(
    project: &Project,
    linking: Linking,
    folder: Option<&Path>,
) -> anyhow::Result<()> {
    let built = build(project, linking)?;
    let Some(folder) = folder else { return Ok(()) };
    fs::create_dir_all(folder)?;
    let copy = folder.join("credmint");
    fs::copy(&built, &copy).with_context(|| format!("write {}", copy.display()))?;
    println!("   {}", copy.display());
    Ok(())
}

/// The shared libraries that a program needs on this machine.
fn libraries(project: &Project, program: &Path) -> anyhow::Result<Vec<String>> {
    let output = project.command("ldd").arg(program).output().context("start ldd")?;
    let told = String::from_utf8_lossy(&output.stdout);
    Ok(told
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| name.contains(".so"))
        .map(str::to_owned)
        .collect())
}

/// The triple of this machine, as the compiler names it.
///
/// # Errors
/// When there is no compiler.
pub(crate) fn host(project: &Project) -> anyhow::Result<String> {
    let told = process::read_text(project.command("rustc").arg("-vV"))?;
    let host = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names no host")?.to_owned())
}

/// The folders of this machine, and what is written for them.
fn mapped(project: &Project, built: &Path) -> anyhow::Result<[(PathBuf, &'static str); 3]> {
    let cargo = project.cargo_home()?;
    // Where one lies within another, the last that fits counts.
    Ok([(cargo, "cargo"), (project.root().to_path_buf(), "credmint"), (built.to_path_buf(), "out")])
}

fn prefix(flag: &str, from: &Path, to: &str) -> OsString {
    let mut text = OsString::from(flag);
    text.push(from);
    text.push("=");
    text.push(to);
    text
}
