//! What the issuer remembers: which single-use proofs were consumed (RFC 7523 section 3), and the revocation lists that it
//! keeps.
//!
//! A store answers the core's question ([`ReplayStore`]): whether it was the first time. When it does not answer,
//! nothing is granted.

use crate::BoxFuture;
use crate::limits::{CONSUMED_KEYS, PURGE_INTERVAL, PURGE_ROWS, STORE_WAIT};
use credmint_core::{Consumed, Consuming, ReplayStore, StoreUnavailable, UnixTime};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

mod database;
mod lists;

pub use database::Database;
pub(crate) use database::on_database;
pub use lists::ListStore;

/// A replay store as the service holds it.
pub trait Store: ReplayStore {
    /// Whether the store answers at all.
    ///
    /// # Errors
    /// When it does not.
    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// A store in a SQLite file, for one issuer process. A key that was consumed stays consumed after a
/// crash and after a power failure.
pub struct SqliteStore(Arc<Table>);

/// The table of consumed keys.
struct Table {
    pool: SqlitePool,
    /// Keys in the table, kept here because SQLite counts by reading them all.
    held: AtomicU64,
    /// When the last purge was; before the first one, [`i64::MIN`].
    last_purge: AtomicI64,
    /// Keys to be remembered until then or less may have been forgotten. It is in the database as well.
    forgotten: AtomicI64,
    limit: u64,
}

impl SqliteStore {
    /// Opens the store in `directory`, and makes it when there is none.
    ///
    /// # Errors
    /// When the file cannot be opened or is not such a store.
    pub async fn open(directory: &Path) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(directory.join("consumed.sqlite"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // Each commit reaches the disk: what was answered with `First` is never forgotten.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(STORE_WAIT);
        // SQLite has one writer at a time, and all we do is write: one connection and a fair queue.
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(STORE_WAIT)
            .connect_with(options)
            .await?;
        sqlx::migrate!("migrations/sqlite").run(&pool).await?;
        let held: i64 =
            sqlx::query_scalar("SELECT count(*) FROM consumed").fetch_one(&pool).await?;
        let forgotten: i64 =
            sqlx::query_scalar("SELECT max(until) FROM forgotten").fetch_one(&pool).await?;
        Ok(Self(Arc::new(Table {
            pool,
            held: AtomicU64::new(held.unsigned_abs()),
            last_purge: AtomicI64::new(i64::MIN),
            forgotten: AtomicI64::new(forgotten),
            limit: CONSUMED_KEYS,
        })))
    }
}

impl SqliteStore {
    /// The database.
    #[must_use]
    pub fn database(&self) -> Database {
        Database::Sqlite(self.0.pool.clone())
    }
}

impl Table {
    /// Consumes a key, as [`ReplayStore::consume`] says, or returns why it cannot.
    async fn remember(
        &self,
        key: &str,
        former: &str,
        until: UnixTime,
        now: UnixTime,
    ) -> Result<Consumed, StoreError> {
        self.purge(now).await?;
        self.insert(key, former, until).await
    }

    async fn insert(
        &self,
        key: &str,
        former: &str,
        until: UnixTime,
    ) -> Result<Consumed, StoreError> {
        if self.held.load(Ordering::Relaxed) >= self.limit {
            return Err(StoreError::Full { limit: self.limit });
        }
        // One statement, so that nothing comes between the look and the insertion.
        let done = sqlx::query(
            "INSERT INTO consumed (key, until) \
             SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM consumed WHERE key = ?) \
             ON CONFLICT DO NOTHING",
        )
        .bind(key)
        .bind(until.seconds())
        .bind(former)
        .execute(&self.pool)
        .await?;
        self.held.fetch_add(done.rows_affected(), Ordering::Relaxed);
        // Asked after the insertion: a purge that came before it has said so by now. The request may have
        // waited since it was decided, or the clock may have gone forth and back.
        if until.seconds() <= self.forgotten.load(Ordering::SeqCst) {
            return Err(StoreError::Forgotten { until });
        }
        match done.rows_affected() {
            0 => Ok(Consumed::Again),
            _ => Ok(Consumed::First),
        }
    }

