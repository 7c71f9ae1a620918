//! What `serve` does: opens each subsystem, serves, and stops in order.
//!
//! Each subsystem has one function here that opens it.

mod configured;
mod reload;

pub use configured::Configured;

use crate::BoxFuture;
use crate::admission::Admission;
use crate::app::{State, app};
use crate::audit::{Audit, Seal};
use crate::clock::system_clock;
use crate::config::{MtlsConfig, ServerConfig};
use crate::decide::Decider;
use crate::doors::{self, Doors};
use crate::fetch::{Fetcher, FetcherError};
use crate::keys::{KeyError, KeyKeeper, KeyOptions, NoSigner, SigningKeys};
use crate::limits::{AUDIT_CLOSE, HAND_OVER_WAIT};
use crate::live::{Live, Reloads, TlsClientAuth};
use crate::metrics::{self, Exposition};
use crate::operations::{self, Heartbeat, Operations};
use crate::readiness::{Certificate, Parts, Readiness};
use crate::serve::Front;
use crate::sockets::{self, HandedOver};
use crate::state;
use crate::store::{DatabaseStore, Store, StoreError};
use crate::tls::{ListenError, ServerIdentity};
use arc_swap::ArcSwap;
use credmint_core::policy::TrustPolicy;
use reload::{Reloader, told_of};
use std::error::Error;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// When something that it needs cannot be opened, or an address cannot be listened at.
pub async fn run(
    configured: Configured,
    signals: Signals,
    mut handed_over: HandedOver,
) -> Result<(), Box<dyn Error>> {
    let Configured { path, server, policy, policy_hash, set_aside, good, seen } = configured;
    let Signals { mut stop, hangup } = signals;
    let exposition = server.operations.as_ref().map(|_| metrics::install()).transpose()?;
    let Doors { doors, identities } = open_doors(&server, &mut handed_over)?;
    state::create_directory(&server.state_directory)?;
    warn_of_roots(&policy);
    let fetcher = open_fetcher(&server)?;
    let store = tokio::select! {
        store = open_store(&server, handed_over.is_any()) => store?,
        () = &mut stop => return Ok(()),
    };
    let keeper = open_keys(&server, &store, &policy).await?;
    let keys = keeper.keys();
    let audit = Arc::new(open_audit(&server, keys.clone())?);
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
        reloads: ArcSwap::from_pointee(Reloads {
            set_aside: told_of(&set_aside),
            ..Reloads::default()
        }),
        readiness: Readiness::new(Parts {
            store: Arc::clone(&store) as Arc<dyn Store>,
            keys: keys.clone(),
            audit: Arc::clone(&audit),
            certificates: certificates(&identities),
            clock: system_clock(),
        }),
        audit,
        keys,
        store: Arc::clone(&store) as Arc<dyn Store>,
        admission: Admission::new(server.limits.admission()),
    });
    let _operations = open_operations(&server, &state, exposition).await?;
    let front = open_front(&server, &state);
    let (order_to_stop, stopping) = watch::channel(false);
    let keeping = tokio::spawn(keeper.run(system_clock(), ordered(stopping.clone())));
    let mut served = JoinSet::new();
    for (name, door) in doors {
        served.spawn(Arc::clone(&front).serve(name, door, ordered(stopping.clone())));
    }
    announce(&state, &server)?;
    sockets::tell_ready();
    let warming = tokio::spawn(warm(state.live(), server.fetch.on_demand));
    let reloader =
        Reloader::new(path, Arc::clone(&state), server, good, seen).of_front(front, &identities);
    tokio::select! {
        () = stop => {}
        () = reloader.run(hangup) => {}
        () = doors::watch(&identities, || system_clock()()) => {}
        () = sockets::keep_telling() => {}
    }
    warming.abort();
    state.readiness.stop();
    sockets::tell_stopping();
    // Nobody listening is no fault: there is no server then.
    let _ = order_to_stop.send(true);
    while served.join_next().await.is_some() {}
    // A keeper that was ended already has nothing more to say.
    let _ = keeping.await;
    // Before the state folder is another's: a successor goes on with the chain.
    if !state.audit.close(AUDIT_CLOSE).await {
        tracing::error!("audit records that waited could not be written");
    }
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
///
/// Where sockets were handed over, the process before this one may be ending: its store is waited for.
async fn open_store(server: &ServerConfig, waits: bool) -> Result<Arc<DatabaseStore>, StoreError> {
    let wait = if waits { HAND_OVER_WAIT } else { Duration::ZERO };
    let folder = &server.state_directory;
    DatabaseStore::open_after(&server.store, folder, system_clock(), wait).await.map(Arc::new)
}

/// What records decisions, sealed by the keys that sign tokens.
fn open_audit(server: &ServerConfig, keys: SigningKeys) -> io::Result<Audit> {
    let seal = Seal {
        sign: Some(Box::new(move |typ, claims| {
            keys.signer(None, system_clock()()).ok()?.sign(typ, claims).ok()
        })),
        folder: Some(server.state_directory.clone()),
    };
    Audit::open(&server.audit, seal)
}

/// The certificates that clients see, and until when.
fn certificates(identities: &[(&'static str, ServerIdentity)]) -> Vec<Certificate> {
    let shown = identities.iter().cloned().map(|(listener, identity)| {
        let expires = move || Some(identity.validity()?.not_after);
        Certificate { listener, expires: Box::new(expires) }
    });
    shown.collect()
}

/// What answers operators, where it is wanted.
async fn open_operations(
    server: &ServerConfig,
    state: &Arc<State>,
    exposition: Option<Exposition>,
) -> Result<Option<operations::Listening>, Box<dyn Error>> {
    let (Some(config), Some(exposition)) = (&server.operations, exposition) else {
        return Ok(None);
    };
    let started = system_clock()();
    metrics::loaded(started.seconds());
    let operations = Operations {
        state: Arc::clone(state),
        server: server.clone(),
        exposition,
        serving: Handle::current(),
        heartbeat: Heartbeat::begin(),
        started,
    };
    let listening = operations.start(config.listen).await?;
    tracing::info!(listen = %listening.address(), "operations");
    Ok(Some(listening))
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

/// Fetches what the policy needs before anybody asks for it. A source that is down keeps nobody from anything.
async fn warm(live: Arc<Live>, on_demand: bool) {
    if !on_demand {
        live.decider.warm().await;
    }
}

/// What the process is told by signals. They are listened for from the moment when this is made.
pub struct Signals {
    /// Ends when it is told to stop.
    stop: BoxFuture<'static, ()>,
    /// SIGHUP: the configuration is to be read again.
    hangup: Signal,
}

impl Signals {
    /// Listens for SIGINT, SIGTERM and SIGHUP, within a runtime. From here on SIGHUP does not end the process.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn listen() -> io::Result<Self> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let hangup = signal(SignalKind::hangup())?;
        let stop = Box::pin(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        });
        Ok(Self { stop, hangup })
    }
}
