//! Federated credential providers: where proofs come from and with which keys they are checked.

mod assertion_audiences;
mod bundles;
mod chosen_identity;
mod client_key;
pub(super) mod documents;
mod oidc;
mod pca;
mod pkcs7;
mod room;
mod svid;

pub use assertion_audiences::AssertionAudiences;
pub(crate) use assertion_audiences::MEMBER as ASSERTION_AUDIENCES;
pub use client_key::ClientKeyProvider;
pub(crate) use oidc::EmbeddedKeys;
pub use oidc::OidcProvider;
pub use pkcs7::guessable_audience;

use super::acceptance::{self, Acceptance};
use super::preset::Proofs;
use super::presets::{Preset, Takes};
use super::shared_issuers;
use super::structured::conjunction;
use crate::cms::{Allow, PinnedSigner, Profile};
use crate::document::{Members, Node, Problems};
use crate::expr::{Expression, Fields, Requirement};
use crate::names::{PLAIN_NAME, is_plain_name};
use crate::pem;
use crate::signature::RsaLimit;
use crate::x509::{Certificate, Crl, TrustAnchor};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use const_oid::ObjectIdentifier;

/// One federated credential provider.
#[derive(Debug)]
pub struct Provider {
    pub(crate) enabled: bool,
    pub(crate) preset: Preset,
    /// What every proof of the preset must meet, and the author's condition.
    pub(crate) trust_condition: Option<Expression>,
    pub(crate) kind: ProviderKind,
    /// The fields that say who.
    pub(crate) identity: Fields,
    pub(crate) accepted: Vec<Acceptance>,
}

impl Provider {
    /// Whether proofs of it are accepted.
    #[must_use]
    pub const fn is_enabled(&self) -> bool {
        self.enabled
    }

    /// What kind of proof it takes, with its settings.
    #[must_use]
    pub const fn kind(&self) -> &ProviderKind {
        &self.kind
    }

    /// Whether it registers certificates by their fingerprints and has no root.
    pub(crate) fn is_pinned(&self) -> bool {
        matches!(&self.kind, ProviderKind::Pca(pca) if !pca.fingerprints.is_empty())
    }

    /// Whether it is the key of one client.
    pub(crate) const fn is_own_key(&self) -> bool {
        matches!(self.kind, ProviderKind::ClientKey(_))
    }

    /// The environment whose proofs it takes.
    #[must_use]
    pub const fn preset(&self) -> Preset {
        self.preset
    }

    /// The condition that every proof must meet: what its environment demands, and the policy's own.
    #[must_use]
    pub const fn trust_condition(&self) -> Option<&Expression> {
        self.trust_condition.as_ref()
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
    /// A JWT signed by a key of the client itself.
    ClientKey(ClientKeyProvider),
}

impl ProviderKind {
    /// The word for it in requests and messages.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Oidc(_) => "oidc",
            Self::Pca(_) => "pca",
            Self::Pkcs7(_) => "pkcs7",
            Self::ClientKey(_) => "client_key",
        }
    }
}

/// A private certificate authority whose leaves may sign assertions.
#[derive(Debug)]
pub struct PcaProvider {
    pub(crate) roots: Vec<TrustAnchor>,
    /// The element of `roots` that each is from: one may be a bundle of several.
    pub(crate) root_places: Vec<usize>,
    /// In the place of roots: SHA-256 of each certificate that is registered.
    pub(crate) fingerprints: BTreeSet<[u8; 32]>,
    pub(crate) intermediates: Vec<Certificate>,
    /// The same for `intermediates`.
    pub(crate) intermediate_places: Vec<usize>,
    pub(crate) extended_key_usages: Vec<ObjectIdentifier>,
    pub(crate) crls: Vec<CrlSource>,
    /// What an assertion may name as its audience that brings its certificate in its header; none where no such is taken.
    pub(crate) x5c: Option<AssertionAudiences>,
    /// Whether a current list must cover every certificate of a path.
    pub(crate) require_crls: bool,
    /// Which RSA keys its certificates may have.
    pub(crate) rsa: RsaLimit,
    /// Whether the handshake of TLS proves the key of a certificate, in the place of an assertion.
    pub(crate) tls: bool,
}

