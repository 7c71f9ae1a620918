//! What surrounds a page when its commands run: a folder with files, servers, names that mean something here.

use std::any::Any;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use axum::Router;
use credmint_tests::environment;
use credmint_tests::fixtures::clock::now;
use credmint_tests::fixtures::cloud_signer::CloudSigner;
use credmint_tests::fixtures::github_actions::Job;
use credmint_tests::fixtures::instance::{AudienceForm, Ec2Instance, EcsInstance};
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::kubernetes;
use credmint_tests::fixtures::metadata::{self, Metadata};
use credmint_tests::fixtures::oidc_issuer::OidcIssuer;
use credmint_tests::fixtures::private_ca::{ClientProfile, PrivateCa};
use credmint_tests::fixtures::server::Server;
use credmint_tests::fixtures::tls::ServerCa;
use credmint_tests::process::{Process, free_address};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::blocks::Page;
use crate::kinds::{Kind, kind};
use crate::root;

/// The issuer of the tokens that jobs on GitHub get.
const GITHUB: &str = "https://token.actions.githubusercontent.com";
/// The issuer of the pages.
const ISSUER: &str = "https://sts.example.com:8443/oauth2";
/// 2026-11-24T12:00:00Z, the time of the pages.
const PAGE_TIME: i64 = 1_795_521_600;

/// See the module.
pub(crate) struct Scene {
    folder: TempDir,
    /// What a page calls something, and what it is called here.
    names: Vec<(String, String)>,
    variables: Vec<(String, String)>,
    ready: Option<String>,
    /// Servers, and what they run in, which must end last.
    held: Vec<Box<dyn Any>>,
}

impl Scene {
    /// A folder with nothing in it.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        Self { folder, names: Vec::new(), variables: Vec::new(), ready: None, held: Vec::new() }
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// What answers when a server that the page starts is ready.
    pub(crate) fn ready(&self) -> Option<&str> {
        self.ready.as_deref()
    }

    /// A text of the page with the names that mean something here.
    pub(crate) fn here(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (page, here)| text.replace(page, here))
    }

    /// A text from here with the names of the page.
    pub(crate) fn there(&self, text: &str) -> String {
        self.names.iter().fold(text.to_owned(), |text, (page, here)| text.replace(here, page))
    }

    fn name(&mut self, page: &str, here: &str) {
        self.names.push((page.to_owned(), here.to_owned()));
    }

    fn set(&mut self, variable: &str, value: &str) {
        self.variables.push((variable.to_owned(), value.to_owned()));
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder().join(name), text).expect("a writable folder");
    }

    /// A TLS identity for the issuer of the page, which gets an address of this machine.
    fn with_issuer(&mut self) -> (ServerCa, SocketAddr) {
        let ca = ServerCa::new();
        let server = ca.server();
        self.write("ca.pem", &ca.pem());
        self.write("server.pem", &server.certificate_pem());
        self.write("server.key", &server.key().pkcs8_pem());
        let address = free_address();
        self.name("listen: 127.0.0.1:8443", &format!("listen: {address}"));
        self.name("listen: 0.0.0.0:8443", &format!("listen: {address}"));
        self.name("sts.example.com:8443", &address.to_string());
        // The issuers of the scene are on this machine too.
        let fetch = "state_directory: state\n  fetch: { ca_files: [ca.pem], allow_addresses: [127.0.0.1/32] }";
        self.name("state_directory: state", fetch);
        self.set("CURL_CA_BUNDLE", &self.folder().join("ca.pem").display().to_string());
        (ca, address)
    }

    /// An OIDC issuer in the place of `name`.
    fn with_oidc(&mut self, ca: &ServerCa, name: &str, runtime: &Runtime) -> OidcIssuer {
        let issuer = runtime.block_on(OidcIssuer::start(ca));
        self.name(name, issuer.url());
        issuer
    }

    /// The metadata services of both clouds, for these instances and signers.
    fn with_metadata(&mut self, ecs: EcsInstance, ec2: Ec2Instance, signers: Signers) {
        let runtime = Runtime::new().expect("a runtime");
        let service = metadata::router(Metadata {
            ecs_signer: signers.ecs,
            ecs,
            audience_form: AudienceForm::Raw,
            ec2_signer: signers.ec2,
            ec2,
        });
        let server = serve(&runtime, service);
        self.name("http://169.254.169.254", &server.url());
        self.name("http://100.100.100.200", &server.url());
        self.set("METADATA", &server.url());
        self.held.push(Box::new(server));
        self.held.push(Box::new(runtime));
    }
}

