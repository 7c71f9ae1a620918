//! The store in a SQLite file, for one process. What was committed stays after a crash and after a power failure.

use super::{Asked, StoreError};
use crate::limits::STORE_WAIT;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use std::collections::HashSet;
use std::fs::OpenOptions;
use std::io;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// The file in the state directory.
pub(super) const FILE: &str = "consumed.sqlite";

/// What the database looks like; each file is applied once, and one that differs from what was applied refuses the database.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/sqlite");

/// Opens the file in `directory`, and makes it when there is none.
pub(super) async fn open(directory: &Path) -> Result<SqlitePool, StoreError> {
    let path = directory.join(FILE);
    for file in ["", "-wal", "-shm"] {
        let mut name = path.clone().into_os_string();
        name.push(file);
        for_its_owner(Path::new(&name), file.is_empty())
            .map_err(|cause| StoreError::File { path: name.clone().into(), cause })?;
    }
    let options = SqliteConnectOptions::new()
        .filename(&path)
        .journal_mode(SqliteJournalMode::Wal)
        // Each commit reaches the disk: what was answered with `First` is never forgotten.
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(STORE_WAIT);
    // SQLite has one writer at a time, and most that we do is write: one connection and a fair queue.
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(STORE_WAIT)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options)
        .await?;
    MIGRATIONS.run(&pool).await?;
    Ok(pool)
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

/// Consumes each key for itself, in one transaction: those that are consumed by it, and until when keys may be forgotten.
pub(super) async fn consume(
    pool: &SqlitePool,
    asked: &[Asked],
) -> Result<(HashSet<String>, i64), StoreError> {
    let rows: Vec<_> =
        asked.iter().map(|asked| (&asked.key, &asked.former, asked.until.seconds())).collect();
    let rows = serde_json::to_string(&rows).map_err(|error| sqlx::Error::Encode(error.into()))?;
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    // One statement, so that nothing comes between the look and the insertion.
    let consumed: Vec<String> = sqlx::query_scalar(
        "INSERT INTO consumed (key, until)
         SELECT value ->> 0, value ->> 2 FROM json_each($1)
         WHERE NOT EXISTS (SELECT 1 FROM consumed WHERE key = json_each.value ->> 1)
         ON CONFLICT (key) DO NOTHING
         RETURNING key",
    )
    .bind(rows)
    .fetch_all(&mut *transaction)
    .await?;
    let forgotten: i64 =
        sqlx::query_scalar("SELECT max(until) FROM forgotten").fetch_one(&mut *transaction).await?;
    transaction.commit().await?;
    Ok((consumed.into_iter().collect(), forgotten))
}
