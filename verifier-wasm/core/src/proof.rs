//! Proofs: from what was presented to what a valid signature proved.

mod oidc;
mod pca;
mod pkcs7;

use crate::expr::Facts;
use crate::grant::Obligation;
use crate::json::{Object, Value};
use crate::keys::KeyRing;
use crate::policy::{Binding, ProviderKind};
use crate::presented::Assertion;
use crate::refusal::{Code, Refusal};
use crate::signature::Session;
use crate::time::UnixTime;
use crate::verdict::Stop;
use alloc::string::{String, ToString};

/// What a valid signature proved. Only the verification of this module makes one: recorded facts can be judged
/// by conditions, but never become this.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    facts: Facts,
    freshness: Freshness,
    obligation: Option<Obligation>,
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
    Pca(pca::Form<'a>),
    /// See [`Assertion::Pkcs7`].
    Pkcs7(pkcs7::Form),
}

impl<'a> Form<'a> {
    /// Reads sizes and syntax, before anything is looked up.
    pub(crate) fn read(assertion: &'a Assertion) -> Result<Self, Refusal> {
        match assertion {
            Assertion::Oidc { token } => Ok(Self::Oidc(oidc::Form::read(token)?)),
            Assertion::Pca { jwt, certificate, chain } => {
                Ok(Self::Pca(pca::Form::read(jwt, certificate, chain)?))
            }
            Assertion::Pkcs7 { document } => Ok(Self::Pkcs7(pkcs7::Form::read(document)?)),
        }
    }

    /// Verifies the proof with what the binding's provider has configured.
    pub(crate) fn verify(
        self,
        binding: &Binding<'_>,
        ring: &KeyRing,
        now: UnixTime,
        session: &Session<'_>,
    ) -> Result<Evidence, Stop> {
        match (self, &binding.provider.kind) {
            (Self::Oidc(form), ProviderKind::Oidc(provider)) => {
                form.verify(provider, binding, ring, now, session)
            }
            (Self::Pca(form), ProviderKind::Pca(provider)) => {
                Ok(form.verify(provider, binding, now, session)?)
            }
            (Self::Pkcs7(form), ProviderKind::Pkcs7(provider)) => {
                Ok(form.verify(provider, binding, now, session)?)
            }
            _ => Err(Code::ProviderKind.into()),
        }
    }
}

impl Evidence {
    /// The facts that conditions and mappings read.
    pub(crate) const fn facts(&self) -> &Facts {
        &self.facts
    }

    /// What must be consumed before a token may be minted.
    pub(crate) fn into_obligation(self) -> Option<Obligation> {
        self.obligation
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

/// The facts of a proof: the model `root` beside the client's.
fn facts(binding: &Binding<'_>, root: &str, model: Value) -> Facts {
    let mut client = Object::new();
    client.insert("clientId".to_string(), Value::from(binding.client_id));
    client.insert(
        "applicationFederatedCredentialId".to_string(),
        Value::from(binding.credential_name),
    );
    let mut roots = Object::new();
    roots.insert("client".to_string(), Value::Object(client));
    roots.insert(String::from(root), model);
    Facts::new(roots)
}
