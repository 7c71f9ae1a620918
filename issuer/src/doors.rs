//! The doors of the service, as the configuration and whoever started the process have them.

use crate::config::{MtlsConfig, ServerConfig, TlsFiles};
use crate::limits::CERTIFICATE_LOOK;
use crate::serve::Door;
use crate::socket::ProxySocket;
use crate::sockets::HandedOver;
use crate::tls::{Condition, ListenError, Proxies, ServerIdentity, TlsDoor};
use crate::tls::{listener, plain_listener, plain_outside};
use credmint_core::UnixTime;
use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::net::TcpListener;

/// The name of a socket for `server.listen`.
pub const LISTEN: &str = "listen";
/// The name of a socket for `server.mtls.listen`.
pub const MTLS: &str = "mtls";
/// The name of a socket for `server.mtls.forwarded.socket`.
pub const PROXY: &str = "proxy";

/// What the door at `server.listen` is called in metrics.
pub const MAIN: &str = "main";

/// The names of all.
pub const NAMES: [&str; 3] = [LISTEN, MTLS, PROXY];

/// All doors, and the certificates that are shown at them.
pub struct Doors {
    /// Where connections come in, by their names.
    pub doors: Vec<(&'static str, Door)>,
    /// What is shown, each once, with the door at which it is first.
    pub identities: Vec<(&'static str, ServerIdentity)>,
}

impl Doors {
    /// Opens them: at sockets that were handed over, else at addresses of its own.
    ///
    /// # Errors
    /// When one cannot be had.
    pub fn open(
        server: &ServerConfig,
        handed_over: &mut HandedOver,
        now: UnixTime,
    ) -> Result<Self, ListenError> {
        let mut identities = Identities { opened: BTreeMap::new(), now };
        let first = match &server.tls {
            Some(tls) => {
                let tls = TlsDoor::new(identities.open(MAIN, tls)?, server.http2)?;
                Door::Tls(at(LISTEN, server.listen, server, handed_over)?, tls)
            }
            None => Door::Plain(plain(server, handed_over)?),
        };
        let mut doors = vec![(MAIN, first)];
        if let Some(mtls) = &server.mtls {
            Self::add_mtls(&mut doors, server, mtls, handed_over, &mut identities)?;
        }
        if let Some(name) = handed_over.left().first() {
            let cause = io::Error::other("server has nothing to listen for there");
            return Err(ListenError::HandedOver { name: (*name).to_owned(), cause });
        }
        let identities = identities.opened.into_values().collect();
        Ok(Self { doors, identities })
    }

    fn add_mtls(
        doors: &mut Vec<(&'static str, Door)>,
        server: &ServerConfig,
        mtls: &MtlsConfig,
        handed_over: &mut HandedOver,
        identities: &mut Identities,
    ) -> Result<(), ListenError> {
        if let (Some(address), Some(tls)) = (mtls.listen, mtls.tls.as_ref().or(server.tls.as_ref()))
        {
            let proxies = mtls.forwarded.as_ref().map_or(Proxies::NONE, |forwarded| Proxies {
                fingerprints: forwarded.proxies.clone(),
                form: forwarded.form,
            });
            let tls = TlsDoor::asking(identities.open(MTLS, tls)?, proxies, server.http2)?;
            doors.push((MTLS, Door::Tls(at(MTLS, address, server, handed_over)?, tls)));
        }
        if let Some(forwarded) = &mtls.forwarded
            && let Some(path) = &forwarded.socket
        {
            let socket = match handed_over.unix(PROXY)? {
                Some(socket) => ProxySocket::over(socket, forwarded.form),
                None => ProxySocket::bind(path, forwarded.socket_mode.bits(), forwarded.form)?,
            };
            doors.push((PROXY, Door::Socket(socket)));
        }
        Ok(())
    }
}

/// The identities that were opened, by their files: one for two doors is one.
struct Identities {
    opened: BTreeMap<(PathBuf, PathBuf), (&'static str, ServerIdentity)>,
    now: UnixTime,
}

impl Identities {
    fn open(
        &mut self,
        door: &'static str,
        files: &TlsFiles,
    ) -> Result<ServerIdentity, ListenError> {
        let key = (files.certificate.clone(), files.key.clone());
        if let Some((_, opened)) = self.opened.get(&key) {
            return Ok(opened.clone());
        }
        let identity = ServerIdentity::open(&files.certificate, &files.key, self.now)?;
        self.opened.insert(key, (door, identity.clone()));
        Ok(identity)
    }
}

/// The socket of this name, or one at the address.
fn at(
    name: &str,
    address: SocketAddr,
    server: &ServerConfig,
    handed_over: &mut HandedOver,
) -> Result<TcpListener, ListenError> {
    match handed_over.tcp(name)? {
        Some(socket) => Ok(socket),
        None => listener(address, server.listen_reuse_port),
    }
}

fn plain(server: &ServerConfig, handed_over: &mut HandedOver) -> Result<TcpListener, ListenError> {
    let Some(socket) = handed_over.tcp(LISTEN)? else {
        return plain_listener(server.listen, server.listen_reuse_port);
    };
    match socket.local_addr() {
        Ok(address) if address.ip().is_loopback() => Ok(socket),
        address => Err(plain_outside(address.unwrap_or(server.listen))),
    }
}

/// Says when a certificate that is shown is about to expire, or has. Never ends.
pub async fn watch(identities: &[(&'static str, ServerIdentity)], now: impl Fn() -> UnixTime) {
    let mut said: Vec<Option<Condition>> = vec![None; identities.len()];
    loop {
        for ((_, identity), said) in identities.iter().zip(&mut said) {
            let condition = identity.condition(now());
            if said.replace(condition) == Some(condition) {
                continue;
            }
            let file = identity.file();
            let file = file.display();
            match condition {
                Condition::Valid | Condition::Unknown => {}
                Condition::Ends(at) => {
                    tracing::warn!(%file, "the server certificate expires at {at}")
                }
                Condition::Ended(at) => {
                    tracing::error!(%file, "the server certificate expired at {at}");
                }
                Condition::NotBegun(at) => {
                    tracing::error!(%file, "the server certificate is not valid before {at}");
                }
            }
        }
        tokio::time::sleep(CERTIFICATE_LOOK).await;
    }
}
