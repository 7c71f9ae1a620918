//! The registered claims of a JWT, read strictly and checked in one order (RFC 7519 section 4.1).

use crate::json::{Object, Value};
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::time::UnixTime;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

mod rules;

pub use rules::{Audiences, ClaimRules, Others, Types};

/// The registered claims of an accepted token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegisteredClaims {
    /// `iss`. It is there unless the rules accept tokens without it.
    pub issuer: Option<String>,
    /// `sub`, never empty.
    pub subject: Option<String>,
    /// `aud`, at least one value.
    pub audience: Vec<String>,
    /// `exp`: at this time the token is no longer valid.
    pub expires: UnixTime,
    /// `iat`.
    pub issued: Option<UnixTime>,
    /// `nbf`.
    pub not_before: Option<UnixTime>,
    /// `jti`, never empty.
    pub jti: Option<String>,
}

/// Checks the registered claims of a verified token.
///
/// First every registered claim that is there is read with its type, so that none has a meaning for one
/// check and another for the next; then type, issuer, subject, audience and times are checked in this order.
///
/// # Errors
/// [`Code::ClaimsMalformed`] for a claim of a wrong type or value, and for times that contradict each other;
/// [`Code::TypeWrong`]; [`Code::IssuerMissing`], [`Code::IssuerWrong`]; [`Code::SubjectWrong`]; [`Code::AudienceMissing`],
/// [`Code::AudienceWrong`], [`Code::AudienceAmbiguous`]; [`Code::ExpiryMissing`], [`Code::Expired`],
/// [`Code::NotYetValid`], [`Code::IssuedInFuture`], [`Code::LifetimeTooLong`].
pub fn check_claims(
    claims: &Object,
    typ: Option<&str>,
    rules: &ClaimRules<'_>,
) -> Result<RegisteredClaims, Refusal> {
    let read = Read::from(claims)?;
    check_type(claims, typ, rules.types)?;
    check_issuer(read.issuer.as_deref(), rules.issuer)?;
    check_subject(read.subject.as_deref(), rules.subject)?;
    let audience = check_audience(read.audience, rules.audiences)?;
    let expires = read.times.check(rules)?;
    Ok(RegisteredClaims {
        issuer: read.issuer,
        subject: read.subject,
        audience,
        expires,
        issued: read.times.issued,
        not_before: read.times.not_before,
        jti: read.jti,
    })
}

/// The registered claims as they stand in the token: absent, or of the right type.
struct Read {
    issuer: Option<String>,
    subject: Option<String>,
    audience: Option<Vec<String>>,
    times: Times,
    jti: Option<String>,
}

struct Times {
    expires: Option<UnixTime>,
    issued: Option<UnixTime>,
    not_before: Option<UnixTime>,
}

impl Read {
    fn from(claims: &Object) -> Result<Self, Refusal> {
        Ok(Self {
            issuer: text(claims, "iss")?,
            subject: text(claims, "sub")?,
            audience: audience(claims)?,
            times: Times {
                expires: time(claims, "exp", Rounding::Down)?,
                issued: time(claims, "iat", Rounding::Up)?,
                not_before: time(claims, "nbf", Rounding::Up)?,
            },
            jti: text(claims, "jti")?,
        })
    }
}

fn check_type(claims: &Object, typ: Option<&str>, types: Types<'_>) -> Result<(), Refusal> {
    if !typ.map_or(types.absent, |typ| types.accept(typ)) {
        return Err(Refusal::new(Code::TypeWrong)
            .expected(types.all().collect::<Vec<_>>().join(" or "))
            .found(typ.unwrap_or("no typ")));
    }
    // A logout token has the issuer, audience and subject of an ID token, and often its type (OpenID
    // Connect Back-Channel Logout section 2.4). This member, which it must have, distinguishes it.
    let logout = claims.get("events").is_some_and(|events| {
        events.get("http://schemas.openid.net/event/backchannel-logout").is_some()
    });
    if logout { Err(Refusal::new(Code::TypeWrong).found("a logout token")) } else { Ok(()) }
}

fn check_issuer(issuer: Option<&str>, expected: Option<&str>) -> Result<(), Refusal> {
    match (issuer, expected) {
        (_, None) => Ok(()),
        (Some(issuer), Some(expected)) if issuer == expected => Ok(()),
        (Some(issuer), Some(expected)) => {
            Err(Refusal::new(Code::IssuerWrong).expected(expected).found(issuer))
        }
        (None, Some(expected)) => Err(Refusal::new(Code::IssuerMissing).expected(expected)),
    }
}

fn check_subject(subject: Option<&str>, expected: Option<&str>) -> Result<(), Refusal> {
    match expected {
        Some(expected) if subject != Some(expected) => Err(Refusal::new(Code::SubjectWrong)
            .expected(expected)
            .found(subject.unwrap_or("no sub"))),
        _ => Ok(()),
    }
}

fn check_audience(
    audience: Option<Vec<String>>,
    rules: Audiences<'_>,
) -> Result<Vec<String>, Refusal> {
    let expected = || rules.accepted.join(" or ");
    let audience =
        audience.ok_or_else(|| Refusal::new(Code::AudienceMissing).expected(expected()))?;
    let is_foreign = |one: &String| match rules.others {
        Others::Nobody => audience.len() > 1,
        Others::Listed(others) => !rules.accepted.contains(one) && !others.contains(one),
        Others::Anybody => false,
    };
    let code = if !audience.iter().any(|one| rules.accepted.contains(one)) {
        Code::AudienceWrong
    } else if audience.iter().any(is_foreign) {
        Code::AudienceAmbiguous
    } else {
        return Ok(audience);
    };
    Err(Refusal::new(code).expected(expected()).found(Listed(&audience)))
}

