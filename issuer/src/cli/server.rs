//! `credmint serve`, `credmint check`, `credmint keys`.

use super::Format;
use super::answer::misused;
use crate::app::{State, app};
use crate::config::{self, ConfigError, ServerConfig};
use crate::decide::{Decider, system_clock};
use crate::fetch::Fetcher;
use crate::keys::SigningKeys;
use crate::store::SqliteStore;
use crate::tls::{ServerIdentity, TlsListener, plain_listener};
use crate::{log, serve};
use credmint_core::policy::TrustPolicy;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::signal::unix::{SignalKind, signal};

/// Serves until SIGINT or SIGTERM.
pub(super) fn serve(path: &Path, format: Format) -> ExitCode {
    let (server, policy) = match load(path) {
        Ok(loaded) => loaded,
        Err(errors) => return print_errors(&errors, format),
    };
    log::init(&server.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return misused(error),
    };
    match runtime.block_on(run(server, policy)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => misused(error),
    }
}

/// Reads the configuration and compiles its policy, and says what is wrong with it.
pub(super) fn check(path: &Path, format: Format) -> ExitCode {
    match load(path) {
        Ok((_, policy)) => {
            let (providers, clients) = (policy.providers().count(), policy.clients().count());
            match format {
                Format::Text => println!(
                    "{}: good; issuer {}, {providers} providers, {clients} clients",
                    path.display(),
                    policy.issuer()
                ),
                Format::Json => println!(
                    "{}",
                    json!({ "valid": true, "issuer": policy.issuer(), "providers": providers, "clients": clients })
                ),
            }
            ExitCode::SUCCESS
        }
        Err(errors) => print_errors(&errors, format),
    }
}

/// Prints the public key set.
pub(super) fn show_keys(path: &Path) -> ExitCode {
    let server = match load(path) {
        Ok((server, _)) => server,
        Err(errors) => return print_errors(&errors, Format::Text),
    };
    match SigningKeys::open(&server.state_directory, server.signing.algorithm) {
        Ok(keys) => {
            println!("{}", keys.jwks());
            ExitCode::SUCCESS
        }
        Err(error) => misused(error),
    }
}

fn load(path: &Path) -> Result<(ServerConfig, TrustPolicy), Vec<ConfigError>> {
    let loaded = config::load(path)?;
    let policy = loaded.policy.compile()?;
    Ok((loaded.server, policy))
}

fn print_errors(errors: &[ConfigError], format: Format) -> ExitCode {
    match format {
        Format::Text => {
            for error in errors {
                eprintln!("{error}");
            }
        }
        Format::Json => println!("{}", json!({ "valid": false, "errors": errors })),
    }
    ExitCode::from(2)
}

async fn run(server: ServerConfig, policy: TrustPolicy) -> Result<(), Box<dyn Error>> {
    let fetcher = Fetcher::new(authorities(&server.fetch.ca_files)?, server.fetch.allow_addresses.clone())?;
    let state = State {
        issuer: policy.issuer().to_owned(),
        decider: Decider::new(Arc::new(policy), Box::new(fetcher), system_clock()),
        keys: SigningKeys::open(&server.state_directory, server.signing.algorithm)?,
        store: Box::new(SqliteStore::open(&server.state_directory).await?),
    };
    tracing::info!(
        issuer = state.issuer,
        listen = %server.listen,
        tls = server.tls.is_some(),
        kid = state.keys.current().public().kid(),
        algorithm = state.keys.current().public().algorithm().as_str(),
        "serving"
    );
    let app = app(Arc::new(state));
    let stop = stopped();
    match &server.tls {
        Some(tls) => {
            let identity = Arc::new(ServerIdentity::open(&tls.certificate, &tls.key)?);
            serve::serve(TlsListener::bind(server.listen, identity).await?, app, stop).await;
        }
        None => serve::serve(plain_listener(server.listen).await?, app, stop).await,
    }
    tracing::info!("stopped");
    Ok(())
}

/// The certificates of authorities that key servers may have, from PEM files.
fn authorities(files: &[PathBuf]) -> Result<Vec<CertificateDer<'static>>, Box<dyn Error>> {
    let mut authorities = Vec::new();
    for file in files {
        let read = CertificateDer::pem_file_iter(file).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        authorities.extend(read.map_err(|error| format!("{}: {error}", file.display()))?);
    }
    Ok(authorities)
}

/// Ends when the process is told to stop.
async fn stopped() {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
