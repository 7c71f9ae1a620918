//! Proofs: from what was presented to what a valid signature proved.

mod client_key;
mod first_use;
mod oidc;
mod pca;
mod pkcs7;
mod replay;
mod tls;

use crate::expr::Facts;
use crate::form::{Means, RequestForm};
use crate::grant::{Instance, Obligation};
use crate::jose::RegisteredClaims;
use crate::json::{Object, Value};
use crate::keys::KeyRing;
use crate::policy::{
    Binding, FirstUses, OidcProvider, Provider, ProviderBinding, ProviderKind, spelled_certificate,
};
use crate::presented::{Assertion, ClientNonce};
use crate::recorded::{Recorded, Stated};
use crate::refusal::{Code, Refusal, Step};
use crate::signature::Session;
use crate::time::UnixTime;
use crate::trace::{Seen, Trace};
use crate::verdict::Stop;
use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::{String, ToString};

/// What a valid signature proved, its type, issuer, audience and times checked. Only the verification of this module makes
/// one, and none after a refusal: recorded facts can be judged by conditions, but never become this.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    stated: Stating,
    owed: Option<Owed>,
}

/// What a proof owes before a token may be minted for it.
#[derive(Clone, Debug)]
pub(crate) enum Owed {
    /// That it serves once.
    Consumption(Obligation),
    /// That its instance uses its first document, or keeps the nonce that it used it with.
    FirstUse(Result<Instance, Refusal>, UnixTime, FirstUses),
}

impl Owed {
    /// The obligation of a request with this nonce.
    ///
    /// # Errors
    /// [`Code::InstanceUnnamed`], [`Code::ClientNonceMissing`].
    pub(crate) fn due(self, nonce: Option<&ClientNonce>) -> Result<Obligation, Refusal> {
        match self {
            Self::Consumption(obligation) => Ok(obligation),
            Self::FirstUse(instance, since, uses) => {
                first_use::due((instance?, since), uses, nonce)
            }
        }
    }
}

/// What a proof states to a provider, whoever's it is; with a signature behind it or without.
#[derive(Clone, Debug)]
pub(crate) struct Stating {
    /// The model of the proof alone, in the spelling of literals.
    facts: Facts,
    freshness: Freshness,
}

/// What a proof states to a binding. Conditions read it.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    facts: Facts,
    freshness: Freshness,
}

/// What is known about the age of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Freshness {
    /// The proof has its own expiry, which has been checked.
    Expires,
    /// A document: when its signed time is, if it has one, how old it may be, and when it expires by itself,
    /// if it says so.
    Ages { signed: Option<UnixTime>, max_age: i64, expires: Option<UnixTime> },
}

