//! Lists that were fetched: whoever stands between here and an authority may have written them.
//!
//! A fetched list is looked at beside the one that was verified before it, and it is this search that finds out whether a key
//! of its authority signed it. What it finds is noted here, so that a host can keep the list and replace the one before it,
//! and no earlier list serves again.

use super::links;
use crate::refusal::{Code, Refusal};
use crate::signature::{RsaLimit, Session};
use crate::x509::Certificate;
use crate::x509::crl::{Crl, Floors, Lineage, VerifiedList};
use crate::x509::signed_data::Signed;
use alloc::vec::Vec;
use core::cell::RefCell;
use core::ops::Range;

/// Which of the lists of a check were fetched, and what was found out about them.
#[derive(Debug)]
pub(crate) struct FetchedLists<'a> {
    floors: &'a Floors,
    /// The places of those whose signer is not known. All behind them were fetched, too, and verified before.
    unverified: Range<usize>,
    found: RefCell<Vec<VerifiedList>>,
}

impl<'a> FetchedLists<'a> {
    pub(crate) const fn new(unverified: Range<usize>, floors: &'a Floors) -> Self {
        Self { floors, unverified, found: RefCell::new(Vec::new()) }
    }

    /// Those that a key of their authority was found to have signed, on the way to whatever the verdict was.
    pub(crate) fn into_found(self) -> Vec<VerifiedList> {
        self.found.into_inner()
    }

    /// Whether the list at this place was fetched.
    pub(super) fn has(&self, index: usize) -> bool {
        index >= self.unverified.start
    }

    pub(super) fn is_unverified(&self, index: usize) -> bool {
        self.unverified.contains(&index)
    }

    /// A key of its authority signed the list at this place.
    pub(super) fn note(&self, index: usize, list: &Crl, lineage: Lineage) {
        let mut found = self.found.borrow_mut();
        if self.is_unverified(index) && !found.iter().any(|known| known.list().is_copy_of(list)) {
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
        .map(|(authority, _)| VerifiedList::new(list.clone(), Lineage::new(list, authority)))
}
