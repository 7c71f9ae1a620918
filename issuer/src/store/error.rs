//! Why a store cannot tell, or cannot be opened.

use super::address::AddressError;
use credmint_core::{Unfulfilled, UnixTime};
use sqlx::migrate::MigrateError;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Why the store cannot tell, or cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database failed.
    #[error("the store failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The database is not such a store, or one that another version or somebody has changed.
    #[error("{}", migration(.0))]
    Migration(#[from] MigrateError),
    /// There is nothing to connect to.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// A file of the store cannot be opened.
    #[error("{} cannot be opened: {cause}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Another process has the state directory.
    #[error(
        "{} is in use by another issuer, {}: one process has a state directory", path.display(), process(*pid)
    )]
    InUse {
        /// The lock.
        path: PathBuf,
        /// The other process, where it says so.
        pid: Option<u32>,
    },
    /// The server follows another one.
    #[error("the database is a standby, which cannot be written to: connect to the primary")]
    Standby,
    /// The server loses what it committed.
    #[error("`fsync` is off in the database server: what was committed would be lost in a crash")]
    Unsafe,
    /// The transaction of several requests failed.
    #[error(transparent)]
    Together(Arc<Self>),
    /// Keys of this time may have been forgotten.
    #[error("the replay store may have deleted keys that expire at {until} or earlier")]
    Forgotten {
        /// Until when the key was to be remembered.
        until: UnixTime,
    },
    /// The proof could have been used in a database that this one does not know all of.
    #[error(
        "what could be used at {through} or before may have been: the database took over, was restored or copied, or lost what it had committed"
    )]
    BeforeThis {
        /// Until when.
        through: UnixTime,
    },
    /// The database is another one than it was.
    #[error("the database has become another one")]
    Unsettled,
    /// What was asked for cannot be had.
    #[error("{}", .0.code().sentence())]
    Unfulfilled(Unfulfilled),
    /// It holds as many keys as it may.
    #[error("the replay store is full: it holds {limit} keys that have not expired")]
    Full {
        /// How many it may hold.
        limit: u64,
    },
    /// More requests wait for it than may.
    #[error("{limit} requests wait for the store, which are all that may")]
    Busy {
        /// How many may wait.
        limit: usize,
    },
    /// It did not answer in time: whether it did what it was asked to is not known.
    #[error("the store did not answer within {after:?}")]
    Late {
        /// How long it may take.
        after: Duration,
    },
    /// It was closed: the process stops.
    #[error("the store is closed")]
    Closed,
}

fn process(pid: Option<u32>) -> String {
    pid.map_or_else(|| "whose process is not known".to_owned(), |pid| format!("process {pid}"))
}

/// A sentence for an operator, who has never heard of migrations of this program.
fn migration(error: &MigrateError) -> String {
    match error {
        MigrateError::VersionMissing(version) => format!(
            "a newer version of credmint has changed the store (its step {version} is not known here): start that version"
        ),
        MigrateError::VersionMismatch(version) => format!(
            "the store was made by another program than this one, or by an unreleased version: its step {version} differs"
        ),
        MigrateError::Dirty(version) => {
            format!("the store was left halfway in its step {version}: restore it from a backup")
        }
        other => format!("the store cannot be brought up to date: {other}"),
    }
}
