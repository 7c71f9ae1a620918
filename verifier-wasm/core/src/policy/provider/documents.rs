//! Lists of accounts and instances: the short way to say whose documents are meant.
//!
//! A list is a condition on one field, `accountId in ["1", "2"]` for instance, and stands before the condition
//! that the author wrote. So everything that reads conditions knows of it: the rule that every credential says
//! who, the reasons of refusals, the tests of a policy.

use super::Preset;
use crate::document::{Members, Node, Problems};
use crate::expr::Expression;
use crate::limits::POLICY_LIST;
use crate::policy::preset::Path;
use crate::policy::structured::{spelled, spelled_value};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

/// The two lists of a provider or of a credential, unread.
#[derive(Default)]
pub(in crate::policy) struct Lists<'a> {
    accounts: Option<Node<'a>>,
    instances: Option<Node<'a>>,
}

impl<'a> Lists<'a> {
    pub(in crate::policy) fn take(members: &mut Members<'a>) -> Self {
        Self { accounts: members.optional("accounts"), instances: members.optional("instances") }
    }

    /// The lists and `condition` together.
    pub(in crate::policy) fn and(
        self,
        condition: Option<Expression>,
        preset: Preset,
        problems: &mut Problems,
    ) -> Option<Option<Expression>> {
        let Some(first) = self.accounts.clone().or_else(|| self.instances.clone()) else {
            return Some(condition);
        };
        let Some(documents) = preset.definition().documents() else {
            problems.report(&first, "only documents have accounts and instances", "no such list");
            return None;
        };
        let mut clauses = Vec::new();
        for (node, field) in
            [(self.accounts, documents.owner), (self.instances, documents.individual)]
        {
            if let Some(node) = node {
                clauses.push(clause(&node, field, preset, problems)?);
            }
        }
        if let Some(condition) = condition {
            clauses.push(format!("({})", condition.text()));
        }
        let joined = Expression::parse(&clauses.join(" && "))
            .and_then(|joined| joined.typed(&preset.models()))
            .and_then(|joined| joined.check_condition(&preset.models()).map(|()| joined));
        match joined {
            Ok(joined) => Some(Some(joined)),
            Err(error) => {
                problems.report(&first, format!("with its condition: {error}"), "a shorter list");
                None
            }
        }
    }
}

fn clause(node: &Node<'_>, field: Path, preset: Preset, problems: &mut Problems) -> Option<String> {
    let names = node.names(problems)?;
    if names.len() > POLICY_LIST {
        problems.report(node, "this list is too long", format!("at most {POLICY_LIST} elements"));
        return None;
    }
    let is_id = |name: &String| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !names.iter().all(is_id) {
        problems.report(node, "this is not a list of ids", "letters, digits and -");
        return None;
    }
    let form = preset.form_of(field);
    let mut quoted = Vec::new();
    for (name, element) in names.iter().zip(node.elements(problems)?) {
        let name = spelled_value(name, form, &element, problems)?;
        quoted.push(format!("\"{name}\""));
    }
    Some(format!("{} in [{}]", spelled(field), quoted.join(", ")))
}
