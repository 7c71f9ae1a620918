//! Connections over real sockets, with short times.

mod attacks;
mod http2;
mod tls;

use super::*;
use crate::serve::arrival::Arrival;
use axum::Extension;
use axum::extract::ConnectInfo;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use http::StatusCode;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

pub(super) const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
pub(super) const SHORT: Duration = Duration::from_millis(200);
pub(super) const LONG: Duration = Duration::from_secs(60);
pub(super) const LIMITS: Connections = Connections {
    places: 64,
    per_address: 16,
    handshakes: Rate { per_second: 0, burst: 0 },
    handshake: LONG,
    head: LONG,
    idle: LONG,
    write: LONG,
    age: LONG,
    drain: LONG,
};

pub(super) struct Server {
    pub(super) address: SocketAddr,
    pub(super) front: Arc<Front>,
    pub(super) stop: oneshot::Sender<()>,
    pub(super) task: JoinHandle<()>,
    /// A request for `/slow` is being worked at.
    pub(super) begun: Arc<Notify>,
    /// It may end.
    pub(super) go_on: Arc<Notify>,
}

pub(super) async fn start(limits: Connections) -> Server {
    started(limits, Intermediaries::default(), Door::Plain).await
}

pub(super) async fn started(
    limits: Connections,
    intermediaries: Intermediaries,
    door: impl FnOnce(TcpListener) -> Door,
) -> Server {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let front = Front::new(app(&begun, &go_on), limits, intermediaries);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel();
    let task = tokio::spawn(Arc::clone(&front).serve("listen", door(listener), async {
        let _ = stopped.await;
    }));
    Server { address, front, stop, task, begun, go_on }
}

/// What stands for the application: it tells what the front says of a request.
fn app(begun: &Arc<Notify>, go_on: &Arc<Notify>) -> Router {
    let slow = (Arc::clone(begun), Arc::clone(go_on));
    let refused = |arrival: &Arrival| {
        arrival.unserved().map(|unserved| {
            let status = unserved.status.unwrap_or(StatusCode::BAD_REQUEST);
            let detail = unserved.refusal.detail_text().unwrap_or_default();
            (status, format!("{}: {detail}", unserved.refusal.code().as_str())).into_response()
        })
    };
    let root = move |Extension(arrival): Extension<Arrival>,
                     ConnectInfo(peer): ConnectInfo<Peer>| async move {
        let source = peer.source().map(|source| source.to_string());
        refused(&arrival).unwrap_or_else(|| source.unwrap_or_default().into_response())
    };
    let echo = async |Extension(arrival): Extension<Arrival>, body: axum::body::Body| {
        let _coming = arrival.reading();
        body.collect().await.map(|body| body.to_bytes()).map_err(|_| StatusCode::BAD_REQUEST)
    };
    Router::new()
        .route("/", get(root))
        .route("/echo", post(echo))
        .route("/large", get(async || vec![b'x'; 32 * 1024 * 1024]))
        .route(
            "/slow",
            get(async move || {
                slow.0.notify_one();
                slow.1.notified().await;
                "done"
            }),
        )
}

pub(super) async fn connect(server: &Server) -> TcpStream {
    TcpStream::connect(server.address).await.unwrap()
}

