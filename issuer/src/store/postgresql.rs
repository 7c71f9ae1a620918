//! The store in a PostgreSQL database, which any number of replicas share.

use super::transaction::{Consumption, Remembered, Transaction};
use super::{Database, StoreError, address, bindings};
use crate::config::PostgreSqlConfig;
use crate::limits::{STATEMENT_TIME, STORE_OPENING, STORE_WAIT};
use credmint_core::{FirstUse, UnixTime};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection};
use std::collections::HashSet;
use std::path::Path;
use tokio::sync::Mutex;
use witness::Witness;

mod witness;

/// What the database looks like; each file is applied once, and one that differs from what was applied refuses the database.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations/postgresql");

/// What a database that took over or was restored has another one of: the cluster, its timeline, the database, the table.
macro_rules! identity {
    () => {
        "'cluster=' || (SELECT system_identifier FROM pg_control_system())
     || ' timeline=' || substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8)
     || ' database=' || (SELECT oid FROM pg_database WHERE datname = current_database())
     || ' table=' || 'consumed'::regclass::oid"
    };
}

/// A database at a server, and what this replica knows of it.
pub(super) struct Server {
    pub(super) database: Database,
    pub(super) witness: Witness,
    /// Whether the state directory has a file of the other engine, in which this process or one before it consumed.
    pub(super) has_file: bool,
    options: PgConnectOptions,
    writer: Mutex<Option<PgConnection>>,
    pool: PgPool,
}

/// What a server says of itself.
pub(super) struct Found {
    pub(super) identity: String,
    pub(super) now: UnixTime,
    /// Whether it knows of fewer commits of this replica than there were.
    pub(super) lost: bool,
}

/// Connects, brings the database up to date, and sees that it keeps what is committed. What this replica knows of it is kept in
/// the state `directory`.
pub(super) async fn open(
    config: &PostgreSqlConfig,
    directory: &Path,
) -> Result<Server, StoreError> {
    let options = address::options(config)?;
    let witness = Witness::open(directory)?;
    let prepared = tokio::time::timeout(STORE_OPENING, prepare(&options));
    prepared.await.map_err(|_| StoreError::Late { after: STORE_OPENING })??;
    let pool = PgPoolOptions::new()
        .max_connections(config.max_connections.get())
        .min_connections(1)
        .acquire_timeout(STORE_WAIT)
        .after_connect(|connection, _| Box::pin(begin_session(connection)))
        .connect_with(options.clone())
        .await?;
    Ok(Server {
        database: Database::PostgreSql(pool.clone()),
        witness,
        has_file: directory.join(super::sqlite::FILE).exists(),
        options,
        writer: Mutex::new(None),
        pool,
    })
}

/// On a connection of its own, which may wait for another replica that does the same.
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
    sqlx::query(
        "SELECT set_config('statement_timeout', $1, false),
                set_config('lock_timeout', $1, false),
                set_config('idle_in_transaction_session_timeout', $1, false),
                set_config('default_transaction_isolation', 'read committed', false),
                set_config('synchronous_commit',
                    CASE current_setting('synchronous_commit')
                        WHEN 'remote_apply' THEN 'remote_apply' ELSE 'on' END, false)",
    )
    .bind(STATEMENT_TIME.as_millis().to_string())
    .execute(connection)
    .await?;
    Ok(())
}

impl Server {
    /// Which database it is now, what time its server has, and whether it knows what this replica has committed.
    pub(super) async fn look(&self) -> Result<Found, StoreError> {
        let (identity, now, commits): (String, i64, Option<i64>) = sqlx::query_as(concat!(
            "SELECT ",
            identity!(),
            ", extract(epoch FROM clock_timestamp())::bigint,
             (SELECT commits FROM witnesses WHERE replica = $1)"
        ))
        .bind(self.witness.replica())
        .fetch_one(&self.pool)
        .await?;
        let lost = commits.unwrap_or(0) < self.witness.commits();
        Ok(Found { identity, now: UnixTime::from_seconds(now), lost })
    }

