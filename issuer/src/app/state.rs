//! What the handlers share.

use crate::admission::Admission;
use crate::audit::Audit;
use crate::keys::SigningKeys;
use crate::live::{Live, Reloads};
use crate::readiness::Readiness;
use crate::store::Store;
use arc_swap::ArcSwap;
use std::sync::Arc;

/// What the handlers share.
pub struct State {
    /// What a reload replaces. Handlers take it by [`State::live`], once a request.
    pub live: ArcSwap<Live>,
    /// How the last reloads went.
    pub reloads: ArcSwap<Reloads>,
    /// Signs access tokens.
    pub keys: SigningKeys,
    /// Remembers consumed proofs.
    pub store: Arc<dyn Store>,
    /// Says which requests are taken up.
    pub admission: Admission,
    /// Writes down each decision.
    pub audit: Arc<Audit>,
    /// Whether a request could be served to its end.
    pub readiness: Readiness,
    /// The issuer URL, without a slash at the end. It stays as long as the process.
    pub issuer: String,
}

impl State {
    /// The policy that is served by at this moment, and what belongs to it.
    #[must_use]
    pub fn live(&self) -> Arc<Live> {
        self.live.load_full()
    }
}
