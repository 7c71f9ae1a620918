//! What `serve` does: opens each subsystem, serves, and stops in order.
//!
//! Each subsystem has one function here that opens it.

mod configured;
mod listening;

pub use configured::Configured;

use crate::app::{State, app};
use crate::audit::Audit;
use crate::clock::system_clock;
use crate::config::{MtlsConfig, ServerConfig};
use crate::decide::Decider;
use crate::fetch::{Fetcher, FetcherError};
use crate::keys::{KeyError, KeyKeeper, KeyOptions, NoSigner, SigningKeys};
use crate::live::{Live, TlsClientAuth};
use crate::state;
use crate::store::{DatabaseStore, Store, StoreError};
use arc_swap::ArcSwap;
use credmint_core::policy::TrustPolicy;
use listening::Listening;
use std::error::Error;
use std::io;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// When something that it needs cannot be opened, or an address cannot be listened at.
pub async fn run(configured: Configured) -> Result<(), Box<dyn Error>> {
    let Configured { server, policy, policy_hash } = configured;
    let stop = stopped();
    state::create_directory(&server.state_directory)?;
    warn_of_roots(&policy);
    let fetcher = open_fetcher(&server)?;
    let store = open_store(&server).await?;
    let keeper = open_keys(&server, &store, &policy).await?;
    let keys = keeper.keys();
    let decider = open_decider(policy, fetcher, &keys, &store).await?;
    let state = Arc::new(State {
        issuer: decider.policy().issuer().to_owned(),
        live: ArcSwap::from_pointee(Live {
            policy_hash,
            policy_version: 1,
            loaded_at: decider.now(),
            tls_client_auth: tls_client_auth(&server),
            decider,
        }),
        keys,
        store: Arc::clone(&store) as Arc<dyn Store>,
        audit: open_audit(&server)?,
    });
    let (order_to_stop, stopping) = watch::channel(false);
    let listening = Listening { app: app(Arc::clone(&state)), stopping };
    let keeping = tokio::spawn(keeper.run(system_clock(), ended(listening.stopping.clone())));
    let mut served = listening.at_all(&server).await?;
    announce(&state, &server)?;
    stop.await;
    // Nobody listening is no fault: there is no server then.
    let _ = order_to_stop.send(true);
    while served.join_next().await.is_some() {}
    // A keeper that was ended already has nothing more to say.
    let _ = keeping.await;
    store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// The signing keys, which live in the store, and what carries on their life.
async fn open_keys(
    server: &ServerConfig,
    store: &DatabaseStore,
    policy: &TrustPolicy,
) -> Result<KeyKeeper, KeyError> {
    let options = KeyOptions::of(&server.signing, &server.state_directory);
    let longest = policy.longest_token_lifetime();
    KeyKeeper::open(store.database().clone(), &options, longest, system_clock()()).await
}

/// What brings the keys and lists of others.
fn open_fetcher(server: &ServerConfig) -> Result<Fetcher, FetcherError> {
    Fetcher::new(&server.fetch)
}

/// What remembers consumed proofs and revocation lists.
async fn open_store(server: &ServerConfig) -> Result<Arc<DatabaseStore>, StoreError> {
    let store = DatabaseStore::open(&server.store, &server.state_directory, system_clock());
    Ok(Arc::new(store.await?))
}

/// What records decisions.
fn open_audit(server: &ServerConfig) -> io::Result<Audit> {
    Audit::open(&server.audit)
}

/// What decides.
async fn open_decider(
    policy: TrustPolicy,
    fetcher: Fetcher,
    keys: &SigningKeys,
    store: &DatabaseStore,
) -> Result<Decider, Box<dyn Error>> {
    Ok(Decider::new(Arc::new(policy), Box::new(fetcher), system_clock())
        .with_own_keys(keys.clone())
        .with_lists(&store.kept_lists().await?, &store.list_floors().await?, store.lists()))
}

/// How clients authenticate with a TLS certificate.
fn tls_client_auth(server: &ServerConfig) -> Option<TlsClientAuth> {
    server.mtls.as_ref().map(|mtls| TlsClientAuth {
        token_endpoint: mtls.url.as_ref().map(|url| format!("{url}/token")),
    })
}

fn warn_of_roots(policy: &TrustPolicy) {
    for root in policy.anchors_expiring(system_clock()()) {
        tracing::warn!(
            root = root.subject,
            at = root.pointer,
            "a root {} at {}",
            if root.ended { "expired" } else { "expires" },
            root.not_after
        );
    }
}

/// Whoever waits for this record can connect at once.
fn announce(state: &State, server: &ServerConfig) -> Result<(), NoSigner> {
    let signer = state.keys.signer(None, system_clock()())?;
    let key = signer.public();
    let mtls = server.mtls.as_ref();
    let socket = mtls.and_then(MtlsConfig::socket);
    tracing::info!(
        issuer = state.issuer,
        listen = %server.listen,
        tls = server.tls.is_some(),
        mtls = mtls.and_then(|mtls| mtls.listen).map(tracing::field::display),
        socket = socket.map(|path| tracing::field::display(path.display())),
        kid = key.kid(),
        algorithm = key.algorithm().as_str(),
        "serving"
    );
    Ok(())
}

/// Ends when this is said.
async fn ended(mut stopping: watch::Receiver<bool>) {
    // An error means that nobody can say it any more.
    let _ = stopping.wait_for(|stopping| *stopping).await;
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
