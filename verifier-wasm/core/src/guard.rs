//! Access tokens at a protected resource (RFC 9068, RFC 6750).

mod challenge;
mod protected_resource;

pub use challenge::{BearerAnswer, ERROR_FIELD};
pub use protected_resource::ProtectedResource;

pub use crate::access_token::VerifiedAccessToken;

use crate::access_token::{self, Demands};
use crate::jose::VerifiedJws;
use crate::keys::{KeyRing, KeySource};
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::signature::{Session, SignatureProvider};
use crate::time::UnixTime;
use crate::verdict::{Stop, Verdict};
use alloc::format;
use alloc::string::String;
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
    /// Seconds by which clocks may differ; see [`ClaimRules::skew`](crate::jose::ClaimRules::skew).
    pub skew: i64,
    /// The longest lifetime in seconds that is believed.
    pub max_lifetime: i64,
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
    let (token, kid) = access_token::read(token)?;
    let keys = ring.jwks(&rules.issuer, source, Some(&kid), now)?;
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
    let demands = Demands {
        issuer: &rules.issuer,
        audiences: &rules.audiences,
        skew: rules.skew,
        max_lifetime: rules.max_lifetime,
    };
    let accepted = access_token::accept(token, demands, now)?;
    if let Some(lacking) = rules.scope.iter().find(|value| !accepted.scope().contains(value)) {
        return Err(Refusal::new(Code::ScopeInsufficient)
            .expected(lacking)
            .found(format!("{:?}", accepted.scope().join(" "))));
    }
    Ok(accepted)
}

#[cfg(test)]
mod tests;
