//! Instances that have used a document. It counts for ever, unless an operator releases one.

use super::{Database, StoreError, on_database};
use credmint_core::{Instance, Unfulfilled, UnixTime};

/// An instance that has used a document, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Which one.
    pub instance: Instance,
    /// Whether it is known again by a nonce.
    pub has_nonce: bool,
    /// When it was first used.
    pub at: UnixTime,
    /// Whether whoever comes next may use it as if for the first time.
    pub free: bool,
}

/// Remembers a use within a transaction, and returns whether it is the first that the database knows of.
macro_rules! use_first {
    ($transaction:expr, $first:expr, $now:expr) => {{
        let (first, now): (&credmint_core::FirstUse, credmint_core::UnixTime) = ($first, $now);
        // One that was released is taken by whoever comes first, whatever is not known of before.
        let taken = sqlx::query(
            "UPDATE bindings SET nonce = $2, bound_at = $3, free = false WHERE key = $1 AND free",
        )
        .bind(&first.key)
        .bind(first.nonce.as_deref())
        .bind(now.seconds())
        .execute(&mut *$transaction)
        .await?
        .rows_affected();
        if taken > 0 {
            return Ok(false);
        }
        let inserted = sqlx::query(
            "INSERT INTO bindings (key, cloud, partition, account, instance, nonce, bound_at, free)
             VALUES ($1, $2, $3, $4, $5, $6, $7, false)
             ON CONFLICT (key) DO NOTHING",
        )
        .bind(&first.key)
        .bind(&first.instance.cloud)
        .bind(&first.instance.partition)
        .bind(&first.instance.account)
        .bind(&first.instance.instance)
        .bind(first.nonce.as_deref())
        .bind(now.seconds())
        .execute(&mut *$transaction)
        .await?
        .rows_affected();
        if inserted > 0 {
            return Ok(true);
        }
        let bound: Option<String> = sqlx::query_scalar("SELECT nonce FROM bindings WHERE key = $1")
            .bind(&first.key)
            .fetch_one(&mut *$transaction)
            .await?;
        $crate::store::bindings::compare(first.nonce.as_deref(), bound.as_deref())?;
        Ok(false)
    }};
}

pub(super) use use_first;

/// Whether an instance that has used a document may use one again.
pub(super) fn compare(nonce: Option<&str>, bound: Option<&str>) -> Result<(), StoreError> {
    match (nonce, bound) {
        (Some(nonce), Some(bound)) if nonce == bound => Ok(()),
        (Some(_), _) => Err(StoreError::Unfulfilled(Unfulfilled::InstanceBound)),
        (None, _) => Err(StoreError::Unfulfilled(Unfulfilled::InstanceUsed)),
    }
}

type Row = (String, String, String, String, bool, i64, bool);

/// The bindings of a database, beside the issuer or without one.
pub struct Bindings(Database);

impl Bindings {
    /// Those of a database that is open.
    #[must_use]
    pub fn of(database: &Database) -> Self {
        Self(database.clone())
    }

    /// The instances that have used a document, the last one first, at most `limit` of those whose account and id are these,
    /// where one is given.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(
        &self,
        account: Option<&str>,
        instance: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Bound>, StoreError> {
        let rows: Vec<Row> = on_database!(&self.0, pool => {
            sqlx::query_as(
                "SELECT cloud, partition, account, instance, nonce IS NOT NULL, bound_at, free
                 FROM bindings
                 WHERE ($1 IS NULL OR account = $1) AND ($2 IS NULL OR instance = $2)
                 ORDER BY bound_at DESC, key LIMIT $3",
            )
            .bind(account)
            .bind(instance)
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await
        })?;
        let read = |(cloud, partition, account, instance, has_nonce, at, free): Row| Bound {
            instance: Instance { cloud, partition, account, instance },
            has_nonce,
            at: UnixTime::from_seconds(at),
            free,
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Lets whoever comes next use the instance as if for the first time, and returns whether it was bound. One that the
    /// database does not know is free from then on too: after a restore, new instances of before are refused without it.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn release(&self, instance: &Instance, now: UnixTime) -> Result<bool, StoreError> {
        let key = instance.key();
        let bound = on_database!(&self.0, pool => {
            let mut transaction = pool.begin().await?;
            let bound = sqlx::query(
                "UPDATE bindings SET free = true, nonce = NULL, bound_at = $2
                 WHERE key = $1 AND NOT free",
            )
            .bind(&key)
            .bind(now.seconds())
            .execute(&mut *transaction)
            .await?
            .rows_affected();
            sqlx::query(
                "INSERT INTO bindings
                     (key, cloud, partition, account, instance, nonce, bound_at, free)
                 VALUES ($1, $2, $3, $4, $5, NULL, $6, true)
                 ON CONFLICT (key) DO NOTHING",
            )
            .bind(&key)
            .bind(&instance.cloud)
            .bind(&instance.partition)
            .bind(&instance.account)
            .bind(&instance.instance)
            .bind(now.seconds())
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            bound > 0
        });
        Ok(bound)
    }
}
