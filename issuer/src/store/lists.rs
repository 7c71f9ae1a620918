//! Revocation lists that are kept, across restarts: else whoever stands between here and an authority could wait for one, and
//! bring the list from before a revocation.

use super::{SqliteStore, StoreError, Table};
use crate::BoxFuture;
use credmint_core::keys::KeptCrl;
use credmint_core::limits::CRL_FLOORS;
use credmint_core::x509::{Crl, Lineage};
use std::sync::Arc;

/// Where lists that are kept outlast the process.
pub trait ListStore: Send + Sync {
    /// Stores each list in the place of the one before it of its lineage and address.
    ///
    /// # Errors
    /// When the store fails.
    fn keep<'a>(&'a self, lists: &'a [KeptCrl]) -> BoxFuture<'a, Result<(), StoreError>>;
}

impl SqliteStore {
    /// The part of the store that keeps lists.
    #[must_use]
    pub fn lists(&self) -> Box<dyn ListStore> {
        Box::new(Lists(Arc::clone(&self.0)))
    }

    /// The lists that are kept. One that this program cannot read is left out, with a warning.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn kept_lists(&self) -> Result<Vec<KeptCrl>, StoreError> {
        let rows: Vec<(String, Vec<u8>, Vec<u8>)> = sqlx::query_as(
            "SELECT url, lineage, list FROM revocation_lists ORDER BY this_update DESC LIMIT ?",
        )
        .bind(i64::try_from(CRL_FLOORS).unwrap_or(i64::MAX))
        .fetch_all(&self.0.pool)
        .await?;
        let mut kept = Vec::new();
        for (url, lineage, list) in rows {
            match (<[u8; 32]>::try_from(lineage), Crl::from_der(&list)) {
                (Ok(lineage), Ok(list)) => {
                    kept.push(KeptCrl { url, lineage: Lineage::from_bytes(lineage), list });
                }
                (_, list) => {
                    let refusal = list.err().map(|refusal| refusal.to_string());
                    tracing::warn!(url, refusal, "a stored revocation list cannot be read");
                }
            }
        }
        Ok(kept)
    }
}

struct Lists(Arc<Table>);

impl ListStore for Lists {
    fn keep<'a>(&'a self, lists: &'a [KeptCrl]) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            for KeptCrl { url, lineage, list } in lists {
                // Of two that are stored at the same time the later one stays.
                sqlx::query(
                    "INSERT INTO revocation_lists (url, lineage, this_update, list)
                     VALUES (?, ?, ?, ?)
                     ON CONFLICT (url, lineage) DO UPDATE
                     SET this_update = excluded.this_update, list = excluded.list
                     WHERE excluded.this_update >= revocation_lists.this_update",
                )
                .bind(url)
                .bind(lineage.as_bytes().as_slice())
                .bind(list.this_update().seconds())
                .bind(list.raw())
                .execute(&self.0.pool)
                .await?;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{
        BasicConstraints, CertificateParams, CertificateRevocationListParams, IsCa, Issuer,
        KeyIdMethod, KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
    };
    use tempfile::TempDir;

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
        KeptCrl { url: url.into(), lineage, list: list(month) }
    }

    #[tokio::test]
    async fn the_last_list_of_each_lineage_and_address_survives_a_restart() {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(directory.path()).await.unwrap();
        assert_eq!(store.kept_lists().await.unwrap(), []);
        let lists = [kept("a", 1, 9), kept("a", 2, 8), kept("b", 1, 7)];
        store.lists().keep(&lists).await.unwrap();
        let next = kept("a", 1, 10);
        store.lists().keep(std::slice::from_ref(&next)).await.unwrap();
        // One that comes too late.
        store.lists().keep(&[kept("a", 1, 6)]).await.unwrap();
        // As after a crash: nothing is closed.
        std::mem::forget(store);
        let store = SqliteStore::open(directory.path()).await.unwrap();
        let [_, second, third] = lists;
        assert_eq!(store.kept_lists().await.unwrap(), [next, second, third]);
    }

    #[tokio::test]
    async fn what_cannot_be_read_is_left_out() {
        let directory = TempDir::new().unwrap();
        let store = SqliteStore::open(directory.path()).await.unwrap();
        let good = kept("a", 1, 9);
        store.lists().keep(std::slice::from_ref(&good)).await.unwrap();
        for (lineage, list) in [(vec![1; 31], good.list.raw().to_vec()), (vec![2; 32], vec![0])] {
            sqlx::query("INSERT INTO revocation_lists VALUES ('b', ?, 0, ?)")
                .bind(lineage)
                .bind(list)
                .execute(&store.0.pool)
                .await
                .unwrap();
        }
        assert_eq!(store.kept_lists().await.unwrap(), [good]);
    }
}
