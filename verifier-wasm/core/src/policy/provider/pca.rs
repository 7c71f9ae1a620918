//! Settings of a private certificate authority.

use super::{PcaProvider, read_certificate};
use crate::policy::reader::{Members, Node, Problems};
use crate::x509::{Certificate, TrustAnchor};
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use const_oid::ObjectIdentifier;

/// clientAuth (RFC 5280 section 4.2.1.12).
const CLIENT_AUTH: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2");

/// The names of usages that a policy may write instead of an object identifier.
const USAGES: &[(&str, ObjectIdentifier)] = &[
    ("clientAuth", CLIENT_AUTH),
    ("serverAuth", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1")),
    ("codeSigning", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.3")),
    ("emailProtection", ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.4")),
];

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
    let elements = node.elements(problems)?;
    if elements.len() > ROOTS {
        problems.report(
            node,
            "there are more than two roots",
            "one root, or two during a rotation",
        );
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

fn read_intermediates(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<Certificate>> {
    node.elements(problems)?.iter().map(|element| read_certificate(element, problems)).collect()
}

fn read_usages(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<ObjectIdentifier>> {
    let mut usages = Vec::new();
    for element in node.elements(problems)? {
        let text = element.text(problems)?;
        let named = USAGES.iter().find(|(name, _)| *name == text).map(|(_, usage)| *usage);
        match named.or_else(|| ObjectIdentifier::new(text).ok()) {
            Some(usage) => usages.push(usage),
            None => {
                problems.report(
                    &element,
                    "this is not an extended key usage",
                    "clientAuth, serverAuth, codeSigning, emailProtection or an object identifier",
                );
                return None;
            }
        }
    }
    Some(usages)
}
