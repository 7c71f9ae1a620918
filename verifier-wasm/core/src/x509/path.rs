//! Certification paths (RFC 5280 section 6): searched from the leaf up, validated from the root down.
//!
//! | RFC 5280 | where |
//! |---|---|
//! | 6.1.3 (a)(1) signature | `links`, from the root down once a path is complete |
//! | 6.1.3 (a)(2) validity | `roles`, for every certificate and the root |
//! | 6.1.3 (a)(3) and 6.3 revocation | `revocation`, with the lists that are given |
//! | 6.1.3 (a)(4) name chaining | `search`, by [`Name::matches`](super::Name::matches) |
//! | 6.1.3 (b), (c), 6.1.4 (g) name constraints | `names`, once the signatures are good |
//! | 6.1.2 to 6.1.5, what is about policies | `policies`, once the signatures are good |
//! | 6.1.4 (k), (n) cA, keyCertSign | `roles` |
//! | 6.1.4 (l), (m) path length | `links` |
//! | 6.1.4 (o), 6.1.5 (e) critical extensions | `roles` |
//! | 4.2.1.12 extendedKeyUsage | `roles`, through the whole path |
//!
//! What needs no key is checked while the search climbs, so that signatures are spent on complete paths
//! alone, and on those whose top the root itself signed first.

mod effort;
mod fetched;
mod links;
mod names;
mod policies;
mod report;
mod revocation;
mod roles;
mod search;
mod specificity;

pub(crate) use fetched::{FetchedLists, verify_list};
use policies::Policies;
pub use policies::PolicySet;
pub use report::{PathCost, PathReport, TriedPath};

use super::anchor::TrustAnchor;
use super::certificate::Certificate;
use super::crl::Crl;
use super::general_names::Kind;
use super::policies::ANY_POLICY;
use crate::json::Value;
use crate::refusal::Refusal;
use crate::signature::{RsaLimit, Session, SignatureProvider};
use crate::time::UnixTime;
use crate::verdict::Stop;
use alloc::vec::Vec;
use const_oid::ObjectIdentifier;

/// What a path must satisfy beside RFC 5280.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PathRules<'a> {
    /// The time at which every certificate of the path must be valid, the root included.
    pub time: UnixTime,
    /// What the key of the leaf is asked to be for.
    pub key_use: KeyUse<'a>,
    /// Whether revocation is asked about.
    pub revocation: RevocationCheck<'a>,
    /// The largest number of intermediates that are not self-issued.
    pub max_depth: Option<usize>,
    /// Whether the leaf may be an authority itself.
    pub leaf_may_be_ca: bool,
    /// Whether the leaf must be allowed to sign: digitalSignature, when it has a keyUsage.
    pub leaf_must_sign: bool,
    /// What is demanded of certificate policies.
    pub policies: PolicyRules<'a>,
    /// Which of the lists were fetched, and what is found out about those.
    pub(crate) fetched: Option<&'a FetchedLists<'a>>,
    /// Which RSA keys the certificates of the path may have.
    pub rsa: RsaLimit,
}

/// What the key of a leaf must be for (RFC 5280 section 4.2.1.12).
#[derive(Clone, Copy, Debug)]
pub enum KeyUse<'a> {
    /// Any of these will do. A leaf that has an extendedKeyUsage must name one, and so must every authority that has
    /// one name the same; anyExtendedKeyUsage names none. An empty list accepts nothing.
    Named(&'a [ObjectIdentifier]),
    /// Any use: extendedKeyUsage is not looked at.
    Any,
}

/// Whether a path may have certificates about which no revocation list tells. Lists stand in any order; each tells about
/// the certificates of the authority that it names.
#[derive(Clone, Copy, Debug)]
pub enum RevocationCheck<'a> {
    /// A current list must tell about every certificate of the path but the root.
    Required(&'a [Crl]),
    /// What these lists tell counts. A certificate whose authority has no list here, or only a stale one that does not
    /// name it, passes ([`Revocation::Unchecked`]).
    IfListed(&'a [Crl]),
    /// Nothing is asked: a certificate that was revoked passes.
    Off,
}

impl<'a> RevocationCheck<'a> {
    /// The lists that are given.
    const fn lists(self) -> &'a [Crl] {
        match self {
            Self::Required(lists) | Self::IfListed(lists) => lists,
            Self::Off => &[],
        }
    }

    /// Whether a certificate about which no list tells is refused.
    const fn is_required(self) -> bool {
        matches!(self, Self::Required(_))
    }
}

