//! The front: connections, with every wait bounded, and places that nobody can take from others for nothing.
//!
//! A connection takes its place when it is accepted, counted for the address from which it comes, or for the one that a balancer
//! tells for it. What takes time on it happens beside all others: the header of a balancer, the handshake, each request.

mod activity;
mod arrival;
mod connection;
mod head;
mod places;
mod proxy_protocol;
mod wire;

pub(crate) use arrival::{Arrival, Unserved};

use crate::admission::{BySource, Rate};
use crate::fetch::AddressRange;
use crate::forwarded::{SourceField, read_source};
use crate::limits::{ACCEPT_PAUSE, SETTLE_TIME};
use crate::metrics;
use crate::peer::Peer;
use crate::socket::ProxySocket;
use crate::source::Source;
use crate::tls::TlsDoor;
use activity::Activity;
use arc_swap::ArcSwap;
use axum::Router;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use connection::Connection;
use credmint_core::{Code, Refusal};
use http::{HeaderMap, StatusCode};
use places::{Place, Places};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What bounds connections. The time of one request is bounded by the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// At once.
    pub places: usize,
    /// Those of one source.
    pub per_address: usize,
    /// TLS handshakes that one source begins.
    pub handshakes: Rate,
    /// From accepted to encrypted, the header of a balancer included.
    pub handshake: Duration,
    /// For the head of a request.
    pub head: Duration,
    /// Between two requests.
    pub idle: Duration,
    /// For the client to take an answer.
    pub write: Duration,
    /// After this a connection takes no further request.
    pub age: Duration,
    /// After the order to stop, for decisions that are under way.
    pub drain: Duration,
}

/// Who may say from where others come. Of everybody else it counts for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intermediaries {
    /// Balancers that begin each connection with a header of the PROXY protocol.
    pub balancers: Vec<AddressRange>,
    /// Proxies that set a field in each request.
    pub forwarders: Vec<AddressRange>,
    /// The field that they set; `None` where no proxy is believed.
    pub field: Option<SourceField>,
}

/// Where connections come in.
pub enum Door {
    /// Plain http.
    Plain(TcpListener),
    /// TLS.
    Tls(TcpListener, TlsDoor),
    /// The socket of a proxy on this machine.
    Socket(ProxySocket),
}

/// The front of the service: what all its doors share.
pub struct Front {
    app: Router,
    places: Arc<Places>,
    limits: ArcSwap<Connections>,
    handshakes: ArcSwap<BySource>,
    intermediaries: Intermediaries,
}

impl Front {
    /// A front before `app`. Handlers find the [`Peer`] in [`ConnectInfo`](axum::extract::ConnectInfo).
    #[must_use]
    pub fn new(app: Router, limits: Connections, intermediaries: Intermediaries) -> Arc<Self> {
        Arc::new(Self {
            app,
            places: Places::new(limits.places, limits.per_address),
            handshakes: ArcSwap::from_pointee(BySource::new(limits.handshakes)),
            limits: ArcSwap::from_pointee(limits),
            intermediaries,
        })
    }

    /// Other limits, for connections that come from here on.
    pub fn replace(&self, limits: Connections) {
        self.places.resize(limits.places, limits.per_address);
        if self.limits.load().handshakes != limits.handshakes {
            self.handshakes.store(Arc::new(BySource::new(limits.handshakes)));
        }
        self.limits.store(Arc::new(limits));
    }

    /// Connections that have a place, and how many of them are idle.
    #[must_use]
    pub fn counts(&self) -> (usize, usize) {
        self.places.counts()
    }

    /// Serves who comes through `door` until `stop` ends, then lets decisions that are under way finish, for a bounded time.
    /// `name` is what the door is called in metrics.
    pub async fn serve(
        self: Arc<Self>,
        name: &'static str,
        door: Door,
        stop: impl Future<Output = ()>,
    ) {
        let (order_to_stop, stopping) = watch::channel(false);
        let mut connections = JoinSet::new();
        tokio::select! {
            () = self.accept(name, door, &mut connections, &stopping) => {}
            () = stop => {}
        }
        // Nobody listening is no fault: there is no connection then. Each ends within its own bound.
        let _ = order_to_stop.send(true);
        while connections.join_next().await.is_some() {}
    }

