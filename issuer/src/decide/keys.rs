//! The outside keys and revocation lists: fetched once for all who want them, on tasks of their own.

use super::Clock;
use crate::fetch::{Fetch, FetchError};
use arc_swap::ArcSwap;
use bytes::Bytes;
use credmint_core::Source;
use credmint_core::keys::{self, Document, KeyCache, KeyRing};
use credmint_core::policy::{ProviderKind, TrustPolicy};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// What is held, and what brings more.
pub(super) struct Keys {
    /// What decisions read. It is replaced whole, so that none waits for another.
    ring: ArcSwap<KeyRing>,
    /// Locked for moments only, never across a wait.
    state: Mutex<State>,
    fetcher: Box<dyn Fetch>,
    clock: Clock,
}

struct State {
    cache: KeyCache,
    /// The flights under way, by number. The other end is closed when a flight ends.
    flights: BTreeMap<u32, watch::Receiver<()>>,
}

impl Keys {
    /// Keys for the issuers of a policy, none of which are held yet.
    pub(super) fn new(policy: &TrustPolicy, fetcher: Box<dyn Fetch>, clock: Clock) -> Self {
        let rules = policy.providers().filter_map(|(_, provider)| match provider.kind() {
            ProviderKind::Oidc(oidc) => Some((oidc.issuer().to_owned(), oidc.key_rules().clone())),
            _ => None,
        });
        let cache = KeyCache::new(rules.collect());
        let state = Mutex::new(State { cache, flights: BTreeMap::new() });
        Self { ring: ArcSwap::from_pointee(KeyRing::default()), state, fetcher, clock }
    }

    /// What is held now.
    pub(super) fn ring(&self) -> Arc<KeyRing> {
        self.ring.load_full()
    }

    /// Begins what `source` needs beyond `seen`, the ring that was asked, and gives what ends with it. Whoever does not
    /// wait for that drops it.
    ///
    /// The fetch continues when the request that began it is given up: else a caller who hangs up at once could
    /// have the source asked as often as he likes, because a fetch that has no end counts for no cool-down.
    pub(super) fn begin(
        keys: &Arc<Self>,
        source: &Source,
        seen: &KeyRing,
    ) -> impl Future<Output = ()> + Send + use<> {
        let mut state = keys.state();
        let flights = state.cache.begin(source, seen, (keys.clock)());
        for fetch in flights.begin {
            let (over, ends) = watch::channel(());
            state.flights.insert(fetch.flight, ends);
            let flight = Flight { keys: Arc::clone(keys), number: fetch.flight, _over: over };
            tokio::spawn(flight.fly(fetch));
        }
        let find = |number: &u32| state.flights.get(number).cloned();
        let ends: Vec<_> = flights.wait.iter().filter_map(find).collect();
        async move {
            for mut end in ends {
                // Nothing is ever sent: it ends when the sender is dropped.
                while end.changed().await.is_ok() {}
            }
        }
    }

    /// Hands in what came of a fetch, and gives the next one of its flight.
    fn ended(
        &self,
        fetch: &keys::Fetch,
        fetched: Result<Bytes, FetchError>,
    ) -> Option<keys::Fetch> {
        let (url, issuer) = (&fetch.url, fetch.issuer.as_deref());
        let list = fetch.document == Document::RevocationList;
        match &fetched {
            Err(error) if list => {
                tracing::warn!(%url, %error, "a revocation list could not be fetched");
            }
            Err(error) => tracing::warn!(issuer, %url, %error, "keys could not be fetched"),
            Ok(_) => {}
        }
        let ended = self.settle(fetch.flight, fetched.as_deref().ok())?;
        match ended.refusal {
            Some(refusal) if list => {
                tracing::warn!(%url, %refusal, "a fetched revocation list was refused");
            }
            Some(refusal) => tracing::warn!(issuer, %url, %refusal, "fetched keys were refused"),
            None => {}
        }
        if let Some(refusal) = ended.unusable {
            tracing::warn!(issuer, %url, %refusal, "the key set serves no token");
        }
        for warning in ended.warnings {
            tracing::warn!(issuer, %url, %warning, "the key set publishes a secret");
        }
        ended.next
    }

    /// Lets the cache take an answer, and shows its ring to decisions.
    fn settle(&self, flight: u32, body: Option<&[u8]>) -> Option<keys::Ended> {
        let mut state = self.state();
        let ended = state.cache.ended(flight, body, (self.clock)())?;
        self.ring.store(Arc::new(state.cache.ring().clone()));
        Some(ended)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What a panic leaves here is whole: the cache is changed by calls that do not stop half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A flight under way. It ends when this is dropped, however that comes about.
struct Flight {
    keys: Arc<Keys>,
    number: u32,
    /// Dropped after the rest, which wakes all who wait.
    _over: watch::Sender<()>,
}

impl Flight {
    async fn fly(self, fetch: keys::Fetch) {
        let mut next = Some(fetch);
        while let Some(fetch) = next {
            let limit = fetch.document.max_bytes();
            let fetched = self.keys.fetcher.get(&fetch.url, limit, fetch.document).await;
            next = self.keys.ended(&fetch, fetched);
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        // One that a panic ended has brought nothing. Any other has been taken already.
        let _ = self.keys.settle(self.number, None);
        self.keys.state().flights.remove(&self.number);
    }
}
