//! Settings of a cloud that signs documents.

use super::{Pkcs7Provider, read_certificate_member};
use crate::cms::{PinnedSigner, Profile};
use crate::limits;
use crate::policy::reader::{Members, Node, Problems};
use crate::x509::Certificate;
use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The longest `max_age`, in seconds: what the compatible client can be told to keep a document for.
const MAX_AGE: i64 = 1_314_000;

pub(super) fn read(members: &mut Members<'_>, problems: &mut Problems) -> Option<Pkcs7Provider> {
    let profile = members.required("profile", problems);
    let signers = members.required("signers", problems);
    let audience = members.optional("audience");
    let max_age = members.optional("max_age");

    let node = profile?;
    let profile = match node.text(problems)? {
        "amazon_ec2" => Profile::AmazonEc2,
        "alibaba_ecs" => Profile::AlibabaEcs,
        other => {
            problems.report(
                &node,
                format!("`{other}` is not a profile of documents"),
                "amazon_ec2 or alibaba_ecs",
            );
            return None;
        }
    };
    let signers = signers.and_then(|node| read_signers(&node, profile, problems));
    let audience = read_audience(&node, audience, profile, problems);
    let max_age = read_max_age(&node, max_age, profile, problems);
    let Signers { signers, regions } = signers?;
    Some(Pkcs7Provider { profile, signers, regions, audience: audience?, max_age: max_age? })
}

/// Alibaba signs the audience that the workload asked for, so one is required; Amazon signs none, so a
/// configured one would promise what nobody checks.
fn read_audience(
    profile_node: &Node<'_>,
    audience: Option<Node<'_>>,
    profile: Profile,
    problems: &mut Problems,
) -> Option<Option<String>> {
    match (profile, audience) {
        (Profile::AmazonEc2, None) => Some(None),
        (Profile::AmazonEc2, Some(node)) => {
            problems.report(&node, "documents of amazon_ec2 name no audience", "no `audience`");
            None
        }
        (_, Some(node)) => Some(Some(node.name(problems)?.to_string())),
        (_, None) => {
            problems.report(
                profile_node,
                "documents of alibaba_ecs must name an audience",
                "`audience` beside the profile: this installation's identifier, hard to guess",
            );
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
struct Signers {
    signers: Vec<PinnedSigner>,
    regions: BTreeMap<[u8; 32], String>,
}

fn read_signers(node: &Node<'_>, profile: Profile, problems: &mut Problems) -> Option<Signers> {
    let mut all = Signers { signers: Vec::new(), regions: BTreeMap::new() };
    for element in node.elements(problems)? {
        let (signer, region) = read_signer(&element, profile, problems)?;
        let fingerprint = signer.certificate().fingerprint_sha256();
        if all.signers.iter().any(|other| same_name(other.certificate(), signer.certificate())) {
            problems.report(
                &element,
                "another signer has this issuer and serial number",
                "each signer once: a message names its signer by them",
            );
            return None;
        }
        if let Some(region) = region {
            all.regions.insert(fingerprint, region);
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
    problems: &mut Problems,
) -> Option<(PinnedSigner, Option<String>)> {
    let mut members = node.members(problems)?;
    let certificate = read_certificate_member(&mut members, problems);
    let region = match profile {
        // Amazon has one signer a region, and all of them have one issuer name.
        Profile::AmazonEc2 => members.required("region", problems),
        _ => members.optional("region"),
    };
    members.close(problems);
    let region = match region {
        None if profile == Profile::AmazonEc2 => return None,
        None => None,
        Some(node) => Some(node.name(problems)?.to_string()),
    };
    match PinnedSigner::from_certificate(certificate?) {
        Ok(signer) => Some((signer, region)),
        Err(refusal) => {
            problems.report(node, refusal.to_string(), "the certificate of a document signer");
            None
        }
    }
}
