//! Access tokens at a protected resource (RFC 9068, RFC 6750).

mod challenge;
mod protected_resource;

pub use challenge::{BearerAnswer, ERROR_FIELD};
pub use protected_resource::ProtectedResource;

use crate::jose::{
    Audiences, ClaimRules, RegisteredClaims, Types, UnverifiedJws, VerifiedJws, check_claims,
};
use crate::json::{Object, Value};
use crate::keys::{KeyRing, KeySource};
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::signature::{Session, SignatureProvider};
use crate::time::UnixTime;
use crate::token_text::{SHOWN, is_scope_token, is_shown};
use crate::verdict::{Stop, Verdict};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

mod options;

pub use options::TimeMembers;

/// What a resource demands of an access token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GuardRules {
    /// The issuer, compared character by character.
    pub issuer: String,
    /// This resource, by every name that a token may have for it: the one audience of the token is among them.
    pub audiences: Vec<String>,
    /// Scope values that the token must carry, all of them. Empty: none is needed.
    pub scope: Vec<String>,
    /// Seconds by which clocks may differ; see [`ClaimRules::skew`].
    pub skew: i64,
    /// The longest lifetime in seconds that is believed.
    pub max_lifetime: i64,
}

/// An access token that was verified and is meant for this resource. [`verify_access_token`] alone makes one.
#[derive(Clone, Debug, PartialEq)]
pub struct VerifiedAccessToken {
    subject: String,
    client_id: String,
    scope: Vec<String>,
    audience: String,
    issuer: String,
    expires: UnixTime,
    issued: UnixTime,
    jti: String,
    claims: Object,
}

impl VerifiedAccessToken {
    /// `sub`: whom the token speaks for.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// `client_id`: the client that asked for the token.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// The values of `scope`, in the order of the token.
    #[must_use]
    pub fn scope(&self) -> &[String] {
        &self.scope
    }

    /// `aud`: this resource, by the name that the token has for it.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `exp`: at this time the token is no longer valid.
    #[must_use]
    pub const fn expires(&self) -> UnixTime {
        self.expires
    }

    /// `iat`.
    #[must_use]
    pub const fn issued(&self) -> UnixTime {
        self.issued
    }

    /// `jti`.
    #[must_use]
    pub fn jti(&self) -> &str {
        &self.jti
    }

    /// All claims.
    #[must_use]
    pub const fn claims(&self) -> &Object {
        &self.claims
    }
}

/// The token of a request, from the values of its `Authorization` fields as they came.
///
/// # Errors
/// [`Code::TokenMissing`] when there is no field; [`Code::AuthorizationMalformed`] unless there is exactly one,
/// with the scheme Bearer in any case, one blank and one token (RFC 6750 section 2.1). Two fields joined
/// by a comma are no token.
pub fn bearer<'a>(values: &[&'a str]) -> Result<&'a str, Refusal> {
    let malformed = |what: &str| Err(Refusal::new(Code::AuthorizationMalformed).detail(what));
    let value = match values {
        [] => return Err(Code::TokenMissing.into()),
        [value] => *value,
        _ => return malformed("more than one Authorization field"),
    };
    let Some((scheme, token)) = value.split_once(' ') else {
        return malformed("not a scheme, a space and a token");
    };
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return malformed("another scheme than Bearer");
    }
    if !is_b64token(token) {
        return malformed("not one token after one space");
    }
    Ok(token)
}

/// The `b64token` of RFC 6750 section 2.1.
fn is_b64token(text: &str) -> bool {
    let unpadded = text.trim_end_matches('=');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !unpadded.is_empty() && unpadded.bytes().all(allowed)
}

/// Verifies an access token for a resource.
///
/// `source` says where the keys of [`GuardRules::issuer`] come from, `ring` holds those that were fetched, `now`
/// is the time of the decision. The token must be a JWT of type `at+jwt` that names its key, with exactly
/// one audience, and with every claim that RFC 9068 section 2.2 requires.
pub fn verify_access_token(
    token: &str,
    rules: &GuardRules,
    source: &KeySource,
    ring: &KeyRing,
    now: UnixTime,
    provider: SignatureProvider<'_>,
) -> Verdict<VerifiedAccessToken> {
    judge(token, rules, source, ring, now, &Session::new(provider)).into()
}

