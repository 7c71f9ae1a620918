//! Listening: https from certificate files, and plain http where no one can listen in.
//!
//! A listener asks its clients for certificates or does not: a browser, and some stock clients, are disturbed by the question,
//! so what it is asked at has an address of its own.
//!
//! A TLS handshake takes as long as the client likes, so it never happens where connections are accepted:
//! handshakes run beside each other, each with a deadline.

mod any_certificate;

use crate::certified_key::{self, CertifiedKeyError};
use crate::fingerprint::Fingerprint;
use crate::forwarded::Form;
use crate::limits::{HANDSHAKE_TIMEOUT, HANDSHAKES};
use crate::peer::Peer;
use any_certificate::AnyCertificate;
use credmint_core::{ClientCertificate, Refusal};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::NoServerSessionStorage;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Listens for plain http, on a loopback address and nowhere else: client assertions and tokens are
/// bearer secrets (RFC 6749 section 3.2, RFC 6750 section 5.3).
///
/// # Errors
/// When the address is not loopback or cannot be bound.
pub async fn plain_listener(address: SocketAddr) -> Result<TcpListener, ListenError> {
    if !address.ip().is_loopback() {
        return Err(ListenError::PlainOutside { address });
    }
    bind(address).await
}

async fn bind(address: SocketAddr) -> Result<TcpListener, ListenError> {
    TcpListener::bind(address).await.map_err(|cause| ListenError::Bind { address, cause })
}

/// Accepts connections and hands over those whose handshake succeeded.
pub struct TlsListener {
    tcp: TcpListener,
    acceptor: TlsAcceptor,
    proxies: Arc<Proxies>,
    handshakes: JoinSet<Option<(TlsStream<TcpStream>, Peer)>>,
    timeout: Duration,
}

/// The proxies that may forward certificates of their clients, known by their own certificates.
#[derive(Debug)]
pub struct Proxies {
    /// Of their certificates.
    pub fingerprints: Vec<Fingerprint>,
    /// How they forward. Not heeded where no proxy is known.
    pub form: Form,
}

impl Proxies {
    /// No proxy.
    pub const NONE: Self = Self { fingerprints: Vec::new(), form: Form::ClientCert };
}

impl TlsListener {
    /// Listens at `address` with the certificate of `identity`, and asks nobody for a certificate.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn bind(address: SocketAddr, identity: ServerIdentity) -> Result<Self, ListenError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(identity.0)));
        Self::with(address, config, Proxies::NONE).await
    }

    /// Listens at `address` with the certificate of `identity`, and asks each client for its own. One that shows none is served
    /// all the same, as anywhere else. No session is resumed, and no early data is read: each connection has its own
    /// handshake, in which the key of the certificate signs.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn bind_asking(
        address: SocketAddr,
        identity: ServerIdentity,
        proxies: Proxies,
    ) -> Result<Self, ListenError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let any = AnyCertificate::new(&provider);
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(Arc::new(any))
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(identity.0)));
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.max_early_data_size = 0;
        Self::with(address, config, proxies).await
    }

    async fn with(
        address: SocketAddr,
        mut config: ServerConfig,
        proxies: Proxies,
    ) -> Result<Self, ListenError> {
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self {
            tcp: bind(address).await?,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            proxies: Arc::new(proxies),
            handshakes: JoinSet::new(),
            timeout: HANDSHAKE_TIMEOUT,
        })
    }

    /// The bound address.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.tcp.local_addr()
    }

    fn start_handshake(&mut self, stream: TcpStream, address: SocketAddr) {
        let (acceptor, proxies) = (self.acceptor.clone(), Arc::clone(&self.proxies));
        let timeout = self.timeout;
        self.handshakes.spawn(async move {
            match tokio::time::timeout(timeout, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => match peer(&stream, address, &proxies) {
                    Ok(peer) => return Some((stream, peer)),
                    Err(refusal) => tracing::debug!(peer = %address, %refusal, "no certificate"),
                },
                Ok(Err(error)) => tracing::debug!(peer = %address, %error, "TLS handshake failed"),
                Err(_) => tracing::debug!(peer = %address, "TLS handshake took too long"),
            }
            None
        });
    }
}

/// Who has shaken hands. The handshake has verified that the key of the first certificate signed it.
fn peer(
    stream: &TlsStream<TcpStream>,
    address: SocketAddr,
    proxies: &Proxies,
) -> Result<Peer, Refusal> {
    let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
    let Some((leaf, chain)) = shown.split_first() else { return Ok(address.into()) };
    if proxies.fingerprints.contains(&Fingerprint::of(leaf)) {
        return Ok(Peer::proxy(Some(address), proxies.form));
    }
    let chain = chain.iter().map(|certificate| certificate.to_vec()).collect();
    let certificate = ClientCertificate::from_transport(leaf.to_vec(), chain)?;
    Ok(Peer::with_certificate(address, certificate))
}

