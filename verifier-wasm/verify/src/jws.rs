//! `credmint jws verify`: one compact JWS, with or without its claims.

use crate::Host;
use crate::answer::{Misuse, Proven, Verification};
use crate::input;
use crate::request::{self, Document};
use crate::time::{self, Time};
use credmint_core::jose::{
    Algorithm, AlgorithmSet, Audiences, ClaimRules, JwkSet, Types, UnverifiedJws, VerificationKey,
    VerifiedJws, check_claims,
};
use credmint_core::signature::RsaLimit;
use credmint_core::{Code, Refusal, base64, json, limits};
use serde::Deserialize;
use serde_json::Value;

/// One request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
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

impl crate::Request for Request {
    fn judge(self, host: &dyn Host) -> Result<Verification, Misuse> {
        let claims = self.claims()?;
        let keys = match (&self.jwks, &self.key) {
            (Some(set), None) => Keys::Set(set),
            (None, Some(key)) => Keys::One(key),
            _ => return Err(Misuse::new("either jwks or key must be given, and not both")),
        };
        Ok(self.verify(&keys, claims, host))
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

    fn verify(&self, keys: &Keys<'_>, claims: Option<Claims<'_>>, host: &dyn Host) -> Verification {
        // First, so that an algorithm that is not offered is called so, whatever the keys are.
        let algorithm = UnverifiedJws::parse(&self.jws)?.algorithm()?;
        let listed = self.listed(algorithm)?;
        let (verified, warnings) = match keys {
            Keys::Set(set) => {
                let set = JwkSet::parse(set.0.as_bytes(), &listed)?;
                let verified = crate::settle(host, |signatures| {
                    UnverifiedJws::parse(&self.jws)?.verify(&set, signatures)
                })?;
                (verified, set.warnings().to_vec())
            }
            Keys::One(key) => {
                let key = one_key(key, &listed)?;
                let verified = crate::settle(host, |signatures| {
                    UnverifiedJws::parse(&self.jws)?.verify_with(&key, signatures)
                })?;
                (verified, Vec::new())
            }
        };
        if let Some(claims) = &claims {
            self.check_claims(&verified, claims, host)?;
        }
        let mut proven = proven(&verified, claims.is_some());
        if !warnings.is_empty() {
            let warnings: Vec<Value> =
                warnings.iter().map(|warning| warning.to_string().into()).collect();
            proven.insert("warnings".into(), warnings.into());
        }
        Ok(proven)
    }

    /// The algorithms that the request lists; empty for the default of each key. A name in the list that is not
    /// offered accepts no token and is in the way of none.
    fn listed(&self, algorithm: Algorithm) -> Result<Vec<Algorithm>, Refusal> {
        let listed: Vec<Algorithm> =
            self.algorithms.iter().filter_map(|name| Algorithm::from_name(name)).collect();
        if self.algorithms.is_empty() || listed.contains(&algorithm) {
            return Ok(listed);
        }
        Err(Refusal::new(Code::AlgorithmNotAllowed)
            .expected(self.algorithms.join(", "))
            .found(algorithm))
    }

    fn check_claims(
        &self,
        verified: &VerifiedJws,
        claims: &Claims<'_>,
        host: &dyn Host,
    ) -> Result<(), Refusal> {
        let audiences = [claims.audience.to_owned()];
        let typ: Vec<&str> = self.typ.as_deref().into_iter().collect();
        let rules = ClaimRules::new(
            time::or_now(self.now, host),
            claims.issuer,
            Audiences::one_of(&audiences),
            if typ.is_empty() { Types::JWT } else { Types::one_of(&typ) },
            self.max_lifetime.unwrap_or(limits::OIDC_LIFETIME),
        )
        .with_skew(self.skew.unwrap_or(limits::SKEW));
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

/// Claims for any reader of JSON: an integer beyond 2^53, which readers see differently, is the text of its digits. The depth
/// is that of claims, which is bounded.
fn readable(value: json::Value) -> json::Value {
    match value {
        json::Value::BigInteger(digits) => digits.into(),
        json::Value::Array(elements) => {
            json::Value::Array(elements.into_iter().map(readable).collect())
        }
        json::Value::Object(members) => {
            let members = members.into_iter().map(|(name, value)| (name, readable(value)));
            json::Value::Object(members.collect())
        }
        plain => plain,
    }
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
            let text = readable(json::Value::Object(claims)).to_string();
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
