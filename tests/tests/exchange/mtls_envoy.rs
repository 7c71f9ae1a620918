//! A real Envoy at which the TLS connections of clients end, by the example that people copy.

use std::net::SocketAddr;
use std::process::Command;

use credmint_core::Code;
use credmint_tests::environment;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::private_ca::{Client, ClientProfile};
use credmint_tests::http_client::{Answer, HttpsClient};
use credmint_tests::process::{Process, free_address};
use credmint_tests::world::ISSUER_PATH;

use crate::mtls::{Mtls, granted, request_of};
use crate::refusal;

const EXAMPLE: &str = include_str!("../../../examples/envoy/mtls.yaml");

/// A certificate that Envoy shows to the issuer, in the place of the socket.
const BY_CERTIFICATE: &str = "    transport_socket:
      name: envoy.transport_sockets.tls
      typed_config:
        \"@type\": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
        common_tls_context:
          tls_certificates:
          - certificate_chain: { filename: edge.pem }
            private_key: { filename: edge.key }
          validation_context: { trusted_ca: { filename: tls-ca.pem } }
";

/// The page about it, which shows lines of the example.
const PAGE: &str = include_str!("../../../docs/mtls.md");

#[test]
fn the_page_shows_lines_of_the_example() {
    let (_, block) = PAGE.split_once("```text held-by=").expect("a block");
    let (block, _) = block.split_once("\n```").expect("its end");
    let lines: Vec<&str> = block.lines().skip(1).collect();
    assert_eq!(lines.len(), 2);
    for line in lines {
        assert!(EXAMPLE.contains(&format!(" {line}\n")), "{line}");
    }
}

struct Edge {
    mtls: Mtls,
    _envoy: Process,
    address: SocketAddr,
}

impl Edge {
    /// The example with these changes, before an issuer.
    fn start(changes: &[(&str, &str)]) -> Self {
        let mtls = Mtls::start("xfcc", &[]);
        let world = &mtls.world;
        let address = free_address();
        let port = format!("address: 127.0.0.1, port_value: {}", address.port());
        let file = |name: &str| world.file(name).display().to_string();
        let mut text = EXAMPLE.to_owned();
        let socket = format!(
            "address: {{ socket_address: {{ address: 127.0.0.1, port_value: {} }} }}",
            mtls.address.port()
        );
        let own = [
            ("address: 0.0.0.0, port_value: 9443", &*port),
            ("ISSUER", &socket),
            ("/run/credmint/proxy.sock", &file("proxy.sock")),
            ("server.pem", &file("tls-server.pem")),
            ("server.key", &file("tls-server.key.pem")),
            ("clients-root.pem", &file("plant-root.pem")),
            ("edge.pem", &file("edge.pem")),
            ("edge.key", &file("edge.key")),
            ("tls-ca.pem", &file("tls-ca.pem")),
        ];
        for (from, to) in changes {
            assert!(text.contains(from), "the example has no {from:?} any more");
            text = text.replace(from, to);
        }
        for (from, to) in own {
            text = text.replace(&format!(" {from} "), &format!(" {to} "));
        }
        let _ = world.write("edge.pem", &mtls.proxy.certificate_pem());
        let _ = world.write("edge.key", &mtls.proxy.key().pkcs8_pem());
        let configuration = world.write("envoy.yaml", &text);
        let mut command = Command::new(environment::envoy());
        command.arg("--config-path").arg(configuration);
        command.args(["--concurrency", "1", "--disable-hot-restart"]);
        let mut envoy = Process::start("envoy", &mut command);
        envoy.wait_until_listening(address);
        Self { mtls, _envoy: envoy, address }
    }

    fn show(&self, client: &Client, fields: &[(&str, &str)]) -> Answer {
        let world = &self.mtls.world;
        let chain = [client.certificate_der(), world.plant.intermediate_der()];
        self.ask(&world.client().showing(&chain, client.key()), fields)
    }

    fn ask(&self, client: &HttpsClient, fields: &[(&str, &str)]) -> Answer {
        let fields = [&[("Content-Type", "application/x-www-form-urlencoded")], fields].concat();
        let path = format!("{ISSUER_PATH}/token");
        let body = request_of("app_press").body();
        self.mtls.kept(client.request(self.address, "POST", &path, &fields, body.as_bytes()))
    }

