//! A client's own key: an assertion that the client signed itself (RFC 7523 sections 2.2 and 3).

use super::replay::consume_once;
use super::{Context, Evidence, Freshness, Statement, facts, note_claims};
use crate::jose::{Audiences, ClaimRules, RegisteredClaims, Types, UnverifiedJws, check_claims};
use crate::json::{Object, Value};
use crate::policy::{Binding, ClientKeyProvider};
use crate::recorded::{Recorded, Stated};
use crate::refusal::{Code, Refusal, Step};
use crate::time::UnixTime;
use crate::trace::{Seen, Trace};
use crate::verdict::Stop;
use alloc::borrow::Cow;
use alloc::string::ToString;

/// Verifies an assertion of the client of the binding. The keys are those that the policy has for this client, whatever the
/// assertion says of itself.
pub(super) fn verify(
    jws: UnverifiedJws<'_>,
    provider: &ClientKeyProvider,
    context: Context<'_>,
) -> Result<Evidence, Stop> {
    let Context { binding, ring, now, session, trace } = context;
    jws.check_size()?;
    jws.refuse_embedded_keys()?;
    // Asked before the keys, so that an assertion which no key can verify causes no fetch.
    jws.algorithm()?;
    let keys = ring.jwks(binding.client_id, &provider.keys, jws.kid(), now)?;
    let verified = jws.proven_by(&keys, session)?;
    trace.passed(Step::KeyLookup, || Seen::found(verified.kid().unwrap_or("no kid")));
    trace.passed(Step::Algorithm, || Seen::found(verified.algorithm().as_str()));
    trace.passed(Step::Signature, Seen::nothing);
    let claims = verified.claims()?;
    trace.state(|| {
        let typ = verified.typ().map(ToString::to_string);
        Recorded::new(Stated::Claims { claims: claims.clone(), typ })
    });
    let registered = check(&claims, verified.typ(), provider, binding, now, trace)?;
    let obligation = consume_once(binding.client_id, &registered)?;
    Ok(Evidence { statement: state(claims, binding), obligation: Some(obligation) })
}

/// Checks type, issuer, subject, audience and times of the claims. The client makes its own assertion: it is the issuer and
/// the subject (RFC 7523 section 3).
pub(super) fn check(
    claims: &Object,
    typ: Option<&str>,
    provider: &ClientKeyProvider,
    binding: &Binding<'_>,
    now: UnixTime,
    trace: &mut Trace,
) -> Result<RegisteredClaims, Refusal> {
    if claims.contains("cnf") {
        return Err(Code::TokenBound.into());
    }
    let policy = binding.policy;
    let audiences = provider.audiences.texts(policy.issuer(), &policy.token_endpoint());
    let audiences = Audiences::one_of(&audiences);
    let types = Types::CLIENT_AUTHENTICATION;
    let rules = ClaimRules::new(now, binding.client_id, audiences, types, provider.max_lifetime)
        .with_subject(binding.client_id);
    let registered = check_claims(claims, typ, &rules)?;
    note_claims(&registered, typ, now, trace);
    Ok(registered)
}

/// What the claims state. Conditions and mappings read no other than those that say which client it is.
pub(super) fn state(claims: Object, binding: &Binding<'_>) -> Statement {
    let mut model = Object::new();
    model.insert("claims".to_string(), Value::Object(claims));
    Statement { facts: facts(binding, "jwt", Value::Object(model)), freshness: Freshness::Expires }
}

/// Recorded claims; what the author of a test left out is as a good assertion of the client has it.
pub(super) fn whole<'c>(
    claims: &'c Object,
    is_whole: bool,
    provider: &ClientKeyProvider,
    binding: &Binding<'_>,
    now: UnixTime,
) -> Cow<'c, Object> {
    if is_whole {
        return Cow::Borrowed(claims);
    }
    let mut completed = claims.clone();
    for (claim, text) in
        [("iss", binding.client_id), ("sub", binding.client_id), ("aud", binding.policy.issuer())]
    {
        if !claims.contains(claim) {
            completed.insert(claim, text);
        }
    }
    if !claims.contains("exp") {
        let issued = claims.get("iat").and_then(Value::as_integer).unwrap_or(now.seconds());
        completed.insert("exp", issued.saturating_add(provider.max_lifetime));
    }
    Cow::Owned(completed)
}
