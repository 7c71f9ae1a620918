//! Reading the configuration again while it is served.
//!
//! On SIGHUP, and when a file has changed. Everything is read, checked as at the start, and then taken up at once; what cannot be
//! taken up is refused whole, and what is served by stays.
//!
//! Files are looked at by their content, every few seconds. Notices of the system would be sooner, but there are none for what a
//! cluster does (it exchanges a symbolic link some folders above), or an editor (it puts another file in the place), or a file
//! server; and a notice does not say that all files of a change are there. Two looks that find the same say nearly that.

mod restart;

use super::{Configured, tls_client_auth, warm};
use crate::app::State;
use crate::config::{ConfigError, LastGood, Seen, ServerConfig, SetAside};
use crate::decide::system_clock;
use crate::fetch::Fetcher;
use crate::limits::{RELOAD_ERRORS, RELOAD_LOOK, RELOAD_PAUSE, RELOAD_READS, RELOAD_RETRY};
use crate::live::{Live, Reloads};
use crate::serve::Front;
use crate::tls::{Renewed, ServerIdentity};
use crate::{log, metrics, sockets};
use std::future::pending;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::signal::unix::Signal;
use tokio::time::{Instant, sleep};

/// Reads the configuration of a service again.
pub(super) struct Reloader {
    path: PathBuf,
    state: Arc<State>,
    /// What is in use.
    server: ServerConfig,
    good: LastGood,
    /// What the files held at the last attempt.
    seen: Seen,
    /// What they held at the last look.
    looked: Seen,
    /// When the last attempt was, if it was refused.
    refused: Option<Instant>,
    /// What takes connections.
    front: Option<Arc<Front>>,
    /// The certificates that are shown.
    identities: Vec<ServerIdentity>,
}

/// A reload that was read.
type Read = (Seen, Result<Configured, Vec<ConfigError>>);

impl Reloader {
    /// A reloader of a service that serves what was read as this.
    pub(super) fn new(
        path: PathBuf,
        state: Arc<State>,
        server: ServerConfig,
        good: LastGood,
        seen: Seen,
    ) -> Self {
        let (looked, identities) = (seen.clone(), Vec::new());
        Self { path, state, server, good, looked, seen, refused: None, front: None, identities }
    }

