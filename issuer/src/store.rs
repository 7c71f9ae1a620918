//! What the issuer remembers: which single-use proofs were consumed (RFC 7523 section 3), and the revocation lists that it
//! keeps.
//!
//! A store answers the core's question ([`ReplayStore`]): whether it was the first time. When it does not answer,
//! nothing is granted. [`DatabaseStore`] is one over SQLite or PostgreSQL, whose [`Database`] others keep their rows in.

use crate::BoxFuture;
use crate::clock::Clock;
use crate::config::StoreConfig;
use crate::limits::{CHECK_INTERVAL, CONSUMED_KEYS, STORE_WAIT};
use crate::metrics;
use credmint_core::{Consumed, Consuming, ReplayStore, StoreUnavailable, UnixTime};
use lock::FolderLock;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use tokio::sync::{Mutex, oneshot};
use tokio::time::{Instant, timeout};
use writer::{Asked, Writer};

mod address;
mod database;
mod error;
mod lists;
mod lock;
mod postgresql;
mod purge;
mod sqlite;
mod writer;

pub use address::AddressError;
pub use database::Database;
pub(crate) use database::on_database;
pub use error::StoreError;
pub use lists::ListStore;

/// A replay store as the service holds it.
pub trait Store: ReplayStore {
    /// Whether the store remembers what it is given: it writes. However often it is asked, it does so once a second, and
    /// answers the rest with what it found.
    ///
    /// # Errors
    /// When it does not.
    fn check(&self) -> BoxFuture<'_, Checked>;

    /// Ends what was begun, refuses all else, and lets another process have the state folder. It takes a bounded time.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// A store in a database. A key that was consumed stays consumed after a crash and after a power failure.
pub struct DatabaseStore {
    table: Arc<Table>,
    writer: Writer,
    checked: Mutex<Option<(Instant, Checked)>>,
    /// Of the state folder, until the store is closed. A server has no such: its database is shared.
    lock: Mutex<Option<FolderLock>>,
}

/// Whether it could be written to, and else why not.
pub type Checked = Result<(), Arc<StoreError>>;

/// The table of consumed keys.
struct Table {
    database: Database,
    /// Keys in the table, kept here because a database counts by reading them all.
    held: AtomicU64,
    /// Keys to be remembered until then or less may have been forgotten. It is in the database as well.
    forgotten: AtomicI64,
    limit: u64,
}

impl DatabaseStore {
    /// Opens the store of this configuration, and makes it when there is none. `directory` is the state directory, where a
    /// SQLite file is, of which this process is then the only owner.
    ///
    /// # Errors
    /// When it cannot be opened, is not such a store, or another process has it.
    pub async fn open(
        config: &StoreConfig,
        directory: &Path,
        clock: Clock,
    ) -> Result<Self, StoreError> {
        let lock = match &config.postgresql {
            None => Some(FolderLock::take(directory)?),
            Some(_) => None,
        };
        let database = Database::open(config, directory).await?;
        let table = Arc::new(Table::new(database, CONSUMED_KEYS).await?);
        purge::begin(&table, clock);
        Ok(Self {
            writer: Writer::start(Arc::clone(&table)),
            table,
            checked: Mutex::new(None),
            lock: Mutex::new(lock),
        })
    }

    /// The database, for others that keep rows in it.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.table.database
    }
}

impl Table {
    async fn new(database: Database, limit: u64) -> Result<Self, StoreError> {
        let forgotten: i64 = on_database!(&database, pool => {
            sqlx::query_scalar("SELECT max(until) FROM forgotten").fetch_one(pool).await
        })?;
        let table =
            Self { database, held: AtomicU64::new(0), forgotten: AtomicI64::new(forgotten), limit };
        table.count().await?;
        Ok(table)
    }

    /// Consumes each key for itself, in one transaction.
    async fn consume(
        &self,
        asked: &[Asked],
    ) -> Result<Vec<Result<Consumed, StoreError>>, StoreError> {
        if self.held.load(Ordering::Relaxed) >= self.limit {
            return Err(StoreError::Full { limit: self.limit });
        }
        let (mut consumed, forgotten) = match &self.database {
            Database::Sqlite(pool) => sqlite::consume(pool, asked).await?,
            Database::PostgreSql(pool) => postgresql::consume(pool, asked).await?,
        };
        self.held.fetch_add(consumed.len() as u64, Ordering::Relaxed);
        self.forgotten.fetch_max(forgotten, Ordering::Relaxed);
        let answer = |asked: &Asked| match consumed.remove(&asked.key) {
            // The request may have waited since it was decided, or the clock may have gone forth and back.
            _ if asked.until.seconds() <= forgotten => {
                Err(StoreError::Forgotten { until: asked.until })
            }
            true => Ok(Consumed::First),
            false => Ok(Consumed::Again),
        };
        Ok(asked.iter().map(answer).collect())
    }

    /// Writes, and sees what it wrote.
    async fn check(&self) -> Result<(), StoreError> {
        on_database!(&self.database, pool => {
            sqlx::query("UPDATE forgotten SET until = until").execute(pool).await.map(|_| ())
        })?;
        Ok(())
    }
}

impl ReplayStore for DatabaseStore {
    /// What was begun continues when the request is given up.
    fn consume<'a>(
        &'a self,
        key: &'a str,
        former: &'a str,
        until: UnixTime,
        _now: UnixTime,
    ) -> Consuming<'a> {
        Box::pin(async move {
            let (answer, answered) = oneshot::channel();
            let asked = Asked { key: key.to_owned(), former: former.to_owned(), until, answer };
            let answered = async {
                self.writer.ask(asked)?;
                match timeout(STORE_WAIT, answered).await {
                    Ok(answer) => answer.unwrap_or(Err(StoreError::Closed)),
                    Err(_) => Err(StoreError::Late { after: STORE_WAIT }),
                }
            };
            let begun = Instant::now();
            let answered = answered.await;
            metrics::store_took("consume", begun.elapsed());
            metrics::consumed_proofs(self.table.held.load(Ordering::Relaxed));
            answered.map_err(|error| {
                metrics::store_failed("consume");
                tracing::error!(%error, "the replay store failed");
                StoreUnavailable
            })
        })
    }
}

impl Store for DatabaseStore {
    fn check(&self) -> BoxFuture<'_, Checked> {
        Box::pin(async move {
            let mut checked = self.checked.lock().await;
            if let Some((at, found)) = &*checked
                && at.elapsed() < CHECK_INTERVAL
            {
                return found.clone();
            }
            let found = match timeout(STORE_WAIT, self.table.check()).await {
                Ok(found) => found.map_err(Arc::new),
                Err(_) => Err(Arc::new(StoreError::Late { after: STORE_WAIT })),
            };
            if found.is_err() {
                metrics::store_failed("check");
            }
            *checked = Some((Instant::now(), found.clone()));
            found
        })
    }

    fn close(&self) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            self.writer.close().await;
            let closing =
                on_database!(&self.table.database, pool => timeout(STORE_WAIT, pool.close()).await);
            if closing.is_err() {
                tracing::warn!("the database was not closed in time");
            }
            drop(self.lock.lock().await.take());
        })
    }
}

#[cfg(test)]
mod tests;
