//! `server.mtls:`: where clients authenticate by the certificate of their TLS connection (RFC 8705 section 2).

use super::TlsFiles;
use crate::fingerprint::Fingerprint;
use crate::forwarded::Form;
use crate::limits::PROXIES;
use credmint_core::keys::is_https;
use serde::de::Deserializer;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// What is wrong, and what was expected.
type Wrong = (String, &'static str);

/// Where clients authenticate by the certificate of their TLS connection: at a listener of its own, behind a proxy, or both.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MtlsConfig {
    /// The public address that takes certificates, in the place of the issuer's: `{url}/token` is the token endpoint. None
    /// where a proxy takes them at the issuer's own address.
    #[serde(default)]
    pub url: Option<String>,
    /// Where to listen for TLS and ask for certificates. None where only a proxy does.
    #[serde(default, deserialize_with = "some_address")]
    pub listen: Option<SocketAddr>,
    /// The server's certificate and key at this listener, if they are not those of `server.tls`.
    #[serde(default)]
    pub tls: Option<TlsFiles>,
    /// Which proxies forward certificates, and how.
    #[serde(default)]
    pub forwarded: Option<Forwarded>,
}

/// Which proxies may forward certificates of their clients, and how they do.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forwarded {
    /// The fields that the proxy sets.
    pub form: Form,
    /// A Unix socket at which only the proxy can connect.
    #[serde(default)]
    pub socket: Option<PathBuf>,
    /// Who can connect there.
    #[serde(default)]
    pub socket_mode: SocketMode,
    /// The certificates by which proxies are known at `listen`.
    #[serde(default)]
    pub proxies: Vec<Fingerprint>,
}

/// The permissions of a socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
pub enum SocketMode {
    /// The user of this process.
    #[default]
    #[serde(rename = "0600")]
    Owner,
    /// Its group besides.
    #[serde(rename = "0660")]
    Group,
}

impl SocketMode {
    /// As the system has it.
    #[must_use]
    pub const fn bits(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Group => 0o660,
        }
    }
}

impl MtlsConfig {
    /// The files that it names.
    pub(super) fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let tls = self.tls.iter_mut().flat_map(|tls| [&mut tls.certificate, &mut tls.key]);
        tls.chain(self.forwarded.iter_mut().filter_map(|forwarded| forwarded.socket.as_mut()))
    }

    /// The proxies that are known by their certificates.
    #[must_use]
    pub fn proxies(&self) -> &[Fingerprint] {
        self.forwarded.as_ref().map_or(&[], |forwarded| &forwarded.proxies)
    }

    /// The socket of a proxy.
    #[must_use]
    pub fn socket(&self) -> Option<&Path> {
        self.forwarded.as_ref()?.socket.as_deref()
    }

    /// What the types do not say.
    pub(super) fn check(&self, plain: SocketAddr, tls: Option<&TlsFiles>) -> Result<(), Wrong> {
        let wrong = |message: &str, expected| Err((format!("mtls: {message}"), expected));
        if self.forwarded.is_some() && self.socket().is_none() && self.proxies().is_empty() {
            return wrong(
                "`forwarded` names no proxy",
                "`socket`, or `proxies` with the fingerprints of their certificates: an address proves nothing",
            );
        }
        if self.proxies().len() > PROXIES {
            return wrong("there are too many `proxies`", "at most 64");
        }
        match self.listen {
            None if !self.proxies().is_empty() => wrong(
                "`proxies` show their certificates at `listen`",
                "`listen`, or `socket` alone",
            ),
            None if self.tls.is_some() => wrong("`tls` is for `listen`", "`listen`"),
            None if self.socket().is_none() => {
                wrong("nobody shows a certificate anywhere", "`listen`, or `forwarded`")
            }
            Some(listen) if listen == plain => wrong(
                "`listen` is that of `server`, where nobody is asked for a certificate",
                "another port",
            ),
            Some(_) if self.tls.is_none() && tls.is_none() => {
                wrong("`listen` takes TLS alone", "`tls` here or in `server`")
            }
            Some(_) if self.url.is_none() => {
                wrong("clients do not learn of `listen`", "`url`, the public address of it")
            }
            _ => self.check_url(),
        }
    }

    fn check_url(&self) -> Result<(), Wrong> {
        match &self.url {
            Some(url) if !is_https(url) || url.contains('?') || url.ends_with('/') => Err((
                format!("mtls: `url` is `{url}`"),
                "an https URL in plain form without a slash at its end, to which `/token` is added",
            )),
            _ => Ok(()),
        }
    }

    /// What the address says beside that of the issuer.
    pub(super) fn check_issuer(&self, issuer: &str) -> Result<(), Wrong> {
        let (Some(url), Some(_)) = (&self.url, self.listen) else { return Ok(()) };
        if url == issuer {
            return Err((
                "mtls: `url` is the issuer's, where nobody is asked for a certificate".to_owned(),
                "the public address of `listen`",
            ));
        }
        if self.forwarded.is_none() && path(url) != path(issuer) {
            return Err((
                format!("mtls: `url` is `{url}`, and nothing is served under its path"),
                "the path of the issuer",
            ));
        }
        Ok(())
    }
}

/// The path of a URL, empty for none.
fn path(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    after_scheme.find('/').map_or("", |slash| &after_scheme[slash..])
}

fn some_address<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<SocketAddr>, D::Error> {
    super::address(deserializer).map(Some)
}
