//! The outside keys and revocation lists: fetched once for all who want them, on tasks of their own.

use super::Clock;
use super::SIGNATURES;
use crate::fetch::{Fetch, FetchError};
use crate::limits::WARMED_AT_ONCE;
use crate::metrics;
use crate::store::ListStore;
use arc_swap::ArcSwap;
use bytes::Bytes;
use credmint_core::keys::{self, CrlFloor, Document, KeptCrl, KeyCache, KeyRing, KeySource};
use credmint_core::policy::{ProviderKind, TrustPolicy};
use credmint_core::x509::VerifiedList;
use credmint_core::{Source, Stop, UnixTime};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;
use tokio::sync::watch;
use tokio::task::JoinSet;

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
    lists: OnceLock<Arc<dyn ListStore>>,
    /// The keys of the policy that has taken the place of this one's.
    next: OnceLock<Arc<Self>>,
}

struct State {
    cache: KeyCache,
    /// The flights under way, by number. The other end is closed when a flight ends.
    flights: BTreeMap<u32, watch::Receiver<()>>,
    /// How the last fetch for an issuer, or of a list by its address, ended. All of them are of the policy.
    last: BTreeMap<String, LastFetch>,
}

/// How a fetch ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastFetch {
    /// When.
    pub at: UnixTime,
    /// What was fetched.
    pub url: String,
    /// Why nothing was taken; `None` when it was.
    pub error: Option<String>,
}

/// How it stands with a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceStatus {
    /// The issuer, the client whose own keys they are, or the address of a revocation list.
    pub name: String,
    /// `keys` or `revocation_list`.
    pub kind: &'static str,
    /// How many keys are held, and since when they count.
    pub held: Option<(usize, UnixTime)>,
    /// How the last fetch ended; `None` before the first.
    pub last: Option<LastFetch>,
}

impl Keys {
    /// Keys for the issuers of a policy, none of which are held yet.
    pub(super) fn new(policy: &Arc<TrustPolicy>, fetcher: Box<dyn Fetch>, clock: Clock) -> Self {
        let rules = policy.key_holders().map(|(name, rules)| (name.to_owned(), rules.clone()));
        let cache = KeyCache::new(rules.collect());
        let state = Mutex::new(State::of(cache));
        let ring = ArcSwap::from_pointee(KeyRing::default());
        let (policy, lists) = (Arc::clone(policy), OnceLock::new());
        Self { ring, state, fetcher, clock, policy, lists, next: OnceLock::new() }
    }

    /// Keys for another policy: what both have in common is held already, by issuer, source and rules. What is under way for
    /// the old one comes to the old one.
    pub(super) fn renewed(
        old: &Arc<Self>,
        policy: &Arc<TrustPolicy>,
        fetcher: Box<dyn Fetch>,
    ) -> Arc<Self> {
        let before: BTreeMap<&str, &KeySource> =
            old.policy.key_sources().map(|(name, source, _)| (name, source)).collect();
        let after: BTreeMap<&str, &KeySource> =
            policy.key_sources().map(|(name, source, _)| (name, source)).collect();
        let rules = policy.key_holders().map(|(name, rules)| (name.to_owned(), rules.clone()));
        let urls: BTreeSet<&str> = list_urls(policy).collect();
        let is_same =
            |issuer: &str| after.contains_key(issuer) && before.get(issuer) == after.get(issuer);
        // Under the lock, so that no list is verified between the copy and the moment from which it is passed on.
        let state = old.state();
        let cache = state.cache.carried(rules.collect(), is_same, |url| urls.contains(url));
        let held = |name: &str| cache.ring().held(name).is_some() || urls.contains(name);
        let last = state.last.iter().filter(|(name, _)| held(name));
        let last = last.map(|(name, last)| (name.clone(), last.clone())).collect();
        let keys = Arc::new(Self {
            ring: ArcSwap::from_pointee(cache.ring().clone()),
            state: Mutex::new(State { last, ..State::of(cache) }),
            fetcher,
            clock: Arc::clone(&old.clock),
            policy: Arc::clone(policy),
            lists: old.lists.clone(),
            next: OnceLock::new(),
        });
        // A policy is followed by one other: nobody renews twice.
        let _ = old.next.set(Arc::clone(&keys));
        drop(state);
        keys
    }

