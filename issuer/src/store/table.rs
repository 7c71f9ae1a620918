//! What was used, in tables, of which each change is one transaction.

use super::transaction::{Consumption, Remembered, Transaction};
use super::{Database, StoreError, postgresql, sqlite};
use crate::clock::Clock;
use credmint_core::{Obligation, Unfulfilled, UnixTime};
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};

/// The tables of consumed keys and of instances that used a document.
pub(super) struct Table {
    pub(super) engine: Engine,
    pub(super) clock: Clock,
    /// Keys in the table, kept here because a database counts by reading them all.
    pub(super) held: AtomicU64,
    limit: u64,
}

/// A database, with what is known of it from beside.
pub(super) enum Engine {
    /// With what the file is told by from a copy.
    Sqlite(sqlite::File),
    /// With what a server is seen by to have lost something.
    PostgreSql(Box<postgresql::Server>),
}

impl Table {
    /// # Errors
    /// When the database fails.
    pub(super) async fn new(engine: Engine, clock: Clock, limit: u64) -> Result<Self, StoreError> {
        let table = Self { engine, clock, held: AtomicU64::new(0), limit };
        table.settle().await?;
        table.count().await?;
        Ok(table)
    }

    pub(super) fn database(&self) -> &Database {
        match &self.engine {
            Engine::Sqlite(file) => &file.database,
            Engine::PostgreSql(server) => &server.database,
        }
    }

    /// Consumes each key for itself, in one transaction.
    ///
    /// # Errors
    /// When it is not known whether that was committed; then all of them are refused.
    pub(super) async fn consume_each(
        &self,
        asked: &[Consumption],
    ) -> Result<Vec<Result<(), StoreError>>, StoreError> {
        self.has_room()?;
        let (mut consumed, remembered) = match self.consume(asked).await {
            Err(StoreError::Unsettled) => {
                self.settle().await?;
                self.consume(asked).await?
            }
            done => done?,
        };
        self.held.fetch_add(consumed.len() as u64, Ordering::Relaxed);
        let answer = |asked: &Consumption| match consumed.remove(&asked.key) {
            // What may have been consumed before is refused; it has been consumed all the same.
            true => remembered.knows(asked),
            false => Err(StoreError::Unfulfilled(Unfulfilled::Replayed)),
        };
        Ok(asked.iter().map(answer).collect())
    }

    async fn consume(
        &self,
        asked: &[Consumption],
    ) -> Result<(HashSet<String>, Remembered), StoreError> {
        match &self.engine {
            Engine::Sqlite(file) => consume(file.begin().await?, asked).await,
            Engine::PostgreSql(server) => consume(server.begin().await?, asked).await,
        }
    }

    /// Fulfils all or none, in one transaction.
    ///
    /// # Errors
    /// When one of them is refused, or it is not known whether that was committed.
    pub(super) async fn fulfil_all(&self, obligations: &[Obligation]) -> Result<(), StoreError> {
        self.has_room()?;
        let consumed = match self.fulfil(obligations).await {
            Err(StoreError::Unsettled) => {
                self.settle().await?;
                self.fulfil(obligations).await?
            }
            done => done?,
        };
        self.held.fetch_add(consumed as u64, Ordering::Relaxed);
        Ok(())
    }

    async fn fulfil(&self, obligations: &[Obligation]) -> Result<usize, StoreError> {
        let now = (self.clock)();
        match &self.engine {
            Engine::Sqlite(file) => fulfil(file.begin().await?, obligations, now).await,
            Engine::PostgreSql(server) => fulfil(server.begin().await?, obligations, now).await,
        }
    }

    /// Writes, and waits until it is on the disk.
    ///
    /// # Errors
    /// When nothing can be consumed.
    pub(super) async fn check(&self) -> Result<(), StoreError> {
        self.has_room()?;
        match &self.engine {
            Engine::Sqlite(file) => check(file.begin().await?).await,
            Engine::PostgreSql(server) => match check(server.begin().await?).await {
                Err(StoreError::Unsettled) => self.settle().await,
                done => done,
            },
        }
    }

    fn has_room(&self) -> Result<(), StoreError> {
        match self.held.load(Ordering::Relaxed) < self.limit {
            true => Ok(()),
            false => Err(StoreError::Full { limit: self.limit }),
        }
    }
}

async fn consume(
    mut transaction: impl Transaction,
    asked: &[Consumption],
) -> Result<(HashSet<String>, Remembered), StoreError> {
    let consumed = transaction.insert(asked).await?;
    // After the insertion: a purge whose deletion made room for a key has said so by now.
    let remembered = transaction.remembered().await?;
    transaction.commit().await?;
    Ok((consumed, remembered))
}

async fn check(mut transaction: impl Transaction) -> Result<(), StoreError> {
    transaction.touch().await?;
    transaction.remembered().await?;
    transaction.commit().await
}

async fn fulfil(
    mut transaction: impl Transaction,
    obligations: &[Obligation],
    now: UnixTime,
) -> Result<usize, StoreError> {
    match fulfil_within(&mut transaction, obligations, now).await {
        Ok(consumed) => {
            transaction.commit().await?;
            Ok(consumed)
        }
        Err(error) => {
            transaction.undo().await?;
            Err(error)
        }
    }
}

async fn fulfil_within(
    transaction: &mut impl Transaction,
    obligations: &[Obligation],
    now: UnixTime,
) -> Result<usize, StoreError> {
    let (mut asked, mut first_uses) = (Vec::new(), Vec::new());
    for obligation in obligations {
        match obligation {
            Obligation::Consume { .. } => asked.extend(Consumption::of(obligation)),
            Obligation::FirstUse(first) => {
                if transaction.use_first(first, now).await? {
                    first_uses.push(first);
                }
            }
            _ => return Err(StoreError::Unfulfilled(Unfulfilled::Unavailable)),
        }
    }
    if !asked.is_empty() && transaction.insert(&asked).await?.len() < asked.len() {
        return Err(StoreError::Unfulfilled(Unfulfilled::Replayed));
    }
    let remembered = transaction.remembered().await?;
    asked.iter().try_for_each(|asked| remembered.knows(asked))?;
    first_uses.iter().try_for_each(|first| remembered.knows_since(first.since))?;
    Ok(asked.len())
}
