//! The user's cache folder: what is built or installed once and serves every clone.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Names another folder than the platform's.
const VARIABLE: &str = "CREDMINT_CACHE";

/// A folder of the cache, by its `name` in there.
///
/// # Errors
/// When neither the variable nor a home folder is set.
pub(crate) fn folder(name: &str) -> anyhow::Result<PathBuf> {
    let all = root(&|name| env::var_os(name).filter(|value| !value.is_empty()), env::consts::OS);
    let all =
        all.with_context(|| format!("HOME is not set: say in {VARIABLE} where to keep tools"))?;
    Ok(all.join(name))
}

/// Where the platform keeps what can be made again (on Linux: XDG Base Directory Specification).
fn root(variable: &dyn Fn(&str) -> Option<OsString>, system: &str) -> Option<PathBuf> {
    if let Some(folder) = variable(VARIABLE) {
        return Some(folder.into());
    }
    // A relative path there is to be ignored (XDG Base Directory Specification, "Basics").
    let stated = variable("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || variable("HOME").map(PathBuf::from);
    let caches = match (stated, system) {
        (Some(folder), _) => folder,
        (None, "macos") => home()?.join("Library/Caches"),
        (None, _) => home()?.join(".cache"),
    };
    Some(caches.join("credmint"))
}

/// Keeps other processes from making the same `folder` until the answer is dropped.
///
/// # Errors
/// When the folder above it cannot be written.
pub(crate) fn lock(folder: &Path) -> anyhow::Result<File> {
    let beside = folder.with_added_extension("lock");
    let failed = || format!("write {}: {VARIABLE} may name another folder", beside.display());
    fs::create_dir_all(folder.parent().unwrap_or(folder)).with_context(failed)?;
    let file = File::create(&beside).with_context(failed)?;
    file.lock().with_context(failed)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders() {
        let check = |set: &[(&str, &str)], system: &str, expect: Option<&str>| {
            let variable = |name: &str| {
                set.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
            };
            assert_eq!(root(&variable, system), expect.map(PathBuf::from), "{set:?} on {system}");
        };
        check(&[("HOME", "/h")], "linux", Some("/h/.cache/credmint"));
        check(&[("HOME", "/h")], "macos", Some("/h/Library/Caches/credmint"));
        check(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/x")], "linux", Some("/x/credmint"));
        check(&[("HOME", "/h"), ("XDG_CACHE_HOME", "x")], "linux", Some("/h/.cache/credmint"));
        check(&[("XDG_CACHE_HOME", "/x"), ("CREDMINT_CACHE", "/c")], "linux", Some("/c"));
        check(&[], "linux", None);
    }
}
