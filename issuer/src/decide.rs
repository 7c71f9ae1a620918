//! Decisions: the core is asked, what it wants is brought, and it is asked again.

mod keys;

pub use keys::{LastFetch, SourceStatus};

pub use crate::clock::{Clock, system_clock};

use crate::admission::Work;
use crate::fetch::Fetch;
use crate::keys::SigningKeys;
use crate::limits::{DECIDED_AT_ONCE_BYTES, KNOWN_AUTHORITIES};
use crate::store::ListStore;
use credmint_aws_lc::{AwsLc, KnownAuthorities};
use credmint_core::exchange::{Bound, Exchange, Exchanged, Trace};
use credmint_core::keys::{CrlFloor, KeptCrl, KeyRing, Wait};
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::{Backend, SignatureProvider};
use credmint_core::x509::VerifiedList;
use credmint_core::{
    Assertion, Code, Grant, Presented, Recorded, Refusal, Source, UnixTime, Verdict,
};
use credmint_rustcrypto::RustCrypto;
use keys::Keys;
use std::sync::Arc;

/// The signature back ends of this host, the fast one first.
pub const SIGNATURES: SignatureProvider<'static> =
    SignatureProvider { backends: &[&AwsLc, &RustCrypto] };

/// Decides token requests with one policy. A clone shares its keys.
#[derive(Clone)]
pub struct Decider {
    judge: Arc<Judge>,
    keys: Arc<Keys>,
    clock: Clock,
    /// Large proofs are judged off the threads that serve connections, and no more at once than cores exist.
    work: Work,
}

/// What decisions are made with beside the request, the outside keys and the time.
struct Judge {
    policy: Arc<TrustPolicy>,
    /// The keys of this issuer, for its own tokens that are exchanged.
    own: Option<SigningKeys>,
    /// The fast back end. It knows the authorities of this policy alone: another decider begins anew.
    signatures: KnownAuthorities<AwsLc>,
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

impl Decided {
    /// Nothing of the request was looked at.
    const fn refused(refusal: Refusal, now: UnixTime) -> Self {
        Self { result: Err(refusal), facts: None, bound: None, exchanged: None, now }
    }
}

impl Decider {
    /// A decider over a policy, with no outside keys yet.
    #[must_use]
    pub fn new(policy: Arc<TrustPolicy>, fetcher: Box<dyn Fetch>, clock: Clock) -> Self {
        let keys = Arc::new(Keys::new(&policy, fetcher, Arc::clone(&clock)));
        let signatures = KnownAuthorities::new(AwsLc, KNOWN_AUTHORITIES);
        let judge = Arc::new(Judge { policy, own: None, signatures });
        Self { judge, keys, clock, work: Work::default() }
    }

