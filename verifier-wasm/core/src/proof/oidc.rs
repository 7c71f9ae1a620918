//! OIDC tokens (OpenID Connect Core 1.0 section 3.1.3.7, RFC 8725).

use super::{Evidence, Freshness, Statement, facts};
use crate::exchange::{Notes, Seen};
use crate::jose::{Audiences, ClaimRules, Types, UnverifiedJws, check_claims};
use crate::json::{Object, Value};
use crate::keys::KeyRing;
use crate::limits;
use crate::policy::{Binding, EmbeddedKeys, OidcProvider};
use crate::recorded::{Recorded, Stated};
use crate::refusal::{Code, Refusal, Step};
use crate::signature::Session;
use crate::time::UnixTime;
use crate::verdict::Stop;
use alloc::string::ToString;

/// A token whose form has been read.
pub(crate) struct Form<'a> {
    jws: UnverifiedJws<'a>,
}

impl<'a> Form<'a> {
    pub(super) fn read(token: &'a str) -> Result<Self, Refusal> {
        Ok(Self { jws: UnverifiedJws::parse(token)? })
    }

    pub(super) fn verify(
        self,
        provider: &OidcProvider,
        binding: &Binding<'_>,
        ring: &KeyRing,
        now: UnixTime,
        session: &Session<'_>,
        notes: &mut Notes<'_>,
    ) -> Result<Evidence, Stop> {
        if provider.embedded_keys == EmbeddedKeys::Refuse {
            self.jws.refuse_embedded_keys()?;
        }
        // Asked before the keys, so that a token which no key can serve makes nobody fetch.
        self.jws.algorithm()?;
        // The keys are those of the configured issuer, whatever the token says about itself.
        let keys = ring.jwks(&provider.issuer, &provider.keys, self.jws.kid(), now)?;
        let verified = self.jws.proven_by(&keys, session)?;
        notes.passed(Step::KeyLookup, || Seen::found(verified.kid().unwrap_or("no kid")));
        notes.passed(Step::Algorithm, || Seen::found(verified.algorithm().as_str()));
        notes.passed(Step::Signature, Seen::nothing);
        let claims = verified.claims()?;
        notes.stated(|| {
            let typ = verified.typ().map(ToString::to_string);
            Recorded::new(Stated::Claims { claims: claims.clone(), typ })
        });
        Ok(Evidence {
            statement: state(claims, verified.typ(), provider, binding, now, notes)?,
            // Platforms hand the same token out for its whole life, so it may be exchanged many times.
            obligation: None,
        })
    }
}

/// What the claims state to this provider: type, issuer, audience and times are checked.
pub(super) fn state(
    claims: Object,
    typ: Option<&str>,
    provider: &OidcProvider,
    binding: &Binding<'_>,
    now: UnixTime,
    notes: &mut Notes<'_>,
) -> Result<Statement, Refusal> {
    let rules = ClaimRules {
        now,
        skew: limits::SKEW,
        issuer: &provider.issuer,
        subject: None,
        audiences: Audiences { accepted: &provider.audiences, several: false },
        types: Types::JWT,
        max_lifetime: provider.max_lifetime,
    };
    // A token that is bound to a key of its holder is no bearer token: whoever stole it has not the key.
    let checked = match claims.contains("cnf") {
        true => Err(Code::TokenBound.into()),
        false => check_claims(&claims, typ, &rules),
    };
    super::take_claims(checked, typ, &rules, notes)?;
    let mut model = Object::new();
    model.insert("claims".to_string(), Value::Object(claims));
    Ok(Statement {
        facts: facts(binding, "jwt", Value::Object(model)),
        freshness: Freshness::Expires,
    })
}

/// Claims of a test, of which some may have been left out: what is not there of `iss`, `aud` and `exp` is as a good
/// token of this provider has it.
pub(super) fn completed(claims: &Object, provider: &OidcProvider, now: UnixTime) -> Object {
    let mut completed = claims.clone();
    if !claims.contains("iss") {
        completed.insert("iss", provider.issuer.as_str());
    }
    if let (false, Some(audience)) = (claims.contains("aud"), provider.audiences.first()) {
        completed.insert("aud", audience.as_str());
    }
    if !claims.contains("exp") {
        let issued = claims.get("iat").and_then(Value::as_integer).unwrap_or(now.seconds());
        completed.insert("exp", issued.saturating_add(provider.max_lifetime));
    }
    completed
}
