//! A configuration that can be served.

use crate::config::{self, ConfigError, ServerConfig};
use crate::decide::system_clock;
use credmint_core::policy::{TrustPolicy, policy_hash};
use std::path::Path;

/// A configuration that was read and checked whole.
pub struct Configured {
    /// What concerns the process.
    pub server: ServerConfig,
    /// The policy.
    pub policy: TrustPolicy,
    /// The hash of its document.
    pub policy_hash: String,
}

impl Configured {
    /// Reads the configuration file at `path` and all that its policy includes. A policy whose own tests fail does not load, nor
    /// one whose roots are over.
    ///
    /// # Errors
    /// Everything that is wrong, with its places.
    pub fn load(path: &Path) -> Result<Self, Vec<ConfigError>> {
        let loaded = config::load(path)?;
        let policy = config::compile(&loaded.policy, &loaded.sources)?;
        let mut failed = config::failed_tests(&policy, &loaded.sources);
        failed.extend(config::ended_roots(&policy, &loaded.sources, system_clock()()));
        if failed.is_empty() {
            let policy_hash = policy_hash(&loaded.policy);
            Ok(Self { server: loaded.server, policy, policy_hash })
        } else {
            Err(failed)
        }
    }
}
