//! `credmint serve`.

use super::answer::{complain, misused, say};
use super::flags::Format;
use crate::app::{State, TlsClientAuth, app};
use crate::audit::Audit;
use crate::config::{self, ConfigError, MtlsConfig, ServerConfig};
use crate::decide::{Decider, system_clock};
use crate::fetch::Fetcher;
use crate::keys::{KeyError, KeyKeeper};
use crate::peer::Peer;
use crate::socket::ProxySocket;
use crate::store::SqliteStore;
use crate::tls::{ListenError, Proxies, ServerIdentity, TlsListener, plain_listener};
use crate::{log, serve, state};
use axum::Router;
use axum::serve::Listener;
use credmint_core::json;
use credmint_core::policy::{TrustPolicy, policy_hash};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Serves until SIGINT or SIGTERM.
pub(super) fn serve(path: &Path, format: Format) -> ExitCode {
    let (server, policy, hash) = match load(path) {
        Ok(loaded) => loaded,
        Err(errors) => return print_errors(&errors, format),
    };
    if let Err(error) = log::init(server.log) {
        return misused(error);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return misused(error),
    };
    match runtime.block_on(run(server, policy, hash)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => misused(error),
    }
}

/// The server, the policy, and the hash of the policy. A policy whose own tests fail does not load.
fn load(path: &Path) -> Result<(ServerConfig, TrustPolicy, String), Vec<ConfigError>> {
    let loaded = config::load(path)?;
    let policy = config::compile(&loaded.policy, &loaded.sources)?;
    let mut failed = config::failed_tests(&policy, &loaded.sources);
    failed.extend(config::ended_roots(&policy, &loaded.sources, system_clock()()));
    if failed.is_empty() {
        Ok((loaded.server, policy, policy_hash(&loaded.policy)))
    } else {
        Err(failed)
    }
}

pub(super) fn print_errors(errors: &[ConfigError], format: Format) -> ExitCode {
    match format {
        Format::Text => {
            for error in errors {
                complain(error);
            }
        }
        Format::Json => {
            let errors = errors.iter().map(|error| json::Value::from(error.to_json())).collect();
            let answer = json::Object::from_iter([
                ("valid", json::Value::from(false)),
                ("errors", json::Value::Array(errors)),
            ]);
            say(answer);
        }
    }
    ExitCode::from(2)
}

/// The keys, which live in the store.
async fn open_keys(
    server: &ServerConfig,
    store: &SqliteStore,
    policy: &TrustPolicy,
) -> Result<KeyKeeper, KeyError> {
    let options = server.signing.options(&server.state_directory);
    let longest = policy.longest_token_lifetime();
    KeyKeeper::open(store.database(), &options, longest, system_clock()()).await
}

async fn run(
    server: ServerConfig,
    policy: TrustPolicy,
    policy_hash: String,
) -> Result<(), Box<dyn Error>> {
    state::create_directory(&server.state_directory)?;
    for root in policy.anchors_expiring(system_clock()()) {
        tracing::warn!(
            root = root.subject,
            at = root.pointer,
            "a root {} at {}",
            if root.ended { "expired" } else { "expires" },
            root.not_after
        );
    }
    let fetcher = Fetcher::new(&server.fetch)?;
    let store = SqliteStore::open(&server.state_directory).await?;
    let keeper = open_keys(&server, &store, &policy).await?;
    let keys = keeper.keys();
    let decider = Decider::new(Arc::new(policy), Box::new(fetcher), system_clock())
        .with_own_keys(keys.clone())
        .with_lists(&store.kept_lists().await?, &store.list_floors().await?, store.lists());
    let state = State {
        issuer: decider.policy().issuer().to_owned(),
        decider,
        keys,
        audit: Audit::open(&server.audit, policy_hash)?,
        store: Box::new(store),
        tls_client_auth: server.mtls.as_ref().map(|mtls| TlsClientAuth {
            token_endpoint: mtls.url.as_ref().map(|url| format!("{url}/token")),
        }),
    };
    let issuer = state.issuer.clone();
    let key = state.keys.signer(None, state.decider.now())?.public().clone();
    let mtls = server.mtls.as_ref();
    let socket = mtls.and_then(MtlsConfig::socket);
    // Whoever waits for this record can connect at once.
    let announce = || {
        tracing::info!(
            issuer,
            listen = %server.listen,
            tls = server.tls.is_some(),
            mtls = mtls.and_then(|mtls| mtls.listen).map(tracing::field::display),
            socket = socket.map(|path| tracing::field::display(path.display())),
            kid = key.kid(),
            algorithm = key.algorithm().as_str(),
            "serving"
        );
    };
    let (order_to_stop, stopping) = watch::channel(false);
    let stop = stopped();
    let listening = Listening { app: app(Arc::new(state)), stopping };
    let mut stopping_keeper = listening.stopping.clone();
    let keeping = tokio::spawn(keeper.run(move || system_clock()(), async move {
        let _ = stopping_keeper.wait_for(|stopping| *stopping).await;
    }));
    let mut served = listening.at_all(&server).await?;
    announce();
    stop.await;
    // Nobody listening is no fault: there is no server then.
    let _ = order_to_stop.send(true);
    while served.join_next().await.is_some() {}
    let _ = keeping.await;
    tracing::info!("stopped");
    Ok(())
}

/// One service at several places.
struct Listening {
    app: Router,
    stopping: watch::Receiver<bool>,
}

impl Listening {
    /// Begins to serve wherever the configuration says.
    async fn at_all(&self, server: &ServerConfig) -> Result<JoinSet<()>, ListenError> {
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

/// Ends when the process is told to stop. That is listened for at once, not when somebody first waits for it.
fn stopped() -> impl Future<Output = ()> {
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    async move {
        let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    }
}
