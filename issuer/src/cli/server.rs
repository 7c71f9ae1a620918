//! `credmint serve`.

use super::answer::{complain, misused, say};
use super::flags::Format;
use crate::config::ConfigError;
use crate::doors;
use crate::limits::{LOG_CLOSE, RUNTIME_CLOSE};
use crate::log;
use crate::service::{self, Configured, Signals};
use crate::sockets::HandedOver;
use credmint_core::json;
use std::path::Path;
use std::process::ExitCode;

/// Serves until SIGINT or SIGTERM.
pub(super) fn serve(path: &Path, format: Format) -> ExitCode {
    let handed_over = match HandedOver::take(&doors::NAMES, doors::LISTEN) {
        Ok(handed_over) => handed_over,
        Err(error) => return misused(error),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return misused(error),
    };
    // Before anything that takes time: a signal that comes during the start is not lost, nor does it end the process.
    let signals = match runtime.block_on(async { Signals::listen() }) {
        Ok(signals) => signals,
        Err(error) => return misused(error),
    };
    let configured = match Configured::load(path) {
        Ok(configured) => configured,
        Err(errors) => return print_errors(&errors, format),
    };
    let log = match log::init(configured.server.log) {
        Ok(log) => log,
        Err(error) => return misused(error),
    };
    let served = runtime.block_on(service::run(configured, signals, handed_over));
    // What still runs waits for somebody who does not answer.
    runtime.shutdown_timeout(RUNTIME_CLOSE);
    // That nobody reads the log is no reason to go on.
    let _ = log.close(LOG_CLOSE);
    match served {
        Ok(()) => ExitCode::SUCCESS,
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
