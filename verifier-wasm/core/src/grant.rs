//! What may be minted, and what must be consumed first.

use crate::hex::digest_of_parts;
use crate::jose::Algorithm;
use crate::json::Object;
use crate::redact::redacted_object;
use crate::refusal::{Code, Refusal};
use crate::time::UnixTime;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::future::Future;
use core::pin::Pin;

/// A decision to mint, with what must happen before. Only [`Grant::discharge`] yields the [`Mintable`] that a
/// signer takes.
///
/// It cannot be cloned, so that it is discharged once; and it has the time of the decision, so that nothing that
/// follows from it asks a clock again.
#[derive(Debug, PartialEq)]
#[must_use]
pub struct Grant {
    terms: Terms,
    obligations: Vec<Obligation>,
    decided: UnixTime,
}

/// Terms whose obligations have been discharged, with the time of the decision. [`Grant::discharge`] alone makes
/// one.
#[derive(Debug, PartialEq)]
#[must_use]
pub struct Mintable {
    terms: Terms,
    decided: UnixTime,
}

/// An access token's contents (RFC 9068 section 2.2), but for what the issuer adds when it mints: `jti`, `iat`,
/// `exp`. They are there to be looked at: a signer takes a [`Mintable`].
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    issuer: String,
    subject: String,
    client_id: String,
    audience: String,
    scope: Vec<String>,
    lifetime: i64,
    credential: String,
    claims: Object,
    actor: Option<String>,
    signing_algorithm: Option<Algorithm>,
}

/// Something that must be done before a token may be minted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Obligation {
    /// Remember this key, and refuse when it is known already.
    Consume {
        /// The replay key: lower-case hex of a SHA-256 over the verified issuer and the `jti` of the proof.
        key: String,
        /// The key by which version 0.1 remembered the same proof: refuse when that is known. It is not remembered anew.
        former: String,
        /// Before this second nobody accepted the proof: a store that has lost what was consumed until some time still knows
        /// that one of a later second is new.
        since: UnixTime,
        /// Until when the key must be remembered: the proof is refused as expired from then on.
        until: UnixTime,
    },
    /// Remember that this instance has used a document of its own, and refuse when it has before, or with another nonce.
    FirstUse(FirstUse),
}

/// The use of a document by an instance, of which the first counts for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FirstUse {
    /// Lower-case hex of a SHA-256 over the instance.
    pub key: String,
    /// Whose document it is.
    pub instance: Instance,
    /// When its document was signed, less the difference of clocks that is tolerated: before this second nobody used it.
    pub since: UnixTime,
    /// Lower-case hex of a SHA-256 over the nonce that the instance keeps, where it may come again; `None` where it may not.
    pub nonce: Option<String>,
}

/// An instance, as its cloud tells it from all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The cloud: the profile of its documents.
    pub cloud: String,
    /// Which of the separate clouds of this provider, which give out the same ids; empty where it has one.
    pub partition: String,
    /// The account that owns it.
    pub account: String,
    /// Its id.
    pub instance: String,
}

/// What remembers what was used. The core says *what* is to be remembered, and until when; a store says *whether it was the
/// first time*.
pub trait ReplayStore: Send + Sync {
    /// Fulfils all `obligations` of one grant or none, in one transaction, once it is known to outlast the process. Of any
    /// number of calls with one key, wherever they come from, one succeeds, as long as `now`, the time of the decision, is
    /// before its `until`; and none when a `former` key, which an earlier version remembered, is known.
    ///
    /// # Errors
    /// [`Unfulfilled`]; the request is then refused.
    fn fulfil<'a>(&'a self, obligations: &'a [Obligation], now: UnixTime) -> Fulfilling<'a>;
}

/// The answer of [`ReplayStore::fulfil`] to come, in a box, so that a host can choose its store when it starts.
pub type Fulfilling<'a> = Pin<Box<dyn Future<Output = Result<(), Unfulfilled>> + Send + 'a>>;

/// Why nothing may be minted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unfulfilled {
    /// A key was consumed before.
    Replayed,
    /// The instance has used a document before.
    InstanceUsed,
    /// The instance has used a document with another nonce.
    InstanceBound,
    /// The store cannot say whether a key was consumed.
    Unavailable,
    /// More requests wait for the store than may.
    Busy,
    /// The store may have lost the key.
    Forgotten,
}

impl Unfulfilled {
    /// The code of the refusal.
    #[must_use]
    pub const fn code(self) -> Code {
        match self {
            Self::Replayed => Code::ProofReplayed,
            Self::InstanceUsed => Code::InstanceUsed,
            Self::InstanceBound => Code::InstanceBound,
            Self::Unavailable => Code::ReplayStoreUnavailable,
            Self::Busy => Code::ReplayStoreBusy,
            Self::Forgotten => Code::ReplayStoreForgot,
        }
    }
}

