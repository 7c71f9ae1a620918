//! Where the shared test material is: documents that real clouds signed, and the suites of other projects.
//!
//! It is not part of the project, because not all of it may be published; it is read where it lies.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The folder `name` of the test material.
///
/// The material is looked for in the folder that `CREDMINT_VECTORS` names, else in `../shared/data` beside the
/// workspace. With `CREDMINT_SKIP_SHARED=1` a missing folder is `None`, and a line says that the test was
/// skipped.
///
/// # Panics
/// When the folder is missing and may not be: a test that finds nothing must not pass.
#[must_use]
pub fn folder(name: &str) -> Option<PathBuf> {
    let all = env::var_os("CREDMINT_VECTORS").map_or_else(beside_the_workspace, PathBuf::from);
    let folder = all.join(name);
    if folder.is_dir() {
        return Some(folder);
    }
    if env::var_os("CREDMINT_SKIP_SHARED").is_some_and(|value| value == "1") {
        println!("skipped: no test material in {}", folder.display());
        return None;
    }
    panic!(
        "no test material in {}: set CREDMINT_VECTORS to the folder that has it, \
         or CREDMINT_SKIP_SHARED=1 to go without",
        folder.display()
    );
}

/// Every file of a folder and of the folders in it, in a fixed order.
///
/// # Errors
/// When a folder cannot be read.
pub fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn beside_the_workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data")
}
