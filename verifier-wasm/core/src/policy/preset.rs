//! What a preset is: data about an environment that is known by name, all that decides about its proofs.
//!
//! What people are told of it besides stands in its [`Guide`](super::guide::Guide).

use crate::cms::Profile;
use crate::expr::{Model, Requirement};

/// The names on the way to a value, the model first: `["jwt", "claims", "sub"]`.
pub(super) type Path = &'static [&'static str];

/// An environment that is known by name.
#[derive(Debug)]
pub(super) struct Definition {
    /// The `type` of its providers.
    pub(super) type_name: &'static str,
    /// Another `type` that means the same.
    pub(super) also: Option<&'static str>,
    /// What kind of proof its workloads have.
    pub(super) proofs: Proofs,
    /// The other issuers of the public service, as those of other regions.
    pub(super) other_issuers: &'static [&'static str],
    /// Seconds by which its issuers date tokens back: a lifetime counts from when a token was made.
    pub(super) dated_back: i64,
    /// The condition that every proof must meet where providers name a trust domain, which stands for
    /// `{trust_domain}`.
    pub(super) rule: Option<&'static str>,
    /// The fields that say *who*: every way to satisfy a binding must fix one of these alternatives.
    pub(super) identity: Requirement,
    /// The ids of a single workload that outlive a rename, where there are names as well.
    pub(super) individual: Option<Requirement>,
    /// What says *whose* a token of a public issuer is. Anybody gets tokens of it with any audience, so a name
    /// within an owner's realm is met by anyone who takes that name in their own.
    pub(super) owner: Option<Requirement>,
    /// Addresses that look like an issuer and are used for the issuers of all tenants.
    pub(super) tenants: Option<Tenants>,
    /// Whether the author of a provider may say which claims identify.
    pub(super) chooses_identity: bool,
    /// What a credential for many needs; none where there are no groups.
    pub(super) group: Option<Group>,
    /// What conditions may read of its proofs.
    pub(super) model: Model,
    /// The members of `match`.
    pub(super) matches: &'static [Field],
    /// The text that the members [`Test::Part`] make up together.
    pub(super) composed: Option<Composed>,
}

impl Definition {
    /// A definition to start from: it identifies no bearer, so no credential loads with it.
    pub(super) const EMPTY: Self = Self {
        type_name: "",
        also: None,
        proofs: Proofs::Certificates,
        other_issuers: &[],
        dated_back: 0,
        rule: None,
        identity: Requirement::new(&[]),
        individual: None,
        owner: None,
        tenants: None,
        chooses_identity: false,
        group: None,
        model: Model::cert(crate::expr::Shape::Any),
        matches: &[],
        composed: None,
    };

    /// What is said of its documents, if it has documents.
    pub(super) const fn documents(&self) -> Option<&Documents> {
        match &self.proofs {
            Proofs::Documents(documents) => Some(documents),
            Proofs::Tokens { .. } | Proofs::Certificates | Proofs::Keys => None,
        }
    }
}

/// Who a credential for many is for, in ids that are never given to another.
#[derive(Debug)]
pub(super) struct Group {
    /// The owner, of which every condition must fix one alternative; none when all proofs of a provider are one owner's.
    pub(super) owner: Option<Requirement>,
    /// The individual, of which the subject must hold one alternative.
    pub(super) individual: Requirement,
    /// Whether the id of an individual means something within its owner only.
    pub(super) within_owner: bool,
}

/// The kinds of proof, with what differs between environments of one kind.
#[derive(Debug)]
pub(super) enum Proofs {
    /// Tokens of an OIDC issuer.
    Tokens {
        /// That of the public service, when there is one.
        issuer: Option<&'static str>,
    },
    /// Certificates of a private CA.
    Certificates,
    /// Assertions of a client with a key of its own.
    Keys,
    /// Documents that a cloud signs.
    Documents(Documents),
}

/// Documents of one cloud.
#[derive(Debug)]
pub(super) struct Documents {
    /// The `profile` of its providers.
    pub(super) name: &'static str,
    /// The form of its messages.
    pub(super) profile: Profile,
    /// The field with the account, for `accounts`.
    pub(super) owner: Path,
    /// The field with the instance, for `instances`.
    pub(super) individual: Path,
    /// Who may sign.
    pub(super) signers: Signers,
    /// Whether a signer is registered for regions.
    pub(super) regions: Regions,
    /// Whether they name the audience that the workload asked for.
    pub(super) names_audience: bool,
    /// How old they may be unless the policy says otherwise, in seconds; none when no default can be right.
    pub(super) max_age: Option<i64>,
    /// Whether there is an older endpoint whose DSA signatures with SHA-1 a policy can allow.
    pub(super) sha1_dsa: bool,
}

/// How the signers of documents come to be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signers {
    /// Their certificates are registered: no message has one.
    Pinned,
    /// The messages have certificates, which may lead to a registered root.
    Rooted,
}

/// Whether documents name a region, and whether signers are told apart by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Regions {
    /// They name none.
    Unknown,
    /// A signer may be registered for some regions alone.
    Optional,
    /// Each signer is of some regions.
    Required,
}

/// Addresses below which each tenant of a service is an issuer.
#[derive(Debug)]
pub(super) struct Tenants {
    /// How these addresses begin.
    pub(super) hosts: &'static [&'static str],
    /// What is there instead of a tenant's id, for every tenant.
    pub(super) everybody: &'static [&'static str],
}

/// One member of `match:`.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in the policy.
    pub name: &'static str,
    pub(super) path: Path,
    pub(super) test: Test,
}

/// How the value of a member is compared with the field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    /// The field is this text, or one of these.
    Text,
    /// The field is this integer, or one of these.
    Integer,
    /// The field begins with this text.
    Prefix,
    /// The value is a part of the field: see [`Composed`].
    Part,
}

impl Field {
    pub(super) const fn text(name: &'static str, path: Path) -> Self {
        Self { name, path, test: Test::Text }
    }

    pub(super) const fn integer(name: &'static str, path: Path) -> Self {
        Self { name, path, test: Test::Integer }
    }

    pub(super) const fn prefix(name: &'static str, path: Path) -> Self {
        Self { name, path, test: Test::Prefix }
    }

    pub(super) const fn part(name: &'static str, path: Path) -> Self {
        Self { name, path, test: Test::Part }
    }

    /// Whether its values are integers; all others are strings.
    #[must_use]
    pub const fn is_integer(&self) -> bool {
        matches!(self.test, Test::Integer)
    }
}

/// A text that is made of parts which members give: an id with a folder in front of each name.
#[derive(Debug)]
pub(super) struct Composed {
    /// The field that is this text.
    pub(super) path: Path,
    /// What comes before each part, and the member that gives the part. The last one may have several values, or
    /// none, which leaves the beginning of the text; the others have one each.
    pub(super) parts: &'static [(&'static str, &'static str)],
    /// What may stand in the place of the last part, in the same form.
    pub(super) others: &'static [(&'static str, &'static str)],
    /// Why the first parts must be there: a sentence without a full stop.
    pub(super) whole: &'static str,
    /// These parts, as what is expected.
    pub(super) expected: &'static str,
    /// What a part with a separator in it is not: a sentence without a full stop.
    pub(super) no_name: &'static str,
}

/// The members of `match:` that are claims and bear their names.
macro_rules! claims {
    ($($name:literal),* $(,)?) => {
        &[$($crate::policy::preset::Field::text($name, &["jwt", "claims", $name])),*]
    };
}
pub(super) use claims;
