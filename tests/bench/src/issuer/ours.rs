//! The measured side: `credmint serve`, optimised, as it is shipped.

use super::cores::Cores;
use super::server::Server;
use super::transport::{Tls, Transport};
use super::world::World;
use credmint_tests::environment;
use credmint_tests::load::Target;
use credmint_tests::process::free_address;
use serde_json::{Value, json};
use std::cell::Cell;
use std::fs;
use tempfile::TempDir;

/// A running issuer over a folder of its own, its audit in a file.
pub(crate) struct Ours {
    pub(crate) server: Server,
    pub(crate) target: Target,
    folder: TempDir,
    granted: Cell<usize>,
}

impl Ours {
    /// Starts it with the settings of `server` over the usual ones.
    ///
    /// # Panics
    /// When it does not start.
    pub(crate) fn start(
        cores: &Cores,
        world: &World,
        transport: Transport,
        tls: &Tls,
        settings: &Value,
    ) -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let address = free_address();
        let enough = json!({ "per_second": 1_000_000, "burst": 1_000_000 });
        let mut server = json!({
            "listen": address.to_string(),
            "state_directory": "state",
            "audit": "audit.jsonl",
            // Counted as ever, but all clients come from one address here, and each asks again and again.
            "limits": {
                "connections": 20_000, "per_address": 20_000, "handshakes_per_source": enough,
                "per_source": enough, "per_client": enough, "head": 120, "idle": 120,
            },
        });
        if transport == Transport::Tls {
            server["tls"] = json!({ "certificate": tls.certificate(), "key": tls.key() });
        }
        let settings = settings.as_object().into_iter().flatten();
        settings.for_each(|(name, value)| server[name] = value.clone());
        // JSON is YAML.
        let configuration = json!({ "server": server, "policy": world.policy() });
        let path = folder.path().join("credmint.yaml");
        fs::write(&path, configuration.to_string()).expect("a configuration");
        let server = Server::start(
            cores,
            &environment::credmint(),
            |command| _ = command.args(["serve", "--config"]).arg(&path),
            address,
            folder.path().join("log"),
        );
        let path = "/oauth2/token".to_owned();
        Self {
            server,
            target: Target { address, path, tls: transport.connector(tls) },
            folder,
            granted: Cell::new(0),
        }
    }

    /// Counts tokens that it gave.
    pub(crate) fn expect(&self, granted: usize) {
        self.granted.set(self.granted.get() + granted);
    }

    /// # Panics
    /// When its audit has not one record of each token.
    pub(crate) fn check_audit(&self) {
        let audit = fs::read_to_string(self.folder.path().join("audit.jsonl"));
        let audit = audit.expect("the audit");
        let granted = audit.lines().filter(|line| line.contains(r#""verdict":"accept""#)).count();
        assert_eq!(granted, self.granted.get(), "tokens in the audit");
    }
}
