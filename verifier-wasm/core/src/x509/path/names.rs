//! Name constraints along a path (RFC 5280 sections 6.1.3 (b), (c) and 6.1.4 (g)).

use super::effort::Effort;
use crate::refusal::{Code, Refusal};
use crate::x509::Certificate;
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

/// Which subjects no authority is trusted for: an authority above is bound to names of other kinds, and none above is bound to
/// directory names, of which an exclusion leaves nearly all. Then it could name anybody, and conditions may not read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OpenNames {
    /// The leaf's subject.
    pub(super) subject: bool,
    /// Its issuer's.
    pub(super) issuer: bool,
}

impl OpenNames {
    /// For the path of `chain`, the leaf first, below `root`.
    pub(super) fn of(chain: &[&Certificate], root: &Certificate) -> Self {
        let open = |above: usize| {
            let authorities = chain.iter().skip(above).copied().chain([root]);
            let own = authorities.filter_map(|own| own.extensions().name_constraints.as_ref());
            let constraints: Vec<&NameConstraints> = own.collect();
            constraints.iter().any(|own| own.are_about_other_names())
                && !constraints.iter().any(|own| own.permit_subjects())
        };
        // A registered root is trusted for its own name.
        Self { subject: open(1), issuer: chain.len() > 1 && open(2) }
    }
}
