//! Decisions: the core is asked, what it wants is brought, and it is asked again.

mod keys;

use crate::fetch::Fetch;
use crate::keys::SigningKeys;
use crate::store::ListStore;
use credmint_aws_lc::AwsLc;
use credmint_core::exchange::{Bound, Exchange, Exchanged, Trace};
use credmint_core::keys::{CrlFloor, KeptCrl, KeyRing, Wait};
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::SignatureProvider;
use credmint_core::x509::VerifiedList;
use credmint_core::{Code, Grant, Presented, Recorded, Refusal, Source, UnixTime, Verdict};
use credmint_rustcrypto::RustCrypto;
use keys::Keys;
use std::sync::Arc;
use tokio::sync::Semaphore;

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
    /// The keys of this issuer, for its own tokens that are exchanged.
    own: Option<SigningKeys>,
    /// Signatures are checked off the threads that serve connections, and no more at once than cores exist.
    permits: Arc<Semaphore>,
}

/// What was decided, by what, and when.
pub struct Decided {
    /// The grant, or why there is none.
    pub result: Result<Grant, Refusal>,
    /// What a valid signature proved, whatever the result.
    pub facts: Option<Recorded>,
    /// Which client and credential the request came to, whether it names them or not.
    pub bound: Option<Bound>,
    /// The access token of ours that it exchanges, when its signature was valid.
    pub exchanged: Option<Exchanged>,
    /// The time at which it was judged: the one of the last pass, which comes after every wait for keys. A grant has
    /// the same.
    pub now: UnixTime,
}

impl Decider {
    /// A decider over a policy, with no outside keys yet.
    #[must_use]
    pub fn new(policy: Arc<TrustPolicy>, fetcher: Box<dyn Fetch>, clock: Clock) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let keys = Arc::new(Keys::new(&policy, fetcher, Arc::clone(&clock)));
        Self { policy, keys, clock, own: None, permits: Arc::new(Semaphore::new(cores)) }
    }

    /// The same with the keys of this issuer, whose tokens can be exchanged as long as they are published. Without them none can.
    #[must_use]
    pub fn with_own_keys(self, keys: SigningKeys) -> Self {
        Self { own: Some(keys), ..self }
    }

    /// The same with the revocation lists that an earlier process kept, the editions that it has seen, and the store for those of this one.
    #[must_use]
    pub fn with_lists(
        self,
        stored: &[KeptCrl],
        floors: &[CrlFloor],
        store: Box<dyn ListStore>,
    ) -> Self {
        self.keys.restore(stored, floors, store);
        self
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
        let mut wait = Wait::new(self.now());
        loop {
            let ring = self.keys.ring();
            let Asked { verdict, facts, bound, exchanged, lists, due, now } =
                self.ask(presented, &ring).await;
            Keys::keep(&self.keys, &lists).await;
            for source in &due {
                // Nobody waits for it.
                drop(Keys::begin(&self.keys, source, &ring));
            }
            let result = match verdict {
                Verdict::Granted(grant) => Ok(grant),
                Verdict::Refused(refusal) => Err(refusal),
                Verdict::Wanting(source) => match wait.again() {
                    Ok(()) => {
                        Keys::begin(&self.keys, &source, &ring).await;
                        continue;
                    }
                    Err(refusal) => Err(refusal),
                },
            };
            return Decided { result, facts, bound, exchanged, now };
        }
    }

    /// Asks the core once, at one reading of the clock.
    async fn ask(&self, presented: &Arc<Presented>, ring: &Arc<KeyRing>) -> Asked {
        let bug = |now: UnixTime, what: &str| {
            let verdict = Verdict::Refused(Refusal::new(Code::InternalError).detail(what));
            Asked {
                verdict,
                facts: None,
                bound: None,
                exchanged: None,
                lists: Vec::new(),
                due: Vec::new(),
                now,
            }
        };
        let Ok(permit) = self.permits.clone().acquire_owned().await else {
            return bug(self.now(), "the pool is closed");
        };
        let now = self.now();
        let (policy, ring) = (Arc::clone(&self.policy), Arc::clone(ring));
        let own = self.own.as_ref().map(SigningKeys::verifying);
        let presented = Arc::clone(presented);
        let asked = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            let (keys, signatures, own) = (&ring, SIGNATURES, own.as_deref());
            let exchange = Exchange { policy: &policy, keys, signatures, now, own };
            let mut trace = Trace::facts();
            let verdict = exchange.decide(&presented, &mut trace);
            let (lists, due) = (trace.take_lists(), trace.take_due());
            let (bound, exchanged) = (trace.bound().cloned(), trace.exchanged().cloned());
            Asked { verdict, facts: trace.into_facts(), bound, exchanged, lists, due, now }
        });
        asked.await.unwrap_or_else(|_| bug(now, "the decision was not completed"))
    }
}

/// What the core said, once.
struct Asked {
    verdict: Verdict<Grant>,
    facts: Option<Recorded>,
    /// Fetched revocation lists that were found to be signed.
    lists: Vec<VerifiedList>,
    bound: Option<Bound>,
    exchanged: Option<Exchanged>,
    /// What is to be fetched beside.
    due: Vec<Source>,
    now: UnixTime,
}

#[cfg(test)]
mod tests;