impl Instance {
    /// Lower-case hex of a SHA-256 over all of it: no two instances have the same.
    #[must_use]
    pub fn key(&self) -> String {
        let Self { cloud, partition, account, instance } = self;
        digest_of_parts(&["instance", cloud, partition, account, instance])
    }
}

impl Grant {
    pub(crate) const fn new(terms: Terms, obligations: Vec<Obligation>, decided: UnixTime) -> Self {
        Self { terms, obligations, decided }
    }

    /// What is granted, to look at: it cannot be minted without [`Grant::discharge`].
    ///
    /// ```compile_fail,E0308
    /// fn sign(_: &credmint_core::Mintable) {}
    /// fn skip_the_obligations(grant: &credmint_core::Grant) {
    ///     sign(grant.terms());
    /// }
    /// ```
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The time of the decision, which is when the token begins.
    #[must_use]
    pub const fn decided(&self) -> UnixTime {
        self.decided
    }

    /// What must be done first.
    #[must_use]
    pub fn obligations(&self) -> &[Obligation] {
        &self.obligations
    }

    /// Does what must be done before minting. It comes last of all checks, so a refused request consumes
    /// nothing.
    ///
    /// # Errors
    /// What the store says, as [`Unfulfilled::code`].
    pub async fn discharge(self, store: &dyn ReplayStore) -> Result<Mintable, Refusal> {
        let Self { terms, obligations, decided } = self;
        if !obligations.is_empty() {
            store.fulfil(&obligations, decided).await.map_err(|why| Refusal::new(why.code()))?;
        }
        Ok(Mintable { terms, decided })
    }
}

impl Mintable {
    /// What is to be minted.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The time of the decision, which is when the token begins.
    #[must_use]
    pub const fn decided(&self) -> UnixTime {
        self.decided
    }

    /// What is to be minted, for the token's maker to keep: one grant makes one token.
    #[must_use]
    pub fn into_terms(self) -> Terms {
        self.terms
    }
}

impl Terms {
    pub(crate) fn new(
        issuer: String,
        subject: String,
        client_id: String,
        audience: String,
        scope: Vec<String>,
        lifetime: i64,
    ) -> Self {
        let (credential, claims, actor) = (String::new(), Object::new(), None);
        let signing_algorithm = None;
        Self {
            issuer,
            subject,
            client_id,
            audience,
            scope,
            lifetime,
            credential,
            claims,
            actor,
            signing_algorithm,
        }
    }

    /// By this federated credential of the client.
    pub(crate) fn of_credential(self, name: &str) -> Self {
        Self { credential: name.into(), ..self }
    }

    /// With further claims, none of which is one of the reserved ones.
    pub(crate) fn with_claims(self, claims: Object) -> Self {
        Self { claims, ..self }
    }

    /// Used by this one for the subject, which is somebody else.
    pub(crate) fn used_by(self, actor: String) -> Self {
        Self { actor: Some(actor), ..self }
    }

    /// Signed with this algorithm, where the policy says so.
    pub(crate) fn signed_with(self, algorithm: Option<Algorithm>) -> Self {
        Self { signing_algorithm: algorithm, ..self }
    }

    /// `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// `sub`: the client id, with `:` and the mapped attribute behind it where one is mapped.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// `client_id`.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// `application_federated_credential_name`: by which of the client's credentials.
    #[must_use]
    pub fn credential(&self) -> &str {
        &self.credential
    }

    /// `aud`: one resource server, as the request names it.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// The values of `scope`, without the audience.
    #[must_use]
    pub fn scope(&self) -> &[String] {
        &self.scope
    }

    /// The claims that the policy maps, beside those of every token.
    #[must_use]
    pub const fn claims(&self) -> &Object {
        &self.claims
    }

    /// The mapped claims as they may be shown and recorded: secrets are hidden.
    #[must_use]
    pub fn shown_claims(&self) -> Object {
        redacted_object(&self.claims).0
    }

    /// `sub` of `act` (RFC 8693 section 4.1): who uses the token, where that is not the subject but a client that exchanged
    /// a token of the subject's.
    #[must_use]
    pub fn actor(&self) -> Option<&str> {
        self.actor.as_deref()
    }

    /// What the token is signed with, where the policy says so of its resource server.
    #[must_use]
    pub const fn signing_algorithm(&self) -> Option<Algorithm> {
        self.signing_algorithm
    }

    /// Seconds from `iat` to `exp`.
    #[must_use]
    pub const fn lifetime(&self) -> i64 {
        self.lifetime
    }
}