/// What a caller demands of certificate policies (RFC 5280 section 6.1.1 (c), (e), (f), (g)).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PolicyRules<'a> {
    /// The policies, any of which will do; with none of them, or with anyPolicy among them, every policy.
    pub initial: &'a [ObjectIdentifier],
    /// Whether a path must be valid for one of the initial policies.
    pub require_explicit: bool,
    /// Whether no policy may be mapped to another.
    pub inhibit_mapping: bool,
    /// Whether anyPolicy in a certificate is ignored.
    pub inhibit_any: bool,
}

impl<'a> PolicyRules<'a> {
    /// Every policy will do, and none need be there.
    pub const ANY: PolicyRules<'static> = PolicyRules {
        initial: &[],
        require_explicit: false,
        inhibit_mapping: false,
        inhibit_any: false,
    };

    /// A path must be valid for one of these, with anyPolicy among them for any.
    #[must_use]
    pub const fn one_of(initial: &'a [ObjectIdentifier]) -> Self {
        Self { initial, require_explicit: true, ..Self::ANY }
    }

    /// With this as [`PolicyRules::require_explicit`].
    #[must_use]
    pub const fn with_require_explicit(self, required: bool) -> Self {
        Self { require_explicit: required, ..self }
    }

    /// With this as [`PolicyRules::inhibit_mapping`].
    #[must_use]
    pub const fn with_inhibit_mapping(self, inhibited: bool) -> Self {
        Self { inhibit_mapping: inhibited, ..self }
    }

    /// With this as [`PolicyRules::inhibit_any`].
    #[must_use]
    pub const fn with_inhibit_any(self, inhibited: bool) -> Self {
        Self { inhibit_any: inhibited, ..self }
    }

    /// Whether every policy will do.
    fn asks_any(&self) -> bool {
        self.initial.is_empty() || self.initial.iter().any(|own| own.as_bytes() == ANY_POLICY)
    }
}

impl<'a> PathRules<'a> {
    /// Rules for a path at a time to a leaf whose key signs: it is no authority, and its keyUsage allows signatures. There
    /// is no limit of depth but [`PATH_DEPTH`](crate::limits::PATH_DEPTH), and every certificate policy will do.
    #[must_use]
    pub const fn new(time: UnixTime, key_use: KeyUse<'a>, revocation: RevocationCheck<'a>) -> Self {
        Self {
            time,
            key_use,
            revocation,
            max_depth: None,
            leaf_may_be_ca: false,
            leaf_must_sign: true,
            policies: PolicyRules::ANY,
            fetched: None,
            rsa: RsaLimit::Standard,
        }
    }

    /// With this as [`PathRules::fetched`].
    pub(crate) const fn with_fetched(self, fetched: Option<&'a FetchedLists<'a>>) -> Self {
        Self { fetched, ..self }
    }

    /// With any certificate as the leaf, also an authority and one that signs nothing: RFC 5280 section 6.1 does not ask
    /// what it is for.
    #[must_use]
    pub const fn with_any_leaf(self) -> Self {
        Self { leaf_may_be_ca: true, leaf_must_sign: false, ..self }
    }

    /// With this as [`PathRules::max_depth`].
    #[must_use]
    pub const fn with_max_depth(self, intermediates: Option<usize>) -> Self {
        Self { max_depth: intermediates, ..self }
    }

    /// With this as [`PathRules::rsa`].
    #[must_use]
    pub const fn with_rsa(self, rsa: RsaLimit) -> Self {
        Self { rsa, ..self }
    }

    /// With this as [`PathRules::policies`].
    #[must_use]
    pub const fn with_policies(self, policies: PolicyRules<'a>) -> Self {
        Self { policies, ..self }
    }
}

/// A leaf and the way up from it to a registered root, verified. [`verify_path`] and [`explain_path`] alone make one,
/// when every signature of it has been found good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedPath {
    leaf: Certificate,
    intermediates: Vec<Certificate>,
    anchor: TrustAnchor,
    policies: Policies,
    revocation: Revocation,
}

/// Whether revocation was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// Current lists cover every certificate of the path but the root, and none of them is revoked.
    Checked,
    /// At least one of them is covered by no current list.
    Unchecked,
}

impl VerifiedPath {
    /// The certificate that was asked about.
    #[must_use]
    pub const fn leaf(&self) -> &Certificate {
        &self.leaf
    }

