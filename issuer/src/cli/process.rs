//! The process that the command runs in, as the verify commands ask for it.

use crate::config::{self, ConfigError};
use crate::decide;
use credmint_core::UnixTime;
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::SignatureProvider;
use credmint_verify::Host;
use std::path::Path;

/// The process that the command runs in: its clock, its files, the back ends that the issuer has too.
pub(super) struct ThisProcess;

impl Host for ThisProcess {
    fn signatures(&self) -> SignatureProvider<'_> {
        decide::SIGNATURES
    }

    fn now(&self) -> UnixTime {
        decide::system_clock()()
    }

    fn open_policy(&self, file: &str) -> Result<TrustPolicy, String> {
        config::open_policy(Path::new(file)).map_err(|errors| lines(&errors))
    }
}

/// Errors of a configuration, a line each.
pub(super) fn lines(errors: &[ConfigError]) -> String {
    errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