impl PcaProvider {
    /// Where its revocation lists come from.
    #[must_use]
    pub fn crls(&self) -> &[CrlSource] {
        &self.crls
    }

    /// The addresses of its revocation lists.
    pub fn crl_urls(&self) -> impl Iterator<Item = &str> {
        self.crls.iter().filter_map(|source| match source {
            CrlSource::Url(url) => Some(url.as_str()),
            CrlSource::Given(_) => None,
        })
    }
}

/// Where a revocation list comes from. Configuration says it, never a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrlSource {
    /// This list. It serves until its nextUpdate.
    Given(Crl),
    /// Whatever list is at this address.
    Url(String),
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
    /// What is remembered of instances, if anything is.
    pub(crate) first_uses: Option<(Instances, FirstUses)>,
}

/// How often an instance may use documents. It counts for ever, whatever the age of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FirstUses {
    /// Once.
    Once,
    /// As often as it shows the nonce of its first use.
    WithNonce,
}

/// How the documents of a cloud name an instance: paths within the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Instances {
    pub(crate) cloud: &'static str,
    pub(crate) account: &'static [&'static str],
    pub(crate) instance: &'static [&'static str],
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
    room::require(node, &providers, problems);
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
        if other.keys != provider.keys || other.key_rules != provider.key_rules {
            problems.report(
                node,
                format!("`{first}` has the same issuer with other keys or algorithms"),
                format!(
                    "the `keys` and `algorithms` of `{first}`, and `type: spiffe` for both or none"
                ),
            );
        }
    }
}

fn read(node: &Node<'_>, own_issuer: &str, problems: &mut Problems) -> Option<Provider> {
    let mut members = node.members(problems)?;
    let kind = members.required("type", problems)?;
    let enabled = members.flag("enabled", true, problems);
    let has_own_key = |name| Preset::of_type(name).any(|it| it.takes() == Takes::Keys);
    // A client's key is all that its assertions prove, so there is nothing to demand of them.
    let trust_condition = match kind.value.as_str().is_some_and(has_own_key) {
        true => None,
        false => members.optional("trust_condition"),
    };
    let accepted = acceptance::read(members.optional("accept"), problems);
    let has_documents = |name| Preset::of_type(name).any(|it| it.takes() == Takes::Documents);
    let lists = match kind.value.as_str().is_some_and(has_documents) {
        true => documents::Lists::take(&mut members),
        false => documents::Lists::default(),
    };
    let chooses = |name| Preset::of_type(name).any(|it| it.definition().chooses_identity);
    let chosen = match kind.value.as_str().is_some_and(chooses) {
        true => members.optional("identity"),
        false => None,
    };
    let settings = read_settings(&kind, &mut members, own_issuer, problems);
    members.close(problems);
    let chosen = match chosen {
        None => None,
        Some(node) => Some(chosen_identity::read(&node, problems)?),
    };
    let Settings { preset, kind, rule } = settings?;
    if let ProviderKind::Oidc(provider) = &kind
        && shared_issuers::names_no_tenant(&provider.issuer)
    {
        problems.report(
            node,
            "this issuer is used for every tenant",
            "the issuer with the id of the tenant in it, as in the tokens",
        );
    }
    let own = match trust_condition {
        None => None,
        Some(node) => Some(read_condition(&node, preset, problems)?),
    };
    let own = lists.and(own, preset, problems)?;
    let trust_condition = match (rule, own) {
        (None, own) => own,
        (Some(rule), own) => {
            let rule = parse_condition(&rule, preset, node, problems)?;
            Some(both(rule, own, preset, node, problems)?)
        }
    };
    let mut provider = Provider {
        enabled: enabled?,
        preset,
        trust_condition,
        kind,
        identity: chosen.unwrap_or_else(|| Fields::from(preset.identity())),
        accepted: accepted?,
    };
    if provider.is_pinned() {
        provider.identity = Fields::from(PINNED);
    }
    Some(provider)
}

