//! Settings of a private certificate authority.

use super::{CrlSource, PcaProvider, read_certificate};
use crate::document::{Members, Node, Problems};
use crate::expr::ValueForm;
use crate::keys::is_https;
use crate::limits;
use crate::limits::PCA_ROOTS;
use crate::pem;
use crate::x509::{CLIENT_AUTH, Certificate, Crl, TrustAnchor, extended_key_usage};
use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;
use const_oid::ObjectIdentifier;

/// A private authority, or where `may_pin` certificates that are registered by themselves.
pub(super) fn read(
    members: &mut Members<'_>,
    may_pin: bool,
    problems: &mut Problems,
) -> Option<PcaProvider> {
    let fingerprints = match may_pin {
        true => members.optional("fingerprints"),
        false => None,
    };
    let roots = match fingerprints {
        None => members.required("roots", problems),
        Some(_) => members.optional("roots"),
    };
    let intermediates = members.optional("intermediates");
    let usages = members.optional("extended_key_usages");
    let crls = members.optional("crls");
    let require_crls = members.optional("require_crls");

    let others = [&roots, &intermediates, &crls, &require_crls];
    let fingerprints = match fingerprints {
        None => BTreeSet::new(),
        Some(node) => read_fingerprints(&node, &others, problems)?,
    };
    let roots = match roots {
        Some(node) => read_roots(&node, problems),
        None => (!fingerprints.is_empty()).then(Vec::new),
    };
    let intermediates = match intermediates {
        None => Some(Vec::new()),
        Some(node) => read_intermediates(&node, problems),
    };
    let extended_key_usages = match usages {
        None => Some(vec![CLIENT_AUTH]),
        Some(node) => read_usages(&node, problems),
    };
    let (crls, require_crls) = read_revocation(crls, require_crls, problems)?;
    Some(PcaProvider {
        roots: roots?,
        fingerprints,
        intermediates: intermediates?,
        extended_key_usages: extended_key_usages?,
        crls,
        require_crls,
    })
}

/// The certificates that are registered in the place of roots. There is no path, so nothing that is about one.
fn read_fingerprints(
    node: &Node<'_>,
    others: &[&Option<Node<'_>>],
    problems: &mut Problems,
) -> Option<BTreeSet<[u8; 32]>> {
    if let Some(other) = others.iter().find_map(|other| other.as_ref()) {
        let message = "a certificate that is registered by its fingerprint needs no path";
        problems.report(other, message, "`fingerprints`, or this and what belongs to roots");
        return None;
    }
    let elements = node.elements(problems)?;
    if elements.len() > limits::PINNED_CERTIFICATES {
        let expected = format!("at most {}", limits::PINNED_CERTIFICATES);
        problems.report(node, "there are too many fingerprints", expected);
        return None;
    }
    let mut fingerprints = BTreeSet::new();
    for element in elements {
        let text = element.text(problems)?;
        let Some(fingerprint) = ValueForm::Sha256.canonical(text).and_then(|digits| bytes(&digits))
        else {
            let (message, expected) =
                (ValueForm::Sha256.refusal(text), ValueForm::Sha256.expected());
            problems.report(&element, message, expected);
            return None;
        };
        fingerprints.insert(fingerprint);
    }
    Some(fingerprints)
}

/// The bytes of 64 hexadecimal digits.
fn bytes(digits: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    for (byte, place) in bytes.iter_mut().zip((0..digits.len()).step_by(2)) {
        let pair = digits.get(place..place.saturating_add(2))?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(bytes)
}

/// The lists, and whether they must cover every certificate. A policy that names lists means them: unless it says
/// otherwise they are required.
fn read_revocation(
    crls: Option<Node<'_>>,
    require: Option<Node<'_>>,
    problems: &mut Problems,
) -> Option<(Vec<CrlSource>, bool)> {
    let has_lists = crls.is_some();
    let crls = match crls {
        None => Some(Vec::new()),
        Some(node) => read_crls(&node, problems),
    };
    let required = match require {
        None => has_lists,
        Some(node) => node.boolean(problems)?,
    };
    Some((crls?, required))
}

fn read_crls(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<CrlSource>> {
    let elements = node.elements(problems)?;
    if elements.len() > limits::CRLS {
        problems.report(
            node,
            "there are too many revocation lists",
            format!("at most {}", limits::CRLS),
        );
        return None;
    }
    elements.iter().map(|element| read_crl(element, problems)).collect()
}

/// A list in PEM, or the address of one.
fn read_crl(node: &Node<'_>, problems: &mut Problems) -> Option<CrlSource> {
    if node.value.as_object().is_none() {
        return parse_crl(node, problems);
    }
    let mut members = node.members(problems)?;
    let pem = members.optional("pem");
    let url = members.optional("url");
    members.close(problems);
    match (pem, url) {
        (Some(pem), None) => parse_crl(&pem, problems),
        (None, Some(url)) => read_url(&url, problems),
        _ => {
            problems.report(
                node,
                "there must be exactly one source of a revocation list",
                "one of `file`, `pem`, `url`",
            );
            None
        }
    }
}

fn parse_crl(node: &Node<'_>, problems: &mut Problems) -> Option<CrlSource> {
    let text = node.text(problems)?;
    match pem::revocation_list(text).and_then(|der| Crl::from_der(&der)) {
        Ok(list) => Some(CrlSource::Given(list)),
        Err(refusal) => {
            problems.report(node, refusal.to_string(), "one complete revocation list in PEM");
            None
        }
    }
}

/// A list is signed, and yet it comes by https alone: anyone who could hold it back or send an old one would decide
/// what is revoked.
fn read_url(node: &Node<'_>, problems: &mut Problems) -> Option<CrlSource> {
    let url = node.text(problems)?;
    if !is_https(url) {
        problems.report(
            node,
            "revocation lists are fetched over https alone",
            "an https URL in plain form",
        );
        return None;
    }
    Some(CrlSource::Url(url.to_string()))
}

fn read_roots(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<TrustAnchor>> {
    if node.value.as_array().is_some_and(|roots| roots.len() > PCA_ROOTS) {
        problems.report(
            node,
            "there are more than two roots",
            "one root, or two during a rotation",
        );
        return None;
    }
    read_anchors(node, PCA_ROOTS, problems)
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
