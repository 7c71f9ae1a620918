//! Revocation of the certificates of a path (RFC 5280 section 6.3), by complete lists that are given.
//!
//! For each certificate, a list counts when its issuer is the certificate's issuer and its scope has the certificate
//! (6.3.3 (b)) or an entry names it, since an authority gives a serial number once, and a key of that issuer signed it
//! (6.3.3 (f), (g)): the key above the certificate, another key of the same name in the path, or one of a certificate of
//! that name with a valid path of its own to the same root, over authorities of the same names: a namesake elsewhere in
//! the hierarchy is another authority.
//! Lists for some reasons count together (6.3.3 (d)).
//!
//! | what the lists say | lists are required | otherwise |
//! |---|---|---|
//! | current lists cover all reasons, none names it | passes | passes |
//! | one names it, current or stale, of whatever part | refused | refused |
//! | a list of its issuer with a wrong signature names it, or is given, and no other settles it | refused | refused |
//! | another fetched list of its issuer with a wrong signature, and no other settles it | refused | passes, unchecked |
//! | a fetched list names it, and no signature was left to find out who signed it | refused | refused |
//! | only stale lists, lists that a later one has replaced, or lists from the future | refused | passes, unchecked |
//! | no list, or none whose scope has it, or not for all reasons | refused | passes, unchecked |
//!
//! A fetched list that was verified before, by a key that is not of this authority, is not of its issuer. Of fetched lists
//! of one lineage the latest that is here counts, and it is [`FetchedLists`](super::FetchedLists) that keeps those that were
//! found to be signed.
//!
//! A list that the holder of a certificate could have chosen to leave out proves nothing by not being there;
//! lists come from whoever asks, never from the certificate's holder.

use super::fetched::may_sign_lists;
use super::links::{self, signatures_used_up};
use super::search::Search;
use super::specificity::{remember, specificity};
use super::{KeyUse, PathRules, Revocation, roles};
use crate::limits::CRLS_UNVERIFIED;
use crate::refusal::{Code, Refusal};
use crate::signature::{NotVerified, SignatureFailure};
use crate::time::UnixTime;
use crate::verdict::{Open, Stop};
use crate::x509::crl::{Crl, Lineage};
use crate::x509::distribution_points::Reasons;
use crate::x509::signed_data::Signed;
use crate::x509::{Certificate, TrustAnchor};
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::slice;

