//! One process has a state directory: two would each consume what the other counts.

use super::StoreError;
use crate::limits::LOCK_INTERVAL;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// The file that is locked, which has the number of the process that did.
const FILE: &str = "lock";

/// A lock on a folder, which ends with the process, however that ends.
pub(super) struct FolderLock(
    #[expect(dead_code, reason = "it is locked as long as it is open")] File,
);

impl FolderLock {
    /// Takes the lock of `directory`, and waits for one who has it no longer than `wait`.
    ///
    /// # Errors
    /// [`StoreError::InUse`] when another process has it.
    pub(super) async fn take(directory: &Path, wait: Duration) -> Result<Self, StoreError> {
        let end = Instant::now() + wait;
        loop {
            match Self::try_take(directory) {
                Err(StoreError::InUse { .. }) if Instant::now() < end => sleep(LOCK_INTERVAL).await,
                taken => return taken,
            }
        }
    }

    fn try_take(directory: &Path) -> Result<Self, StoreError> {
        let path = directory.join(FILE);
        let failed = |cause| StoreError::File { path: path.clone(), cause };
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let pid = written(&file);
                return Err(StoreError::InUse { path: directory.to_owned(), pid });
            }
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
        }
        file.set_len(0).map_err(failed)?;
        writeln!(file, "{}", std::process::id()).map_err(failed)?;
        Ok(Self(file))
    }
}

/// The number of the process that has the lock.
fn written(file: &File) -> Option<u32> {
    let mut text = String::new();
    file.take(16).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
