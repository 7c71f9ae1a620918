//! OIDC tokens (OpenID Connect Core 1.0 section 3.1.3.7, RFC 8725).

use super::pca::{self, HeaderCertificates};
use super::{Context, Evidence, Freshness, Stating};
use crate::form::Means;
use crate::jose::{Audiences, UnverifiedJws, check_claims, claimed};
use crate::json::{Object, Value};
use crate::policy::{EmbeddedKeys, OidcProvider, Provider, ProviderKind, TrustPolicy};
use crate::recorded::{Recorded, Stated};
use crate::refusal::{Code, Refusal, Step};
use crate::time::UnixTime;
use crate::trace::{Seen, Trace};
use crate::verdict::Stop;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A token whose form has been read.
pub(crate) struct Form<'a> {
    token: &'a str,
    jws: UnverifiedJws<'a>,
    used: Use,
}

/// What a token is sent as.
enum Use {
    /// A token of an issuer.
    Token,
    /// An assertion of a client, which may have signed it itself and then may bring certificates.
    Client { certificates: Option<Box<HeaderCertificates>> },
    /// An SVID by which a client authenticates itself.
    Svid,
}

impl<'a> Form<'a> {
    pub(super) fn read(token: &'a str) -> Result<Self, Refusal> {
        Ok(Self { token, jws: UnverifiedJws::parse(token)?, used: Use::Token })
    }

    /// Certificates are read whoever the token is of: else the refusal of their form would tell who is configured.
    pub(super) fn read_of_client(token: &'a str, beside: Option<&str>) -> Result<Self, Refusal> {
        let jws = UnverifiedJws::parse_with_certificates(token)?;
        let certificates = HeaderCertificates::read(&jws, beside)?.map(Box::new);
        Ok(Self { token, jws, used: Use::Client { certificates } })
    }

    pub(super) fn read_svid(token: &'a str) -> Result<Self, Refusal> {
        Ok(Self { used: Use::Svid, ..Self::read(token)? })
    }

    /// What it is sent as.
    pub(super) const fn means(&self) -> Means {
        match &self.used {
            Use::Token => Means::Token,
            Use::Client { certificates } => {
                Means::OfClient { has_certificates: certificates.is_some() }
            }
            Use::Svid => Means::Svid,
        }
    }

    pub(super) fn into_jws(self) -> UnverifiedJws<'a> {
        self.jws
    }

    /// The same with the certificates of its header.
    pub(super) fn into_certified(self) -> Result<pca::Form<'a>, Refusal> {
        match self.used {
            Use::Client { certificates: Some(certificates) } => {
                Ok(pca::Form::of_header(self.jws, *certificates))
            }
            Use::Client { certificates: None } | Use::Token | Use::Svid => {
                Err(Code::ProviderKind.into())
            }
        }
    }

    /// A claim of the token, of which nothing is proven.
    pub(super) fn claimed(&self, name: &str) -> Option<String> {
        claimed(self.token, name)
    }

    pub(super) fn verify(
        self,
        provider: &OidcProvider,
        context: Context<'_>,
    ) -> Result<Evidence, Stop> {
        let Context { to, ring, now, session, trace, .. } = context;
        self.jws.refuse_large()?;
        if provider.embedded_keys == EmbeddedKeys::Refuse {
            self.jws.refuse_embedded_keys()?;
        }
        // Asked before the keys, so that a token which no key can verify causes no fetch.
        self.jws.algorithm()?;
        // The keys are those of the configured issuer, whatever the token says about itself.
        let keys = ring.jwks(&provider.issuer, &provider.keys, self.jws.kid(), now)?;
        trace.due(ring.due(&provider.issuer, &provider.keys, now));
        let verified = self.jws.proven_by(&keys, session).map_err(|stop| {
            stop.map_refusal(|refusal| of_another(refusal, self.token, provider, to.policy))
        })?;
        trace.passed(Step::KeyLookup, || Seen::found(verified.kid().unwrap_or("no kid")));
        trace.passed(Step::Algorithm, || Seen::found(verified.algorithm().as_str()));
        trace.passed(Step::Signature, Seen::nothing);
        let claims = verified.claims()?;
        trace.state(|| {
            let typ = verified.typ().map(ToString::to_string);
            Recorded::new(Stated::Claims { claims: claims.clone(), typ })
        });
        let own = match self.used {
            Use::Token | Use::Client { .. } => None,
            Use::Svid => Some(audiences_of_svid(provider, to.policy)),
        };
        check(&claims, verified.typ(), provider, own.as_deref(), now, trace)?;
        // Platforms hand the same token out for its whole life, so it may be exchanged many times.
        Ok(Evidence { stated: state(claims, to.provider), owed: None })
    }
}

