//! `credmint jws verify`: one compact JWS, with or without its claims.

use super::SingleRequest;
use super::answer::{Judgement, Misuse, Proven};
use super::batch::Judge;
use super::input;
use super::request::{self, Document};
use super::time::{self, Time};
use crate::decide::SIGNATURES;
use clap::Args;
use credmint_core::jose::{
    Algorithm, AlgorithmSet, Audiences, ClaimRules, JwkSet, Types, UnverifiedJws, VerificationKey,
    VerifiedJws, check_claims,
};
use credmint_core::signature::{RsaLimit, Session};
use credmint_core::{Code, Refusal, base64, json, limits};
use serde::Deserialize;
use serde_json::Value;
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

/// One request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    jws: String,
    jwks: Option<Document>,
    key: Option<Document>,
    #[serde(default, deserialize_with = "request::list")]
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
        let jwks = self.jwks.as_deref().map(input::read_text).transpose()?;
        let key = self.key.as_deref().map(input::read_der_or_text).transpose()?;
        Ok(Request {
            jws: token,
            jwks: jwks.map(Document),
            key: key.map(Document),
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

impl Judge for Request {
    type Shared = ();

    fn judge(self, (): &mut ()) -> Result<Judgement, Misuse> {
        let claims = self.claims()?;
        let keys = match (&self.jwks, &self.key) {
            (Some(set), None) => Keys::Set(set),
            (None, Some(key)) => Keys::One(key),
            _ => return Err(Misuse::new("either jwks or key must be given, and not both")),
        };
        Ok(self.verify(&keys, claims))
    }
}

/// What the token is checked with.
enum Keys<'a> {
    Set(&'a Document),
    One(&'a Document),
}

/// The claims part of a request.
struct Claims<'a> {
    issuer: &'a str,
    audience: &'a str,
}

impl Request {
    /// The claims are checked when an issuer and an audience are given. Nothing else about them can be asked
    /// without, so that no rule is left unchecked in silence; a time alone is no rule.
    fn claims(&self) -> Result<Option<Claims<'_>>, Misuse> {
        let skew = self.skew.unwrap_or(limits::SKEW);
        if !(0..=limits::SKEW_MAX).contains(&skew) {
            return Err(Misuse::new(format_args!("skew: not from 0 to {}", limits::SKEW_MAX)));
        }
        if self.max_lifetime.is_some_and(|seconds| seconds < 1) {
            return Err(Misuse::new("max_lifetime: not a number of seconds from 1"));
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

    fn verify(&self, keys: &Keys<'_>, claims: Option<Claims<'_>>) -> Judgement {
        let jws = UnverifiedJws::parse(&self.jws)?;
        // First, so that an algorithm that is not offered is called so, whatever the keys are.
        let algorithm = jws.algorithm()?;
        let listed = self.listed(algorithm)?;
        let session = Session::new(SIGNATURES);
        let verified = match keys {
            Keys::Set(set) => jws.verify(&JwkSet::parse(set.0.as_bytes(), &listed)?, &session)?,
            Keys::One(key) => jws.verify_with(&one_key(key, &listed)?, &session)?,
        };
        if let Some(claims) = &claims {
            self.check_claims(&verified, claims)?;
        }
        Ok(proven(&verified, claims.is_some()))
    }

    /// The algorithms that the request lists; empty for the default of each key. A name in the list that is not
    /// offered accepts no token and is in the way of none.
    fn listed(&self, algorithm: Algorithm) -> Result<Vec<Algorithm>, Refusal> {
        let listed: Vec<Algorithm> =
            self.algorithms.iter().filter_map(|name| Algorithm::from_name(name)).collect();
        if self.algorithms.is_empty() || listed.contains(&algorithm) {
            return Ok(listed);
        }
        Err(Refusal::new(Code::JwsAlgorithmNotAllowed)
            .expected(self.algorithms.join(", "))
            .found(algorithm))
    }

    fn check_claims(&self, verified: &VerifiedJws, claims: &Claims<'_>) -> Result<(), Refusal> {
        let audiences = [claims.audience.to_owned()];
        let typ: Vec<&str> = self.typ.as_deref().into_iter().collect();
        let rules = ClaimRules {
            now: time::or_now(self.now),
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

/// A JWK or a SubjectPublicKeyInfo. Of a private JWK the public half is read; whoever asks holds it anyway.
fn one_key(key: &Document, listed: &[Algorithm]) -> Result<VerificationKey, Refusal> {
    if key.is_object() {
        let jwk = json::parse_object(key.0.as_bytes())?;
        return VerificationKey::from_jwk(&jwk, listed, RsaLimit::Standard);
    }
    let key = input::spki(&key.0, RsaLimit::Standard)?;
    let algorithms = match listed {
        [] => AlgorithmSet::default_of(key.kind()),
        listed => listed.iter().copied().collect(),
    };
    Ok(VerificationKey::new(key, algorithms, None))
}

fn proven(verified: &VerifiedJws, claims_checked: bool) -> Proven {
    let mut proven = Proven::new();
    proven.insert("alg".into(), verified.algorithm().as_str().into());
    for (name, text) in [("kid", verified.kid()), ("typ", verified.typ())] {
        if let Some(text) = text {
            proven.insert(name.into(), text.into());
        }
    }
    match verified.claims() {
        Ok(claims) => {
            let text = json::Value::Object(claims).to_string();
            proven.insert("claims".into(), serde_json::from_str(&text).unwrap_or(Value::Null));
        }
        // A JWS may sign anything.
        Err(_) => {
            let payload = base64::encode_standard(verified.payload());
            proven.insert("payload_b64".into(), payload.into());
        }
    }
    proven.insert("claims_checked".into(), claims_checked.into());
    proven
}
