//! Envoy with the filter before a service, configured by the example that people copy.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use axum::Router;
use axum::http::HeaderMap;

use super::{Place, World};
use crate::environment;
use crate::fixtures::server::Server;
use crate::http_client::{Answer, get_plain};
use crate::process::{Process, free_address};

/// The configuration in the examples, for an issuer elsewhere.
const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/envoy/envoy.yaml");

/// A running Envoy, and the service that is reached through it alone.
pub struct Edge {
    _envoy: Process,
    _service: Server,
    address: SocketAddr,
}

impl Edge {
    /// Starts Envoy in `place`, before a service that answers with the subject it was told.
    ///
    /// # Panics
    ///
    /// When a part of it cannot be started.
    #[must_use]
    pub fn start(world: &World, place: Place<'_>) -> Self {
        let any = (Ipv4Addr::LOCALHOST, 0).into();
        let service = Router::new().fallback(subject);
        let service = world.runtime().block_on(Server::start(any, service));
        let (address, admin) = (free_address(), free_address());
        let text = configuration(world, address, admin, service.address());
        let file = world.write("envoy.yaml", &text);

        let mut command = place(&environment::envoy());
        command.arg("--config-path").arg(file);
        command.args(["--concurrency", "1", "--disable-hot-restart", "--log-level", "warning"]);
        let mut envoy = Process::start("envoy", &mut command);
        envoy.wait_until_listening(address);
        Self { _envoy: envoy, _service: service, address }
    }

    /// Asks the service for something, with an access token.
    #[must_use]
    pub fn get(&self, token: &str) -> Answer {
        let authorization = format!("Bearer {token}");
        get_plain(self.address, "/orders", &[("Authorization", &authorization)])
    }

    /// Where Envoy listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// What the service knows of its caller: only what Envoy says.
async fn subject(headers: HeaderMap) -> String {
    let subject = headers.get("x-credmint-subject").and_then(|value| value.to_str().ok());
    subject.unwrap_or_default().to_owned()
}

/// The example with the addresses, names and files of this world.
fn configuration(
    world: &World,
    edge: SocketAddr,
    admin: SocketAddr,
    service: SocketAddr,
) -> String {
    let port = |address: SocketAddr| format!("port_value: {}", address.port());
    let file = |path: &Path| format!("filename: {}", path.display());
    let issuer = format!("address: {}, {}", world.address().ip(), port(world.address()));
    let replacements = [
        ("https://sts.example.com:8443/oauth2", world.issuer_url()),
        ("port_value: 8080", port(edge)),
        ("port_value: 9901", port(admin)),
        ("port_value: 3000", port(service)),
        ("address: sts.example.com, port_value: 8443", issuer),
        ("sni: sts.example.com", "sni: localhost".to_owned()),
        ("exact: sts.example.com", "exact: localhost".to_owned()),
        ("filename: ca.pem", file(&world.file("tls-ca.pem"))),
        ("filename: credmint_filter.wasm", file(&environment::filter_wasm())),
        (
            "\"audience\": ",
            "\"scope\": [\"read:file\"],\n                      \"audience\": ".to_owned(),
        ),
    ];
    let example = fs::read_to_string(EXAMPLE).expect("the example");
    replacements.iter().fold(example, |text, (from, to)| {
        assert!(text.contains(from), "the example has no `{from}` any more");
        text.replace(from, to)
    })
}