/// Whoever has a registered certificate chose the names in it: only which one it is says who.
const PINNED: Requirement = Requirement::new(&[&[&["cert", "fingerprint"]]]);

/// What a provider's type and settings come to.
struct Settings {
    preset: Preset,
    kind: ProviderKind,
    /// What every proof of the environment must meet.
    rule: Option<String>,
}

fn read_settings(
    kind: &Node<'_>,
    members: &mut Members<'_>,
    own_issuer: &str,
    problems: &mut Problems,
) -> Option<Settings> {
    let name = kind.text(problems)?;
    let Some(preset) = Preset::of_type(name).next() else {
        let message = format!("`{name}` is not a provider type");
        problems.report(kind, message, Preset::types_in_words());
        return None;
    };
    if preset.takes() == Takes::Svids {
        return svid::read(kind, name, members, own_issuer, problems);
    }
    let (preset, kind) = match preset.definition().proofs {
        Proofs::Tokens { .. } => {
            let issuers = oidc::Issuers { own: own_issuer, domain: None };
            (preset, ProviderKind::Oidc(oidc::read(members, preset, issuers, problems)?))
        }
        Proofs::Certificates => (preset, ProviderKind::Pca(pca::read(members, true, problems)?)),
        Proofs::Keys => (preset, ProviderKind::ClientKey(client_key::read(members, problems)?)),
        Proofs::Documents(_) => {
            let (preset, provider) = pkcs7::read(members, problems)?;
            (preset, ProviderKind::Pkcs7(provider))
        }
    };
    Some(Settings { preset, kind, rule: None })
}

/// A certificate: PEM text, or an object whose only member `pem` is one.
fn read_certificate(node: &Node<'_>, problems: &mut Problems) -> Option<Certificate> {
    parse_certificate(&certificate_text(node, problems)?, problems)
}

/// Where the text of a certificate is: the node itself, or the only member `pem` of an object.
fn certificate_text<'a>(node: &Node<'a>, problems: &mut Problems) -> Option<Node<'a>> {
    if node.value.as_object().is_none() {
        return Some(node.clone());
    }
    let mut members = node.members(problems)?;
    let text = match members.optional("certificate") {
        Some(node) => certificate_text(&node, problems),
        None => members.required("pem", problems),
    };
    members.close(problems);
    text
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

/// An expression that must be a condition over the client and the proof of `preset`.
pub(super) fn read_condition(
    node: &Node<'_>,
    preset: Preset,
    problems: &mut Problems,
) -> Option<Expression> {
    parse_condition(node.text(problems)?, preset, node, problems)
}

/// The condition `text`; what is wrong with it is reported at `node`.
pub(super) fn parse_condition(
    text: &str,
    preset: Preset,
    node: &Node<'_>,
    problems: &mut Problems,
) -> Option<Expression> {
    let parsed = Expression::parse(text)
        .and_then(|expression| expression.typed(&preset.models()))
        .and_then(|expression| expression.check_condition(&preset.models()).map(|()| expression));
    match parsed {
        Ok(expression) => Some(expression),
        Err(error) => {
            problems.report(node, error.to_string(), "a condition, as jwt.claims.sub == \"name\"");
            None
        }
    }
}

/// `first`, and `second` if there is one.
pub(super) fn both(
    first: Expression,
    second: Option<Expression>,
    preset: Preset,
    node: &Node<'_>,
    problems: &mut Problems,
) -> Option<Expression> {
    match second {
        None => Some(first),
        Some(second) => parse_condition(&conjunction(&[&first, &second]), preset, node, problems),
    }
}