    /// Fetches what is not held, so that the first request need not wait for it.
    pub(super) async fn warm(keys: &Arc<Self>) {
        let (ring, now) = (keys.ring(), (keys.clock)());
        let wanted = |(issuer, source, _): (&str, &KeySource, _)| match ring
            .jwks(issuer, source, None, now)
        {
            Err(Stop::Wanting(wanted)) => Some(wanted),
            _ => None,
        };
        let mut sources: Vec<Source> = keys.policy.key_sources().filter_map(wanted).collect();
        for url in list_urls(&keys.policy) {
            if let Err(Stop::Wanting(wanted)) = ring.crls(&[url], now) {
                sources.push(wanted);
            }
        }
        let mut under_way = JoinSet::new();
        for source in sources {
            if under_way.len() >= WARMED_AT_ONCE {
                under_way.join_next().await;
            }
            under_way.spawn(Self::begin(keys, &source, &ring));
        }
        while under_way.join_next().await.is_some() {}
    }

    /// How it stands with each source.
    pub(super) fn status(&self) -> Vec<SourceStatus> {
        let state = self.state();
        let of = |name: &str, kind| SourceStatus {
            name: name.to_owned(),
            kind,
            held: state.cache.ring().held(name),
            last: state.last.get(name).cloned(),
        };
        let fetched = |source: &KeySource| !matches!(source, KeySource::Static(_));
        let issuers = self.policy.key_sources().filter(|(_, source, _)| fetched(source));
        let issuers: BTreeSet<&str> = issuers.map(|(name, ..)| name).collect();
        let lists: BTreeSet<&str> = list_urls(&self.policy).collect();
        let issuers = issuers.into_iter().map(|name| of(name, "keys"));
        issuers.chain(lists.into_iter().map(|url| of(url, "revocation_list"))).collect()
    }

    /// Takes the lists that an earlier process kept, and where those of this one are stored. Of an address that the policy
    /// does not name the floor alone counts.
    pub(super) fn restore(
        &self,
        stored: &[KeptCrl],
        floors: &[CrlFloor],
        store: Box<dyn ListStore>,
    ) {
        let urls: BTreeSet<&str> = list_urls(&self.policy).collect();
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
        let _ = self.lists.set(Arc::from(store));
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
        // A request that ends under an earlier policy: its lists are not the later one's, but which editions there are is.
        let mut next = keys.next.get();
        while let Some(keys) = next {
            keys.raise_floors(&kept);
            next = keys.next.get();
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

    /// Takes note of lists that were kept elsewhere: none before them is kept here.
    fn raise_floors(&self, kept: &[KeptCrl]) {
        let mut state = self.state();
        for KeptCrl { lineage, list, registered, .. } in kept {
            state.cache.restore_crl_floor(&CrlFloor {
                lineage: *lineage,
                this_update: list.this_update(),
                number: list.number().map(Into::into),
                registered: *registered,
            });
        }
        self.ring.store(Arc::new(state.cache.ring().clone()));
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
        let ended = self.settle(fetch.flight, fetched.as_deref().ok());
        let refusal = ended.as_ref().and_then(|ended| ended.refusal.as_ref());
        let outcome = match (&fetched, refusal) {
            (Err(_), _) => "failed",
            (Ok(_), Some(_)) => "refused",
            (Ok(_), None) => "taken",
        };
        metrics::fetched(document_name(fetch.document), outcome);
        let error = fetched.as_ref().err().map(ToString::to_string);
        let error = error.or_else(|| refusal.map(ToString::to_string));
        let last = LastFetch { at: (self.clock)(), url: url.clone(), error };
        self.state().last.insert(issuer.unwrap_or(url).to_owned(), last);
        let ended = ended?;
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
            let began = Instant::now();
            let fetched = self.keys.fetcher.get(&fetch.url, limit, fetch.document).await;
            metrics::fetch_took(document_name(fetch.document), began.elapsed());
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

impl State {
    fn of(cache: KeyCache) -> Self {
        Self { cache, flights: BTreeMap::new(), last: BTreeMap::new() }
    }
}

/// The addresses of revocation lists that a policy names.
fn list_urls(policy: &TrustPolicy) -> impl Iterator<Item = &str> {
    let pcas = policy.providers().filter_map(|(_, provider)| match provider.kind() {
        ProviderKind::Pca(pca) => Some(pca),
        _ => None,
    });
    pcas.flat_map(|pca| pca.crl_urls())
}

const fn document_name(document: Document) -> &'static str {
    match document {
        Document::Discovery => "discovery",
        Document::KeySet => "keys",
        Document::RevocationList => "revocation_list",
    }
}
