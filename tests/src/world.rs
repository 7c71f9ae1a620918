//! A running Credmint and the world around it: a plant with a certificate authority, a forge, a cluster,
//! two clouds. Its configuration is `world/credmint.yaml`.
//!
//! The issuer is the real command, started as a process and spoken to over https. When a [`World`] ends,
//! the whole log of its issuer is read: it must be made of records, and no assertion, token or private
//! key may be in it.

pub mod edge;
pub mod log;
pub mod node;
pub mod proofs;
mod records;
mod replicas;
pub mod request;
pub mod token;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::fixtures::cloud_signer::CloudSigner;
use crate::fixtures::key::TestKey;
use crate::fixtures::kubernetes;
use crate::fixtures::oidc_issuer::OidcIssuer;
use crate::fixtures::pem;
use crate::fixtures::private_ca::PrivateCa;
use crate::fixtures::seed::Seed;
use crate::fixtures::tls::ServerCa;
use crate::http_client::{Answer, HttpsClient};
use crate::postgresql::PostgreSql;
use crate::process::free_address;
use replicas::{Running, locked};
use request::TokenRequest;

/// The configuration, in which ADDRESS and FORGE are still to be replaced.
const CONFIGURATION: &str = include_str!("world/credmint.yaml");

/// The path of the issuer's URL.
pub const ISSUER_PATH: &str = "/api/v2/iauths_system/oauth2";

/// The audience of OIDC tokens for this issuer.
pub const PROOF_AUDIENCE: &str = "https://sts.example.com";

/// The region of the EC2 signer.
pub const REGION: &str = "us-west-2";

/// How long a record of the issuer may take from its pipe to here; machines are busy.
const LOG: Duration = Duration::from_secs(10);

/// How often the log is looked at while a record is missing.
const POLL: Duration = Duration::from_millis(10);

/// How a program is started: on this machine as it is, or in a network namespace.
pub type Place<'a> = &'a dyn Fn(&Path) -> Command;

/// Where records go. Of refusals before a good signature an issuer writes the first alone, and tests look for each.
const SAMPLED: &str = "  audit: audit.jsonl\n";
const WHOLE: &str = "  audit: { file: audit.jsonl, refusals: { per_code_and_source: 1000000 } }\n";

/// The world, with its issuer running.
pub struct World {
    // Before everything else, so that no server is asked for keys that are gone.
    running: Running,
    folder: TempDir,
    client: HttpsClient,
    /// Requests that were answered with a token.
    granted: AtomicUsize,
    secrets: Mutex<Vec<String>>,
    /// The plant's certificate authority.
    pub plant: PrivateCa,
    /// The forge's issuer of tokens for jobs.
    pub forge: OidcIssuer,
    /// The key with which the cluster signs service account tokens.
    pub cluster: TestKey,
    /// The signer of ECS.
    pub ecs: CloudSigner,
    /// The signer of EC2 in [`REGION`].
    pub ec2: CloudSigner,
    // Last, since the forge lives in it.
    runtime: Runtime,
}

impl World {
    /// A world as its configuration describes it.
    ///
    /// # Panics
    ///
    /// When any part of it cannot be started.
    #[must_use]
    pub fn start() -> Self {
        Self::changed(&[])
    }

    /// A world whose configuration has each first text replaced by the second.
    ///
    /// # Panics
    ///
    /// As [`World::start`]; also when a text to replace is not there.
    #[must_use]
    pub fn changed(changes: &[(&str, &str)]) -> Self {
        Self::started_in(&|program| Command::new(program), changes)
    }

    /// The same with the issuer started in `place`.
    ///
    /// # Panics
    ///
    /// As [`World::changed`].
    #[must_use]
    pub fn started_in(place: Place<'_>, changes: &[(&str, &str)]) -> Self {
        Self::configured(place, CONFIGURATION, changes, &[])
    }

    /// The same with another configuration, in which ADDRESS and FORGE are replaced as well, and with `files` beside it:
    /// names and contents.
    ///
    /// # Panics
    ///
    /// As [`World::changed`].
    #[must_use]
    pub fn configured(
        place: Place<'_>,
        template: &str,
        changes: &[(&str, &str)],
        files: &[(&str, &str)],
    ) -> Self {
        Self::running(files, |folder, forge| {
            let address = free_address();
            let text = configuration(template, forge, changes);
            let path = folder.join("credmint.yaml");
            let text = text.replace("ADDRESS", &address.to_string()).replace(SAMPLED, WHOLE);
            write(&path, &text);
            Running::alone(place, path, address)
        })
    }

