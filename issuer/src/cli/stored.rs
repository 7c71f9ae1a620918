//! Commands about what an issuer stores, beside the process that serves.

use super::Configuration;
use super::answer::{misused, say};
use super::flags::Format;
use super::server::print_errors;
use crate::config::{self, ServerConfig};
use credmint_core::json;
use std::error::Error;
use std::process::ExitCode;

/// One answer in both forms.
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) json: json::Object,
}

/// Asks what the server of a configuration stores, and prints the answer.
pub(super) fn run(
    configuration: &Configuration,
    format: Format,
    ask: impl AsyncFnOnce(&ServerConfig) -> Result<Answer, Box<dyn Error>>,
) -> ExitCode {
    let server = match config::load(&configuration.config) {
        Ok(loaded) => loaded.server,
        Err(errors) => return print_errors(&errors, format),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return misused(error),
    };
    match runtime.block_on(ask(&server)) {
        Ok(Answer { text, json }) => {
            match format {
                Format::Text => say(text.trim_end()),
                Format::Json => say(json),
            }
            ExitCode::SUCCESS
        }
        Err(error) => misused(error),
    }
}
