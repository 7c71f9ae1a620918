//! Fetching key sets, discovery documents and revocation lists.
//!
//! The core says what it wants ([`credmint_core::verdict::Source`]); this brings the bytes, and nothing
//! else does any request. A URL comes from configuration or from a discovery document, and both may be wrong
//! or hostile, so a fetch is held to these rules, each an error of its own:
//!
//! - `https` only, with the certificate checked against the public roots and the configured ones; revocation lists, which are
//!   signed, may also come over `http`;
//! - no redirects: the answer of another place is not the answer of this one (RFC 8414 section 6.2);
//! - no proxies, no cookies, no credentials in the URL, no content coding (a small body may unpack to a
//!   large one);
//! - the address is checked after the name is resolved, and the checked address is the one that the
//!   socket connects to, so that a name that changes its address between two look-ups gains nothing;
//! - bounded in time and size, whatever the other side does.
//!
//! What an answer must be is the core's to say ([`Document::check`]), for this host as for the others.
//!
//! Every fetch has a connection of its own. Key sets are fetched once in minutes, and a connection that
//! is not kept cannot be left in a strange state.

use crate::BoxFuture;
use crate::limits::{ADDRESSES, ANSWER_HEAD_BYTES, ANSWER_HEADER_FIELDS, CONNECT_TIMEOUT};
use bytes::Bytes;
use credmint_core::keys::{AnswerHead, AnswerRefused, Document};
use credmint_core::limits::FETCH_DEADLINE;
use http::response::Parts;
use http::{Request, Uri, header};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

mod address;
mod error;

pub use address::{AddressRange, AddressRangeError};
pub use error::{FetchError, FetcherError};

/// Something that brings the bytes behind a URL.
pub trait Fetch: Send + Sync {
    /// The body of a successful answer to `GET url`, at most `limit` bytes, not yet parsed.
    ///
    /// # Errors
    /// When the URL, the address, the answer or the time it takes breaks a rule of this module.
    fn get<'a>(
        &'a self,
        url: &'a str,
        limit: usize,
        document: Document,
    ) -> BoxFuture<'a, Result<Bytes, FetchError>>;
}

/// Fetches over the network, under the rules of this module.
pub struct Fetcher {
    tls: TlsConnector,
    allowed: Vec<AddressRange>,
    timeouts: Timeouts,
}

struct Timeouts {
    total: Duration,
    connect: Duration,
}

impl Fetcher {
    /// A fetcher that trusts the public roots and those in the PEM files `authorities`, and reaches
    /// public addresses and those in `allowed`.
    ///
    /// # Errors
    /// When a file cannot be read, holds no certificate, or holds one that cannot be a trust anchor.
    pub fn new(authorities: &[PathBuf], allowed: Vec<AddressRange>) -> Result<Self, FetcherError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for path in authorities {
            add_authorities(&mut roots, path)?;
        }
        Self::with_roots(roots, allowed)
    }

    fn with_roots(roots: RootCertStore, allowed: Vec<AddressRange>) -> Result<Self, FetcherError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let total = Duration::from_secs(FETCH_DEADLINE.unsigned_abs());
        let timeouts = Timeouts { total, connect: CONNECT_TIMEOUT };
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), allowed, timeouts })
    }

    async fn fetch(
        &self,
        url: &str,
        limit: usize,
        document: Document,
    ) -> Result<Bytes, FetchError> {
        let target = Target::parse(url, document)?;
        let stream = self.connect(&target).await?;
        if !target.is_https {
            return exchange(stream, &target, limit, document).await;
        }
        let tls = self
            .tls
            .connect(target.server_name.clone(), stream)
            .await
            .map_err(|cause| FetchError::Tls { cause })?;
        exchange(tls, &target, limit, document).await
    }

    /// Connects to the first address of the host that is allowed and answers.
    async fn connect(&self, target: &Target) -> Result<TcpStream, FetchError> {
        let mut last = FetchError::NoAddress { host: target.host.clone() };
        for address in self.resolve(target).await? {
            match tokio::time::timeout(self.timeouts.connect, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(cause)) => last = FetchError::Connect { address, cause },
                Err(_) => {
                    last = FetchError::Timeout { what: "connecting", after: self.timeouts.connect };
                }
            }
        }
        Err(last)
    }

    /// The addresses of the host that may be connected to. A literal address goes the same way.
    async fn resolve(&self, target: &Target) -> Result<Vec<SocketAddr>, FetchError> {
        let found = tokio::net::lookup_host((target.host.as_str(), target.port))
            .await
            .map_err(|cause| FetchError::Resolve { host: target.host.clone(), cause })?;
        let mut allowed = Vec::new();
        let mut refused = None;
        for address in found {
            match self.why_refused(address.ip()) {
                None => allowed.push(address),
                Some(why) => refused = Some((address.ip(), why)),
            }
        }
        allowed.truncate(ADDRESSES);
        match refused {
            Some((address, why)) if allowed.is_empty() => {
                Err(FetchError::AddressRefused { host: target.host.clone(), address, why })
            }
            _ => Ok(allowed),
        }
    }

    fn why_refused(&self, address: IpAddr) -> Option<&'static str> {
        if self.allowed.iter().any(|range| range.contains(address)) {
            return None;
        }
        address::special(address)
    }
}

