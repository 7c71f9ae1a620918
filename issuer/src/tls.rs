//! Listening: https from certificate files, and plain http where no one can listen in.
//!
//! A listener asks its clients for certificates or does not: a browser, and some stock clients, are disturbed by the question,
//! so what it is asked at has an address of its own.
//!
//! A TLS handshake takes as long as the client likes, so it never happens where connections are accepted:
//! handshakes run beside each other, each with a deadline.

mod any_certificate;
mod identity;

pub use identity::{Condition, IdentityError, Renewed, ServerIdentity, Validity};

use crate::fingerprint::Fingerprint;
use crate::forwarded::Form;
use crate::limits::BACKLOG;
use crate::peer::Peer;
use any_certificate::AnyCertificate;
use credmint_core::{ClientCertificate, Refusal};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::NoServerSessionStorage;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

/// Listens for plain http, on a loopback address and nowhere else: client assertions and tokens are
/// bearer secrets (RFC 6749 section 3.2, RFC 6750 section 5.3).
///
/// # Errors
/// When the address is not loopback or cannot be bound.
pub fn plain_listener(address: SocketAddr, reuse_port: bool) -> Result<TcpListener, ListenError> {
    if !address.ip().is_loopback() {
        return Err(plain_outside(address));
    }
    listener(address, reuse_port)
}

/// That plain http is not served there.
pub(crate) const fn plain_outside(address: SocketAddr) -> ListenError {
    ListenError::PlainOutside { address }
}

/// Listens at an address; with `reuse_port` beside other processes of the same user, among which the system shares connections out.
///
/// # Errors
/// When it cannot be bound.
pub fn listener(address: SocketAddr, reuse_port: bool) -> Result<TcpListener, ListenError> {
    let bind = || {
        let socket = match address {
            SocketAddr::V4(_) => TcpSocket::new_v4()?,
            SocketAddr::V6(_) => TcpSocket::new_v6()?,
        };
        // Connections that are ending do not keep the next process from the address.
        socket.set_reuseaddr(true)?;
        if reuse_port {
            socket.set_reuseport(true)?;
        }
        socket.bind(address)?;
        socket.listen(BACKLOG)
    };
    bind().map_err(|cause| ListenError::Bind { address, cause })
}

/// How TLS is spoken at one address.
pub struct TlsDoor {
    acceptor: TlsAcceptor,
    proxies: Proxies,
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

impl TlsDoor {
    /// Shows the certificate of `identity`, and asks nobody for a certificate. `http2` says whether HTTP/2 is offered.
    ///
    /// # Errors
    /// When the TLS library refuses the settings.
    pub fn new(identity: ServerIdentity, http2: bool) -> Result<Self, ListenError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(identity));
        Ok(Self::with(config, Proxies::NONE, http2))
    }

    /// Shows the certificate of `identity`, and asks each client for its own. One that shows none is served
    /// all the same, as anywhere else. No session is resumed, and no early data is read: each connection has its own
    /// handshake, in which the key of the certificate signs.
    ///
    /// # Errors
    /// When the TLS library refuses the settings.
    pub fn asking(
        identity: ServerIdentity,
        proxies: Proxies,
        http2: bool,
    ) -> Result<Self, ListenError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let any = AnyCertificate::new(&provider);
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(Arc::new(any))
            .with_cert_resolver(Arc::new(identity));
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.max_early_data_size = 0;
        Ok(Self::with(config, proxies, http2))
    }

    fn with(mut config: ServerConfig, proxies: Proxies, http2: bool) -> Self {
        let offered: &[&[u8]] = if http2 { &[b"h2", b"http/1.1"] } else { &[b"http/1.1"] };
        config.alpn_protocols = offered.iter().map(|name| name.to_vec()).collect();
        Self { acceptor: TlsAcceptor::from(Arc::new(config)), proxies }
    }

    /// Shakes hands, and finds out who has.
    ///
    /// # Errors
    /// When the handshake fails, or the certificate that was shown is none.
    pub(crate) async fn accept(
        &self,
        stream: TcpStream,
        address: SocketAddr,
    ) -> io::Result<(TlsStream<TcpStream>, Peer)> {
        let stream = self.acceptor.accept(stream).await?;
        let peer = self.peer(&stream, address).map_err(io::Error::other)?;
        Ok((stream, peer))
    }

    /// Who has shaken hands. The handshake has verified that the key of the first certificate signed it.
    fn peer(&self, stream: &TlsStream<TcpStream>, address: SocketAddr) -> Result<Peer, Refusal> {
        let shown = stream.get_ref().1.peer_certificates().unwrap_or_default();
        let Some((leaf, chain)) = shown.split_first() else { return Ok(address.into()) };
        if self.proxies.fingerprints.contains(&Fingerprint::of(leaf)) {
            return Ok(Peer::proxy(Some(address), self.proxies.form));
        }
        let chain = chain.iter().map(|certificate| certificate.to_vec()).collect();
        let certificate = ClientCertificate::from_transport(leaf.to_vec(), chain)?;
        Ok(Peer::with_certificate(address, certificate))
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
    /// The owner of a folder could put another socket in the place of that of the proxy.
    #[error("{} belongs to user {owner}; the folders above the proxy's socket belong to root or to the user of this process", path.display())]
    SocketFolderOwner {
        /// The folder.
        path: PathBuf,
        /// The number of its owner.
        owner: u32,
    },
    /// A socket that was handed over is not one to listen at.
    #[error("the socket `{name}` that was handed over cannot be listened at: {cause}")]
    HandedOver {
        /// The name of the door.
        name: String,
        /// What the system says.
        cause: io::Error,
    },
    /// The server's certificate and key cannot be used.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The TLS library refuses the settings.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn plain_http_is_for_this_machine_only() {
        let check =
            |address: &str, accepted: bool| match plain_listener(address.parse().unwrap(), false) {
                Ok(_) => assert!(accepted, "{address}"),
                Err(ListenError::PlainOutside { .. }) => assert!(!accepted, "{address}"),
                Err(other) => panic!("{address}: {other}"),
            };
        check("127.0.0.1:0", true);
        check("127.0.0.9:0", true);
        check("0.0.0.0:0", false);
        check("192.0.2.1:0", false);
        check("[::]:0", false);
        check("[::ffff:127.0.0.1]:0", false);
    }

    #[tokio::test]
    async fn an_address_is_shared_with_those_who_ask_for_it_alone() {
        let any = "127.0.0.1:0".parse().unwrap();
        let first = listener(any, true).unwrap();
        let address = first.local_addr().unwrap();
        assert!(listener(address, true).is_ok());
        assert!(matches!(listener(address, false), Err(ListenError::Bind { .. })));
        let alone = listener(any, false).unwrap().local_addr().unwrap();
        let kept = listener(alone, false).unwrap();
        assert!(matches!(listener(alone, true), Err(ListenError::Bind { .. })));
        drop(kept);
    }
}
