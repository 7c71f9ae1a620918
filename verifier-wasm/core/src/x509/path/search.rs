//! The search for a path: depth first from the leaf, roots before intermediates, within budgets. Of several that could
//! have signed a certificate, those come first whose key it names.

use super::effort::Effort;
use super::policies::Policies;
use super::specificity::remember;
use super::{PathRules, Revocation, links, names, policies, roles};
use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::signature::Session;
use crate::verdict::Stop;
use crate::x509::{Certificate, TrustAnchor};
use alloc::vec;
use alloc::vec::Vec;

/// A search in progress.
pub(super) struct Search<'a> {
    pub(super) intermediates: &'a [Certificate],
    anchors: &'a [TrustAnchor],
    pub(super) rules: &'a PathRules<'a>,
    pub(super) session: &'a Session<'a>,
    pub(super) effort: &'a Effort,
    /// Whether the path is that of a signer of revocation lists.
    pub(super) is_for_signer: bool,
    /// The most specific refusal so far; of equals the first.
    best: Option<Refusal>,
    /// The path that it is about, from the leaf, and whether a root ends it.
    tried: (Vec<&'a Certificate>, bool),
}

/// No path is valid, or none is yet: the most specific reason, and the path that it is about.
pub(super) struct NotFound<'a> {
    pub(super) stop: Stop,
    pub(super) chain: Vec<&'a Certificate>,
    pub(super) ends_at_root: bool,
}

/// A path that is valid: `chain` from the leaf to the certificate that `anchor` signed.
pub(super) struct Found<'a> {
    pub(super) chain: Vec<&'a Certificate>,
    pub(super) anchor: &'a TrustAnchor,
    pub(super) valid: Valid,
}

/// What can be said of a valid path beside that it is one.
pub(super) struct Valid {
    pub(super) policies: Policies,
    pub(super) revocation: Revocation,
}

impl<'a> Search<'a> {
    pub(super) const fn new(
        intermediates: &'a [Certificate],
        anchors: &'a [TrustAnchor],
        rules: &'a PathRules<'a>,
        session: &'a Session<'a>,
        effort: &'a Effort,
    ) -> Self {
        Self {
            intermediates,
            anchors,
            rules,
            session,
            effort,
            is_for_signer: false,
            best: None,
            tried: (Vec::new(), false),
        }
    }

    /// The same search, for the path of a signer of revocation lists.
    pub(super) const fn for_signer(mut self) -> Self {
        self.is_for_signer = true;
        self
    }

    /// Searches from `leaf`, which has been found fit to be one.
    pub(super) fn from(mut self, leaf: &'a Certificate) -> Result<Found<'a>, NotFound<'a>> {
        let mut chain = vec![leaf];
        match self.climb(&mut chain) {
            Ok(Some((anchor, valid))) => Ok(Found { chain, anchor, valid }),
            Ok(None) => {
                let stop = self.best.unwrap_or_else(|| Code::PathNotFound.into()).into();
                let (chain, ends_at_root) = self.tried;
                Err(NotFound { stop, chain, ends_at_root })
            }
            // The search as a whole has ended, wherever it stood.
            Err(stop) => Err(NotFound { stop, chain: vec![leaf], ends_at_root: false }),
        }
    }

    /// Looks for an issuer of the last of `chain`, and on from there. With a root found, `chain` is the path
    /// to it; otherwise it is as it was. Recursion ends at [`limits::PATH_DEPTH`].
    fn climb(
        &mut self,
        chain: &mut Vec<&'a Certificate>,
    ) -> Result<Option<(&'a TrustAnchor, Valid)>, Stop> {
        let Some(last) = chain.last().copied() else { return Ok(None) };
        let mut has_issuer = false;
        for anchor in by_hint(self.anchors, TrustAnchor::certificate, last) {
            if is_issuer(anchor.certificate(), last, chain) {
                has_issuer = true;
                self.step()?;
                match self.close(chain, anchor) {
                    Ok(valid) => return Ok(Some((anchor, valid))),
                    Err(stop) => {
                        self.note(stop, chain, Some(anchor.certificate()), true)?;
                    }
                }
            }
        }
        for intermediate in by_hint(self.intermediates, |own| own, last) {
            if is_issuer(intermediate, last, chain) {
                has_issuer = true;
                self.step()?;
                match self.admit(chain, intermediate) {
                    Ok(()) => {
                        chain.push(intermediate);
                        if let Some(found) = self.climb(chain)? {
                            return Ok(Some(found));
                        }
                        chain.pop();
                    }
                    Err(refusal) => self.note(refusal, chain, Some(intermediate), false)?,
                }
            }
        }
        if !has_issuer {
            let refusal = Refusal::new(Code::PathNotFound).detail(last).expected(last.issuer());
            self.note(refusal, chain, None, false)?;
        }
        Ok(None)
    }

