//! Which lists replace each other, and which of two is the later (RFC 5280 section 5.2.3).
//!
//! Lists of one authority, by one key, about one part of its certificates, are a lineage: its next list replaces the one
//! before. A list by another key, or about another part, says something else, and replaces nothing.

use super::Crl;
use crate::limits;
use crate::time::UnixTime;
use crate::x509::Certificate;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::cmp::Ordering;
use sha2::{Digest, Sha256};

/// The issuer, the key and the part of a list, as two digests: of the first two, and of the third. A host stores it beside the
/// list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lineage([u8; 32]);

impl Lineage {
    /// The lineage of `list`, which the key of `signer` signed.
    pub(in crate::x509) fn new(list: &Crl, signer: &Certificate) -> Self {
        let mut hash = Sha256::new();
        for part in [list.issuer().comparable(), signer.public_key_spki()] {
            hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(part);
        }
        let part = Sha256::digest(list.0.scope.der());
        let mut own = [0; 32];
        // Half of a digest is enough: nobody gains by two lineages of his own being one, and another's has 128 bits.
        let bytes = hash.finalize().into_iter().take(limits::LINEAGE_SIGNER_BYTES).chain(part);
        for (own, byte) in own.iter_mut().zip(bytes) {
            *own = byte;
        }
        Self(own)
    }

    /// Which issuer and key it is of.
    pub(crate) fn signer(&self) -> &[u8] {
        self.0.get(..limits::LINEAGE_SIGNER_BYTES).unwrap_or_default()
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
    registered: bool,
}

impl VerifiedList {
    pub(in crate::x509) const fn new(list: Crl, lineage: Lineage) -> Self {
        Self { list, lineage, registered: false }
    }

    /// The same, by a key that the policy registers.
    pub(crate) fn of_registered(self) -> Self {
        Self { registered: true, ..self }
    }

    pub(crate) const fn is_of_registered(&self) -> bool {
        self.registered
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
pub(crate) struct Floors(Vec<Floor>);

#[derive(Clone, Debug)]
struct Floor {
    lineage: Lineage,
    edition: Edition,
    /// Whether a registered key has signed it.
    registered: bool,
}

impl Floors {
    /// Whether the authority has replaced `list`, which is of this lineage.
    pub(crate) fn is_replaced(&self, lineage: Lineage, list: &Crl) -> bool {
        let floor = self.place(lineage).ok().and_then(|place| self.0.get(place));
        floor.is_some_and(|floor| list.edition().compared(&floor.edition) == Ordering::Less)
    }

    /// Takes note of a list of this lineage that was verified. `false` when there is no room.
    pub(crate) fn raise(&mut self, lineage: Lineage, list: &Crl, registered: bool) -> bool {
        self.raise_to(lineage, list.edition(), registered)
    }

    /// The same as a host has stored it.
    pub(crate) fn restore(
        &mut self,
        lineage: Lineage,
        (this_update, number): (UnixTime, Option<&[u8]>),
        registered: bool,
    ) -> bool {
        let edition = Edition { this_update, number: number.map(Into::into) };
        self.raise_to(lineage, &edition, registered)
    }

    fn raise_to(&mut self, lineage: Lineage, edition: &Edition, registered: bool) -> bool {
        let place = match self.place(lineage) {
            Err(_) if self.0.len() >= limits::CRL_FLOORS => {
                let known = self.0.iter().map(|floor| (floor.lineage, floor.registered));
                let Some(place) = gives_way(known, lineage, registered) else { return false };
                self.0.remove(place);
                self.place(lineage)
            }
            place => place,
        };
        match place {
            Ok(place) => {
                if let Some(floor) = self.0.get_mut(place) {
                    floor.registered |= registered;
                    let floor = &mut floor.edition;
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
            Err(place) => {
                self.0.insert(place, Floor { lineage, edition: edition.clone(), registered });
                true
            }
        }
    }

    fn place(&self, lineage: Lineage) -> Result<usize, usize> {
        self.0.binary_search_by(|floor| floor.lineage.cmp(&lineage))
    }
}

/// Which of `known`, with whether a registered key has signed each, gives way to a list of `lineage` when there is no more room:
/// one of the signer with the most, where the new one's has at least two fewer; else any that is of no registered key, for
/// one that is.
pub(crate) fn gives_way(
    known: impl Iterator<Item = (Lineage, bool)>,
    lineage: Lineage,
    registered: bool,
) -> Option<usize> {
    let mut numbers: BTreeMap<&[u8], usize> = BTreeMap::new();
    let all: Vec<(Lineage, bool)> = known.collect();
    for (known, _) in &all {
        let number = numbers.entry(known.signer()).or_default();
        *number = number.saturating_add(1);
    }
    let number = |lineage: &Lineage| numbers.get(lineage.signer()).copied().unwrap_or(0);
    let others = all.iter().enumerate().filter(|(_, (_, registered))| !registered);
    let (place, (most, _)) = others.max_by_key(|(_, (known, _))| number(known))?;
    let is_fairer = number(most) >= number(&lineage).saturating_add(2);
    (is_fairer || registered).then_some(place)
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
        assert!(floors.raise(of, &held, false));
        let check = |floors: &Floors, day: &str, number: Option<&[u8]>, expect: bool| {
            assert_eq!(floors.is_replaced(of, &list(day, number)), expect, "{day} {number:?}");
        };
        check(&floors, "02", Some(&[5]), false);
        check(&floors, "03", Some(&[5]), false);
        check(&floors, "03", Some(&[4]), true);
        check(&floors, "01", Some(&[6]), true);
        check(&floors, "01", None, true);
        // One without a number raises the date and leaves the number.
        assert!(floors.raise(of, &list("04", None), false));
        check(&floors, "05", Some(&[4]), true);
        check(&floors, "05", Some(&[5]), false);
        check(&floors, "03", Some(&[9]), true);
        // An earlier one changes nothing.
        assert!(floors.raise(of, &list("01", Some(&[1])), false));
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