impl Search<'_> {
    /// Whether a certificate of the path is revoked. `chain` has the leaf first and is valid below `anchor` in every
    /// other respect, so that only authorities of a valid path have a say.
    pub(super) fn revocation(
        &self,
        chain: &[&Certificate],
        anchor: &TrustAnchor,
    ) -> Result<Revocation, Stop> {
        let mut whole = Revocation::Checked;
        let (mut worst, mut open) = (None, Open::default());
        let mut rest = chain;
        while let Some((certificate, above)) = rest.split_first() {
            match open.sift(self.status(certificate, above, anchor)) {
                // What is open of one certificate is not in the way of what can be asked about the next.
                Ok(None | Some(Revocation::Checked)) => {}
                Ok(Some(Revocation::Unchecked)) => whole = Revocation::Unchecked,
                Err(stop) => remember(&mut worst, stop).map_err(|stop| open.before(stop))?,
            }
            rest = above;
        }
        open.settled()?;
        worst.map_or(Ok(whole), |refusal| Err(refusal.into()))
    }

    /// The table of the module for one certificate, with `above` and `anchor` above it.
    fn status(
        &self,
        certificate: &Certificate,
        above: &[&Certificate],
        anchor: &TrustAnchor,
    ) -> Result<Revocation, Stop> {
        let mut found = Findings::default();
        let lists = self.rules.revocation.lists().iter().enumerate();
        let of_issuer: Vec<_> = lists
            .filter(|(_, list)| list.issuer().matches(certificate.issuer()))
            .map(|(index, list)| (index, list, list.reason_of(certificate.serial())))
            .collect();
        let is_named = of_issuer.iter().any(|(.., reason)| reason.is_some());
        for (index, list, reason) in of_issuer {
            let fetched = self.rules.fetched.filter(|fetched| fetched.has(index));
            let is_unverified = fetched.is_some_and(|it| it.unverified(index).is_some());
            // Nothing is left for it to say, and it may have cost signatures.
            if found.reasons == Reasons::ALL && !is_named && !is_unverified {
                continue;
            }
            let covered = match (list.covers(certificate), reason) {
                (Ok(covered), _) => covered,
                (Err(_), Some(_)) => Reasons::NONE,
                (Err(why), None) => {
                    found.aside.get_or_insert((list, why));
                    continue;
                }
            };
            let lineage = match self.signed_by_issuer((index, list), above, anchor) {
                Ok(Some(lineage)) => lineage,
                Ok(None) => {
                    if reason.is_some() {
                        found.untried.get_or_insert_with(|| untried(list));
                    }
                    continue;
                }
                Err(stop) => {
                    match self.aside(index).filter(|_| reason.is_none()) {
                        Some(why) => {
                            remember(&mut None, stop)?;
                            found.aside.get_or_insert((list, why));
                        }
                        None => remember(&mut found.unusable, stop)?,
                    }
                    continue;
                }
            };
            let current = check_current(list, self.rules);
            // A stale list is no proof of anything but this: what was revoked stays so.
            let revoked = reason.map(|reason| {
                Refusal::new(Code::CertificateRevoked)
                    .detail(certificate)
                    .found(format_args!("{} in the {list}", reason.as_str()))
            });
            let current = match (fetched, revoked) {
                // What the policy itself gives is replaced by nothing but another policy.
                (None, Some(revoked)) => return Err(revoked.into()),
                (None, None) => current,
                (Some(fetched), revoked) => {
                    fetched.note(index, list, lineage);
                    found.said.push(Said { list, lineage, revoked });
                    current.and_then(|()| fetched.check_floor(list, lineage))
                }
            };
            if covered != Reasons::ALL {
                found.aside.get_or_insert((list, "for some reasons alone"));
            }
            match current {
                Ok(()) => found.reasons = found.reasons.or(covered),
                Err(refusal) => remember(&mut found.untimely, refusal)?,
            }
        }
        self.judge(certificate, found)
    }

    /// Why a list that no key of its authority signed is none, if it does not name the certificate: a verified one is of
    /// another authority, and what anybody could have sent is not in the way where no list need be. One that does name it
    /// may be by a key whose certificate was left out.
    fn aside(&self, index: usize) -> Option<&'static str> {
        let fetched = self.rules.fetched?;
        match fetched.lineage(index) {
            Some(_) => Some("by another key"),
            None if self.rules.revocation.is_required() => None,
            None => fetched.unverified(index).map(|_| "with a wrong signature"),
        }
    }

    /// What follows from all that was found about a certificate.
    fn judge(&self, certificate: &Certificate, found: Findings<'_>) -> Result<Revocation, Stop> {
        if let Some(refusal) = revoked(&found.said, self.rules.time).or(found.untried) {
            return Err(refusal.into());
        }
        if found.reasons == Reasons::ALL {
            return Ok(Revocation::Checked);
        }
        match (found.unusable, self.rules.revocation.is_required()) {
            (Some(refusal), _) => Err(refusal.into()),
            (None, false) => Ok(Revocation::Unchecked),
            (None, true) => Err(Stop::Refused(found.untimely.unwrap_or_else(|| {
                let missing = Refusal::new(Code::CrlMissing).detail(certificate).expected(
                    format_args!("a list of {} for it, for all reasons", certificate.issuer()),
                );
                match found.aside {
                    Some((list, why)) => missing.found(format_args!("a {list}, {why}")),
                    None => missing,
                }
            }))),
        }
    }

    /// The lineage of `list`, when it is signed by a key of the authority that it names, on a path to the same root; `None`
    /// when not every key was tried. Those with the identifier that the list has come first.
    fn signed_by_issuer(
        &self,
        list: (usize, &Crl),
        above: &[&Certificate],
        anchor: &TrustAnchor,
    ) -> Result<Option<Lineage>, Stop> {
        let (mut best, mut untried) = (None, false);
        let is_hinted = |authority: &Certificate| {
            let hint = list.1.authority_key();
            hint.is_some() && authority.subject_key_identifier() == hint
        };
        for hinted in [true, false] {
            let fits = |authority: &&Certificate| {
                authority.subject().matches(list.1.issuer()) && is_hinted(authority) == hinted
            };
            let path = above.iter().copied().chain([anchor.certificate()]);
            for authority in path.filter(fits) {
                match self.signed_by(list, authority) {
                    Ok(true) => return Ok(Some(Lineage::new(list.1, authority))),
                    Ok(false) => untried = true,
                    Err(refusal) => remember(&mut best, refusal)?,
                }
            }
            // Whether the signer of a list is revoked is told by lists of the authorities above it alone: no
            // list vouches for its own signer, and the question has an end.
            let others = if self.is_for_signer { &[] } else { self.intermediates };
            for (index, candidate) in others.iter().enumerate().filter(|(_, other)| fits(other)) {
                self.step()?;
                match self.signed_by(list, candidate) {
                    Ok(true) => {}
                    Ok(false) => {
                        untried = true;
                        continue;
                    }
                    Err(refusal) => {
                        remember(&mut best, refusal)?;
                        continue;
                    }
                }
                match self.certified((index, candidate), anchor) {
                    Ok(path) if is_same_lineage(path.iter(), above.iter().copied()) => {
                        return Ok(Some(Lineage::new(list.1, candidate)));
                    }
                    Ok(_) => remember(&mut best, no_signer(candidate, "below other authorities"))?,
                    Err(refusal) => remember(&mut best, refusal)?,
                }
            }
        }
        if untried {
            return Ok(None);
        }
        let unsigned = || Refusal::new(Code::CrlSignatureInvalid).detail(list.1);
        Err(best.unwrap_or_else(unsigned).into())
    }

    /// Whether `authority` may sign lists, and has signed this one; `false` when that may not be asked any more. The signature
    /// is checked once a request, and that of a list that was verified before not again: its lineage says whose it is.
    fn signed_by(
        &self,
        (index, list): (usize, &Crl),
        authority: &Certificate,
    ) -> Result<bool, Stop> {
        if !may_sign_lists(authority) {
            return Err(Refusal::new(Code::CrlKeyUsage)
                .detail(authority)
                .expected("cRLSign")
                .into());
        }
        let invalid = || Refusal::new(Code::CrlSignatureInvalid).detail(list).expected(authority);
        match self.effort.signed(index, authority) {
            Some(true) => return Ok(true),
            Some(false) => return Err(invalid().into()),
            None => {}
        }
        let algorithm = list.signature_algorithm();
        let unsupported =
            || Refusal::new(Code::UnsupportedCrlAlgorithm).detail(list).found(algorithm);
        let primitive = algorithm.primitive().ok_or_else(unsupported)?;
        let key = links::key(authority, self.rules.rsa)?;
        let known = self.rules.fetched.and_then(|fetched| fetched.lineage(index));
        let unverified = self.rules.fetched.and_then(|fetched| fetched.unverified(index));
        if unverified.is_some_and(|(address, share)| !self.effort.may_try(address, share)) {
            return Ok(false);
        }
        let signed = Signed { message: list.tbs(), signature: list.signature() };
        let signed = match known {
            Some(lineage) => Lineage::new(list, authority) == lineage,
            None => match signed.verify(primitive, &key, self.session) {
                Ok(()) => true,
                Err(NotVerified::Deferred(check)) => return Err((*check).into()),
                Err(NotVerified::Failed(failure)) => match failure {
                    SignatureFailure::Budget => return Err(signatures_used_up().into()),
                    SignatureFailure::Unsupported => return Err(unsupported().into()),
                    SignatureFailure::Invalid | SignatureFailure::Malformed => false,
                },
            },
        };
        self.effort.remember_signed(index, authority, signed);
        if signed { Ok(true) } else { Err(invalid().into()) }
    }

    /// The valid path that `candidate`, a certificate beside the path, has to `anchor` itself (6.3.3 (f)).
    fn certified(
        &self,
        (index, candidate): (usize, &Certificate),
        anchor: &TrustAnchor,
    ) -> Result<Vec<Certificate>, Stop> {
        if let Some(known) = self.effort.certified(index, anchor) {
            return known.map_err(Into::into);
        }
        // What is asked of the leaf's use, depth and policies is not asked of whoever signs lists.
        let rules = PathRules::new(self.rules.time, KeyUse::Any, self.rules.revocation);
        let rules = rules.with_any_leaf().with_fetched(self.rules.fetched);
        let anchors = slice::from_ref(anchor);
        let search = Search::new(self.intermediates, anchors, &rules, self.session, self.effort)
            .for_signer();
        let found = roles::leaf(candidate, &rules)
            .map_err(Stop::from)
            .and_then(|()| search.from(candidate).map_err(|not| not.stop));
        let result = match found {
            Err(Stop::Refused(refusal)) if specificity(refusal.code()).is_some() => {
                Err(no_signer(candidate, refusal.code().as_str()))
            }
            Err(ends) => return Err(ends),
            Ok(found) => Ok(found.chain.into_iter().cloned().collect()),
        };
        self.effort.remember_certified(index, anchor, result.clone());
        result.map_err(Into::into)
    }
}

