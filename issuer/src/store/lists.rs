//! Revocation lists that are kept, across restarts: else whoever stands between here and an authority could wait for one, and
//! bring the list from before a revocation.

use super::{Database, DatabaseStore, StoreError, on_database};
use crate::BoxFuture;
use credmint_core::UnixTime;
use credmint_core::keys::{CrlFloor, KeptCrl};
use credmint_core::limits::CRL_FLOORS;
use credmint_core::x509::{Crl, Lineage};

/// Where lists that are kept outlast the process.
pub trait ListStore: Send + Sync {
    /// Stores each list in the place of the one before it of its lineage and address, and forgets those of the addresses and
    /// lineages that are `dropped`, but not which editions they were.
    ///
    /// # Errors
    /// When the store fails.
    fn keep<'a>(
        &'a self,
        lists: &'a [KeptCrl],
        dropped: &'a [(String, Lineage)],
    ) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// Lineage, date, number, and whether the key is registered.
type FloorRow = (Vec<u8>, i64, Option<Vec<u8>>, bool);

impl DatabaseStore {
    /// The part of the store that keeps lists.
    #[must_use]
    pub fn lists(&self) -> Box<dyn ListStore> {
        Box::new(Lists(self.database().clone()))
    }

    /// The lists that are kept. One that this program cannot read is left out, with a warning.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kept_lists(&self) -> Result<Vec<KeptCrl>, StoreError> {
        let rows: Vec<(String, Vec<u8>, Vec<u8>, bool)> = on_database!(self.database(), pool => {
            sqlx::query_as(
                "SELECT url, lineage, list, registered FROM revocation_lists
                 ORDER BY registered DESC, this_update DESC LIMIT $1",
            )
            .bind(floors())
            .fetch_all(pool)
            .await
        })?;
        let mut kept = Vec::new();
        for (url, lineage, list, registered) in rows {
            match (<[u8; 32]>::try_from(lineage), Crl::from_der(&list)) {
                (Ok(lineage), Ok(list)) => {
                    let lineage = Lineage::from_bytes(lineage);
                    kept.push(KeptCrl { url, lineage, list, registered });
                }
                (_, list) => {
                    let refusal = list.err().map(|refusal| refusal.to_string());
                    tracing::warn!(url, refusal, "a stored revocation list cannot be read");
                }
            }
        }
        Ok(kept)
    }

    /// The last editions of lists that were verified, whether the lists are kept or not.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list_floors(&self) -> Result<Vec<CrlFloor>, StoreError> {
        let rows: Vec<FloorRow> = on_database!(self.database(), pool => {
            sqlx::query_as(
                "SELECT lineage, this_update, number, registered FROM revocation_floors
                 ORDER BY registered DESC, this_update DESC LIMIT $1",
            )
            .bind(floors())
            .fetch_all(pool)
            .await
        })?;
        let read = |(lineage, this_update, number, registered): FloorRow| {
            let lineage = Lineage::from_bytes(lineage.try_into().ok()?);
            let this_update = UnixTime::from_seconds(this_update);
            Some(CrlFloor { lineage, this_update, number, registered })
        };
        Ok(rows.into_iter().filter_map(read).collect())
    }
}

/// As many editions as are held.
fn floors() -> i64 {
    i64::try_from(CRL_FLOORS).unwrap_or(i64::MAX)
}

struct Lists(Database);