    /// The certificates of the path, the leaf first, without the root.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        core::iter::once(&self.leaf).chain(&self.intermediates)
    }

    /// The registered root that the path ends at.
    #[must_use]
    pub const fn anchor(&self) -> &TrustAnchor {
        &self.anchor
    }

    /// What conditions may read of the leaf: [`Certificate::facts`], with the issuer under the name by which the
    /// authority above it is certified, however the leaf spells it.
    ///
    /// It is without the subject when an authority of the path has name constraints on other names, and none permits
    /// some directory names alone. Such an authority could name anybody as a subject. `withheld.subject` says so. The
    /// issuer is another subject: it is withheld when that is so of the authorities above it. And it is without a
    /// kind of alternative names when an authority permits names of other kinds, and none permits some of this one.
    #[must_use]
    pub fn facts(&self) -> Value {
        let facts = names::facts(&self.leaf, &self.authorities());
        let Value::Object(mut cert) = facts else { return facts };
        let issuer = self.intermediates.first().unwrap_or_else(|| self.anchor.certificate());
        let policies = match &self.policies.authority {
            PolicySet::Any => None,
            PolicySet::Only(policies) => Some(policies.as_slice()),
        };
        super::facts::add_path(&mut cert, issuer, policies);
        Value::Object(cert)
    }

    /// The names and numbers of every certificate of the path, the leaf first, without the root, as far as
    /// [`VerifiedPath::facts`] gives them of the leaf.
    #[must_use]
    pub fn all_facts(&self) -> Vec<Value> {
        let authorities = self.authorities();
        let above = |index: usize| authorities.get(index..).unwrap_or_default();
        let certificates = self.certificates().enumerate();
        certificates.map(|(index, own)| names::facts(own, above(index))).collect()
    }

    /// The authorities, that of the leaf first and the root last.
    fn authorities(&self) -> Vec<&Certificate> {
        self.intermediates.iter().chain([self.anchor.certificate()]).collect()
    }

    /// Whether its authorities are trusted for the host names of the leaf, as [`VerifiedPath::facts`] says.
    pub(crate) fn may_name_hosts(&self) -> bool {
        !names::is_open(Kind::Dns, &self.authorities())
    }

    /// Whether any of it could have been revoked without this being seen.
    #[must_use]
    pub const fn revocation(&self) -> Revocation {
        self.revocation
    }

    /// The policies that all certificates of the path allow: the authorities-constrained-policy-set of RFC 5280
    /// section 6.1.6.
    #[must_use]
    pub const fn authority_policies(&self) -> &PolicySet {
        &self.policies.authority
    }

    /// Those among them that [`PolicyRules::initial`] asks for: the user-constrained-policy-set.
    #[must_use]
    pub const fn policies(&self) -> &PolicySet {
        &self.policies.user
    }
}

/// Searches a valid path from `leaf` over any of `intermediates`, in any order, to one of `anchors`.
///
/// A certificate among `intermediates` is a helper and never trusted for being there: a root that a client
/// sends along is ignored and harmless. The search continues when a path fails, until one is valid or
/// [`PATH_STEPS`](crate::limits::PATH_STEPS) or [`SIGNATURES`](crate::limits::SIGNATURES) are used up. It ends at the
/// first path with a deferred signature: the checks of all its links are asked for together.
///
/// # Errors
/// When several paths fail, the most specific reason, by an explicit rank. Of the leaf alone:
/// [`Code::CertificateIsCa`]. Of any certificate: [`Code::CertificateExpired`],
/// [`Code::CertificateNotYetValid`], [`Code::CertificateExtensionCritical`],
/// [`Code::CertificateNameConstraints`], [`Code::CertificateKeyUsage`],
/// [`Code::CertificateExtendedKeyUsage`], [`Code::UnsupportedCertificateAlgorithm`],
/// [`Code::PathSignatureInvalid`], [`Code::UnsupportedSignature`], [`Code::CertificatePolicies`], and the codes of
/// [`Certificate::public_key`]. Of authorities: [`Code::CertificateNotCa`],
/// [`Code::CertificatePathLength`]. Of the path: [`Code::PathNotFound`], [`Code::PathTooDeep`],
/// [`Code::PathBudget`], [`Code::NameConstraintsBudget`], [`Code::PolicyBudget`].
///
/// [`Code::CertificateIsCa`]: crate::Code::CertificateIsCa
/// [`Code::CertificateExpired`]: crate::Code::CertificateExpired
/// [`Code::CertificateNotYetValid`]: crate::Code::CertificateNotYetValid
/// [`Code::CertificateExtensionCritical`]: crate::Code::CertificateExtensionCritical
/// [`Code::CertificateNameConstraints`]: crate::Code::CertificateNameConstraints
/// [`Code::CertificateKeyUsage`]: crate::Code::CertificateKeyUsage
/// [`Code::CertificateExtendedKeyUsage`]: crate::Code::CertificateExtendedKeyUsage
/// [`Code::UnsupportedCertificateAlgorithm`]: crate::Code::UnsupportedCertificateAlgorithm
/// [`Code::PathSignatureInvalid`]: crate::Code::PathSignatureInvalid
/// [`Code::UnsupportedSignature`]: crate::Code::UnsupportedSignature
/// [`Code::CertificateNotCa`]: crate::Code::CertificateNotCa
/// [`Code::CertificatePathLength`]: crate::Code::CertificatePathLength
/// [`Code::PathNotFound`]: crate::Code::PathNotFound
/// [`Code::PathTooDeep`]: crate::Code::PathTooDeep
/// [`Code::PathBudget`]: crate::Code::PathBudget
/// [`Code::CertificatePolicies`]: crate::Code::CertificatePolicies
/// [`Code::NameConstraintsBudget`]: crate::Code::NameConstraintsBudget
/// [`Code::PolicyBudget`]: crate::Code::PolicyBudget
pub fn verify_path(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &[TrustAnchor],
    rules: &PathRules<'_>,
    signatures: SignatureProvider<'_>,
) -> Result<VerifiedPath, Stop> {
    find_path(leaf, intermediates, anchors, rules, &Session::new(signatures))
}

