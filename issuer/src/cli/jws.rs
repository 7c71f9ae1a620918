//! `credmint jws verify`: one compact JWS, with or without its claims.

use super::SingleRequest;
use super::answer::{Judgement, Misuse, Proven};
use super::batch::Judge;
use super::input::{self, Time};
use crate::decide::SIGNATURES;
use clap::Args;
use credmint_core::jose::{
    Algorithm, Audiences, ClaimRules, JwkSet, Types, UnverifiedJws, VerifiedJws, check_claims,
};
use credmint_core::signature::Session;
use credmint_core::{Code, Refusal, base64, limits};
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Flags of a single verification.
#[derive(Args)]
pub(super) struct Single {
    /// The token, or - to read it from standard input
    token: String,
    /// The JWK set
    #[arg(long, value_name = "FILE")]
    jwks: PathBuf,
    /// The algorithms for keys that name none
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
    #[arg(long)]
    now: Option<Time>,
    /// Check the claims: longest lifetime in seconds
    #[arg(long, requires = "issuer")]
    max_lifetime: Option<i64>,
    /// Check the claims: clock skew in seconds
    #[arg(long, requires = "issuer")]
    skew: Option<i64>,
}

/// One request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    jws: String,
    jwks: Option<Value>,
    key: Option<Value>,
    #[serde(default)]
    algorithms: Vec<String>,
    now: Option<Time>,
    issuer: Option<String>,
    audience: Option<String>,
    typ: Option<String>,
    max_lifetime: Option<i64>,
    skew: Option<i64>,
}

impl SingleRequest for Single {
    type Request = Request;

    fn into_request(self) -> Result<Request, Misuse> {
        let token = match self.token.as_str() {
            "-" => input::read_text("-".as_ref())?.trim_ascii().to_owned(),
            _ => self.token,
        };
        let jwks = input::read_text(&self.jwks)?;
        Ok(Request {
            jws: token,
            jwks: Some(
                serde_json::from_str(&jwks).map_err(|error| {
                    Misuse::new(format_args!("{}: {error}", self.jwks.display()))
                })?,
            ),
            key: None,
            algorithms: self.algorithms,
            now: self.now,
            issuer: self.issuer,
            audience: self.audience,
            typ: self.typ,
            max_lifetime: self.max_lifetime,
            skew: self.skew,
        })
    }
}

/// The claims part of a request.
struct Claims<'a> {
    issuer: &'a str,
    audience: &'a str,
}

impl Judge for Request {
    fn judge(self) -> Result<Judgement, Misuse> {
        let claims = self.claims()?;
        let jwks = match (&self.jwks, &self.key) {
            (Some(set), None) => set.to_string(),
            (None, Some(key @ Value::Object(_))) => json!({ "keys": [key] }).to_string(),
            (None, Some(_)) => return Err(Misuse::new("key must be a JWK object")),
            _ => return Err(Misuse::new("give either jwks or key")),
        };
        Ok(self.verify(&jwks, claims))
    }
}

impl Request {
    /// The claims are checked when anything about them is asked; then issuer and audience are required.
    fn claims(&self) -> Result<Option<Claims<'_>>, Misuse> {
        let skew = self.skew.unwrap_or(limits::SKEW);
        if !(0..=limits::SKEW_MAX).contains(&skew) || self.max_lifetime.is_some_and(|time| time < 1)
        {
            return Err(Misuse::new("skew or max_lifetime is out of range"));
        }
        match (&self.issuer, &self.audience) {
            (Some(issuer), Some(audience)) => Ok(Some(Claims { issuer, audience })),
            (None, None)
                if self.typ.is_none() && self.max_lifetime.is_none() && self.skew.is_none() =>
            {
                Ok(None)
            }
            _ => Err(Misuse::new("a check of the claims needs issuer and audience")),
        }
    }

    fn verify(&self, jwks: &str, claims: Option<Claims<'_>>) -> Judgement {
        let jws = UnverifiedJws::parse(&self.jws)?;
        let algorithms = self
            .algorithms
            .iter()
            .map(|name| {
                Algorithm::from_name(name)
                    .ok_or_else(|| Refusal::new(Code::JwsAlgorithmUnsupported).found(name))
            })
            .collect::<Result<Vec<_>, _>>()?;
        let keys = JwkSet::parse(jwks.as_bytes(), &algorithms)?;
        let session = Session::new(SIGNATURES);
        let verified = jws.verify(&keys, &session)?;
        if !algorithms.is_empty() && !algorithms.contains(&verified.algorithm()) {
            return Err(
                Refusal::new(Code::JwsAlgorithmNotAllowed).found(verified.algorithm().as_str())
            );
        }
        if let Some(claims) = claims {
            self.check_claims(&verified, &claims)?;
        }
        Ok(proven(&verified))
    }

    fn check_claims(&self, verified: &VerifiedJws, claims: &Claims<'_>) -> Result<(), Refusal> {
        let audiences = [claims.audience.to_owned()];
        let typ: Vec<&str> = self.typ.as_deref().into_iter().collect();
        let rules = ClaimRules {
            now: input::time_or_now(self.now),
            skew: self.skew.unwrap_or(limits::SKEW),
            issuer: claims.issuer,
            subject: None,
            audiences: Audiences { accepted: &audiences, several: false },
            types: if typ.is_empty() {
                Types::JWT
            } else {
                Types { accepted: &typ, absent: false }
            },
            max_lifetime: self.max_lifetime.unwrap_or(limits::OIDC_LIFETIME),
        };
        check_claims(&verified.claims()?, verified.typ(), &rules).map(|_| ())
    }
}

fn proven(verified: &VerifiedJws) -> Proven {
    let mut proven = Proven::new();
    proven.insert("alg".into(), verified.algorithm().as_str().into());
    proven.insert("kid".into(), verified.kid().into());
    match verified.claims() {
        Ok(claims) => {
            let text = credmint_core::json::Value::Object(claims).to_string();
            proven.insert("claims".into(), serde_json::from_str(&text).unwrap_or(Value::Null));
        }
        // A JWS may sign anything.
        Err(_) => {
            let payload = base64::encode_standard(verified.payload());
            proven.insert("payload_b64".into(), payload.into());
        }
    }
    proven
}
