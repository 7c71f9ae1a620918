//! Serving: connections, with every wait bounded.
//!
//! HTTP/1.1 alone: every client of a token endpoint speaks it, and what HTTP/2 adds (streams, priorities,
//! header compression) is work that a stranger could cause and that is not needed. A proxy in front may offer more.

use crate::limits::{HEAD_BYTES, HEADER_FIELDS, PROXY_HEAD_BYTES};
use crate::peer::Peer;
use axum::Router;
use axum::extract::ConnectInfo;
use axum::serve::Listener;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

/// What bounds connections. The time of one request is bounded by the application.
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// Connections at once; more clients wait in the backlog. Each may hold a body of half a megabyte.
    connections: usize,
    /// From the first moment, or from the last answer, to the end of the head of a request: slow
    /// heads and idle connections end here. A stock client sends at once and keeps nothing open.
    head: Duration,
    /// After this a connection takes no further request, so that a change of the server or of a balancer
    /// reaches everybody in that time.
    age: Duration,
    /// After that, or after the order to stop, for requests that are under way.
    drain: Duration,
}

const LIMITS: Limits = Limits {
    connections: 1024,
    head: Duration::from_secs(10),
    age: Duration::from_secs(300),
    drain: Duration::from_secs(15),
};

/// Serves `app` until `stop` ends, then lets requests under way finish, for a bounded time. Handlers find
/// the [`Peer`] in [`ConnectInfo`].
pub async fn serve<L>(listener: L, app: Router, stop: impl Future<Output = ()>)
where
    L: Listener,
    L::Addr: Into<Peer>,
{
    serve_within(LIMITS, listener, app, stop).await;
}

async fn serve_within<L>(
    limits: Limits,
    mut listener: L,
    app: Router,
    stop: impl Future<Output = ()>,
) where
    L: Listener,
    L::Addr: Into<Peer>,
{
    let places = Arc::new(Semaphore::new(limits.connections));
    let (order_to_stop, stopping) = watch::channel(false);
    let mut connections = JoinSet::new();
    let accept = async {
        loop {
            // The semaphore is never closed.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let (stream, peer) = listener.accept().await;
            let connection = connection(limits, stream, peer.into(), app.clone(), stopping.clone());
            connections.spawn(async move {
                connection.await;
                drop(place);
            });
            while connections.try_join_next().is_some() {}
        }
    };
    tokio::select! {
        () = accept => {}
        () = stop => {}
    }
    drop(listener);
    // Nobody listening is no fault: there is no connection then.
    let _ = order_to_stop.send(true);
    let all_ended = async { while connections.join_next().await.is_some() {} };
    let _ = tokio::time::timeout(limits.drain, all_ended).await;
}

