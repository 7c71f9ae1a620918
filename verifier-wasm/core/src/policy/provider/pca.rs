//! Settings of a private certificate authority.

use super::{PcaProvider, read_certificate};
use crate::policy::reader::{Members, Node, Problems};
use crate::x509::{CLIENT_AUTH, Certificate, TrustAnchor, extended_key_usage};
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use const_oid::ObjectIdentifier;

/// Two roots serve a rotation; more would be several authorities under one name.
const ROOTS: usize = 2;

pub(super) fn read(members: &mut Members<'_>, problems: &mut Problems) -> Option<PcaProvider> {
    let roots = members.required("roots", problems);
    let intermediates = members.optional("intermediates");
    let usages = members.optional("extended_key_usages");

    let roots = roots.and_then(|node| read_roots(&node, problems));
    let intermediates = match intermediates {
        None => Some(Vec::new()),
        Some(node) => read_intermediates(&node, problems),
    };
    let extended_key_usages = match usages {
        None => Some(vec![CLIENT_AUTH]),
        Some(node) => read_usages(&node, problems),
    };
    Some(PcaProvider {
        roots: roots?,
        intermediates: intermediates?,
        extended_key_usages: extended_key_usages?,
    })
}

fn read_roots(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<TrustAnchor>> {
    if node.value.as_array().is_some_and(|roots| roots.len() > ROOTS) {
        problems.report(
            node,
            "there are more than two roots",
            "one root, or two during a rotation",
        );
        return None;
    }
    read_anchors(node, ROOTS, problems)
}

/// The certificates of at most `most` authorities.
pub(super) fn read_anchors(
    node: &Node<'_>,
    most: usize,
    problems: &mut Problems,
) -> Option<Vec<TrustAnchor>> {
    let elements = node.elements(problems)?;
    if elements.len() > most {
        problems.report(node, "there are too many roots", format!("at most {most}"));
        return None;
    }
    let mut roots = Vec::new();
    for element in elements {
        match TrustAnchor::from_certificate(read_certificate(&element, problems)?) {
            Ok(root) => roots.push(root),
            Err(refusal) => {
                problems.report(&element, refusal.to_string(), "the certificate of an authority");
                return None;
            }
        }
    }
    Some(roots)
}

pub(super) fn read_intermediates(
    node: &Node<'_>,
    problems: &mut Problems,
) -> Option<Vec<Certificate>> {
    node.elements(problems)?.iter().map(|element| read_certificate(element, problems)).collect()
}

fn read_usages(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<ObjectIdentifier>> {
    let mut usages = Vec::new();
    for element in node.elements(problems)? {
        let text = element.text(problems)?;
        match extended_key_usage(text) {
            Some(usage) => usages.push(usage),
            None => {
                problems.report(
                    &element,
                    "this is not an extended key usage",
                    "a name such as clientAuth, or an object identifier",
                );
                return None;
            }
        }
    }
    Some(usages)
}