    /// Deletes expired keys, now and then.
    async fn purge(&self, now: UnixTime) -> Result<(), StoreError> {
        let last = self.last_purge.load(Ordering::Relaxed);
        // The distance in either direction: a clock that was ahead once does not end the purges.
        let is_due = now.since(UnixTime::from_seconds(last)).saturating_abs() >= PURGE_INTERVAL;
        // The one request that sets the time does the work; all others continue.
        if !is_due
            || self
                .last_purge
                .compare_exchange(last, now.seconds(), Ordering::Relaxed, Ordering::Relaxed)
                .is_err()
        {
            return Ok(());
        }
        let newest: Option<i64> =
            sqlx::query_scalar("SELECT max(until) FROM consumed WHERE until < ?")
                .bind(now.seconds())
                .fetch_one(&self.pool)
                .await?;
        let Some(newest) = newest else { return Ok(()) };
        self.forgotten.fetch_max(newest, Ordering::SeqCst);
        // Before anything is forgotten, so that it is known after a restart too.
        sqlx::query("UPDATE forgotten SET until = max(until, ?)")
            .bind(newest)
            .execute(&self.pool)
            .await?;
        let done = sqlx::query(
            "DELETE FROM consumed WHERE key IN (SELECT key FROM consumed WHERE until <= ? LIMIT ?)",
        )
        .bind(newest)
        .bind(PURGE_ROWS)
        .execute(&self.pool)
        .await?;
        self.held.fetch_sub(done.rows_affected(), Ordering::Relaxed);
        if done.rows_affected() >= u64::from(PURGE_ROWS) {
            self.last_purge.store(i64::MIN, Ordering::Relaxed);
        }
        Ok(())
    }
}

impl ReplayStore for SqliteStore {
    /// What was begun continues when the request is given up: else the table would lose or gain keys that are not counted.
    fn consume<'a>(
        &'a self,
        key: &'a str,
        former: &'a str,
        until: UnixTime,
        now: UnixTime,
    ) -> Consuming<'a> {
        Box::pin(async move {
            let (table, key, former) = (Arc::clone(&self.0), key.to_owned(), former.to_owned());
            let remembered = tokio::spawn(async move {
                table.remember(&key, &former, until, now).await.map_err(|error| {
                    tracing::error!(%error, "the replay store failed");
                    StoreUnavailable
                })
            });
            remembered.await.unwrap_or(Err(StoreUnavailable))
        })
    }
}

impl Store for SqliteStore {
    fn check(&self) -> BoxFuture<'_, Result<(), StoreError>> {
        Box::pin(async move {
            sqlx::query("SELECT 1").execute(&self.0.pool).await?;
            Ok(())
        })
    }
}

