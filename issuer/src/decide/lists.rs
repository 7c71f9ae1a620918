//! Revocation lists that a decision wants: fetched at the same time, each once for all who ask.

use super::Keys;
use crate::fetch::Kind;
use credmint_core::keys::KeyRing;
use credmint_core::policy::{CrlSource, ProviderKind, TrustPolicy};
use credmint_core::{Code, Refusal, limits};
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::Mutex;

/// For each address of a list: one fetch at a time.
pub(super) type Flights = BTreeMap<String, Arc<Mutex<()>>>;

/// The addresses that the policy names.
pub(super) fn flights(policy: &TrustPolicy) -> Flights {
    let mut flights = Flights::new();
    for (_, provider) in policy.providers() {
        if let ProviderKind::Pca(provider) = provider.kind() {
            for source in provider.crls() {
                if let CrlSource::Url(url) = source {
                    flights.entry(url.clone()).or_default();
                }
            }
        }
    }
    flights
}

impl Keys {
    /// Brings the lists at `urls`, as [`Keys::bring`] brings keys.
    pub(super) async fn bring_lists(
        keys: &Arc<Self>,
        urls: Vec<String>,
        seen: &KeyRing,
    ) -> Result<(), Refusal> {
        let bug = |what: &str| Refusal::new(Code::InternalError).detail(what);
        let mut flights = Vec::new();
        for url in urls {
            let flight = keys.lists.get(&url).ok_or_else(|| bug("a list of no provider"))?;
            let (flight, keys) = (Arc::clone(flight), Arc::clone(keys));
            let revision = seen.crl_revision(&url);
            flights.push(tokio::spawn(async move {
                let _one_at_a_time = flight.lock_owned().await;
                // When another request brought it while this one waited, the core looks again.
                if keys.ring.load().crl_revision(&url) == revision {
                    keys.fetch_list(&url).await;
                }
            }));
        }
        for flight in flights {
            flight.await.map_err(|_| bug("the fetch did not end"))?;
        }
        Ok(())
    }

    async fn fetch_list(&self, url: &str) {
        let fetched = self.fetcher.get(url, limits::CRL_TEXT_BYTES, Kind::Crl).await;
        if let Err(error) = &fetched {
            tracing::warn!(%url, %error, "a revocation list could not be fetched");
        }
        let now = (self.clock)();
        let mut taken = Ok(());
        self.ring.rcu(|ring| {
            let mut ring = KeyRing::clone(ring);
            taken = match &fetched {
                Ok(body) => ring.fetched_crl(url, body, now),
                Err(_) => {
                    ring.failed_crl(url, now);
                    Ok(())
                }
            };
            ring
        });
        if let Err(refusal) = taken {
            tracing::warn!(%url, %refusal, "a fetched revocation list was refused");
        }
    }
}