impl Lists {
    /// Of two that are stored at the same time the later one stays.
    async fn store(&self, kept: &KeptCrl) -> Result<(), StoreError> {
        let KeptCrl { url, lineage, list, registered } = kept;
        on_database!(&self.0, pool => {
            sqlx::query(
                "INSERT INTO revocation_floors (lineage, this_update, number, registered)
                 VALUES ($1, $2, $3, $4)
                 ON CONFLICT (lineage) DO UPDATE
                 SET this_update = excluded.this_update,
                     number = coalesce(excluded.number, revocation_floors.number),
                     registered = excluded.registered OR revocation_floors.registered
                 WHERE excluded.this_update >= revocation_floors.this_update",
            )
            .bind(lineage.as_bytes().as_slice())
            .bind(list.this_update().seconds())
            .bind(list.number())
            .bind(registered)
            .execute(pool)
            .await?;
            sqlx::query(
                "INSERT INTO revocation_lists (url, lineage, this_update, list, registered)
                 VALUES ($1, $2, $3, $4, $5)
                 ON CONFLICT (url, lineage) DO UPDATE
                 SET this_update = excluded.this_update, list = excluded.list,
                     registered = excluded.registered OR revocation_lists.registered
                 WHERE excluded.this_update >= revocation_lists.this_update",
            )
            .bind(url)
            .bind(lineage.as_bytes().as_slice())
            .bind(list.this_update().seconds())
            .bind(list.raw())
            .bind(registered)
            .execute(pool)
            .await?;
        });
        Ok(())
    }

    /// Keeps as many editions as are held: those of registered keys first, and of the others so many of each key that none
    /// has the place of another's.
    async fn prune_floors(&self) -> Result<(), StoreError> {
        on_database!(&self.0, pool => {
            sqlx::query(
                "DELETE FROM revocation_floors WHERE lineage IN (
                     SELECT lineage FROM (
                         SELECT lineage, registered, this_update, row_number() OVER (
                             PARTITION BY substr(lineage, 1, 16) ORDER BY this_update DESC
                         ) AS own FROM revocation_floors
                     ) AS ranked
                     ORDER BY registered DESC, own, this_update DESC
                     LIMIT 9223372036854775807 OFFSET $1
                 )",
            )
            .bind(floors())
            .execute(pool)
            .await?;
        });
        Ok(())
    }
}

