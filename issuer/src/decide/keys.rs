//! The outside keys and revocation lists: fetched once for all who want them, on tasks of their own.

use super::Clock;
use super::SIGNATURES;
use crate::fetch::{Fetch, FetchError};
use crate::store::ListStore;
use arc_swap::ArcSwap;
use bytes::Bytes;
use credmint_core::Source;
use credmint_core::keys::{self, CrlFloor, Document, KeptCrl, KeyCache, KeyRing};
use credmint_core::policy::{ProviderKind, TrustPolicy};
use credmint_core::x509::VerifiedList;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use tokio::sync::watch;

/// What is held, and what brings more.
pub(super) struct Keys {
    /// What decisions read. It is replaced whole, so that none waits for another.
    ring: ArcSwap<KeyRing>,
    /// Locked for moments only, never across a wait.
    state: Mutex<State>,
    fetcher: Box<dyn Fetch>,
    clock: Clock,
    policy: Arc<TrustPolicy>,
    /// Where revocation lists that are kept outlast this process.
    lists: OnceLock<Box<dyn ListStore>>,
}

struct State {
    cache: KeyCache,
    /// The flights under way, by number. The other end is closed when a flight ends.
    flights: BTreeMap<u32, watch::Receiver<()>>,
}

impl Keys {
    /// Keys for the issuers of a policy, none of which are held yet.
    pub(super) fn new(policy: &Arc<TrustPolicy>, fetcher: Box<dyn Fetch>, clock: Clock) -> Self {
        let rules = policy.key_holders().map(|(name, rules)| (name.to_owned(), rules.clone()));
        let cache = KeyCache::new(rules.collect());
        let state = Mutex::new(State { cache, flights: BTreeMap::new() });
        let ring = ArcSwap::from_pointee(KeyRing::default());
        let (policy, lists) = (Arc::clone(policy), OnceLock::new());
        Self { ring, state, fetcher, clock, policy, lists }
    }

    /// Takes the lists that an earlier process kept, and where those of this one are stored. Of an address that the policy
    /// does not name the floor alone counts.
    pub(super) fn restore(
        &self,
        stored: &[KeptCrl],
        floors: &[CrlFloor],
        store: Box<dyn ListStore>,
    ) {
        let pcas = self.policy.providers().filter_map(|(_, provider)| match provider.kind() {
            ProviderKind::Pca(pca) => Some(pca),
            _ => None,
        });
        let urls: BTreeSet<&str> = pcas.flat_map(|pca| pca.crl_urls()).collect();
        let mut state = self.state();
        for floor in floors {
            state.cache.restore_crl_floor(floor);
        }
        for list in stored {
            let (url, is_configured) = (&list.url, urls.contains(list.url.as_str()));
            if let Err(refusal) = state.cache.restore_crl(list, is_configured) {
                tracing::warn!(%url, %refusal, "a stored revocation list is not used");
            }
        }
        self.ring.store(Arc::new(state.cache.ring().clone()));
        // It is set once, when the service starts.
        let _ = self.lists.set(store);
    }

    /// Keeps revocation lists that were found to be signed by their authorities, here and in the store.
    ///
    /// What is kept is stored when this ends, also when the request that found it is given up.
    pub(super) async fn keep(keys: &Arc<Self>, found: &[VerifiedList]) {
        if found.is_empty() {
            return;
        }
        let keys::KeptCrls { kept, dropped, refused } = {
            let mut state = keys.state();
            let kept = state.cache.verified_crls(found, (keys.clock)());
            keys.ring.store(Arc::new(state.cache.ring().clone()));
            kept
        };
        for (url, refusal) in refused {
            tracing::warn!(%url, %refusal, "a fetched revocation list was dropped");
        }
        if kept.is_empty() && dropped.is_empty() {
            return;
        }
        let keys = Arc::clone(keys);
        let stored = tokio::spawn(async move {
            if let Some(store) = keys.lists.get()
                && let Err(error) = store.keep(&kept, &dropped).await
            {
                tracing::error!(%error, "revocation lists could not be stored");
            }
        });
        // That it ended early is said where it was logged.
        let _ = stored.await;
    }

    /// Keeps those of the lists from `url` that an authority of the policy has signed.
    async fn keep_registered(keys: &Arc<Self>, url: &str) {
        let (policy, ring, url) = (Arc::clone(&keys.policy), keys.ring(), url.to_owned());
        let found =
            tokio::task::spawn_blocking(move || policy.verify_crls(&url, &ring, SIGNATURES));
        // What is not found here is found by a decision.
        Self::keep(keys, &found.await.unwrap_or_default()).await;
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
            if fetch.document == Document::RevocationList {
                Keys::keep_registered(&self.keys, &fetch.url).await;
            }
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
