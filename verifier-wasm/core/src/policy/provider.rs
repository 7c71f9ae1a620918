//! Federated credential providers: where proofs come from and with which keys they are checked.

pub(super) mod documents;
mod oidc;
mod pca;
mod pkcs7;

pub use pkcs7::guessable_audience;

use super::reader::{Members, Node, PLAIN_NAME, Problems, is_plain_name};
use crate::cms::{Allow, PinnedSigner, Profile};
use crate::expr::{Expression, Root};
use crate::jose::Algorithm;
use crate::keys::KeySource;
use crate::pem;
use crate::x509::{Certificate, TrustAnchor};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use const_oid::ObjectIdentifier;

/// One federated credential provider.
#[derive(Debug)]
pub struct Provider {
    pub(crate) enabled: bool,
    pub(crate) trust_condition: Option<Expression>,
    pub(crate) kind: ProviderKind,
}

impl Provider {
    /// What kind of proof it takes, with its settings.
    #[must_use]
    pub const fn kind(&self) -> &ProviderKind {
        &self.kind
    }
}

/// The kinds of proof.
#[derive(Debug)]
#[non_exhaustive]
pub enum ProviderKind {
    /// An OIDC token of an issuer.
    Oidc(OidcProvider),
    /// A JWT signed by the key of a certificate of a private CA.
    Pca(PcaProvider),
    /// A PKCS#7 document signed by a cloud.
    Pkcs7(Pkcs7Provider),
}

impl ProviderKind {
    /// The word for it in requests and messages.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Oidc(_) => "oidc",
            Self::Pca(_) => "pca",
            Self::Pkcs7(_) => "pkcs7",
        }
    }

    /// The root of the facts that a proof of this kind gives to conditions.
    pub(crate) const fn model(&self) -> Root {
        match self {
            Self::Oidc(_) => Root::Jwt,
            Self::Pca(_) => Root::Cert,
            Self::Pkcs7(_) => Root::Pkcs7,
        }
    }
}

/// The shape of an OIDC issuer's tokens: which claims say who.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OidcProfile {
    Generic,
    GithubActions,
    Kubernetes,
}

impl OidcProfile {
    fn from_name(name: &str) -> Option<Self> {
        match name {
            "oidc" => Some(Self::Generic),
            "github_actions" => Some(Self::GithubActions),
            "kubernetes" => Some(Self::Kubernetes),
            _ => None,
        }
    }
}

/// An OIDC issuer whose tokens are believed.
#[derive(Debug)]
pub struct OidcProvider {
    pub(crate) profile: OidcProfile,
    pub(crate) issuer: String,
    pub(crate) audiences: Vec<String>,
    pub(crate) keys: KeySource,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) max_lifetime: i64,
}

impl OidcProvider {
    /// The issuer, compared character by character.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Where its keys come from.
    #[must_use]
    pub const fn keys(&self) -> &KeySource {
        &self.keys
    }

    /// The algorithms for keys that name none; empty for the defaults.
    #[must_use]
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }
}

/// A private certificate authority whose leaves may sign assertions.
#[derive(Debug)]
pub struct PcaProvider {
    pub(crate) roots: Vec<TrustAnchor>,
    pub(crate) intermediates: Vec<Certificate>,
    pub(crate) extended_key_usages: Vec<ObjectIdentifier>,
}

/// A cloud whose signed documents are believed.
#[derive(Debug)]
pub struct Pkcs7Provider {
    pub(crate) profile: Profile,
    /// Certificates of signers, pinned.
    pub(crate) signers: Vec<PinnedSigner>,
    /// Roots of signers whose certificates are in the messages.
    pub(crate) anchors: Vec<TrustAnchor>,
    /// Helpers on the way to a root, not trusted.
    pub(crate) intermediates: Vec<Certificate>,
    /// Weak algorithms that the author named.
    pub(crate) allow: Allow,
    /// The regions that a signer signs for, by the SHA-256 of its certificate: a document of another region
    /// is not its own.
    pub(crate) regions: BTreeMap<[u8; 32], BTreeSet<String>>,
    pub(crate) audience: Option<String>,
    pub(crate) max_age: i64,
}

/// Reads all providers; `own_issuer` may not be one of them.
pub(super) fn read_all(
    node: &Node<'_>,
    own_issuer: &str,
    problems: &mut Problems,
) -> Option<BTreeMap<String, Provider>> {
    let mut providers = BTreeMap::new();
    let mut issuers = Issuers::default();
    for (name, entry) in node.entries(problems)? {
        if !is_plain_name(name) {
            problems.report(&entry, "this is not a provider name", PLAIN_NAME);
        }
        if let Some(provider) = read(&entry, own_issuer, problems) {
            issuers.require_same_keys((name, &entry), &provider, &providers, problems);
            providers.insert(name.to_string(), provider);
        }
    }
    Some(providers)
}

