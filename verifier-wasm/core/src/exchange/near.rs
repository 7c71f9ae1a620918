//! What is near to a proof that is nobody's: the discoverable credential whose conditions fail in the least, or one whose
//! conditions hold and that is not discoverable. Only an operator reads it.

use super::judge::conditions_hold;
use crate::expr::{Clause, Facts};
use crate::policy::{Binding, ProviderBinding};
use crate::proof::Stating;
use crate::trace::Seen;
use alloc::format;
use alloc::string::String;

/// What to say of a proof that was stated to each of these providers and is of no credential, of `client_id` where one is
/// named.
pub(super) fn seen<'p, 's>(
    stated: impl Iterator<Item = (ProviderBinding<'p>, &'s Stating)>,
    client_id: Option<&str>,
) -> Seen {
    let mut nearest: Option<(usize, Near<'p>)> = None;
    for (to, stating) in stated {
        for binding in bindings(to, client_id) {
            let statement = stating.clone().bound(&binding);
            if !binding.credential.is_discoverable() {
                if conditions_hold(&statement, &binding) {
                    let hint = format!("{} would be found if it were discoverable", name(&binding));
                    return Seen { hint: Some(hint), ..Seen::nothing() };
                }
                continue;
            }
            let Some((missed, clause)) = missed(&binding, statement.facts()) else { continue };
            if nearest.as_ref().is_none_or(|(least, _)| missed < *least) {
                nearest = Some((missed, Near { binding, clause }));
            }
        }
    }
    match nearest {
        None => Seen::nothing(),
        Some((_, Near { binding, clause })) => {
            let hint = format!("{} comes nearest; this is its condition", name(&binding));
            Seen { clause: Some(clause), hint: Some(hint), ..Seen::nothing() }
        }
    }
}

/// A credential that is not the proof's, and why.
struct Near<'p> {
    binding: Binding<'p>,
    clause: Clause,
}

/// As the `credential` of a test has it.
fn name(binding: &Binding<'_>) -> String {
    format!("{}/{}", binding.client_id, binding.credential_name)
}

/// Every enabled credential of a provider.
fn bindings<'p>(
    to: ProviderBinding<'p>,
    client_id: Option<&str>,
) -> impl Iterator<Item = Binding<'p>> {
    let clients =
        to.policy.clients().filter(move |(id, _)| client_id.is_none_or(|named| named == *id));
    clients.flat_map(move |(id, client)| {
        let own = client.credentials().filter(move |(_, it)| it.provider() == to.name);
        own.filter_map(move |(name, _)| to.policy.bind_named(id, name).ok())
    })
}

/// How much is missing for the conditions of a binding to hold, and the first that does not.
fn missed(binding: &Binding<'_>, facts: &Facts) -> Option<(usize, Clause)> {
    let conditions = binding.provider.trust_condition.iter().chain(&binding.credential.condition);
    let clauses = conditions.map(|condition| condition.clauses(facts));
    let mut failing = clauses.filter(|clause| clause.holds != Ok(true));
    let first = failing.next()?;
    let all = failing.map(|clause| weight(&clause)).fold(weight(&first), usize::saturating_add);
    Some((all, first))
}

/// Two for each part that does not hold, one for a part that something near was found for; of alternatives the nearest
/// counts. The depth of the recursion is that of the expression, which its parser bounds.
fn weight(clause: &Clause) -> usize {
    let parts = clause.parts.iter().map(weight);
    match clause.operator {
        _ if clause.holds == Ok(true) => 0,
        "&&" => parts.fold(0, usize::saturating_add),
        "||" => parts.min().unwrap_or_default(),
        _ if clause.hint.is_some() => 1,
        _ => 2,
    }
}
