//! Access tokens of one issuer (RFC 9068): what every use of them demands, at a resource and in an exchange.

use crate::jose::{
    Audiences, ClaimRules, RegisteredClaims, Types, UnverifiedJws, VerifiedJws, check_claims,
};
use crate::json::{Object, Value};
use crate::refusal::{Code, Refusal};
use crate::time::UnixTime;
use crate::token_text::{SHOWN, is_scope_token, is_shown};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// What is demanded of an access token.
#[derive(Clone, Copy)]
pub(crate) struct Demands<'a> {
    /// The issuer, compared character by character.
    pub(crate) issuer: &'a str,
    /// The token names one of these as its one audience.
    pub(crate) audiences: &'a [String],
    /// Seconds by which clocks may differ; see [`ClaimRules::skew`].
    pub(crate) skew: i64,
    /// The longest lifetime in seconds that is believed.
    pub(crate) max_lifetime: i64,
}

/// An access token that was verified and is meant for the resource of its audience. Only the rules of this module make one.
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

    /// `aud`: the one resource that it is for, by the name that the token has for it.
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

/// Reads a token as far as to look its key up by the name that it must have.
///
/// # Errors
/// As [`UnverifiedJws::parse`] has them; an algorithm that is not offered, which is asked before any keys, so that a token
/// which no key can verify causes no fetch; [`Code::KeyUnknown`] for a token that names none.
pub(crate) fn read(token: &str) -> Result<(UnverifiedJws<'_>, String), Refusal> {
    let token = UnverifiedJws::parse(token)?;
    token.algorithm()?;
    let kid = token.kid().ok_or_else(|| {
        Refusal::new(Code::KeyUnknown).detail("an access token must name its key (kid)")
    })?;
    let kid = kid.to_string();
    Ok((token, kid))
}

/// What holds of a verified token by its claims.
///
/// # Errors
/// [`Code::TokenBound`], those of [`check_claims`], [`Code::JtiMissing`], and [`Code::ClaimsMalformed`] for what
/// RFC 9068 section 2.2 requires beside.
pub(crate) fn accept(
    token: &VerifiedJws,
    demands: Demands<'_>,
    now: UnixTime,
) -> Result<VerifiedAccessToken, Refusal> {
    let claims = token.claims()?;
    // A token that is bound to a key of its holder is not a bearer token: a thief does not have the key.
    if claims.contains("cnf") {
        return Err(Code::TokenBound.into());
    }
    let audiences = Audiences::one_of(demands.audiences);
    let rules =
        ClaimRules::new(now, demands.issuer, audiences, Types::ACCESS_TOKEN, demands.max_lifetime);
    let registered = check_claims(&claims, token.typ(), &rules.with_skew(demands.skew))?;
    let RegisteredClaims { subject, audience, expires, issued, jti, .. } = registered;
    let subject = shown("sub", subject.ok_or_else(|| missing("sub"))?)?;
    let client_id = shown("client_id", required_text(&claims, "client_id")?)?;
    let issued = issued.ok_or_else(|| missing("iat"))?;
    let jti = shown("jti", jti.ok_or(Code::JtiMissing)?)?;
    let scope = scope(&claims)?;
    Ok(VerifiedAccessToken {
        subject,
        client_id,
        scope,
        audience: audience.into_iter().next().ok_or(Code::AudienceMissing)?,
        issuer: demands.issuer.to_string(),
        expires,
        issued,
        jti,
        claims,
    })
}

/// `jti` and `client_id` of a verified token, whatever else is to be said of it; none where it lacks one of them.
pub(crate) fn name(token: &VerifiedJws) -> Option<(String, String)> {
    let claims = token.claims().ok()?;
    let named = |claim: &str| shown(claim, required_text(&claims, claim).ok()?).ok();
    Some((named("jti")?, named("client_id")?))
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

/// A claim that must be there, a text that is not empty.
///
/// # Errors
/// [`Code::ClaimsMalformed`].
pub(crate) fn required_text(claims: &Object, claim: &str) -> Result<String, Refusal> {
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