/// The first provider of each OIDC issuer.
#[derive(Default)]
struct Issuers(BTreeMap<String, String>);

impl Issuers {
    /// Providers of one issuer share its keys in the [`KeyRing`](crate::keys::KeyRing), so what they say about
    /// the keys must be the same; else the order of requests would decide which of them is heeded.
    fn require_same_keys(
        &mut self,
        (name, node): (&str, &Node<'_>),
        provider: &Provider,
        others: &BTreeMap<String, Provider>,
        problems: &mut Problems,
    ) {
        let ProviderKind::Oidc(provider) = &provider.kind else { return };
        let first = self.0.entry(provider.issuer.clone()).or_insert_with(|| name.to_string());
        let Some(Provider { kind: ProviderKind::Oidc(other), .. }) = others.get(first) else {
            return;
        };
        if other.keys != provider.keys || other.algorithms != provider.algorithms {
            problems.report(
                node,
                format!("`{first}` has the same issuer with other keys or algorithms"),
                format!("the `keys` and `algorithms` of `{first}`"),
            );
        }
    }
}

fn read(node: &Node<'_>, own_issuer: &str, problems: &mut Problems) -> Option<Provider> {
    let mut members = node.members(problems)?;
    let kind = members.required("type", problems)?;
    let enabled = members.enabled(problems);
    let trust_condition = members.optional("trust_condition");
    let lists = documents::Lists::take(&mut members);
    let settings = match kind.text(problems)? {
        "pca" => pca::read(&mut members, problems).map(ProviderKind::Pca),
        "pkcs7" => pkcs7::read(&mut members, problems).map(ProviderKind::Pkcs7),
        preset => match OidcProfile::from_name(preset) {
            Some(profile) => {
                oidc::read(&mut members, profile, own_issuer, problems).map(ProviderKind::Oidc)
            }
            None => {
                problems.report(
                    &kind,
                    format!("`{preset}` is not a provider type"),
                    "oidc, github_actions, kubernetes, pca or pkcs7",
                );
                return None;
            }
        },
    };
    members.close(problems);
    let settings = settings?;
    let trust_condition = match trust_condition {
        None => None,
        Some(node) => Some(read_condition(&node, settings.model(), problems)?),
    };
    let trust_condition = lists.and(trust_condition, &settings, problems)?;
    Some(Provider { enabled: enabled?, trust_condition, kind: settings })
}

/// A certificate: PEM text, or an object whose only member `pem` is one.
fn read_certificate(node: &Node<'_>, problems: &mut Problems) -> Option<Certificate> {
    if node.value.as_object().is_none() {
        return parse_certificate(node, problems);
    }
    let mut members = node.members(problems)?;
    let certificate = read_certificate_member(&mut members, problems);
    members.close(problems);
    certificate
}

/// The member `pem` with one certificate, or `certificate` with what [`read_certificate`] takes.
fn read_certificate_member(
    members: &mut Members<'_>,
    problems: &mut Problems,
) -> Option<Certificate> {
    if let Some(node) = members.optional("certificate") {
        return read_certificate(&node, problems);
    }
    let node = members.required("pem", problems)?;
    parse_certificate(&node, problems)
}

fn parse_certificate(node: &Node<'_>, problems: &mut Problems) -> Option<Certificate> {
    let text = node.text(problems)?;
    match pem::certificate(text).and_then(|der| Certificate::from_der(&der)) {
        Ok(certificate) => Some(certificate),
        Err(refusal) => {
            problems.report(node, refusal.to_string(), "one certificate in PEM");
            None
        }
    }
}

/// An expression that must be a condition over the client and the model `root` of the proof.
pub(super) fn read_condition(
    node: &Node<'_>,
    root: Root,
    problems: &mut Problems,
) -> Option<Expression> {
    let text = node.text(problems)?;
    let parsed = Expression::parse(text).and_then(|expression| {
        expression.check_condition(&[Root::Client, root]).map(|()| expression)
    });
    match parsed {
        Ok(expression) => Some(expression),
        Err(error) => {
            problems.report(node, error.to_string(), "a condition, as jwt.claims.sub == \"name\"");
            None
        }
    }
}
