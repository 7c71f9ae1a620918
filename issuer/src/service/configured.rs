//! A configuration that can be served.

use crate::config::{
    ConfigError, Files, LastGood, MtlsConfig, Seen, ServerConfig, SetAside, load_isolated,
};
use crate::decide::system_clock;
use credmint_core::policy::{TrustPolicy, policy_hash};
use std::path::{Path, PathBuf};

/// A configuration that was read and checked whole.
pub struct Configured {
    /// Its file.
    pub path: PathBuf,
    /// What concerns the process.
    pub server: ServerConfig,
    /// The policy.
    pub policy: TrustPolicy,
    /// The hash of its document.
    pub policy_hash: String,
    /// Files of teams that are not used as they are.
    pub set_aside: Vec<SetAside>,
    /// What the files of teams were when they last loaded.
    pub good: LastGood,
    /// What all its files held.
    pub seen: Seen,
}

impl Configured {
    /// Reads the configuration file at `path` and all that its policy includes. A policy whose own tests fail does not load, nor
    /// one whose roots are over.
    ///
    /// # Errors
    /// Everything that is wrong, with its places.
    pub fn load(path: &Path) -> Result<Self, Vec<ConfigError>> {
        Self::load_after(path, &LastGood::default()).1
    }

    /// As [`Configured::load`], where `last` is what the files of teams were when they last loaded. What the files held is told
    /// in any case.
    pub fn load_after(path: &Path, last: &LastGood) -> (Seen, Result<Self, Vec<ConfigError>>) {
        let files = Files::default();
        let loaded = load_isolated(path, &files, last, system_clock()());
        if let Ok(isolated) = &loaded {
            for path in read_later(&isolated.loaded.server) {
                files.note(path);
            }
        }
        let seen = files.seen();
        let configured = loaded.map(|isolated| Self {
            path: path.to_owned(),
            policy_hash: policy_hash(&isolated.loaded.policy),
            server: isolated.loaded.server,
            policy: isolated.policy,
            set_aside: isolated.set_aside,
            good: isolated.good,
            seen: seen.clone(),
        });
        (seen, configured)
    }
}

/// The files that `server:` names and that are read once, when it is taken up. Secrets for sources are read for each fetch.
fn read_later(server: &ServerConfig) -> Vec<&Path> {
    let mtls = server.mtls.as_ref().and_then(|mtls: &MtlsConfig| mtls.tls.as_ref());
    let tls = server.tls.iter().chain(mtls).flat_map(|tls| [&tls.certificate, &tls.key]);
    tls.chain(&server.fetch.ca_files).map(PathBuf::as_path).collect()
}
