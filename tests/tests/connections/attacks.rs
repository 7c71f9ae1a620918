//! I13, I23: strangers at the door of the real process, and an honest client beside them.

use credmint_tests::world::{ISSUER_PATH, World};
use rustls::pki_types::ServerName;
use std::collections::{BTreeSet, VecDeque};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The slowest answer that an honest client may get: a second, which covers its handshake on a busy machine. A stranger is
/// given five for whatever it does not send, so whoever waits for one is later than this.
const SLOWEST: Duration = Duration::from_secs(1);

/// Between two requests of the honest client: fewer handshakes a second than `limits.handshakes_per_source` lets one address
/// begin.
const POLL: Duration = Duration::from_millis(20);

/// How long the honest client asks beside an attack.
const ATTACKED: Duration = Duration::from_secs(2);

/// Silent connections a second.
const SILENT_RATE: u32 = 60;

/// Silent connections before that: more than the share of one address.
const SILENT: usize = 300;

/// Idle connections in all, of so many addresses: more than there are places.
const IDLE: usize = 1500;
const IDLE_ADDRESSES: u8 = 6;

/// Places, and the connections that are kept open at this end: those before them were ended by the other one, as there are
/// fewer places. Both fit into the 1024 descriptors that a process usually has.
const PLACES: (&str, &str) =
    ("  audit: audit.jsonl\n", "  audit: audit.jsonl\n  limits: { connections: 512 }\n");
const KEPT: usize = 768;

/// Slow bodies: more than one address may have.
const SLOW: usize = 300;

/// When a slow body must have been refused: it has five seconds, and machines are busy.
const REFUSED: Duration = Duration::from_secs(10);

/// The address that strangers of this number come from.
fn stranger(number: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 0, number)
}

/// A connection from this address.
async fn connect(from: Ipv4Addr, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind((from, 0).into())?;
    socket.connect(to).await
}

/// A request whose body does not come.
async fn begin(
    from: Ipv4Addr,
    to: SocketAddr,
    tls: TlsConnector,
) -> io::Result<TlsStream<TcpStream>> {
    let stream = connect(from, to).await?;
    let mut stream = tls.connect(ServerName::from(to.ip()), stream).await?;
    let head = format!(
        "POST {ISSUER_PATH}/token HTTP/1.1\r\nHost: x\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\na"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.flush().await?;
    Ok(stream)
}

/// So many of them at once. Those over the share of the address are turned away, some before they have spoken.
fn begin_many(world: &World, from: Ipv4Addr) -> Vec<TlsStream<TcpStream>> {
    world.runtime().block_on(async {
        let mut all = JoinSet::new();
        for _ in 0..SLOW {
            all.spawn(begin(from, world.address(), world.client().connector()));
        }
        all.join_all().await.into_iter().filter_map(Result::ok).collect()
    })
}

/// An honest client asks for a while, and is answered in time whenever it does.
fn check_honest(world: &World) {
    let (begun, mut slowest) = (Instant::now(), Duration::ZERO);
    while begun.elapsed() < ATTACKED {
        let asked = Instant::now();
        let answer = world.get("/healthz");
        slowest = slowest.max(asked.elapsed());
        assert_eq!(answer.status, 200, "{answer:?}");
        thread::sleep(POLL);
    }
    println!("the slowest answer took {slowest:?}");
    assert!(slowest <= SLOWEST, "the slowest answer took {slowest:?}");
}

#[test]
fn i23_silent_connections_that_keep_coming_hold_up_nobody() {
    let world = World::start();
    let address = world.address();
    // Of another address, and of the honest client's own.
    for from in [stranger(2), Ipv4Addr::LOCALHOST] {
        let mut held = VecDeque::new();
        for _ in 0..SILENT {
            let silent = world.runtime().block_on(connect(from, address));
            held.push_back(silent.expect("a connection"));
        }
        let coming = world.runtime().spawn(async move {
            let mut due = interval(Duration::from_secs(1) / SILENT_RATE);
            loop {
                due.tick().await;
                held.push_back(connect(from, address).await.expect("a connection"));
            }
        });
        check_honest(&world);
        assert!(!coming.is_finished(), "strangers came until the end");
        coming.abort();
    }
}

#[test]
fn i23_more_idle_connections_than_places_hold_up_nobody() {
    let world = World::changed(&[PLACES]);
    let mut held = VecDeque::new();
    for (_, number) in (0..IDLE).zip((2..2 + IDLE_ADDRESSES).cycle()) {
        let idle = world.runtime().block_on(connect(stranger(number), world.address()));
        held.push_back(idle.expect("a connection"));
        if held.len() > KEPT {
            held.pop_front();
        }
    }
    check_honest(&world);
}

#[test]
fn i23_slow_bodies_hold_up_nobody_and_are_refused() {
    let mut world = World::start();
    let begun = Instant::now();
    let mut slow = begin_many(&world, stranger(2));
    assert!(slow.len() > SLOW / 2, "{} slow bodies are under way", slow.len());
    check_honest(&world);
    let mut answers = Vec::new();
    world.runtime().block_on(async {
        for stream in &mut slow {
            let mut answer = Vec::new();
            let left = REFUSED.saturating_sub(begun.elapsed());
            let read = timeout(left, stream.read_to_end(&mut answer)).await;
            // A connection may end without the last word of TLS; what was answered counts.
            let _ = read.expect("it is refused in time");
            answers.push(String::from_utf8_lossy(&answer).into_owned());
        }
    });
    let refused = answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 408 ")).count();
    assert!(refused > SLOW / 2, "{refused} were refused as slow: {:?}", answers.first());
    // Nor do others of them hold up the end, for which a process has ten seconds here.
    let others = begin_many(&world, stranger(3));
    assert!(others.len() > SLOW / 2, "{} slow bodies are under way", others.len());
    world.stop();
}

#[test]
fn i13_what_can_be_read_in_two_ways_is_refused_with_an_id() {
    let world = World::start();
    let token = format!("{ISSUER_PATH}/token");
    let post =
        |fields: &str| format!("POST {token} HTTP/1.1\r\nHost: a\r\n{fields}\r\n\r\n0\r\n\r\n");
    let mut ids = BTreeSet::new();
    let mut check = |request: &str, reason: &str| {
        let answer = world.client().send(world.address(), request.as_bytes());
        assert_eq!(answer.status, 400, "{request:?}: {answer:?}");
        assert_eq!(answer.header("connection"), Some("close"), "{request:?}: {answer:?}");
        let id = answer.header("request-id").expect("an id").to_owned();
        // By its id an operator finds out why; the one who asked is not told.
        let record = world.record(&id);
        assert_eq!((record.text("code"), record.text("detail")), ("request_framing", reason));
        assert!(ids.insert(id), "{request:?}: {answer:?}");
        assert_eq!(world.get("/healthz").status, 200);
    };
    check("GET /healthz HTTP/1.1\r\n\r\n", "there is no Host");
    check("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "there are two Host");
    check("GET /healthz HTTP/1.1\nHost: a\n\n", "a line ends with LF alone");
    check(
        &post("Transfer-Encoding: identity, chunked"),
        "the Transfer-Encoding is not chunked alone",
    );
    check(
        &post("Content-Length: 5\r\nTransfer-Encoding: chunked"),
        "there are both Content-Length and Transfer-Encoding",
    );
}