/// Texts with a comma between, of which a refusal takes as many as it shows: a token may have thousands.
struct Listed<'a>(&'a [String]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, text) in self.0.iter().enumerate() {
            f.write_str(if place > 0 { ", " } else { "" })?;
            f.write_str(text)?;
        }
        Ok(())
    }
}

impl Times {
    /// Checks the times against the rules and returns the expiry.
    fn check(&self, rules: &ClaimRules<'_>) -> Result<UnixTime, Refusal> {
        let now = rules.now;
        let skew = rules.skew.clamp(0, limits::SKEW_MAX);
        let latest = now.plus(skew);
        let expires = self.expires.ok_or(Code::ExpiryMissing)?;
        self.check_order(expires)?;
        if now >= expires.plus(skew) {
            return Err(at(Code::Expired, now, "exp", expires));
        }
        if let Some(start) = self.not_before.filter(|start| *start > latest) {
            return Err(at(Code::NotYetValid, now, "nbf", start));
        }
        if let Some(issued) = self.issued.filter(|issued| *issued > latest) {
            return Err(at(Code::IssuedInFuture, now, "iat", issued));
        }
        let lifetime = expires.since(self.issued.unwrap_or(now));
        if lifetime > rules.max_lifetime {
            return Err(Refusal::new(Code::LifetimeTooLong)
                .expected(format!("at most {} s", rules.max_lifetime))
                .found(format!("{lifetime} s")));
        }
        Ok(expires)
    }

    /// Refuses a token that no moment exists for, before skew could make one.
    fn check_order(&self, expires: UnixTime) -> Result<(), Refusal> {
        for (name, start) in [("iat", self.issued), ("nbf", self.not_before)] {
            if start.is_some_and(|start| expires <= start) {
                return Err(malformed("exp", &format!("not after {name}")));
            }
        }
        Ok(())
    }
}

fn at(code: Code, now: UnixTime, claim: &str, time: UnixTime) -> Refusal {
    Refusal::new(code).detail(format!("now {now}")).found(format!("{claim} {time}"))
}

/// Which way a fraction of a second goes: always the one that makes the token valid for less time.
#[derive(Clone, Copy)]
enum Rounding {
    Down,
    Up,
}

/// A NumericDate (RFC 7519 section 2) from 0 to 2^53 - 1.
fn time(claims: &Object, claim: &str, rounding: Rounding) -> Result<Option<UnixTime>, Refusal> {
    let seconds = match claims.get(claim) {
        None => return Ok(None),
        Some(Value::Integer(seconds)) => Some(*seconds),
        Some(Value::Decimal(seconds)) => whole(*seconds, rounding),
        Some(other) => return Err(malformed(claim, &format!("{}, not a number", other.kind()))),
    };
    match seconds.filter(|seconds| (0..=limits::JSON_INTEGER_MAX).contains(seconds)) {
        Some(seconds) => Ok(Some(UnixTime::from_seconds(seconds))),
        None => Err(malformed(claim, "not a time from 0 to 2^53 - 1 seconds")),
    }
}

/// The whole seconds of a decimal that is not negative. It is read off its decimal text, which has no exponent:
/// exact, and without a conversion that could round or saturate.
fn whole(seconds: f64, rounding: Rounding) -> Option<i64> {
    if seconds.is_sign_negative() || !seconds.is_finite() {
        return None;
    }
    let text = seconds.to_string();
    let (whole, has_fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, fraction.bytes().any(|digit| digit != b'0')),
        None => (text.as_str(), false),
    };
    let whole: i64 = whole.parse().ok()?;
    match rounding {
        Rounding::Up if has_fraction => whole.checked_add(1),
        _ => Some(whole),
    }
}

/// A string that is not empty.
fn text(claims: &Object, claim: &str) -> Result<Option<String>, Refusal> {
    match claims.get(claim) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text.clone())),
        Some(Value::String(_)) => Err(malformed(claim, "empty")),
        Some(other) => Err(malformed(claim, &format!("{}, not a string", other.kind()))),
    }
}

/// `aud`: a string, or a list of at least one, none of them empty.
fn audience(claims: &Object) -> Result<Option<Vec<String>>, Refusal> {
    let Some(Value::Array(elements)) = claims.get("aud") else {
        return Ok(text(claims, "aud")?.map(|one| Vec::from([one])));
    };
    let values: Option<Vec<String>> = elements
        .iter()
        .map(|element| element.as_str().filter(|text| !text.is_empty()).map(ToString::to_string))
        .collect();
    match values.filter(|values| !values.is_empty()) {
        Some(values) => Ok(Some(values)),
        None => Err(malformed("aud", "not a list of strings, none of them empty")),
    }
}

fn malformed(claim: &str, what: &str) -> Refusal {
    Refusal::new(Code::ClaimsMalformed).detail(format!("{claim}: {what}"))
}

#[cfg(test)]
mod tests;
