//! Places for connections: how many there are, how many of them one address may have, and who gives way when they are short.
//!
//! A connection on which no request is being answered is idle, from its first moment on. When an address has all of its
//! share, or all places are taken, the connection that has been idle for the longest time ends, of that address or of all. So a
//! silent connection costs others nothing, however many there are. Only when none is idle the one that comes is turned away.

use crate::limits::{TURNED_AWAY, TURNED_AWAY_AN_ADDRESS};
use crate::source::Source;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// The places of all connections.
#[derive(Debug)]
pub(super) struct Places {
    table: Mutex<Table>,
}

#[derive(Debug)]
struct Table {
    limit: usize,
    share: usize,
    /// What the next connection, and the next time that one becomes idle, is known by.
    next: u64,
    held: HashMap<u64, Held>,
    /// Who has been idle since when, the longest first.
    idle: BTreeMap<u64, u64>,
    of: HashMap<Source, OfSource>,
    turned_away: HashMap<Option<Source>, usize>,
}

#[derive(Debug)]
struct Held {
    source: Option<Source>,
    /// Requests that are being answered.
    open: usize,
    idle_since: u64,
    gives_way: Arc<Notify>,
}

#[derive(Debug, Default)]
struct OfSource {
    held: usize,
    idle: BTreeSet<u64>,
}

/// The place of one connection, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    kind: Kind,
    gives_way: Arc<Notify>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It has a place, by this number.
    Held(u64),
    /// It is only told that there is none.
    TurnedAway(Option<Source>),
}

impl Places {
    /// This many places, of which one address may have as many as its share.
    pub(super) fn new(limit: usize, share: usize) -> Arc<Self> {
        let table = Table {
            limit,
            share,
            next: 0,
            held: HashMap::new(),
            idle: BTreeMap::new(),
            of: HashMap::new(),
            turned_away: HashMap::new(),
        };
        Arc::new(Self { table: Mutex::new(table) })
    }

    /// Other limits, for connections that come from here on.
    pub(super) fn resize(&self, limit: usize, share: usize) {
        let mut table = self.table();
        (table.limit, table.share) = (limit, share);
    }

    /// A place for a connection of `source`; without one it counts for no address. `None` when it cannot even be told that
    /// there is none.
    pub(super) fn take(self: &Arc<Self>, source: Option<Source>) -> Option<Place> {
        let mut table = self.table();
        if !table.has_room(source) {
            return table.turn_away(source).then(|| self.place(Kind::TurnedAway(source)));
        }
        let gives_way = Arc::new(Notify::new());
        let number = table.hold(source, Arc::clone(&gives_way));
        Some(Place { places: Arc::clone(self), kind: Kind::Held(number), gives_way })
    }

    fn place(self: &Arc<Self>, kind: Kind) -> Place {
        Place { places: Arc::clone(self), kind, gives_way: Arc::new(Notify::new()) }
    }

    /// Ends the connection that has been idle for the longest time, when the system has no room for another one.
    pub(super) fn make_room(&self) {
        self.table().end_idle();
    }