struct Signers {
    ecs: CloudSigner,
    ec2: CloudSigner,
}

fn serve(runtime: &Runtime, router: Router) -> Server {
    runtime.block_on(Server::start("127.0.0.1:0".parse().expect("an address"), router))
}

/// The configuration of the front page.
fn configuration() -> String {
    let blocks = Page::at("README.md").blocks();
    let found = blocks.into_iter().find(|block| kind(&block.info) == Ok(Kind::Configuration));
    found.expect("the front page has a configuration").text
}

/// A job on this ref, for the issuer with this name.
fn job(git_ref: &str, audience: &str) -> Value {
    let on_main = Job::on_main("example/shop");
    Job { git_ref: git_ref.to_owned(), ..on_main }.claims(audience)
}

/// README.md: its configuration, jobs on GitHub, and somewhere to serve.
pub(crate) fn front_page() -> Scene {
    let runtime = Runtime::new().expect("a runtime");
    let mut scene = Scene::empty();
    let (ca, address) = scene.with_issuer();
    let github = scene.with_oidc(&ca, GITHUB, &runtime);
    scene.ready = Some(format!("https://{address}/readyz"));
    scene.write("credmint.yaml", &scene.here(&configuration()));
    let audience = scene.here(ISSUER);
    scene.set("TOKEN", &github.token(&job("refs/heads/main", &audience)));
    scene.write("token.txt", &github.token(&job("refs/heads/release", &audience)));
    scene.write("keys.json", &json!({ github.url(): github.jwks() }).to_string());
    scene.held.push(Box::new(github));
    scene.held.push(Box::new(runtime));
    scene
}

/// docs/start.md: it brings everything but a free port.
pub(crate) fn first_installation() -> Scene {
    let mut scene = Scene::empty();
    scene.name("127.0.0.1:8443", &free_address().to_string());
    scene
}

/// The pages of the commands: the configuration of the front page, and proofs at the time of the pages.
pub(crate) fn command() -> Scene {
    let scene = Scene::empty();
    scene.write("credmint.yaml", &configuration());
    let key = TestKey::rsa();
    let header = json!({ "alg": "RS256", "kid": "a", "typ": "JWT" });
    let token = |git_ref: &str| {
        let mut claims = job(git_ref, ISSUER);
        claims["iss"] = json!(GITHUB);
        for (claim, time) in [("iat", PAGE_TIME), ("nbf", PAGE_TIME), ("exp", PAGE_TIME + 300)] {
            claims[claim] = json!(time);
        }
        (jwt::sign(&key, &header, &claims), claims)
    };
    let (on_main, facts) = token("refs/heads/main");
    scene.write("token.txt", &token("refs/heads/mian").0);
    scene.write("keys.json", &json!({ GITHUB: { "keys": [key.jwk("a")] } }).to_string());
    let form = json!({
        "grant_type": "client_credentials",
        "client_id": "app_orders",
        "application_federated_credential_name": "deploy",
        "client_assertion_type": "urn:cloud:idaas:params:oauth:client-assertion-type:id-token-bearer",
        "client_assertion": on_main,
        "scope": "api.example.com|write",
    });
    scene.write("form.json", &form.to_string());
    let record = |id: &str| {
        json!({
            "audit": 1, "time": "2026-11-24T12:00:00Z", "request_id": id, "client": "app_orders",
            "credential": "deploy", "scope": "api.example.com|write", "verdict": "accept",
            "given": { "claims": facts },
            "granted": {
                "subject": "app_orders", "audience": "api.example.com", "scope": "write",
                "lifetime": 3600, "jti": "j",
            },
        })
    };
    scene.write("audit.jsonl", &format!("{}\n{}\n", record("3f0c"), record("51be")));
    let ca = PrivateCa::new("Example Root");
    scene.write("root.pem", &ca.root_pem());
    let expired = ca.issue_from_root(&ClientProfile::new("worker-7").expired(), TestKey::ec());
    scene.write("expired.pem", &expired.certificate_pem());
    scene
}