impl axum::serve::Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = Peer;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let has_room = self.handshakes.len() < HANDSHAKES;
            tokio::select! {
                Some(done) = self.handshakes.join_next() => {
                    // A handshake that panicked concerns its own client.
                    if let Ok(Some(connection)) = done {
                        return connection;
                    }
                }
                // This form waits out a lack of file descriptors rather than failing.
                (stream, peer) = axum::serve::Listener::accept(&mut self.tcp), if has_room => {
                    self.start_handshake(stream, peer);
                }
            }
        }
    }

    fn local_addr(&self) -> io::Result<Peer> {
        self.address().map(Peer::from)
    }
}

/// The certificate chain and key of the server.
#[derive(Debug)]
pub struct ServerIdentity(CertifiedKey);

impl ServerIdentity {
    /// Reads two PEM files: a chain, the server's own certificate first, and its private key.
    ///
    /// # Errors
    /// When a file cannot be read, is not PEM, or the two do not belong together.
    pub fn open(certificate: &Path, key: &Path) -> Result<Self, ListenError> {
        Ok(Self(certified_key::read(certificate, key)?))
    }
}

/// Why the server cannot listen.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ListenError {
    /// Plain http for others than this machine.
    #[error("{address} is not a loopback address: set server.tls, or listen at 127.0.0.1 or [::1]")]
    PlainOutside {
        /// The address.
        address: SocketAddr,
    },
    /// The address cannot be had.
    #[error("cannot listen at {address}: {cause}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        cause: io::Error,
    },
    /// The socket of the proxy cannot be had.
    #[error("cannot listen at {}: {cause}", path.display())]
    Socket {
        /// Where.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// Somebody could put another socket in the place of that of the proxy.
    #[error("{} has mode {mode:04o}; the folder of the proxy's socket is writable by its owner alone", path.display())]
    SocketFolder {
        /// The folder.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The server's certificate and key cannot be used.
    #[error(transparent)]
    Identity(#[from] CertifiedKeyError),
    /// The TLS library refuses the settings.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fetch::{Fetch, FetchConfig, Fetcher};
    use crate::tests::authority::TestAuthority;
    use axum::serve::Listener;
    use credmint_core::keys::Document;
    use std::fs;
    use tempfile::TempDir;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    const ANSWER: &[u8] =
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

    struct Files {
        directory: TempDir,
        authority: TestAuthority,
    }

    impl Files {
        fn new() -> Self {
            let files =
                Self { directory: TempDir::new().unwrap(), authority: TestAuthority::new() };
            let server = files.authority.server();
            fs::write(files.path("tls.crt"), server.certificate.pem()).unwrap();
            fs::write(files.path("tls.key"), server.key.serialize_pem()).unwrap();
            files
        }

        fn path(&self, name: &str) -> PathBuf {
            self.directory.path().join(name)
        }

        fn identity(&self) -> Result<ServerIdentity, ListenError> {
            ServerIdentity::open(&self.path("tls.crt"), &self.path("tls.key"))
        }

        fn fetcher(&self) -> Fetcher {
            let allowed = vec!["127.0.0.1/32".parse().unwrap()];
            let authority = self.path("ca.crt");
            fs::write(&authority, self.authority.certificate_pem()).unwrap();
            let config = FetchConfig {
                ca_files: vec![authority],
                allow_addresses: allowed,
                ..FetchConfig::default()
            };
            Fetcher::new(&config).unwrap()
        }
    }

    /// Answers each connection once.
    async fn answer(mut listener: TlsListener) {
        loop {
            let (mut stream, _) = listener.accept().await;
            tokio::spawn(async move {
                let _ = stream.read(&mut [0; 1024]).await;
                let _ = stream.write_all(ANSWER).await;
                let _ = stream.shutdown().await;
            });
        }
    }

    #[tokio::test]
    async fn silent_clients_hold_up_nobody_and_are_dropped() {
        let files = Files::new();
        let any = "127.0.0.1:0".parse().unwrap();
        let mut listener = TlsListener::bind(any, files.identity().unwrap()).await.unwrap();
        listener.timeout = Duration::from_millis(500);
        let address = listener.address().unwrap();
        let mut silent = Vec::new();
        for _ in 0..8 {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let mut nonsense = TcpStream::connect(address).await.unwrap();
        nonsense.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        tokio::spawn(answer(listener));
        let url = format!("https://{address}/");
        assert_eq!(files.fetcher().get(&url, 16, Document::KeySet).await.unwrap(), "{}");
        for mut stream in silent {
            // The server hangs up: the end of the stream, or a reset.
            assert!(matches!(stream.read(&mut [0; 16]).await, Ok(0) | Err(_)));
        }
    }

    #[tokio::test]
    async fn plain_http_is_for_this_machine_only() {
        let check = async |address: &str, accepted: bool| {
            let listener = plain_listener(address.parse().unwrap()).await;
            match listener {
                Ok(_) => assert!(accepted, "{address}"),
                Err(ListenError::PlainOutside { .. }) => assert!(!accepted, "{address}"),
                Err(other) => panic!("{address}: {other}"),
            }
        };
        check("127.0.0.1:0", true).await;
        check("127.0.0.9:0", true).await;
        check("0.0.0.0:0", false).await;
        check("192.0.2.1:0", false).await;
        check("[::]:0", false).await;
        check("[::ffff:127.0.0.1]:0", false).await;
    }
}
