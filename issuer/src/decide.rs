//! Decisions: the core is asked, what it wants is brought, and it is asked again.

mod lists;

use crate::fetch::{Fetch, Kind};
use arc_swap::ArcSwap;
use credmint_aws_lc::AwsLc;
use credmint_core::exchange::{Exchange, Trace};
use credmint_core::jose::KeyRules;
use credmint_core::keys::KeyRing;
use credmint_core::policy::{ProviderKind, TrustPolicy};
use credmint_core::signature::SignatureProvider;
use credmint_core::{Code, Grant, Presented, Recorded, Refusal, Source, UnixTime, Verdict, limits};
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
    keys: Arc<Keys>,
    clock: Clock,
    /// Signatures are checked off the threads that serve connections, and no more at once than cores exist.
    permits: Arc<Semaphore>,
}

/// The outside keys, and what brings them.
struct Keys {
    ring: ArcSwap<KeyRing>,
    fetcher: Box<dyn Fetch>,
    clock: Clock,
    issuers: BTreeMap<String, Issuer>,
    lists: lists::Flights,
}

/// An issuer of the policy.
struct Issuer {
    /// One fetch at a time; every other request waits for its result.
    flight: Arc<Mutex<()>>,
    /// What its keys must be like.
    rules: KeyRules,
}

impl Decider {
    /// A decider over a policy, with no outside keys yet.
    #[must_use]
    pub fn new(policy: Arc<TrustPolicy>, fetcher: Box<dyn Fetch>, clock: Clock) -> Self {
        let mut issuers = BTreeMap::new();
        for (_, provider) in policy.providers() {
            if let ProviderKind::Oidc(provider) = provider.kind() {
                let rules = provider.key_rules().clone();
                let issuer = Issuer { flight: Arc::default(), rules };
                issuers.insert(provider.issuer().to_owned(), issuer);
            }
        }
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let ring = ArcSwap::from_pointee(KeyRing::default());
        let lists = lists::flights(&policy);
        let keys = Keys { ring, fetcher, clock: Arc::clone(&clock), issuers, lists };
        Self { policy, keys: Arc::new(keys), clock, permits: Arc::new(Semaphore::new(cores)) }
    }

    /// The policy that it decides by.
    #[must_use]
    pub fn policy(&self) -> &TrustPolicy {
        &self.policy
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
        self.decide_recorded(presented, &mut None).await
    }

    /// As [`Decider::decide`]; what a valid signature proved is left in `facts` as well, whatever the verdict.
    ///
    /// # Errors
    /// As [`Decider::decide`].
    pub async fn decide_recorded(
        &self,
        presented: &Arc<Presented>,
        facts: &mut Option<Recorded>,
    ) -> Result<Grant, Refusal> {
        for _ in 0..ROUNDS {
            let ring = self.keys.ring.load_full();
            let (verdict, stated) = self.ask(presented, &ring).await?;
            *facts = stated;
            match verdict {
                Verdict::Granted(grant) => return Ok(grant),
                Verdict::Refused(refusal) => return Err(refusal),
                Verdict::Wanting(source) => Keys::bring(&self.keys, source, &ring).await?,
            }
        }
        Err(Refusal::new(Code::KeysUnavailable).detail("the key source never came to rest"))
    }

    async fn ask(
        &self,
        presented: &Arc<Presented>,
        ring: &Arc<KeyRing>,
    ) -> Result<(Verdict<Grant>, Option<Recorded>), Refusal> {
        let bug = |what: &str| Refusal::new(Code::InternalError).detail(what);
        let permit =
            self.permits.clone().acquire_owned().await.map_err(|_| bug("the pool is closed"))?;
        let (policy, ring) = (Arc::clone(&self.policy), Arc::clone(ring));
        let (presented, now) = (Arc::clone(presented), self.now());
        let decision = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let exchange = Exchange { policy: &policy, keys: &ring, signatures: SIGNATURES, now };
            let mut trace = Trace::facts();
            let verdict = exchange.decide(&presented, &mut trace);
            (verdict, trace.into_facts())
        });
        decision.await.map_err(|_| bug("the decision did not end"))
    }
}

impl Keys {
    /// Fetches a source once, however many requests want it, and swaps the new ring in.
    ///
    /// The fetch goes on when the request that began it is given up: else a caller who hangs up at once could
    /// have the source asked as often as he likes, because a fetch that has no end counts for no cool-down.
    async fn bring(keys: &Arc<Self>, source: Source, seen: &KeyRing) -> Result<(), Refusal> {
        let bug = |what: &str| Refusal::new(Code::InternalError).detail(what);
        let issuer = match &source {
            Source::Discovery { issuer, .. } | Source::KeySet { issuer, .. } => issuer,
            Source::Crls { urls } => return Self::bring_lists(keys, urls.clone(), seen).await,
            _ => return Err(bug("a source of another host")),
        };
        let known = keys.issuers.get(issuer).ok_or_else(|| bug("an issuer of no provider"))?;
        let one_at_a_time = Arc::clone(&known.flight).lock_owned().await;
        if keys.ring.load().revision(issuer) != seen.revision(issuer) {
            // Another request brought something for the issuer while this one waited: the core looks again.
            return Ok(());
        }
        let keys = Arc::clone(keys);
        let flight = tokio::spawn(async move {
            keys.fetch(&source).await;
            drop(one_at_a_time);
        });
        flight.await.map_err(|_| bug("the fetch did not end"))
    }

    async fn fetch(&self, source: &Source) {
        let (issuer, url, limit) = match source {
            Source::Discovery { issuer, url } => (issuer, url, limits::DISCOVERY_BYTES),
            Source::KeySet { issuer, url } => (issuer, url, limits::JWKS_BYTES),
            _ => return,
        };
        let fetched = self.fetcher.get(url, limit, Kind::Json).await;
        if let Err(error) = &fetched {
            tracing::warn!(%issuer, %url, %error, "keys could not be fetched");
        }
        let now = (self.clock)();
        let nothing = KeyRules::default();
        let rules = self.issuers.get(issuer).map_or(&nothing, |known| &known.rules);
        // The ring counts a body that it refuses as a failure by itself. This may run more than once, when another
        // issuer's keys come at the same time.
        let mut taken = Ok(());
        let mut warnings = Vec::new();
        self.ring.rcu(|ring| {
            let before = ring.generation();
            let mut ring = KeyRing::clone(ring);
            taken = match (&fetched, source) {
                (Ok(body), Source::Discovery { .. }) => ring.discovered(issuer, body, now),
                (Ok(body), _) => ring.fetched(issuer, rules, body, now),
                (Err(_), _) => {
                    ring.failed(issuer, now);
                    Ok(())
                }
            };
            // Once for each set, not for each time that the same one is fetched.
            warnings = match ring.generation() == before {
                true => Vec::new(),
                false => ring.warnings(issuer).to_vec(),
            };
            ring
        });
        for warning in warnings {
            tracing::warn!(%issuer, %url, %warning, "the key set publishes a secret");
        }
        if let Err(refusal) = taken {
            tracing::warn!(%issuer, %url, %refusal, "fetched keys were refused");
        }
    }
}

#[cfg(test)]
mod tests;
