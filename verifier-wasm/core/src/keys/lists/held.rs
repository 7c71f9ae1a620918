//! What is held of one address: what a request waits for, which of its lists wait for a signer, and which are kept.

use super::{Answer, Held, Kept};
use crate::keys::Dated;
use crate::limits::{
    CRL_COOL_DOWN, CRL_FRESH, CRL_REFRESH, CRL_UNVERIFIED_AGE, CRL_UNVERIFIED_BYTES, CRLS,
    FETCH_BACK_OFF,
};
use crate::time::UnixTime;
use crate::x509::{Crl, Lineage, gives_way};
use alloc::vec::Vec;

impl Held {
    /// The table of the module: what a request waits for.
    pub(super) fn is_wanted(&self, now: UnixTime) -> bool {
        let serves = self.kept.iter().any(|kept| now < kept.list.next_update());
        let fresh = |answer: Answer| answer.age(now) < CRL_FRESH;
        self.is_old(now) && (!serves || (self.failed.is_none() && !self.answer.is_some_and(fresh)))
    }

    /// Whether newer ones should be had, and may be asked for.
    pub(super) fn is_old(&self, now: UnixTime) -> bool {
        let just = |failed: UnixTime| now.since(failed).saturating_abs() < FETCH_BACK_OFF;
        if self.failed.is_some_and(just) {
            return false;
        }
        let Some(answer) = &self.answer else { return true };
        let soon = !answer.settled || now >= answer.until;
        answer.age(now) >= if soon { CRL_COOL_DOWN } else { CRL_REFRESH }
    }

    pub(super) fn is_empty(&self, now: UnixTime) -> bool {
        self.kept.is_empty() && self.recent(now).next().is_none()
    }

    /// The lists without a known signer that are looked at: as long as the source says them, or could have been asked.
    pub(super) fn recent(&self, now: UnixTime) -> impl Iterator<Item = &Crl> {
        let is_recent = move |answer: Answer| answer.age(now) < CRL_UNVERIFIED_AGE;
        let fresh = self.fresh.iter().filter(move |_| self.answer.is_some_and(is_recent));
        let earlier = self.earlier.iter().filter(move |list| list.age(now) < CRL_UNVERIFIED_AGE);
        fresh.chain(earlier.map(|list| &list.value))
    }

    pub(super) fn unverified(&self) -> impl Iterator<Item = &Crl> {
        self.fresh.iter().chain(self.earlier.iter().map(|list| &list.value))
    }

    /// Whether this very list is among those without a known signer.
    pub(super) fn has(&self, list: &Crl) -> bool {
        self.unverified().any(|held| held.is_copy_of(list))
    }

    /// Takes the lists of an answer, and says whether that changes what is looked at.
    pub(super) fn take(&mut self, lists: Vec<Crl>, now: UnixTime) -> bool {
        let is_kept = |list: &Crl| self.kept.iter().any(|kept| kept.list == *list);
        let settled = lists.iter().any(is_kept);
        let until = lists.iter().map(Crl::next_update).min().unwrap_or(now);
        let before = self.unverified().count();
        let mut fresh: Vec<Crl> = Vec::new();
        let mut changed = false;
        for list in lists {
            if is_kept(&list) || fresh.contains(&list) {
                continue;
            }
            // What is known already stays the value that it is: a decision may be about to say of it that it is signed.
            let known = self.unverified().find(|known| **known == list).cloned();
            changed |= known.is_none();
            fresh.push(known.unwrap_or(list));
        }
        let mut bytes = fresh.iter().map(|list| list.raw().len()).fold(0, usize::saturating_add);
        // That the kept list comes again takes nothing from those that wait: it may be what somebody wants to be seen.
        let last = self.answer.map_or(now, |answer| answer.at);
        let others = self.fresh.drain(..).map(|value| Dated { value, at: last });
        let mut earlier: Vec<Dated<Crl>> = others.chain(self.earlier.drain(..)).collect();
        earlier.retain(|list| list.age(now) < CRL_UNVERIFIED_AGE && !fresh.contains(&list.value));
        earlier.truncate(CRLS.saturating_sub(fresh.len()));
        earlier.retain(|list| {
            bytes = bytes.saturating_add(list.value.raw().len());
            bytes <= CRL_UNVERIFIED_BYTES
        });
        (self.fresh, self.earlier) = (fresh, earlier);
        self.answer = Some(Answer { at: now, until, settled });
        self.failed = None;
        changed || self.unverified().count() != before
    }

    pub(super) fn drop_unverified(&mut self, list: &Crl) {
        self.fresh.retain(|held| !held.is_copy_of(list));
        self.earlier.retain(|held| !held.value.is_copy_of(list));
    }

    /// Keeps a list that was verified and that its authority has not replaced. Gives whether it is kept, and what is no longer
    /// kept in its favour.
    pub(super) fn keep(&mut self, new: Kept, now: Option<UnixTime>) -> (bool, Option<Lineage>) {
        let is_fresh = self.fresh.iter().any(|held| held.is_copy_of(&new.list));
        let place = match self.kept.iter().position(|kept| kept.lineage == new.lineage) {
            Some(place) => Some(place),
            None if self.kept.len() < CRLS => None,
            // More lineages than any real source has: another gives way, or the list stays what it is.
            None => match self.place_for(&new, now) {
                Some(place) => Some(place),
                None => return (false, None),
            },
        };
        self.drop_unverified(&new.list);
        if let Some(answer) = self.answer.as_mut().filter(|_| is_fresh) {
            answer.settled = true;
        }
        let Some(kept) = place.and_then(|place| self.kept.get_mut(place)) else {
            self.kept.push(new);
            return (true, None);
        };
        if kept.lineage != new.lineage {
            let dropped = kept.lineage;
            *kept = new;
            return (true, Some(dropped));
        }
        kept.registered |= new.registered;
        let stays = !kept.list.is_copy_of(&new.list) && !new.list.replaces(&kept.list);
        if !stays {
            kept.list = new.list;
        }
        (!stays, None)
    }

    /// The place that `new` takes of another when all are taken: of one that is past its nextUpdate, the longest; else by
    /// [`gives_way`].
    fn place_for(&self, new: &Kept, now: Option<UnixTime>) -> Option<usize> {
        let is_past = |kept: &Kept| {
            now.is_some_and(|now| kept.list.next_update() <= now)
                && (new.registered || !kept.registered)
        };
        let past = self.kept.iter().enumerate().filter(|(_, kept)| is_past(kept));
        let past = past.min_by_key(|(_, kept)| kept.list.next_update()).map(|(place, _)| place);
        let known = self.kept.iter().map(|kept| (kept.lineage, kept.registered));
        past.or_else(|| gives_way(known, new.lineage, new.registered))
    }
}

impl Answer {
    /// Seconds between then and now, in either direction.
    fn age(&self, now: UnixTime) -> i64 {
        now.since(self.at).saturating_abs()
    }
}