    /// The same as two replicas in `place`, over PostgreSQL and behind Envoy, whose address takes the place of ADDRESS wherever
    /// clients see it. The configuration needs the lines `listen: ADDRESS`, `state_directory: state` and
    /// `audit: audit.jsonl`, and `algorithm: ES256`.
    ///
    /// # Panics
    ///
    /// As [`World::changed`].
    #[must_use]
    pub fn replicated(
        place: Place<'_>,
        template: &str,
        changes: &[(&str, &str)],
        files: &[(&str, &str)],
    ) -> Self {
        Self::running(files, |folder, forge| {
            let address = free_address();
            let text = configuration(template, forge, changes);
            let text = text.replace("listen: ADDRESS", "listen: OWN");
            let text = text.replace("ADDRESS", &address.to_string());
            Running::replicated(place, folder, &text, address)
        })
    }

    /// Two replicas of the world as its configuration describes it, in `place`.
    ///
    /// # Panics
    ///
    /// As [`World::start`].
    #[must_use]
    pub fn replicated_in(place: Place<'_>) -> Self {
        Self::replicated(place, CONFIGURATION, &[], &[])
    }

    /// The same on this machine as it is.
    ///
    /// # Panics
    ///
    /// As [`World::start`].
    #[must_use]
    pub fn start_replicated() -> Self {
        Self::replicated_in(&|program| Command::new(program))
    }

    /// A world around what `start` starts, in its folder and with the forge at its address.
    fn running(files: &[(&str, &str)], start: impl FnOnce(&Path, &str) -> Running) -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let seed = Seed::open(&folder.path().join("seed"));
        let runtime = Runtime::new().expect("a runtime");
        let any = "127.0.0.1:0".parse().expect("an address");
        let forge = runtime.block_on(OidcIssuer::from_seed(any, &seed));
        let plant = PrivateCa::from_seed("Stand-in Plant", &seed);
        let cluster = seed.key("cluster", TestKey::rsa);
        let ecs = CloudSigner::ecs_from_seed(&seed);
        let ec2 = CloudSigner::ec2_from_seed(REGION, &seed);

