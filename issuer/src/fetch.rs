//! Fetching key sets, discovery documents and revocation lists.
//!
//! The core says what it wants ([`credmint_core::verdict::Source`]); this brings the bytes, and nothing
//! else does any request. A URL comes from configuration or from a discovery document, and both may be wrong
//! or hostile, so a fetch is held to these rules, each an error of its own:
//!
//! - `https` only, with the certificate checked against the public roots and the configured ones; revocation lists, which are
//!   signed, may also come over `http`;
//! - no redirects: the answer of another place is not the answer of this one (RFC 8414 section 6.2);
//! - no cookies, no credentials in the URL, no content coding (a small body may unpack to a large one);
//! - a proxy for the hosts that the configuration names, and a secret for the origin it is bound to, nothing
//!   of either from the environment;
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
use http::{HeaderValue, Request, header};
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, RootCertStore};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

mod address;
mod config;
mod credentials;
mod error;
mod proxy;
mod target;

pub use address::{AddressRange, AddressRangeError};
pub use config::{ClientCertificate, FetchConfig, HttpsProxy, ProxyUrl, SourceCredential};
pub use error::{CredentialError, FetchError, FetcherError};
pub use target::{Origin, OriginError};

use target::Target;

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
    roots: Arc<RootCertStore>,
    tls: TlsConnector,
    config: FetchConfig,
    timeouts: Timeouts,
}

/// What TLS runs over: a connection to the host, or a tunnel to it.
trait Carrier: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Carrier for T {}

struct Timeouts {
    total: Duration,
    connect: Duration,
}

impl Fetcher {
    /// A fetcher that trusts the public roots and those of `config`, and reaches public addresses and those
    /// that it allows.
    ///
    /// # Errors
    /// When a file cannot be read, holds no certificate or secret, or holds a certificate that cannot be a trust anchor.
    pub fn new(config: &FetchConfig) -> Result<Self, FetcherError> {
        let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        for path in &config.ca_files {
            add_authorities(&mut roots, path)?;
        }
        credentials::check(config)?;
        Self::with_roots(roots, config.clone())
    }

    fn with_roots(roots: RootCertStore, config: FetchConfig) -> Result<Self, FetcherError> {
        let roots = Arc::new(roots);
        let tls = connector(&roots, None)?;
        let total = Duration::from_secs(FETCH_DEADLINE.unsigned_abs());
        let timeouts = Timeouts { total, connect: CONNECT_TIMEOUT };
        Ok(Self { roots, tls, config, timeouts })
    }

    async fn fetch(
        &self,
        url: &str,
        limit: usize,
        document: Document,
    ) -> Result<Bytes, FetchError> {
        let target = Target::parse(url, document)?;
        if !target.is_https {
            // No secret leaves in the clear.
            let stream = self.reach(&target).await?;
            return exchange(stream, &target, None, limit, document).await;
        }
        let credential = credentials::of(&self.config.credentials, &target.origin())?;
        let tls = match credential.certificate {
            Some(certificate) => {
                let failed = |cause| FetchError::Tls { cause: std::io::Error::other(cause) };
                connector(&self.roots, Some(certificate)).map_err(failed)?
            }
            None => self.tls.clone(),
        };
        let tls = tls
            .connect(target.server_name.clone(), self.reach(&target).await?)
            .await
            .map_err(|cause| FetchError::Tls { cause })?;
        exchange(tls, &target, credential.authorization, limit, document).await
    }

    /// Connects to the host, or has a proxy do it.
    async fn reach(&self, target: &Target) -> Result<Box<dyn Carrier>, FetchError> {
        match self.config.https_proxy.as_ref().filter(|proxy| proxy.leads_to(target)) {
            None => Ok(Box::new(self.connect(target).await?)),
            Some(proxy) => {
                let url = &proxy.url;
                let found = resolve(&url.host, url.port).await?;
                let stream = self.first_of(&url.host, found.take(ADDRESSES)).await?;
                Ok(Box::new(proxy.tunnel(stream, target).await?))
            }
        }
    }

    /// Connects to the host at an address that is allowed.
    async fn connect(&self, target: &Target) -> Result<TcpStream, FetchError> {
        let addresses = self.allowed(target).await?;
        self.first_of(&target.host, addresses.into_iter()).await
    }

    /// Connects to the first address that answers.
    async fn first_of(
        &self,
        host: &str,
        addresses: impl Iterator<Item = SocketAddr>,
    ) -> Result<TcpStream, FetchError> {
        let mut last = FetchError::NoAddress { host: host.to_owned() };
        for address in addresses {
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
    async fn allowed(&self, target: &Target) -> Result<Vec<SocketAddr>, FetchError> {
        let mut allowed = Vec::new();
        let mut refused = None;
        for address in resolve(&target.host, target.port).await? {
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
        if self.config.allow_addresses.iter().any(|range| range.contains(address)) {
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

/// Speaks TLS to servers that `roots` vouch for, as the owner of `certificate` where one asks.
fn connector(
    roots: &Arc<RootCertStore>,
    certificate: Option<CertifiedKey>,
) -> Result<TlsConnector, rustls::Error> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(Arc::clone(roots));
    let mut config = match certificate {
        None => config.with_no_client_auth(),
        Some(certificate) => {
            config.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(certificate)))
        }
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

async fn resolve(host: &str, port: u16) -> Result<impl Iterator<Item = SocketAddr>, FetchError> {
    let failed = |cause| FetchError::Resolve { host: host.to_owned(), cause };
    Ok(tokio::net::lookup_host((host, port)).await.map_err(failed)?.collect::<Vec<_>>().into_iter())
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

/// One request and its answer over a fresh connection.
async fn exchange(
    stream: impl Carrier,
    target: &Target,
    authorization: Option<HeaderValue>,
    limit: usize,
    document: Document,
) -> Result<Bytes, FetchError> {
    let broken = |cause| FetchError::Http { cause };
    let mut request = Request::get(&target.path)
        .header(header::HOST, &target.authority)
        .header(header::ACCEPT, document.accept())
        .header(header::ACCEPT_ENCODING, "identity")
        .header(header::CONNECTION, "close")
        .header(header::USER_AGENT, concat!("credmint/", env!("CARGO_PKG_VERSION")))
        .body(Empty::<Bytes>::new())
        .map_err(|_| FetchError::Url { why: "its path is not a request target" })?;
    if let Some(value) = authorization {
        request.headers_mut().insert(header::AUTHORIZATION, value);
    }
    let (mut sender, connection) =
        client().handshake(TokioIo::new(stream)).await.map_err(broken)?;
    let answer = async {
        let answer = sender.send_request(request).await.map_err(broken)?;
        let (head, body) = answer.into_parts();
        document.check(&head_of(&head))?;
        read_body(body, limit).await
    };
    beside(connection, answer, broken).await
}

/// An HTTP client that reads no longer heads than real ones.
fn client() -> http1::Builder {
    let mut client = http1::Builder::new();
    client.max_buf_size(ANSWER_HEAD_BYTES).max_headers(ANSWER_HEADER_FIELDS);
    client
}

/// Awaits what comes over `connection`, which moves the bytes of both directions and ends with it. Driving it here rather
/// than in a task of its own leaves nothing behind when the fetch is given up.
async fn beside<T>(
    connection: impl Future<Output = hyper::Result<()>>,
    answer: impl Future<Output = Result<T, FetchError>>,
    broken: impl Fn(hyper::Error) -> FetchError,
) -> Result<T, FetchError> {
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
