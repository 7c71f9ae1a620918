//! What has expired is deleted beside the requests.

use super::table::{Engine, Table};
use super::{StoreError, on_database};
use crate::limits::{PURGE_INTERVAL, PURGE_ROWS};
use credmint_core::UnixTime;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use tokio::time::{MissedTickBehavior, interval};

/// Purges as long as somebody holds the table.
pub(super) fn begin(table: &Arc<Table>) {
    let table: Weak<Table> = Arc::downgrade(table);
    tokio::spawn(async move {
        let mut due = interval(PURGE_INTERVAL);
        due.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            due.tick().await;
            let Some(table) = table.upgrade() else { return };
            if let Err(error) = table.purge((table.clock)()).await {
                tracing::warn!(%error, "what has expired was not deleted from the store");
            }
        }
    });
}

impl Table {
    /// Deletes what has expired, in parts, so that no request waits long behind one; and counts what is left.
    pub(super) async fn purge(&self, now: UnixTime) -> Result<(), StoreError> {
        while self.purge_part(now).await? == u64::from(PURGE_ROWS) {}
        if let Engine::PostgreSql(server) = &self.engine {
            server.keep().await?;
        }
        self.count().await
    }

    /// Deletes up to [`PURGE_ROWS`] keys. In one transaction it is said and done, so that what is forgotten is always known.
    async fn purge_part(&self, now: UnixTime) -> Result<u64, StoreError> {
        let deleted = on_database!(self.database(), pool => {
            let mut transaction = pool.begin().await?;
            let newest: Option<i64> =
                sqlx::query_scalar("SELECT max(until) FROM consumed WHERE until < $1")
                    .bind(now.seconds())
                    .fetch_one(&mut *transaction)
                    .await?;
            let Some(newest) = newest else { return Ok(0) };
            sqlx::query("UPDATE forgotten SET until = $1 WHERE until < $1")
                .bind(newest)
                .execute(&mut *transaction)
                .await?;
            let done = sqlx::query(
                "DELETE FROM consumed
                 WHERE key IN (SELECT key FROM consumed WHERE until <= $1 LIMIT $2)",
            )
            .bind(newest)
            .bind(i64::from(PURGE_ROWS))
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            done.rows_affected()
        });
        Ok(deleted)
    }

    /// Counts the keys: other replicas add some, and a commit whose answer was lost may have.
    pub(super) async fn count(&self) -> Result<(), StoreError> {
        let held: i64 = on_database!(self.database(), pool => {
            sqlx::query_scalar("SELECT count(*) FROM consumed").fetch_one(pool).await
        })?;
        self.held.store(held.unsigned_abs(), Ordering::Relaxed);
        Ok(())
    }
}
