//! Why a fetch failed, for the operator. Nothing here reaches a caller of the token endpoint.

use crate::limits::MEDIA_TYPE_BYTES;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
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
    #[error("{address} could not be connected to: {cause}")]
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
    /// It took too long.
    #[error("{what} took longer than {after:?}")]
    Timeout {
        /// What did.
        what: &'static str,
        /// How long it may take.
        after: Duration,
    },
    /// The answer points elsewhere.
    #[error("the answer is a redirect ({status}); configure the URL that it leads to")]
    Redirect {
        /// The HTTP status.
        status: u16,
    },
    /// The answer is not 200.
    #[error("the answer has status {status}, not 200")]
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// The body is not JSON, or does not say so.
    #[error(
        "the answer's media type is {found:?}, not application/json or application/jwk-set+json"
    )]
    MediaType {
        /// The media type, cut to a length that fits a log line; empty when there is none.
        found: String,
    },
    /// The body is compressed, though nobody asked for that.
    #[error("the answer has a content coding that was not asked for")]
    ContentCoding,
    /// The body is too large.
    #[error("the answer is larger than {limit} octets")]
    TooLarge {
        /// The largest body that is read.
        limit: usize,
    },
    /// The connection broke, or what came is not HTTP.
    #[error("the connection failed: {cause}")]
    Http {
        /// What the HTTP library says.
        cause: hyper::Error,
    },
}

impl FetchError {
    pub(super) fn media_type(found: &str) -> Self {
        Self::MediaType { found: found.chars().take(MEDIA_TYPE_BYTES).collect() }
    }
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
    /// The TLS library refuses the settings.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}