impl ListStore for Lists {
    fn keep<'a>(
        &'a self,
        lists: &'a [KeptCrl],
        dropped: &'a [(String, Lineage)],
    ) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            for kept in lists {
                self.store(kept).await?;
            }
            for (url, lineage) in dropped {
                on_database!(&self.0, pool => {
                    sqlx::query("DELETE FROM revocation_lists WHERE url = $1 AND lineage = $2")
                        .bind(url)
                        .bind(lineage.as_bytes().as_slice())
                        .execute(pool)
                        .await?;
                });
            }
            self.prune_floors().await
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::{killed, open};
    use rcgen::{
        BasicConstraints, CertificateParams, CertificateRevocationListParams, IsCa, Issuer,
        KeyIdMethod, KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
    };
    use tempfile::TempDir;

    fn pool(store: &DatabaseStore) -> &sqlx::SqlitePool {
        match store.database() {
            Database::Sqlite(pool) => pool,
            Database::PostgreSql(_) => unreachable!("it is in a folder"),
        }
    }

    /// A list of the first day of a month of 2026.
    fn list(month: u8) -> Crl {
        let key = KeyPair::generate().unwrap();
        let mut authority = CertificateParams::new([]).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.key_usages = vec![KeyUsagePurpose::CrlSign];
        let params = CertificateRevocationListParams {
            this_update: date_time_ymd(2026, month, 1),
            next_update: date_time_ymd(2027, 1, 1),
            crl_number: SerialNumber::from(u64::from(month)),
            issuing_distribution_point: None,
            revoked_certs: Vec::new(),
            key_identifier_method: KeyIdMethod::Sha256,
        };
        let list = params.signed_by(&Issuer::from_params(&authority, &key)).unwrap();
        Crl::from_der(list.der()).unwrap()
    }

    fn kept(url: &str, lineage: u8, month: u8) -> KeptCrl {
        let lineage = Lineage::from_bytes([lineage; 32]);
        KeptCrl { url: url.into(), lineage, list: list(month), registered: false }
    }

    #[tokio::test]
    async fn the_last_list_of_each_lineage_and_address_survives_a_restart() {
        let directory = TempDir::new().unwrap();
        let store = open(directory.path()).await.unwrap();
        assert_eq!(store.kept_lists().await.unwrap(), []);
        let lists = [kept("a", 1, 9), kept("a", 2, 8), kept("b", 1, 7)];
        store.lists().keep(&lists, &[]).await.unwrap();
        let next = kept("a", 1, 10);
        store.lists().keep(std::slice::from_ref(&next), &[]).await.unwrap();
        // One that comes too late.
        store.lists().keep(&[kept("a", 1, 6)], &[]).await.unwrap();
        // As after a crash: nothing is closed.
        killed(store);
        let store = open(directory.path()).await.unwrap();
        let [_, second, third] = lists;
        assert_eq!(store.kept_lists().await.unwrap(), [next, second, third]);
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_left_out() {
        let directory = TempDir::new().unwrap();
        let store = open(directory.path()).await.unwrap();
        let good = kept("a", 1, 9);
        store.lists().keep(std::slice::from_ref(&good), &[]).await.unwrap();
        for (lineage, list) in [(vec![1; 31], good.list.raw().to_vec()), (vec![2; 32], vec![0])] {
            sqlx::query("INSERT INTO revocation_lists VALUES ('b', ?, 0, ?, 0)")
                .bind(lineage)
                .bind(list)
                .execute(pool(&store))
                .await
                .unwrap();
        }
        assert_eq!(store.kept_lists().await.unwrap(), [good]);
    }

    #[tokio::test]
    async fn a_list_that_gives_its_place_away_leaves_its_edition() {
        let directory = TempDir::new().unwrap();
        let store = open(directory.path()).await.unwrap();
        let [gone, stays] = [kept("a", 1, 9), kept("a", 2, 8)];
        store.lists().keep(&[gone.clone(), stays.clone()], &[]).await.unwrap();
        // Its next list has no floor below it, and one that comes too late lowers none.
        let next = KeptCrl { registered: true, ..kept("b", 1, 10) };
        store.lists().keep(&[next.clone(), kept("b", 1, 6)], &[]).await.unwrap();
        let dropped = [("a".to_owned(), gone.lineage)];
        store.lists().keep(&[], &dropped).await.unwrap();
        assert_eq!(store.kept_lists().await.unwrap(), [next.clone(), stays.clone()]);
        let floor = |kept: KeptCrl| CrlFloor {
            lineage: kept.lineage,
            this_update: kept.list.this_update(),
            number: kept.list.number().map(Into::into),
            registered: kept.registered,
        };
        assert_eq!(store.list_floors().await.unwrap(), [floor(next), floor(stays)]);
    }

    #[tokio::test]
    async fn no_key_takes_the_floors_of_another() {
        let directory = TempDir::new().unwrap();
        let store = open(directory.path()).await.unwrap();
        store.lists().keep(&[kept("a", 1, 3)], &[]).await.unwrap();
        // More parts of one key than there is room, all of them later.
        sqlx::query(
            "WITH RECURSIVE parts (number) AS (
                 SELECT 1 UNION ALL SELECT number + 1 FROM parts WHERE number <= ?
             )
             INSERT INTO revocation_floors
             SELECT unhex(printf('%032d%032d', 7, number)), 4000000000, NULL, 0 FROM parts",
        )
        .bind(i64::try_from(CRL_FLOORS).unwrap())
        .execute(pool(&store))
        .await
        .unwrap();
        store.lists().keep(&[kept("a", 2, 4)], &[]).await.unwrap();
        let floors = store.list_floors().await.unwrap();
        assert_eq!(floors.len(), CRL_FLOORS);
        for lineage in [[1; 32], [2; 32]] {
            let lineage = Lineage::from_bytes(lineage);
            assert!(floors.iter().any(|floor| floor.lineage == lineage));
        }
    }
}
