//! The caller's options: JSON text, read by the reader of all documents.
//!
//! What has no JSON form (`keys`, `now`, `fetch`) stays in JavaScript, which checks it; here its name is known and its
//! value is `true`.

use credmint_core::document::{self, Members, Node, Problem, Problems};
use credmint_core::guard::{GuardRules, TimeMembers};
use credmint_core::json;
use credmint_core::keys::{KeySource, is_https};
use credmint_core::limits;

/// What the members about times are called in JavaScript.
const TIMES: TimeMembers =
    TimeMembers { skew: "clockSkewSeconds", max_lifetime: "maxLifetimeSeconds" };

/// The options of `verifyAccessToken`.
pub(crate) fn verification(text: &str) -> Result<GuardRules, Vec<Problem>> {
    read(text, |members, problems| {
        let rules = GuardRules::read(members, None, TIMES, problems);
        members.required("keys", problems);
        members.optional("now");
        rules
    })
}

/// The options of `createKeySet`: the issuer, and where its keys are.
pub(crate) fn key_set(text: &str) -> Result<(String, KeySource), Vec<Problem>> {
    read(text, |members, problems| {
        let issuer = members.required("issuer", problems);
        let uri = members.optional("jwksUri");
        members.optional("fetch");
        let timeout = members.optional("timeoutSeconds");
        let most = limits::FETCH_TIMEOUT_MAX;
        let in_time =
            timeout.is_none_or(|node| node.is_positive(most, "seconds", problems).is_some());
        let issuer_node = issuer?;
        let issuer = url(&issuer_node, problems);
        let source = match uri {
            Some(uri) => url(&uri, problems).map(KeySource::JwksUri),
            None if issuer.as_ref().is_some_and(|issuer| issuer.contains('?')) => {
                let expected = "no query, or `jwksUri` beside it";
                problems.report(&issuer_node, "keys cannot be discovered at this issuer", expected);
                None
            }
            None => Some(KeySource::Discovery),
        };
        in_time.then_some((issuer?, source?))
    })
}

/// The members of an object that has none but those that `reader` takes.
fn read<T>(
    text: &str,
    reader: impl FnOnce(&mut Members<'_>, &mut Problems) -> Option<T>,
) -> Result<T, Vec<Problem>> {
    document::read_text(text.as_bytes(), json::Limits::PROOF, |node, problems| {
        let mut members = node.members(problems)?;
        let read = reader(&mut members, problems);
        members.close(problems);
        read
    })
}

fn url(node: &Node<'_>, problems: &mut Problems) -> Option<String> {
    let text = node.line(problems)?;
    if !is_https(text) {
        let message = "this is not an https URL in plain form";
        problems.report(node, message, "https://host[/path], without user and fragment");
        return None;
    }
    Some(text.to_owned())
}
