//! Replicas of the issuer: one alone, or two over PostgreSQL behind Envoy, as `examples/replicas` has them.

use std::fs::{self, Permissions};
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::Place;
use crate::environment;
use crate::postgresql::PostgreSql;
use crate::process::{Process, free_address};

/// Envoy's configuration in the examples.
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/replicas/envoy.yaml");

/// The key that seals the signing keys of replicas: 32 bytes in base64.
const SEALING_KEY: &str = "c2VhbGluZyBrZXkgb2YgdGhlIHRlc3Qgd29ybGQgMDE=";

/// What a world runs: one or two replicas, and what two of them need.
pub(super) struct Running {
    /// Where clients go: the only replica, or Envoy.
    pub(super) address: SocketAddr,
    pub(super) replicas: Vec<Mutex<Replica>>,
    envoy: Option<Process>,
    database: Option<Mutex<PostgreSql>>,
}

/// A process of the issuer, with what it wrote before it was started again.
pub(super) struct Replica {
    process: Process,
    past_log: String,
    is_killed: bool,
    configuration: PathBuf,
    address: SocketAddr,
}

impl Running {
    /// One issuer in `place`.
    pub(super) fn alone(place: Place<'_>, configuration: PathBuf, address: SocketAddr) -> Self {
        let replica = Replica::start(place, configuration, address);
        Self { address, replicas: vec![Mutex::new(replica)], envoy: None, database: None }
    }

    /// Two behind Envoy at `address`, by the configuration `text` in which OWN is where each one listens.
    pub(super) fn replicated(
        place: Place<'_>,
        folder: &Path,
        text: &str,
        address: SocketAddr,
    ) -> Self {
        let database = PostgreSql::start();
        let write = |name: &str, text: &str| super::write(&folder.join(name), text);
        write("sealing-key", SEALING_KEY);
        let for_its_owner = Permissions::from_mode(0o600);
        fs::set_permissions(folder.join("sealing-key"), for_its_owner).expect("a mode");
        let replicas: Vec<_> = ["a", "b"]
            .into_iter()
            .map(|name| {
                let own = free_address();
                let text = of_replica(text, name, own, &database.url());
                let configuration = folder.join(format!("credmint-{name}.yaml"));
                super::write(&configuration, &text);
                Replica::start(place, configuration, own)
            })
            .collect();
        let addresses: Vec<_> = replicas.iter().map(|replica| replica.address).collect();
        write("envoy-replicas.yaml", &envoy(folder, address, &addresses));
        let mut command = Command::new(environment::envoy());
        command.arg("--config-path").arg(folder.join("envoy-replicas.yaml"));
        command.args(["--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"]);
        let mut envoy = Process::start("envoy before replicas", &mut command);
        envoy.wait_until_listening(address);
        Self {
            address,
            replicas: replicas.into_iter().map(Mutex::new).collect(),
            envoy: Some(envoy),
            database: Some(Mutex::new(database)),
        }
    }

    /// Everything that the replicas have written, one after the other.
    pub(super) fn log(&self) -> String {
        self.replicas.iter().map(|replica| locked(replica).log()).collect()
    }

    /// What Envoy has written.
    pub(super) fn envoy_log(&self) -> String {
        self.envoy.as_ref().map(Process::log).unwrap_or_default()
    }

    pub(super) fn database(&self) -> MutexGuard<'_, PostgreSql> {
        locked(self.database.as_ref().expect("replicas have a database"))
    }
}

pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("nobody panicked with it")
}

impl Replica {
    fn start(place: Place<'_>, configuration: PathBuf, address: SocketAddr) -> Self {
        let process = serve(place, &configuration);
        Self { process, past_log: String::new(), is_killed: false, configuration, address }
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn id(&self) -> u32 {
        self.process.id()
    }

    pub(super) fn process(&self) -> &Process {
        &self.process
    }

    pub(super) fn log(&self) -> String {
        format!("{}{}", self.past_log, self.written())
    }

    /// Stops it as an operator would; the answer says how it ended.
    pub(super) fn stop(&mut self) -> ExitStatus {
        self.process.stop()
    }

    /// Kills it in whatever it is doing.
    pub(super) fn kill(&mut self) {
        self.process.kill();
        self.is_killed = true;
    }

    /// Starts it again, and says how long that took until it served.
    pub(super) fn start_again(&mut self) -> Duration {
        let written = self.written();
        self.past_log.push_str(&written);
        self.is_killed = false;
        let begun = Instant::now();
        self.process = serve(&|program| Command::new(program), &self.configuration);
        begun.elapsed()
    }

    /// What the process wrote. A line that it could not finish is no record.
    fn written(&self) -> String {
        let log = self.process.log();
        let is_whole = |line: &&str| serde_json::from_str::<serde_json::Value>(line).is_ok();
        match self.is_killed {
            true => log.lines().filter(is_whole).flat_map(|line| [line, "\n"]).collect(),
            false => log,
        }
    }
}

fn serve(place: Place<'_>, configuration: &Path) -> Process {
    let mut command = place(&environment::credmint());
    command.args(["serve", "--config"]).arg(configuration);
    let issuer = Process::start("credmint serve", &mut command);
    let _ = issuer.wait_for_line("\"serving\"");
    issuer
}

/// The configuration of one replica: what is its own, and the store that they share.
fn of_replica(text: &str, name: &str, own: SocketAddr, database: &str) -> String {
    let changes = [
        ("listen: OWN", format!("listen: {own}")),
        (
            "state_directory: state",
            format!(
                // A test asks more often than a client may.
                "state_directory: state-{name}\n  store: {{ postgresql: {{ url: \"{database}\" }} }}\n  \
                 limits: {{ per_client: {{ per_second: 1000, burst: 10000 }} }}"
            ),
        ),
        ("audit: audit.jsonl", format!("audit: audit-{name}.jsonl")),
        (
            "algorithm: ES256",
            "algorithm: ES256, key_encryption_key: { file: sealing-key }".to_owned(),
        ),
    ];
    changes.iter().fold(text.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "`{from}` is not in the configuration");
        text.replace(from, to)
    })
}

/// The example with the addresses, names and files of this world.
fn envoy(folder: &Path, address: SocketAddr, replicas: &[SocketAddr]) -> String {
    let at =
        |address: &SocketAddr| format!("address: {}, port_value: {}", address.ip(), address.port());
    let file = |name: &str| format!("filename: {}", folder.join(name).display());
    let replacements = [
        ("address: 0.0.0.0, port_value: 443", at(&address)),
        ("address: 10.0.0.11, port_value: 8443", at(&replicas[0])),
        ("address: 10.0.0.12, port_value: 8443", at(&replicas[1])),
        ("address: 127.0.0.1, port_value: 9901", at(&free_address())),
        ("filename: sts.pem", file("tls-server.pem")),
        ("filename: sts.key", file("tls-server.key.pem")),
        ("filename: ca.pem", file("tls-ca.pem")),
        ("sni: sts.example.com", "sni: localhost".to_owned()),
        ("exact: sts.example.com", "exact: localhost".to_owned()),
    ];
    let example = fs::read_to_string(EXAMPLE).expect("the example");
    replacements.iter().fold(example, |text, (from, to)| {
        assert!(text.contains(from), "the example has no `{from}`");
        text.replace(from, to)
    })
}
