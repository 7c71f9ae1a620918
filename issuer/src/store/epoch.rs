//! Whether a database is still the one that it was: whatever took over, was restored or copied may have lost what was consumed
//! last, so what could have been used before is refused from then on.

use super::table::{Engine, Table};
use super::{StoreError, on_database};
use credmint_core::UnixTime;
use credmint_core::limits::SKEW;

impl Table {
    /// Sees which database it is, and where it is another than it was, or has lost something, has everything refused that could
    /// have been used until now, by whichever clock is ahead. It is committed before anything is consumed.
    pub(super) async fn settle(&self) -> Result<(), StoreError> {
        let mut now = (self.clock)();
        let (identity, lost, moved) = match &self.engine {
            Engine::Sqlite(file) => (file.identity.clone(), false, false),
            Engine::PostgreSql(server) => {
                let found = server.look().await?;
                now = now.max(found.now);
                (found.identity, found.lost, server.has_file)
            }
        };
        let through = now.plus(SKEW).seconds();
        let refused = on_database!(self.database(), pool => {
            let mut transaction = pool.begin().await?;
            // The first process gives the database its identity: there was nothing before.
            let named = sqlx::query("UPDATE epoch SET identity = $1 WHERE identity = ''")
                .bind(&identity)
                .execute(&mut *transaction)
                .await?
                .rows_affected();
            let other = sqlx::query(
                "UPDATE epoch SET identity = $1,
                     refused_through = CASE WHEN refused_through < $2 THEN $2 ELSE refused_through END
                 WHERE identity <> $1 OR $3",
            )
            .bind(&identity)
            .bind(through)
            .bind(lost || (moved && named > 0))
            .execute(&mut *transaction)
            .await?
            .rows_affected();
            transaction.commit().await?;
            other > 0
        });
        if let Engine::PostgreSql(server) = &self.engine {
            server.begin_counting().await?;
        }
        if refused {
            tracing::error!(
                through = %UnixTime::from_seconds(through),
                "the database took over from another, was restored or copied, or lost what it had committed: what could have been used before is refused"
            );
        }
        Ok(())
    }
}