    /// The same with the keys of this issuer, whose tokens can be exchanged as long as they are published. Without them none can.
    #[must_use]
    pub fn with_own_keys(self, keys: SigningKeys) -> Self {
        let policy = Arc::clone(&self.judge.policy);
        let signatures = KnownAuthorities::new(AwsLc, KNOWN_AUTHORITIES);
        Self { judge: Arc::new(Judge { policy, own: Some(keys), signatures }), ..self }
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

    /// A decider over another policy, with other ways to fetch. It holds of this one's keys what both policies have in common,
    /// and nothing that was fetched for this one alone comes to it later, but which revocation lists were seen.
    #[must_use]
    pub fn renewed(&self, policy: Arc<TrustPolicy>, fetcher: Box<dyn Fetch>) -> Self {
        let keys = Keys::renewed(&self.keys, &policy, fetcher);
        let signatures = KnownAuthorities::new(AwsLc, KNOWN_AUTHORITIES);
        let judge = Judge { policy, own: self.judge.own.clone(), signatures };
        let (clock, work) = (Arc::clone(&self.clock), self.work.clone());
        Self { judge: Arc::new(judge), keys, clock, work }
    }

    /// Fetches the keys and lists that the policy needs and that are not held, a bounded number at once. Ends when each source
    /// has answered or failed; nobody need wait for it.
    pub async fn warm(&self) {
        Keys::warm(&self.keys).await;
    }

    /// How it stands with each source of keys and revocation lists.
    #[must_use]
    pub fn sources(&self) -> Vec<SourceStatus> {
        self.keys.status()
    }

    /// The policy that it decides by.
    #[must_use]
    pub fn policy(&self) -> &TrustPolicy {
        &self.judge.policy
    }

    /// The time of this decider's clock, for what is refused before anything is decided.
    #[must_use]
    pub fn now(&self) -> UnixTime {
        (self.clock)()
    }

    /// Decides a request, fetching what the decision needs: [`Code::KeysUnavailable`] when the keys cannot be brought,
    /// [`Code::Overloaded`] when too many decisions wait,
    /// else as the core says. After each wait for keys it is judged anew, at the time that it is then.
    pub async fn decide(&self, presented: &Arc<Presented>) -> Decided {
        let mut wait = Wait::new(self.now());
        // Of the first pass alone: what was taken up is decided, however many come while it waits for keys.
        let mut turn = match self.work.turn().await {
            Ok(turn) => Some(turn),
            Err(refusal) => return Decided::refused(refusal, self.now()),
        };
        loop {
            let ring = self.keys.ring();
            let Asked { verdict, facts, bound, exchanged, lists, due, now } =
                self.ask(presented, &ring).await;
            drop(turn.take());
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
    ///
    /// A proof of usual size is judged here: it takes less than to wake another thread and wait for it. What a larger one
    /// may cost is bounded as well, and must not stand before the connections of others.
    async fn ask(&self, presented: &Arc<Presented>, ring: &Arc<KeyRing>) -> Asked {
        if bytes_of(&presented.assertion).is_some_and(|bytes| bytes <= DECIDED_AT_ONCE_BYTES) {
            return self.judge.ask(presented, ring, self.now());
        }
        let Ok(core) = self.work.core().await else {
            return Asked::bug(self.now(), "the pool is closed");
        };
        let now = self.now();
        let (judge, presented, ring) =
            (Arc::clone(&self.judge), Arc::clone(presented), Arc::clone(ring));
        let asked = tokio::task::spawn_blocking(move || {
            let _core = core;
            judge.ask(&presented, &ring, now)
        });
        asked.await.unwrap_or_else(|_| Asked::bug(now, "the decision was not completed"))
    }
}

/// How large the parts of a proof are together, where they are known.
fn bytes_of(assertion: &Assertion) -> Option<usize> {
    Some(match assertion {
        Assertion::Pca { jwt, certificate, chain } => jwt.len() + certificate.len() + chain.len(),
        Assertion::Jwt { token, certificate } => {
            token.len() + certificate.as_ref().map_or(0, String::len)
        }
        Assertion::Oidc { token } | Assertion::Svid { token } => token.len(),
        Assertion::Pkcs7 { document } => document.len(),
        _ => return None,
    })
}

impl Judge {
    fn ask(&self, presented: &Presented, keys: &KeyRing, now: UnixTime) -> Asked {
        let backends: [&dyn Backend; 2] = [&self.signatures, &RustCrypto];
        let own = self.own.as_ref().map(SigningKeys::verifying);
        let exchange = Exchange {
            policy: &self.policy,
            keys,
            signatures: SignatureProvider { backends: &backends },
            now,
            own: own.as_deref(),
        };
        let mut trace = Trace::facts();
        let verdict = exchange.decide(presented, &mut trace);
        let (lists, due) = (trace.take_lists(), trace.take_due());
        let (bound, exchanged) = (trace.bound().cloned(), trace.exchanged().cloned());
        Asked { verdict, facts: trace.into_facts(), bound, exchanged, lists, due, now }
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
    fn bug(now: UnixTime, what: &str) -> Self {
        Self {
            verdict: Verdict::Refused(Refusal::new(Code::InternalError).detail(what)),
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
