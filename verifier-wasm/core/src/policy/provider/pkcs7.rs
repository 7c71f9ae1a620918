//! Settings of a cloud that signs documents.

use super::{FirstUses, Instances, Pkcs7Provider, Preset, pca, read_certificate_member};
use crate::cms::{Allow, PinnedSigner};
use crate::document::{Members, Node, Problems};
use crate::limits::{DOCUMENT_ANCHORS, DOCUMENT_MAX_AGE_MAX};
use crate::policy::preset::{self, Documents, Regions};
use crate::signature::RsaLimit;
use crate::x509::{Certificate, TrustAnchor};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

mod audience;

pub use audience::guessable_audience;

pub(super) fn read(
    members: &mut Members<'_>,
    problems: &mut Problems,
) -> Option<(Preset, Pkcs7Provider)> {
    let profile = members.required("profile", problems);
    let signers = members.optional("signers");
    let anchors = members.optional("anchors");
    let intermediates = members.optional("intermediates");
    let allow = members.optional("allow");
    let audience = members.optional("audience");
    let freshness = members.optional("freshness");
    let max_age = members.optional("max_age");

    let node = profile?;
    let (preset, documents) = read_profile(&node, problems)?;
    let allow = read_allow(allow, documents, problems);
    let trusted = read_trusted(&node, (signers, anchors), documents, allow, problems);
    let is_pinned = trusted.as_ref().is_some_and(|(_, anchors)| anchors.is_empty());
    let intermediates = match intermediates {
        None => Some(Vec::new()),
        Some(node) if is_pinned => {
            let message = "pinned signers need no path to a root, so these would never be used";
            problems.report(&node, message, "`anchors` instead of `signers`, or none of these");
            None
        }
        Some(node) => pca::read_intermediates(&node, problems).map(|(read, _)| read),
    };
    let audience = audience::read(&node, audience, documents, problems);
    let first_uses = read_freshness(freshness, documents, problems);
    let max_age = read_max_age(&node, max_age, documents, problems);
    let (Signers { signers, regions }, anchors) = trusted?;
    let provider = Pkcs7Provider {
        profile: documents.profile,
        signers,
        anchors,
        intermediates: intermediates?,
        allow: allow?,
        regions,
        audience: audience?,
        max_age: max_age?,
        first_uses: first_uses?,
    };
    Some((preset, provider))
}

fn read_profile(node: &Node<'_>, problems: &mut Problems) -> Option<(Preset, &'static Documents)> {
    let name = node.text(problems)?;
    let found = Preset::of_documents().find(|(_, documents)| documents.name == name);
    if found.is_none() {
        let message = format!("`{name}` is not a profile of documents");
        problems.report(node, message, Preset::profiles_in_words());
    }
    found
}

/// Weak algorithms, each by its name. There is one: that of an older endpoint.
fn read_allow(
    node: Option<Node<'_>>,
    documents: &Documents,
    problems: &mut Problems,
) -> Option<Allow> {
    let Some(node) = node else { return Some(Allow::default()) };
    let names = node.names(problems)?;
    if !documents.sha1_dsa || names != ["sha1-dsa"] {
        let with_it = Preset::of_documents().filter(|(_, documents)| documents.sha1_dsa);
        let clouds: Vec<&str> = with_it.map(|(_, documents)| documents.name).collect();
        problems.report(
            &node,
            "there is nothing of this name to allow here",
            format!("sha1-dsa, for the `pkcs7` endpoint of {}", clouds.join(", ")),
        );
        return None;
    }
    Some(Allow { sha1_dsa: true, ..Allow::default() })
}

/// Whether instances are remembered besides. The age of a document counts in every mode.
fn read_freshness(
    node: Option<Node<'_>>,
    documents: &Documents,
    problems: &mut Problems,
) -> Option<Option<(Instances, FirstUses)>> {
    let Some(node) = node else { return Some(None) };
    // Behind the model, its text and its JSON.
    let within = |path: &'static [&'static str]| path.strip_prefix(&DOCUMENT).unwrap_or_default();
    let instances = Instances {
        cloud: documents.name,
        account: within(documents.owner),
        instance: within(documents.individual),
    };
    match node.text(problems)? {
        "max_age" => Some(None),
        "once_per_instance" => Some(Some((instances, FirstUses::Once))),
        "first_use_with_nonce" => Some(Some((instances, FirstUses::WithNonce))),
        _ => {
            let expected = "max_age, once_per_instance or first_use_with_nonce";
            problems.report(&node, "this is not a mode of freshness", expected);
            None
        }
    }
}

/// Where the members of a document are in its model.
const DOCUMENT: [&str; 3] = ["pkcs7", "payload", "jsonData"];

/// Where no default can be right the author must choose.
fn read_max_age(
    profile_node: &Node<'_>,
    max_age: Option<Node<'_>>,
    documents: &Documents,
    problems: &mut Problems,
) -> Option<i64> {
    match (documents.max_age, max_age) {
        (_, Some(node)) => node.seconds(1..=DOCUMENT_MAX_AGE_MAX, problems),
        (None, None) => {
            problems.report(
                profile_node,
                format!("documents of {} do not expire and can be replayed", documents.name),
                "`max_age` beside the profile: seconds since the start of the instance",
            );
            None
        }
        (default, None) => default,
    }
}