/// One connection from its first byte to its end.
async fn connection<S>(
    limits: Limits,
    stream: S,
    peer: Peer,
    app: Router,
    mut stopping: watch::Receiver<bool>,
) where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send + 'static,
{
    let app = TowerToHyperService::new(app);
    let head_bytes = if peer.is_proxy() { PROXY_HEAD_BYTES } else { HEAD_BYTES };
    let shown = peer.to_string();
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer.clone()));
        app.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_headers(HEADER_FIELDS)
        .max_buf_size(head_bytes)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => Some(ended),
        _ = stopping.wait_for(|stopping| *stopping) => None,
        () = tokio::time::sleep(limits.age) => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            tokio::time::timeout(limits.drain, connection).await.unwrap_or(Ok(()))
        }
    };
    if let Err(error) = ended {
        tracing::debug!(peer = shown, %error, "connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use std::net::SocketAddr;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio::sync::{Notify, oneshot};
    use tokio::task::JoinHandle;

    const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    const SHORT: Duration = Duration::from_millis(200);
    const LONG: Duration = Duration::from_secs(60);

    struct Server {
        address: SocketAddr,
        stop: oneshot::Sender<()>,
        task: JoinHandle<()>,
        /// A request for `/slow` is being worked at.
        begun: Arc<Notify>,
        /// It may end.
        go_on: Arc<Notify>,
    }

    async fn start(limits: Limits) -> Server {
        let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let slow = (Arc::clone(&begun), Arc::clone(&go_on));
        let app = Router::new()
            .route("/", get(async |ConnectInfo(peer): ConnectInfo<Peer>| peer.to_string()))
            .route(
                "/slow",
                get(async move || {
                    slow.0.notify_one();
                    slow.1.notified().await;
                    "done"
                }),
            );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(serve_within(limits, listener, app, async {
            let _ = stopped.await;
        }));
        Server { address, stop, task, begun, go_on }
    }

    async fn read_answer(stream: &mut TcpStream) -> String {
        let mut answer = [0; 1024];
        let read = stream.read(&mut answer).await.unwrap_or(0);
        String::from_utf8_lossy(&answer[..read]).into_owned()
    }

    /// What the server sends until it hangs up.
    async fn read_to_end(mut stream: TcpStream) -> String {
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(LONG, stream.read_to_end(&mut answer)).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    #[tokio::test]
    async fn handlers_know_their_peer_and_connections_are_kept() {
        let server = start(LIMITS).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        for _ in 0..2 {
            stream.write_all(REQUEST).await.unwrap();
            let answer = read_answer(&mut stream).await;
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
            assert!(answer.ends_with(&stream.local_addr().unwrap().to_string()), "{answer}");
        }
    }

    #[tokio::test]
    async fn slow_heads_and_idle_connections_end() {
        let server = start(Limits { head: SHORT, ..LIMITS }).await;
        for sent in [b"".as_slice(), b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n", REQUEST] {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(sent).await.unwrap();
            let answer = read_to_end(stream).await;
            assert_eq!(answer.contains("200 OK"), sent == REQUEST, "{answer}");
        }
    }

    #[tokio::test]
    async fn large_heads_are_refused() {
        let server = start(LIMITS).await;
        let check = async |head: String| {
            let mut stream = TcpStream::connect(server.address).await.unwrap();
            stream.write_all(head.as_bytes()).await.unwrap();
            let answer = read_answer(&mut stream).await;
            assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
        };
        check(format!("GET / HTTP/1.1\r\nHost: x\r\n{}\r\n", "X: x\r\n".repeat(HEADER_FIELDS)))
            .await;
        check(format!("GET / HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(HEAD_BYTES))).await;
    }

    #[tokio::test]
    async fn connections_over_the_limit_wait_for_a_place() {
        let server = start(Limits { connections: 1, head: SHORT, ..LIMITS }).await;
        let first = TcpStream::connect(server.address).await.unwrap();
        let mut second = TcpStream::connect(server.address).await.unwrap();
        second.write_all(REQUEST).await.unwrap();
        let early = tokio::time::timeout(SHORT / 4, read_answer(&mut second)).await;
        assert_eq!(early.ok(), None, "served beside the first");
        assert_eq!(read_to_end(first).await, "");
        assert!(read_answer(&mut second).await.starts_with("HTTP/1.1 200 OK\r\n"));
    }

    #[tokio::test]
    async fn old_connections_end_after_their_request() {
        let server = start(Limits { age: SHORT, ..LIMITS }).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
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
        let idle = TcpStream::connect(server.address).await.unwrap();
        let mut busy = TcpStream::connect(server.address).await.unwrap();
        busy.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        server.begun.notified().await;
        server.stop.send(()).unwrap();
        assert_eq!(read_to_end(idle).await, "");
        server.go_on.notify_one();
        assert!(read_to_end(busy).await.ends_with("done"));
        tokio::time::timeout(LONG, server.task).await.unwrap().unwrap();
        let late = TcpStream::connect(server.address).await.map_err(|error| error.kind());
        assert_eq!(late.err(), Some(std::io::ErrorKind::ConnectionRefused));
    }

    #[tokio::test]
    async fn stopping_waits_for_nobody_for_ever() {
        let server = start(Limits { drain: SHORT / 2, ..LIMITS }).await;
        let mut busy = TcpStream::connect(server.address).await.unwrap();
        busy.write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        server.begun.notified().await;
        server.stop.send(()).unwrap();
        assert_eq!(read_to_end(busy).await, "");
        server.task.await.unwrap();
    }
}