/// Why the store cannot tell.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The database failed.
    #[error("the replay store failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The file is not such a store, or one of a newer program.
    #[error("the replay store cannot be brought up to date: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    /// Keys of this time may have been forgotten.
    #[error("the replay store may have deleted keys that expire at {until} or earlier")]
    Forgotten {
        /// Until when the key was to be remembered.
        until: UnixTime,
    },
    /// It holds as many keys as it may.
    #[error("the replay store is full: it holds {limit} keys that have not expired")]
    Full {
        /// How many it may hold.
        limit: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::task::Poll;
    use tempfile::TempDir;

    const NOW: UnixTime = UnixTime::from_seconds(1_795_521_600);

    async fn consume(store: &SqliteStore, key: &str, until: i64, now: i64) -> Consumed {
        remember(store, key, until, now).await.unwrap()
    }

    /// A key that no earlier version remembered.
    async fn remember(
        store: &SqliteStore,
        key: &str,
        until: i64,
        now: i64,
    ) -> Result<Consumed, StoreError> {
        store.0.remember(key, "former", NOW.plus(until), NOW.plus(now)).await
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn of_a_thousand_at_once_one_is_first() {
        let directory = TempDir::new().unwrap();
        let store = Arc::new(SqliteStore::open(directory.path()).await.unwrap());
        let tasks: Vec<_> = (0..1000)
            .map(|_| {
                let store = Arc::clone(&store);
                tokio::spawn(async move { consume(&store, "key", 600, 0).await })
            })
            .collect();
        let mut first = 0;
        for task in tasks {
            first += u32::from(task.await.unwrap() == Consumed::First);
        }
        assert_eq!(first, 1);
        assert_eq!(store.0.held.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn keys_do_not_touch_each_other() {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(directory.path()).await.unwrap();
        for key in ["a", "A", "a ", "", "a' OR '1'='1"] {
            assert_eq!(consume(&store, key, 600, 0).await, Consumed::First, "{key}");
            assert_eq!(consume(&store, key, 600, 0).await, Consumed::Again, "{key}");
        }
    }

    /// What version 0.1 remembered is still known, and nothing is remembered in its way.
    #[tokio::test]
    async fn i06_a_key_of_an_earlier_version_counts() {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(directory.path()).await.unwrap();
        assert_eq!(consume(&store, "old", 600, 0).await, Consumed::First);
        let check = async |key: &str, former: &str, expect: Consumed| {
            let found = store.0.remember(key, former, NOW.plus(600), NOW).await.unwrap();
            assert_eq!(found, expect, "{key} {former}");
        };
        check("new", "old", Consumed::Again).await;
        check("other", "older", Consumed::First).await;
        check("other", "older", Consumed::Again).await;
        check("another", "older", Consumed::First).await;
        // It was not consumed when it was refused.
        check("new", "none", Consumed::First).await;
        assert_eq!(store.0.held.load(Ordering::Relaxed), 4);
    }

    #[tokio::test]
    async fn a_consumed_key_survives_a_restart() {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(directory.path()).await.unwrap();
        assert_eq!(consume(&store, "key", 600, 0).await, Consumed::First);
        // As after a crash: nothing is closed.
        std::mem::forget(store);
        let store = SqliteStore::open(directory.path()).await.unwrap();
        assert_eq!(consume(&store, "key", 600, 1).await, Consumed::Again);
        assert_eq!(store.0.held.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn expired_keys_are_forgotten_and_others_are_not() {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(directory.path()).await.unwrap();
        assert_eq!(consume(&store, "short", 100, 0).await, Consumed::First);
        assert_eq!(consume(&store, "long", 600, 0).await, Consumed::First);
        // At its last second it is still held; then, once the interval is over, it is not.
        assert_eq!(consume(&store, "long", 600, 100).await, Consumed::Again);
        assert_eq!(store.0.held.load(Ordering::Relaxed), 2);
        assert_eq!(consume(&store, "long", 600, 159).await, Consumed::Again);
        assert_eq!(store.0.held.load(Ordering::Relaxed), 2);
        assert_eq!(consume(&store, "long", 600, 160).await, Consumed::Again);
        assert_eq!(store.0.held.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn i06_what_may_have_been_forgotten_is_refused() {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(directory.path()).await.unwrap();
        assert_eq!(consume(&store, "key", 100, 0).await, Consumed::First);
        // A purge comes between the decision on a replay and its consumption, or the clock steps forth …
        assert_eq!(consume(&store, "other", 600, 101).await, Consumed::First);
        assert_eq!(store.0.held.load(Ordering::Relaxed), 1);
        for now in [101, 99, 0] {
            // … and back: that the key is not there says nothing.
            let replayed = remember(&store, "key", 100, now).await;
            assert!(matches!(replayed, Err(StoreError::Forgotten { .. })), "{replayed:?}");
        }
        assert_eq!(consume(&store, "later", 101, 0).await, Consumed::First);
        // … also when the process is another one since.
        drop(store);
        let store = SqliteStore::open(directory.path()).await.unwrap();
        let replayed = remember(&store, "key", 100, 0).await;
        assert!(matches!(replayed, Err(StoreError::Forgotten { .. })), "{replayed:?}");
        assert_eq!(consume(&store, "later", 101, 0).await, Consumed::Again);
        assert_eq!(consume(&store, "new", 101, 0).await, Consumed::First);
    }

    #[tokio::test]
    async fn a_clock_that_was_ahead_once_does_not_end_the_purges() {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(directory.path()).await.unwrap();
        assert_eq!(consume(&store, "short", 100, 0).await, Consumed::First);
        let ahead = 100 * 365 * 86_400;
        assert_eq!(consume(&store, "ahead", ahead + 1, ahead).await, Consumed::First);
        // What it made the store forget is refused, and nothing else.
        let forgotten = remember(&store, "short", 100, 0).await.unwrap_err();
        assert!(matches!(forgotten, StoreError::Forgotten { .. }), "{forgotten}");
        assert_eq!(consume(&store, "key", 101, 1).await, Consumed::First);
        assert_eq!(consume(&store, "other", 900, 200).await, Consumed::First);
        assert_eq!(store.0.last_purge.load(Ordering::Relaxed), NOW.plus(200).seconds());
        assert_eq!(store.0.held.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_request_that_is_given_up_is_counted() {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(directory.path()).await.unwrap();
        let rows = async || {
            let beside = SqliteStore::open(directory.path()).await.unwrap();
            beside.0.held.load(Ordering::Relaxed)
        };
        let mut consuming = store.consume("given up", "former", NOW.plus(100), NOW);
        let mut is_pending = async || {
            std::future::poll_fn(|context| Poll::Ready(consuming.as_mut().poll(context)))
                .await
                .is_pending()
        };
        // Its key is in the table, and nobody waits for the answer any more.
        while is_pending().await && rows().await == 0 {}
        drop(consuming);
        assert_eq!(consume(&store, "other", 100, 0).await, Consumed::First);
        assert_eq!(store.0.held.load(Ordering::Relaxed), rows().await);
        assert_eq!(consume(&store, "later", 900, 200).await, Consumed::First);
        assert_eq!(consume(&store, "last", 900, 200).await, Consumed::First);
    }

    #[tokio::test]
    async fn a_full_store_refuses_until_keys_expire() {
        let directory = TempDir::new().unwrap();
        let mut store = SqliteStore::open(directory.path()).await.unwrap();
        Arc::get_mut(&mut store.0).unwrap().limit = 2;
        assert_eq!(consume(&store, "a", 100, 0).await, Consumed::First);
        assert_eq!(consume(&store, "b", 600, 0).await, Consumed::First);
        let refused = remember(&store, "c", 600, 0).await;
        assert!(matches!(refused, Err(StoreError::Full { limit: 2 })), "{refused:?}");
        assert_eq!(consume(&store, "c", 600, 101).await, Consumed::First);
    }

    #[tokio::test]
    async fn what_is_no_store_is_refused() {
        let directory = TempDir::new().unwrap();
        std::fs::write(directory.path().join("consumed.sqlite"), "not a database").unwrap();
        for folder in [directory.path(), &directory.path().join("absent")] {
            let error = SqliteStore::open(folder).await.err().expect("no store");
            assert!(matches!(error, StoreError::Database(_) | StoreError::Migration(_)), "{error}");
        }
    }
}
