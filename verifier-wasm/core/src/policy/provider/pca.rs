//! Settings of a private certificate authority.

use super::assertion_audiences::{AssertionAudiences, MEMBER as ASSERTION_AUDIENCES};
use super::bundles::{self, Bundle};
use super::{CrlSource, PcaProvider};
use crate::document::{Members, Node, Problems};
use crate::expr::ValueForm;
use crate::keys::{is_http, is_https};
use crate::limits;
use crate::limits::PCA_ROOTS;
use crate::pem;
use crate::signature::RsaLimit;
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
    let allow = members.optional("allow");
    let x5c = read_x5c(members, problems);
    let tls = members.read_or("tls", false, |node| node.word(&ACCEPT_OR_REFUSE, problems));

    let rsa = read_allow(allow, problems);
    let limit = rsa.unwrap_or(RsaLimit::Allow8192);
    let others = [&roots, &intermediates, &crls, &require_crls];
    let fingerprints = match fingerprints {
        None => BTreeSet::new(),
        Some(node) => read_fingerprints(&node, &others, problems)?,
    };
    let roots = match roots {
        Some(node) => read_anchors(&node, PCA_ROOTS, limit, problems),
        None => (!fingerprints.is_empty()).then(Default::default),
    };
    let intermediates = match intermediates {
        None => Some((Vec::new(), Vec::new())),
        Some(node) => read_intermediates(&node, problems),
    };
    let extended_key_usages = match usages {
        None => Some(vec![CLIENT_AUTH]),
        Some(node) => read_usages(&node, problems),
    };
    let (crls, require_crls) = read_revocation(crls, require_crls, problems)?;
    let (roots, root_places) = roots?;
    let (intermediates, intermediate_places) = intermediates?;
    Some(PcaProvider {
        roots,
        root_places,
        fingerprints,
        intermediates,
        intermediate_places,
        extended_key_usages: extended_key_usages?,
        crls,
        x5c: x5c?,
        require_crls,
        rsa: rsa?,
        tls: tls?,
    })
}

/// Whether a way to present a certificate is accepted.
const ACCEPT_OR_REFUSE: [(&str, bool); 2] = [("accept", true), ("refuse", false)];

/// Whether assertions may bring their certificates in the header, and the audiences of those that do.
fn read_x5c(
    members: &mut Members<'_>,
    problems: &mut Problems,
) -> Option<Option<AssertionAudiences>> {
    let accepts = members.read_or("x5c", false, |node| node.word(&ACCEPT_OR_REFUSE, problems))?;
    let has_audiences = members.has(ASSERTION_AUDIENCES);
    let audiences = AssertionAudiences::read(members, problems)?;
    if has_audiences && !accepts {
        let message = "nothing is accepted whose audience this would be";
        let expected =
            "`x5c: accept` beside it: other assertions name the issuer or the token endpoint";
        problems.report(members.node(), message, expected);
        return None;
    }
    Some(accepts.then_some(audiences))
}

/// What is accepted beyond the defaults, each by its name. There is one: larger RSA keys, which cost more time.
fn read_allow(node: Option<Node<'_>>, problems: &mut Problems) -> Option<RsaLimit> {
    let Some(node) = node else { return Some(RsaLimit::Standard) };
    if node.names(problems)? == ["rsa-8192"] {
        return Some(RsaLimit::Allow8192);
    }
    let expected = "rsa-8192, for RSA keys of more than 4096 bits";
    problems.report(&node, "there is nothing of this name to allow here", expected);
    None
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
    let mut lists = Vec::new();
    for element in elements {
        lists.extend(read_crl(&element, problems)?);
    }
    // A file may hold several.
    if lists.len() > limits::CRLS {
        problems.report(
            node,
            "there are too many revocation lists",
            format!("at most {}", limits::CRLS),
        );
        return None;
    }
    Some(lists)
}

/// Lists in PEM, or the address of some.
fn read_crl(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<CrlSource>> {
    if node.value.as_object().is_none() {
        return parse_crls(node, problems);
    }
    let mut members = node.members(problems)?;
    let pem = members.optional("pem");
    let url = members.optional("url");
    members.close(problems);
    match (pem, url) {
        (Some(pem), None) => parse_crls(&pem, problems),
        (None, Some(url)) => Some(vec![read_url(&url, problems)?]),
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

fn parse_crls(node: &Node<'_>, problems: &mut Problems) -> Option<Vec<CrlSource>> {
    let text = node.text(problems)?;
    let read = |der: &Vec<u8>| Crl::from_der(der).map(CrlSource::Given);
    match pem::revocation_lists(text).and_then(|lists| lists.iter().map(read).collect()) {
        Ok(lists) => Some(lists),
        Err(refusal) => {
            problems.report(node, refusal.to_string(), "complete revocation lists in PEM");
            None
        }
    }
}

/// A list is signed, so it may come over http, as nearly all do: who stands in between can hold it back, which the list
/// that is kept outlasts until its nextUpdate, and can send an old one, which is dropped.
fn read_url(node: &Node<'_>, problems: &mut Problems) -> Option<CrlSource> {
    let url = node.text(problems)?;
    if !is_https(url) && !is_http(url) {
        problems.report(
            node,
            "revocation lists are fetched over http or https alone",
            "an http or https URL in plain form",
        );
        return None;
    }
    Some(CrlSource::Url(url.to_string()))
}

/// The certificates of at most `most` authorities, and the element that each is from.
pub(super) fn read_anchors(
    node: &Node<'_>,
    most: usize,
    rsa: RsaLimit,
    problems: &mut Problems,
) -> Option<(Vec<TrustAnchor>, Vec<usize>)> {
    let mut roots: (Vec<TrustAnchor>, Vec<usize>) = Default::default();
    for Bundle { element, index, certificates } in bundles::read(node, most, problems)? {
        let is_bundle = certificates.len() > 1;
        for certificate in certificates {
            // A chain in one file would make a root of each of its authorities.
            if is_bundle && certificate.issuer_der() != certificate.subject_der() {
                problems.report(
                    &element,
                    format!("the bundle has {certificate}, which another authority issued"),
                    "roots alone in a bundle of roots; what they issued belongs in `intermediates`",
                );
                return None;
            }
            match TrustAnchor::from_certificate_allowing(certificate, rsa) {
                // Files that are joined have a root twice.
                Ok(root) if roots.0.contains(&root) => {}
                Ok(root) => {
                    roots.0.push(root);
                    roots.1.push(index);
                }
                Err(refusal) => {
                    let expected = "the certificate of an authority";
                    problems.report(&element, refusal.to_string(), expected);
                    return None;
                }
            }
        }
    }
    Some(roots)
}

/// Intermediates, and the element that each is from.
pub(super) fn read_intermediates(
    node: &Node<'_>,
    problems: &mut Problems,
) -> Option<(Vec<Certificate>, Vec<usize>)> {
    let bundles = bundles::read(node, limits::INTERMEDIATES, problems)?;
    let all = bundles.into_iter().flat_map(|Bundle { index, certificates, .. }| {
        certificates.into_iter().map(move |certificate| (certificate, index))
    });
    Some(all.unzip())
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
