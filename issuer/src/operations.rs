//! The listener for those who run the service: whether it lives and is ready, metrics, status, and what the policy says.
//!
//! It has a thread and a runtime of its own. Whatever happens where requests are served, this answers: that they are too many,
//! that a disk hangs, that nobody reads the output. Nothing can be changed through it, and no secret is in its answers.

mod gauges;
mod heartbeat;
mod policy;
mod status;

pub use heartbeat::Heartbeat;

use crate::app::State;
use crate::clock::system_clock;
use crate::config::{LimitsConfig, ServerConfig, TlsFiles};
use crate::limits::{
    CREDENTIAL_FILE_BYTES, HEARTBEAT_LATE, METRICS_EVERY, OPERATIONS_TOKEN_BYTES, READINESS_WAIT,
};
use crate::metrics::Exposition;
use crate::secret_file;
use crate::serve::{self, Door, Front, Intermediaries};
use crate::tls::{ListenError, ServerIdentity, TlsDoor, listener, plain_listener};
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use credmint_core::UnixTime;
use std::error::Error;
use std::fs::File;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// What the listener answers from.
pub struct Operations {
    /// What the handlers of requests share.
    pub state: Arc<State>,
    /// The settings of the process.
    pub server: ServerConfig,
    /// The metrics.
    pub exposition: Exposition,
    /// The runtime that serves requests, and its heartbeat.
    pub serving: Handle,
    /// When the runtime last came to a task.
    pub heartbeat: Heartbeat,
    /// When the process started.
    pub started: UnixTime,
}

/// A started listener, until it is dropped.
pub struct Listening {
    address: SocketAddr,
    /// Closed with this value, which ends the thread.
    _stop: oneshot::Sender<()>,
}

impl Listening {
    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Operations {
    /// Starts to listen, on a thread of its own.
    ///
    /// # Errors
    /// When the address cannot be listened at, a file cannot be read, or there is no thread to be had.
    pub async fn start(self, listen: SocketAddr) -> Result<Listening, Box<dyn Error>> {
        let token = self.token()?;
        let (bound, is_bound) = oneshot::channel();
        let (stop, stopping) = oneshot::channel::<()>();
        let runtime = Builder::new_current_thread().enable_all().build()?;
        std::thread::Builder::new().name("operations".to_owned()).spawn(move || {
            runtime.block_on(async {
                let served = self.serve(listen, token, bound);
                tokio::select! {
                    () = served => {}
                    // Nothing is sent: it ends when the other end is dropped.
                    _ = stopping => {}
                }
            });
        })?;
        let address = is_bound.await??;
        Ok(Listening { address, _stop: stop })
    }

    /// The token that callers show, if any need to.
    fn token(&self) -> io::Result<Option<String>> {
        let file = self.server.operations.as_ref().and_then(|set| set.bearer_token_file.as_ref());
        file.map(|path| read_token(path)).transpose()
    }

    async fn serve(
        self,
        listen: SocketAddr,
        token: Option<String>,
        bound: oneshot::Sender<Result<SocketAddr, ListenError>>,
    ) {
        let tls = self.server.tls.clone().filter(|_| !listen.ip().is_loopback());
        let operations = Arc::new(self);
        let app = router(&operations, token);
        let settling = Arc::clone(&operations);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(METRICS_EVERY).await;
                settling.exposition.settle();
            }
        });
        let (tcp, door) = match Self::door(listen, tls.as_ref()) {
            Ok(opened) => opened,
            Err(error) => return drop(bound.send(Err(error))),
        };
        // Whoever waits for it is the service that starts.
        let _ = bound.send(Ok(tcp));
        let limits = LimitsConfig::default().connections();
        let app = app.layer(middleware::from_fn(serve::refuse_unserved));
        let front = Front::new(app, limits, Intermediaries::default());
        front.serve("operations", door, std::future::pending()).await;
    }

    /// Where operators come in: at which address, and how.
    fn door(listen: SocketAddr, tls: Option<&TlsFiles>) -> Result<(SocketAddr, Door), ListenError> {
        let Some(tls) = tls else {
            let tcp = plain_listener(listen, false)?;
            return Ok((tcp.local_addr().unwrap_or(listen), Door::Plain(tcp)));
        };
        let now = system_clock()();
        let tls = TlsDoor::new(ServerIdentity::open(&tls.certificate, &tls.key, now)?, false)?;
        let tcp = listener(listen, false)?;
        Ok((tcp.local_addr().unwrap_or(listen), Door::Tls(tcp, tls)))
    }

    /// How the parts of the service are. They are looked at where requests are served: if that does not answer, none is ready.
    async fn readiness(self: &Arc<Self>) -> (bool, String) {
        let state = Arc::clone(&self.state);
        let looked = self.serving.spawn(async move { state.readiness.look().await });
        match tokio::time::timeout(READINESS_WAIT * 2, looked).await {
            Ok(Ok(report)) => (report.is_ready(), report.text()),
            _ => (false, "serving: the threads that serve requests do not answer\n".to_owned()),
        }
    }
}

