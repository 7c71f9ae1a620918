//! `server:`: what concerns this process and not the trust it administers.

mod audit;
mod intermediaries;
mod limits;
mod mtls;
mod operations;
mod reload;
mod seconds;
mod signing;
mod signing_algorithm;
mod store;

pub use audit::{AuditConfig, AuditPlace, RefusalSampling, Rotation};
pub use intermediaries::{ProxyProtocol, TrustedForwarders};
pub use limits::LimitsConfig;
pub use mtls::{Forwarded, MtlsConfig, SocketMode};
pub use operations::OperationsConfig;
pub use reload::ReloadConfig;
pub use signing::{SealingKeyPlace, SigningConfig};
pub use signing_algorithm::SigningAlgorithm;
pub use store::{PostgreSqlConfig, StoreConfig};

use super::policy::beside;
use crate::fetch::FetchConfig;
use crate::serve::Intermediaries;
use credmint_core::json::{Object, Value};
use serde::de::{Deserialize, Deserializer, Error};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// The server part of a configuration. Paths are complete: relative ones were relative to the file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// Where to listen; by default for this machine alone.
    #[serde(default = "default_listen", deserialize_with = "address")]
    pub listen: SocketAddr,
    /// Certificate and key. Without them it is plain http, on a loopback address.
    #[serde(default)]
    pub tls: Option<TlsFiles>,
    /// Where clients authenticate by the certificate of their TLS connection.
    #[serde(default)]
    pub mtls: Option<MtlsConfig>,
    /// Whether HTTP/2 is offered where TLS is spoken.
    #[serde(default)]
    pub http2: bool,
    /// Whether other processes may listen at the same addresses.
    #[serde(default)]
    pub listen_reuse_port: bool,
    /// Balancers that begin each connection with a header of the PROXY protocol.
    #[serde(default)]
    pub proxy_protocol: Option<ProxyProtocol>,
    /// Proxies that say in each request from where it comes.
    #[serde(default)]
    pub trusted_forwarders: Option<TrustedForwarders>,
    /// How much is taken up, and how long is waited for it.
    #[serde(default)]
    pub limits: LimitsConfig,
    /// The folder for signing keys and the store.
    pub state_directory: PathBuf,
    /// Where the store is, if it is not in the state directory.
    #[serde(default)]
    pub store: StoreConfig,
    /// How access tokens are signed.
    #[serde(default)]
    pub signing: SigningConfig,
    /// How key sets are fetched.
    #[serde(default)]
    pub fetch: FetchConfig,
    /// When the configuration is read again.
    #[serde(default)]
    pub reload: ReloadConfig,
    /// What the log looks like.
    #[serde(default)]
    pub log: LogConfig,
    /// Where the record of each decision goes.
    #[serde(default)]
    pub audit: AuditConfig,
    /// Where operators and their programs ask.
    #[serde(default)]
    pub operations: Option<OperationsConfig>,
}

/// PEM files of the server's identity.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFiles {
    /// The chain, the server's own certificate first.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

/// What the log looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// For people or for programs.
    #[serde(default)]
    pub format: LogFormat,
    /// What is worth a line.
    #[serde(default)]
    pub level: LogLevel,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// The least important records that are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// What needs an operator now.
    Error,
    /// What needs one soon.
    Warn,
    /// One line an exchange, and what changes.
    #[default]
    Info,
    /// Why connections ended.
    Debug,
    /// Everything of this program.
    Trace,
}

pub(super) fn address<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SocketAddr, D::Error> {
    let wrong = || Error::custom("not an address and a port, such as 127.0.0.1:8443");
    String::deserialize(deserializer)?.parse().map_err(|_| wrong())
}

const fn default_listen() -> SocketAddr {
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8443)
}

impl ServerConfig {
    /// With paths that are relative to the configuration `file` made complete.
    pub(super) fn resolved(mut self, file: &Path) -> Self {
        self.state_directory = beside(file, &self.state_directory);
        if let Some(path) = self.audit.path_mut() {
            *path = beside(file, &*path);
        }
        if let Some(tls) = &mut self.tls {
            tls.certificate = beside(file, &tls.certificate);
            tls.key = beside(file, &tls.key);
        }
        let operations = self.operations.as_mut();
        if let Some(path) = operations.and_then(|set| set.bearer_token_file.as_mut()) {
            *path = beside(file, &*path);
        }
        for path in self.mtls.iter_mut().flat_map(MtlsConfig::paths_mut) {
            *path = beside(file, &*path);
        }
        for path in self.signing.paths_mut() {
            *path = beside(file, &*path);
        }
        for path in self.fetch.paths_mut() {
            *path = beside(file, &*path);
        }
        for path in self.store.paths_mut() {
            *path = beside(file, &*path);
        }
        self
    }

