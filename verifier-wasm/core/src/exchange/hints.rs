//! What is probably meant by a name that the policy does not have.

use crate::nearest::nearest;
use crate::policy::TrustPolicy;
use crate::refusal::Code;
use crate::trace::Explanation;
use alloc::format;

/// Adds the nearest client or credential of the policy to an explanation that ended at an unknown one. Only an
/// operator reads explanations; a caller is never told which clients exist.
pub(super) fn add(
    explanation: &mut Explanation,
    policy: &TrustPolicy,
    client_id: Option<&str>,
    credential: Option<&str>,
) {
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
