//! The addresses of the token endpoint: one list, for what is served, for audiences of assertions, and for what names of
//! resources must differ from.

use super::TrustPolicy;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

impl TrustPolicy {
    /// Every URL of the token endpoint. The first is [`TrustPolicy::token_endpoint`]; the others are for clients that make the
    /// address themselves: `/v1/oauth/token` below the issuer, and for an issuer whose path ends in `/v2.0` that path with
    /// `/oauth2/v2.0/token` in its place.
    #[must_use]
    pub fn token_endpoints(&self) -> Vec<String> {
        let issuer = &self.issuer;
        let mut endpoints = Vec::from([self.token_endpoint(), format!("{issuer}/v1/oauth/token")]);
        // A host may be called `v2.0` too: then a slash of the scheme is what ends the rest.
        match issuer.strip_suffix(VERSION) {
            Some(before) if !before.ends_with('/') => {
                endpoints.push(format!("{before}/oauth2{VERSION}/token"));
            }
            _ => {}
        }
        endpoints
    }
}

/// How the path of an issuer ends below which clients expect the token endpoint elsewhere.
const VERSION: &str = "/v2.0";

#[cfg(test)]
mod tests {
    use crate::json;
    use crate::policy::TrustPolicy;

    fn policy(issuer: &str) -> TrustPolicy {
        let text = alloc::format!(
            r#"{{"version": 1, "issuer": "{issuer}", "providers": {{}}, "resources": {{}}, "clients": {{}}}}"#
        );
        TrustPolicy::from_document(&json::parse(text.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn the_token_endpoint_has_aliases() {
        let check = |issuer: &str, expect: &[&str]| {
            let policy = policy(issuer);
            assert_eq!(policy.token_endpoints(), expect, "{issuer}");
            assert_eq!(policy.token_endpoints().first(), Some(&policy.token_endpoint()));
        };
        check(
            "https://sts.example.com/oauth2",
            &[
                "https://sts.example.com/oauth2/token",
                "https://sts.example.com/oauth2/v1/oauth/token",
            ],
        );
        check(
            "https://sts.example.com",
            &["https://sts.example.com/token", "https://sts.example.com/v1/oauth/token"],
        );
        check(
            "https://sts.example.com/acme/v2.0",
            &[
                "https://sts.example.com/acme/v2.0/token",
                "https://sts.example.com/acme/v2.0/v1/oauth/token",
                "https://sts.example.com/acme/oauth2/v2.0/token",
            ],
        );
        // Neither a host of that name nor a path that merely ends alike.
        check("https://v2.0", &["https://v2.0/token", "https://v2.0/v1/oauth/token"]);
        check(
            "https://sts.example.com/xv2.0",
            &[
                "https://sts.example.com/xv2.0/token",
                "https://sts.example.com/xv2.0/v1/oauth/token",
            ],
        );
    }
}
