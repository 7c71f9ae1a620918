//! Carries on the life of the keys while a process serves, and shows requests what is stored.

use super::stored::{KeyOptions, KeyStore};
use super::table::{StoredKeys, Write};
use super::{KeyError, SigningKeys};
use crate::clock::Clock;
use crate::limits::{KEY_LOOK, KEY_ROUNDS, KEY_TURN, STORE_WAIT};
use crate::store::Database;
use credmint_core::UnixTime;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use uuid::Uuid;

/// Carries on the life of the keys while a process serves.
pub struct KeyKeeper {
    store: KeyStore,
    keys: SigningKeys,
    /// The name of this process among those that serve.
    replica: String,
    /// When the life of the keys was looked at last.
    turned: UnixTime,
    /// Whether the store failed at the last look.
    failing: bool,
}

impl KeyKeeper {
    /// Opens the keys for a process that is to serve. `longest` is the longest lifetime of a token by its policy, in seconds.
    ///
    /// # Errors
    /// When the store fails, or a key that may sign cannot be opened.
    pub async fn open(
        database: Database,
        options: &KeyOptions,
        longest: i64,
        now: UnixTime,
    ) -> Result<Self, KeyError> {
        let store = KeyStore::open(database, options)?;
        let replica = Uuid::new_v4().to_string();
        let stored = register(&store, &replica, longest, now).await?;
        let (set, failed) = store.known(&stored, None)?;
        if let Some(error) = failed.into_iter().next() {
            return Err(error);
        }
        let keys = SigningKeys::new(set, &store.rules, Some(store.table.clone()));
        keys.longest.fetch_max(longest, Ordering::AcqRel);
        Ok(Self { store, keys, replica, turned: now, failing: false })
    }

    /// What requests see of the keys.
    #[must_use]
    pub fn keys(&self) -> SigningKeys {
        self.keys.clone()
    }

    /// Looks at the store every two seconds until `stop` ends, then says that this process has ended.
    pub async fn run(mut self, clock: Clock, stop: impl Future<Output = ()> + Send) {
        let mut stop = std::pin::pin!(stop);
        loop {
            tokio::select! {
                () = &mut stop => break,
                // A look is given up when the store does not answer, and when the process is to end.
                () = async {
                    tokio::time::sleep(KEY_LOOK).await;
                    if tokio::time::timeout(STORE_WAIT, self.look(clock())).await.is_err() {
                        tracing::warn!("the signing keys could not be looked at in time");
                    }
                } => {}
            }
        }
        let left = tokio::time::timeout(STORE_WAIT, self.store.table.leave(&self.replica)).await;
        let error = match left {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the store does not answer".to_owned(),
        };
        tracing::warn!(error, "the other replicas wait for this one with their next signing key");
    }

    /// Looks at the store once. When it fails, what was loaded serves on: each key until its end.
    pub async fn look(&mut self, now: UnixTime) {
        match self.try_look(now).await {
            Ok(()) if self.failing => {
                self.failing = false;
                tracing::info!("the signing keys can be read again");
            }
            Ok(()) => {}
            Err(error) if !self.failing => {
                self.failing = true;
                let until = self.keys.signs_until(now).map(tracing::field::display);
                tracing::error!(%error, until, "the signing keys cannot be looked at; those that are loaded sign on");
            }
            Err(_) => {}
        }
    }

    async fn try_look(&mut self, now: UnixTime) -> Result<(), KeyError> {
        let version = self.store.table.version().await?;
        let is_due = now.since(self.turned).saturating_abs() >= KEY_TURN;
        let is_new = version != self.keys.set.load().version;
        if !is_due && !is_new && !self.keys.waits_urgently(now) {
            return Ok(());
        }
        let stored = self.store.table.read().await?;
        self.show(&stored)?;
        if !self.store.table.beat(&self.replica, stored.held.version, now).await? {
            let stored = register(&self.store, &self.replica, 0, now).await?;
            self.show(&stored)?;
        }
        // After this process has said what it publishes: so the last one to say it sees that all do.
        let stored = self.store.settle(0, now).await?;
        self.show(&stored)?;
        if stored.held.version != version {
            self.store.table.beat(&self.replica, stored.held.version, now).await?;
        }
        self.turned = now;
        Ok(())
    }

    /// Puts what is stored in the place of what is shown, whole.
    fn show(&self, stored: &StoredKeys) -> Result<(), KeyError> {
        let before = self.keys.set.load_full();
        if before.version == stored.held.version {
            return Ok(());
        }
        let (set, failed) = self.store.known(stored, Some(&before))?;
        for error in failed {
            tracing::error!(%error, "a signing key cannot be used");
        }
        self.keys.set.store(Arc::new(set));
        Ok(())
    }
}

/// Says that a process publishes what is stored, in one transaction with the last look at it: no plan is stored after that
/// does not know of this process.
async fn register(
    store: &KeyStore,
    replica: &str,
    longest: i64,
    now: UnixTime,
) -> Result<StoredKeys, KeyError> {
    for _ in 0..KEY_ROUNDS {
        let mut stored = store.settle(longest, now).await?;
        let entry = Write::Register { replica: replica.to_owned(), seen: now };
        if store.table.store(stored.held.version, &[entry]).await? {
            stored.held.version += 1;
            return Ok(stored);
        }
    }
    Err(KeyError::Busy)
}