/// As [`verify_path`], in the session of a request.
pub(crate) fn find_path(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &[TrustAnchor],
    rules: &PathRules<'_>,
    session: &Session<'_>,
) -> Result<VerifiedPath, Stop> {
    let found = find(leaf, intermediates, anchors, rules, session, &effort::Effort::default());
    found?.map_err(|tried| tried.into_refusal().into())
}

/// Checks a certificate that is registered by itself: there is no path, but its validity, its key, what it is for and its
/// critical extensions are judged as those of any leaf. Makers of such certificates often call them authorities.
pub(crate) fn check_registered(leaf: &Certificate, rules: &PathRules<'_>) -> Result<(), Refusal> {
    roles::leaf(leaf, &PathRules { leaf_may_be_ca: true, ..*rules })?;
    links::key(leaf, rules.rsa).map(drop)
}

/// As [`verify_path`], with what it cost, and with the closest path when none is valid.
///
/// # Errors
/// The signature checks that a back end deferred; nothing else.
pub fn explain_path(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &[TrustAnchor],
    rules: &PathRules<'_>,
    signatures: SignatureProvider<'_>,
) -> Result<PathReport, Stop> {
    let (effort, session) = (effort::Effort::default(), Session::new(signatures));
    let outcome = find(leaf, intermediates, anchors, rules, &session, &effort)?;
    let (steps, comparisons) = effort.counts();
    Ok(PathReport { outcome, cost: PathCost { signatures: session.spent(), steps, comparisons } })
}

/// The path or the failed one, or what is to be checked before either can be told.
fn find(
    leaf: &Certificate,
    intermediates: &[Certificate],
    anchors: &[TrustAnchor],
    rules: &PathRules<'_>,
    session: &Session<'_>,
    effort: &effort::Effort,
) -> Result<Result<VerifiedPath, TriedPath>, Stop> {
    let leaf_alone = |refusal| Ok(Err(TriedPath::new(refusal, alloc::vec![leaf.clone()], false)));
    if let Err(refusal) = roles::leaf(leaf, rules) {
        return leaf_alone(refusal);
    }
    let search = search::Search::new(intermediates, anchors, rules, session, effort);
    let found = match search.from(leaf) {
        Ok(found) => found,
        Err(search::NotFound { stop: Stop::Refused(refusal), chain, ends_at_root }) => {
            let certificates = chain.into_iter().cloned().collect();
            return Ok(Err(TriedPath::new(refusal, certificates, ends_at_root)));
        }
        Err(search::NotFound { stop, .. }) => return Err(stop),
    };
    if let Err(refusal) = links::key(leaf, rules.rsa) {
        return leaf_alone(refusal);
    }
    Ok(Ok(VerifiedPath {
        leaf: leaf.clone(),
        intermediates: found.chain.into_iter().skip(1).cloned().collect(),
        anchor: found.anchor.clone(),
        revocation: found.valid.revocation,
        policies: found.valid.policies,
    }))
}

#[cfg(test)]
mod tests;
