//! The keys in the database of the issuer, with one version for all of them.
//!
//! Every change is stored in one transaction, which counts the version up and holds the row of it locked, and only when the
//! version is still the one that the change was planned for. So of replicas that plan the same one does it, and a plan that did
//! not know of a replica, or of a key, is never stored.

use super::SigningAlgorithm;
use super::life::{Change, Held, KeyHome, KeyLife, Replica};
use super::material::{Material, Private};
use super::seal::Sealed;
use crate::store::{Database, on_database};
use credmint_core::UnixTime;
use std::collections::BTreeMap;

/// The tables of signing keys.
#[derive(Clone)]
pub(crate) struct KeyTable(Database);

/// All that is stored.
#[derive(Clone, Debug, Default)]
pub(crate) struct StoredKeys {
    /// What plans are made of.
    pub(crate) held: Held,
    /// The keys themselves, by `kid`.
    pub(crate) materials: BTreeMap<String, Material>,
}

/// Something to store.
#[derive(Clone, Debug)]
pub(crate) enum Write {
    /// A key that was made.
    Key(KeyLife, Material),
    /// A step in the life of a key that is stored.
    Life(Change),
    /// A process that has loaded what this write is made over.
    Register { replica: String, seen: UnixTime },
    /// A private key, sealed by another key.
    Seal { kid: String, sealed: Sealed },
}

type KeyRow = (
    i64,
    String,
    String,
    String,
    Vec<u8>,
    Option<Vec<u8>>,
    Option<String>,
    i64,
    i64,
    bool,
    Option<i64>,
    Option<i64>,
    bool,
    Option<i64>,
    Option<i64>,
);

/// The one row of the set, the keys, the processes.
type Rows = ((i64, i64), Vec<KeyRow>, Vec<(String, i64, i64)>);

impl KeyTable {
    /// The tables in this database.
    pub(crate) const fn new(database: Database) -> Self {
        Self(database)
    }

    /// The version of what is stored: a different one means that something has changed.
    pub(crate) async fn version(&self) -> Result<i64, sqlx::Error> {
        on_database!(&self.0, pool => {
            sqlx::query_scalar("SELECT version FROM signing_set").fetch_one(pool).await
        })
    }

    /// All that is stored. What changes while it is read is of a later version than the one that it has.
    pub(crate) async fn read(&self) -> Result<StoredKeys, sqlx::Error> {
        let (set, keys, replicas): Rows = on_database!(&self.0, pool => {
            let set = sqlx::query_as("SELECT version, longest FROM signing_set").fetch_one(pool).await?;
            let keys = sqlx::query_as(
                "SELECT number, kid, algorithm, home, public, private, sealed_by, made, version,
                     urgent, sign_from, sign_until, started, retired, withdrawn
                 FROM signing_keys ORDER BY number",
            )
            .fetch_all(pool)
            .await?;
            let replicas = sqlx::query_as("SELECT id, seen, loaded FROM signing_replicas ORDER BY id")
                .fetch_all(pool)
                .await?;
            (set, keys, replicas)
        });
        let (version, longest) = set;
        let mut stored = StoredKeys::default();
        for row in keys {
            let kid = row.1.clone();
            match known(row) {
                Some((life, material)) => {
                    stored.held.keys.push(life);
                    stored.materials.insert(kid, material);
                }
                None => {
                    tracing::warn!(kid, "a stored signing key is of a kind that is not known here")
                }
            }
        }
        let replica =
            |(id, seen, loaded)| Replica { id, seen: UnixTime::from_seconds(seen), loaded };
        stored.held.replicas = replicas.into_iter().map(replica).collect();
        (stored.held.version, stored.held.longest) = (version, longest);
        Ok(stored)
    }