impl Fetch for Fetcher {
    fn get<'a>(
        &'a self,
        url: &'a str,
        limit: usize,
        document: Document,
    ) -> BoxFuture<'a, Result<Bytes, FetchError>> {
        Box::pin(async move {
            let after = self.timeouts.total;
            tokio::time::timeout(after, self.fetch(url, limit, document))
                .await
                .unwrap_or(Err(FetchError::Timeout { what: "the whole fetch", after }))
        })
    }
}

fn add_authorities(roots: &mut RootCertStore, path: &Path) -> Result<(), FetcherError> {
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|cause| FetcherError::Pem { path: path.to_owned(), cause })?;
    if certificates.is_empty() {
        return Err(FetcherError::Empty { path: path.to_owned() });
    }
    for certificate in certificates {
        roots
            .add(certificate)
            .map_err(|cause| FetcherError::Anchor { path: path.to_owned(), cause })?;
    }
    Ok(())
}

/// A URL that may be fetched, taken apart.
struct Target {
    is_https: bool,
    /// For resolving; an IPv6 literal has no brackets here.
    host: String,
    port: u16,
    /// What the certificate must be for.
    server_name: ServerName<'static>,
    /// `Host` and request target, as they were written.
    authority: String,
    path: String,
}

impl Target {
    fn parse(url: &str, document: Document) -> Result<Self, FetchError> {
        let refuse = |why| FetchError::Url { why };
        // `Uri` drops a fragment in silence.
        if url.contains('#') {
            return Err(refuse("it has a fragment"));
        }
        let uri: Uri = url.parse().map_err(|_| refuse("it is not a URL"))?;
        let is_https = match (uri.scheme_str(), document) {
            (Some("https"), _) => true,
            (Some("http"), Document::RevocationList) => false,
            _ => return Err(refuse("it does not start with https://")),
        };
        let authority = uri.authority().ok_or(refuse("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(refuse("it has credentials before the host"));
        }
        // A port that is no number would otherwise be taken for no port.
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            None if authority.as_str() == authority.host() => {
                if is_https {
                    443
                } else {
                    80
                }
            }
            None => return Err(refuse("its port is not a number")),
        };
        let host = authority.host();
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let server_name = ServerName::try_from(bare.to_owned())
            .map_err(|_| refuse("its host is neither a DNS name nor an address"))?;
        Ok(Self {
            is_https,
            host: bare.to_owned(),
            port,
            server_name,
            authority: authority.as_str().to_owned(),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        })
    }
}

/// One request and its answer over a fresh connection.
async fn exchange(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin,
    target: &Target,
    limit: usize,
    document: Document,
) -> Result<Bytes, FetchError> {
    let broken = |cause| FetchError::Http { cause };
    let request = Request::get(&target.path)
        .header(header::HOST, &target.authority)
        .header(header::ACCEPT, document.accept())
        .header(header::ACCEPT_ENCODING, "identity")
        .header(header::CONNECTION, "close")
        .header(header::USER_AGENT, concat!("credmint/", env!("CARGO_PKG_VERSION")))
        .body(Empty::<Bytes>::new())
        .map_err(|_| FetchError::Url { why: "its path is not a request target" })?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(ANSWER_HEAD_BYTES)
        .max_headers(ANSWER_HEADER_FIELDS)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let answer = async {
        let answer = sender.send_request(request).await.map_err(broken)?;
        let (head, body) = answer.into_parts();
        document.check(&head_of(&head))?;
        read_body(body, limit).await
    };
    // The connection moves the bytes of both directions and ends with the answer: driving it here
    // rather than in a task of its own leaves nothing behind when the fetch is given up.
    tokio::pin!(answer, connection);
    tokio::select! {
        answer = &mut answer => answer,
        result = &mut connection => {
            result.map_err(broken)?;
            answer.await
        }
    }
}

/// The head of an answer as the core reads it. How long the body is shows when it is read.
fn head_of(head: &Parts) -> AnswerHead<'_> {
    let fields = head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    AnswerHead::of(head.status.as_u16(), fields, None)
}

async fn read_body(body: hyper::body::Incoming, limit: usize) -> Result<Bytes, FetchError> {
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) => match error.downcast::<hyper::Error>() {
            Ok(cause) => Err(FetchError::Http { cause: *cause }),
            Err(other) => {
                debug_assert!(other.is::<LengthLimitError>());
                Err(AnswerRefused::TooLarge { limit }.into())
            }
        },
    }
}

#[cfg(test)]
mod tests;
