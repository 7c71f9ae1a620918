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
        let below = format!("{}/v1/oauth/token", self.issuer);
        [self.token_endpoint(), below].into_iter().chain(beside(&self.issuer)).collect()
    }
}

/// Whether a text is an address of the issuer: what is below it, and what of it is elsewhere. A token for it
/// would be a proof for us.
pub(super) fn is_of_issuer(text: &str, issuer: &str) -> bool {
    text.strip_prefix(issuer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        || beside(issuer).as_deref() == Some(text)
}

/// The URL of the token endpoint that is not below the issuer, of an issuer whose path ends in [`VERSION`].
fn beside(issuer: &str) -> Option<String> {
    // A host may be called `v2.0` too: then a slash of the scheme is what ends the rest.
    let before = issuer.strip_suffix(VERSION).filter(|before| !before.ends_with('/'))?;
    Some(format!("{before}/oauth2{VERSION}/token"))
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

    #[test]
    fn addresses_of_the_issuer() {
        let check = |text: &str, expect: bool| {
            assert_eq!(super::is_of_issuer(text, "https://sts/acme/v2.0"), expect, "{text}");
        };
        check("https://sts/acme/v2.0", true);
        check("https://sts/acme/v2.0/", true);
        check("https://sts/acme/v2.0/token", true);
        check("https://sts/acme/oauth2/v2.0/token", true);
        check("https://sts/acme/v2.0x", false);
        check("https://sts/acme", false);
        check("https://sts/acme/oauth2/v2.0", false);
        check("https://sts/oauth2/v2.0/token", false);
    }
}
