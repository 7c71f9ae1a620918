//! An issuer with an open door, a protected resource, and what makes proofs for them.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use credmint_core::guard::ProtectedResource;
use credmint_tests::environment;
use credmint_tests::fixtures::clock::now;
use credmint_tests::fixtures::github_actions::{self, Job};
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::{TestKey, nonce};
use credmint_tests::fixtures::kubernetes::KEY_ID;
use credmint_tests::fixtures::server::Server;
use credmint_tests::process::{Process, free_address, run};
use credmint_tests::world::token::AccessToken;
use credmint_tests::world::{ISSUER_PATH, World};
use serde_json::{Value, json};

use crate::clients::{Client, Proof};

/// The path of an issuer that looks like one of Entra: clients derive its other addresses from it.
pub(crate) const ENTRA_PATH: &str = "/tenant/v2.0";

/// See the module.
pub(crate) struct Door {
    guard: Option<Process>,
    runners: Vec<Server>,
    pub(crate) world: World,
    path: &'static str,
    server: SocketAddr,
    own: TestKey,
    reports: TestKey,
    mesh: TestKey,
}

/// Texts, each by what it takes the place of or by the name of its file.
type Texts<'a> = &'a [(&'a str, &'a str)];

impl Door {
    pub(crate) fn open() -> Self {
        Self::open_at(ISSUER_PATH)
    }

    /// The same with the issuer's URL ending in `path`.
    pub(crate) fn open_at(path: &'static str) -> Self {
        Self::of(path, |template, changes, files| {
            World::configured(&|program| Command::new(program), template, changes, files)
        })
    }

    /// The same in the world that `open` opens around a template, what is changed in it, and files.
    pub(crate) fn of(
        path: &'static str,
        open: impl FnOnce(&str, Texts<'_>, Texts<'_>) -> World,
    ) -> Self {
        let (own, reports, mesh) = (TestKey::rsa(), TestKey::rsa(), TestKey::rsa());
        let server = free_address();
        let set = |key: &TestKey| json!({ "keys": [key.jwk("own-1")] }).to_string();
        let mut svid_key = mesh.jwk("mesh-1");
        svid_key["use"] = json!("jwt-svid");
        let world = open(
            include_str!("door.yaml"),
            &[("PATH", path), ("SERVER", &server.to_string())],
            &[
                ("own-keys.json", &set(&own)),
                ("reports-keys.json", &set(&reports)),
                ("mesh-keys.json", &json!({ "keys": [svid_key] }).to_string()),
            ],
        );
        Self { guard: None, runners: Vec::new(), world, path, server, own, reports, mesh }
    }

    pub(crate) fn issuer(&self) -> String {
        format!("https://{}{}", self.world.address(), self.path)
    }

    pub(crate) fn token_path(&self) -> String {
        format!("{}/token", self.path)
    }

    /// Where the protected resource listens.
    pub(crate) fn server_address(&self) -> SocketAddr {
        self.server
    }

    /// The identifier of the MCP server.
    pub(crate) fn server(&self) -> String {
        format!("https://{}/mcp", self.server)
    }

    /// Starts what is guarded by the npm package.
    pub(crate) fn guard(&mut self) {
        let mut command = Command::new(environment::node_for_clients());
        command.arg(environment::client_driver("guard.mjs")).arg(environment::js());
        command.env("LISTEN", self.server.to_string());
        command.env("CERTIFICATE", self.world.file("tls-server.pem"));
        command.env("KEY", self.world.file("tls-server.key.pem"));
        command.env("ISSUER", self.issuer()).env("AUDIENCE", "api.example.com");
        let described = self.described();
        command.env("METADATA", described.metadata());
        command.env("METADATA_URL", described.metadata_url());
        command.env("NODE_EXTRA_CA_CERTS", self.world.file("tls-ca.pem"));
        let guard = Process::start("guard.mjs", &mut command);
        let _ = guard.wait_for_line("guard listens on");
        self.guard = Some(guard);
    }

    /// The MCP server as it describes itself.
    pub(crate) fn described(&self) -> ProtectedResource {
        let (server, issuer) = (self.server(), self.issuer());
        ProtectedResource::new(&server, &[&issuer], &["read"]).expect("a resource over https")
    }

