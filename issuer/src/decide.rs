//! Decisions: the core is asked, what it wants is brought, and it is asked again.

use crate::fetch::Fetch;
use arc_swap::ArcSwap;
use credmint_aws_lc::AwsLc;
use credmint_core::exchange::Exchange;
use credmint_core::jose::Algorithm;
use credmint_core::keys::KeyRing;
use credmint_core::policy::{ProviderKind, TrustPolicy};
use credmint_core::signature::SignatureProvider;
use credmint_core::{Code, Grant, Presented, Refusal, Source, UnixTime, Verdict, limits};
use credmint_rustcrypto::RustCrypto;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio::sync::{Mutex, Semaphore};

/// How often one request may make the core ask for something: discovery, its keys, one refetch for an
/// unknown `kid`, and one more for a race with another request.
const ROUNDS: usize = 4;

/// Where the time comes from. Tests give their own.
pub type Clock = Arc<dyn Fn() -> UnixTime + Send + Sync>;

/// The system's clock.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(|| UnixTime::from_seconds(jiff::Timestamp::now().as_second()))
}

/// The signature back ends of this host, the fast one first.
pub const SIGNATURES: SignatureProvider<'static> =
    SignatureProvider { backends: &[&AwsLc, &RustCrypto] };

/// Decides token requests with one policy.
pub struct Decider {
    policy: Arc<TrustPolicy>,
    ring: ArcSwap<KeyRing>,
    fetcher: Box<dyn Fetch>,
    clock: Clock,
    /// Signatures are checked off the threads that serve connections, and no more at once than cores exist.
    permits: Arc<Semaphore>,
    /// One fetch at a time for each issuer; every other request waits for its result.
    flights: BTreeMap<String, Mutex<()>>,
    /// The algorithms for keys that name none, by issuer.
    algorithms: BTreeMap<String, Vec<Algorithm>>,
}

impl Decider {
    /// A decider over a policy, with no outside keys yet.
    #[must_use]
    pub fn new(policy: Arc<TrustPolicy>, fetcher: Box<dyn Fetch>, clock: Clock) -> Self {
        let mut flights = BTreeMap::new();
        let mut algorithms = BTreeMap::new();
        for (_, provider) in policy.providers() {
            if let ProviderKind::Oidc(provider) = provider.kind() {
                flights.insert(provider.issuer().to_owned(), Mutex::new(()));
                algorithms.insert(provider.issuer().to_owned(), provider.algorithms().to_vec());
            }
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            policy,
            ring: ArcSwap::from_pointee(KeyRing::default()),
            fetcher,
            clock,
            permits: Arc::new(Semaphore::new(cores)),
            flights,
            algorithms,
        }
    }

    /// The time of this decider's clock.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        (self.clock)()
    }

    /// Decides a request, fetching what the decision needs.
    ///
    /// # Errors
    /// The core's refusal; [`Code::KeysUnavailable`] when the keys cannot be brought.
    pub async fn decide(&self, presented: &Arc<Presented>) -> Result<Grant, Refusal> {
        for _ in 0..ROUNDS {
            let ring = self.ring.load_full();
            match self.ask(presented, &ring).await? {
                Verdict::Granted(grant) => return Ok(grant),
                Verdict::Refused(refusal) => return Err(refusal),
                Verdict::Wanting(source) => self.bring(source, &ring).await?,
            }
        }
        Err(Refusal::new(Code::KeysUnavailable).detail("the key source never came to rest"))
    }

    async fn ask(
        &self,
        presented: &Arc<Presented>,
        ring: &Arc<KeyRing>,
    ) -> Result<Verdict<Grant>, Refusal> {
        let bug = |what: &str| Refusal::new(Code::InternalError).detail(what);
        let permit =
            self.permits.clone().acquire_owned().await.map_err(|_| bug("the pool is closed"))?;
        let (policy, ring) = (Arc::clone(&self.policy), Arc::clone(ring));
        let (presented, now) = (Arc::clone(presented), self.now());
        let decision = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let exchange = Exchange { policy: &policy, keys: &ring, signatures: SIGNATURES, now };
            exchange.decide(&presented)
        });
        decision.await.map_err(|_| bug("the decision did not end"))
    }

    /// Fetches a source once, however many requests want it, and swaps the new ring in.
    async fn bring(&self, source: Source, seen: &Arc<KeyRing>) -> Result<(), Refusal> {
        let (issuer, url, limit) = match &source {
            Source::Discovery { issuer, url } => (issuer, url, limits::DISCOVERY_BYTES),
            Source::KeySet { issuer, url } => (issuer, url, limits::JWKS_BYTES),
            _ => return Err(Refusal::new(Code::InternalError).detail("a source of another host")),
        };
        let flight = self
            .flights
            .get(issuer)
            .ok_or_else(|| Refusal::new(Code::InternalError).detail("an issuer of no provider"))?;
        let _one_at_a_time = flight.lock().await;
        if !Arc::ptr_eq(&self.ring.load(), seen) {
            // Another request changed the ring while this one waited: the core looks again first.
            return Ok(());
        }
        let fetched = self.fetcher.get(url, limit).await;
        if let Err(error) = &fetched {
            tracing::warn!(%issuer, %url, %error, "keys could not be fetched");
        }
        let now = self.now();
        self.ring.rcu(|ring| {
            let mut ring = KeyRing::clone(ring);
            let taken = match (&fetched, &source) {
                (Ok(body), Source::Discovery { .. }) => ring.discovered(issuer, body, now),
                (Ok(body), _) => {
                    let algorithms = self.algorithms.get(issuer).map_or(&[][..], Vec::as_slice);
                    ring.fetched(issuer, algorithms, body, now)
                }
                (Err(_), _) => {
                    ring.failed(issuer, now);
                    Ok(())
                }
            };
            if let Err(refusal) = taken {
                tracing::warn!(%issuer, %url, %refusal, "fetched keys were refused");
                ring.failed(issuer, now);
            }
            ring
        });
        Ok(())
    }
}
