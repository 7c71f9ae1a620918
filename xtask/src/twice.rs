//! The double build: the same sources in two folders give the same bytes, so anybody can check what is shipped.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};

use crate::hosts;
use crate::process;
use crate::project::Project;

/// Builds what runs at the edge here and in a copy of the sources elsewhere, and compares.
///
/// # Errors
/// When a build fails, or a file differs.
pub(crate) fn run(project: &Project) -> anyhow::Result<()> {
    let first = hosts::edge(project)?;
    let second = hosts::edge(&copy(project)?)?;
    ensure!(first.len() == second.len(), "{first:?} here, {second:?} there");
    for (one, other) in first.iter().zip(&second) {
        let name = one.file_name().unwrap_or_default().display();
        let (here, there) = (fs::read(one)?, fs::read(other)?);
        ensure!(
            here == there,
            "{name}: {} bytes here, {} there, first difference at {}",
            here.len(),
            there.len(),
            here.iter().zip(&there).take_while(|(one, other)| one == other).count()
        );
        println!("   {name}: {} bytes, the same twice", here.len());
    }
    Ok(())
}

/// The sources as git knows them, with what is not committed yet, in a folder with another name and another length.
fn copy(project: &Project) -> anyhow::Result<Project> {
    let root = project.scratch("twice/in-another-place");
    let mut git = project.command("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = process::read(&mut git).context("only a clone can be copied")?;
    let files: Vec<&str> = str::from_utf8(&listed)?.split_terminator('\0').collect();
    remove_sources(&root)?;
    for file in files.iter().filter(|file| project.path(file).is_file()) {
        let to = root.join(file);
        fs::create_dir_all(to.parent().unwrap_or(&root))?;
        fs::copy(project.path(file), &to).with_context(|| (*file).to_owned())?;
    }
    Ok(Project::at(&root))
}

/// Removes what an earlier copy left, but for what was built and installed there.
fn remove_sources(root: &Path) -> anyhow::Result<()> {
    if !root.is_dir() {
        return Ok(());
    }
    for entry in fs::read_dir(root)? {
        let path = entry?.path();
        match path.file_name().and_then(|name| name.to_str()) {
            Some("target" | "node_modules") => {}
            _ if path.is_dir() => fs::remove_dir_all(path)?,
            _ => fs::remove_file(path)?,
        }
    }
    Ok(())
}
