//! The generator of load: clients that keep their connections, all on one thread, which should have a core of its own.

use crate::usage;
use credmint_core::PublicCode;
use credmint_core::guard::ERROR_FIELD;
use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::header::{CONTENT_TYPE, HOST, RETRY_AFTER};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::LocalSet;
use tokio_rustls::TlsConnector;

/// Where requests go.
#[derive(Clone)]
pub struct Target {
    /// The address of the server.
    pub address: SocketAddr,
    /// The path of the token endpoint.
    pub path: String,
    /// How to speak TLS, where it is spoken.
    pub tls: Option<TlsConnector>,
}

/// How requests are sent.
#[derive(Clone, Copy)]
pub enum Pace {
    /// Each client sends its next request when it has the answer to the last.
    Closed,
    /// The same, but a client that was answered with 503 pauses before its next request.
    Patient(Duration),
    /// So many a second whatever the answers do, from whichever client is free.
    Open(f64),
}

/// What was seen of one load.
pub struct Seen {
    /// From the first request to the last answer.
    pub elapsed: Duration,
    /// The time of a processor that the generator used.
    pub generator: Duration,
    /// From when each request was to be sent to the end of its answer: those that were granted, sorted.
    pub granted: Vec<Duration>,
    /// The same of those that were answered with 503, `overloaded` and `Retry-After`.
    pub shed: Vec<Duration>,
    /// Other answers: the first of them.
    pub odd: Option<String>,
}

impl Seen {
    /// Tokens a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.a_second(self.granted.len())
    }

    /// Requests a second: those that were granted, and those that were shed.
    #[must_use]
    pub fn offered(&self) -> f64 {
        self.a_second(self.granted.len() + self.shed.len())
    }

    fn a_second(&self, count: usize) -> f64 {
        f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / self.elapsed.as_secs_f64()
    }
}

type Sender = SendRequest<Full<Bytes>>;

/// Sends each of `bodies` once, in this order, from `clients` connections of which at most `at_once` have a request under
/// way. They are opened before.
///
/// # Panics
///
/// When the server cannot be reached, or ends a connection without an answer.
#[must_use]
pub fn send(target: &Target, bodies: &[Bytes], clients: usize, at_once: usize, pace: Pace) -> Seen {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.expect("a runtime");
    LocalSet::new().block_on(&runtime, async {
        let mut idle = Vec::with_capacity(clients);
        for _ in 0..clients {
            idle.push(connect(target).await);
        }
        // The first in is the first out, so that all of them are used.
        idle.reverse();
        let run = Run::new(target, bodies, idle, pace);
        let before = usage::processor_time(std::process::id());
        let start = Instant::now();
        let workers: Vec<_> = (0..at_once.min(clients))
            .map(|_| tokio::task::spawn_local(Rc::clone(&run).work(start)))
            .collect();
        for worker in workers {
            worker.await.expect("a client");
        }
        let elapsed = start.elapsed();
        let generator = usage::processor_time(std::process::id()) - before;
        let mut seen = run.seen.borrow_mut();
        seen.0.sort_unstable();
        seen.1.sort_unstable();
        let (granted, shed, odd) = std::mem::take(&mut *seen);
        Seen { elapsed, generator, granted, shed, odd }
    })
}

/// What the clients of one load share.
struct Run {
    target: Target,
    host: String,
    /// Those that are not sent yet.
    bodies: RefCell<VecDeque<Bytes>>,
    idle: RefCell<VecDeque<Sender>>,
    sent: RefCell<u32>,
    pace: Pace,
    seen: RefCell<(Vec<Duration>, Vec<Duration>, Option<String>)>,
}

impl Run {
    fn new(target: &Target, bodies: &[Bytes], idle: Vec<Sender>, pace: Pace) -> Rc<Self> {
        Rc::new(Self {
            target: target.clone(),
            host: target.address.to_string(),
            bodies: RefCell::new(bodies.iter().cloned().collect()),
            idle: RefCell::new(idle.into()),
            sent: RefCell::default(),
            pace,
            seen: RefCell::default(),
        })
    }

