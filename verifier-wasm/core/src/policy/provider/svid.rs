//! Settings of a trust domain, whose workloads have certificates or tokens.

use super::{Preset, ProviderKind, Settings, oidc, pca};
use crate::document::{Members, Node, Problems};
use crate::limits::TRUST_DOMAIN_BYTES;
use crate::policy::preset::Proofs;
use alloc::format;

/// Reads a provider of the type `name`, which has a preset for each kind of proof.
pub(super) fn read(
    kind: &Node<'_>,
    name: &str,
    members: &mut Members<'_>,
    own_issuer: &str,
    problems: &mut Problems,
) -> Option<Settings> {
    let domain = members.required("trust_domain", problems);
    let by_certificate = members.has("roots");
    if by_certificate == members.has("keys") {
        problems.report(
            kind,
            "an SVID is a certificate or a token",
            "`roots` for X.509-SVIDs, or `keys` for JWT-SVIDs; a provider each for both",
        );
        members.skip();
        return None;
    }
    let has_certificates =
        |preset: &Preset| matches!(preset.definition().proofs, Proofs::Certificates);
    let preset = Preset::of_type(name).find(|preset| has_certificates(preset) == by_certificate)?;
    let domain = domain.and_then(|node| read_trust_domain(&node, problems));
    let kind = match by_certificate {
        true => pca::read(members, false, problems).map(ProviderKind::Pca),
        false => {
            let id = format!("spiffe://{}", domain.unwrap_or_default());
            let issuers = oidc::Issuers { own: own_issuer, domain: Some(&id) };
            oidc::read(members, preset, issuers, problems).map(ProviderKind::Oidc)
        }
    };
    let domain = domain?;
    let rule = preset.definition().rule.map(|rule| rule.replace("{trust_domain}", domain));
    Some(Settings { preset, kind: kind?, rule })
}

/// The name of a trust domain (SPIFFE ID section 2.1).
fn read_trust_domain<'n>(node: &Node<'n>, problems: &mut Problems) -> Option<&'n str> {
    let name = node.text(problems)?;
    let fits = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_')
    };
    if (1..=TRUST_DOMAIN_BYTES).contains(&name.len()) && name.bytes().all(fits) {
        return Some(name);
    }
    problems.report(
        node,
        "this is not a trust domain",
        "a name of a-z, 0-9, `.`, `-` and `_`, as example.org, without `spiffe://`",
    );
    None
}
