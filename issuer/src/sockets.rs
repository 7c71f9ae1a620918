//! Sockets that the process was started with (`LISTEN_FDS`, as systemd hands them over), and what its manager is told of it
//! (`NOTIFY_SOCKET`).
//!
//! Whoever keeps the socket keeps the connections that wait at it: while one process stops and the next one starts, nobody is
//! refused.

use crate::limits::DESCRIPTORS;
use crate::tls::ListenError;
use listenfd::ListenFd;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sd_notify::NotifyState;
use std::env;
use std::io;
use tokio::net::{TcpListener, UnixListener};

/// Sockets that the process was started with, by the names of their doors.
pub struct HandedOver {
    sockets: ListenFd,
    names: Vec<Option<String>>,
    count: usize,
}

impl HandedOver {
    /// Takes them from the environment, which names them no more then. To be called once, before there are other threads.
    ///
    /// `only` is the door of a single socket that has no name of a door: a unit with one socket need not name it.
    ///
    /// # Errors
    /// When there is one that is for no door of `doors`, or two for one.
    pub fn take(doors: &[&str], only: &str) -> Result<Self, ListenError> {
        // The environment is inherited; what is in it is meant for one process.
        let is_for_us = env::var("LISTEN_PID").is_ok_and(|id| id == std::process::id().to_string());
        let sockets = if is_for_us { ListenFd::from_env() } else { ListenFd::empty() };
        let given = env::var("LISTEN_FDNAMES").unwrap_or_default();
        let names = named(&given, sockets.len(), doors, only)?;
        let count = names.len();
        Ok(Self { sockets, names, count })
    }

    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self { sockets: ListenFd::empty(), names: Vec::new(), count: 0 }
    }

    /// Whether there was any: another process may be served by it still.
    #[must_use]
    pub const fn is_any(&self) -> bool {
        self.count > 0
    }

    /// The socket for the door of this name, if there is one.
    ///
    /// # Errors
    /// When it is no TCP socket that listens.
    pub fn tcp(&mut self, name: &str) -> Result<Option<TcpListener>, ListenError> {
        let failed = |cause| ListenError::HandedOver { name: name.to_owned(), cause };
        let Some(index) = self.find(name) else { return Ok(None) };
        let Some(socket) = self.sockets.take_tcp_listener(index).map_err(failed)? else {
            return Ok(None);
        };
        socket.set_nonblocking(true).map_err(failed)?;
        TcpListener::from_std(socket).map(Some).map_err(failed)
    }

    /// The same of a Unix socket.
    ///
    /// # Errors
    /// When it is none that listens.
    pub fn unix(&mut self, name: &str) -> Result<Option<UnixListener>, ListenError> {
        let failed = |cause| ListenError::HandedOver { name: name.to_owned(), cause };
        let Some(index) = self.find(name) else { return Ok(None) };
        let Some(socket) = self.sockets.take_unix_listener(index).map_err(failed)? else {
            return Ok(None);
        };
        socket.set_nonblocking(true).map_err(failed)?;
        UnixListener::from_std(socket).map(Some).map_err(failed)
    }

    /// The names of doors whose sockets nobody took: the configuration has no such door.
    #[must_use]
    pub fn left(&self) -> Vec<&str> {
        self.names.iter().flatten().map(String::as_str).collect()
    }

    fn find(&mut self, name: &str) -> Option<usize> {
        let index = self.names.iter().position(|known| known.as_deref() == Some(name))?;
        self.names[index] = None;
        Some(index)
    }
}

/// The door of each socket.
fn named(
    given: &str,
    count: usize,
    doors: &[&str],
    only: &str,
) -> Result<Vec<Option<String>>, ListenError> {
    let given: Vec<&str> = given.split(':').collect();
    let mut names: Vec<Option<String>> = Vec::new();
    for index in 0..count {
        let name = given.get(index).copied().unwrap_or_default();
        let name = match doors.contains(&name) {
            true => name,
            false if count == 1 => only,
            false => return Err(misnamed(name, "there is no door of this name")),
        };
        if names.iter().flatten().any(|known| known == name) {
            return Err(misnamed(name, "there are two of this name"));
        }
        names.push(Some(name.to_owned()));
    }
    Ok(names)
}

fn misnamed(name: &str, what: &str) -> ListenError {
    ListenError::HandedOver { name: name.to_owned(), cause: io::Error::other(what) }
}

/// The manager is told that the process serves.
pub fn tell_ready() {
    tell(&[NotifyState::Ready]);
}

/// The manager is told that the process stops.
pub fn tell_stopping() {
    tell(&[NotifyState::Stopping]);
}

/// The manager is told that the configuration is being read again; [`tell_ready`] ends that.
pub fn tell_reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => tell(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!(%error, "the service manager cannot be told"),
    }
}

/// The manager is told that the process lives, as often as it wants, while connections are served. Never ends.
pub async fn keep_telling() {
    let Some(interval) = sd_notify::watchdog_enabled() else {
        return std::future::pending().await;
    };
    loop {
        tell(&[NotifyState::Watchdog]);
        tokio::time::sleep(interval / 2).await;
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "the service manager cannot be told");
    }
}

/// Raises the limit of file descriptors to what so many connections need, as far as the process may.
///
/// # Errors
/// When it may not: how many there are, and how many are needed.
pub fn raise_descriptors(connections: usize) -> Result<(), (u64, u64)> {
    let needed = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(DESCRIPTORS);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(has) = current.filter(|has| *has < needed) else { return Ok(()) };
    let wanted = maximum.map_or(needed, |maximum| maximum.min(needed));
    let raised = setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum });
    match raised {
        Ok(()) if wanted == needed => Ok(()),
        Ok(()) => Err((wanted, needed)),
        Err(_) => Err((has, needed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_have_the_names_of_their_doors() {
        let doors = ["listen", "mtls"];
        let check = |given: &str, count: usize, expect: Result<&[&str], &str>| {
            let found = named(given, count, &doors, "listen");
            let found: Result<Vec<String>, String> = found
                .map(|names| names.into_iter().flatten().collect())
                .map_err(|error| error.to_string());
            match (found, expect) {
                (Ok(found), Ok(expect)) => assert_eq!(found, expect, "{given} {count}"),
                (Err(found), Err(expect)) => assert!(found.contains(expect), "{found}"),
                (found, _) => panic!("{given} {count}: {found:?}"),
            }
        };
        check("", 0, Ok(&[]));
        check("credmint.socket", 1, Ok(&["listen"]));
        check("", 1, Ok(&["listen"]));
        check("mtls", 1, Ok(&["mtls"]));
        check("mtls:listen", 2, Ok(&["mtls", "listen"]));
        check(
            "listen:listen",
            2,
            Err("`listen` that was handed over cannot be listened at: there are two"),
        );
        check(
            "listen:x",
            2,
            Err("`x` that was handed over cannot be listened at: there is no door"),
        );
        check("listen", 2, Err("there is no door"));
    }
}
