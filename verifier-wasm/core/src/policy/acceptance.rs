//! `accept`: findings that the author knows of.

use super::findings::LintId;
use crate::document::{Node, Problems};
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A finding that the author knows of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Acceptance {
    pub(super) lint: LintId,
    /// Where it is accepted.
    pub(super) scope: String,
    /// Where the acceptance itself is.
    pub(super) pointer: String,
}

/// `accept`, a member of what it is about.
pub(super) fn read(node: Option<Node<'_>>, problems: &mut Problems) -> Option<Vec<Acceptance>> {
    let Some(node) = node else { return Some(Vec::new()) };
    node.elements(problems)?.iter().map(|element| read_one(element, problems)).collect()
}

fn read_one(node: &Node<'_>, problems: &mut Problems) -> Option<Acceptance> {
    let mut members = node.members(problems)?;
    let lint = members.required("lint", problems);
    let reason = members.required("reason", problems);
    members.close(problems);
    let reason = reason?;
    if reason.text(problems)?.trim().is_empty() {
        problems.report(&reason, "no reason is given", "why this is intended");
        return None;
    }
    let lint = lint?;
    let Some(id) = LintId::from_name(lint.text(problems)?) else {
        let known: Vec<&str> = LintId::ALL.iter().map(|id| id.as_str()).collect();
        problems.report(&lint, "there is no such finding", known.join(", "));
        return None;
    };
    let pointer = node.pointer().to_string();
    // The element, then the list: what is left is what they are about.
    let scope = pointer.rsplitn(3, '/').nth(2).unwrap_or_default().to_string();
    Some(Acceptance { lint: id, scope, pointer })
}
