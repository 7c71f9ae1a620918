//! The store in a SQLite file, for one process. What was committed stays after a crash and after a power failure.

use super::transaction::{Consumption, Remembered, Transaction};
use super::{Database, StoreError, bindings};
use crate::limits::STORE_WAIT;
use credmint_core::{FirstUse, UnixTime};
use sqlx::Connection;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// The file in the state directory.
pub(super) const FILE: &str = "consumed.sqlite";

/// What the database looks like; each file is applied once, and one that differs from what was applied refuses the database.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// The database of a file.
pub(super) struct File {
    pub(super) database: Database,
    /// What a copy of the file does not have.
    pub(super) identity: String,
    pool: SqlitePool,
}

/// Opens the file in `directory`, and makes it when there is none.
pub(super) async fn open(directory: &Path) -> Result<File, StoreError> {
    let path = directory.join(FILE);
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.clone().into_os_string();
        name.push(suffix);
        for_its_owner(Path::new(&name), suffix.is_empty())
            .map_err(|cause| StoreError::File { path: name.clone().into(), cause })?;
    }
    let failed = |cause| StoreError::File { path: path.clone(), cause };
    let identity = identity(&path).map_err(failed)?;
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .journal_mode(SqliteJournalMode::Wal)
        // Each commit reaches the disk: what was used once is never forgotten.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(STORE_WAIT);
    // SQLite has one writer at a time, and most that we do is write: one connection and a fair queue.
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(STORE_WAIT)
        .idle_timeout(None)
        .max_lifetime(None)
        // What an error of the disk ended SQLite has undone by itself, which the connection does not know: it is done with.
        .before_acquire(|connection, _| {
            let is_free = !connection.is_in_transaction();
            Box::pin(async move { Ok(is_free) })
        })
        .connect_with(options)
        .await?;
    MIGRATIONS.run(&pool).await?;
    Ok(File { database: Database::Sqlite(pool.clone()), identity, pool })
}

/// Sees that nobody else reads a file: it holds signing keys. SQLite gives its companions the permissions of the first.
fn for_its_owner(path: &Path, is_made: bool) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let file = match options.read(true).append(true).create(is_made).mode(0o600).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_made => return Ok(()),
        file => file?,
    };
    let permissions = file.metadata()?.permissions();
    if permissions.mode() & 0o077 != 0 {
        file.set_permissions(PermissionsExt::from_mode(0o600))?;
    }
    Ok(())
}

/// Which file it is on its disk, and since when, where the file system says that.
fn identity(path: &Path) -> io::Result<String> {
    let metadata = std::fs::metadata(path)?;
    let born = metadata.created().ok().and_then(|born| born.duration_since(UNIX_EPOCH).ok());
    Ok(format!("inode={} born={}", metadata.ino(), born.map_or(0, |born| born.as_nanos())))
}

impl File {
    pub(super) async fn begin(&self) -> Result<Writing, StoreError> {
        Ok(Writing(self.pool.begin_with("BEGIN IMMEDIATE").await?))
    }
}

/// A transaction that writes.
pub(super) struct Writing(sqlx::Transaction<'static, sqlx::Sqlite>);

impl Transaction for Writing {
    async fn insert(&mut self, asked: &[Consumption]) -> Result<HashSet<String>, StoreError> {
        let rows: Vec<_> =
            asked.iter().map(|asked| (&asked.key, &asked.former, asked.until.seconds())).collect();
        let rows =
            serde_json::to_string(&rows).map_err(|error| sqlx::Error::Encode(error.into()))?;
        // One statement, however many they are; it finds those that it has inserted itself.
        let inserted: Vec<String> = sqlx::query_scalar(
            "INSERT INTO consumed (key, until)
             SELECT value ->> 0, value ->> 2 FROM json_each($1)
             WHERE NOT EXISTS (SELECT 1 FROM consumed WHERE key = json_each.value ->> 1)
             ON CONFLICT (key) DO NOTHING
             RETURNING key",
        )
        .bind(rows)
        .fetch_all(&mut *self.0)
        .await?;
        Ok(inserted.into_iter().collect())
    }

    async fn use_first(&mut self, first: &FirstUse, now: UnixTime) -> Result<bool, StoreError> {
        bindings::use_first!(self.0, first, now)
    }

    async fn remembered(&mut self) -> Result<Remembered, StoreError> {
        let (forgotten, refused_through) = sqlx::query_as(
            "SELECT (SELECT max(until) FROM forgotten), (SELECT max(refused_through) FROM epoch)",
        )
        .fetch_one(&mut *self.0)
        .await?;
        Ok(Remembered { forgotten, refused_through })
    }

    async fn touch(&mut self) -> Result<(), StoreError> {
        sqlx::query("UPDATE epoch SET checks = checks + 1").execute(&mut *self.0).await?;
        Ok(())
    }

    async fn undo(self) -> Result<(), StoreError> {
        Ok(self.0.rollback().await?)
    }

    async fn commit(self) -> Result<(), StoreError> {
        Ok(self.0.commit().await?)
    }
}
