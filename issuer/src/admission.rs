//! Which requests are taken up: rates by source and by client, and how much is done at once.
//!
//! Before anything of a request is verified it counts for its source alone. It counts for a client when it is to be granted, and
//! only then: whoever names a client without a proof of it takes nothing from it.

mod rate;
mod work;

pub(crate) use rate::BySource;
pub use rate::Rate;
pub use work::Work;

use crate::limits::RETRY_AFTER;
use crate::metrics;
use crate::source::Source;
use arc_swap::ArcSwap;
use credmint_core::{Code, PublicCode, Refusal};
use rate::ByClient;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// How many requests are taken up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdmissionLimits {
    /// Requests of one source.
    pub per_source: Rate,
    /// Tokens of one client.
    pub per_client: Rate,
    /// Requests at once, of all.
    pub requests: usize,
    /// Those of one source.
    pub requests_of_source: usize,
}

/// Decides which requests are taken up.
#[derive(Debug)]
pub struct Admission {
    rates: ArcSwap<Rates>,
    under_way: Arc<Mutex<UnderWay>>,
}

#[derive(Debug)]
struct Rates {
    limits: AdmissionLimits,
    by_source: BySource,
    by_client: ByClient,
}

#[derive(Debug, Default)]
struct UnderWay {
    all: usize,
    of: HashMap<Source, usize>,
}

/// A request that was taken up, until it is dropped.
#[derive(Debug)]
pub struct Admitted {
    under_way: Arc<Mutex<UnderWay>>,
    source: Option<Source>,
}

impl Admission {
    /// Within these limits.
    #[must_use]
    pub fn new(limits: AdmissionLimits) -> Self {
        let rates = ArcSwap::from_pointee(Rates::new(limits));
        Self { rates, under_way: Arc::default() }
    }

    /// Other limits from here on. Rates that did not change go on as they stand.
    pub fn replace(&self, limits: AdmissionLimits) {
        if self.rates.load().limits != limits {
            self.rates.store(Arc::new(Rates::new(limits)));
        }
    }

    /// Takes a request of this source up. One that comes through a socket has no source, and counts for none.
    ///
    /// # Errors
    /// [`Code::RateLimited`] when its source has sent too many, or has too many under way; [`Code::Overloaded`] when all
    /// together have.
    pub fn admit(&self, source: Option<IpAddr>) -> Result<Admitted, Refusal> {
        let rates = self.rates.load();
        let source = source.map(Source::from);
        if let Some(source) = source
            && !rates.by_source.admits(source)
        {
            metrics::rate_limited("source");
            return Err(limited(format_args!("{source}: limits.per_source")));
        }
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        if under_way.all >= rates.limits.requests {
            metrics::shed("requests");
            return Err(Refusal::new(Code::Overloaded).detail("limits.connections requests"));
        }
        if let Some(source) = source {
            let own = under_way.of.entry(source).or_default();
            if *own >= rates.limits.requests_of_source {
                metrics::rate_limited("source");
                return Err(limited(format_args!("{source}: limits.per_address at once")));
            }
            *own += 1;
        }
        under_way.all += 1;
        drop(under_way);
        Ok(Admitted { under_way: Arc::clone(&self.under_way), source })
    }

    /// Counts a token that is to be granted to this client.
    ///
    /// # Errors
    /// [`Code::RateLimited`] when there were too many.
    pub fn admit_client(&self, client: &str) -> Result<(), Refusal> {
        match self.rates.load().by_client.admits(client) {
            true => Ok(()),
            false => {
                metrics::rate_limited("client");
                Err(limited(format_args!("client {client}: limits.per_client")))
            }
        }
    }
}

impl Rates {
    fn new(limits: AdmissionLimits) -> Self {
        Self {
            limits,
            by_source: BySource::new(limits.per_source),
            by_client: ByClient::new(limits.per_client),
        }
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut under_way = self.under_way.lock().unwrap_or_else(PoisonError::into_inner);
        under_way.all -= 1;
        if let Some(source) = self.source
            && let Some(own) = under_way.of.get_mut(&source)
        {
            *own -= 1;
            if *own == 0 {
                under_way.of.remove(&source);
            }
        }
    }
}

fn limited(what: std::fmt::Arguments<'_>) -> Refusal {
    Refusal::new(Code::RateLimited).detail(what)
}

/// After how many seconds the caller may come again, where it may (RFC 9110 section 10.2.3).
#[must_use]
pub const fn retry_after(code: PublicCode) -> Option<u64> {
    match code {
        PublicCode::RateLimited | PublicCode::Overloaded => Some(RETRY_AFTER),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: AdmissionLimits = AdmissionLimits {
        per_source: Rate { per_second: 1, burst: 4 },
        per_client: Rate { per_second: 1, burst: 2 },
        requests: 3,
        requests_of_source: 2,
    };

    fn source(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    fn refused(admission: &Admission, from: &str) -> Option<Code> {
        admission.admit(source(from)).err().map(|refusal| refusal.code())
    }

    #[test]
    fn i14_a_source_has_a_rate_before_anything_is_verified() {
        let admission = Admission::new(LIMITS);
        for _ in 0..4 {
            assert_eq!(refused(&admission, "192.0.2.1"), None);
        }
        assert_eq!(refused(&admission, "192.0.2.1"), Some(Code::RateLimited));
        assert_eq!(refused(&admission, "192.0.2.2"), None);
        for host in 1..=4 {
            assert_eq!(refused(&admission, &format!("2001:db8::{host}")), None);
        }
        assert_eq!(refused(&admission, "2001:db8::5"), Some(Code::RateLimited), "one network");
        assert_eq!(refused(&admission, "2001:db8:0:1::5"), None);
    }

    #[test]
    fn what_is_under_way_is_bounded_of_one_source_and_of_all() {
        let admission = Admission::new(LIMITS);
        let first = admission.admit(source("192.0.2.1")).unwrap();
        let _second = admission.admit(source("192.0.2.1")).unwrap();
        assert_eq!(refused(&admission, "192.0.2.1"), Some(Code::RateLimited));
        let third = admission.admit(None).unwrap();
        assert_eq!(refused(&admission, "192.0.2.2"), Some(Code::Overloaded));
        drop((first, third));
        assert_eq!(refused(&admission, "192.0.2.1"), None);
        assert_eq!(refused(&admission, "192.0.2.2"), None);
        assert_eq!(admission.under_way.lock().unwrap().of.len(), 1);
    }

    #[test]
    fn limits_are_replaced() {
        let admission = Admission::new(LIMITS);
        let exhaust = || while admission.admit_client("one").is_ok() {};
        exhaust();
        admission.replace(LIMITS);
        let code = admission.admit_client("one").map_err(|refusal| refusal.code());
        assert_eq!(code, Err(Code::RateLimited), "what did not change goes on");
        admission.replace(AdmissionLimits { requests: 9, ..LIMITS });
        assert!(admission.admit_client("one").is_ok());
        exhaust();
        assert!(admission.admit_client("two").is_ok());
    }
}
