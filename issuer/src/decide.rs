//! Decisions: the core is asked, what it wants is brought, and it is asked again.

mod lists;

use crate::fetch::{Fetch, Kind};
use crate::limits::ROUNDS;
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

/// What was decided, by what, and when.
pub struct Decided {
    /// The grant, or why there is none.
    pub result: Result<Grant, Refusal>,
    /// What a valid signature proved, whatever the result.
    pub facts: Option<Recorded>,
    /// The time at which it was judged: the one of the last pass, which comes after every wait for keys. A grant has
    /// the same.
    pub now: UnixTime,
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

    /// The time of this decider's clock, for what is refused before anything is decided.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        (self.clock)()
    }

    /// Decides a request, fetching what the decision needs: [`Code::KeysUnavailable`] when the keys cannot be brought,
    /// else as the core says. After each wait for keys it is judged anew, at the time that it is then.
    pub async fn decide(&self, presented: &Arc<Presented>) -> Decided {
        let mut waits = 0;
        loop {
            let ring = self.keys.ring.load_full();
            let Asked { verdict, facts, now } = self.ask(presented, &ring).await;
            let result = match verdict {
                Verdict::Granted(grant) => Ok(grant),
                Verdict::Refused(refusal) => Err(refusal),
                Verdict::Wanting(source) => {
                    waits += 1;
                    match Keys::bring(&self.keys, source, &ring).await {
                        Ok(()) if waits < ROUNDS => continue,
                        Ok(()) => Err(Refusal::new(Code::KeysUnavailable)
                            .detail("the key source never came to rest")),
                        Err(refusal) => Err(refusal),
                    }
                }
            };
            return Decided { result, facts, now };
        }
    }

    /// Asks the core once, at one reading of the clock.
    async fn ask(&self, presented: &Arc<Presented>, ring: &Arc<KeyRing>) -> Asked {
        let bug = |now: UnixTime, what: &str| {
            let verdict = Verdict::Refused(Refusal::new(Code::InternalError).detail(what));
            Asked { verdict, facts: None, now }
        };
        let Ok(permit) = self.permits.clone().acquire_owned().await else {
            return bug(self.now(), "the pool is closed");
        };
        let now = self.now();
        let (policy, ring) = (Arc::clone(&self.policy), Arc::clone(ring));
        let presented = Arc::clone(presented);
        let asked = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let exchange = Exchange { policy: &policy, keys: &ring, signatures: SIGNATURES, now };
            let mut trace = Trace::facts();
            let verdict = exchange.decide(&presented, &mut trace);
            Asked { verdict, facts: trace.into_facts(), now }
        });
        asked.await.unwrap_or_else(|_| bug(now, "the decision did not end"))
    }
}

/// What the core said, once.
struct Asked {
    verdict: Verdict<Grant>,
    facts: Option<Recorded>,
    now: UnixTime,
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
