//! `given`: what a proof states, as a test of a policy or an audit record has it.

use super::{Recorded, Stated};
use crate::document::{Members, Node, Problems};
use crate::json::Value;
use crate::pem;
use crate::time::UnixTime;
use crate::x509::Certificate;
use alloc::string::ToString;
use alloc::vec::Vec;

const FORMS: &str = "one of `claims`, `certificate`, `document`";

/// Reads the `given` of a test, whose author may leave out what every good proof has.
pub(crate) fn read_given(node: &Node<'_>, problems: &mut Problems) -> Option<Recorded> {
    let mut members = node.members(problems)?;
    let claims = members.optional("claims");
    let certificate = members.optional("certificate");
    let document = members.optional("document");
    let stated = match (claims, certificate, document) {
        (Some(node), None, None) => read_claims(&node, &mut members, problems),
        (None, Some(node), None) => read_certificate(&node, problems).map(Stated::Certificate),
        (None, None, Some(node)) => read_document(&node, &mut members, problems),
        _ => {
            problems.report(node, "there must be exactly one kind of facts", FORMS);
            None
        }
    };
    let incomplete = match members.optional("incomplete") {
        None => Some(false),
        Some(node) => node.boolean(problems),
    };
    members.close(problems);
    let mut recorded = Recorded::new(stated?);
    recorded.hidden = incomplete?;
    recorded.whole = false;
    Some(recorded)
}

fn read_claims(
    node: &Node<'_>,
    members: &mut Members<'_>,
    problems: &mut Problems,
) -> Option<Stated> {
    let typ = match members.optional("typ") {
        None => None,
        Some(node) => Some(node.name(problems)?.to_string()),
    };
    let Some(claims) = node.value.as_object() else {
        problems.report(node, "claims are an object", "the claims of a token");
        return None;
    };
    Some(Stated::Claims { claims: claims.clone(), typ })
}

/// A certificate in PEM, alone or as the only member `pem`, or what conditions read of one.
fn read_certificate(node: &Node<'_>, problems: &mut Problems) -> Option<Value> {
    let text = match node.value.as_object() {
        Some(object) if object.len() == 1 && object.contains("pem") => object.get("pem"),
        Some(facts) => return Some(Value::Object(facts.clone())),
        None => Some(node.value),
    };
    let text = text.and_then(Value::as_str).unwrap_or_default();
    match pem::certificate(text).and_then(|der| Certificate::from_der(&der)) {
        Ok(certificate) => Some(certificate.facts()),
        Err(refusal) => {
            problems.report(
                node,
                refusal.to_string(),
                "one certificate in PEM, or an object with what conditions read under `cert`",
            );
            None
        }
    }
}

/// A document as an object, or as the text that was signed; beside it its signing time and the certificates that
/// conditions read, the signer's first.
fn read_document(
    node: &Node<'_>,
    members: &mut Members<'_>,
    problems: &mut Problems,
) -> Option<Stated> {
    let signing_time = match members.optional("signing_time") {
        None => None,
        Some(node) => Some(read_time(&node, problems)?),
    };
    let certificates = members.optional("certificates");
    let text = match node.value {
        Value::String(text) => text.clone(),
        Value::Object(object) => object.to_string(),
        _ => {
            problems.report(node, "a document is an object or its text", "the signed document");
            return None;
        }
    };
    let certificates = match certificates {
        None => Vec::new(),
        Some(node) => {
            let elements = node.elements(problems)?;
            let read = |node| read_certificate(node, problems);
            elements.iter().map(read).collect::<Option<_>>()?
        }
    };
    Some(Stated::Document { text, signing_time, certificates })
}

/// A time: RFC 3339, or Unix seconds.
pub(crate) fn read_time(node: &Node<'_>, problems: &mut Problems) -> Option<UnixTime> {
    let time = match node.value {
        Value::Integer(seconds) => Some(UnixTime::from_seconds(*seconds)),
        Value::String(text) => UnixTime::from_rfc3339(text),
        _ => None,
    };
    if time.is_none() {
        problems.report(node, "this is not a time", "RFC 3339, as 2026-11-24T12:00:00Z");
    }
    time
}