fn judge(
    token: &str,
    rules: &GuardRules,
    source: &KeySource,
    ring: &KeyRing,
    now: UnixTime,
    session: &Session<'_>,
) -> Result<VerifiedAccessToken, Stop> {
    check_clock(now)?;
    let token = UnverifiedJws::parse(token)?;
    // Asked before the keys, so that a token which no key can verify causes no fetch.
    token.algorithm()?;
    let kid = token.kid().ok_or_else(|| {
        Refusal::new(Code::KeyUnknown).detail("an access token must name its key (kid)")
    })?;
    let keys = ring.jwks(&rules.issuer, source, Some(kid), now)?;
    let token = token.proven_by(&keys, session)?;
    Ok(accept(&token, rules, now)?)
}

/// Refuses a time that no working clock shows: milliseconds taken for seconds, or a clock that was never set.
fn check_clock(now: UnixTime) -> Result<(), Refusal> {
    if (limits::CLOCK_EARLIEST..limits::CLOCK_LATEST).contains(&now.seconds()) {
        Ok(())
    } else {
        Err(Refusal::new(Code::ClockImplausible).found(now))
    }
}

/// What holds of a verified token: the claims, then the scope.
fn accept(
    token: &VerifiedJws,
    rules: &GuardRules,
    now: UnixTime,
) -> Result<VerifiedAccessToken, Refusal> {
    let claims = token.claims()?;
    // A token that is bound to a key of its holder is not a bearer token: a thief does not have the key.
    if claims.contains("cnf") {
        return Err(Code::TokenBound.into());
    }
    let registered = check_claims(
        &claims,
        token.typ(),
        &ClaimRules::new(
            now,
            &rules.issuer,
            Audiences::one_of(&rules.audiences),
            Types::ACCESS_TOKEN,
            rules.max_lifetime,
        )
        .with_skew(rules.skew),
    )?;
    let RegisteredClaims { subject, audience, expires, issued, jti, .. } = registered;
    let audience = audience.into_iter().next().ok_or(Code::AudienceMissing)?;
    let subject = shown("sub", subject.ok_or_else(|| missing("sub"))?)?;
    let client_id = shown("client_id", required_text(&claims, "client_id")?)?;
    let issued = issued.ok_or_else(|| missing("iat"))?;
    let jti = shown("jti", jti.ok_or(Code::JtiMissing)?)?;
    let scope = scope(&claims)?;
    if let Some(lacking) = rules.scope.iter().find(|value| !scope.contains(value)) {
        return Err(Refusal::new(Code::ScopeInsufficient)
            .expected(lacking)
            .found(format!("{:?}", scope.join(" "))));
    }
    Ok(VerifiedAccessToken {
        subject,
        client_id,
        scope,
        audience,
        issuer: rules.issuer.clone(),
        expires,
        issued,
        jti,
        claims,
    })
}

/// The values of `scope` (RFC 9068 section 2.2.3, RFC 6749 section 3.3). A token without it carries none.
fn scope(claims: &Object) -> Result<Vec<String>, Refusal> {
    let text = match claims.get("scope") {
        None => return Ok(Vec::new()),
        Some(Value::String(text)) => text,
        Some(_) => return Err(malformed("scope: not a string")),
    };
    text.split(' ')
        .map(|value| {
            is_scope_token(value)
                .then(|| value.to_string())
                .ok_or_else(|| malformed("scope: not a list of values"))
        })
        .collect()
}

fn required_text(claims: &Object, claim: &str) -> Result<String, Refusal> {
    match claims.get(claim) {
        None => Err(missing(claim)),
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        Some(_) => Err(malformed(&format!("{claim}: not a string, or empty"))),
    }
}

/// A text that every host shows, compares and hands on as it is.
fn shown(claim: &str, text: String) -> Result<String, Refusal> {
    if is_shown(&text) {
        Ok(text)
    } else {
        Err(malformed(&format!("{claim}: not plain text")).expected(SHOWN))
    }
}

fn missing(claim: &str) -> Refusal {
    malformed(&format!("{claim}: missing"))
}

fn malformed(what: &str) -> Refusal {
    Refusal::new(Code::ClaimsMalformed).detail(what)
}

#[cfg(test)]
mod tests;
