//! `credmint jws verify`: one compact JWS, with or without its claims.

use super::input;
use super::request::Request;
use super::verify::SingleRequest;
use clap::Args;
use credmint_verify::{Command, Misuse, Time};
use std::path::PathBuf;

/// Flags of a single verification.
#[derive(Args)]
pub(super) struct Single {
    /// The token, or - to read it from standard input
    #[arg(required = false, required_unless_present = "batch")]
    token: String,
    /// The JWK set of the token's issuer
    #[arg(long, value_name = "FILE", required_unless_present_any = ["key", "batch"])]
    jwks: Option<PathBuf>,
    /// The one key, whatever kid the token has: a JWK, or a SubjectPublicKeyInfo in PEM, base64 or DER
    #[arg(long, value_name = "FILE", conflicts_with = "jwks")]
    key: Option<PathBuf>,
    /// The algorithms that may be used, as RS256,ES256
    #[arg(long, value_delimiter = ',')]
    algorithms: Vec<String>,
    /// Check the claims: the issuer that the token must name
    #[arg(long, requires = "audience")]
    issuer: Option<String>,
    /// Check the claims: the audience that the token must name
    #[arg(long, requires = "issuer")]
    audience: Option<String>,
    /// Check the claims: the typ that the header must have, as at+jwt
    #[arg(long, requires = "issuer")]
    typ: Option<String>,
    /// Check the claims at this time (RFC 3339 or Unix seconds) instead of now
    #[arg(long, requires = "issuer")]
    now: Option<Time>,
    /// Check the claims: longest lifetime in seconds
    #[arg(long, requires = "issuer")]
    max_lifetime: Option<i64>,
    /// Check the claims: clock skew in seconds
    #[arg(long, requires = "issuer")]
    skew: Option<i64>,
}

impl SingleRequest for Single {
    const COMMAND: Command = Command::Jws;

    fn into_request(self) -> Result<Request, Misuse> {
        let token = match self.token.as_str() {
            "-" => input::read_text("-".as_ref())?.trim_ascii().to_owned(),
            _ => self.token,
        };
        Request::new()
            .with("jws", token)?
            .with("jwks", self.jwks.as_deref().map(input::read_text).transpose()?)?
            .with("key", self.key.as_deref().map(input::read_der_or_text).transpose()?)?
            .with("algorithms", self.algorithms)?
            .with("now", self.now)?
            .with("issuer", self.issuer)?
            .with("audience", self.audience)?
            .with("typ", self.typ)?
            .with("max_lifetime", self.max_lifetime)?
            .with("skew", self.skew)
    }
}
