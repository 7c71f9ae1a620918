//! What a configuration says about fetching.

use super::{AddressRange, Origin};
use serde::de::{Deserialize, Deserializer, Error};
use std::path::PathBuf;

/// What a fetch may do beyond the public roots and public addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FetchConfig {
    /// PEM files with further roots to trust.
    #[serde(default)]
    pub ca_files: Vec<PathBuf>,
    /// Networks that are not public and may be connected to all the same.
    #[serde(default)]
    pub allow_addresses: Vec<AddressRange>,
    /// The way to hosts that are reached through a proxy alone.
    #[serde(default)]
    pub https_proxy: Option<HttpsProxy>,
    /// Whether keys and lists are fetched when a request first needs them, and not before.
    #[serde(default)]
    pub on_demand: bool,
    /// What sources ask for, one entry an origin.
    #[serde(default, deserialize_with = "one_an_origin")]
    pub credentials: Vec<SourceCredential>,
}

/// An HTTP proxy that opens tunnels (CONNECT, RFC 9110 section 9.3.6).
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpsProxy {
    /// `http://host:port`.
    pub url: ProxyUrl,
    /// The hosts that are reached through it, in lower case. The proxy resolves their names, so no address is checked:
    /// therefore each is named here, and every other host is connected to directly.
    #[serde(deserialize_with = "host_names")]
    pub hosts: Vec<String>,
    /// A file that holds `user:password` for the proxy (RFC 7617), read for each fetch.
    #[serde(default)]
    pub credentials_file: Option<PathBuf>,
}

/// The address of a proxy. It is the operator's, and is connected to wherever it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyUrl {
    /// A name or an address; an IPv6 literal has no brackets.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// What is sent to one origin, and to no other.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "UncheckedCredential")]
pub struct SourceCredential {
    /// Scheme, host and port.
    pub origin: Origin,
    /// A file that holds a bearer token (RFC 6750), read for each fetch: tokens of service accounts change.
    pub bearer_token_file: Option<PathBuf>,
    /// A certificate for TLS client authentication, read for each fetch.
    pub client_certificate: Option<ClientCertificate>,
}

/// PEM files of a TLS client.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientCertificate {
    /// The chain, the client's own certificate first.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl FetchConfig {
    /// Every path, to be completed.
    pub(crate) fn paths_mut(&mut self) -> impl Iterator<Item = &mut PathBuf> {
        let proxy = self.https_proxy.iter_mut().filter_map(|proxy| proxy.credentials_file.as_mut());
        let credentials = self.credentials.iter_mut().flat_map(|credential| {
            let pair = credential.client_certificate.iter_mut();
            let pair = pair.flat_map(|pair| [&mut pair.certificate, &mut pair.key]);
            credential.bearer_token_file.iter_mut().chain(pair)
        });
        self.ca_files.iter_mut().chain(proxy).chain(credentials)
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct UncheckedCredential {
    origin: Origin,
    #[serde(default)]
    bearer_token_file: Option<PathBuf>,
    #[serde(default)]
    client_certificate: Option<ClientCertificate>,
}

impl TryFrom<UncheckedCredential> for SourceCredential {
    type Error = &'static str;

    fn try_from(unchecked: UncheckedCredential) -> Result<Self, Self::Error> {
        let UncheckedCredential { origin, bearer_token_file, client_certificate } = unchecked;
        if bearer_token_file.is_none() && client_certificate.is_none() {
            return Err("neither bearer_token_file nor client_certificate");
        }
        Ok(Self { origin, bearer_token_file, client_certificate })
    }
}

fn one_an_origin<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<SourceCredential>, D::Error> {
    let credentials: Vec<SourceCredential> = Deserialize::deserialize(from)?;
    for (index, credential) in credentials.iter().enumerate() {
        if credentials.iter().skip(index + 1).any(|other| other.origin == credential.origin) {
            return Err(D::Error::custom(format!("{} has two entries", credential.origin)));
        }
    }
    Ok(credentials)
}

fn host_names<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let hosts: Vec<String> = Deserialize::deserialize(deserializer)?;
    if hosts.is_empty() {
        return Err(D::Error::custom("a proxy for no host; name the hosts that it leads to"));
    }
    hosts.into_iter().map(|host| host_name(&host).map_err(D::Error::custom)).collect()
}