    /// Takes connections for ever. Their tasks end on the order to stop, also when this does.
    async fn accept(
        self: &Arc<Self>,
        name: &'static str,
        door: Door,
        connections: &mut JoinSet<()>,
        stopping: &watch::Receiver<bool>,
    ) {
        match door {
            Door::Plain(tcp) => self.accept_tcp(name, &tcp, None, connections, stopping).await,
            Door::Tls(tcp, tls) => {
                self.accept_tcp(name, &tcp, Some(Arc::new(tls)), connections, stopping).await;
            }
            Door::Socket(socket) => loop {
                match socket.accept().await {
                    Ok((stream, peer)) => {
                        let Some(place) = self.take(name, None) else { continue };
                        let connection = self.connection(peer, place, false, stopping);
                        connections.spawn(async move {
                            let _open = metrics::Connection::enter(name, "open");
                            connection.serve(stream).await;
                        });
                    }
                    Err(error) => self.pause(&error).await,
                }
                while connections.try_join_next().is_some() {}
            },
        }
    }

    async fn accept_tcp(
        self: &Arc<Self>,
        name: &'static str,
        tcp: &TcpListener,
        tls: Option<Arc<TlsDoor>>,
        connections: &mut JoinSet<()>,
        stopping: &watch::Receiver<bool>,
    ) {
        loop {
            match tcp.accept().await {
                Ok((stream, address)) => {
                    let address = SocketAddr::new(address.ip().to_canonical(), address.port());
                    let source = self.counted(address.ip());
                    let Some(place) = self.take(name, source) else { continue };
                    let (front, tls) = (Arc::clone(self), tls.clone());
                    let stopping = stopping.clone();
                    connections.spawn(async move {
                        front
                            .serve_tcp(name, (stream, address), place, tls.as_deref(), stopping)
                            .await;
                    });
                }
                Err(error) => self.pause(&error).await,
            }
            while connections.try_join_next().is_some() {}
        }
    }

    /// A place for a connection of this source.
    fn take(&self, name: &'static str, source: Option<Source>) -> Option<Place> {
        let place = self.places.take(source);
        if !place.as_ref().is_some_and(Place::is_held) {
            metrics::connection_refused(name, "no_place");
        }
        place
    }

    /// The source for which a connection from this address counts at first; none where it carries those of others.
    fn counted(&self, address: IpAddr) -> Option<Source> {
        let Intermediaries { balancers, forwarders, .. } = &self.intermediaries;
        let is_of_others = balancers.iter().chain(forwarders).any(|range| range.contains(address));
        (!is_of_others).then(|| Source::from(address))
    }