    /// Environment variables that take the place of a setting: where one image runs in several places.
    pub const OVERRIDES: [(&'static str, &'static str); 4] = [
        ("CREDMINT_LISTEN", "listen"),
        ("CREDMINT_STATE_DIRECTORY", "state_directory"),
        ("CREDMINT_LOG_FORMAT", "log.format"),
        ("CREDMINT_LOG_LEVEL", "log.level"),
    ];

    /// With the settings that `variable` gives. A path is relative to the working directory. An error is a
    /// sentence and what was expected.
    pub(super) fn overridden(
        mut self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Self, (String, &'static str)> {
        for (name, setting) in Self::OVERRIDES {
            let Some(value) = variable(name) else { continue };
            let wrong = || format!("{name} is `{value}`");
            match setting {
                "listen" => {
                    let expected = "an address and a port, such as 127.0.0.1:8443";
                    self.listen = value.parse().map_err(|_| (wrong(), expected))?;
                }
                "state_directory" => self.state_directory = PathBuf::from(&value),
                "log.format" => {
                    self.log.format = named(&value).ok_or((wrong(), "text or json"))?;
                }
                _ => {
                    let expected = "error, warn, info, debug or trace";
                    self.log.level = named(&value).ok_or((wrong(), expected))?;
                }
            }
        }
        Ok(self)
    }

    /// What the types do not say. An error is a sentence and what was expected.
    pub(super) fn check(&self) -> Result<(), (String, &'static str)> {
        if self.tls.is_none() && !self.listen.ip().is_loopback() {
            let message = format!("plain http at {}, which others can reach", self.listen);
            return Err((message, "`tls`, or `listen` at 127.0.0.1 or [::1]"));
        }
        self.audit.check()?;
        if let Some(operations) = &self.operations {
            operations.check(self.tls.is_some())?;
        }
        if self.http2
            && self.tls.is_none()
            && self.mtls.as_ref().is_none_or(|mtls| mtls.listen.is_none())
        {
            return Err(("`http2` is offered in a TLS handshake".to_owned(), "`tls`"));
        }
        if self.listen_reuse_port && self.store.postgresql.is_none() {
            let message =
                "`listen_reuse_port` is for several processes, which share a store".to_owned();
            return Err((message, "`store.postgresql`, or sockets that are handed over"));
        }
        self.limits.check()?;
        let (balancers, forwarders) =
            (self.proxy_protocol.as_ref(), self.trusted_forwarders.as_ref());
        let has_proven_proxies = self.mtls.as_ref().is_some_and(|mtls| mtls.forwarded.is_some());
        intermediaries::check(balancers, forwarders, has_proven_proxies)?;
        self.signing.check()?;
        self.store.check()?;
        match &self.mtls {
            Some(mtls) => mtls.check(self.listen, self.tls.as_ref()),
            None => Ok(()),
        }
    }

    /// Who may say from where others come.
    #[must_use]
    pub fn intermediaries(&self) -> Intermediaries {
        intermediaries::joined(self.proxy_protocol.as_ref(), self.trusted_forwarders.as_ref())
    }

    /// The public address that takes certificates, which is the issuer's as much as that of the policy.
    pub(super) fn mtls_url(&self) -> Option<&str> {
        self.mtls.as_ref()?.url.as_deref()
    }

    /// What can be said once the policy is known. An error is a sentence and what was expected.
    pub(super) fn check_policy(&self, policy: &Value) -> Result<(), (String, &'static str)> {
        let member = |name: &str| policy.as_object().and_then(|policy| policy.get(name));
        if let (Some(mtls), Some(issuer)) = (&self.mtls, member("issuer").and_then(Value::as_str)) {
            mtls.check_issuer(issuer)?;
        }
        let resources = member("resources").and_then(Value::as_object);
        for (name, resource) in resources.into_iter().flat_map(Object::iter) {
            let resource = resource.as_object();
            if let Some(Value::String(algorithm)) =
                resource.and_then(|resource| resource.get("signing_algorithm"))
            {
                self.signing.check_algorithm(name, algorithm)?;
            }
        }
        Ok(())
    }
}

/// The variant of this name.
fn named<T: serde::de::DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::from(name)).ok()
}
