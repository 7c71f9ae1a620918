//! The places at which the service listens.

use crate::config::ServerConfig;
use crate::peer::Peer;
use crate::serve;
use crate::socket::ProxySocket;
use crate::tls::{ListenError, Proxies, ServerIdentity, TlsListener, plain_listener};
use axum::Router;
use axum::serve::Listener;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// One service at several places.
pub(super) struct Listening {
    pub(super) app: Router,
    pub(super) stopping: watch::Receiver<bool>,
}

impl Listening {
    /// Begins to serve wherever the configuration says.
    pub(super) async fn at_all(&self, server: &ServerConfig) -> Result<JoinSet<()>, ListenError> {
        let mut served = JoinSet::new();
        match &server.tls {
            Some(tls) => {
                let identity = ServerIdentity::open(&tls.certificate, &tls.key)?;
                served.spawn(self.at(TlsListener::bind(server.listen, identity).await?));
            }
            None => _ = served.spawn(self.at(plain_listener(server.listen).await?)),
        }
        let Some(mtls) = &server.mtls else { return Ok(served) };
        if let (Some(address), Some(tls)) = (mtls.listen, mtls.tls.as_ref().or(server.tls.as_ref()))
        {
            let identity = ServerIdentity::open(&tls.certificate, &tls.key)?;
            let proxies = mtls.forwarded.as_ref().map_or(Proxies::NONE, |forwarded| Proxies {
                fingerprints: forwarded.proxies.clone(),
                form: forwarded.form,
            });
            let listener = TlsListener::bind_asking(address, identity, proxies).await?;
            served.spawn(self.at(listener));
        }
        if let Some(forwarded) = &mtls.forwarded
            && let Some(path) = &forwarded.socket
        {
            let socket = ProxySocket::bind(path, forwarded.socket_mode.bits(), forwarded.form)?;
            served.spawn(self.at(socket));
        }
        Ok(served)
    }

    fn at<L>(&self, listener: L) -> impl Future<Output = ()> + Send + use<L>
    where
        L: Listener,
        L::Addr: Into<Peer>,
    {
        let (app, mut stopping) = (self.app.clone(), self.stopping.clone());
        serve::serve(listener, app, async move {
            // An error means that nobody can say it any more.
            let _ = stopping.wait_for(|stopping| *stopping).await;
        })
    }
}