/// The token of a file, without the white space around it.
fn read_token(path: &Path) -> io::Result<String> {
    let wrong = |what: &str| io::Error::other(format!("{}: {what}", path.display()));
    let file = File::open(path).map_err(|error| wrong(&error.to_string()))?;
    let text = secret_file::read(file, CREDENTIAL_FILE_BYTES)?;
    let text = std::str::from_utf8(&text).map_err(|_| wrong("this is no text"))?.trim();
    // RFC 6750 section 2.1 names the characters; what is short can be guessed.
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if text.len() < OPERATIONS_TOKEN_BYTES || !text.bytes().all(is_token) {
        return Err(wrong("this is no bearer token of 32 characters or more"));
    }
    Ok(text.to_owned())
}

fn router(operations: &Arc<Operations>, token: Option<String>) -> Router {
    let asked = Arc::clone(operations);
    let protected = Router::new()
        .route("/metrics", get(metrics))
        .route("/status", get(status))
        .route("/policy", get(policy::overview))
        .route("/policy/clients/{client}", get(policy::client))
        .route("/limits", get(policy::limits))
        .layer(middleware::from_fn(move |request: Request, next: Next| {
            let is_allowed = token.as_deref().map(|token| shows(&request, token));
            let is_meant = is_allowed.is_some() || is_for_this_machine(request.headers());
            async move {
                match is_allowed.unwrap_or(true) {
                    true if is_meant => next.run(request).await,
                    true => (
                        StatusCode::MISDIRECTED_REQUEST,
                        "without a bearer token Host is localhost or a loopback address\n",
                    )
                        .into_response(),
                    false => (
                        StatusCode::UNAUTHORIZED,
                        [(header::WWW_AUTHENTICATE, "Bearer")],
                        "the bearer token of the operations listener is missing or wrong\n",
                    )
                        .into_response(),
                }
            }
        }));
    Router::new()
        .route("/livez", get(livez))
        .route("/readyz", get(readyz))
        .merge(protected)
        .with_state(asked)
}

/// Whether a request shows the token. The digests are compared, so the time says nothing of the token.
fn shows(request: &Request, token: &str) -> bool {
    let mut fields = request.headers().get_all(header::AUTHORIZATION).iter();
    let (Some(field), None) = (fields.next(), fields.next()) else { return false };
    let shown = field.to_str().ok().and_then(|field| field.strip_prefix("Bearer "));
    shown.is_some_and(|shown| {
        credmint_core::sha256(shown.as_bytes()) == credmint_core::sha256(token.as_bytes())
    })
}

/// Whether the request names this machine. A page in a browser here, whose own name leads to a loopback address, names itself.
fn is_for_this_machine(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let authority = host.and_then(|host| host.parse::<Authority>().ok());
    authority.is_some_and(|authority| {
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let address = host.parse::<IpAddr>();
        host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
    })
}

type Asked = axum::extract::State<Arc<Operations>>;

/// Alive means that the threads that serve come to their tasks, however much there is to do.
async fn livez(axum::extract::State(operations): Asked) -> (StatusCode, &'static str) {
    match operations.heartbeat.age() < HEARTBEAT_LATE {
        true => (StatusCode::OK, "alive\n"),
        false => (
            StatusCode::SERVICE_UNAVAILABLE,
            "the threads that serve requests have not answered for too long\n",
        ),
    }
}

async fn readyz(axum::extract::State(operations): Asked) -> (StatusCode, String) {
    match operations.readiness().await {
        (true, text) => (StatusCode::OK, text),
        (false, text) => (StatusCode::SERVICE_UNAVAILABLE, text),
    }
}

async fn metrics(axum::extract::State(operations): Asked) -> Response {
    gauges::refresh(&operations).await;
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], operations.exposition.text()).into_response()
}

async fn status(axum::extract::State(operations): Asked) -> Response {
    Json(status::of(&operations).await).into_response()
}
