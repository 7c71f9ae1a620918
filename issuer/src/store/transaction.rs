//! What is asked of an engine in one transaction, and what it then says that it knows.

use super::StoreError;
use credmint_core::{FirstUse, Obligation, UnixTime};
use std::collections::HashSet;

/// A transaction that was begun. Dropped, it is undone.
pub(super) trait Transaction: Sized {
    /// Inserts those keys that are not there, and returns them.
    async fn insert(&mut self, asked: &[Consumption]) -> Result<HashSet<String>, StoreError>;

    /// Remembers the use of an instance, and returns whether it is the first that this database knows of.
    async fn use_first(&mut self, first: &FirstUse, now: UnixTime) -> Result<bool, StoreError>;

    /// What this database knows of all that was ever used, as it is after what was done in this transaction.
    ///
    /// # Errors
    /// [`StoreError::Unsettled`] when it has become another database than it was.
    async fn remembered(&mut self) -> Result<Remembered, StoreError>;

    /// Changes something, so that a commit has something to write.
    async fn touch(&mut self) -> Result<(), StoreError>;

    /// Undoes all.
    async fn undo(self) -> Result<(), StoreError>;

    /// Commits. An error means that it may have been committed or not.
    async fn commit(self) -> Result<(), StoreError>;
}

/// A key that is to be consumed, and nothing besides.
#[derive(Clone, Debug)]
pub(super) struct Consumption {
    pub(super) key: String,
    pub(super) former: String,
    pub(super) since: UnixTime,
    pub(super) until: UnixTime,
}

impl Consumption {
    /// What this obligation is, where it is to consume a key.
    pub(super) fn of(obligation: &Obligation) -> Option<Self> {
        match obligation {
            Obligation::Consume { key, former, since, until } => Some(Self {
                key: key.clone(),
                former: former.clone(),
                since: *since,
                until: *until,
            }),
            _ => None,
        }
    }
}

/// What a database does not know any more.
#[derive(Clone, Copy, Debug)]
pub(super) struct Remembered {
    /// Keys to be remembered until then or less may have been deleted.
    pub(super) forgotten: i64,
    /// What could be used then or before may have been, in a database that this one does not know all of.
    pub(super) refused_through: i64,
}

impl Remembered {
    /// Whether a key that was not there was never consumed.
    ///
    /// # Errors
    /// [`StoreError::Forgotten`], [`StoreError::BeforeThis`].
    pub(super) fn knows(&self, asked: &Consumption) -> Result<(), StoreError> {
        // The request may have waited since it was decided, or the clock may have gone forth and back.
        if asked.until.seconds() <= self.forgotten {
            return Err(StoreError::Forgotten { until: asked.until });
        }
        self.knows_since(asked.since)
    }

    /// Whether what could not be used before `since` was never used.
    ///
    /// # Errors
    /// [`StoreError::BeforeThis`].
    pub(super) fn knows_since(&self, since: UnixTime) -> Result<(), StoreError> {
        match since.seconds() > self.refused_through {
            true => Ok(()),
            false => Err(StoreError::BeforeThis {
                through: UnixTime::from_seconds(self.refused_through),
            }),
        }
    }
}
