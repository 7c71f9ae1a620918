//! Protected resource metadata (RFC 9728): what a resource says of itself, and where.

use crate::json::{Object, Value};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A protected resource whose metadata has a place. [`ProtectedResource::new`] alone makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProtectedResource {
    resource: String,
    /// Where scheme and host of `resource` end.
    origin: usize,
    authorization_servers: Vec<String>,
    scopes: Vec<String>,
}

/// The end of the well-known path (RFC 9728 section 3).
const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

/// Hosts that are this machine's own, over which http is as good as https (RFC 8252 section 7.3).
const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

impl ProtectedResource {
    /// The resource of this URL, the issuers whose tokens it takes, and the scope values that it knows; both lists may be
    /// empty. `None` when no metadata can belong to the URL: it must be https, or http for a loopback address, with a host,
    /// without user and fragment, in visible ASCII without `"` and `\`, which a challenge could not carry.
    #[must_use]
    pub fn new(resource: &str, authorization_servers: &[&str], scopes: &[&str]) -> Option<Self> {
        let (scheme, rest) = resource.split_once("://")?;
        let host = rest.split(['/', '?']).next().unwrap_or_default();
        let is_loopback = LOOPBACK.iter().any(|loopback| {
            host.strip_prefix(loopback).is_some_and(|port| port.is_empty() || port.starts_with(':'))
        });
        let is_safe = scheme == "https" || scheme == "http" && is_loopback;
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'#' | b'"' | b'\\');
        let is_host = !host.is_empty() && !host.starts_with(':') && !host.contains('@');
        if !is_safe || !is_host || !resource.bytes().all(is_plain) {
            return None;
        }
        let owned = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
        Some(Self {
            origin: resource.len().checked_sub(rest.len())?.checked_add(host.len())?,
            resource: resource.to_string(),
            authorization_servers: owned(authorization_servers),
            scopes: owned(scopes),
        })
    }

    /// The path at which the metadata is served: the well-known part goes before the path and query of the resource
    /// (RFC 9728 section 3.1). It has a query where the resource has one.
    #[must_use]
    pub fn metadata_path(&self) -> String {
        let behind = self.resource.get(self.origin..).unwrap_or_default();
        // A slash that only ends the host goes.
        let behind = match behind.strip_prefix('/') {
            Some(rest) if rest.is_empty() || rest.starts_with('?') => rest,
            _ => behind,
        };
        format!("{WELL_KNOWN}{behind}")
    }

    /// The URL of the metadata: what a challenge names as `resource_metadata` (RFC 9728 section 5.1).
    #[must_use]
    pub fn metadata_url(&self) -> String {
        format!("{}{}", self.resource.get(..self.origin).unwrap_or_default(), self.metadata_path())
    }

    /// The metadata, JSON of media type `application/json`. Its `resource` is the URL as it was given, character by character,
    /// since clients compare it. Lists without elements are left out (RFC 9728 section 2).
    #[must_use]
    pub fn metadata(&self) -> String {
        let list = |texts: &[String]| {
            Value::Array(texts.iter().map(|text| Value::from(text.as_str())).collect())
        };
        let mut document = Object::new();
        document.insert("resource", self.resource.as_str());
        for (name, texts) in [
            ("authorization_servers", &self.authorization_servers),
            ("scopes_supported", &self.scopes),
        ] {
            if !texts.is_empty() {
                document.insert(name, list(texts));
            }
        }
        document.insert("bearer_methods_supported", Value::Array(Vec::from(["header".into()])));
        document.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_well_known_part_goes_before_the_path() {
        let check = |resource: &str, expect: Option<(&str, &str)>| {
            let found = ProtectedResource::new(resource, &[], &[]);
            let found = found.map(|resource| (resource.metadata_url(), resource.metadata_path()));
            let found = found.as_ref().map(|(url, path)| (url.as_str(), path.as_str()));
            assert_eq!(found, expect, "{resource}");
        };
        let plain = ("https://r.example.com/.well-known/oauth-protected-resource", WELL_KNOWN);
        check("https://r.example.com", Some(plain));
        check("https://r.example.com/", Some(plain));
        check(
            "https://r.example.com:8443/mcp",
            Some((
                "https://r.example.com:8443/.well-known/oauth-protected-resource/mcp",
                "/.well-known/oauth-protected-resource/mcp",
            )),
        );
        check(
            "https://r.example.com/a/b/",
            Some((
                "https://r.example.com/.well-known/oauth-protected-resource/a/b/",
                "/.well-known/oauth-protected-resource/a/b/",
            )),
        );
        let query = (
            "https://r.example.com/.well-known/oauth-protected-resource?t=1",
            "/.well-known/oauth-protected-resource?t=1",
        );
        check("https://r.example.com?t=1", Some(query));
        check("https://r.example.com/?t=1", Some(query));
        check(
            "https://r.example.com/a?b=/c",
            Some((
                "https://r.example.com/.well-known/oauth-protected-resource/a?b=/c",
                "/.well-known/oauth-protected-resource/a?b=/c",
            )),
        );
        check(
            "http://127.0.0.1:3000/mcp",
            Some((
                "http://127.0.0.1:3000/.well-known/oauth-protected-resource/mcp",
                "/.well-known/oauth-protected-resource/mcp",
            )),
        );
        for wrong in [
            "",
            "r.example.com",
            "api.example.com/v1",
            "urn:example:api",
            "https:",
            "https://",
            "https:///mcp",
            "https://?x",
            "https://:443/",
            "HTTPS://r.example.com",
            "http://r.example.com/mcp",
            "http://127.0.0.1.example.com/",
            "http://localhosts/",
            "https://user@r.example.com/",
            "https://r.example.com/#top",
            "https://r.example.com/a b",
            "https://r.example.com/\"",
            "https://r.example.com/\\",
            "https://r.exämple.com/",
            "https://r.example.com/\r\nx: y",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn metadata_says_what_there_is() {
        let check = |servers: &[&str], scopes: &[&str], expect: &str| {
            let resource = ProtectedResource::new("https://r.example.com/mcp/", servers, scopes);
            assert_eq!(resource.unwrap().metadata(), expect);
        };
        check(
            &["https://sts.example.com/oauth2"],
            &["read", "write"],
            concat!(
                r#"{"authorization_servers":["https://sts.example.com/oauth2"],"#,
                r#""bearer_methods_supported":["header"],"resource":"https://r.example.com/mcp/","#,
                r#""scopes_supported":["read","write"]}"#
            ),
        );
        check(
            &[],
            &[],
            r#"{"bearer_methods_supported":["header"],"resource":"https://r.example.com/mcp/"}"#,
        );
    }
}
