//! HTTP/2, spoken frame by frame.

use super::tls::Secured;
use super::*;
use tokio_rustls::client::TlsStream;

/// Between two bytes of who is slow.
const POLL: Duration = Duration::from_millis(20);

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// `GET /` of `localhost`, in HPACK: entries 2, 7 and 4 of the static table, and `:authority`.
const GET: &[u8] = b"\x82\x87\x84\x01\x09localhost";
/// `POST /echo` of `localhost`.
const POST: &[u8] = b"\x83\x87\x04\x05/echo\x01\x09localhost";

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

struct Client(TlsStream<TcpStream>);

impl Client {
    async fn connect(secured: &Secured) -> Self {
        let mut client = Self(secured.connect(b"h2").await);
        client.send(&[PREFACE, &frame(SETTINGS, 0, 0, &[])].concat()).await;
        client
    }

    async fn send(&mut self, bytes: &[u8]) {
        self.0.write_all(bytes).await.unwrap();
    }

    /// The next frame: kind, stream, payload. `None` at the end.
    async fn next(&mut self) -> Option<(u8, u32, Vec<u8>)> {
        let mut head = [0; 9];
        tokio::time::timeout(LONG, self.0.read_exact(&mut head)).await.unwrap().ok()?;
        let [a, b, c, kind, _, stream @ ..] = head;
        let mut payload = vec![0; u32::from_be_bytes([0, a, b, c]) as usize];
        self.0.read_exact(&mut payload).await.ok()?;
        Some((kind, u32::from_be_bytes(stream), payload))
    }

    /// The body of the answer on this stream.
    async fn answer(&mut self, wanted: u32) -> Option<Vec<u8>> {
        loop {
            match self.next().await? {
                (DATA, stream, payload) if stream == wanted => return Some(payload),
                (GOAWAY | RST_STREAM, ..) => return None,
                _ => {}
            }
        }
    }

    /// Sends this again and again, until the server ends the connection; how often that went.
    async fn flood(mut self, mut next: impl FnMut(u32) -> Vec<u8>) -> u32 {
        let (mut from, mut to) = tokio::io::split(&mut self.0);
        let read = async {
            let mut bytes = vec![0; 64 * 1024];
            while from.read(&mut bytes).await.is_ok_and(|read| read > 0) {}
        };
        let write = async {
            let mut sent = 0;
            while to.write_all(&next(sent)).await.is_ok() {
                sent += 1;
            }
            sent
        };
        let ((), sent) =
            tokio::time::timeout(LONG, async { tokio::join!(read, write) }).await.unwrap();
        sent
    }
}

#[tokio::test]
async fn requests_of_http2_are_answered() {
    let secured = Secured::start(LIMITS, true).await;
    let mut client = Client::connect(&secured).await;
    for stream in [1, 3, 5] {
        client.send(&frame(HEADERS, END_HEADERS | END_STREAM, stream, GET)).await;
        assert_eq!(client.answer(stream).await.unwrap(), b"127.0.0.1");
    }
    client.send(&frame(HEADERS, END_HEADERS, 7, POST)).await;
    client.send(&frame(DATA, END_STREAM, 7, b"body")).await;
    assert_eq!(client.answer(7).await.unwrap(), b"body");
}

#[tokio::test]
async fn i13_frames_that_ask_for_nothing_end_their_connection() {
    let secured = Secured::start(LIMITS, true).await;
    let most = u32::try_from(crate::limits::FRAME_BYTES).unwrap();
    let check = async |name: &str, kind: u8, payload: &[u8]| {
        let one = frame(kind, 0, 0, payload);
        // Many at once, since each has nine bytes alone.
        let many = one.repeat(1000);
        let sent = Client::connect(&secured).await.flood(|_| many.clone()).await;
        let bytes = sent * u32::try_from(many.len()).unwrap();
        assert!(bytes < most + 8 * 1024 * 1024, "{name}: {bytes}");
    };
    check("ping", PING, &[0; 8]).await;
    check("settings", SETTINGS, &[]).await;
}

#[tokio::test]
async fn i13_empty_data_ends_its_connection() {
    let secured = Secured::start(LIMITS, true).await;
    let mut client = Client::connect(&secured).await;
    client.send(&frame(HEADERS, END_HEADERS, 1, POST)).await;
    let many = frame(DATA, 0, 1, &[]).repeat(1000);
    client.flood(|_| many.clone()).await;
}

#[tokio::test]
async fn i13_rapid_resets_end_their_connection() {
    let secured = Secured::start(LIMITS, true).await;
    let client = Client::connect(&secured).await;
    let sent = client
        .flood(|sent| {
            let stream = 2 * sent + 1;
            let begin = frame(HEADERS, END_HEADERS | END_STREAM, stream, GET);
            [begin, frame(RST_STREAM, 0, stream, &8_u32.to_be_bytes())].concat()
        })
        .await;
    assert!(sent < 100_000, "{sent}");
}

#[tokio::test]
async fn i13_a_head_without_an_end_ends_its_connection() {
    let secured = Secured::start(LIMITS, true).await;
    let mut client = Client::connect(&secured).await;
    client.send(&frame(HEADERS, 0, 1, GET)).await;
    // A literal field with a new name.
    let field = [b"\x00\x01x\x7f\x81\x07".as_slice(), &[b'x'; 262]].concat();
    client.flood(|_| frame(CONTINUATION, 0, 1, &field)).await;
}

#[tokio::test]
async fn i23_a_connection_without_requests_ends_whatever_it_sends() {
    let secured = Secured::start(Connections { head: SHORT * 2, ..LIMITS }, true).await;
    let client = Client::connect(&secured).await;
    let begun = std::time::Instant::now();
    let (mut from, mut to) = tokio::io::split(client.0);
    let ping = tokio::spawn(async move {
        while to.write_all(&frame(PING, 0, 0, &[0; 8])).await.is_ok() {
            tokio::time::sleep(POLL).await;
        }
    });
    let mut bytes = vec![0; 1024];
    let end = async { while from.read(&mut bytes).await.is_ok_and(|read| read > 0) {} };
    tokio::time::timeout(LONG, end).await.unwrap();
    assert!(begun.elapsed() >= SHORT);
    ping.await.unwrap();
}

#[tokio::test]
async fn stopping_lets_requests_of_http2_finish() {
    let secured = Secured::start(LIMITS, true).await;
    let mut client = Client::connect(&secured).await;
    let slow = b"\x82\x87\x04\x05/slow\x01\x09localhost";
    client.send(&frame(HEADERS, END_HEADERS | END_STREAM, 1, slow)).await;
    let Server { begun, go_on, stop, task, .. } = secured.server;
    begun.notified().await;
    stop.send(()).unwrap();
    go_on.notify_one();
    let mut answered = false;
    while let Some((kind, stream, payload)) = client.next().await {
        answered |= kind == DATA && stream == 1 && payload == b"done";
    }
    assert!(answered);
    tokio::time::timeout(LONG, task).await.unwrap().unwrap();
}
