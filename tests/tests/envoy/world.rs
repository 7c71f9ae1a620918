//! Envoy with the example's configuration, a service behind it and an issuer beside it.

use crate::http::{Answer, exchange, send};
use axum::http::HeaderMap;
use axum::{Json, Router};
use credmint_tests::environment;
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
#[cfg(target_os = "linux")]
use credmint_tests::fixtures::moved_clock::MovedClock;
use credmint_tests::fixtures::oidc_issuer::{Behaviour, OidcIssuer};
use credmint_tests::fixtures::server::Server;
use credmint_tests::fixtures::tls::ServerCa;
use credmint_tests::process::{Process, free_address};
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

/// How often a condition that is not announced is looked at.
const POLL: Duration = Duration::from_millis(50);

/// The example's issuer.
const ISSUER: &str = "https://sts.example.com:8443/oauth2";
/// The example's audience.
pub(crate) const AUDIENCE: &str = "api.example.com";

/// A change of the example: this text, which must be there, by that one. Nothing by nothing is no change.
pub(crate) type Edit = (&'static str, &'static str);

/// A running Envoy and its surroundings.
pub(crate) struct World {
    pub(crate) envoy: Process,
    pub(crate) issuer: OidcIssuer,
    key: TestKey,
    edge: SocketAddr,
    admin: SocketAddr,
    _service: Server,
    _folder: TempDir,
}

impl World {
    pub(crate) async fn start(edits: &[Edit]) -> Self {
        Self::start_with_keys(edits, &[TestKey::ec()]).await
    }

    /// Starts with an issuer that publishes these keys as `key-1`, `key-2` and so on.
    pub(crate) async fn start_with_keys(edits: &[Edit], keys: &[TestKey]) -> Self {
        Prepared::new(edits, keys, Behaviour::Good).await.start()
    }

    /// Starts with an issuer that answers like this for its keys.
    pub(crate) async fn start_behaving(edits: &[Edit], keys: Behaviour) -> Self {
        Prepared::new(edits, &[TestKey::ec()], keys).await.start()
    }

    /// Starts an Envoy that reads this clock.
    #[cfg(target_os = "linux")]
    pub(crate) async fn start_by(clock: &MovedClock) -> Self {
        // Envoy lets 1,024 requests a cluster go on at once unless it is told otherwise.
        const MORE: Edit = (
            "  - name: service\n    type: STATIC\n",
            "  - name: service\n    type: STATIC\n    circuit_breakers:\n      thresholds:\n      - { max_connections: 4096, \
             max_pending_requests: 4096, max_requests: 4096 }\n",
        );
        let prepared = Prepared::new(&[MORE], &[TestKey::ec()], Behaviour::Good).await;
        let mut command = prepared.command();
        clock.give_to(&mut command);
        prepared.start_as(&mut command)
    }

    /// Starts with another WebAssembly module than ours.
    pub(crate) async fn start_with_module(module: &[u8]) -> Self {
        let prepared = Prepared::new(&[], &[TestKey::ec()], Behaviour::Good).await;
        let path = |name: &str| prepared.folder.path().join(name);
        std::fs::write(path("other.wasm"), module).expect("a writable folder");
        let ours = environment::filter_wasm().display().to_string();
        let text = std::fs::read_to_string(path("envoy.yaml")).expect("a file just written");
        let text = text.replace(&ours, &path("other.wasm").display().to_string());
        std::fs::write(path("envoy.yaml"), text).expect("a writable folder");
        prepared.start()
    }

