//! The driver of Alibaba Cloud's client library, against a token endpoint that judges nothing: does the
//! library send what it is known to send, and does the driver report what comes back?

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use credmint_tests::environment;
use credmint_tests::fixtures::token_endpoint::PATH;
use credmint_tests::namespace::{ECS_METADATA, Namespace};
use credmint_tests::process::{Process, free_address, run};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A token endpoint, and the files that its clients need.
struct World {
    folder: TempDir,
    address: SocketAddr,
    endpoint: Process,
}

const TYPE: &str = "urn:cloud:idaas:params:oauth:client-assertion-type";

#[test]
fn pca() {
    let world = World::new(&here, &[]);
    let answer = world.drive("pca", &here, &world.pca_files());
    assert_eq!(answer, json!({ "ok": true, "token": "access-token" }));

    let request = world.request();
    assert_eq!(request["client_assertion_type"], format!("{TYPE}:x509-jwt-bearer"));
    assert_eq!(request["client_x509"], world.read("client.pem"));
    assert_eq!(request["client_x509_chain"], world.read("private-ca-issuing.pem"));
    let claims = credmint_tests::fixtures::jwt::claims(text(&request["client_assertion"]));
    assert_eq!(claims["aud"], world.token_endpoint());
}

#[test]
fn oidc() {
    let world = World::new(&here, &[]);
    fs::write(world.file("token"), "header.payload.signature").unwrap();
    let file = ["--token-file".to_owned(), path_text(&world.file("token"))];
    let answer = world.drive("oidc", &here, &file);
    assert_eq!(answer, json!({ "ok": true, "token": "access-token" }));
    assert_eq!(
        world.request(),
        json!({
            "client_id": "app_1",
            "application_federated_credential_name": "deploy",
            "client_assertion_type": format!("{TYPE}:id-token-bearer"),
            "client_assertion": "header.payload.signature",
            "grant_type": "client_credentials",
            "scope": "api.example.com|read:file",
        })
    );
}

#[test]
fn document() {
    let world = World::new(&here, &[]);
    fs::write(world.file("document"), "MIIB\nAAAA\n").unwrap();
    let file = ["--document".to_owned(), path_text(&world.file("document"))];
    let answer = world.drive("document", &here, &file);
    assert_eq!(answer, json!({ "ok": true, "token": "access-token" }));
    assert_eq!(world.request()["client_assertion"], "MIIB\nAAAA\n");
}

/// In a namespace the library is wholly untouched: it asks 100.100.100.200.
#[test]
fn pkcs7_in_a_namespace() {
    let Some(namespace) = Namespace::open(&[ECS_METADATA]) else {
        println!("no network namespaces here: only the replaced address is tested");
        return;
    };
    let inside = |program: &Path| namespace.command(program);
    let world = World::new(&inside, &[]);
    let _metadata = world.metadata(&inside, "100.100.100.200:80");
    let answer = world.drive("pkcs7", &inside, &[]);
    world.check_pkcs7(&answer);
}

/// Without namespaces the driver replaces the address inside the library, and says so.
#[test]
fn pkcs7_at_a_replaced_address() {
    let world = World::new(&here, &[]);
    let address = free_address();
    let _metadata = world.metadata(&here, &address.to_string());
    let answer =
        world.drive("pkcs7", &here, &["--metadata".to_owned(), format!("http://{address}")]);
    world.check_pkcs7(&answer);
}

#[test]
fn refusals_come_out_of_the_exception() {
    let world = World::new(&here, &["--refuse", "invalid_client"]);
    assert_eq!(
        world.drive("pca", &here, &world.pca_files()),
        json!({
            "ok": false,
            "error_type": "ClientException",
            "error_code": "invalid_client",
            "error_message": "not today",
            "request_id": "request-1",
        })
    );
}

/// The CA of another world is not trusted: the driver does set the library's CA.
#[test]
fn the_servers_certificate_is_checked() {
    let (world, other) = (World::new(&here, &[]), World::new(&here, &[]));
    fs::copy(other.file("tls-ca.pem"), world.file("tls-ca.pem")).unwrap();
    let answer = world.drive("pca", &here, &world.pca_files());
    assert_eq!(answer["ok"], false);
    assert!(text(&answer["error_message"]).contains("CERTIFICATE_VERIFY_FAILED"), "{answer}");
}

/// How a program is run: here, or in a namespace.
type Place<'a> = &'a dyn Fn(&Path) -> Command;

impl World {
    fn new(place: Place<'_>, arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| path_text(&folder.path().join(name));
        let seed = path("seed");
        let _ = run(
            "stand-in files",
            Command::new(stand_in()).args(["files", "--seed", &seed, "--out", &path("")]),
        );
        let address = free_address();
        let mut command = place(stand_in());
        command.args(["token-endpoint", "--seed", &seed, "--listen", &address.to_string()]);
        let endpoint = Process::start("token endpoint", command.args(arguments));
        let _ = endpoint.wait_for_line("listens on");
        Self { folder, address, endpoint }
    }

    fn metadata(&self, place: Place<'_>, address: &str) -> Process {
        let seed = path_text(&self.file("seed"));
        let mut command = place(stand_in());
        command.args(["metadata", "--seed", &seed, "--listen", address, "--audience", "raw"]);
        let metadata = Process::start("metadata", &mut command);
        let _ = metadata.wait_for_line("listens on");
        metadata
    }

    /// What the driver prints in `mode`.
    fn drive(&self, mode: &str, place: Place<'_>, arguments: &[String]) -> Value {
        let mut command = place(&environment::python());
        command
            .arg(environment::python_driver("sdk_client.py"))
            .args([mode, "--client-id", "app_1", "--credential", "deploy"])
            .args(["--token-endpoint", &self.token_endpoint()])
            .args(["--ca", &path_text(&self.file("tls-ca.pem"))])
            .args(arguments);
        let line = run("sdk_client.py", &mut command);
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// The one request that the token endpoint got.
    fn request(&self) -> Value {
        let line = self.endpoint.wait_for_line("request ");
        serde_json::from_str(line.strip_prefix("request ").unwrap()).unwrap()
    }

    fn check_pkcs7(&self, answer: &Value) {
        assert_eq!(*answer, json!({ "ok": true, "token": "access-token" }));
        let request = self.request();
        assert_eq!(request["client_assertion_type"], format!("{TYPE}:pkcs7-bearer"));
        let document = base64_text(text(&request["client_assertion"]));
        assert!(document.contains(r#""audience":{"aud": "idaas_test1", "signingTime": "#));
    }

    fn pca_files(&self) -> Vec<String> {
        let file = |name| path_text(&self.file(name));
        let arguments = [
            ("--certificate", "client.pem"),
            ("--chain", "private-ca-issuing.pem"),
            ("--key", "client.key.pem"),
        ];
        arguments.into_iter().flat_map(|(name, path)| [name.to_owned(), file(path)]).collect()
    }

    fn token_endpoint(&self) -> String {
        format!("https://{}{PATH}", self.address)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap()
    }
}

fn here(program: &Path) -> Command {
    Command::new(program)
}

fn stand_in() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_stand-in"))
}

fn path_text(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a string")
}

/// The bytes behind base64 `text`, those that are no text replaced.
fn base64_text(text: &str) -> String {
    use base64ct::{Base64, Encoding};
    String::from_utf8_lossy(&Base64::decode_vec(text).expect("base64")).into_owned()
}
