//! The state directory: signing keys and the replay store, for their owner alone.

use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// The state directory cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("the state directory {} cannot be made: {cause}", path.display())]
pub struct StateError {
    path: PathBuf,
    cause: io::Error,
}

/// Makes the state directory, and the folders above it, with mode 0700. One that is there stays as it
/// is: whether it is open to others is checked when the keys are opened.
///
/// # Errors
/// When it cannot be made.
pub fn create_directory(path: &Path) -> Result<(), StateError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|cause| StateError { path: path.to_owned(), cause })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_new_directory_is_for_its_owner_and_an_old_one_is_kept() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("a/b");
        let mode = || std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777;
        create_directory(&path).unwrap();
        assert_eq!(mode(), 0o700);
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o750)).unwrap();
        create_directory(&path).unwrap();
        assert_eq!(mode(), 0o750);
        std::fs::write(path.join("file"), "").unwrap();
        let error = create_directory(&path.join("file")).unwrap_err().to_string();
        assert!(error.contains("a/b/file cannot be made: "), "{error}");
    }
}
