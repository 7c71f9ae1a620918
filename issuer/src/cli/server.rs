//! `credmint serve`, `credmint keys`.

use super::answer::{complain, misused, say};
use super::flags::Format;
use crate::app::{State, TlsClientAuth, app};
use crate::audit::Audit;
use crate::config::{self, ConfigError, MtlsConfig, ServerConfig};
use crate::decide::{Decider, system_clock};
use crate::fetch::Fetcher;
use crate::keys::SigningKeys;
use crate::doors::{self, Doors};
use crate::serve::Front;
use crate::sockets::{self, HandedOver, raise_descriptors};
use crate::store::SqliteStore;
use crate::{log, state};
use crate::admission::Admission;
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
    let handed_over = match HandedOver::take(&[doors::LISTEN, doors::MTLS, doors::PROXY], doors::LISTEN) {
        Ok(handed_over) => handed_over,
        Err(error) => return misused(error),
    };
    if let Err(error) = log::init(server.log) {
        return misused(error);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return misused(error),
    };
    match runtime.block_on(run(server, handed_over, policy, hash)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => misused(error),
    }
}

/// Prints the public key set. As `serve` does, it makes the signing key when there is none yet, so that the set
/// can be handed to verifiers before the first start.
pub(super) fn show_keys(path: &Path) -> ExitCode {
    let server = match load(path) {
        Ok((server, _, _)) => server,
        Err(errors) => return print_errors(&errors, Format::Text),
    };
    match open_keys(&server) {
        Ok(keys) => {
            say(keys.jwks());
            ExitCode::SUCCESS
        }
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

fn open_keys(server: &ServerConfig) -> Result<SigningKeys, Box<dyn Error>> {
    state::create_directory(&server.state_directory)?;
    Ok(SigningKeys::open(&server.state_directory, server.signing.algorithm)?)
}

async fn run(
    server: ServerConfig,
    handed_over: HandedOver,
    policy: TrustPolicy,
    policy_hash: String,
) -> Result<(), Box<dyn Error>> {
    let keys = open_keys(&server)?;
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
    let decider = Decider::new(Arc::new(policy), Box::new(fetcher), system_clock())
        .with_work(server.limits.work())
        .with_own_keys(keys.verifying()?)
        .with_lists(&store.kept_lists().await?, &store.list_floors().await?, store.lists());
    let state = State {
        issuer: decider.policy().issuer().to_owned(),
        decider,
        keys,
        audit: Audit::open(&server.audit, policy_hash)?,
        store: Box::new(store),
        admission: Admission::new(server.limits.admission()),
        identities: Vec::new(),
        tls_client_auth: server.mtls.as_ref().map(|mtls| TlsClientAuth {
            token_endpoint: mtls.url.as_ref().map(|url| format!("{url}/token")),
        }),
    };
    let (issuer, key) = (state.issuer.clone(), state.keys.current().public().clone());
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
    let stop = stopped();
    let mut handed_over = handed_over;
    let Doors { doors, identities } = Doors::open(&server, &mut handed_over, system_clock()())?;
    if let Err((has, needed)) = raise_descriptors(server.limits.connections) {
        tracing::warn!(has, needed, "there are fewer file descriptors than limits.connections may need");
    }
    let state = State { identities: identities.clone(), ..state };
    let (limits, intermediaries) = (server.limits.connections(), server.intermediaries());
    let front = Front::new(app(Arc::new(state)), limits, intermediaries);
    let (order_to_stop, stopping) = watch::channel(false);
    let mut served = JoinSet::new();
    for door in doors {
        let mut stopping = stopping.clone();
        served.spawn(Arc::clone(&front).serve(door, async move {
            // An error means that nobody can say it any more.
            let _ = stopping.wait_for(|stopping| *stopping).await;
        }));
    }
    announce();
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
    tracing::info!("stopped");
    Ok(())
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