    /// Starts an Envoy that must not start, and returns what it says.
    pub(crate) async fn does_not_start(edits: &[Edit]) -> String {
        let prepared = Prepared::new(edits, &[TestKey::ec()], Behaviour::Good).await;
        let output = tokio::task::spawn_blocking(move || {
            let output = prepared.command().output();
            drop(prepared);
            output.expect("Envoy")
        });
        let output = output.await.expect("a thread");
        assert!(!output.status.success(), "Envoy started");
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    pub(crate) fn edge(&self) -> SocketAddr {
        self.edge
    }

    /// An access token of the issuer, with its first key.
    pub(crate) fn token(&self, claims: &Value) -> String {
        token(&self.key, "key-1", "at+jwt", claims)
    }

    pub(crate) fn good_token(&self) -> String {
        self.token(&good_claims())
    }

    /// Asks for `path` with further header fields, each ending in CR LF.
    pub(crate) async fn get(&self, path: &str, fields: &str) -> Answer {
        exchange(self.edge, get(path, fields).as_bytes()).await
    }

    /// The same, while others ask as well.
    pub(crate) fn begin_get(&self, path: &str, fields: &str) -> JoinHandle<Answer> {
        let (edge, request) = (self.edge, get(path, fields));
        tokio::spawn(async move { exchange(edge, request.as_bytes()).await })
    }

    /// The same, by somebody who drops the connection before the answer comes.
    pub(crate) async fn begin_and_leave(&self, path: &str, fields: &str) -> TcpStream {
        let stream = send(self.edge, get(path, fields).as_bytes()).await;
        // There is one worker: when it answers this, it has taken that.
        self.is_well().await;
        stream
    }

    /// Asks again and again until the answer has this status, and returns the last answer.
    pub(crate) async fn get_until(
        &self,
        path: &str,
        fields: &str,
        status: u16,
        patience: Duration,
    ) -> Answer {
        let begun = Instant::now();
        loop {
            let answer = self.get(path, fields).await;
            if answer.status == status || begun.elapsed() > patience {
                return answer;
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// The value of a metric of the filter.
    pub(crate) async fn metric(&self, name: &str) -> String {
        let request = get(&format!("/stats?filter={name}"), "");
        let answer = exchange(self.admin, request.as_bytes()).await;
        let line = answer.body.lines().find_map(|line| line.split_once(": "));
        line.unwrap_or_else(|| panic!("no metric {name}: {answer:?}")).1.to_owned()
    }

    /// Waits until the issuer was asked for its keys twice, and no more: by the one worker, and by Envoy's main
    /// thread, which has a filter of its own.
    pub(crate) async fn every_filter_has_keys(&self) {
        let begun = Instant::now();
        while self.issuer.jwks_requests() < 2 {
            assert!(begun.elapsed() < Duration::from_secs(30), "a filter did not ask for keys");
            tokio::time::sleep(POLL).await;
        }
        assert_eq!(self.issuer.jwks_requests(), 2);
    }

    /// The filter still works: its VM has not failed.
    pub(crate) async fn is_well(&self) {
        assert_eq!(self.get("/healthz", "").await.status, 200);
        let log = self.envoy.log();
        for word in ["panicked", "Wasm VM failed", "[critical]"] {
            assert!(!log.contains(word), "{log}");
        }
    }
}

/// Everything but Envoy.
struct Prepared {
    issuer: OidcIssuer,
    key: TestKey,
    service: Server,
    folder: TempDir,
    edge: SocketAddr,
    admin: SocketAddr,
}

impl Prepared {
    async fn new(edits: &[Edit], keys: &[TestKey], behaviour: Behaviour) -> Self {
        let ca = ServerCa::new();
        let (key, others) = keys.split_first().expect("a key");
        let issuer = OidcIssuer::start_at(loopback(), &ca, key.clone()).await;
        others.iter().for_each(|other| issuer.rotate(other.clone()));
        issuer.jwks_behaves(behaviour);
        let service = Server::start(loopback(), Router::new().fallback(say_what_came)).await;
        let folder = tempfile::tempdir().expect("a folder");
        let (edge, admin) = (free_address(), free_address());
        let prepared = Self { issuer, key: key.clone(), service, folder, edge, admin };
        let path = |name: &str| prepared.folder.path().join(name);
        std::fs::write(path("ca.pem"), ca.pem()).expect("a writable folder");
        std::fs::write(path("envoy.yaml"), prepared.configuration(edits)).expect("the same");
        prepared
    }

    /// The example, with the changes of a test, then with this world's addresses and files.
    fn configuration(&self, edits: &[Edit]) -> String {
        let example = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/envoy/envoy.yaml");
        let mut text = std::fs::read_to_string(example).expect("the example");
        for (from, to) in edits.iter().filter(|(from, _)| !from.is_empty()) {
            assert!(text.contains(from), "the example has no {from:?} any more");
            text = text.replace(from, to);
        }
        let port = |address: SocketAddr| format!("port_value: {}", address.port());
        let issuer = self.issuer.url().rsplit(':').next().expect("a port");
        let file = |path: &std::path::Path| format!("filename: {}", path.display());
        let replacements = [
            ("port_value: 8080", port(self.edge)),
            ("port_value: 9901", port(self.admin)),
            ("port_value: 3000", port(self.service.address())),
            (
                "address: sts.example.com, port_value: 8443",
                format!("address: 127.0.0.1, port_value: {issuer}"),
            ),
            ("sni: sts.example.com", "sni: localhost".to_owned()),
            ("exact: sts.example.com", "exact: localhost".to_owned()),
            ("/oauth2/jwks", "/jwks".to_owned()),
            ("filename: ca.pem", file(&self.folder.path().join("ca.pem"))),
            ("filename: credmint_filter.wasm", file(&environment::filter_wasm())),
        ];
        replacements.iter().fold(text, |text, (from, to)| text.replace(from, to))
    }

    fn command(&self) -> Command {
        let mut command = Command::new(environment::envoy());
        command.arg("--config-path").arg(self.folder.path().join("envoy.yaml")).args([
            "--concurrency",
            "1",
            "--disable-hot-restart",
        ]);
        command
    }

    fn start(self) -> World {
        let mut command = self.command();
        self.start_as(&mut command)
    }

    fn start_as(self, command: &mut Command) -> World {
        let mut envoy = Process::start("envoy", command);
        envoy.wait_until_listening(self.edge);
        World {
            envoy,
            issuer: self.issuer,
            key: self.key,
            edge: self.edge,
            admin: self.admin,
            _service: self.service,
            _folder: self.folder,
        }
    }
}

/// The service: it says which header fields came, in order, as a list of names and values.
async fn say_what_came(fields: HeaderMap) -> Json<Value> {
    let value = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let fields = fields.iter().map(|(name, text)| json!([name.as_str(), value(text.as_bytes())]));
    Json(fields.collect())
}

/// Good claims of an access token, made now.
pub(crate) fn good_claims() -> Value {
    json!({
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "app_orders:run",
        "client_id": "app_orders",
        "scope": "read:file write",
        "jti": "1",
        "iat": now(),
        "exp": now() + 3600,
    })
}

/// A token with this key, `kid` and `typ`.
pub(crate) fn token(key: &TestKey, kid: &str, typ: &str, claims: &Value) -> String {
    jwt::sign(key, &json!({ "alg": key.algorithm(), "kid": kid, "typ": typ }), claims)
}

/// Unix time in seconds.
pub(crate) fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a clock");
    i64::try_from(elapsed.as_secs()).expect("a clock")
}

fn loopback() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

fn get(path: &str, fields: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: api.example.com\r\nconnection: close\r\n{fields}\r\n")
}
