//! The files of the project: everything but what is built or installed.

use std::fs;
use std::path::{Path, PathBuf};

/// Folders that hold nothing of ours, relative to the root, or a bare name for any depth.
const NOT_OURS: &[&str] =
    &[".git", "target", "node_modules", "js/dist", "js/src/wasm", "fuzz/corpus", "fuzz/artifacts"];

/// A text file of the project.
pub(crate) struct File {
    /// Relative to the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every text file, in the order of their paths.
pub(crate) fn files() -> Vec<File> {
    let mut files = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder of the project") {
            let entry = entry.expect("an entry of the folder");
            let name = entry.file_name().into_string().expect("file names are UTF-8");
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if NOT_OURS.contains(&name.as_str()) || NOT_OURS.contains(&path.as_str()) {
                continue;
            }
            if entry.file_type().expect("the type of an entry").is_dir() {
                folders.push(path);
            } else if let Ok(text) = fs::read_to_string(entry.path()) {
                files.push(File { path, text });
            }
        }
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}

/// Fails with one line a finding.
pub(crate) fn report(findings: &[String]) {
    assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
}

#[test]
fn finds_this_file() {
    assert!(files().iter().any(|file| file.path == "xtask/tests/tidy/tree.rs"));
    assert!(files().iter().all(|file| !file.path.starts_with("target/")));
}
