//! Settings of a SPIFFE trust domain: X.509-SVIDs by roots, or JWT-SVIDs by keys.

use super::{Preset, ProviderKind, Settings, oidc, pca};
use crate::document::{Members, Node, Problems};
use alloc::format;

/// The longest name of a trust domain (SPIFFE ID section 2.1), in octets.
const TRUST_DOMAIN_BYTES: usize = 255;

pub(super) fn read(
    kind: &Node<'_>,
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
    let settings = if by_certificate {
        pca::read(members, problems).map(|it| (Preset::SpiffeX509, ProviderKind::Pca(it)))
    } else {
        let provider = oidc::read(members, Preset::SpiffeJwt, own_issuer, problems);
        provider.map(|it| (Preset::SpiffeJwt, ProviderKind::Oidc(it)))
    };
    let domain = read_trust_domain(&domain?, problems)?;
    let (preset, kind) = settings?;
    // An X.509-SVID has exactly one URI (X509-SVID section 2).
    let rule = match preset {
        Preset::SpiffeX509 => format!(
            "cert.san.uri.size() == 1 && cert.san.uri[0].startsWith(\"spiffe://{domain}/\")"
        ),
        _ => format!("jwt.claims.sub.startsWith(\"spiffe://{domain}/\")"),
    };
    Some(Settings { preset, kind, rule: Some(rule) })
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