/// A proof whose form has been read and of which nothing else is known.
pub(crate) enum Form<'a> {
    /// See [`Assertion::Oidc`].
    Oidc(oidc::Form<'a>),
    /// See [`Assertion::Pca`].
    Pca(Box<pca::Form<'a>>),
    /// See [`Assertion::Pkcs7`].
    Pkcs7(pkcs7::Form),
    /// See [`Assertion::TlsCertificate`].
    Tls(Box<tls::Form>),
}

impl<'a> Form<'a> {
    /// What was read, for an operator: nothing of the proof itself.
    pub(crate) fn in_words(&self) -> String {
        match self {
            Self::Oidc(_) => "an OIDC token".to_string(),
            Self::Pca(form) => form.in_words(),
            Self::Pkcs7(_) => "a PKCS#7 message with a document".to_string(),
            Self::Tls(form) => form.in_words(),
        }
    }

    /// Reads sizes and syntax, before anything is looked up.
    pub(crate) fn read(assertion: &'a Assertion) -> Result<Self, Refusal> {
        match assertion {
            Assertion::Oidc { token } => Ok(Self::Oidc(oidc::Form::read(token)?)),
            Assertion::Jwt { token, certificate } => {
                Ok(Self::Oidc(oidc::Form::read_of_client(token, certificate.as_deref())?))
            }
            Assertion::Svid { token } => Ok(Self::Oidc(oidc::Form::read_svid(token)?)),
            Assertion::Pca { jwt, certificate, chain } => {
                Ok(Self::Pca(Box::new(pca::Form::read(jwt, certificate, chain)?)))
            }
            Assertion::Pkcs7 { document } => Ok(Self::Pkcs7(pkcs7::Form::read(document)?)),
            Assertion::TlsCertificate(certificate) => {
                Ok(Self::Tls(Box::new(tls::Form::read(certificate)?)))
            }
        }
    }

    /// A text that a token claims, as its issuer. Nothing of it is proven: it is good for looking up what is configured, and
    /// for nothing else.
    pub(crate) fn claimed(&self, name: &str) -> Option<String> {
        match self {
            Self::Oidc(form) => form.claimed(name),
            Self::Pca(_) | Self::Pkcs7(_) | Self::Tls(_) => None,
        }
    }

    /// What it is sent as.
    pub(crate) fn means(&self) -> Means {
        match self {
            Self::Oidc(form) => form.means(),
            Self::Pca(_) => Means::Certified,
            Self::Pkcs7(_) => Means::Document,
            Self::Tls(_) => Means::Tls,
        }
    }

    /// Verifies the proof with what the provider has configured.
    pub(crate) fn verify(self, context: Context<'_>) -> Result<Evidence, Stop> {
        let kind = &context.to.provider.kind;
        if !fits(self.means(), kind) {
            return Err(Code::ProviderKind.into());
        }
        match (self, kind) {
            (Self::Oidc(form), ProviderKind::Oidc(provider)) => form.verify(provider, context),
            (Self::Oidc(form), ProviderKind::ClientKey(provider)) => {
                client_key::verify(form.into_jws(), provider, context)
            }
            (Self::Oidc(form), ProviderKind::Pca(provider)) => {
                form.into_certified()?.verify(provider, context)
            }
            (Self::Pca(form), ProviderKind::Pca(provider)) => form.verify(provider, context),
            (Self::Pkcs7(form), ProviderKind::Pkcs7(provider)) => form.verify(provider, context),
            (Self::Tls(form), ProviderKind::Pca(provider)) => form.verify(provider, context),
            _ => Err(Code::ProviderKind.into()),
        }
    }
}

/// Whether a provider of this kind takes what is sent as this.
pub(crate) const fn fits(means: Means, kind: &ProviderKind) -> bool {
    match (means, kind) {
        (Means::Token | Means::OfClient { .. }, ProviderKind::Oidc(_))
        | (Means::OfClient { .. }, ProviderKind::ClientKey(_))
        | (Means::OfClient { has_certificates: true } | Means::Certified, ProviderKind::Pca(_))
        | (Means::Document, ProviderKind::Pkcs7(_)) => true,
        // SVIDs are of a trust domain.
        (Means::Svid, ProviderKind::Oidc(provider)) => provider.trust_domain.is_some(),
        (Means::Tls, ProviderKind::Pca(provider)) => provider.tls,
        _ => false,
    }
}

/// What a proof is verified in: one request at one time.
pub(crate) struct Context<'a> {
    /// To which provider it is presented.
    pub(crate) to: ProviderBinding<'a>,
    /// The client that the request names. Who signs for itself must be it.
    pub(crate) client_id: Option<&'a str>,
    /// The keys and lists that were fetched.
    pub(crate) ring: &'a KeyRing,
    /// The time of the decision.
    pub(crate) now: UnixTime,
    /// The signature checks of the request.
    pub(crate) session: &'a Session<'a>,
    /// What is written down.
    pub(crate) trace: &'a mut Trace,
}

