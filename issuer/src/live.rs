//! What a reload replaces: the policy with all that was made from it, as one value.
//!
//! A request takes the value once, when it comes, and ends with it. So it never sees a part of one policy and a part of another.

use crate::decide::Decider;
use credmint_core::UnixTime;

/// What a reload replaces. Cloning it is cheap.
#[derive(Clone)]
pub struct Live {
    /// Decides token requests by one policy.
    pub decider: Decider,
    /// The hash of the policy's document, for records.
    pub policy_hash: String,
    /// How many policies this process has served by, this one included.
    pub policy_version: u64,
    /// When it was loaded.
    pub loaded_at: UnixTime,
    /// How clients authenticate with a TLS certificate (RFC 8705); `None` where none is asked for or forwarded.
    pub tls_client_auth: Option<TlsClientAuth>,
}

/// What the metadata says of clients that authenticate with a TLS certificate.
#[derive(Clone)]
pub struct TlsClientAuth {
    /// The token endpoint where a certificate is asked for, when that is not the one of all others (RFC 8705 section 5).
    pub token_endpoint: Option<String>,
}
