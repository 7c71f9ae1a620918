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
use credmint_core::{Fault, Fulfilling, Obligation, ReplayStore, UnixTime};
use lock::FolderLock;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use table::{Engine, Table};
use tokio::sync::{Mutex, oneshot};
use tokio::time::{Instant, timeout};
use transaction::Consumption;
use writer::{Asked, Writer};

mod address;
mod bindings;
mod database;
mod epoch;
mod error;
mod lists;
mod lock;
mod opening;
mod postgresql;
mod purge;
mod sqlite;
mod table;
mod transaction;
mod writer;

pub use address::AddressError;
pub use bindings::{Bindings, Bound};
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

/// A store in a database. What was used stays used after a crash and after a power failure.
pub struct DatabaseStore {
    table: Arc<Table>,
    writer: Writer,
    checked: Mutex<Option<(Instant, Checked)>>,
    /// Of the state directory, until the store is closed. A server has no such: its database is shared.
    lock: Mutex<Option<FolderLock>>,
}

/// Whether it could be written to, and else why not.
pub type Checked = Result<(), Arc<StoreError>>;

/// What one request wants.
enum Wanted {
    /// To consume a key; it shares a transaction with others.
    Consumption(Consumption),
    /// All of it or nothing.
    Together(Vec<Obligation>),
    /// To know whether anything can be consumed.
    Check,
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
        Self::open_after(config, directory, clock, Duration::ZERO).await
    }

    /// The same, and waits no longer than `wait` for another process that hands over: until it has [closed](Store::close) its
    /// store, and consumes no more.
    ///
    /// # Errors
    /// As [`DatabaseStore::open`].
    pub async fn open_after(
        config: &StoreConfig,
        directory: &Path,
        clock: Clock,
        wait: Duration,
    ) -> Result<Self, StoreError> {
        let (engine, lock) = match &config.postgresql {
            None => {
                let lock = FolderLock::take(directory, wait).await?;
                (Engine::Sqlite(sqlite::open(directory).await?), Some(lock))
            }
            Some(config) => {
                let server = postgresql::open(config, directory).await?;
                (Engine::PostgreSql(Box::new(server)), None)
            }
        };
        let table = Arc::new(Table::new(engine, clock, CONSUMED_KEYS).await?);
        purge::begin(&table);
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
        self.table.database()
    }

    /// Waits in the queue, and for the answer.
    async fn ask(&self, wanted: Wanted) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.writer.ask(Asked { wanted, answer })?;
        match timeout(STORE_WAIT, answered).await {
            Ok(answer) => answer.unwrap_or(Err(StoreError::Closed)),
            Err(_) => Err(StoreError::Late { after: STORE_WAIT }),
        }
    }
}

impl ReplayStore for DatabaseStore {
    /// What was begun continues when the request is given up.
    fn fulfil<'a>(&'a self, obligations: &'a [Obligation], _now: UnixTime) -> Fulfilling<'a> {
        Box::pin(async move {
            let wanted = match obligations {
                [] => return Ok(()),
                [one] => Consumption::of(one).map(Wanted::Consumption),
                _ => None,
            };
            let wanted = wanted.unwrap_or_else(|| Wanted::Together(obligations.to_vec()));
            let begun = Instant::now();
            let answered = self.ask(wanted).await;
            metrics::store_took("consume", begun.elapsed());
            metrics::consumed_proofs(self.table.held.load(Ordering::Relaxed));
            answered.map_err(|error| {
                let why = error.unfulfilled();
                if why.code().fault() == Fault::Environment {
                    metrics::store_failed("consume");
                    tracing::error!(%error, "the replay store failed");
                }
                why
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
            // Behind the requests that wait, as another request would be.
            let found = self.ask(Wanted::Check).await.map_err(Arc::new);
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
                on_database!(self.database(), pool => timeout(STORE_WAIT, pool.close()).await);
            if closing.is_err() {
                tracing::warn!("the database was not closed in time");
            }
            drop(self.lock.lock().await.take());
        })
    }
}

#[cfg(test)]
mod tests;