    /// The keys of the issuer.
    pub(crate) fn jwks(&self) -> Value {
        self.world.get(&format!("{}/jwks", self.path)).json()
    }

    /// The claims of a token, whose signature is verified.
    pub(crate) fn claims(&self, token: &str) -> Value {
        self.world.guard(token);
        AccessToken::verify(token, &self.jwks()).claims
    }

    /// A token of the platform for `subject`, good for so many seconds from now.
    pub(crate) fn platform_token(&self, subject: &str, seconds: i64) -> String {
        let claims = self.proof_claims("https://platform.example.com", subject, seconds);
        self.sign(&self.world.cluster, KEY_ID, &claims)
    }

    /// A good token of the platform for another audience than this issuer.
    pub(crate) fn platform_token_for(&self, audience: &str, subject: &str) -> String {
        let mut claims = self.proof_claims("https://platform.example.com", subject, 3600);
        claims["aud"] = json!(audience);
        self.sign(&self.world.cluster, KEY_ID, &claims)
    }

    /// An assertion that the client signs itself (RFC 7523 section 3).
    pub(crate) fn own_assertion(&self, client: &str) -> String {
        self.sign(&self.own, "own-1", &self.proof_claims(client, client, 600))
    }

    /// A JWT-SVID of the workload at `path` of the trust domain.
    pub(crate) fn svid(&self, path: &str, seconds: i64) -> String {
        let mut claims = self.proof_claims("", &format!("spiffe://example.org{path}"), seconds);
        claims.as_object_mut().expect("claims").remove("iss");
        self.sign(&self.mesh, "mesh-1", &claims)
    }

    /// The claims of a proof for this issuer.
    pub(crate) fn proof_claims(&self, issuer: &str, subject: &str, seconds: i64) -> Value {
        let (now, life) = (now(), 3600.min(seconds.max(600)));
        json!({
            "iss": issuer,
            "sub": subject,
            "aud": self.issuer(),
            "iat": now + seconds - life,
            "exp": now + seconds,
            "jti": nonce(),
        })
    }

    fn sign(&self, key: &TestKey, kid: &str, claims: &Value) -> String {
        let header = json!({ "alg": key.algorithm(), "kid": kid });
        let token = jwt::sign(key, &header, claims);
        self.world.guard(&token);
        token
    }

    /// Runs `client` once for each case: the variables that tell it from the others. Its own variables are all that it
    /// finds.
    pub(crate) fn run(&self, script: &str, cases: &[Vec<(&str, String)>]) -> Vec<Value> {
        let (language, name) = script.split_once('/').expect("a language and a name");
        let (program, driver) = match language {
            "python" => (environment::python(), "run.py"),
            _ => (environment::node_for_clients(), "run.mjs"),
        };
        let cases: Vec<Value> = cases
            .iter()
            .map(|case| {
                case.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
            })
            .collect();
        let mut command = Command::new(program);
        command.arg(environment::client_driver(driver)).arg(name).arg(json!(cases).to_string());
        command.env_clear().envs(self.variables());
        let lines = run(script, &mut command);
        let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{lines}"));
        // What a client says to its platform besides is no JSON.
        lines.lines().filter(|line| line.starts_with('{')).map(read).collect()
    }

    /// What every client may read: where things are, and whom it trusts.
    fn variables(&self) -> Vec<(&'static str, String)> {
        let file = |name: &str| text(&self.world.file(name));
        let (authority, host) = (file("tls-ca.pem"), self.world.address());
        vec![
            ("ISSUER", self.issuer()),
            ("MCP_SERVER", self.server()),
            ("SSL_CERT_FILE", authority.clone()),
            ("REQUESTS_CA_BUNDLE", authority.clone()),
            ("NODE_EXTRA_CA_CERTS", authority),
            ("AZURE_AUTHORITY_HOST", format!("https://{host}")),
            ("AZURE_TENANT_ID", "tenant".to_owned()),
            ("AZURE_CLIENT_ID", "app_orders".to_owned()),
            ("ANTHROPIC_BASE_URL", format!("https://{}", self.server)),
            ("ANTHROPIC_FEDERATION_RULE_ID", "fdrl_unused".to_owned()),
            ("ANTHROPIC_ORGANIZATION_ID", "00000000-0000-0000-0000-000000000000".to_owned()),
            // Else Google's library asks the machine's cloud for it.
            ("GOOGLE_CLOUD_PROJECT", "none".to_owned()),
            // A home without settings of anybody.
            ("HOME", file("")),
        ]
    }

