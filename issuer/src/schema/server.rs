//! The configuration file, and `server:` in it.

mod audit;
mod limits;
mod signing;
mod store;

pub use audit::{Audit, AuditRefusals, AuditSettings, Operations};
pub use limits::{Limits, ProxyProtocol, Rate, SourceField, TrustedForwarders};
pub use signing::{SealingKeyPlace, Signing};
pub use store::{PostgreSql, Store};

use super::policy::Policy;
use schemars::JsonSchema;

/// The configuration of a Credmint issuer.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Configuration {
    /// What concerns this process.
    pub server: Server,
    /// The trust policy, or where it is.
    pub policy: PolicyPlace,
}

/// The trust policy, or where it is.
#[derive(JsonSchema)]
#[schemars(untagged)]
pub enum PolicyPlace {
    /// A file or a folder, relative to this file.
    Path(String),
    /// A folder with a file a team and `organisation.yaml`.
    Folder(Folder),
    /// The policy itself.
    Inline(Box<Policy>),
}

/// A folder of policies.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Folder {
    /// The folder, relative to this file.
    pub folder: String,
}

/// What concerns this process.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Server {
    /// Address and port; 127.0.0.1:8443 by default.
    pub listen: Option<String>,
    /// Certificate and key. Without them it is plain http, on a loopback address.
    pub tls: Option<Tls>,
    /// Where clients authenticate by the certificate of their TLS connection.
    pub mtls: Option<Mtls>,
    /// Whether HTTP/2 is offered where TLS is spoken.
    pub http2: Option<bool>,
    /// Whether other processes may listen at the same addresses.
    pub listen_reuse_port: Option<bool>,
    /// Balancers that begin each connection with a header of the PROXY protocol.
    pub proxy_protocol: Option<ProxyProtocol>,
    /// Proxies that say in each request from where it comes.
    pub trusted_forwarders: Option<TrustedForwarders>,
    /// How much is taken up, and how long is waited for it.
    pub limits: Option<Limits>,
    /// The folder for signing keys and the store.
    pub state_directory: String,
    /// Where the store is, if it is not in the state directory.
    pub store: Option<Store>,
    /// How access tokens are signed, and the life of the keys.
    pub signing: Option<Signing>,
    /// How key sets are fetched.
    pub fetch: Option<Fetch>,
    /// When the configuration is read again, beside the signal SIGHUP.
    pub reload: Option<Reload>,
    /// What the log looks like.
    pub log: Option<Log>,
    /// Where the record of each decision goes: stdout, off, a file, or a file with settings.
    pub audit: Option<Audit>,
    /// The listener for those who run the service.
    pub operations: Option<Operations>,
}

/// PEM files of the server's identity.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Tls {
    /// The chain, the server's own certificate first.
    pub certificate: String,
    /// Its private key.
    pub key: String,
}

/// Where clients authenticate by the certificate of their TLS connection: a listener of its own, a proxy, or both.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Mtls {
    /// The public address that takes certificates, in the place of the issuer's: `{url}/token` is the token endpoint. No resource of
    /// the policy is called like it or like an address below it.
    pub url: Option<String>,
    /// Address and port at which clients are asked for their certificates.
    pub listen: Option<String>,
    /// Certificate and key of the server there; those of `server.tls` by default.
    pub tls: Option<Tls>,
    /// Which proxies forward certificates, and how.
    pub forwarded: Option<Forwarded>,
}

/// Which proxies forward certificates of their clients, and how.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Forwarded {
    /// The fields that the proxy sets.
    pub form: ForwardedForm,
    /// A Unix socket at which only the proxy can connect.
    pub socket: Option<String>,
    /// Who can connect to it; 0600 by default.
    pub socket_mode: Option<SocketMode>,
    /// Fingerprints (SHA-256) of the certificates by which proxies are known at `listen`.
    #[schemars(length(max = 64))]
    pub proxies: Option<Vec<String>>,
}

/// The fields in which a proxy forwards a certificate.
#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum ForwardedForm {
    /// Envoy's X-Forwarded-Client-Cert.
    Xfcc,
    /// Client-Cert and Client-Cert-Chain (RFC 9440).
    ClientCert,
}

/// The permissions of a socket.
#[derive(JsonSchema)]
pub enum SocketMode {
    /// The user of the process.
    #[schemars(rename = "0600")]
    Owner,
    /// Its group besides.
    #[schemars(rename = "0660")]
    Group,
}

/// When the configuration is read again, beside the signal SIGHUP.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Reload {
    /// Whether a change of a file is enough; true by default.
    pub watch: Option<bool>,
}

/// What a fetch may do beyond the public roots and public addresses.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Fetch {
    /// PEM files with further roots to trust.
    pub ca_files: Option<Vec<String>>,
    /// Networks that are not public and may be connected to all the same, as 10.0.0.0/8.
    pub allow_addresses: Option<Vec<String>>,
    /// The way to hosts that are reached through a proxy alone.
    pub https_proxy: Option<HttpsProxy>,
    /// true: keys and lists are fetched when a request first needs them, and not before.
    pub on_demand: Option<bool>,
    /// What sources ask for, one entry an origin.
    pub credentials: Option<Vec<SourceCredential>>,
}

/// An HTTP proxy that opens tunnels.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct HttpsProxy {
    /// As http://proxy.example:3128.
    pub url: String,
    /// The hosts that are reached through it; the others are connected to directly.
    #[schemars(length(min = 1))]
    pub hosts: Vec<String>,
    /// A file that holds user:password for the proxy.
    pub credentials_file: Option<String>,
}

/// What is sent to one origin.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SourceCredential {
    /// As https://keys.example:8443.
    pub origin: String,
    /// A file that holds a bearer token.
    pub bearer_token_file: Option<String>,
    /// A certificate for TLS client authentication.
    pub client_certificate: Option<Tls>,
}

/// What the log looks like.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Log {
    /// For people or for programs.
    pub format: Option<LogFormat>,
    /// What is worth a line.
    pub level: Option<LogLevel>,
}

/// The form of a log line.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The least important records that are written.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
pub enum LogLevel {
    /// What needs an operator now.
    Error,
    /// What needs one soon.
    Warn,
    /// One line an exchange, and what changes.
    Info,
    /// Why connections ended.
    Debug,
    /// Everything of this program.
    Trace,
}