/// A DNS name in lower case. An address is not one: what has an address is connected to directly.
fn host_name(text: &str) -> Result<String, &'static str> {
    match rustls::pki_types::ServerName::try_from(text) {
        Ok(rustls::pki_types::ServerName::DnsName(_)) => Ok(text.to_ascii_lowercase()),
        _ => Err("not a host name, such as idp.example; patterns and addresses are not allowed"),
    }
}

impl<'de> Deserialize<'de> for ProxyUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let wrong = "not the address of an HTTP proxy, such as http://proxy.example:3128; a user and password \
                     belong in credentials_file";
        proxy_url(&text).ok_or_else(|| D::Error::custom(wrong))
    }
}

fn proxy_url(text: &str) -> Option<ProxyUrl> {
    let authority: http::uri::Authority =
        text.strip_prefix("http://")?.trim_end_matches('/').parse().ok()?;
    if authority.as_str().contains('@') {
        return None;
    }
    let host = authority.host();
    let host = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    Some(ProxyUrl { host: host.to_owned(), port: authority.port_u16()? })
}

impl<'de> Deserialize<'de> for Origin {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for AddressRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<FetchConfig, String> {
        serde_json::from_str(json)
            .map_err(|error| error.to_string().split(" at line").next().unwrap_or("").to_owned())
    }

    #[test]
    fn a_proxy_leads_to_hosts_that_are_named() {
        let proxy = |url: &str, hosts: &str| {
            read(&format!(r#"{{"https_proxy":{{"url":"{url}","hosts":{hosts}}}}}"#))
        };
        let found =
            proxy("http://[fd00::1]:3128/", r#"["IdP.example"]"#).unwrap().https_proxy.unwrap();
        assert_eq!(found.url, ProxyUrl { host: "fd00::1".into(), port: 3128 });
        assert_eq!(found.hosts, ["idp.example"]);

        let bad = |url: &str, hosts: &str, expect: &str| {
            let error = proxy(url, hosts).unwrap_err();
            assert!(error.starts_with(expect), "{url} {hosts}: {error}");
        };
        bad("http://proxy.example:3128", "[]", "a proxy for no host");
        for host in
            ["*.example", "192.0.2.1", "[::1]", "https://idp.example", "idp.example:443", ""]
        {
            bad("http://proxy.example:3128", &format!(r#"["{host}"]"#), "not a host name");
        }
        for url in [
            "https://proxy.example:3128",
            "proxy.example:3128",
            "http://proxy.example",
            "http://user:secret@proxy.example:3128",
            "http://proxy.example:3128/path",
            "http://proxy.example:port",
        ] {
            bad(url, r#"["idp.example"]"#, "not the address of an HTTP proxy");
        }
    }

    #[test]
    fn a_credential_is_for_one_origin() {
        let entry = |origin: &str| format!(r#"{{"origin":"{origin}","bearer_token_file":"t"}}"#);
        let list =
            |entries: &[String]| read(&format!(r#"{{"credentials":[{}]}}"#, entries.join(",")));
        let origin = |text: &str| {
            list(&[entry(text)]).map(|found| found.credentials.first().unwrap().origin.to_string())
        };
        assert_eq!(origin("https://keys.example").unwrap(), "https://keys.example:443");
        assert_eq!(origin("https://Keys.example:8443").unwrap(), "https://keys.example:8443");
        assert_eq!(origin("https://[fd00::1]").unwrap(), "https://[fd00::1]:443");
        for bad in [
            "http://keys.example",
            "https://keys.example/",
            "https://keys.example/keys",
            "https://keys.example?",
            "https://user@keys.example",
            "https://*.example",
            "keys.example",
        ] {
            let expect =
                "not an https origin, such as https://keys.example or https://keys.example:8443";
            assert_eq!(origin(bad).unwrap_err(), expect, "{bad}");
        }
        let twice = [entry("https://keys.example"), entry("https://KEYS.example:443")];
        assert_eq!(list(&twice).unwrap_err(), "https://keys.example:443 has two entries");
        let empty = [r#"{"origin":"https://keys.example"}"#.to_owned()];
        assert_eq!(list(&empty).unwrap_err(), "neither bearer_token_file nor client_certificate");
    }
}