    /// After an error of accepting. One of a connection concerns that one alone; else the system has no room for another.
    async fn pause(&self, error: &io::Error) {
        use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
        if matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
            return;
        }
        tracing::warn!(%error, "no connection can be accepted; an idle one ends");
        self.places.make_room();
        tokio::time::sleep(ACCEPT_PAUSE).await;
    }

    /// One connection over TCP. What comes before its first request has an end of its own.
    async fn serve_tcp(
        self: Arc<Self>,
        name: &'static str,
        (mut stream, address): (TcpStream, SocketAddr),
        place: Place,
        tls: Option<&TlsDoor>,
        mut stopping: watch::Receiver<bool>,
    ) {
        // Answers are small and whole: waiting for more of them would only delay them.
        let _ = stream.set_nodelay(true);
        let limits = self.limits.load_full();
        let handshake = metrics::Connection::enter(name, "handshake");
        let gives_way = place.gives_way();
        let begun = async {
            let (address, place) = self.told(&mut stream, address, place).await?;
            let Some(tls) = tls else { return Ok((Begun::Plain(stream), address.into(), place)) };
            if let Some(source) = self.counted(address.ip())
                && !self.handshakes.load().admits(source)
            {
                metrics::connection_refused(name, "handshake_rate");
                return Err(io::Error::other("too many handshakes"));
            }
            let (stream, peer) = tls.accept(stream, address).await?;
            // Through a proxy come others.
            let place = if peer.is_proxy() { place.count_for(None) } else { Some(place) };
            Ok((Begun::Tls(Box::new(stream)), peer, place.ok_or(io::ErrorKind::QuotaExceeded)?))
        };
        let begun = tokio::select! {
            begun = tokio::time::timeout(limits.handshake, begun) => begun,
            // Else an address would hold more sockets than places.
            () = gives_way.notified() => return metrics::connection_refused(name, "gave_way"),
            // Who was just accepted is answered still.
            () = async {
                let _ = stopping.wait_for(|stopping| *stopping).await;
                tokio::time::sleep(SETTLE_TIME).await;
            } => return,
        };
        let (stream, peer, place) = match begun {
            Ok(Ok(begun)) => begun,
            Ok(Err(error)) => {
                return tracing::debug!(peer = %address, %error, "no connection was set up");
            }
            Err(_) => {
                metrics::connection_refused(name, "handshake_time");
                return tracing::debug!(peer = %address, "the handshake took too long");
            }
        };
        drop(handshake);
        let _open = metrics::Connection::enter(name, "open");
        match stream {
            Begun::Plain(stream) => {
                self.connection(peer, place, false, &stopping).serve(stream).await;
            }
            Begun::Tls(stream) => {
                let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                self.connection(peer, place, is_http2, &stopping).serve(*stream).await;
            }
        }
    }

    /// The address that a balancer tells for the connection, which counts for that one then.
    async fn told(
        &self,
        stream: &mut TcpStream,
        address: SocketAddr,
        place: Place,
    ) -> io::Result<(SocketAddr, Place)> {
        let balancers = &self.intermediaries.balancers;
        if !balancers.iter().any(|range| range.contains(address.ip())) {
            return Ok((address, place));
        }
        let Some(told) = proxy_protocol::read(stream).await? else { return Ok((address, place)) };
        let told = SocketAddr::new(told.ip().to_canonical(), told.port());
        let place = place.count_for(self.counted(told.ip()));
        Ok((told, place.ok_or(io::ErrorKind::QuotaExceeded)?))
    }

    fn connection(
        self: &Arc<Self>,
        peer: Peer,
        place: Place,
        is_http2: bool,
        stopping: &watch::Receiver<bool>,
    ) -> Connection {
        let is_turned_away = !place.is_held();
        let activity = Activity::new(place);
        if is_turned_away {
            activity.close();
        }
        Connection {
            front: Arc::clone(self),
            limits: self.limits.load_full(),
            peer,
            activity,
            is_http2,
            stopping: stopping.clone(),
        }
    }

    /// The peer of one request: with the address that a forwarder tells, where that one is believed.
    fn peer_of(&self, peer: &Peer, headers: &HeaderMap) -> Result<Peer, Refusal> {
        let Intermediaries { forwarders, field, .. } = &self.intermediaries;
        let is_forwarder =
            |address: IpAddr| forwarders.iter().any(|range| range.contains(address.to_canonical()));
        match field {
            Some(field) if peer.is_proxy() || peer.source().is_some_and(is_forwarder) => {
                let told = read_source(*field, headers, is_forwarder)?;
                Ok(told.map_or_else(|| peer.clone(), |told| peer.for_source(told)))
            }
            _ => Ok(peer.clone()),
        }
    }
}

/// Refuses what is not served, where nobody else does.
pub(crate) async fn refuse_unserved(request: Request, next: Next) -> Response {
    let unserved = request.extensions().get::<Arrival>().and_then(Arrival::unserved);
    let status = unserved.map(|unserved| match unserved.refusal.code() {
        Code::Overloaded => StatusCode::SERVICE_UNAVAILABLE,
        _ => unserved.status.unwrap_or(StatusCode::BAD_REQUEST),
    });
    match status {
        Some(status) => status.into_response(),
        None => next.run(request).await,
    }
}

/// A connection on which requests may come.
enum Begun {
    Plain(TcpStream),
    Tls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
}

#[cfg(test)]
mod tests;
