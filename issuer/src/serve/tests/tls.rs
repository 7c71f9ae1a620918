//! Connections over TLS.

use super::*;
use crate::tests::authority::TestAuthority;
use crate::tls::{ServerIdentity, TlsDoor};
use credmint_core::UnixTime;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use std::fs;
use tempfile::TempDir;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// A server that speaks TLS, and clients that trust it.
pub(super) struct Secured {
    pub(super) server: Server,
    pub(super) identity: ServerIdentity,
    folder: TempDir,
    authority: TestAuthority,
}

impl Secured {
    pub(super) async fn start(limits: Connections, http2: bool) -> Self {
        let (folder, authority) = (TempDir::new().unwrap(), TestAuthority::new());
        write(&folder, &authority);
        let (certificate, key) = files(&folder);
        let identity = ServerIdentity::open(&certificate, &key, now()).unwrap();
        let door = TlsDoor::new(identity.clone(), http2).unwrap();
        let none = Intermediaries::default();
        let server = started(limits, none, |tcp| Door::Tls(tcp, door)).await;
        Self { server, identity, folder, authority }
    }

    pub(super) async fn connect(&self, alpn: &[u8]) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(self.authority.certificate()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = vec![alpn.to_vec()];
        let name = ServerName::try_from("localhost").unwrap();
        let tcp = connect(&self.server).await;
        TlsConnector::from(Arc::new(config)).connect(name, tcp).await.unwrap()
    }
}

fn write(folder: &TempDir, authority: &TestAuthority) {
    let (certificate, key) = files(folder);
    let server = authority.server();
    fs::write(certificate, server.certificate.pem()).unwrap();
    fs::write(key, server.key.serialize_pem()).unwrap();
}

fn files(folder: &TempDir) -> (std::path::PathBuf, std::path::PathBuf) {
    (folder.path().join("tls.crt"), folder.path().join("tls.key"))
}

fn now() -> UnixTime {
    UnixTime::from_seconds(1_795_521_600)
}

#[tokio::test]
async fn i23_half_handshakes_hold_up_nobody_and_are_dropped() {
    let secured = Secured::start(Connections { handshake: SHORT * 5, ..LIMITS }, false).await;
    let mut silent = Vec::new();
    for _ in 0..8 {
        silent.push(connect(&secured.server).await);
    }
    let mut half = connect(&secured.server).await;
    // The begin of a record of a handshake that never comes.
    half.write_all(&[0x16, 3, 1, 2, 0, 1]).await.unwrap();
    let mut nonsense = connect(&secured.server).await;
    nonsense.write_all(REQUEST).await.unwrap();
    let mut honest = secured.connect(b"http/1.1").await;
    honest.write_all(REQUEST).await.unwrap();
    assert!(read_answer(&mut honest).await.ends_with("127.0.0.1"));
    for mut stream in silent.into_iter().chain([half]) {
        // The server hangs up: the end of the stream, or a reset.
        let ended = tokio::time::timeout(LONG, stream.read(&mut [0; 16])).await.unwrap();
        assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
    }
}

/// Else an address would hold as many sockets as it likes, each for the time of a handshake.
#[tokio::test]
async fn i23_a_handshake_gives_way_to_who_comes_after() {
    let secured = Secured::start(Connections { places: 1, per_address: 1, ..LIMITS }, false).await;
    let mut silent = connect(&secured.server).await;
    let mut honest = secured.connect(b"http/1.1").await;
    honest.write_all(REQUEST).await.unwrap();
    assert!(read_answer(&mut honest).await.ends_with("127.0.0.1"));
    // Long before the time of its handshake is over.
    let ended = tokio::time::timeout(LONG / 4, silent.read(&mut [0; 16])).await.unwrap();
    assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
}

#[tokio::test]
async fn i23_handshakes_of_one_address_have_a_rate() {
    let rate = Rate { per_second: 1, burst: 3 };
    let secured = Secured::start(Connections { handshakes: rate, ..LIMITS }, false).await;
    for _ in 0..3 {
        secured.connect(b"http/1.1").await;
    }
    let mut more = connect(&secured.server).await;
    let ended = tokio::time::timeout(LONG, more.read(&mut [0; 16])).await.unwrap();
    assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
}

#[tokio::test]
async fn a_new_certificate_is_shown_from_then_on() {
    let secured = Secured::start(LIMITS, false).await;
    let shown = async || {
        let stream = secured.connect(b"http/1.1").await;
        stream.get_ref().1.peer_certificates().unwrap()[0].to_vec()
    };
    let first = shown().await;
    assert_eq!(shown().await, first);
    write(&secured.folder, &secured.authority);
    secured.identity.read_again(now()).unwrap().show();
    assert_ne!(shown().await, first);
}

#[tokio::test]
async fn http2_is_spoken_where_it_is_offered_alone() {
    for (offered, expect) in [(true, Some(b"h2".as_slice())), (false, None)] {
        let secured = Secured::start(LIMITS, offered).await;
        if offered {
            let stream = secured.connect(b"h2").await;
            assert_eq!(stream.get_ref().1.alpn_protocol(), expect);
        }
        let stream = secured.connect(b"http/1.1").await;
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(b"http/1.1".as_slice()));
    }
}