    /// Has the commits of this replica counted from what it knows.
    pub(super) async fn begin_counting(&self) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO witnesses (replica, commits) VALUES ($1, $2)
             ON CONFLICT (replica) DO UPDATE SET commits = greatest(witnesses.commits, $2)",
        )
        .bind(self.witness.replica())
        .bind(self.witness.commits())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Writes down what this replica knows, and forgets replicas of which nothing was heard for a long time.
    pub(super) async fn keep(&self) -> Result<(), StoreError> {
        self.witness.keep()?;
        sqlx::query("DELETE FROM witnesses WHERE seen < now() - interval '30 days'")
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// Begins on the one connection that consumes. It is not the pool's: one that failed or was given up is closed at once, which
    /// undoes what was begun, and the pool would wait for it.
    pub(super) async fn begin(&self) -> Result<Writing<'_>, StoreError> {
        let held = self.writer.lock().await.take();
        let mut connection = match held {
            Some(connection) => connection,
            None => {
                let mut connection = self.options.connect().await?;
                begin_session(&mut connection).await?;
                connection
            }
        };
        sqlx::query("BEGIN").execute(&mut connection).await?;
        Ok(Writing { connection, server: self, commits: 0 })
    }
}

/// A transaction that writes.
pub(super) struct Writing<'a> {
    connection: PgConnection,
    server: &'a Server,
    commits: i64,
}

impl Writing<'_> {
    /// Ends it, and keeps the connection for the next.
    async fn end(mut self, how: &'static str) -> Result<(), StoreError> {
        sqlx::query(how).execute(&mut self.connection).await?;
        *self.server.writer.lock().await = Some(self.connection);
        Ok(())
    }
}

impl Transaction for Writing<'_> {
    async fn insert(&mut self, asked: &[Consumption]) -> Result<HashSet<String>, StoreError> {
        let keys: Vec<&str> = asked.iter().map(|asked| asked.key.as_str()).collect();
        let former: Vec<&str> = asked.iter().map(|asked| asked.former.as_str()).collect();
        let until: Vec<i64> = asked.iter().map(|asked| asked.until.seconds()).collect();
        // In one order, so that two replicas do not wait for each other.
        let inserted: Vec<String> = sqlx::query_scalar(
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
        .fetch_all(&mut self.connection)
        .await?;
        Ok(inserted.into_iter().collect())
    }

    async fn use_first(&mut self, first: &FirstUse, now: UnixTime) -> Result<bool, StoreError> {
        bindings::use_first!((&mut self.connection), first, now)
    }

    /// A statement of its own, which sees what was committed since the others of the transaction began.
    async fn remembered(&mut self) -> Result<Remembered, StoreError> {
        let (forgotten, refused_through, is_same, commits): (i64, i64, bool, Option<i64>) =
            sqlx::query_as(concat!(
                "WITH counted AS (
                     UPDATE witnesses SET commits = commits + 1, seen = now()
                     WHERE replica = $1 RETURNING commits
                 )
                 SELECT forgotten.until, epoch.refused_through, epoch.identity = ",
                identity!(),
                ", (SELECT commits FROM counted) FROM forgotten, epoch"
            ))
            .bind(self.server.witness.replica())
            .fetch_one(&mut self.connection)
            .await?;
        self.commits = commits.unwrap_or(0);
        if !is_same || self.commits <= self.server.witness.commits() {
            return Err(StoreError::Unsettled);
        }
        Ok(Remembered { forgotten, refused_through })
    }

    /// What is remembered is counted, which is a change.
    async fn touch(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    async fn undo(self) -> Result<(), StoreError> {
        self.end("ROLLBACK").await
    }

    async fn commit(self) -> Result<(), StoreError> {
        let (server, commits) = (self.server, self.commits);
        self.end("COMMIT").await?;
        server.witness.saw(commits);
        Ok(())
    }
}
