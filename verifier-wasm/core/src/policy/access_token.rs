//! What a policy says of the access tokens that come of it: their lifetime, and the key that they are bound to.

use crate::document::{Members, Node, Problems};
use crate::limits;
use alloc::format;

/// A lifetime of access tokens, in seconds.
pub(super) fn read_lifetime(node: &Node<'_>, problems: &mut Problems) -> Option<i64> {
    node.seconds(limits::ACCESS_TOKEN_LIFETIME_MIN..=limits::ACCESS_TOKEN_LIFETIME_MAX, problems)
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
