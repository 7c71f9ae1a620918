//! Decisions: the core is asked, what it wants is brought, and it is asked again.

mod keys;

use crate::admission::Work;
use crate::fetch::Fetch;
use crate::store::ListStore;
use credmint_aws_lc::AwsLc;
use credmint_core::exchange::{Bound, Exchange, Exchanged, Trace};
use credmint_core::jose::JwkSet;
use credmint_core::keys::{CrlFloor, KeptCrl, KeyRing, Wait};
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::SignatureProvider;
use credmint_core::x509::VerifiedList;
use credmint_core::{Code, Grant, Presented, Recorded, Refusal, Source, UnixTime, Verdict};
use credmint_rustcrypto::RustCrypto;
use keys::Keys;
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

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
    /// The signing keys of this issuer, for its own tokens that are exchanged.
    own: Option<Arc<JwkSet>>,
    /// Signatures are checked off the threads that serve connections, and no more at once than cores exist.
    work: Work,
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
        let keys = Arc::new(Keys::new(&policy, fetcher, Arc::clone(&clock)));
        Self { policy, keys, clock, own: None, work: Work::default() }
    }

    /// The same with the public half of the keys that sign the tokens of this issuer. Without them none can be exchanged.
    #[must_use]
    pub fn with_own_keys(self, keys: JwkSet) -> Self {
        Self { own: Some(Arc::new(keys)), ..self }
    }

    /// The same within this room, which it may share with others.
    #[must_use]
    pub fn with_work(self, work: Work) -> Self {
        Self { work, ..self }
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
        let mut core = self.work.begin().await;
        loop {
            let ring = self.keys.ring();
            let Asked { verdict, facts, bound, exchanged, lists, due, now } =
                self.ask(presented, &ring, core).await;
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
                        // What was taken up is decided, however many have come since.
                        core = self.work.again().await;
                        continue;
                    }
                    Err(refusal) => Err(refusal),
                },
            };
            return Decided { result, facts, bound, exchanged, now };
        }
    }

    /// Asks the core once, at one reading of the clock.
    async fn ask(
        &self,
        presented: &Arc<Presented>,
        ring: &Arc<KeyRing>,
        core: Result<OwnedSemaphorePermit, Refusal>,
    ) -> Asked {
        let core = match core {
            Ok(core) => core,
            Err(refusal) => return Asked::refused(refusal, self.now()),
        };
        let now = self.now();
        let (policy, ring) = (Arc::clone(&self.policy), Arc::clone(ring));
        let (presented, own) = (Arc::clone(presented), self.own.clone());
        let asked = tokio::task::spawn_blocking(move || {
            let _core = core;
            let (keys, signatures, own) = (&ring, SIGNATURES, own.as_deref());
            let exchange = Exchange { policy: &policy, keys, signatures, now, own };
            let mut trace = Trace::facts();
            let verdict = exchange.decide(&presented, &mut trace);
            let (lists, due) = (trace.take_lists(), trace.take_due());
            let (bound, exchanged) = (trace.bound().cloned(), trace.exchanged().cloned());
            Asked { verdict, facts: trace.into_facts(), bound, exchanged, lists, due, now }
        });
        asked.await.unwrap_or_else(|_| {
            let bug = Refusal::new(Code::InternalError).detail("the decision was not completed");
            Asked::refused(bug, now)
        })
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

impl Asked {
    /// The core was not asked, or did not answer.
    const fn refused(refusal: Refusal, now: UnixTime) -> Self {
        Self {
            verdict: Verdict::Refused(refusal),
            facts: None,
            bound: None,
            exchanged: None,
            lists: Vec::new(),
            due: Vec::new(),
            now,
        }
    }
}

#[cfg(test)]
mod tests;