    /// Whether `anchor` completes `chain` to a valid path, and what it is valid for.
    ///
    /// What certificates say of the names and policies below them costs most, so it is believed only after
    /// their signatures.
    fn close(&self, chain: &[&Certificate], anchor: &TrustAnchor) -> Result<Valid, Stop> {
        let root = anchor.certificate();
        roles::authority(root, chain, self.rules)?;
        links::path_lengths(chain, root)?;
        links::signatures(chain, root, self.rules.rsa, self.session)?;
        names::constraints(chain, root, self.effort)?;
        let policies = policies::policies(chain, root, &self.rules.policies)?;
        Ok(Valid { policies, revocation: self.revocation(chain, anchor)? })
    }

    /// Whether `intermediate` may be added to `chain`.
    fn admit(&self, chain: &[&Certificate], intermediate: &Certificate) -> Result<(), Refusal> {
        let too_deep =
            |limit: usize| Refusal::new(Code::PathTooDeep).detail(intermediate).expected(limit);
        if chain.len() >= limits::PATH_DEPTH {
            return Err(too_deep(limits::PATH_DEPTH));
        }
        if let Some(max_depth) = self.rules.max_depth {
            let authorities = chain.iter().skip(1).copied().chain([intermediate]);
            if authorities.filter(|authority| !authority.is_self_issued()).count() > max_depth {
                return Err(too_deep(max_depth));
            }
        }
        roles::authority(intermediate, chain, self.rules)
    }

    /// Counts a candidate link.
    pub(super) fn step(&self) -> Result<(), Refusal> {
        self.effort.step()
    }

    /// Remembers why `chain`, with `above` on top of it, failed when that is more specific than what is known, or
    /// ends the search: nothing is looked for beside a path whose signatures are not answered.
    fn note(
        &mut self,
        stop: impl Into<Stop>,
        chain: &[&'a Certificate],
        above: Option<&'a Certificate>,
        ends_at_root: bool,
    ) -> Result<(), Stop> {
        let known = self.best.as_ref().map(Refusal::code);
        remember(&mut self.best, stop)?;
        if self.best.as_ref().map(Refusal::code) != known {
            let path = chain.iter().copied().chain(above).collect();
            self.tried = (path, ends_at_root);
        }
        Ok(())
    }
}

/// What key identifiers say of a candidate (RFC 5280 sections 4.2.1.1 and 4.2.1.2). They are no proof, and decide nothing
/// but which is tried first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hint {
    Likely,
    Silent,
    Unlikely,
}

impl Hint {
    fn of(candidate: &Certificate, last: &Certificate) -> Self {
        let wanted = last.extensions().authority_key_identifier.as_deref();
        match (wanted, candidate.subject_key_identifier()) {
            (Some(wanted), Some(own)) if wanted == own => Self::Likely,
            (Some(_), Some(_)) => Self::Unlikely,
            _ => Self::Silent,
        }
    }
}

/// The candidates for the issuer of `last`, the likely ones first, and otherwise in their order.
fn by_hint<'c, T>(
    candidates: &'c [T],
    certificate: impl Fn(&'c T) -> &'c Certificate + Copy,
    last: &Certificate,
) -> impl Iterator<Item = &'c T> {
    [Hint::Likely, Hint::Silent, Hint::Unlikely].into_iter().flat_map(move |hint| {
        candidates.iter().filter(move |own| Hint::of(certificate(own), last) == hint)
    })
}

/// Whether `candidate` has the name of the issuer of `last`, and is not in `chain` already. Subject and key
/// are what a certificate is here: two certificates for one key are one authority, and a loop ends where it
/// would come back to it.
fn is_issuer(candidate: &Certificate, last: &Certificate, chain: &[&Certificate]) -> bool {
    // Keys first: among rivals for one name they differ, and names can be long.
    let is_candidate = |other: &&Certificate| {
        other.public_key_spki() == candidate.public_key_spki()
            && other.subject().matches(candidate.subject())
    };
    candidate.subject().matches(last.issuer()) && !chain.iter().any(is_candidate)
}