    /// The same, where a reload changes limits of this front, and these certificates too.
    pub(super) fn of_front(
        self,
        front: Arc<Front>,
        identities: &[(&'static str, ServerIdentity)],
    ) -> Self {
        let identities = identities.iter().map(|(_, identity)| identity.clone()).collect();
        Self { front: Some(front), identities, ..self }
    }

    /// Reloads whenever `hangup` says so, or a file has changed. Never ends. Signals that come during a reload are one.
    pub(super) async fn run(mut self, mut hangup: Signal) {
        loop {
            let is_asked = tokio::select! {
                signal = hangup.recv() => match signal {
                    Some(()) => true,
                    None => pending().await,
                },
                () = sleep(RELOAD_LOOK) => false,
            };
            if is_asked || (self.server.reload.watch && self.is_due().await) {
                let begun = Instant::now();
                sockets::tell_reloading();
                self.reload().await;
                sockets::tell_ready();
                // A storm of signals gets half of the time at most.
                sleep(begun.elapsed().max(RELOAD_PAUSE)).await;
            }
        }
    }

    /// Whether the files have changed and are still now, or something else may be better by now.
    async fn is_due(&mut self) -> bool {
        let seen = self.seen.clone();
        let Ok(now) = tokio::task::spawn_blocking(move || seen.look_again()).await else {
            return false;
        };
        let is_still = now == self.looked;
        self.looked = now;
        let is_late = self.refused.is_some_and(|refused| refused.elapsed() >= RELOAD_RETRY);
        is_late || (is_still && self.looked != self.seen)
    }

    /// Reads everything and takes it up, or refuses it whole.
    async fn reload(&mut self) {
        let Some((seen, read)) = self.read().await else {
            return self.refuse(vec!["the files change while they are read".to_owned()]);
        };
        (self.looked, self.seen) = (seen.clone(), seen);
        let taken = match read {
            Ok(configured) => self.take(configured).await,
            Err(errors) => Err(errors.iter().map(ToString::to_string).collect()),
        };
        if let Err(errors) = taken {
            self.refuse(errors);
        }
    }

    /// Reads the files until they are the same after it as while they were read.
    async fn read(&self) -> Option<Read> {
        for _ in 0..RELOAD_READS {
            let (path, good) = (self.path.clone(), self.good.clone());
            let read = tokio::task::spawn_blocking(move || {
                let (seen, read) = Configured::load_after(&path, &good);
                (seen.look_again() == seen).then_some((seen, read))
            });
            if let Ok(Some(read)) = read.await {
                return Some(read);
            }
        }
        None
    }

    /// Takes it up: nothing before the last line changes anything, and from there on nothing fails.
    async fn take(&mut self, configured: Configured) -> Result<(), Vec<String>> {
        let before = self.state.live();
        let Configured { server, policy, policy_hash, set_aside, good, .. } = configured;
        let fixed = restart::needed(&self.server, &server, &self.state.issuer, policy.issuer());
        if !fixed.is_empty() {
            let say = |name: &str| {
                format!("{}: {name} changes with a restart alone", self.path.display())
            };
            return Err(fixed.into_iter().map(say).collect());
        }
        let fetch = server.fetch.clone();
        let fetcher = tokio::task::spawn_blocking(move || Fetcher::new(&fetch)).await;
        let fetcher = match fetcher {
            Ok(Ok(fetcher)) => fetcher,
            Ok(Err(error)) => return Err(vec![error.to_string()]),
            Err(error) => return Err(vec![error.to_string()]),
        };
        let (now, mut shown) = (before.decider.now(), Vec::new());
        for identity in &self.identities {
            shown.push(identity.read_again(now).map_err(|error| vec![error.to_string()])?);
        }
        // Before any token is minted by it.
        let prepared = self.state.keys.prepare_for(&policy, before.decider.now()).await;
        prepared.map_err(|error| vec![error.to_string()])?;
        let live = Live {
            decider: before.decider.renewed(Arc::new(policy), Box::new(fetcher)),
            policy_hash,
            policy_version: before.policy_version + 1,
            loaded_at: before.decider.now(),
            tls_client_auth: tls_client_auth(&server),
        };
        self.state.live.store(Arc::new(live));
        shown.into_iter().for_each(Renewed::show);
        self.state.admission.replace(server.limits.admission());
        if let Some(front) = &self.front {
            front.replace(server.limits.connections());
        }
        log::set_level(server.log.level);
        (self.server, self.good) = (server, good);
        self.taken(&before, set_aside);
        Ok(())
    }

    /// Says what has changed, and fetches what is not held.
    fn taken(&mut self, before: &Live, set_aside: Vec<SetAside>) {
        self.refused = None;
        let live = self.state.live();
        tracing::info!(
            policy = live.policy_hash,
            before = before.policy_hash,
            version = live.policy_version,
            "reloaded"
        );
        metrics::reloaded(live.loaded_at.seconds());
        let told = told_of(&set_aside);
        let reloads = Reloads {
            taken: self.state.reloads.load().taken + 1,
            refused: self.state.reloads.load().refused,
            last: Some(live.loaded_at),
            errors: Vec::new(),
            set_aside: told,
        };
        self.state.reloads.store(Arc::new(reloads));
        tokio::spawn(warm(live, self.server.fetch.on_demand));
    }

    /// Says what is wrong. What is served by stays.
    fn refuse(&mut self, errors: Vec<String>) {
        let is_again = self.refused.replace(Instant::now()).is_some();
        let before = self.state.reloads.load_full();
        let errors: Vec<String> = errors.into_iter().take(RELOAD_ERRORS).collect();
        // The same once more is no news.
        if !(is_again && before.errors == errors) {
            for error in &errors {
                tracing::error!(%error, "a reload was refused; what was loaded before is in use");
            }
        }
        metrics::reload_refused();
        let reloads = Reloads {
            refused: before.refused + 1,
            last: Some(system_clock()()),
            errors,
            ..Reloads::clone(&before)
        };
        self.state.reloads.store(Arc::new(reloads));
    }
}

/// Logs the files of teams that are not used as they are, and gives what is shown of them.
pub(super) fn told_of(set_aside: &[SetAside]) -> Vec<(String, bool, Vec<String>)> {
    metrics::set_aside(set_aside.len());
    let tell = |aside: &SetAside| {
        let file = aside.file.display().to_string();
        for error in &aside.errors {
            tracing::error!(
                %file,
                %error,
                "a file of a team is set aside; {}",
                if aside.is_kept { "what it was before is in use" } else { "nothing of it is in use" }
            );
        }
        let errors = aside.errors.iter().take(RELOAD_ERRORS).map(ToString::to_string);
        (file, aside.is_kept, errors.collect())
    };
    set_aside.iter().map(tell).collect()
}
