//! What the handlers share.

use crate::admission::Admission;
use crate::audit::Audit;
use crate::decide::Decider;
use crate::keys::SigningKeys;
use crate::store::Store;
use crate::tls::ServerIdentity;

/// What the handlers share.
pub struct State {
    /// Decides token requests.
    pub decider: Decider,
    /// Signs access tokens.
    pub keys: SigningKeys,
    /// Remembers consumed proofs.
    pub store: Box<dyn Store>,
    /// Says which requests are taken up.
    pub admission: Admission,
    /// Writes down each decision.
    pub audit: Audit,
    /// The certificates that the server shows.
    pub identities: Vec<ServerIdentity>,
    /// The issuer URL, without a slash at the end.
    pub issuer: String,
    /// How clients authenticate with a TLS certificate (RFC 8705); `None` where none is asked for or forwarded.
    pub tls_client_auth: Option<TlsClientAuth>,
}

/// What the metadata says of clients that authenticate with a TLS certificate.
pub struct TlsClientAuth {
    /// The token endpoint where a certificate is asked for, when that is not the one of all others (RFC 8705 section 5).
    pub token_endpoint: Option<String>,
}