/// The refusal of a token that no key of its provider verifies, which is its sender's fault when it says that it is of
/// another provider's issuer. What it says is not proven, so it is read for this message alone; a caller sees no
/// difference.
fn of_another(
    refusal: Refusal,
    token: &str,
    provider: &OidcProvider,
    policy: &TrustPolicy,
) -> Refusal {
    let is_of_keys = matches!(
        refusal.code(),
        Code::KeyUnknown | Code::AlgorithmNotAllowed | Code::JwsSignatureInvalid
    );
    let issuer = if is_of_keys { claimed(token, "iss") } else { None };
    let Some(issuer) = issuer.filter(|issuer| *issuer != provider.issuer) else { return refusal };
    let is_its = |(_, other): &(&str, &Provider)| match other.kind() {
        ProviderKind::Oidc(oidc) => oidc.names_issuer && oidc.issuer == issuer,
        _ => false,
    };
    match policy.providers().find(is_its) {
        Some((name, _)) => Refusal::new(Code::TokenOfAnotherProvider)
            .detail(format!("its issuer is that of the provider `{name}`"))
            .expected(&provider.issuer)
            .found(issuer),
        None => refusal,
    }
}

/// Whom an SVID may name as its audience by which a client authenticates itself.
pub(super) fn audiences_of_svid(provider: &OidcProvider, policy: &TrustPolicy) -> Vec<String> {
    provider.assertion_audiences.texts(policy.issuer(), &policy.token_endpoint())
}

/// Checks type, issuer, audience and times of the claims. What a token must name of `audiences` alone goes before those of
/// the provider.
pub(super) fn check(
    claims: &Object,
    typ: Option<&str>,
    provider: &OidcProvider,
    audiences: Option<&[String]>,
    now: UnixTime,
    trace: &mut Trace,
) -> Result<(), Refusal> {
    // A token that is bound to a key of its holder is not a bearer token: a thief does not have the key.
    if claims.contains("cnf") {
        return Err(Code::TokenBound.into());
    }
    let mut rules = provider.claim_rules(now);
    if let Some(audiences) = audiences {
        rules.audiences = Audiences::one_of(audiences);
    }
    let registered = check_claims(claims, typ, &rules)?;
    super::note_claims(&registered, typ, now, trace);
    Ok(())
}

/// What the claims state.
pub(super) fn state(claims: Object, provider: &Provider) -> Stating {
    let mut model = Object::new();
    model.insert("claims".to_string(), Value::Object(claims));
    Stating::new("jwt", Value::Object(model), Freshness::Expires, provider)
}

/// Recorded claims. Of a test some may have been left out: what is not there of `iss`, `aud` and `exp` is as a good token
/// of this provider has it, of its own `audience` before those of the provider, unless the record is of the whole token.
pub(super) fn whole<'c>(
    claims: &'c Object,
    is_whole: bool,
    provider: &OidcProvider,
    audience: Option<&str>,
    now: UnixTime,
) -> Cow<'c, Object> {
    if is_whole {
        return Cow::Borrowed(claims);
    }
    let mut completed = claims.clone();
    if provider.names_issuer && !claims.contains("iss") {
        completed.insert("iss", provider.issuer.as_str());
    }
    let audience = audience.or_else(|| provider.audiences.first().map(String::as_str));
    if let (false, Some(audience)) = (claims.contains("aud"), audience) {
        completed.insert("aud", audience);
    }
    if !claims.contains("exp") {
        let issued = claims.get("iat").and_then(Value::as_integer).unwrap_or(now.seconds());
        completed.insert("exp", issued.saturating_add(provider.max_lifetime));
    }
    Cow::Owned(completed)
}
