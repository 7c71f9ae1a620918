//! OIDC tokens (OpenID Connect Core 1.0 section 3.1.3.7, RFC 8725).

use super::{Evidence, Freshness, facts};
use crate::jose::{Audiences, ClaimRules, Types, UnverifiedJws, check_claims};
use crate::json::{Object, Value};
use crate::keys::KeyRing;
use crate::limits;
use crate::policy::{Binding, EmbeddedKeys, OidcProvider};
use crate::refusal::Refusal;
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
    ) -> Result<Evidence, Stop> {
        if provider.embedded_keys == EmbeddedKeys::Refuse {
            self.jws.refuse_embedded_keys()?;
        }
        // Asked before the keys, so that a token which no key can serve makes nobody fetch.
        self.jws.algorithm()?;
        // The keys are those of the configured issuer, whatever the token says about itself.
        let keys = ring.jwks(&provider.issuer, &provider.keys, self.jws.kid(), now)?;
        let verified = self.jws.verify(&keys, session)?;
        let claims = verified.claims()?;
        let rules = ClaimRules {
            now,
            skew: limits::SKEW,
            issuer: &provider.issuer,
            subject: None,
            audiences: Audiences { accepted: &provider.audiences, several: false },
            types: Types::JWT,
            max_lifetime: provider.max_lifetime,
        };
        check_claims(&claims, verified.typ(), &rules)?;
        let mut model = Object::new();
        model.insert("claims".to_string(), Value::Object(claims));
        Ok(Evidence {
            facts: facts(binding, "jwt", Value::Object(model)),
            freshness: Freshness::Expires,
            // Platforms hand the same token out for its whole life, so it may be exchanged many times.
            obligation: None,
        })
    }
}