    /// Sends one after the other until none is left.
    async fn work(self: Rc<Self>, start: Instant) {
        loop {
            let Some(body) = self.bodies.borrow_mut().pop_front() else { return };
            let begun = match self.pace {
                Pace::Closed | Pace::Patient(_) => Instant::now(),
                Pace::Open(rate) => self.turn(start, rate).await,
            };
            let sender = self.idle.borrow_mut().pop_front();
            let mut sender = sender.expect("as many connections as workers");
            if sender.ready().await.is_err() {
                // The server has ended it, as it does with one that was idle for long.
                sender = connect(&self.target).await;
            }
            let answer = self.ask(&mut sender, body).await;
            let refused = answer.status() == StatusCode::SERVICE_UNAVAILABLE;
            self.note(&answer, begun.elapsed());
            self.idle.borrow_mut().push_back(sender);
            if let (true, Pace::Patient(pause)) = (refused, self.pace) {
                tokio::time::sleep_until((Instant::now() + pause).into()).await;
            }
        }
    }

    /// Waits until the next request is due, and says when that was.
    async fn turn(&self, start: Instant, rate: f64) -> Instant {
        let number = self.sent.replace_with(|sent| *sent + 1);
        let due = start + Duration::from_secs_f64(f64::from(number) / rate);
        tokio::time::sleep_until(due.into()).await;
        due
    }

    async fn ask(&self, sender: &mut Sender, body: Bytes) -> Response<Bytes> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.target.path.as_str())
            .header(HOST, self.host.as_str())
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Full::new(body))
            .expect("a request");
        let answer = sender.send_request(request).await.expect("an answer");
        let (head, body) = answer.into_parts();
        Response::from_parts(head, body.collect().await.expect("a whole answer").to_bytes())
    }

    fn note(&self, answer: &Response<Bytes>, took: Duration) {
        let mut seen = self.seen.borrow_mut();
        if is_token(answer) {
            seen.0.push(took);
        } else if is_shed(answer) {
            seen.1.push(took);
        } else if seen.2.is_none() {
            let text = String::from_utf8_lossy(answer.body());
            seen.2 = Some(format!("{}, {:?}: {text}", answer.status(), answer.headers()));
        }
    }
}

fn is_token(answer: &Response<Bytes>) -> bool {
    let name = b"\"access_token\"";
    answer.status() == StatusCode::OK && answer.body().windows(name.len()).any(|part| part == name)
}

/// Whether it says that there is too much to do, and when to come again.
fn is_shed(answer: &Response<Bytes>) -> bool {
    let head = answer.headers();
    answer.status() == StatusCode::SERVICE_UNAVAILABLE
        && head.get(ERROR_FIELD).is_some_and(|code| code == PublicCode::Overloaded.as_str())
        && head.contains_key(RETRY_AFTER)
}

async fn connect(target: &Target) -> Sender {
    let tcp = TcpStream::connect(target.address).await.expect("a server that listens");
    tcp.set_nodelay(true).expect("no delay");
    match &target.tls {
        None => shake_hands(tcp).await,
        Some(tls) => {
            let name = ServerName::IpAddress(target.address.ip().into());
            shake_hands(tls.connect(name, tcp).await.expect("TLS")).await
        }
    }
}

async fn shake_hands(stream: impl AsyncRead + AsyncWrite + Unpin + 'static) -> Sender {
    let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
    tokio::task::spawn_local(async move {
        // Its end is seen by whoever sends.
        let _ = connection.await;
    });
    sender
}

/// The time within which this part of `times`, which are sorted, came: 0.99 for all but one in a hundred.
#[must_use]
pub fn within(times: &[Duration], part: f64) -> Duration {
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "an index of a list of thousands"
    )]
    let index = (times.len() as f64 * part) as usize;
    times.get(index).or(times.last()).copied().unwrap_or_default()
}
