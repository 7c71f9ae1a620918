//! Settings of a cloud that signs documents.

use super::{Pkcs7Provider, pca, read_certificate_member};
use crate::cms::{Allow, PinnedSigner, Profile};
use crate::document::{Members, Node, Problems};
use crate::limits;
use crate::x509::{Certificate, TrustAnchor};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

mod audience;

pub use audience::guessable_audience;

/// The longest `max_age`, in seconds: what the compatible client can be told to keep a document for.
const MAX_AGE: i64 = 1_314_000;

/// More roots than a cloud's signers have at one time would be several clouds under one name.
const ANCHORS: usize = 16;

pub(super) fn read(members: &mut Members<'_>, problems: &mut Problems) -> Option<Pkcs7Provider> {
    let profile = members.required("profile", problems);
    let signers = members.optional("signers");
    let anchors = members.optional("anchors");
    let intermediates = members.optional("intermediates");
    let allow = members.optional("allow");
    let audience = members.optional("audience");
    let freshness = members.optional("freshness");
    let max_age = members.optional("max_age");

    let node = profile?;
    let profile = read_profile(&node, problems)?;
    let allow = read_allow(allow, profile, problems);
    let trusted = read_trusted(&node, (signers, anchors), profile, allow, problems);
    let is_pinned = trusted.as_ref().is_some_and(|(_, anchors)| anchors.is_empty());
    let intermediates = match intermediates {
        None => Some(Vec::new()),
        Some(node) if is_pinned => {
            let message = "pinned signers need no path to a root, so nobody would read these";
            problems.report(
                &node,
                message,
                "`anchors` in the place of `signers`, or none of these",
            );
            None
        }
        Some(node) => pca::read_intermediates(&node, problems),
    };
    let audience = audience::read(&node, audience, profile, problems);
    let is_known = freshness.is_none_or(|node| read_freshness(&node, problems).is_some());
    let max_age = read_max_age(&node, max_age, profile, problems);
    let (Signers { signers, regions }, anchors) = trusted?;
    is_known.then_some(())?;
    Some(Pkcs7Provider {
        profile,
        signers,
        anchors,
        intermediates: intermediates?,
        allow: allow?,
        regions,
        audience: audience?,
        max_age: max_age?,
    })
}

fn read_profile(node: &Node<'_>, problems: &mut Problems) -> Option<Profile> {
    match node.text(problems)? {
        "amazon_ec2" => Some(Profile::AmazonEc2),
        "alibaba_ecs" => Some(Profile::AlibabaEcs),
        "azure_attested" => Some(Profile::AzureAttested),
        other => {
            problems.report(
                node,
                format!("`{other}` is not a profile of documents"),
                "amazon_ec2, alibaba_ecs or azure_attested",
            );
            None
        }
    }
}

/// Weak algorithms, each by its name. There is one: that of EC2's older endpoint.
fn read_allow(node: Option<Node<'_>>, profile: Profile, problems: &mut Problems) -> Option<Allow> {
    let Some(node) = node else { return Some(Allow::default()) };
    let names = node.names(problems)?;
    if profile != Profile::AmazonEc2 || names != ["sha1-dsa"] {
        problems.report(
            &node,
            "there is nothing of this name to allow here",
            "sha1-dsa, for the `pkcs7` endpoint of amazon_ec2",
        );
        return None;
    }
    Some(Allow { sha1_dsa: true, ..Allow::default() })
}

/// Modes that need a memory of instances which the issuer does not have. They are named here so that nobody
/// believes that they hold.
fn read_freshness(node: &Node<'_>, problems: &mut Problems) -> Option<()> {
    match node.text(problems)? {
        "max_age" => Some(()),
        mode @ ("once_per_instance" | "first_use_with_nonce") => {
            problems.report(
                node,
                format!("`{mode}` is reserved and not enforced yet"),
                "max_age; bind accounts and instances besides",
            );
            None
        }
        _ => {
            problems.report(node, "this is not a mode of freshness", "max_age");
            None
        }
    }
}

/// Amazon's documents age from the start of the instance, so no default can be right: the author must choose.
fn read_max_age(
    profile_node: &Node<'_>,
    max_age: Option<Node<'_>>,
    profile: Profile,
    problems: &mut Problems,
) -> Option<i64> {
    match (profile, max_age) {
        (_, Some(node)) => node.seconds(1..=MAX_AGE, problems),
        (Profile::AmazonEc2, None) => {
            problems.report(
                profile_node,
                "documents of amazon_ec2 do not expire and can be replayed",
                "`max_age` beside the profile: seconds since the start of the instance",
            );
            None
        }
        (_, None) => Some(limits::DOCUMENT_MAX_AGE),
    }
}

/// The pinned signers, and the regions of those that have one.
#[derive(Default)]
struct Signers {
    signers: Vec<PinnedSigner>,
    regions: BTreeMap<[u8; 32], BTreeSet<String>>,
}

/// Pinned signers, or roots of signers: never neither. Only Azure sends the certificates that lead to a root.
fn read_trusted(
    profile_node: &Node<'_>,
    (signers, anchors): (Option<Node<'_>>, Option<Node<'_>>),
    profile: Profile,
    allow: Option<Allow>,
    problems: &mut Problems,
) -> Option<(Signers, Vec<TrustAnchor>)> {
    match (signers, anchors) {
        (Some(node), None) => {
            refuse_name(&node, problems)?;
            Some((read_signers(&node, profile, allow?, problems)?, Vec::new()))
        }
        (None, Some(node)) if profile == Profile::AzureAttested => {
            refuse_name(&node, problems)?;
            let anchors = pca::read_anchors(&node, ANCHORS, problems)?;
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
            let expected = match profile {
                Profile::AzureAttested => "`anchors`, the roots of Azure's signers",
                _ => "`signers`, the certificates that the cloud publishes",
            };
            problems.report(profile_node, "it says nowhere who may sign", expected);
            None
        }
    }
}

/// A name stands for certificates, which whoever loads a policy puts in its place. Here none is left.
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
    profile: Profile,
    allow: Allow,
    problems: &mut Problems,
) -> Option<Signers> {
    let mut all = Signers::default();
    for element in node.elements(problems)? {
        refuse_name(&element, problems)?;
        let (signer, regions) = read_signer(&element, profile, allow, problems)?;
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
    profile: Profile,
    allow: Allow,
    problems: &mut Problems,
) -> Option<(PinnedSigner, BTreeSet<String>)> {
    let mut members = node.members(problems)?;
    let certificate = read_certificate_member(&mut members, problems);
    let region = members.optional("region");
    members.close(problems);
    let regions = match region {
        None => BTreeSet::new(),
        Some(node) if profile == Profile::AzureAttested => {
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
    // Amazon has one signer a region, and all of them have one issuer name. Its older endpoint has one signer
    // for all.
    if profile == Profile::AmazonEc2 && regions.is_empty() && !signer.is_legacy() {
        problems.report(node, "`region` is missing", "the region that this certificate signs for");
        return None;
    }
    Some((signer, regions))
}

/// One region, or a list of them.
fn read_regions(node: &Node<'_>, problems: &mut Problems) -> Option<BTreeSet<String>> {
    if node.value.as_array().is_some() {
        return Some(node.names(problems)?.into_iter().collect());
    }
    Some(BTreeSet::from([node.name(problems)?.to_string()]))
}
