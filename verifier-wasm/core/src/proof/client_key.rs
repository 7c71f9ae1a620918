//! A client's own key: an assertion that the client signed itself (RFC 7523 sections 2.2 and 3).

use super::Owed;
use super::replay::consume_once;
use super::{Context, Evidence, note_claims, oidc};
use crate::jose::{Audiences, ClaimRules, RegisteredClaims, Types, UnverifiedJws, check_claims};
use crate::json::{Object, Value};
use crate::policy::{ClientKeyProvider, ProviderBinding, TrustPolicy};
use crate::recorded::{Recorded, Stated};
use crate::refusal::{Code, Refusal, Step};
use crate::time::UnixTime;
use crate::trace::{Seen, Trace};
use crate::verdict::Stop;
use alloc::borrow::Cow;
use alloc::string::ToString;

/// Whose assertion it must be, by the policy that has the key.
#[derive(Clone, Copy)]
pub(super) struct Client<'a> {
    pub(super) id: &'a str,
    policy: &'a TrustPolicy,
}

impl<'a> Client<'a> {
    /// # Errors
    /// When there is none: an own key is of a client that is known beforehand.
    pub(super) fn of(to: ProviderBinding<'a>, client_id: Option<&'a str>) -> Result<Self, Refusal> {
        Ok(Self { id: client_id.ok_or(Code::ClientUnknown)?, policy: to.policy })
    }
}

/// Verifies an assertion of the client of the binding. The keys are those that the policy has for this client, whatever the
/// assertion says of itself.
pub(super) fn verify(
    jws: UnverifiedJws<'_>,
    provider: &ClientKeyProvider,
    context: Context<'_>,
) -> Result<Evidence, Stop> {
    let Context { to, client_id, ring, now, session, trace } = context;
    let client = Client::of(to, client_id)?;
    jws.refuse_embedded_keys()?;
    // Asked before the keys, so that an assertion which no key can verify causes no fetch.
    jws.algorithm()?;
    let keys = ring.jwks(client.id, &provider.keys, jws.kid(), now)?;
    trace.due(ring.due(client.id, &provider.keys, now));
    let verified = jws.proven_by(&keys, session)?;
    trace.passed(Step::KeyLookup, || Seen::found(verified.kid().unwrap_or("no kid")));
    trace.passed(Step::Algorithm, || Seen::found(verified.algorithm().as_str()));
    trace.passed(Step::Signature, Seen::nothing);
    let claims = verified.claims()?;
    trace.state(|| {
        let typ = verified.typ().map(ToString::to_string);
        Recorded::new(Stated::Claims { claims: claims.clone(), typ })
    });
    let registered = check(&claims, verified.typ(), provider, client, now, trace)?;
    let obligation = consume_once(client.id, &registered, provider.max_lifetime)?;
    Ok(Evidence {
        stated: oidc::state(claims, to.provider),
        owed: Some(Owed::Consumption(obligation)),
    })
}

/// Checks type, issuer, subject, audience and times of the claims. The client makes its own assertion: it is the issuer and
/// the subject (RFC 7523 section 3).
pub(super) fn check(
    claims: &Object,
    typ: Option<&str>,
    provider: &ClientKeyProvider,
    client: Client<'_>,
    now: UnixTime,
    trace: &mut Trace,
) -> Result<RegisteredClaims, Refusal> {
    if claims.contains("cnf") {
        return Err(Code::TokenBound.into());
    }
    let Client { id, policy } = client;
    let audiences = provider.audiences.texts(policy.issuer(), &policy.token_endpoint());
    let audiences = Audiences::one_of(&audiences);
    let types = Types::CLIENT_AUTHENTICATION;
    let rules = ClaimRules::new(now, id, audiences, types, provider.max_lifetime).with_subject(id);
    let registered = check_claims(claims, typ, &rules)?;
    note_claims(&registered, typ, now, trace);
    Ok(registered)
}

/// Recorded claims; what the author of a test left out is as a good assertion of the client has it.
pub(super) fn whole<'c>(
    claims: &'c Object,
    is_whole: bool,
    provider: &ClientKeyProvider,
    client: Client<'_>,
    now: UnixTime,
) -> Cow<'c, Object> {
    if is_whole {
        return Cow::Borrowed(claims);
    }
    let mut completed = claims.clone();
    for (claim, text) in [("iss", client.id), ("sub", client.id), ("aud", client.policy.issuer())] {
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
