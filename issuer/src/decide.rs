//! Decisions: the core is asked, what it wants is brought, and it is asked again.

mod keys;

use crate::fetch::Fetch;
use credmint_aws_lc::AwsLc;
use credmint_core::exchange::{Exchange, Trace};
use credmint_core::keys::{KeyRing, Wait};
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::SignatureProvider;
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
    /// Signatures are checked off the threads that serve connections, and no more at once than cores exist.
    permits: Arc<Semaphore>,
}

impl Decider {
    /// A decider over a policy, with no outside keys yet.
    #[must_use]
    pub fn new(policy: Arc<TrustPolicy>, fetcher: Box<dyn Fetch>, clock: Clock) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let keys = Arc::new(Keys::new(&policy, fetcher, Arc::clone(&clock)));
        Self { policy, keys, clock, permits: Arc::new(Semaphore::new(cores)) }
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
        let mut wait = Wait::new(self.now());
        loop {
            let ring = self.keys.ring();
            let (verdict, stated, due) = self.ask(presented, &ring).await?;
            *facts = stated;
            if let Some(source) = due {
                // Nobody waits for it.
                drop(Keys::begin(&self.keys, &source, &ring));
            }
            match verdict {
                Verdict::Granted(grant) => return Ok(grant),
                Verdict::Refused(refusal) => return Err(refusal),
                Verdict::Wanting(source) => {
                    wait.again()?;
                    Keys::begin(&self.keys, &source, &ring).await;
                }
            }
        }
    }

    async fn ask(
        &self,
        presented: &Arc<Presented>,
        ring: &Arc<KeyRing>,
    ) -> Result<(Verdict<Grant>, Option<Recorded>, Option<Source>), Refusal> {
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
            (verdict, trace.into_facts(), exchange.due(&presented))
        });
        decision.await.map_err(|_| bug("the decision did not end"))
    }
}

#[cfg(test)]
mod tests;
