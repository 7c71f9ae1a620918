//! Whether a request could be served to its end: by the store, the keys, the audit and the certificates.
//!
//! Each part is tried and not only looked at. However often it is asked, that happens once a second.

use crate::audit::Audit;
use crate::clock::Clock;
use crate::keys::SigningKeys;
use crate::limits::{READINESS_EVERY, READINESS_WAIT};
use crate::metrics;
use crate::store::Store;
use credmint_core::UnixTime;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::sync::Mutex;
use tokio::time::timeout;

/// The parts, and what is known of them.
pub struct Readiness {
    parts: Parts,
    looked: Mutex<Option<(Instant, Arc<Report>)>>,
    /// A signature that is tried and has not come to its end.
    signing: Arc<AtomicBool>,
    is_stopping: AtomicBool,
}

/// What a request needs.
pub struct Parts {
    /// Remembers consumed proofs.
    pub store: Arc<dyn Store>,
    /// Signs access tokens.
    pub keys: SigningKeys,
    /// Writes down each decision.
    pub audit: Arc<Audit>,
    /// The certificates that the server shows.
    pub certificates: Vec<Certificate>,
    /// By which certificates expire.
    pub clock: Clock,
}

/// A certificate that the server shows.
pub struct Certificate {
    /// At which listener.
    pub listener: &'static str,
    /// When the one that is shown now expires, where that is known.
    pub expires: Box<dyn Fn() -> Option<UnixTime> + Send + Sync>,
}

/// How each part is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Each part by its name, and why it is not ready.
    pub parts: Vec<(&'static str, Result<(), String>)>,
}

impl Report {
    /// Whether all are ready.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.parts.iter().all(|(_, part)| part.is_ok())
    }

    /// A line for each part that is not ready, or that all are.
    #[must_use]
    pub fn text(&self) -> String {
        if self.is_ready() {
            return "ready\n".to_owned();
        }
        let lines = self
            .parts
            .iter()
            .filter_map(|(name, part)| part.as_ref().err().map(|why| format!("{name}: {why}\n")));
        lines.collect()
    }

    /// The same without the reasons, for whoever may be a stranger.
    #[must_use]
    pub fn names(&self) -> String {
        if self.is_ready() {
            return "ready\n".to_owned();
        }
        let names = self.parts.iter().filter(|(_, part)| part.is_err()).map(|(name, _)| *name);
        format!("not ready: {}\n", names.collect::<Vec<_>>().join(", "))
    }
}

impl Readiness {
    /// Nothing is known of these yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        let (looked, signing) = (Mutex::new(None), Arc::default());
        Self { parts, looked, signing, is_stopping: AtomicBool::new(false) }
    }

    /// From here on the service is not ready: it takes no further connections.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Release);
    }

    /// The certificates that the server shows.
    pub fn certificates(&self) -> impl Iterator<Item = (&'static str, Option<UnixTime>)> {
        self.parts.certificates.iter().map(|shown| (shown.listener, (shown.expires)()))
    }

    /// How the parts of the service are, as of a second ago at most.
    pub async fn look(&self) -> Arc<Report> {
        // Whoever comes meanwhile waits for the look that is under way.
        let mut looked = self.looked.lock().await;
        if let Some((when, report)) = &*looked
            && when.elapsed() < READINESS_EVERY
            && !self.is_stopping.load(Ordering::Acquire)
        {
            return Arc::clone(report);
        }
        let report = Arc::new(self.look_now().await);
        for (name, part) in &report.parts {
            metrics::ready(name, part.is_ok());
            let was_ready = looked.as_ref().is_none_or(|(_, before)| {
                before.parts.iter().any(|(known, part)| known == name && part.is_ok())
            });
            match part {
                Err(why) if was_ready => tracing::warn!(part = name, why, "not ready"),
                Ok(()) if !was_ready => tracing::info!(part = name, "ready again"),
                _ => {}
            }
        }
        *looked = Some((Instant::now(), Arc::clone(&report)));
        report
    }

    async fn look_now(&self) -> Report {
        let store = async {
            match timeout(READINESS_WAIT, self.parts.store.check()).await {
                Ok(checked) => checked.map_err(|error| error.to_string()),
                Err(_) => Err("it does not answer in time".to_owned()),
            }
        };
        let audit = async {
            let available = self.parts.audit.available().await;
            let why = |refusal: credmint_core::Refusal| {
                refusal.detail_text().unwrap_or_default().to_owned()
            };
            available.map_err(why)
        };
        let (store, audit, keys) = tokio::join!(store, audit, self.sign());
        let certificate = self.certificate((self.parts.clock)());
        let serving = match self.is_stopping.load(Ordering::Acquire) {
            true => Err("the service stops".to_owned()),
            false => Ok(()),
        };
        Report {
            parts: vec![
                ("store", store),
                ("keys", keys),
                ("audit", audit),
                ("certificate", certificate),
                ("serving", serving),
            ],
        }
    }

    /// Whether the key signs, tried with a text that is no token.
    async fn sign(&self) -> Result<(), String> {
        if self.signing.swap(true, Ordering::AcqRel) {
            return Err("a signature does not come to its end".to_owned());
        }
        let (keys, signing) = (self.parts.keys.clone(), Arc::clone(&self.signing));
        let now = (self.parts.clock)();
        let signed = tokio::task::spawn_blocking(move || {
            let signed = keys.signer(None, now).map_err(|none| none.to_string()).and_then(|key| {
                key.signature(b"ready?").map(drop).map_err(|error| error.to_string())
            });
            signing.store(false, Ordering::Release);
            signed
        });
        match timeout(READINESS_WAIT, signed).await {
            Ok(Ok(signed)) => signed,
            Ok(Err(_)) => Err("signing failed".to_owned()),
            Err(_) => Err("a signature does not come to its end".to_owned()),
        }
    }

    fn certificate(&self, now: UnixTime) -> Result<(), String> {
        for (listener, expires) in self.certificates() {
            if let Some(at) = expires.filter(|at| *at < now) {
                return Err(format!(
                    "the certificate of the listener `{listener}` expired at {at}"
                ));
            }
        }
        Ok(())
    }
}
