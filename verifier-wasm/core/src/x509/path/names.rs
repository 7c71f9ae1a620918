//! Name constraints along a path (RFC 5280 sections 6.1.3 (b), (c) and 6.1.4 (g)), and what conditions may read under them.

use super::effort::Effort;
use crate::json::Value;
use crate::refusal::{Code, Refusal};
use crate::x509::Certificate;
use crate::x509::facts::ALTERNATIVE_NAMES;
use crate::x509::general_names::Kind;
use crate::x509::name_constraints::{Bearer, NameConstraints};
use alloc::format;
use alloc::vec::Vec;

/// Whether every certificate of `chain`, the leaf first, has names that every authority above it allows, `root`
/// included. `effort` counts comparisons, over all paths of a search.
///
/// Each authority is asked alone: a name that all permit is in the intersection of what they permit, a name
/// that one excludes is in the union of what they exclude. A self-issued certificate that is not the leaf is a
/// change of keys, and its names are the authority's own.
///
/// # Errors
/// [`Code::CertificateNameConstraints`], [`Code::NameConstraintsBudget`].
pub(super) fn constraints(
    chain: &[&Certificate],
    root: &Certificate,
    effort: &Effort,
) -> Result<(), Refusal> {
    let mut above: Vec<(&Certificate, &NameConstraints)> = Vec::new();
    let mut issuer = root;
    for (below, certificate) in chain.iter().enumerate().rev() {
        above.extend(issuer.extensions().name_constraints.as_ref().map(|own| (issuer, own)));
        if below == 0 || !certificate.is_self_issued() {
            for (authority, constraints) in &above {
                judge(certificate, authority, constraints, effort)?;
            }
        }
        issuer = certificate;
    }
    Ok(())
}

fn judge(
    certificate: &Certificate,
    authority: &Certificate,
    constraints: &NameConstraints,
    effort: &Effort,
) -> Result<(), Refusal> {
    for name in names(certificate) {
        effort.compare(constraints.comparisons(name), certificate)?;
        constraints.judge(name).map_err(|violation| {
            Refusal::new(Code::CertificateNameConstraints)
                .detail(certificate)
                .expected(format_args!("names that {authority} allows"))
                .found(format!("{} {violation}", name.kind()))
        })?;
    }
    Ok(())
}

/// Every name of a certificate that a constraint can be about: the subject when it has one, each emailAddress in
/// it, each alternative name.
///
/// RFC 5280 section 4.2.1.10 asks for the emailAddress only where there are no alternative names. Conditions can
/// read it in any case.
fn names(certificate: &Certificate) -> impl Iterator<Item = Bearer<'_>> {
    let subject = Some(certificate.subject()).filter(|subject| !subject.is_empty());
    let emails = certificate.subject().emails().map(Bearer::SubjectEmail);
    let alternatives = certificate.extensions().subject_alt_names.iter();
    subject
        .map(Bearer::Subject)
        .into_iter()
        .chain(emails)
        .chain(alternatives.map(Bearer::Alternative))
}

/// What conditions may read of `certificate`, below `authorities`, of which the one above it comes first and the root last.
pub(super) fn facts(certificate: &Certificate, authorities: &[&Certificate]) -> Value {
    let of_subject = "an authority has name constraints, and none on subjects";
    let of_kind =
        "an authority may give names of other kinds, and none is limited to some of this kind";
    let mut withheld = Vec::new();
    if subjects_are_open(authorities) {
        withheld.push(("subject", of_subject));
    }
    // A registered root is trusted for its own name.
    if authorities.split_first().is_some_and(|(_, above)| subjects_are_open(above)) {
        withheld.push(("issuer", of_subject));
    }
    let names = &certificate.extensions().subject_alt_names;
    for (path, kind) in ALTERNATIVE_NAMES {
        // A list without names says nothing about anybody.
        let has_some = names.iter().any(|name| name.kind() == kind);
        if has_some && is_open(kind, authorities) {
            withheld.push((path, of_kind));
        }
    }
    let authority = authorities.first().map_or(certificate.issuer(), |own| own.subject());
    certificate.facts_below(authority, &withheld)
}

/// Whether no authority is trusted for subjects: one is bound to names of other kinds, and none is bound to directory
/// names, of which an exclusion leaves nearly all. Then it could name anybody, and conditions may not read it.
fn subjects_are_open(authorities: &[&Certificate]) -> bool {
    is_limited(authorities, NameConstraints::are_about_other_names, Kind::Directory)
}

/// Whether no authority is trusted for alternative names of `kind`: one is given some names of other kinds, which RFC
/// 5280 section 4.2.1.10 lets its author take for all that it may give, and none some of this kind.
pub(super) fn is_open(kind: Kind, authorities: &[&Certificate]) -> bool {
    is_limited(authorities, NameConstraints::permit_any, kind)
}

/// Whether `limits` is so of an authority, and neither it nor one above it permits names of `kind`. What is permitted
/// below, the limited authority wrote itself: it gives nobody what it was not given.
fn is_limited(
    authorities: &[&Certificate],
    limits: impl Fn(&NameConstraints) -> bool,
    kind: Kind,
) -> bool {
    let mut is_granted = false;
    let constraints = authorities.iter().rev();
    constraints.filter_map(|own| own.extensions().name_constraints.as_ref()).any(|own| {
        is_granted |= own.permit(kind);
        limits(own) && !is_granted
    })
}