    /// Stores all of it when `version` is the version of what is stored; else nothing, and `false`.
    pub(crate) async fn store(&self, version: i64, writes: &[Write]) -> Result<bool, sqlx::Error> {
        on_database!(&self.0, pool => {
            let mut transaction = pool.begin().await?;
            let counted = sqlx::query("UPDATE signing_set SET version = version + 1 WHERE version = $1")
                .bind(version)
                .execute(&mut *transaction)
                .await?;
            if counted.rows_affected() == 0 {
                return Ok(false);
            }
            for write in writes {
                let query = match write {
                    Write::Key(life, material) => {
                        let (private, sealed_by) = match &material.private {
                            Private::Sealed(sealed) => (Some(&sealed.bytes), Some(&sealed.by)),
                            Private::Token(id) => (Some(id), None),
                            Private::Forgotten => (None, None),
                        };
                        sqlx::query(
                            "INSERT INTO signing_keys (number, kid, algorithm, home, public, private,
                                 sealed_by, made, version, urgent, sign_from, sign_until, started)
                             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
                        )
                        .bind(life.number)
                        .bind(&life.kid)
                        .bind(life.algorithm.as_str())
                        .bind(life.home.as_str())
                        .bind(&material.public)
                        .bind(private)
                        .bind(sealed_by)
                        .bind(life.made.seconds())
                        .bind(version + 1)
                        .bind(life.urgent)
                        .bind(life.sign_from.map(|from| from.seconds()))
                        .bind(life.sign_until.map(|until| until.seconds()))
                        .bind(life.started)
                    }
                    Write::Life(Change::Sign { kid, from, until }) => sqlx::query(
                        "UPDATE signing_keys SET sign_from = $2, sign_until = $3 WHERE kid = $1",
                    )
                    .bind(kid)
                    .bind(from.seconds())
                    .bind(until.seconds()),
                    Write::Life(Change::Start { kid }) => {
                        sqlx::query("UPDATE signing_keys SET started = TRUE WHERE kid = $1").bind(kid)
                    }
                    Write::Life(Change::PutOff { kid, until }) => {
                        sqlx::query("UPDATE signing_keys SET sign_until = $2 WHERE kid = $1")
                            .bind(kid)
                            .bind(until.seconds())
                    }
                    Write::Life(Change::Retire { kid, at }) => {
                        sqlx::query("UPDATE signing_keys SET retired = $2 WHERE kid = $1")
                            .bind(kid)
                            .bind(at.seconds())
                    }
                    Write::Life(Change::Withdraw { kid, at }) => sqlx::query(
                        "UPDATE signing_keys SET withdrawn = $2,
                             private = CASE WHEN home = 'token' THEN private END
                         WHERE kid = $1",
                    )
                    .bind(kid)
                    .bind(at.seconds()),
                    Write::Life(Change::Delete { kid }) => {
                        sqlx::query("DELETE FROM signing_keys WHERE kid = $1").bind(kid)
                    }
                    Write::Life(Change::Longest { seconds }) => {
                        sqlx::query("UPDATE signing_set SET longest = $1 WHERE longest < $1").bind(seconds)
                    }
                    Write::Life(Change::Forget { replica }) => {
                        sqlx::query("DELETE FROM signing_replicas WHERE id = $1").bind(replica)
                    }
                    // The keeper makes the key, and stores that.
                    Write::Life(Change::Make { .. }) => continue,
                    Write::Register { replica, seen } => sqlx::query(
                        "INSERT INTO signing_replicas (id, seen, loaded) VALUES ($1, $2, $3)
                         ON CONFLICT (id) DO UPDATE SET seen = excluded.seen, loaded = excluded.loaded",
                    )
                    .bind(replica)
                    .bind(seen.seconds())
                    .bind(version + 1),
                    Write::Seal { kid, sealed } => sqlx::query(
                        "UPDATE signing_keys SET private = $2, sealed_by = $3
                         WHERE kid = $1 AND sealed_by IS NOT NULL AND withdrawn IS NULL",
                    )
                    .bind(kid)
                    .bind(&sealed.bytes)
                    .bind(&sealed.by),
                };
                query.execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
            Ok(true)
        })
    }

    /// Says that a process lives and what it has loaded; `false` when it has to register first.
    pub(crate) async fn beat(
        &self,
        replica: &str,
        loaded: i64,
        now: UnixTime,
    ) -> Result<bool, sqlx::Error> {
        on_database!(&self.0, pool => {
            let done = sqlx::query("UPDATE signing_replicas SET seen = $2, loaded = $3 WHERE id = $1")
                .bind(replica)
                .bind(now.seconds())
                .bind(loaded)
                .execute(pool)
                .await?;
            Ok(done.rows_affected() > 0)
        })
    }

    /// Says that a process has ended, so that nobody waits for it.
    pub(crate) async fn leave(&self, replica: &str) -> Result<(), sqlx::Error> {
        on_database!(&self.0, pool => {
            sqlx::query("DELETE FROM signing_replicas WHERE id = $1").bind(replica).execute(pool).await?;
            Ok(())
        })
    }
}

fn known(row: KeyRow) -> Option<(KeyLife, Material)> {
    let (number, kid, algorithm, home, public, private, sealed_by, made, version, urgent, ..) = row;
    let (.., sign_from, sign_until, started, retired, withdrawn) = row;
    let home = [KeyHome::Store, KeyHome::Token].into_iter().find(|known| known.as_str() == home)?;
    let private = match (home, private, sealed_by) {
        (KeyHome::Store, Some(bytes), Some(by)) => Private::Sealed(Sealed { bytes, by }),
        (KeyHome::Token, Some(id), _) => Private::Token(id),
        _ => Private::Forgotten,
    };
    let life = KeyLife {
        kid,
        number,
        algorithm: SigningAlgorithm::from_name(&algorithm)?,
        home,
        made: UnixTime::from_seconds(made),
        version,
        urgent,
        sign_from: sign_from.map(UnixTime::from_seconds),
        sign_until: sign_until.map(UnixTime::from_seconds),
        started,
        retired: retired.map(UnixTime::from_seconds),
        withdrawn: withdrawn.map(UnixTime::from_seconds),
    };
    Some((life, Material { public, private }))
}
