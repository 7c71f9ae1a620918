//! `credmint serve`, `credmint keys`.

use super::answer::{complain, misused, say};
use super::flags::Format;
use crate::config::ConfigError;
use crate::doors;
use crate::log;
use crate::service::{self, Configured};
use crate::sockets::HandedOver;
use credmint_core::json;
use std::path::Path;
use std::process::ExitCode;

/// Serves until SIGINT or SIGTERM.
pub(super) fn serve(path: &Path, format: Format) -> ExitCode {
    let configured = match Configured::load(path) {
        Ok(configured) => configured,
        Err(errors) => return print_errors(&errors, format),
    };
    let handed_over = match HandedOver::take(&doors::NAMES, doors::LISTEN) {
        Ok(handed_over) => handed_over,
        Err(error) => return misused(error),
    };
    if let Err(error) = log::init(configured.server.log) {
        return misused(error);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return misused(error),
    };
    match runtime.block_on(service::run(configured, handed_over)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => misused(error),
    }
}

/// Prints the public key set. As `serve` does, it makes the signing key when there is none yet, so that the set
/// can be handed to verifiers before the first start.
pub(super) fn show_keys(path: &Path) -> ExitCode {
    let configured = match Configured::load(path) {
        Ok(configured) => configured,
        Err(errors) => return print_errors(&errors, Format::Text),
    };
    match service::open_keys(&configured.server) {
        Ok(keys) => {
            say(keys.jwks());
            ExitCode::SUCCESS
        }
        Err(error) => misused(error),
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