/// What comes at once.
pub(super) async fn read_answer(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut answer = [0; 4096];
    let read = tokio::time::timeout(LONG, stream.read(&mut answer)).await.unwrap().unwrap_or(0);
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

/// What the server sends until it hangs up.
pub(super) async fn read_to_end(mut stream: impl AsyncReadExt + Unpin) -> String {
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(LONG, stream.read_to_end(&mut answer)).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn handlers_know_their_peer_and_connections_are_kept() {
    let server = start(LIMITS).await;
    let mut stream = connect(&server).await;
    for _ in 0..3 {
        stream.write_all(REQUEST).await.unwrap();
        let answer = read_answer(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n127.0.0.1"), "{answer}");
        assert!(!answer.contains("connection: close"), "{answer}");
    }
}

#[tokio::test]
async fn requests_that_come_together_are_answered_in_their_order() {
    let server = start(LIMITS).await;
    let mut stream = connect(&server).await;
    let post = |body: &str| {
        format!("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{body}", body.len())
    };
    let requests = ["one", "", "three"].map(post).concat();
    let last = "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    stream.write_all(format!("{requests}\r\n{last}").as_bytes()).await.unwrap();
    let answers = read_to_end(stream).await;
    let bodies: Vec<&str> = answers
        .split("HTTP/1.1 200 OK")
        .skip(1)
        .map(|answer| answer.split_once("\r\n\r\n").unwrap().1)
        .collect();
    assert_eq!(bodies, ["one", "", "three", ""], "{answers}");
}

#[tokio::test]
async fn a_request_in_pieces_is_one() {
    let server = start(LIMITS).await;
    let mut stream = connect(&server).await;
    for byte in b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" {
        stream.write_all(&[*byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(read_answer(&mut stream).await.ends_with("\r\n\r\nabc"));
}

/// Where a body in chunks ends is for the library to find: nothing behind it is taken for a request.
#[tokio::test]
async fn i13_nothing_hides_behind_a_body_in_chunks() {
    let server = start(LIMITS).await;
    let mut stream = connect(&server).await;
    let chunks =
        "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    let hidden = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    stream.write_all(format!("{chunks}{hidden}").as_bytes()).await.unwrap();
    let answer = read_to_end(stream).await;
    assert!(answer.contains("connection: close") && answer.ends_with("\r\n\r\nabc"), "{answer}");
    assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
}

#[tokio::test]
async fn i13_what_is_malformed_is_answered_and_ends_the_connection() {
    let server = start(LIMITS).await;
    let check = async |request: &str, expect: &str| {
        for before in ["", "GET / HTTP/1.1\r\nHost: x\r\n\r\n"] {
            let mut stream = connect(&server).await;
            stream.write_all(format!("{before}{request}").as_bytes()).await.unwrap();
            let answers = read_to_end(stream).await;
            let last = answers.rsplit("HTTP/1.1 ").next().unwrap();
            assert!(last.starts_with(expect.split_once('|').unwrap().0), "{request:?}: {answers}");
            assert!(last.ends_with(expect.split_once('|').unwrap().1), "{request:?}: {answers}");
            assert!(last.contains("connection: close\r\n"), "{request:?}: {answers}");
        }
    };
    let hidden = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    check("GET / HTTP/1.1\nHost: x\n\n", "400|request_framing: a line ends with LF alone").await;
    check("GET / HTTP/1.1\r\n\r\n", "400|request_framing: there is no Host").await;
    let both = format!(
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{hidden}"
    );
    check(&both, "400|request_framing: there are both Content-Length and Transfer-Encoding").await;
    let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: x\r\n".repeat(64));
    check(&many, "431|request_too_large: the head of the request").await;
    let large = format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(16 * 1024));
    check(&large, "431|request_too_large: the head of the request").await;
}

#[tokio::test]
async fn old_connections_end_after_their_request() {
    let server = start(Connections { age: SHORT, ..LIMITS }).await;
    let mut stream = connect(&server).await;
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let early = tokio::time::timeout(SHORT * 2, read_answer(&mut stream)).await;
    assert_eq!(early.ok(), None, "answered or ended before it may");
    server.go_on.notify_one();
    let answer = read_to_end(stream).await;
    assert!(answer.ends_with("done"), "{answer}");
}

#[tokio::test]
async fn stopping_lets_requests_finish_and_takes_no_new_ones() {
    let server = start(LIMITS).await;
    let idle = connect(&server).await;
    let mut busy = connect(&server).await;
    busy.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    server.begun.notified().await;
    server.stop.send(()).unwrap();
    assert_eq!(read_to_end(idle).await, "");
    server.go_on.notify_one();
    assert!(read_to_end(busy).await.ends_with("done"));
    tokio::time::timeout(LONG, server.task).await.unwrap().unwrap();
    let late = TcpStream::connect(server.address).await.map_err(|error| error.kind());
    assert_eq!(late.err(), Some(io::ErrorKind::ConnectionRefused));
}

#[tokio::test]
async fn who_crosses_the_order_to_stop_is_answered_and_told_that_it_is_the_last() {
    let server = start(LIMITS).await;
    let mut kept = connect(&server).await;
    kept.write_all(REQUEST).await.unwrap();
    read_answer(&mut kept).await;
    let mut fresh = connect(&server).await;
    // So that it is accepted.
    while server.front.counts().0 < 2 {
        tokio::task::yield_now().await;
    }
    server.stop.send(()).unwrap();
    for stream in [&mut kept, &mut fresh] {
        stream.write_all(REQUEST).await.unwrap();
        let answer = read_to_end(stream).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("connection: close\r\n"), "{answer}");
    }
    tokio::time::timeout(LONG, server.task).await.unwrap().unwrap();
}

#[tokio::test]
async fn limits_are_replaced_for_those_who_come() {
    let server = start(LIMITS).await;
    server.front.replace(Connections { head: SHORT, ..LIMITS });
    assert_eq!(read_to_end(connect(&server).await).await, "");
}
