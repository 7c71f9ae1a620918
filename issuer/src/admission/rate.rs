//! Rates, counted by the generic cell rate algorithm of `governor`, in memory that is bounded.

use crate::limits::SOURCE_COUNTERS;
use crate::source::Source;
use governor::clock::Clock;
use governor::nanos::Nanos;
use governor::state::{InMemoryState, NotKeyed, StateStore};
use governor::{Quota, RateLimiter};
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// So many a second, and so many at once after a pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// In each second over a longer time. 0 is without an end.
    pub per_second: u32,
    /// At once, after a pause.
    pub burst: u32,
}

impl Rate {
    /// `None` where it has no end.
    fn quota(self) -> Option<Quota> {
        let per_second = NonZeroU32::new(self.per_second)?;
        let burst = NonZeroU32::new(self.burst).unwrap_or(NonZeroU32::MIN);
        Some(Quota::per_second(per_second).allow_burst(burst))
    }
}

/// A rate of each source. Several sources may share a counter; which ones cannot be known from outside.
pub(crate) struct BySource(Option<RateLimiter<Source, Counters, SinceStart>>);

impl BySource {
    pub(crate) fn new(rate: Rate) -> Self {
        Self(rate.quota().map(|quota| RateLimiter::new(quota, Counters::new(), SinceStart::new())))
    }

    /// Counts one. False when there were too many.
    pub(crate) fn admits(&self, source: Source) -> bool {
        self.0.as_ref().is_none_or(|limiter| limiter.check_key(&source).is_ok())
    }
}

/// A rate of each client of the policy.
pub(super) struct ByClient(Option<RateLimiter<String, Clients, SinceStart>>);

impl ByClient {
    pub(super) fn new(rate: Rate) -> Self {
        let limiter = |quota| RateLimiter::new(quota, Clients::default(), SinceStart::new());
        Self(rate.quota().map(limiter))
    }

    /// Counts one. False when there were too many.
    pub(super) fn admits(&self, client: &str) -> bool {
        self.0.as_ref().is_none_or(|limiter| limiter.check_key(&client.to_owned()).is_ok())
    }
}

/// As many counters as there are, whoever comes.
struct Counters {
    counters: Box<[InMemoryState]>,
    hasher: RandomState,
}

impl Counters {
    fn new() -> Self {
        let counters = (0..SOURCE_COUNTERS).map(|_| InMemoryState::default()).collect();
        Self { counters, hasher: RandomState::new() }
    }
}

impl StateStore for Counters {
    type Key = Source;

    fn measure_and_replace<T, F, E>(&self, source: &Source, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let hash = usize::try_from(self.hasher.hash_one(source) >> 32).unwrap_or_default();
        self.counters[hash % self.counters.len()].measure_and_replace(&NotKeyed::NonKey, f)
    }
}

/// One counter for each client. Clients are those of the policy, so their number is bounded.
#[derive(Default)]
struct Clients(Mutex<HashMap<String, Arc<InMemoryState>>>);

impl StateStore for Clients {
    type Key = String;

    fn measure_and_replace<T, F, E>(&self, client: &String, f: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut clients = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counter = match clients.get(client) {
            Some(counter) => Arc::clone(counter),
            None => Arc::clone(clients.entry(client.clone()).or_default()),
        };
        drop(clients);
        counter.measure_and_replace(&NotKeyed::NonKey, f)
    }
}

/// The monotonic clock.
struct SinceStart(Instant);

impl SinceStart {
    fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for SinceStart {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.elapsed().into()
    }
}

impl fmt::Debug for BySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BySource").finish_non_exhaustive()
    }
}

impl fmt::Debug for ByClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ByClient").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};

    #[test]
    fn memory_is_bounded_whoever_comes_and_an_honest_source_is_served_beside() {
        let by_source = BySource::new(Rate { per_second: 1, burst: 1 });
        let honest = Source::from(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
        // A few of as many strangers as a tenth of the counters.
        let strangers = u32::try_from(SOURCE_COUNTERS / 10).unwrap();
        for stranger in 0..strangers {
            by_source.admits(Source::V4(Ipv4Addr::from_bits(0x0a00_0000 + stranger)));
        }
        // One chance in ten that it shares a counter: with sixteen addresses of its own it surely has another one.
        let own = (0..16).map(|last| Source::V4(Ipv4Addr::new(192, 0, 2, last)));
        assert!(own.chain([honest]).any(|source| by_source.admits(source)));
        let counters = by_source.0.unwrap().into_state_store().counters;
        assert_eq!(counters.len(), SOURCE_COUNTERS);
    }

    #[test]
    fn a_rate_without_an_end() {
        let by_source = BySource::new(Rate { per_second: 0, burst: 0 });
        let source = Source::from(IpAddr::V4(Ipv4Addr::LOCALHOST));
        assert!((0..10_000).all(|_| by_source.admits(source)));
        let by_client = ByClient::new(Rate { per_second: 1, burst: 0 });
        assert!(by_client.admits("one") && !by_client.admits("one") && by_client.admits("two"));
    }
}
