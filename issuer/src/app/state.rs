//! What the handlers share.

use crate::audit::Audit;
use crate::decide::Decider;
use crate::keys::SigningKeys;
use crate::store::Store;

/// What the handlers share.
pub struct State {
    /// Decides token requests.
    pub decider: Decider,
    /// Signs access tokens.
    pub keys: SigningKeys,
    /// Remembers consumed proofs.
    pub store: Box<dyn Store>,
    /// Writes down each decision.
    pub audit: Audit,
    /// The issuer URL, without a slash at the end.
    pub issuer: String,
}
