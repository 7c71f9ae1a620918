//! The certificate of the server changes while clients are connected and others come.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use rustls::pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use credmint_tests::fixtures::seed::Seed;
use credmint_tests::fixtures::tls::ServerCa;
use credmint_tests::http_client::HttpsClient;
use credmint_tests::world::World;

use super::{BUSY, TOLD_ALONE, hang_up, pair, replace, wait_for_lines, wait_for_version};

/// A connection that stays open, and the certificate that was shown at its begin.
struct Kept {
    stream: TlsStream<TcpStream>,
    shown: Vec<u8>,
}

impl Kept {
    /// With a handshake of its own: a client that resumes a session sees no certificate.
    async fn open(world: &World, authority: &ServerCa) -> Self {
        let tcp = TcpStream::connect(world.address()).await.expect("a connection");
        let name = ServerName::IpAddress(world.address().ip().into());
        let stream = HttpsClient::trusting(authority.der())
            .connector()
            .connect(name, tcp)
            .await
            .expect("a handshake");
        let shown = stream.get_ref().1.peer_certificates().expect("a certificate")[0].to_vec();
        Self { stream, shown }
    }

    /// Asks on it once more.
    async fn ask(&mut self, world: &World) {
        let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", world.address());
        self.stream.write_all(request.as_bytes()).await.expect("the connection is open");
        let mut answer = Vec::new();
        while !answer.ends_with(b"ok\n") {
            let mut part = [0; 1024];
            let read = self.stream.read(&mut part).await.expect("an answer");
            assert_ne!(read, 0, "the connection ended");
            answer.extend_from_slice(&part[..read]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200 "));
    }
}

/// Old connections go on, new ones get the new certificate, and nobody is refused meanwhile. A key that is not the
/// certificate's changes nothing.
#[test]
fn a_certificate_is_exchanged_under_load() {
    let world = World::changed(&[TOLD_ALONE, BUSY]);
    let authority = ServerCa::from_seed(&Seed::open(&world.file("seed")));
    let first = fs::read_to_string(world.file("credmint.yaml")).expect("a configuration");
    replace(&world.file("credmint.yaml"), &pair::configuration(&first, 0));
    hang_up(&world);
    wait_for_version(&world, 2);
    let runtime = world.runtime();
    let mut kept = runtime.block_on(Kept::open(&world, &authority));
    let request = pair::request(&world);
    let (stop, answers) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                assert_eq!(pair::ask(&world, &request), 0);
                answers.fetch_add(1, Ordering::Relaxed);
            }
        });
        for version in 3..8 {
            let before = runtime.block_on(Kept::open(&world, &authority)).shown;
            let next = authority.server();
            // One file first: the two do not belong together.
            replace(&world.file("tls-server.key.pem"), &next.key().pkcs8_pem());
            hang_up(&world);
            let refused = "tls-server.pem cannot be used for TLS";
            wait_for_lines(&world, refused, usize::try_from(version - 2).expect("a count"));
            runtime.block_on(async {
                assert_eq!(Kept::open(&world, &authority).await.shown, before);
                kept.ask(&world).await;
            });
            replace(&world.file("tls-server.pem"), &next.certificate_pem());
            hang_up(&world);
            wait_for_version(&world, version);
            runtime.block_on(async {
                assert_ne!(Kept::open(&world, &authority).await.shown, before);
                kept.ask(&world).await;
            });
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(answers.load(Ordering::Relaxed) > 0, "there was no load");
}