/// Checks what a proof states to a provider that was recorded of a request of this form, as of a live one after its
/// signature.
///
/// # Errors
/// What is refused of a proof by its type, issuer, audience and times.
pub(crate) fn check(
    (recorded, form): (&Recorded, RequestForm),
    to: ProviderBinding<'_>,
    client_id: Option<&str>,
    now: UnixTime,
    trace: &mut Trace,
) -> Result<(), Refusal> {
    match (&recorded.stated, &to.provider.kind) {
        (Stated::Claims { claims, typ }, ProviderKind::Oidc(provider)) => {
            let own = match form {
                RequestForm::SpiffeAssertion => Some(oidc::audiences_of_svid(provider, to.policy)),
                _ => None,
            };
            let claims = whole(claims, (recorded, form), provider, to, now);
            let usual = if recorded.whole { None } else { provider.usual_type() };
            oidc::check(&claims, typ.as_deref().or(usual), provider, own.as_deref(), now, trace)
        }
        (Stated::Claims { claims, typ }, ProviderKind::ClientKey(provider)) => {
            let client = client_key::Client::of(to, client_id)?;
            let claims = client_key::whole(claims, recorded.whole, provider, client, now);
            let checked = client_key::check(&claims, typ.as_deref(), provider, client, now, trace)?;
            // The author of a test leaves out what serves once.
            match recorded.whole {
                true => replay::consume_once(client.id, &checked, provider.max_lifetime).map(drop),
                false => Ok(()),
            }
        }
        (Stated::Certificate(_), ProviderKind::Pca(provider)) => match form {
            RequestForm::ClientAssertion if provider.x5c.is_none() => {
                Err(Code::CertificateInHeader.into())
            }
            _ => Ok(()),
        },
        (Stated::Document { text, .. }, ProviderKind::Pkcs7(provider)) => {
            pkcs7::check_recorded(text, provider, trace)
        }
        _ => Err(Code::ProviderKind.into()),
    }
}

/// Recorded claims, and what the author of a test left out.
fn whole<'c>(
    claims: &'c Object,
    (recorded, form): (&Recorded, RequestForm),
    provider: &OidcProvider,
    to: ProviderBinding<'_>,
    now: UnixTime,
) -> Cow<'c, Object> {
    let own = (form == RequestForm::SpiffeAssertion).then(|| to.policy.issuer());
    oidc::whole(claims, recorded.whole, provider, own, now)
}

/// What a recorded proof states to a provider. Nothing of it is checked.
///
/// # Errors
/// When it is no statement to such a provider, or a document that cannot be read.
pub(crate) fn state(
    (recorded, form): (&Recorded, RequestForm),
    to: ProviderBinding<'_>,
    client_id: Option<&str>,
    now: UnixTime,
) -> Result<Stating, Refusal> {
    match (&recorded.stated, &to.provider.kind) {
        (Stated::Claims { claims, .. }, ProviderKind::Oidc(provider)) => {
            let claims = whole(claims, (recorded, form), provider, to, now);
            Ok(oidc::state(claims.into_owned(), to.provider))
        }
        (Stated::Claims { claims, .. }, ProviderKind::ClientKey(provider)) => {
            let client = client_key::Client::of(to, client_id)?;
            let claims = client_key::whole(claims, recorded.whole, provider, client, now);
            Ok(oidc::state(claims.into_owned(), to.provider))
        }
        (Stated::Certificate(certificate), ProviderKind::Pca(_)) => {
            Ok(pca::state(as_facts(certificate), to.provider))
        }
        (Stated::Document { text, signing_time, certificates }, ProviderKind::Pkcs7(pkcs7)) => {
            let certificates = certificates.iter().map(as_facts).collect();
            let signed = pkcs7::Signed { signing_time: *signing_time, certificates };
            pkcs7::state_recorded(text, signed, pkcs7, to.provider)
        }
        _ => Err(Code::ProviderKind.into()),
    }
}

impl Evidence {
    /// What the proof states.
    pub(crate) const fn stated(&self) -> &Stating {
        &self.stated
    }

