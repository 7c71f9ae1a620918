//! A URL that may be fetched, taken apart.

use super::FetchError;
use credmint_core::keys::Document;
use http::Uri;
use rustls::pki_types::ServerName;
use std::fmt;
use std::str::FromStr;

/// A URL that may be fetched, taken apart.
pub(super) struct Target {
    pub(super) is_https: bool,
    /// For resolving; an IPv6 literal has no brackets here.
    pub(super) host: String,
    pub(super) port: u16,
    /// What the certificate must be for.
    pub(super) server_name: ServerName<'static>,
    /// `Host` and request target, as they were written.
    pub(super) authority: String,
    pub(super) path: String,
}

impl Target {
    /// Takes the URL of a document apart. Only a revocation list, which is signed, may come over http.
    pub(super) fn parse(url: &str, document: Document) -> Result<Self, FetchError> {
        let refuse = |why| FetchError::Url { why };
        // `Uri` drops a fragment in silence.
        if url.contains('#') {
            return Err(refuse("it has a fragment"));
        }
        let uri: Uri = url.parse().map_err(|_| refuse("it is not a URL"))?;
        let (is_https, usual) = match (uri.scheme_str(), document) {
            (Some("https"), _) => (true, 443),
            (Some("http"), Document::RevocationList) => (false, 80),
            _ => return Err(refuse("it does not start with https://")),
        };
        let authority = uri.authority().ok_or(refuse("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(refuse("it has credentials before the host"));
        }
        // A port that is no number would otherwise be taken for no port.
        let port = match authority.port() {
            Some(port) => port.as_u16(),
            None if authority.as_str() == authority.host() => usual,
            None => return Err(refuse("its port is not a number")),
        };
        let host = authority.host();
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        let server_name = ServerName::try_from(bare.to_owned())
            .map_err(|_| refuse("its host is neither a DNS name nor an address"))?;
        Ok(Self {
            is_https,
            host: bare.to_owned(),
            port,
            server_name,
            authority: authority.as_str().to_owned(),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
        })
    }

    /// Where it leads, without the path, for a URL of https.
    pub(super) fn origin(&self) -> Origin {
        Origin { host: self.host.to_ascii_lowercase(), port: self.port }
    }
}

/// An origin (RFC 6454 section 4) whose scheme is https: a host, in lower case and without brackets, and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    host: String,
    port: u16,
}

impl FromStr for Origin {
    type Err = OriginError;

    /// Reads `https://host[:port]`. A path is an error: what is bound to an origin is not bound to a path of it.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match Target::parse(text, Document::KeySet) {
            Ok(target) if text == format!("https://{}", target.authority) => Ok(target.origin()),
            _ => Err(OriginError),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        if host.contains(':') {
            write!(f, "https://[{host}]:{port}")
        } else {
            write!(f, "https://{host}:{port}")
        }
    }
}

/// A text that is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an https origin, such as https://keys.example or https://keys.example:8443")]
pub struct OriginError;
