//! The double build: the same sources in two folders give the same bytes, so anybody can check what is shipped.

use std::fs;
use std::path::PathBuf;

use anyhow::ensure;

use crate::command::{self, Linking};
use crate::copy;
use crate::hosts;
use crate::project::Project;

/// Builds what is shipped here and in a copy of the sources elsewhere, a folder with another name and another length, and
/// compares.
///
/// # Errors
/// When a build fails, or a file differs.
pub(crate) fn run(project: &Project) -> anyhow::Result<()> {
    let copy = copy::sources(project, &project.scratch("twice/in-another-place"))?;
    compare(&hosts::edge(project)?, &hosts::edge(&copy)?)?;
    compare(&commands(project)?, &commands(&copy)?)
}

/// The command in both forms.
fn commands(project: &Project) -> anyhow::Result<Vec<PathBuf>> {
    [Linking::Dynamic, Linking::Static]
        .map(|how| command::build(project, how))
        .into_iter()
        .collect()
}

fn compare(first: &[PathBuf], second: &[PathBuf]) -> anyhow::Result<()> {
    ensure!(first.len() == second.len(), "{first:?} here, {second:?} there");
    for (one, other) in first.iter().zip(second) {
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
