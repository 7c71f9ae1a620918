//! The service of a test: over a policy, with the sources and the clock that the test gives it.

use crate::BoxFuture;
use crate::admission::Admission;
use crate::app::{State, app};
use crate::audit::{Audit, Seal};
use crate::config::{AuditConfig, LimitsConfig};
use crate::decide::{Clock, Decider};
use crate::fetch::{Fetch, FetchError};
use crate::keys::SigningKeys;
use crate::live::Live;
use crate::readiness::{Parts, Readiness};
use crate::store::Store;
use arc_swap::ArcSwap;
use axum::Router;
use bytes::Bytes;
use credmint_core::json;
use credmint_core::keys::Document;
use credmint_core::policy::TrustPolicy;
use std::sync::Arc;

/// The policy of this text.
pub(crate) fn policy(text: &str) -> Arc<TrustPolicy> {
    let document = json::parse_with(text.as_bytes(), json::Limits::DOCUMENT).unwrap();
    Arc::new(TrustPolicy::from_document(&document).unwrap())
}

/// A source that answers at once, as a function of the URL says.
pub(crate) struct Answering<F>(pub(crate) F);

impl<F: Fn(&str) -> Result<Bytes, FetchError> + Send + Sync> Fetch for Answering<F> {
    fn get<'a>(
        &'a self,
        url: &'a str,
        _: usize,
        _: Document,
    ) -> BoxFuture<'a, Result<Bytes, FetchError>> {
        let answer = (self.0)(url);
        Box::pin(async move { answer })
    }
}

/// A started service that signs with these keys.
pub(crate) fn start(
    policy: Arc<TrustPolicy>,
    sources: Box<dyn Fetch>,
    clock: Clock,
    store: Arc<dyn Store>,
    audit: &AuditConfig,
    keys: SigningKeys,
) -> Router {
    app(Arc::new(state(policy, sources, clock, store, audit, keys)))
}

/// The state of a service that is not started yet.
pub(crate) fn state(
    policy: Arc<TrustPolicy>,
    sources: Box<dyn Fetch>,
    clock: Clock,
    store: Arc<dyn Store>,
    audit: &AuditConfig,
    keys: SigningKeys,
) -> State {
    let decider = Decider::new(policy, sources, Arc::clone(&clock)).with_own_keys(keys.clone());
    let audit = Arc::new(Audit::open(audit, Seal::default()).unwrap());
    State {
        issuer: decider.policy().issuer().to_owned(),
        live: ArcSwap::from_pointee(Live {
            policy_hash: String::new(),
            policy_version: 1,
            loaded_at: decider.now(),
            tls_client_auth: None,
            decider,
        }),
        readiness: Readiness::new(Parts {
            store: Arc::clone(&store),
            keys: keys.clone(),
            audit: Arc::clone(&audit),
            certificates: Vec::new(),
            clock,
        }),
        reloads: ArcSwap::default(),
        keys,
        store,
        admission: Admission::new(LimitsConfig::default().admission()),
        audit,
    }
}
