//! What a policy says of the access tokens that come of it: their lifetime, what signs them, and the key that they are bound to.

use crate::document::{Members, Node, Problems};
use crate::jose::Algorithm;
use crate::limits;
use alloc::format;

/// What an issuer may sign access tokens with.
const SIGNING: [Algorithm; 4] =
    [Algorithm::Es256, Algorithm::Rs256, Algorithm::Ps256, Algorithm::EdDsa];

/// A lifetime of access tokens, in seconds.
pub(super) fn read_lifetime(node: &Node<'_>, problems: &mut Problems) -> Option<i64> {
    node.seconds(limits::ACCESS_TOKEN_LIFETIME_MIN..=limits::ACCESS_TOKEN_LIFETIME_MAX, problems)
}

/// The algorithm that access tokens are signed with, by its one name.
pub(super) fn read_signing_algorithm(
    node: &Node<'_>,
    problems: &mut Problems,
) -> Option<Algorithm> {
    let name = node.text(problems)?;
    let found = SIGNING.into_iter().find(|algorithm| algorithm.as_str() == name);
    if found.is_none() {
        let message = format!("access tokens are not signed with `{name}`");
        problems.report(node, message, "ES256, RS256, PS256 or EdDSA");
    }
    found
}

/// Binding a token to its sender's key is a promise of the policy that is not enforced yet.
pub(super) fn refuse_sender_binding(members: &mut Members<'_>, problems: &mut Problems) {
    let Some(node) = members.optional("sender_binding") else { return };
    match node.text(problems) {
        Some(way @ ("dpop" | "mtls")) => problems.report(
            &node,
            format!("`{way}` is not enforced by this version, so a policy that asks for it does not load"),
            "no `sender_binding`",
        ),
        Some(_) => problems.report(&node, "this is not a way to bind a token", "dpop or mtls"),
        None => {}
    }
}
