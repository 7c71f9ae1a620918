//! What is probably meant by a name that the policy does not have.

use crate::nearest::nearest;
use crate::policy::{Provider, ProviderKind, TrustPolicy};
use crate::refusal::Code;
use crate::trace::Explanation;
use alloc::format;
use alloc::string::{String, ToString};

/// Adds the nearest client, credential or issuer of the policy to an explanation that ended at an unknown one. Only an
/// operator reads explanations; a caller is never told which clients exist.
pub(super) fn add(
    explanation: &mut Explanation,
    policy: &TrustPolicy,
    client_id: Option<&str>,
    credential: Option<&str>,
) {
    let claimed = explanation.refusal().and_then(|refusal| refusal.found_text());
    let claimed = claimed.map(ToString::to_string);
    explanation.hint(&[Code::IssuerUnknown], || issuer(policy, claimed.as_deref()?, client_id));
    let (Some(client_id), credential) = (client_id, credential.unwrap_or_default()) else { return };
    explanation.hint(&[Code::ClientUnknown], || {
        let near = nearest(client_id, policy.clients().map(|(id, _)| id))?;
        Some(format!("the policy has a client {near:?}"))
    });
    explanation.hint(&[Code::CredentialUnknown], || {
        let (_, client) = policy.clients().find(|(id, _)| *id == client_id)?;
        let near = nearest(credential, client.credentials().map(|(name, _)| name))?;
        Some(format!("the client has a credential {near:?}"))
    });
}

/// Why nothing is found for tokens of this issuer, or which issuer may be meant.
fn issuer(policy: &TrustPolicy, claimed: &str, client_id: Option<&str>) -> Option<String> {
    let own = |provider: &Provider| match provider.kind() {
        ProviderKind::Oidc(oidc) => oidc.issuer() == claimed,
        _ => false,
    };
    if let Some((name, provider)) = policy.providers().find(|(_, provider)| own(provider)) {
        return Some(match (provider.enabled, client_id) {
            (false, _) => format!("provider {name:?} has this issuer and is disabled"),
            (true, None) => {
                format!(
                    "provider {name:?} has this issuer, and no credential of it is discoverable"
                )
            }
            (true, Some(_)) => format!(
                "provider {name:?} has this issuer, and no credential of it is discoverable and the client's"
            ),
        });
    }
    let issuers = policy.providers().filter_map(|(_, provider)| match provider.kind() {
        ProviderKind::Oidc(oidc) => Some(oidc.issuer()),
        _ => None,
    });
    let near = nearest(claimed, issuers)?;
    Some(format!("the policy has a provider of the issuer {near:?}"))
}
