//! Lists that were fetched: whoever stands between here and an authority may have written them.
//!
//! A fetched list is looked at beside the one that was verified before it, and it is this search that finds out whether a key
//! of its authority signed it. What it finds is noted here, so that a host can keep the list and replace the one before it,
//! and no earlier list serves again.

use super::links;
use crate::limits::CRLS_UNVERIFIED;
use crate::refusal::{Code, Refusal};
use crate::signature::{RsaLimit, Session};
use crate::x509::Certificate;
use crate::x509::crl::{Crl, Floors, Lineage, VerifiedList};
use crate::x509::signed_data::Signed;
use alloc::vec::Vec;
use core::cell::RefCell;

/// Which of the lists of a check were fetched, and what was found out about them.
#[derive(Debug)]
pub(crate) struct FetchedLists<'a> {
    floors: &'a Floors,
    /// The place of the first. All behind it were fetched.
    start: usize,
    /// The address of each whose signer is not known.
    addresses: Vec<usize>,
    /// The signatures that may be asked for of the lists of one address.
    share: usize,
    /// The lineage of each that is behind them, since it was verified before.
    lineages: Vec<Lineage>,
    found: RefCell<Vec<VerifiedList>>,
}

impl<'a> FetchedLists<'a> {
    /// Those from the place `start` on: first one for each of `addresses`, in their order, then one for each of `lineages`.
    pub(crate) fn new(
        start: usize,
        addresses: Vec<usize>,
        lineages: Vec<Lineage>,
        floors: &'a Floors,
    ) -> Self {
        // So that no address starves another.
        let number = addresses.last().map_or(1, |last| last.saturating_add(1));
        let share = CRLS_UNVERIFIED.checked_div(number).unwrap_or(1).max(1);
        Self { floors, start, addresses, share, lineages, found: RefCell::new(Vec::new()) }
    }

    /// Those that a key of their authority was found to have signed, on the way to whatever the verdict was.
    pub(crate) fn into_found(self) -> Vec<VerifiedList> {
        self.found.into_inner()
    }

    /// Whether the list at this place was fetched.
    pub(super) fn has(&self, index: usize) -> bool {
        index >= self.start
    }

    /// Where the list at this place was fetched, if its signer is not known, and how many signatures may be asked for there.
    pub(super) fn unverified(&self, index: usize) -> Option<(usize, usize)> {
        let address = index.checked_sub(self.start).and_then(|own| self.addresses.get(own));
        address.map(|address| (*address, self.share))
    }

    /// The lineage of the list at this place, if it was verified before.
    pub(super) fn lineage(&self, index: usize) -> Option<Lineage> {
        let own = index.checked_sub(self.start)?.checked_sub(self.addresses.len())?;
        self.lineages.get(own).copied()
    }

    /// A key of its authority signed the list at this place.
    pub(super) fn note(&self, index: usize, list: &Crl, lineage: Lineage) {
        let mut found = self.found.borrow_mut();
        if self.unverified(index).is_some()
            && !found.iter().any(|known| known.list().is_copy_of(list))
        {
            found.push(VerifiedList::new(list.clone(), lineage));
        }
    }

    /// Whether the authority has not replaced the list.
    pub(super) fn check_floor(&self, list: &Crl, lineage: Lineage) -> Result<(), Refusal> {
        if self.floors.is_replaced(lineage, list) {
            return Err(Refusal::new(Code::CrlStale)
                .detail(list)
                .expected("no earlier list than the last one of its authority"));
        }
        Ok(())
    }
}

/// Whether a certificate allows its key to sign revocation lists. Without a keyUsage an authority may do what authorities do
/// (RFC 5280 section 4.2.1.3); who is none may not.
pub(super) fn may_sign_lists(authority: &Certificate) -> bool {
    match authority.extensions().key_usage {
        Some(usage) => usage.crl_sign(),
        None => authority.is_ca(),
    }
}

/// The list as a verified one, when the key of one of these certificates, whose RSA keys have this limit, signed it. They
/// are registered: whoever registered them says that they are what they are.
pub(crate) fn verify_list<'a>(
    list: &Crl,
    registered: impl Iterator<Item = (&'a Certificate, RsaLimit)>,
    session: &Session<'_>,
) -> Option<VerifiedList> {
    let primitive = list.signature_algorithm().primitive()?;
    let signed = Signed { message: list.tbs(), signature: list.signature() };
    registered
        .filter(|(own, _)| own.subject().matches(list.issuer()) && may_sign_lists(own))
        .find(|(authority, rsa)| {
            let key = links::key(authority, *rsa);
            key.is_ok_and(|key| signed.verify(primitive, &key, session).is_ok())
        })
        .map(|(authority, _)| {
            VerifiedList::new(list.clone(), Lineage::new(list, authority)).of_registered()
        })
}
