//! A plain HTTP client that sends the bytes it is told to send, well-formed or not.

use std::fmt::Display;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::Value;
use tokio_rustls::TlsConnector;

use crate::fixtures::key::TestKey;

/// How long an answer may take: longer than any server here takes to give up by itself.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client that trusts one CA and keeps no connection.
#[derive(Clone)]
pub struct HttpsClient {
    tls: Arc<ClientConfig>,
}

/// What a server answered.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// The body, as text.
    pub body: String,
}

impl HttpsClient {
    /// A client that trusts the CA certificate `authority`, DER.
    ///
    /// # Panics
    ///
    /// When the certificate cannot be an authority.
    #[must_use]
    pub fn trusting(authority: &[u8]) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from(authority.to_vec())).expect("a CA certificate");
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("TLS versions")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self { tls: Arc::new(tls) }
    }

    /// The same client where it shows the certificate `chain` (DER, its own first), and signs with `key`.
    ///
    /// # Panics
    ///
    /// When the key is none for TLS.
    #[must_use]
    pub fn showing(&self, chain: &[&[u8]], key: &TestKey) -> Self {
        let chain = chain.iter().map(|one| CertificateDer::from(one.to_vec())).collect();
        let key = PrivatePkcs8KeyDer::from(key.pkcs8_der().to_vec()).into();
        let key = any_supported_type(&key).expect("a key for TLS");
        let mut tls = ClientConfig::clone(&self.tls);
        let certified = CertifiedKey::new(chain, key);
        tls.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(certified));
        Self { tls: Arc::new(tls) }
    }

    /// What another client connects with, to trust the same.
    #[must_use]
    pub fn connector(&self) -> TlsConnector {
        TlsConnector::from(Arc::clone(&self.tls))
    }

    /// `GET path`.
    ///
    /// # Panics
    ///
    /// As [`HttpsClient::send`].
    #[must_use]
    pub fn get(&self, address: SocketAddr, path: &str) -> Answer {
        self.request(address, "GET", path, &[], b"")
    }

    /// `method path` with `headers` and `body`. Host, Content-Length and Connection are added.
    ///
    /// # Panics
    ///
    /// As [`HttpsClient::send`].
    #[must_use]
    pub fn request(
        &self,
        address: SocketAddr,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        self.send(address, &encode(address, method, path, headers, body))
    }

    /// Sends `bytes` and reads until the server hangs up.
    ///
    /// # Panics
    ///
    /// When the server cannot be reached, is not trusted, or its answer is no HTTP.
    #[must_use]
    pub fn send(&self, address: SocketAddr, bytes: &[u8]) -> Answer {
        let tcp = connect(address);
        let name = ServerName::IpAddress(address.ip().into());
        let tls = ClientConnection::new(Arc::clone(&self.tls), name).expect("a TLS client");
        exchange(StreamOwned::new(tls, tcp), bytes)
    }
}

/// `GET path` with `headers`, over plain http.
///
/// # Panics
///
/// When the server cannot be reached, or its answer is no HTTP.
#[must_use]
pub fn get_plain(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Answer {
    exchange(connect(address), &encode(address, "GET", path, headers, b""))
}

/// `POST path` with `headers` and `body`, at a Unix socket.
///
/// # Panics
///
/// As [`get_plain`].
#[must_use]
pub fn post_at_socket(socket: &Path, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
    let stream = UnixStream::connect(socket).expect("a socket that listens");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    exchange(stream, &encode("localhost", "POST", path, headers, body))
}

fn encode(
    host: impl Display,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Vec<u8> {
    let fields: String =
        headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {host}\r\n{fields}Content-Length: {}\r\n\
         Connection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn connect(address: SocketAddr) -> TcpStream {
    let tcp = TcpStream::connect_timeout(&address, PATIENCE)
        .unwrap_or_else(|error| panic!("cannot connect to {address}: {error}"));
    tcp.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    tcp.set_write_timeout(Some(PATIENCE)).expect("a timeout");
    tcp
}

fn exchange(mut stream: impl Read + Write, bytes: &[u8]) -> Answer {
    // A server that has seen enough answers early and hangs up: what counts is its answer.
    let sent = stream.write_all(bytes).and_then(|()| stream.flush());
    let mut text = Vec::new();
    let read = stream.read_to_end(&mut text);
    Answer::parse(&text).unwrap_or_else(|| panic!("no answer: sent {sent:?}, read {read:?}"))
}

impl Answer {
    /// An answer without headers, for tests of those who read answers.
    #[cfg(test)]
    pub(crate) fn new(status: u16, body: &str) -> Self {
        Self { status, headers: Vec::new(), body: body.to_owned() }
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()?;
        let headers = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        Some(Self { status, headers, body: body.to_owned() })
    }

    /// The value of the header `name` (lower-case); `None` when it is absent or there twice.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(known, _)| known == name);
        match (values.next(), values.next()) {
            (Some((_, value)), None) => Some(value),
            _ => None,
        }
    }

    /// The body as JSON.
    ///
    /// # Panics
    ///
    /// When it is not JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

#[cfg(test)]
mod tests {
    use crate::panicking;
    use std::panic::AssertUnwindSafe;

    use super::*;
    use crate::fixtures::server::Server;
    use crate::fixtures::tls::ServerCa;
    use axum::Router;
    use axum::routing::post;

    #[tokio::test(flavor = "multi_thread")]
    async fn answers_of_the_trusted_server_alone() {
        let ca = ServerCa::new();
        let router = Router::new().route("/echo", post(|body: String| async move { body }));
        let server = Server::start_tls("127.0.0.1:0".parse().unwrap(), &ca, router).await;
        let client = HttpsClient::trusting(ca.der());
        let answer = client.request(server.address(), "POST", "/echo", &[], b"{\"a\":1}");
        assert_eq!(answer.status, 200);
        assert_eq!(answer.json()["a"], 1);
        assert_eq!(answer.header("connection"), Some("close"));
        assert_eq!(client.get(server.address(), "/echo").status, 405);

        let stranger = HttpsClient::trusting(ServerCa::new().der());
        let asking = AssertUnwindSafe(|| stranger.get(server.address(), "/echo"));
        let message = panicking::message(asking);
        // The other CA has the same name, and another key.
        assert!(message.contains("InvalidCertificate(BadSignature)"), "{message}");
    }

    #[test]
    fn headers() {
        let answer = Answer::parse(b"HTTP/1.1 401 X\r\nA: 1\r\nB: 2\r\na: 3\r\n\r\nbody").unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (401, "body"));
        assert_eq!(answer.header("b"), Some("2"));
        assert_eq!(answer.header("a"), None);
        assert!(Answer::parse(b"").is_none());
        assert!(Answer::parse(b"HTTP/1.1 200 OK\r\n").is_none());
    }
}
