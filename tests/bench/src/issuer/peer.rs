//! The peer: panva's oidc-provider, in Node.

use super::cores::Cores;
use super::exchange::form;
use super::server::Server;
use super::transport::{Tls, Transport};
use credmint_tests::environment;
use credmint_tests::fixtures::clock::now;
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::{TestKey, nonce};
use credmint_tests::load::Target;
use credmint_tests::process::free_address;
use hyper::body::Bytes;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::thread;
use tempfile::TempDir;

const CLIENT: &str = "app_1";
const RESOURCE: &str = "https://api.example.com";
const SCOPE: &str = "read";
const KEY: &str = "key-1";

/// A running peer, and its client.
pub(crate) struct Peer {
    pub(crate) server: Server,
    pub(crate) target: Target,
    issuer: String,
    key: TestKey,
    _folder: TempDir,
}

impl Peer {
    /// Starts `script` in Node.
    ///
    /// # Panics
    /// When it does not start.
    pub(crate) fn start(cores: &Cores, script: &Path, transport: Transport, tls: &Tls) -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let (address, key) = (free_address(), TestKey::rsa());
        let scheme = if transport == Transport::Tls { "https" } else { "http" };
        let issuer = format!("{scheme}://{address}");
        let mut configuration = json!({
            "issuer": issuer, "port": address.port(), "client_id": CLIENT, "resource": RESOURCE, "scope": SCOPE,
            "client_jwks": { "keys": [key.jwk(KEY)] },
        });
        if transport == Transport::Tls {
            configuration["certificate"] = json!(tls.certificate());
            configuration["key"] = json!(tls.key());
        }
        let path = folder.path().join("configuration.json");
        fs::write(&path, configuration.to_string()).expect("a configuration");
        let server = Server::start(
            cores,
            &environment::node(),
            |command| _ = command.arg(script).arg(&path).env("NODE_ENV", "production"),
            address,
            folder.path().join("log"),
        );
        let target = Target { address, path: "/token".to_owned(), tls: transport.connector(tls) };
        Self { server, target, issuer, key, _folder: folder }
    }

    /// The bodies of `count` requests, each with an assertion of its own, made on so many threads.
    pub(crate) fn bodies(&self, count: usize, cores: usize) -> Vec<Bytes> {
        let share = count.div_ceil(cores);
        thread::scope(|scope| {
            let part = || (0..share).map(|_| self.body()).collect::<Vec<_>>();
            let parts: Vec<_> = (0..cores).map(|_| scope.spawn(part)).collect();
            let made = parts.into_iter().flat_map(|part| part.join().expect("assertions"));
            made.take(count).collect()
        })
    }

    fn body(&self) -> Bytes {
        let now = now();
        let claims = json!({
            "iss": CLIENT, "sub": CLIENT, "aud": self.issuer, "jti": nonce(), "iat": now, "exp": now + 3600,
        });
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": KEY });
        form(&[
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", CLIENT.to_owned()),
            (
                "client_assertion_type",
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer".to_owned(),
            ),
            ("client_assertion", jwt::sign(&self.key, &header, &claims)),
            ("resource", RESOURCE.to_owned()),
            ("scope", SCOPE.to_owned()),
        ])
    }
}
