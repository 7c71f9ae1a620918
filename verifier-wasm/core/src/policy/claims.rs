//! What a credential writes into its access tokens beside what they always say.

use super::presets::Preset;
use crate::document::{Node, Problems};
use crate::expr::Expression;
use crate::limits;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// Claims that say what a token is (RFC 7519 section 4.1, RFC 9068, RFC 7800, RFC 8693): no mapping writes them.
pub(crate) const RESERVED_CLAIMS: [&str; 12] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "client_id",
    "scope",
    "cnf",
    "act",
    "application_federated_credential_name",
];

/// The member of `attributes` whose value follows the client id in `sub`.
const ACTIVE_SUBJECT: &str = "client.activeSubjectUrn";

/// Where the values of a credential's attributes come from.
#[derive(Debug, Default)]
pub(crate) struct ClaimMappings {
    pub(crate) active_subject_urn: Option<Expression>,
    /// By the name of the claim, in order.
    pub(crate) claims: Vec<(String, Expression)>,
}

pub(super) fn read(
    node: &Node<'_>,
    preset: Preset,
    problems: &mut Problems,
) -> Option<ClaimMappings> {
    let mut mappings = ClaimMappings::default();
    let entries = node.entries(problems)?;
    let mut good = true;
    if entries.len() > limits::CLAIM_MAPPINGS {
        let most = format!("{} at most", limits::CLAIM_MAPPINGS);
        problems.report(node, "there are too many attributes", most);
        good = false;
    }
    for (name, entry) in entries {
        let is_subject = name == ACTIVE_SUBJECT;
        if !is_subject && !is_free(name, &entry, problems) {
            good = false;
            continue;
        }
        match read_source(&entry, is_subject, preset, problems) {
            Some(source) if is_subject => mappings.active_subject_urn = Some(source),
            Some(source) => mappings.claims.push((name.to_string(), source)),
            None => good = false,
        }
    }
    good.then_some(mappings)
}

/// Whether a mapping may write the claim `name`.
fn is_free(name: &str, node: &Node<'_>, problems: &mut Problems) -> bool {
    // Some readers of JSON take a member in other letters for the one that they look for.
    if RESERVED_CLAIMS.iter().any(|reserved| name.eq_ignore_ascii_case(reserved)) {
        let message = format!("`{name}` says what a token is, and no mapping writes it");
        problems.report(node, message, "a claim of another name");
        return false;
    }
    let is_name = (1..=limits::NAME_BYTES).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    if !is_name || name.starts_with("client.") {
        let expected = "client.activeSubjectUrn, or the name of a claim: printable ASCII without blank, `\"` and `\\`";
        problems.report(node, format!("`{name}` is not known here"), expected);
        return false;
    }
    true
}

fn read_source(
    node: &Node<'_>,
    is_subject: bool,
    preset: Preset,
    problems: &mut Problems,
) -> Option<Expression> {
    let text = node.text(problems)?;
    let models = preset.models();
    let parsed = Expression::parse(text).and_then(|expression| expression.typed(&models));
    let parsed = parsed.and_then(|expression| {
        let checked = if is_subject {
            expression.check_mapping(&models)
        } else {
            expression.check_claim(&models)
        };
        checked.map(|()| expression)
    });
    match parsed {
        Ok(expression) => Some(expression),
        Err(error) => {
            problems.report(node, error.to_string(), "an expression that gives a string");
            None
        }
    }
}