    #[track_caller]
    fn refused(&self, answer: &Answer, code: Code) {
        let _ = refusal::check(&self.mtls.world, answer, code);
    }
}

#[test]
fn i28_envoy_forwards_the_certificate_of_its_client_and_no_other() {
    let edge = Edge::start(&[]);
    let world = &edge.mtls.world;
    let press = world.plant.client("press-7");
    granted(world, &edge.show(&press, &[]));
    granted(world, &edge.show(&world.plant.client_rsa("press-7"), &[]));
    // What clients send under the names of the fields does not arrive.
    let other = world.plant.client("press-8");
    edge.refused(&edge.show(&other, &[]), Code::CredentialNotFound);
    let forged = [("X-Forwarded-Client-Cert", "Hash=00;Cert=x"), ("Client-Cert", ":AA==:")];
    granted(world, &edge.show(&press, &forged));
    edge.refused(&edge.show(&other, &forged), Code::CredentialNotFound);
}

/// Envoy copies the names of a certificate as they are.
#[test]
fn i28_a_name_in_a_certificate_brings_no_other_certificate() {
    let keys = "cert: true, chain: true";
    let more = format!("{keys}, subject: true, uri: true, dns: true");
    for (from, to) in [(keys, &*more), (keys, "uri: true")] {
        let edge = Edge::start(&[(from, to)]);
        let world = &edge.mtls.world;
        let press = world.plant.client("press-7");
        let usual = edge.show(&press, &[]);
        match to.contains("cert") {
            true => granted(world, &usual),
            false => edge.refused(&usual, Code::ForwardedCertificate),
        }
        let encoded = press.certificate_pem().replace('\n', "%0A").replace(' ', "%20");
        let encoded = encoded.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        for name in [
            format!("spiffe://a;Cert={encoded}"),
            format!("spiffe://a,Cert={encoded}"),
            "spiffe://a;Subject=\"".to_owned(),
        ] {
            let profile =
                ClientProfile { alternative_names: vec![name], ..ClientProfile::new("press-8") };
            let thief = world.plant.issue(&profile, TestKey::ec());
            edge.refused(&edge.show(&thief, &[]), Code::ForwardedCertificate);
        }
    }
}

/// What Envoy has not checked, the policy does.
#[test]
fn i29_certificates_that_envoy_passes_unchecked_are_checked_here() {
    let checked = "              trusted_ca: { filename: clients-root.pem }\n";
    let unchecked = format!("{checked}              trust_chain_verification: ACCEPT_UNTRUSTED\n");
    let edge = Edge::start(&[(checked, &unchecked)]);
    let world = &edge.mtls.world;
    granted(world, &edge.show(&world.plant.client("press-7"), &[]));
    let foreign = world.plant.impostor().client("press-7");
    edge.refused(&edge.show(&foreign, &[]), Code::PathSignatureInvalid);
    let expired = world.plant.issue(&ClientProfile::new("press-7").expired(), TestKey::ec());
    edge.refused(&edge.show(&expired, &[]), Code::CertificateExpired);
}

/// An Envoy that appends lets through what clients say.
#[test]
fn i28_an_envoy_that_appends_is_refused() {
    let edge = Edge::start(&[("SANITIZE_SET", "APPEND_FORWARD")]);
    let press = edge.mtls.world.plant.client("press-7");
    let forged = [("X-Forwarded-Client-Cert", "Hash=00;Cert=x")];
    edge.refused(&edge.show(&press, &forged), Code::ForwardedCertificate);
}

#[test]
fn envoy_is_known_by_its_certificate() {
    let pipe = "        - endpoint: { address: { pipe: { path: /run/credmint/proxy.sock } } }\n";
    let there = format!("        - endpoint: {{ ISSUER }}\n{BY_CERTIFICATE}");
    let edge = Edge::start(&[(pipe, &there)]);
    let world = &edge.mtls.world;
    granted(world, &edge.show(&world.plant.client("press-7"), &[]));
    edge.refused(&edge.show(&world.plant.client("press-8"), &[]), Code::CredentialNotFound);
}
