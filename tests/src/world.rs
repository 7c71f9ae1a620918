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
pub mod request;
pub mod token;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::environment;
use crate::fixtures::cloud_signer::CloudSigner;
use crate::fixtures::key::TestKey;
use crate::fixtures::kubernetes;
use crate::fixtures::oidc_issuer::OidcIssuer;
use crate::fixtures::pem;
use crate::fixtures::private_ca::PrivateCa;
use crate::fixtures::seed::Seed;
use crate::fixtures::tls::ServerCa;
use crate::http_client::{Answer, HttpsClient};
use crate::process::{Process, free_address};
use log::Record;
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

/// The world, with its issuer running.
pub struct World {
    // Before everything else, so that no server is asked for keys that are gone.
    issuer: Process,
    folder: TempDir,
    address: SocketAddr,
    client: HttpsClient,
    /// What the issuer wrote before it was restarted.
    past_log: String,
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
        let address = free_address();
        write("credmint.yaml", &configuration(template, address, forge.url(), changes));

        let issuer = serve(place, folder.path());
        Self {
            issuer,
            client: HttpsClient::trusting(tls.der()),
            address,
            past_log: String::new(),
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
        let status = self.issuer.stop();
        let log = self.issuer.log();
        assert!(status.success(), "the issuer ended with {status}:\n{log}");
        self.past_log.push_str(&log);
        self.issuer = serve(&|program| Command::new(program), self.folder.path());
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
        self.client.request(self.address, "POST", path, headers, body)
    }

    /// `GET` of a path of the issuer.
    #[must_use]
    pub fn get(&self, path: &str) -> Answer {
        self.client.get(self.address, path)
    }

    /// A client that trusts the issuer's certificate.
    #[must_use]
    pub fn client(&self) -> &HttpsClient {
        &self.client
    }

    /// The issuer's process id.
    #[must_use]
    pub fn issuer_id(&self) -> u32 {
        self.issuer.id()
    }

    /// Where the issuer listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The issuer's URL.
    #[must_use]
    pub fn issuer_url(&self) -> String {
        format!("https://{}{ISSUER_PATH}", self.address)
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

    /// The issuer's record of the request `id`.
    ///
    /// # Panics
    ///
    /// When there is none.
    #[must_use]
    pub fn record(&self, id: &str) -> Record {
        Record::all(&self.issuer.wait_for_line(id)).remove(0)
    }

    /// How many tokens the issuer says it minted. What it wrote before it answered may still be on its way here: the
    /// records of the tokens that [`World::exchange`] was given are waited for.
    #[must_use]
    pub fn minted(&self) -> usize {
        let told = || Record::all(&self.log()).iter().filter(|record| record.is_mint()).count();
        let deadline = Instant::now() + LOG;
        while told() < self.granted.load(Ordering::Relaxed) && Instant::now() < deadline {
            thread::sleep(POLL);
        }
        told()
    }

    /// Everything that the issuer has written.
    #[must_use]
    pub fn log(&self) -> String {
        format!("{}{}", self.past_log, self.issuer.log())
    }

    /// Checks that the log is made of records and tells no secret. It is done at the end in any case.
    ///
    /// # Panics
    ///
    /// When it does not hold.
    pub fn check_log(&self) {
        let log = self.log();
        let _ = Record::all(&log);
        assert!(!log.contains("panicked"), "a handler panicked:\n{log}");
        let mut secrets = self.secrets.lock().expect("the secrets").clone();
        secrets.extend(self.private_keys());
        let leaked = log::leaked(&log, &secrets);
        assert!(leaked.is_empty(), "secrets in the log: {leaked:?}\n{log}");
        let audit = self.audit();
        let leaked = log::leaked(&audit, &secrets);
        assert!(leaked.is_empty(), "secrets in the audit: {leaked:?}\n{audit}");
        let audited = Record::all(&audit);
        for minted in Record::all(&log).iter().filter(|record| record.is_mint()) {
            let id = minted.text("request_id");
            let recorded = |record: &&Record| record.text("request_id") == id && record.is_mint();
            assert_eq!(audited.iter().filter(recorded).count(), 1, "{id} in the audit:\n{audit}");
        }
    }

    /// The audit records of the issuer.
    ///
    /// # Panics
    ///
    /// When there is no file of them.
    #[must_use]
    pub fn audit(&self) -> String {
        fs::read_to_string(self.file("audit.jsonl")).expect("the audit records")
    }

    /// The private keys of the issuer and of everybody else, as text.
    fn private_keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for folder in ["seed", "state"] {
            for entry in fs::read_dir(self.file(folder)).into_iter().flatten().flatten() {
                let bytes = fs::read(entry.path()).unwrap_or_default();
                if entry.path().extension().is_some_and(|end| end == "pk8") {
                    keys.push(pem::base64_line(&bytes));
                } else if let Ok(text) = String::from_utf8(bytes) {
                    keys.push(text);
                }
            }
        }
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

/// The text of the configuration file.
fn configuration(
    template: &str,
    address: SocketAddr,
    forge: &str,
    changes: &[(&str, &str)],
) -> String {
    let mut text = template.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "`{from}` is not in the configuration");
        text = text.replace(from, to);
    }
    text.replace("ADDRESS", &address.to_string()).replace("FORGE", forge)
}

fn serve(place: Place<'_>, folder: &Path) -> Process {
    let mut command = place(&environment::credmint());
    command.args(["serve", "--config"]).arg(folder.join("credmint.yaml"));
    let issuer = Process::start("credmint serve", &mut command);
    let _ = issuer.wait_for_line("\"serving\"");
    issuer
}

fn write(path: &Path, text: &str) {
    fs::write(path, text)
        .unwrap_or_else(|error| panic!("cannot write {}: {error}", path.display()));
}
