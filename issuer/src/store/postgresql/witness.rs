//! How many commits this replica knows of. A database that knows of fewer was put back to an earlier state.

use crate::store::StoreError;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use uuid::Uuid;

/// The file in the state directory: the name of the replica and the number of commits.
const FILE: &str = "replica";

/// What this replica knows.
pub(in crate::store) struct Witness {
    path: PathBuf,
    replica: String,
    commits: AtomicI64,
}

impl Witness {
    /// What an earlier process of this state directory has written down, or the beginning.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub(super) fn open(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(FILE);
        let failed = |cause| StoreError::File { path: path.clone(), cause };
        let text = match fs::read_to_string(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            text => text.map_err(failed)?,
        };
        let mut words = text.split_whitespace();
        let replica = words.next().map_or_else(|| Uuid::new_v4().to_string(), str::to_owned);
        let commits = AtomicI64::new(words.next().and_then(|word| word.parse().ok()).unwrap_or(0));
        let witness = Self { path: path.clone(), replica, commits };
        witness.keep()?;
        Ok(witness)
    }

    pub(super) fn replica(&self) -> &str {
        &self.replica
    }

    pub(super) fn commits(&self) -> i64 {
        self.commits.load(Ordering::Relaxed)
    }

    /// Notes that so many were committed.
    pub(super) fn saw(&self, commits: i64) {
        self.commits.fetch_max(commits, Ordering::Relaxed);
    }

    /// Writes down what is known, for the next process.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn keep(&self) -> Result<(), StoreError> {
        let beside = self.path.with_extension("new");
        fs::write(&beside, format!("{} {}\n", self.replica, self.commits()))
            .and_then(|()| fs::rename(&beside, &self.path))
            .map_err(|cause| StoreError::File { path: self.path.clone(), cause })
    }
}