    /// What the proof states to this binding, and what it owes before a token may be minted.
    pub(crate) fn bound(self, binding: &Binding<'_>) -> (Statement, Option<Owed>) {
        (self.stated.bound(binding), self.owed)
    }
}

impl Stating {
    fn new(root: &str, model: Value, freshness: Freshness, provider: &Provider) -> Self {
        let facts = Facts::new(Object::new()).with(root, provider.preset().folded(model));
        Self { facts, freshness }
    }

    /// The model of the proof, which is all that does not depend on whose it is.
    pub(crate) const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What it states to a binding: the model of the client stands beside the proof's.
    pub(crate) fn bound(self, binding: &Binding<'_>) -> Statement {
        Statement { facts: self.facts, freshness: self.freshness }.rebound(binding)
    }
}

impl Statement {
    /// What the same proof states to another binding.
    pub(crate) fn rebound(self, binding: &Binding<'_>) -> Self {
        let mut client = Object::new();
        client.insert("clientId", binding.client_id);
        client.insert("applicationFederatedCredentialId", binding.credential_name);
        Self { facts: self.facts.with("client", Value::Object(client)), ..self }
    }

    /// The facts that conditions and mappings read.
    pub(crate) const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The age, for an operator.
    pub(crate) fn freshness_in_words(&self, now: UnixTime) -> String {
        match self.freshness {
            Freshness::Expires => "the proof has an expiry of its own".to_string(),
            Freshness::Ages { signed: Some(signed), max_age, .. } => {
                alloc::format!("{} s old, at most {max_age} s", now.since(signed))
            }
            Freshness::Ages { signed: None, .. } => "no signed time".to_string(),
        }
    }

    /// The age of a document against what its provider allows.
    ///
    /// # Errors
    /// [`Code::DocumentTimeMissing`], [`Code::DocumentStale`], [`Code::DocumentFromFuture`].
    pub(crate) fn check_freshness(&self, now: UnixTime) -> Result<(), Refusal> {
        let Freshness::Ages { signed, max_age, expires } = self.freshness else { return Ok(()) };
        let signed = signed.ok_or(Code::DocumentTimeMissing)?;
        let age = now.since(signed);
        if age < 0_i64.saturating_sub(crate::limits::SKEW) {
            return Err(Refusal::new(Code::DocumentFromFuture).found(signed));
        }
        if age > max_age {
            return Err(Refusal::new(Code::DocumentStale)
                .expected(alloc::format!("at most {max_age} s old"))
                .found(alloc::format!("{age} s, signed {signed}")));
        }
        match expires {
            Some(expires) if now.since(expires) > crate::limits::SKEW => {
                Err(Refusal::new(Code::DocumentStale)
                    .expected("before its own end")
                    .found(alloc::format!("ended {expires}")))
            }
            _ => Ok(()),
        }
    }
}

/// Notes each step of the registered claims, which have been checked together.
fn note_claims(claims: &RegisteredClaims, typ: Option<&str>, now: UnixTime, trace: &mut Trace) {
    trace.passed(Step::Type, || Seen::found(typ.unwrap_or("no typ")));
    trace.passed(Step::Issuer, || Seen::found(claims.issuer.as_deref().unwrap_or("no iss")));
    trace.passed(Step::Audience, || Seen::found(claims.audience.join(", ")));
    trace.passed(Step::Times, || Seen::found(times_in_words(claims, now)));
}

fn times_in_words(claims: &RegisteredClaims, now: UnixTime) -> String {
    match claims.issued {
        Some(issued) => alloc::format!("issued {issued}, expires {}, now {now}", claims.expires),
        None => alloc::format!("expires {}, now {now}", claims.expires),
    }
}

/// A certificate that somebody wrote down, in the spelling of facts; older records have another.
fn as_facts(certificate: &Value) -> Value {
    spelled_certificate(certificate.clone()).unwrap_or_else(|_| certificate.clone())
}