    /// The variables of a case in which a client proves itself as it should.
    pub(crate) fn good(&mut self, client: &Client) -> Vec<(&'static str, String)> {
        match client.proof {
            Proof::Platform => self.with_token("good", &self.platform_token("orders", 3600)),
            Proof::Svid => self.with_token("good", &self.svid("/ns/shop/sa/orders", 3600)),
            Proof::Job => self.with_job(Job::on_main("example/shop")),
            Proof::ClientKey => self.with_key("app_batch", "", &self.own),
            Proof::GrantKey => self.with_key("app_reports", "reports", &self.reports),
        }
    }

    /// The same with proofs that the policy does not take, and the code of each.
    pub(crate) fn bad(
        &mut self,
        client: &Client,
    ) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
        match client.proof {
            Proof::Platform => vec![
                (
                    "credential_not_found",
                    self.with_token("other", &self.platform_token("billing", 3600)),
                ),
                ("expired", self.with_token("expired", &self.platform_token("orders", -120))),
            ],
            Proof::Svid => vec![
                (
                    "credential_not_found",
                    self.with_token("other", &self.svid("/ns/shop/sa/billing", 3600)),
                ),
                ("expired", self.with_token("expired", &self.svid("/ns/shop/sa/orders", -120))),
            ],
            Proof::Job => {
                let fork = Job { repository_id: "78".to_owned(), ..Job::on_main("example/shop") };
                vec![("credential_not_found", self.with_job(fork))]
            }
            Proof::ClientKey => {
                vec![("jws_signature_invalid", self.with_key("app_batch", "", &TestKey::rsa()))]
            }
            Proof::GrantKey => vec![
                ("credential_not_found", self.with_key("app_reports", "billing", &self.reports)),
                ("jws_signature_invalid", self.with_key("app_reports", "reports", &TestKey::rsa())),
            ],
        }
    }

    /// The token in a file with a line end, as platforms write it, where the clients look for it.
    pub(crate) fn with_token(&self, name: &str, token: &str) -> Vec<(&'static str, String)> {
        let file = text(&self.world.write(name, &format!("{token}\n")));
        let google = google_configuration(&format!("{}/token", self.issuer()), &file);
        let google = self.world.write(&format!("{name}.json"), &google.to_string());
        vec![
            ("CLIENT_ID", "app_orders".to_owned()),
            ("GOOGLE_APPLICATION_CREDENTIALS", text(&google)),
            ("ANTHROPIC_IDENTITY_TOKEN_FILE", file.clone()),
            ("AZURE_FEDERATED_TOKEN_FILE", file.clone()),
            ("TOKEN_FILE", file),
        ]
    }

    fn with_key(&self, client: &str, subject: &str, key: &TestKey) -> Vec<(&'static str, String)> {
        let pem = key.pkcs8_pem();
        self.world.guard(&pem);
        let file = self.world.write(&format!("{}.pem", nonce()), &pem);
        vec![
            ("CLIENT_ID", client.to_owned()),
            ("KEY_ISSUER", "https://reports.example.com".to_owned()),
            ("SUBJECT", subject.to_owned()),
            ("KEY_FILE", text(&file)),
        ]
    }

    /// From now on the runner hands out tokens for `job`.
    fn with_job(&mut self, job: Job) -> Vec<(&'static str, String)> {
        let router = github_actions::router(job, self.world.forge.minter(), "runner");
        let any = "127.0.0.1:0".parse().expect("an address");
        let server = Server::start(any, router);
        let server = self.world.runtime().block_on(server);
        let url = format!("{}{}", server.url(), github_actions::REQUEST_PATH);
        self.runners.push(server);
        vec![
            ("ACTIONS_ID_TOKEN_REQUEST_URL", url),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "runner".to_owned()),
        ]
    }
}

/// What Google's libraries read: `docs/clients/google.md` shows it.
pub(crate) fn google_configuration(token_endpoint: &str, token_file: &str) -> Value {
    json!({
        "type": "external_account",
        "audience": "https://api.example.com/v1",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": token_endpoint,
        "credential_source": { "file": token_file },
    })
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path in UTF-8").to_owned()
}