/// The pages of the clouds: their metadata services.
pub(crate) fn instance() -> Scene {
    let mut scene = Scene::empty();
    let signers = Signers { ecs: CloudSigner::ecs(), ec2: CloudSigner::ec2("eu-west-1") };
    let ecs = EcsInstance::new("1234567890123456", "i-0123456789abcdef0");
    let ec2 = Ec2Instance::new("111122223333", "i-0123456789abcdef0", "eu-west-1", now());
    scene.with_metadata(ecs, ec2, signers);
    scene
}

/// examples/node: an issuer of access tokens, and the package where `npm install` puts it.
pub(crate) fn service() -> Scene {
    let runtime = Runtime::new().expect("a runtime");
    let mut scene = Scene::empty();
    let (ca, key) = (ServerCa::new(), TestKey::ec());
    let any = "127.0.0.1:0".parse().expect("an address");
    let issuer = runtime.block_on(OidcIssuer::start_at(any, &ca, key.clone()));
    scene.name(ISSUER, issuer.url());
    let token = |audience: &str| {
        let header = json!({ "alg": "ES256", "kid": "key-1", "typ": "at+jwt" });
        let claims = json!({
            "iss": issuer.url(), "sub": "app_orders", "client_id": "app_orders", "aud": audience,
            "scope": "read", "jti": "j", "iat": now(), "exp": now() + 300,
        });
        jwt::sign(&key, &header, &claims)
    };
    scene.set("TOKEN", &token("api.example.com"));
    scene.set("OTHER_TOKEN", &token("billing.example.com"));
    let port = free_address().port().to_string();
    scene.set("PORT", &port);
    scene.name("127.0.0.1:8080", &format!("127.0.0.1:{port}"));
    scene.ready = Some(format!("http://127.0.0.1:{port}/"));
    scene.write("ca.pem", &ca.pem());
    scene.set("NODE_EXTRA_CA_CERTS", "ca.pem");
    let modules = scene.folder().join("node_modules");
    fs::create_dir(&modules).expect("a writable folder");
    symlink(environment::js(), modules.join("credmint")).expect("a link");
    let server = root().join("examples/node/server.mjs");
    fs::copy(server, scene.folder().join("server.mjs")).expect("the example");
    scene.held.extend([Box::new(issuer) as Box<dyn Any>, Box::new(runtime)]);
    scene
}

/// A folder of `examples`: an issuer that serves the example's own configuration, and what its script asks.
pub(crate) fn example(name: &str) -> Scene {
    let runtime = Runtime::new().expect("a runtime");
    let mut scene = Scene::empty();
    let (ca, address) = scene.with_issuer();
    let cluster = scene.with_oidc(&ca, "https://kubernetes.default.svc.cluster.local", &runtime);
    let token = cluster.token(&kubernetes::claims("shop", "orders", &scene.here(ISSUER)));
    scene.write("token", &token);
    scene.set("TOKEN_FILE", "token");

    let signers = Signers { ecs: CloudSigner::ecs(), ec2: CloudSigner::ec2("us-west-2") };
    scene.write("us-west-2.pem", &signers.ec2.certificate_pem());
    scene.write("alibaba-ecs.pem", &signers.ecs.certificate_pem());
    let ecs = EcsInstance::new("1234567890123456", "i-bp1aaaaaaaaaaaaaaaaa");
    let ec2 = Ec2Instance::new("111122223333", "i-0aaaaaaaaaaaaaaaa", "us-west-2", now());
    scene.with_metadata(ecs, ec2, signers);

    let folder = root().join("examples").join(name);
    let script = folder.join("get-token.sh");
    fs::copy(script, scene.folder().join("get-token.sh")).expect("the example's script");
    let text =
        fs::read_to_string(folder.join("credmint.yaml")).expect("the example's configuration");
    scene.write("credmint.yaml", &scene.here(&text));
    let mut command = Command::new(environment::credmint());
    command.args(["serve", "--config", "credmint.yaml"]).current_dir(scene.folder());
    let mut issuer = Process::start("credmint serve", &mut command);
    issuer.wait_until_listening(address);
    scene.held.extend([Box::new(issuer) as Box<dyn Any>, Box::new(cluster), Box::new(runtime)]);
    scene
}
