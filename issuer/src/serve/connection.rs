//! One connection of HTTP, from its first byte to its end.

use super::activity::Activity;
use super::arrival::{Arrival, Unserved};
use super::wire::{Waits, Wire};
use super::{Connections, Front};
use crate::limits::{
    CONNECTION_WINDOW, DRAIN_SLOW, DRAIN_TICK, HEAD_BYTES, HEADER_FIELDS, PROXY_HEAD_BYTES,
    RESET_STREAMS, SEND_BYTES, SETTLE_TIME, STREAM_WINDOW, STREAMS,
};
use crate::peer::Peer;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use http::{HeaderValue, Request, Version, header};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::Service;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::pin::Pin;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::watch;
use tokio::time::Instant;

/// What is known of a connection before its first request.
pub(super) struct Connection {
    pub(super) front: Arc<Front>,
    pub(super) limits: Arc<Connections>,
    pub(super) peer: Peer,
    pub(super) activity: Arc<Activity>,
    pub(super) is_http2: bool,
    pub(super) stopping: watch::Receiver<bool>,
}

impl Connection {
    /// Serves it to its end.
    pub(super) async fn serve<S>(self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let head_bytes = if self.peer.is_proxy() { PROXY_HEAD_BYTES } else { HEAD_BYTES };
        let Connections { head, idle, write, .. } = *self.limits;
        let waits = Waits { head, idle, write, head_bytes };
        let activity = Arc::clone(&self.activity);
        let service = Requests {
            app: TowerToHyperService::new(self.front.app.clone()),
            front: Arc::clone(&self.front),
            peer: self.peer.clone(),
            activity: Arc::clone(&activity),
        };
        let ended = if self.is_http2 {
            let wire = TokioIo::new(Wire::of_frames(stream, waits, activity));
            let served = http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .max_concurrent_streams(STREAMS)
                .max_pending_accept_reset_streams(RESET_STREAMS)
                .max_local_error_reset_streams(RESET_STREAMS)
                .max_header_list_size(u32::try_from(head_bytes).unwrap_or(u32::MAX))
                .initial_stream_window_size(STREAM_WINDOW)
                .initial_connection_window_size(CONNECTION_WINDOW)
                .max_send_buf_size(SEND_BYTES)
                .serve_connection(wire, service);
            self.to_its_end(served).await
        } else {
            let wire = TokioIo::new(Wire::new(stream, waits, activity));
            let served = http1::Builder::new()
                .max_headers(HEADER_FIELDS)
                .max_buf_size(head_bytes)
                .serve_connection(wire, service);
            self.to_its_end(served).await
        };
        if let Err(error) = ended {
            tracing::debug!(peer = %self.peer, %error, "connection ended early");
        }
    }

    /// When it is old, or the server is to stop, it takes no further request. What it is told then waits for requests that
    /// are being decided, for others a moment only: so nobody decides from outside how long that takes.
    async fn to_its_end<C: Served>(&self, served: C) -> hyper::Result<()> {
        tokio::pin!(served);
        let mut stopping = self.stopping.clone();
        let place = self.activity.place();
        let is_order = tokio::select! {
            ended = served.as_mut() => return ended,
            () = place.given_away() => return Ok(()),
            _ = stopping.wait_for(|stopping| *stopping) => true,
            () = tokio::time::sleep(self.limits.age) => false,
        };
        self.activity.close();
        if is_order {
            served.as_mut().announce_end();
            // Who was just accepted, or has just sent a request, is answered.
            tokio::select! {
                ended = served.as_mut() => return ended,
                () = tokio::time::sleep(SETTLE_TIME) => {}
            }
            if self.activity.is_idle() {
                return Ok(());
            }
        }
        served.as_mut().end();
        let end = Instant::now() + self.limits.drain;
        let mut slow_since = Instant::now();
        while Instant::now() < end && slow_since.elapsed() < DRAIN_SLOW {
            tokio::select! {
                ended = served.as_mut() => return ended,
                () = tokio::time::sleep(DRAIN_TICK) => {}
            }
            if self.activity.is_deciding() {
                slow_since = Instant::now();
            }
        }
        Ok(())
    }
}

/// A connection that is being served, in either version.
trait Served: Future<Output = hyper::Result<()>> {
    /// Tells the client that no further request is taken, where the version has words for it and another request may follow.
    fn announce_end(self: Pin<&mut Self>);
    /// Ends it after the requests that are being answered.
    fn end(self: Pin<&mut Self>);
}

type Transport<S> = TokioIo<Wire<S>>;

impl<S> Served for http1::Connection<Transport<S>, Requests>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    /// Answers say it.
    fn announce_end(self: Pin<&mut Self>) {}

    fn end(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

impl<S> Served for http2::Connection<Transport<S>, Requests, TokioExecutor>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    fn announce_end(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }

    fn end(self: Pin<&mut Self>) {
        self.graceful_shutdown();
    }
}

/// The service of one connection.
struct Requests {
    app: TowerToHyperService<axum::Router>,
    front: Arc<Front>,
    peer: Peer,
    activity: Arc<Activity>,
}

impl Service<Request<Incoming>> for Requests {
    type Response = Response<Body>;
    type Error = LostPlace;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, LostPlace>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let Some(open) = self.activity.begin() else {
            return Box::pin(std::future::ready(Err(LostPlace)));
        };
        let is_http1 = request.version() != Version::HTTP_2;
        let unserved = self.unserved(&request);
        let (peer, unserved) = match (unserved, self.front.peer_of(&self.peer, request.headers())) {
            (None, Ok(peer)) => (peer, None),
            (Some(unserved), _) => (self.peer.clone(), Some(unserved)),
            (None, Err(refusal)) => (self.peer.clone(), Some(Unserved::of(refusal))),
        };
        let arrival = Arrival::new(peer.source(), unserved, Arc::clone(&self.activity));
        request.extensions_mut().insert(ConnectInfo(peer));
        request.extensions_mut().insert(arrival);
        let (answer, activity) = (self.app.call(request), Arc::clone(&self.activity));
        Box::pin(async move {
            let Ok(mut answer) = answer.await;
            if is_http1 && activity.is_closing() {
                let close = HeaderValue::from_static("close");
                answer.headers_mut().insert(header::CONNECTION, close);
            }
            open.answered();
            Ok(answer)
        })
    }
}

impl Requests {
    /// Why a request is refused whatever it asks for.
    fn unserved(&self, request: &Request<Incoming>) -> Option<Unserved> {
        if let Some(error) = self.activity.take_refused() {
            return Some(Unserved::of_head(error));
        }
        if !self.activity.place().is_held() {
            return Some(Unserved::turned_away());
        }
        match request.version() {
            Version::HTTP_2 => Unserved::of_authority(request),
            _ => None,
        }
    }
}

/// Another connection has the place of this one.
#[derive(Debug, thiserror::Error)]
#[error("its place was given to another connection")]
struct LostPlace;