/// The pinned signers, and the regions of those that have one.
#[derive(Default)]
struct Signers {
    signers: Vec<PinnedSigner>,
    regions: BTreeMap<[u8; 32], BTreeSet<String>>,
}

/// Pinned signers, or roots of signers: never neither. A root needs certificates in the messages that lead to it.
fn read_trusted(
    profile_node: &Node<'_>,
    (signers, anchors): (Option<Node<'_>>, Option<Node<'_>>),
    documents: &Documents,
    allow: Option<Allow>,
    problems: &mut Problems,
) -> Option<(Signers, Vec<TrustAnchor>)> {
    match (signers, anchors) {
        (Some(node), None) => {
            refuse_name(&node, problems)?;
            Some((read_signers(&node, documents, allow?, problems)?, Vec::new()))
        }
        (None, Some(node)) if documents.signers == preset::Signers::Rooted => {
            refuse_name(&node, problems)?;
            let (anchors, _) =
                pca::read_anchors(&node, DOCUMENT_ANCHORS, RsaLimit::Standard, problems)?;
            Some((Signers::default(), anchors))
        }
        (None, Some(node)) => {
            refuse_name(&node, problems)?;
            problems.report(
                &node,
                "the documents of this cloud carry no certificates, so none can lead to a root",
                "`signers` with the certificates that the cloud publishes",
            );
            None
        }
        (Some(_), Some(node)) => {
            problems.report(
                &node,
                "signers are pinned or have a root, not both",
                "either `signers` or `anchors`",
            );
            None
        }
        (None, None) => {
            let expected = match documents.signers {
                preset::Signers::Rooted => "`anchors`, the roots of the cloud's signers",
                preset::Signers::Pinned => "`signers`, the certificates that the cloud publishes",
            };
            problems.report(profile_node, "it does not say who may sign", expected);
            None
        }
    }
}

/// A name means certificates, by which the loader of a policy replaces it. Here none is left.
fn refuse_name(node: &Node<'_>, problems: &mut Problems) -> Option<()> {
    if node.value.as_str().is_none() {
        return Some(());
    }
    problems.report(
        node,
        "this is a name for certificates, or none, and not the certificates",
        "the certificates: `credmint policy bundle` puts them in the place of a name that it knows",
    );
    None
}

fn read_signers(
    node: &Node<'_>,
    documents: &Documents,
    allow: Allow,
    problems: &mut Problems,
) -> Option<Signers> {
    let mut all = Signers::default();
    for element in node.elements(problems)? {
        refuse_name(&element, problems)?;
        let (signer, regions) = read_signer(&element, documents, allow, problems)?;
        let fingerprint = signer.certificate().fingerprint_sha256();
        if all.signers.iter().any(|other| same_name(other.certificate(), signer.certificate())) {
            problems.report(
                &element,
                "another signer has this issuer and serial number",
                "each signer once: a message names its signer by them",
            );
            return None;
        }
        if !regions.is_empty() {
            all.regions.insert(fingerprint, regions);
        }
        all.signers.push(signer);
    }
    Some(all)
}

/// Whether a message cannot tell the two apart.
fn same_name(one: &Certificate, other: &Certificate) -> bool {
    one.issuer_der() == other.issuer_der() && one.serial() == other.serial()
}

fn read_signer(
    node: &Node<'_>,
    documents: &Documents,
    allow: Allow,
    problems: &mut Problems,
) -> Option<(PinnedSigner, BTreeSet<String>)> {
    let mut members = node.members(problems)?;
    let certificate = read_certificate_member(&mut members, problems);
    let region = members.optional("region");
    members.close(problems);
    let regions = match region {
        None => BTreeSet::new(),
        Some(node) if documents.regions == Regions::Unknown => {
            problems.report(&node, "documents of this cloud name no region", "no `region`");
            return None;
        }
        Some(node) => read_regions(&node, problems)?,
    };
    let signer = match PinnedSigner::from_certificate_allowing(certificate?, allow) {
        Ok(signer) => signer,
        Err(refusal) => {
            problems.report(node, refusal.to_string(), "the certificate of a document signer");
            return None;
        }
    };
    // An older endpoint has one signer for all.
    if documents.regions == Regions::Required && regions.is_empty() && !signer.is_legacy() {
        problems.report(node, "`region` is missing", "the region that this certificate signs for");
        return None;
    }
    Some((signer, regions))
}

/// One region, or a list of them.
fn read_regions(node: &Node<'_>, problems: &mut Problems) -> Option<BTreeSet<String>> {
    let mut regions = BTreeSet::new();
    if node.value.as_array().is_some() {
        regions.extend(node.names(problems)?);
    } else {
        regions.insert(node.name(problems)?.to_string());
    }
    Some(regions)
}