    /// Connections that have a place, and how many of them are idle.
    pub(super) fn counts(&self) -> (usize, usize) {
        let table = self.table();
        (table.held.len(), table.idle.len())
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    /// Whether there is a place, after somebody gave way if need be.
    fn has_room(&mut self, source: Option<Source>) -> bool {
        let has_share = source.is_none_or(|source| self.has_share(source));
        has_share && (self.held.len() < self.limit || self.end_idle())
    }

    fn has_share(&mut self, source: Source) -> bool {
        let Some(of) = self.of.get(&source) else { return self.share > 0 };
        if of.held < self.share {
            return true;
        }
        let longest = of.idle.first().and_then(|since| self.idle.get(since)).copied();
        longest.is_some_and(|number| self.end(number))
    }

    fn end_idle(&mut self) -> bool {
        let longest = self.idle.first_key_value().map(|(_, number)| *number);
        longest.is_some_and(|number| self.end(number))
    }

    /// Takes its place from a connection.
    fn end(&mut self, number: u64) -> bool {
        let Some(held) = self.release(number) else { return false };
        held.gives_way.notify_one();
        true
    }

    fn hold(&mut self, source: Option<Source>, gives_way: Arc<Notify>) -> u64 {
        let number = self.number();
        self.held.insert(number, Held { source, open: 0, idle_since: number, gives_way });
        if let Some(source) = source {
            self.of.entry(source).or_default().held += 1;
        }
        self.set_idle(number, source, number);
        number
    }

    fn release(&mut self, number: u64) -> Option<Held> {
        let held = self.held.remove(&number)?;
        self.unset_idle(held.source, held.idle_since);
        if let Some(source) = held.source
            && let Some(of) = self.of.get_mut(&source)
        {
            of.held -= 1;
            if of.held == 0 {
                self.of.remove(&source);
            }
        }
        Some(held)
    }

    fn set_idle(&mut self, number: u64, source: Option<Source>, since: u64) {
        self.idle.insert(since, number);
        if let Some(of) = source.and_then(|source| self.of.get_mut(&source)) {
            of.idle.insert(since);
        }
    }

    fn unset_idle(&mut self, source: Option<Source>, since: u64) {
        self.idle.remove(&since);
        if let Some(of) = source.and_then(|source| self.of.get_mut(&source)) {
            of.idle.remove(&since);
        }
    }

    const fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn turn_away(&mut self, source: Option<Source>) -> bool {
        let all: usize = self.turned_away.values().sum();
        let own = self.turned_away.entry(source).or_default();
        let has_room = all < TURNED_AWAY && *own < TURNED_AWAY_AN_ADDRESS;
        *own += usize::from(has_room);
        if *own == 0 {
            self.turned_away.remove(&source);
        }
        has_room
    }
}

impl Place {
    /// Whether it is a place at all, and not the news that there is none.
    pub(super) const fn is_held(&self) -> bool {
        matches!(self.kind, Kind::Held(_))
    }

    /// Notified when another connection needs the place more, also where the place itself is lent to somebody.
    pub(super) fn gives_way(&self) -> Arc<Notify> {
        Arc::clone(&self.gives_way)
    }

    /// Ends when another connection needs the place more.
    pub(super) async fn given_away(&self) {
        self.gives_way.notified().await;
    }

    /// Counts it for another source than the one it was taken for, or for none. The place is given back when that one has its
    /// share already.
    #[must_use]
    pub(super) fn count_for(self, source: Option<Source>) -> Option<Self> {
        let Kind::Held(number) = self.kind else { return Some(self) };
        let mut table = self.places.table();
        // That its connection is told to end counts for nothing here: it comes to that when it is served.
        let Some(mut held) = table.release(number) else {
            drop(table);
            return Some(self);
        };
        if source.is_some_and(|source| !table.has_share(source)) {
            drop(table);
            return None;
        }
        held.source = source;
        let since = held.idle_since;
        table.held.insert(number, held);
        if let Some(source) = source {
            table.of.entry(source).or_default().held += 1;
        }
        table.set_idle(number, source, since);
        drop(table);
        Some(self)
    }

    /// A request is being answered from here on. False when another connection has the place.
    #[must_use]
    pub(super) fn begin(&self) -> bool {
        let Kind::Held(number) = self.kind else { return true };
        let mut table = self.places.table();
        let Some(held) = table.held.get_mut(&number) else { return false };
        held.open += 1;
        let (source, since) = (held.source, held.idle_since);
        table.unset_idle(source, since);
        true
    }

    /// It is answered.
    pub(super) fn end(&self) {
        let Kind::Held(number) = self.kind else { return };
        let mut table = self.places.table();
        let since = table.number();
        let Some(held) = table.held.get_mut(&number) else { return };
        held.open = held.open.saturating_sub(1);
        if held.open > 0 {
            return;
        }
        held.idle_since = since;
        let source = held.source;
        table.set_idle(number, source, since);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut table = self.places.table();
        match self.kind {
            Kind::Held(number) => drop(table.release(number)),
            Kind::TurnedAway(source) => {
                if let Some(own) = table.turned_away.get_mut(&source) {
                    *own -= 1;
                    if *own == 0 {
                        table.turned_away.remove(&source);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