/// What the lists that were looked at so far say of a certificate.
struct Findings<'a> {
    /// The reasons for which current lists would name it.
    reasons: Reasons,
    said: Vec<Said<'a>>,
    /// A list that names it, and whose signer was not looked for.
    untried: Option<Refusal>,
    /// A list that no key of its issuer signed.
    unusable: Option<Refusal>,
    /// A list that is not current.
    untimely: Option<Refusal>,
    /// A list that says nothing of it, and why.
    aside: Option<(&'a Crl, &'static str)>,
}

impl Default for Findings<'_> {
    fn default() -> Self {
        let (untried, unusable, untimely, aside) = (None, None, None, None);
        Self { reasons: Reasons::NONE, said: Vec::new(), untried, unusable, untimely, aside }
    }
}

/// What a fetched list says of a certificate.
struct Said<'a> {
    list: &'a Crl,
    lineage: Lineage,
    revoked: Option<Refusal>,
}

/// The revocation that no later list of its lineage has taken back.
fn revoked(said: &[Said<'_>], now: UnixTime) -> Option<Refusal> {
    let is_taken_back = |by: &Said<'_>| {
        said.iter().any(|other| {
            other.lineage == by.lineage
                && other.revoked.is_none()
                && other.list.this_update() <= now
                && other.list.edition().compared(by.list.edition()) == Ordering::Greater
        })
    };
    said.iter().filter(|said| !is_taken_back(said)).find_map(|said| said.revoked.clone())
}

