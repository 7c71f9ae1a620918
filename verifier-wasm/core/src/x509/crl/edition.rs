//! Which lists replace each other, and which of two is the later (RFC 5280 section 5.2.3).
//!
//! Lists of one authority, by one key, about one part of its certificates, are a lineage: its next list replaces the one
//! before. A list by another key, or about another part, says something else, and replaces nothing.

use super::Crl;
use crate::limits;
use crate::time::UnixTime;
use crate::x509::Certificate;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::cmp::Ordering;
use sha2::{Digest, Sha256};

/// The issuer, the key and the part of a list, as a digest. A host stores it beside the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lineage([u8; 32]);

impl Lineage {
    /// The lineage of `list`, which the key of `signer` signed.
    pub(in crate::x509) fn new(list: &Crl, signer: &Certificate) -> Self {
        let mut hash = Sha256::new();
        let parts = [list.issuer().comparable(), signer.public_key_spki(), list.0.scope.der()];
        for part in parts {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// As a host has stored it.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For a host that stores it.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// Which of the lists of a lineage one is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::x509) struct Edition {
    pub(super) this_update: UnixTime,
    /// The contents of an INTEGER from zero on.
    pub(super) number: Option<Box<[u8]>>,
}

impl Edition {
    /// How this compares with `other` of the same lineage: earlier when its date or its number is, later when it is not
    /// and one of the two is later. A list without a number is judged by its date alone.
    pub(in crate::x509) fn compared(&self, other: &Self) -> Ordering {
        let date = self.this_update.cmp(&other.this_update);
        let number = match (&self.number, &other.number) {
            (Some(own), Some(others)) => (own.len(), own).cmp(&(others.len(), others)),
            _ => Ordering::Equal,
        };
        match (date, number) {
            (Ordering::Less, _) | (_, Ordering::Less) => Ordering::Less,
            (date, number) => date.max(number),
        }
    }
}

/// A fetched list, and the lineage of the key that was found to have signed it. Only the verification of a signature makes
/// one.
#[derive(Clone, Debug)]
pub struct VerifiedList {
    list: Crl,
    lineage: Lineage,
}

impl VerifiedList {
    pub(in crate::x509) const fn new(list: Crl, lineage: Lineage) -> Self {
        Self { list, lineage }
    }

    /// For tests of who keeps it.
    #[cfg(test)]
    pub(crate) fn for_test(list: &Crl, signer: &Certificate) -> Self {
        Self::new(list.clone(), Lineage::new(list, signer))
    }

    pub(crate) const fn list(&self) -> &Crl {
        &self.list
    }

    pub(crate) const fn lineage(&self) -> Lineage {
        self.lineage
    }
}

/// The latest edition of each lineage that was ever verified: what is earlier was replaced by its own authority.
#[derive(Clone, Debug, Default)]
pub(crate) struct Floors(Vec<(Lineage, Edition)>);

impl Floors {
    /// Whether the authority has replaced `list`, which is of this lineage.
    pub(crate) fn is_replaced(&self, lineage: Lineage, list: &Crl) -> bool {
        let floor = self.place(lineage).ok().and_then(|place| self.0.get(place));
        floor.is_some_and(|(_, floor)| list.edition().compared(floor) == Ordering::Less)
    }

    /// Takes note of a list of this lineage that was verified. `false` when there is no room.
    pub(crate) fn raise(&mut self, lineage: Lineage, list: &Crl) -> bool {
        let edition = list.edition();
        match self.place(lineage) {
            Ok(place) => {
                if let Some((_, floor)) = self.0.get_mut(place) {
                    floor.this_update = floor.this_update.max(edition.this_update);
                    // A list without a number leaves the one of the list before it.
                    let number =
                        |number: &Option<Box<[u8]>>| number.as_ref().map_or(0, |n| n.len());
                    let (own, others) = (number(&edition.number), number(&floor.number));
                    if (own, &edition.number) > (others, &floor.number) {
                        floor.number.clone_from(&edition.number);
                    }
                }
                true
            }
            Err(_) if self.0.len() >= limits::CRL_FLOORS => false,
            Err(place) => {
                self.0.insert(place, (lineage, edition.clone()));
                true
            }
        }
    }

    fn place(&self, lineage: Lineage) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(&lineage))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::x509::tests::forge::list::{CRL_NUMBER, ListDraft};
    use crate::x509::tests::forge::{Draft, Key, tlv};

    /// A list of a day in November, with these contents of its number.
    fn list(day: &str, number: Option<&[u8]>) -> Crl {
        let from = alloc::format!("2611{day}000000Z");
        let draft = ListDraft::new().holds(&from, "261201000000Z");
        let draft = match number {
            Some(number) => draft.extension(CRL_NUMBER, false, &tlv(0x02, number)),
            None => draft.without_extension(CRL_NUMBER),
        };
        draft.signed_by("a", Key(1))
    }

    fn lineage(list: &Crl) -> Lineage {
        Lineage::new(list, &Draft::authority("a", Key(1)).signed_by("root", Key(2)))
    }

    #[test]
    fn the_later_list_is_later_by_date_and_not_earlier_by_number() {
        use Ordering::{Equal, Greater, Less};
        let check = |one: (&str, Option<&[u8]>), other: (&str, Option<&[u8]>), expect| {
            let (one, other) = (list(one.0, one.1), list(other.0, other.1));
            assert_eq!(one.edition().compared(other.edition()), expect);
        };
        let (low, high): (Option<&[u8]>, Option<&[u8]>) = (Some(&[0x7f]), Some(&[0x00, 0x80]));
        check(("02", high), ("01", low), Greater);
        check(("02", low), ("01", low), Greater);
        check(("01", high), ("01", low), Greater);
        check(("01", low), ("01", low), Equal);
        // Later by date and earlier by number, and the reverse: neither replaces the other.
        check(("02", low), ("01", high), Less);
        check(("01", high), ("02", low), Less);
        check(("02", None), ("01", high), Greater);
        check(("01", None), ("02", low), Less);
        check(("01", None), ("01", high), Equal);
        check(("02", Some(&[0x7f; 20])), ("01", high), Greater);
    }

    #[test]
    fn a_floor_rises_and_never_falls() {
        let mut floors = Floors::default();
        let held = list("02", Some(&[5]));
        let of = lineage(&held);
        assert!(!floors.is_replaced(of, &list("01", Some(&[1]))), "nothing is known yet");
        assert!(floors.raise(of, &held));
        let check = |floors: &Floors, day: &str, number: Option<&[u8]>, expect: bool| {
            assert_eq!(floors.is_replaced(of, &list(day, number)), expect, "{day} {number:?}");
        };
        check(&floors, "02", Some(&[5]), false);
        check(&floors, "03", Some(&[5]), false);
        check(&floors, "03", Some(&[4]), true);
        check(&floors, "01", Some(&[6]), true);
        check(&floors, "01", None, true);
        // One without a number raises the date and leaves the number.
        assert!(floors.raise(of, &list("04", None)));
        check(&floors, "05", Some(&[4]), true);
        check(&floors, "05", Some(&[5]), false);
        check(&floors, "03", Some(&[9]), true);
        // An earlier one changes nothing.
        assert!(floors.raise(of, &list("01", Some(&[1]))));
        check(&floors, "03", Some(&[9]), true);
        check(&floors, "04", Some(&[0x7f]), false);
    }

    #[test]
    fn a_lineage_is_of_one_name_one_key_and_one_part() {
        let signer = |key| Draft::authority("a", key).signed_by("root", Key(2));
        let whole = ListDraft::new();
        let part = whole.clone().scope(&[b"\x82\x01\xff"]);
        let one = lineage(&whole.signed_by("a", Key(1)));
        let again = ListDraft::new().revoking(&[7]).signed_by("a", Key(1));
        assert_eq!(one, lineage(&again));
        assert_ne!(one, lineage(&part.signed_by("a", Key(1))));
        assert_ne!(one, lineage(&whole.signed_by("b", Key(1))));
        assert_ne!(one, Lineage::new(&again, &signer(Key(3))));
        // Of several certificates for one key any is the signer.
        let renewed = Draft::authority("a", Key(1)).with("serial", b"\x02\x01\x09");
        assert_eq!(one, Lineage::new(&again, &renewed.signed_by("root", Key(2))));
        assert_eq!(Lineage::from_bytes(*one.as_bytes()), one);
    }
}
