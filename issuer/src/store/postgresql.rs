//! The store in a PostgreSQL database, which any number of replicas share.

use super::{Asked, StoreError, address};
use crate::config::PostgreSqlConfig;
use crate::limits::{STATEMENT_TIME, STORE_OPENING, STORE_WAIT};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};
use std::collections::HashSet;

/// What the database looks like; each file is applied once, and one that differs from what was applied refuses the database.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/postgresql");

/// Connects, brings the database up to date, and sees that it keeps what is committed.
pub(super) async fn open(config: &PostgreSqlConfig) -> Result<PgPool, StoreError> {
    let options = address::options(config)?;
    let prepared = tokio::time::timeout(STORE_OPENING, prepare(&options));
    prepared.await.map_err(|_| StoreError::Late { after: STORE_OPENING })??;
    let pool = PgPoolOptions::new()
        .max_connections(config.max_connections.get())
        .min_connections(1)
        .acquire_timeout(STORE_WAIT)
        .after_connect(|connection, _| Box::pin(begin_session(connection)))
        .connect_with(options)
        .await?;
    Ok(pool)
}

/// The one connection on which a start may wait for another replica's.
async fn prepare(options: &PgConnectOptions) -> Result<(), StoreError> {
    let mut connection = options.connect().await?;
    let (recovers, loses): (bool, bool) =
        sqlx::query_as("SELECT pg_is_in_recovery(), current_setting('fsync') <> 'on'")
            .fetch_one(&mut connection)
            .await?;
    if recovers {
        return Err(StoreError::Standby);
    }
    if loses {
        return Err(StoreError::Unsafe);
    }
    MIGRATIONS.run(&mut connection).await?;
    connection.close().await?;
    Ok(())
}

/// Bounds each statement, and has a commit answered only once it is on the disk, whatever the server's own settings are.
async fn begin_session(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let milliseconds = STATEMENT_TIME.as_millis().to_string();
    sqlx::query(
        "SELECT set_config('statement_timeout', $1, false),
                set_config('lock_timeout', $1, false),
                set_config('idle_in_transaction_session_timeout', $1, false),
                set_config('default_transaction_isolation', 'read committed', false),
                set_config('synchronous_commit',
                    CASE current_setting('synchronous_commit')
                        WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)",
    )
    .bind(milliseconds)
    .execute(connection)
    .await?;
    Ok(())
}

/// Consumes each key for itself, in one transaction: those that are consumed by it, and until when keys may be forgotten.
pub(super) async fn consume(
    pool: &PgPool,
    asked: &[Asked],
) -> Result<(HashSet<String>, i64), StoreError> {
    let keys: Vec<&str> = asked.iter().map(|asked| asked.key.as_str()).collect();
    let former: Vec<&str> = asked.iter().map(|asked| asked.former.as_str()).collect();
    let until: Vec<i64> = asked.iter().map(|asked| asked.until.seconds()).collect();
    let mut transaction = pool.begin().await?;
    // In one order, so that two replicas do not wait for each other.
    let consumed: Vec<String> = sqlx::query_scalar(
        "INSERT INTO consumed (key, until)
         SELECT asked.key, asked.until
         FROM unnest($1::text[], $2::text[], $3::bigint[]) AS asked (key, former, until)
         WHERE NOT EXISTS (SELECT 1 FROM consumed WHERE consumed.key = asked.former)
         ORDER BY asked.key
         ON CONFLICT (key) DO NOTHING
         RETURNING key",
    )
    .bind(keys)
    .bind(former)
    .bind(until)
    .fetch_all(&mut *transaction)
    .await?;
    // A statement of its own, after the insertion: it sees a purge whose deletion made room for a key.
    let forgotten: i64 =
        sqlx::query_scalar("SELECT until FROM forgotten").fetch_one(&mut *transaction).await?;
    transaction.commit().await?;
    Ok((consumed.into_iter().collect(), forgotten))
}