        let tls = ServerCa::from_seed(&seed);
        let _ = tls.write(folder.path());
        let write = |name: &str, text: &str| write(&folder.path().join(name), text);
        write("plant-root.pem", &plant.root_pem());
        write("cluster-keys.json", &kubernetes::key_set(&cluster).to_string());
        write("ecs.pem", &ecs.certificate_pem());
        write(&format!("ec2-{REGION}.pem"), &ec2.certificate_pem());
        files.iter().for_each(|(name, text)| write(name, text));
        Self {
            running: start(folder.path(), forge.url()),
            client: HttpsClient::trusting(tls.der()),
            granted: AtomicUsize::new(0),
            secrets: Mutex::default(),
            plant,
            forge,
            cluster,
            ecs,
            ec2,
            folder,
            runtime,
        }
    }

    /// Stops the issuer as an operator would and starts it again on the same folder.
    ///
    /// # Panics
    ///
    /// When it does not end well, or does not start again.
    pub fn restart(&mut self) {
        self.stop();
        for replica in &self.running.replicas {
            let _ = locked(replica).start_again();
        }
    }

    /// The process of each replica.
    #[must_use]
    pub fn replica_ids(&self) -> Vec<u32> {
        self.running.replicas.iter().map(|replica| locked(replica).id()).collect()
    }

    /// Where each replica listens.
    #[must_use]
    pub fn replicas(&self) -> Vec<SocketAddr> {
        self.running.replicas.iter().map(|replica| locked(replica).address()).collect()
    }

    /// Kills a replica in whatever it is doing (SIGKILL).
    ///
    /// # Panics
    ///
    /// When there is none of this index.
    pub fn kill(&self, replica: usize) {
        locked(&self.running.replicas[replica]).kill();
    }

    /// Starts it again, and says how long it took until it served.
    ///
    /// # Panics
    ///
    /// When there is none of this index, or it does not start.
    pub fn start_again(&self, replica: usize) -> Duration {
        locked(&self.running.replicas[replica]).start_again()
    }

    /// The database of the replicas.
    ///
    /// # Panics
    ///
    /// When there is one issuer alone.
    pub fn database(&self) -> MutexGuard<'_, PostgreSql> {
        self.running.database()
    }

    /// Stops the issuer as an operator would.
    ///
    /// # Panics
    ///
    /// When it does not end well.
    pub fn stop(&mut self) {
        for replica in &self.running.replicas {
            let mut replica = locked(replica);
            let status = replica.stop();
            assert!(status.success(), "the issuer ended with {status}:\n{}", replica.log());
        }
    }

    /// Sends a token request, and keeps what is secret in it and in the answer for [`World::check_log`].
    #[must_use]
    pub fn exchange(&self, request: &TokenRequest) -> Answer {
        self.guard(request.get("client_assertion"));
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        let answer = self.post(&form, request.body().as_bytes());
        if answer.status == 200 {
            self.granted.fetch_add(1, Ordering::Relaxed);
            self.guard(answer.json()["access_token"].as_str().unwrap_or_default());
        }
        answer
    }

    /// `POST` of any bytes to the token endpoint.
    #[must_use]
    pub fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.post_to(&format!("{ISSUER_PATH}/token"), headers, body)
    }

    /// `POST` of any bytes to a path of the issuer.
    #[must_use]
    pub fn post_to(&self, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        self.client.request(self.address(), "POST", path, headers, body)
    }

    /// `GET` of a path of the issuer.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.client.get(self.address(), path)
    }

    /// A client that trusts the issuer's certificate.
    #[must_use]
    pub fn client(&self) -> &HttpsClient {
        &self.client
    }

    /// The issuer's process id, or that of its first replica.
    #[must_use]
    pub fn issuer_id(&self) -> u32 {
        locked(&self.running.replicas[0]).id()
    }

    /// Where clients find the issuer.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.running.address
    }

    /// The issuer's URL.
    #[must_use]
    pub fn issuer_url(&self) -> String {
        format!("https://{}{ISSUER_PATH}", self.address())
    }

    /// The token endpoint's URL.
    #[must_use]
    pub fn token_endpoint(&self) -> String {
        format!("{}/token", self.issuer_url())
    }

    /// The issuer's key set.
    #[must_use]
    pub fn jwks(&self) -> Value {
        self.get(&format!("{ISSUER_PATH}/jwks")).json()
    }

    /// What the servers of this world run in, for further ones.
    #[must_use]
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// A file of the world's folder: `tls-ca.pem`, `credmint.yaml`, the folder `seed`.
    #[must_use]
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the world's folder and returns its path.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    #[must_use]
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.file(name);
        write(&path, text);
        path
    }

    /// Remembers that `secret` must not stand in the log.
    ///
    /// # Panics
    ///
    /// When another thread panicked while it did the same.
    pub fn guard(&self, secret: &str) {
        self.secrets.lock().expect("the secrets").push(secret.to_owned());
    }

    /// The private keys of the issuer and of everybody else, as text.
    fn private_keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for folder in ["seed", "state", "state-a", "state-b"] {
            for entry in fs::read_dir(self.file(folder)).into_iter().flatten().flatten() {
                // What audit records are chained by, and who holds the folder, is no secret.
                let public = ["audit-head.json", "lock"];
                if entry.file_name().to_str().is_some_and(|name| public.contains(&name)) {
                    continue;
                }
                let bytes = fs::read(entry.path()).unwrap_or_default();
                if entry.path().extension().is_some_and(|end| end == "pk8") {
                    keys.push(pem::base64_line(&bytes));
                } else if let Ok(text) = String::from_utf8(bytes) {
                    keys.push(text);
                }
            }
        }
        keys.extend(fs::read_to_string(self.file("sealing-key")));
        assert!(keys.len() >= 2, "no private keys to look for");
        keys
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.check_log();
        }
    }
}

/// The text of the configuration file, in which ADDRESS is left.
fn configuration(template: &str, forge: &str, changes: &[(&str, &str)]) -> String {
    let mut text = template.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "`{from}` is not in the configuration");
        text = text.replace(from, to);
    }
    text.replace("FORGE", forge)
}

fn write(path: &Path, text: &str) {
    fs::write(path, text)
        .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
}
