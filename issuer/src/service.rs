//! What `serve` does: opens each subsystem, serves, and stops in order.
//!
//! Each subsystem has one function here that opens it.

mod configured;

pub use configured::Configured;

use crate::admission::Admission;
use crate::app::{State, app};
use crate::audit::Audit;
use crate::config::{MtlsConfig, ServerConfig};
use crate::decide::{Decider, system_clock};
use crate::doors::{self, Doors};
use crate::fetch::{Fetcher, FetcherError};
use crate::keys::SigningKeys;
use crate::live::{Live, TlsClientAuth};
use crate::serve::Front;
use crate::sockets::{self, HandedOver};
use crate::state;
use crate::store::{DatabaseStore, Store, StoreError};
use crate::tls::ListenError;
use arc_swap::ArcSwap;
use credmint_core::policy::TrustPolicy;
use std::error::Error;
use std::io;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// When something that it needs cannot be opened, or an address cannot be listened at.
pub async fn run(
    configured: Configured,
    mut handed_over: HandedOver,
) -> Result<(), Box<dyn Error>> {
    let Configured { server, policy, policy_hash } = configured;
    let stop = stopped();
    let Doors { doors, identities } = open_doors(&server, &mut handed_over)?;
    let keys = open_keys(&server)?;
    warn_of_roots(&policy);
    let fetcher = open_fetcher(&server)?;
    let store = open_store(&server).await?;
    let decider = open_decider(&server, policy, fetcher, &keys, &store).await?;
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
        admission: Admission::new(server.limits.admission()),
        identities: identities.clone(),
        audit: open_audit(&server)?,
    });
    let front = open_front(&server, &state);
    let (order_to_stop, stopping) = watch::channel(false);
    let mut served = JoinSet::new();
    for (name, door) in doors {
        served.spawn(Arc::clone(&front).serve(name, door, ordered(stopping.clone())));
    }
    announce(&state, &server);
    sockets::tell_ready();
    tokio::select! {
        () = stop => {}
        () = doors::watch(identities, || system_clock()()) => {}
        () = sockets::keep_telling() => {}
    }
    sockets::tell_stopping();
    // Nobody listening is no fault: there is no server then.
    let _ = order_to_stop.send(true);
    while served.join_next().await.is_some() {}
    store.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// Opens the signing keys, and makes the first where there is none.
///
/// # Errors
/// When the state directory cannot be made, or a key cannot be read, made or used.
pub fn open_keys(server: &ServerConfig) -> Result<SigningKeys, Box<dyn Error>> {
    state::create_directory(&server.state_directory)?;
    Ok(SigningKeys::open(&server.state_directory, server.signing.algorithm)?)
}

/// Where connections come in: first of all, so that they wait there while the rest is opened.
fn open_doors(server: &ServerConfig, handed_over: &mut HandedOver) -> Result<Doors, ListenError> {
    if let Err((has, needed)) = sockets::raise_descriptors(server.limits.connections) {
        tracing::warn!(
            has,
            needed,
            "there are fewer file descriptors than limits.connections needs"
        );
    }
    Doors::open(server, handed_over, system_clock()())
}

/// What takes connections.
fn open_front(server: &ServerConfig, state: &Arc<State>) -> Arc<Front> {
    let app = app(Arc::clone(state));
    Front::new(app, server.limits.connections(), server.intermediaries())
}

/// Ends when everything is to stop.
async fn ordered(mut stopping: watch::Receiver<bool>) {
    // An error means that nobody can say it any more.
    let _ = stopping.wait_for(|stopping| *stopping).await;
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
    server: &ServerConfig,
    policy: TrustPolicy,
    fetcher: Fetcher,
    keys: &SigningKeys,
    store: &DatabaseStore,
) -> Result<Decider, Box<dyn Error>> {
    Ok(Decider::new(Arc::new(policy), Box::new(fetcher), system_clock())
        .with_work(server.limits.work())
        .with_own_keys(keys.verifying()?)
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
fn announce(state: &State, server: &ServerConfig) {
    let key = state.keys.current().public();
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
