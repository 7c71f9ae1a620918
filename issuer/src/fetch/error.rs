//! Why a fetch failed, for the operator. Nothing here reaches a caller of the token endpoint.

use crate::certified_key::CertifiedKeyError;
use credmint_core::keys::AnswerRefused;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Why a fetch brought nothing. The texts leave out the URL, which the caller logs beside them.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The URL itself breaks a rule.
    #[error("the URL is refused: {why}")]
    Url {
        /// Which rule.
        why: &'static str,
    },
    /// The host has no address.
    #[error("{host} could not be resolved: {cause}")]
    Resolve {
        /// The host of the URL.
        host: String,
        /// What the resolver says.
        cause: io::Error,
    },
    /// The resolver answered without any address.
    #[error("{host} has no address")]
    NoAddress {
        /// The host of the URL.
        host: String,
    },
    /// All addresses of the host are of a kind that needs permission.
    #[error(
        "{host} is at {address}, which is {why}; if that is meant, add it to server.fetch.allow_addresses"
    )]
    AddressRefused {
        /// The host of the URL.
        host: String,
        /// One of its addresses.
        address: IpAddr,
        /// What kind of address it is.
        why: &'static str,
    },
    /// No connection.
    #[error("no connection to {address}: {cause}")]
    Connect {
        /// The last address that was tried.
        address: SocketAddr,
        /// What the system says.
        cause: io::Error,
    },
    /// The TLS handshake failed, most often because of the certificate.
    #[error(
        "the TLS handshake failed: {cause}; a private authority belongs in server.fetch.ca_files"
    )]
    Tls {
        /// What the TLS library says.
        cause: io::Error,
    },
    /// The proxy is not one, or broke off.
    #[error("the proxy of server.fetch.https_proxy failed: {cause}")]
    Proxy {
        /// What the HTTP library says.
        cause: hyper::Error,
    },
    /// The proxy does not connect to this host.
    #[error("the proxy of server.fetch.https_proxy answers {status} when asked for {destination}")]
    ProxyRefused {
        /// The status of its answer; 407 asks for a user and password.
        status: u16,
        /// Host and port.
        destination: String,
    },
    /// What the source or the proxy asks for cannot be read.
    #[error(transparent)]
    Credential(#[from] CredentialError),
    /// It took too long.
    #[error("{what} took longer than {after:?}")]
    Timeout {
        /// What did.
        what: &'static str,
        /// How long it may take.
        after: Duration,
    },
    /// The answer is not one that may be read.
    #[error(transparent)]
    Answer(#[from] AnswerRefused),
    /// The connection broke, or what came is not HTTP.
    #[error("the connection failed: {cause}")]
    Http {
        /// What the HTTP library says.
        cause: hyper::Error,
    },
}

/// Why there can be no fetcher.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetcherError {
    /// A file of roots is not readable PEM.
    #[error("{} cannot be read: {cause}", path.display())]
    Pem {
        /// The file.
        path: PathBuf,
        /// What the PEM reader says.
        cause: rustls::pki_types::pem::Error,
    },
    /// A file of roots holds none.
    #[error("{} holds no certificate", path.display())]
    Empty {
        /// The file.
        path: PathBuf,
    },
    /// A certificate cannot be a trust anchor.
    #[error("{} holds a certificate that cannot be trusted: {cause}", path.display())]
    Anchor {
        /// The file.
        path: PathBuf,
        /// What the TLS library says.
        cause: rustls::Error,
    },
    /// A secret for a source or the proxy cannot be used.
    #[error(transparent)]
    Credential(CredentialError),
    /// The TLS library refuses the settings.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

/// Why a secret cannot be sent. It is never part of the text.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialError {
    /// The file cannot be read.
    #[error("{} cannot be read: {cause}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The file holds something else.
    #[error("{} does not hold {expected}", path.display())]
    Form {
        /// The file.
        path: PathBuf,
        /// What belongs there.
        expected: &'static str,
    },
    /// The certificate and its key cannot be used.
    #[error(transparent)]
    Certificate(#[from] CertifiedKeyError),
}

impl CredentialError {
    pub(super) fn form(path: &Path, expected: &'static str) -> Self {
        Self::Form { path: path.to_owned(), expected }
    }
}
