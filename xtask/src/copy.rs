//! A copy of the sources elsewhere: for what must not depend on where it is built, or writes beside what it reads.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::process;
use crate::project::Project;

/// The sources as git knows them, with what is not committed yet, at `root`. What was built there before is kept.
///
/// # Errors
/// Outside of a clone; when the folder cannot be written.
pub(crate) fn sources(project: &Project, root: &Path) -> anyhow::Result<Project> {
    let mut git = project.command("git");
    git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let listed = process::read(&mut git).context("only a clone can be copied")?;
    let files: Vec<&str> = str::from_utf8(&listed)?.split_terminator('\0').collect();
    remove_sources(root)?;
    for file in files.iter().filter(|file| project.path(file).is_file()) {
        let to = root.join(file);
        fs::create_dir_all(to.parent().unwrap_or(root))?;
        fs::copy(project.path(file), &to).with_context(|| (*file).to_owned())?;
    }
    Ok(Project::at(root))
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