/// The refusal of a list that names a certificate, and that has no signature left to be checked.
fn untried(list: &Crl) -> Refusal {
    Refusal::new(Code::PathBudget)
        .detail("signatures of fetched lists without a known signer")
        .expected(CRLS_UNVERIFIED)
        .found(list)
}

fn no_signer(candidate: &Certificate, found: &str) -> Refusal {
    Refusal::new(Code::CrlSignatureInvalid)
        .detail(candidate)
        .expected("a signer with a path to the same root, over authorities of the same names")
        .found(found)
}

/// Whether two paths to one root go over authorities of the same names, changes of keys not counted.
fn is_same_lineage<'a>(
    one: impl Iterator<Item = &'a Certificate>,
    other: impl Iterator<Item = &'a Certificate>,
) -> bool {
    let mut one = one.filter(|own| !own.is_self_issued());
    let mut other = other.filter(|own| !own.is_self_issued());
    loop {
        match (one.next(), other.next()) {
            (None, None) => return true,
            (Some(one), Some(other)) if one.issuer().matches(other.issuer()) => {}
            _ => return false,
        }
    }
}

/// RFC 5280 sections 5.1.2.4 and 5.1.2.5. At nextUpdate the next list is there, so this one is stale.
fn check_current(list: &Crl, rules: &PathRules<'_>) -> Result<(), Refusal> {
    if rules.time < list.this_update() {
        return Err(Refusal::new(Code::CrlNotYetValid).detail(list).found(rules.time));
    }
    if rules.time >= list.next_update() {
        return Err(Refusal::new(Code::CrlStale)
            .detail(list)
            .expected(format_args!("before {}", list.next_update()))
            .found(rules.time));
    }
    Ok(())
}
