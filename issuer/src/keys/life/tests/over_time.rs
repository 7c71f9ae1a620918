//! Replicas that start, stop, lose the store and plan at once, over days: what holds at every moment.

use super::*;
use crate::limits::{PUBLISH_BEFORE_MIN, REPLICA_LIVE};
use proptest::prelude::*;

/// Seconds between two looks at the store here. Replicas look every two seconds: the longer, the worse.
const TICK: i64 = 30;
/// Until each replica has had its turn.
const ROUND: i64 = 6 * TICK;

#[derive(Clone, Debug)]
enum Event {
    /// Time goes by, in which each replica does what it does.
    Wait(u16),
    /// A replica starts.
    Open(usize),
    /// It ends without a word.
    Kill(usize),
    /// It does not reach the store any more.
    CutOff(usize),
    /// It reaches it again.
    Join(usize),
    /// It plans, and stores that later.
    Plan(usize),
    /// It stores what it planned.
    Store(usize),
    /// An operator rotates.
    Rotate,
    /// An operator says that all keys have leaked.
    Leaked,
    /// The policy allows other lifetimes.
    Lifetimes(i64),
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let replica = || 0..3_usize;
    let event = prop_oneof![
        6 => (1..120_u16).prop_map(Event::Wait),
        3 => (120..3000_u16).prop_map(Event::Wait),
        3 => replica().prop_map(Event::Open),
        1 => replica().prop_map(Event::Kill),
        1 => replica().prop_map(Event::CutOff),
        2 => replica().prop_map(Event::Join),
        3 => replica().prop_map(Event::Plan),
        3 => replica().prop_map(Event::Store),
        3 => Just(Event::Rotate),
        1 => Just(Event::Leaked),
        1 => (60..86_400_i64).prop_map(Event::Lifetimes),
    ];
    prop::collection::vec(event, 1..30)
}

struct Running {
    id: String,
    set: Held,
    /// Since when it has published each key, without an end.
    published: BTreeMap<String, UnixTime>,
    reaches_store: bool,
    joined: UnixTime,
    heard: UnixTime,
    planned: Option<(i64, Vec<Change>)>,
    lifetime: i64,
}

struct World {
    store: Held,
    now: UnixTime,
    replicas: [Option<Running>; 3],
    opened: u32,
    /// The key of each token that has not ended, and its end.
    tokens: Vec<(String, UnixTime)>,
    lifetime: i64,
}

impl World {
    fn happen(&mut self, event: &Event) {
        match *event {
            Event::Wait(ticks) => (0..ticks).for_each(|tick| self.tick(tick)),
            Event::Open(at) if self.replicas[at].is_none() => self.open(at),
            Event::Open(_) => {}
            Event::Kill(at) => self.replicas[at] = None,
            Event::CutOff(at) => self.each(at, |replica, _, _| replica.reaches_store = false),
            Event::Join(at) => self.each(at, |replica, store, now| {
                if !replica.reaches_store {
                    (replica.reaches_store, replica.joined) = (true, now);
                    replica.look(store, now);
                }
            }),
            Event::Plan(at) => self.each(at, |replica, store, now| {
                if replica.reaches_store {
                    replica.planned = Some((store.version, plan(store, &quick(), now)));
                }
            }),
            Event::Store(at) => self.each(at, |replica, store, now| {
                if let Some((version, changes)) = replica.planned.take()
                    && replica.reaches_store
                    && let Some(changed) = stored(store, version, &changes, now)
                {
                    *store = changed;
                }
            }),
            Event::Rotate => self.rotate(),
            Event::Leaked => self.leaked(),
            Event::Lifetimes(seconds) => self.allow(seconds),
        }
        self.check();
    }

    fn each(&mut self, at: usize, change: impl FnOnce(&mut Running, &mut Held, UnixTime)) {
        if let Some(replica) = &mut self.replicas[at] {
            change(replica, &mut self.store, self.now);
        }
    }

    fn change(&mut self, changes: &[Change]) {
        self.store = stored(&self.store, self.store.version, changes, self.now).unwrap();
    }

    fn open(&mut self, at: usize) {
        self.opened += 1;
        self.store = settled(&self.store, &quick(), self.now);
        let id = format!("{}", self.opened);
        // In one change with the reading, so that no plan is stored that does not know of it.
        self.store.version += 1;
        let loaded = self.store.version;
        self.store.replicas.push(Replica { id: id.clone(), seen: self.now, loaded });
        // Nobody has read an earlier set of it.
        let never = UnixTime::from_seconds(0);
        let mut replica = Running {
            id,
            set: Held::default(),
            published: BTreeMap::new(),
            reaches_store: true,
            joined: self.now,
            heard: never,
            planned: None,
            lifetime: self.lifetime,
        };
        replica.load(&self.store, self.now);
        replica.heard = self.now;
        self.replicas[at] = Some(replica);
    }

    fn rotate(&mut self) {
        let pending = self.store.keys.iter().any(|key| key.is_usable() && !key.started);
        if !pending && !self.store.keys.is_empty() {
            self.change(&[Change::Make { algorithm: SigningAlgorithm::Es256, urgent: false }]);
        }
    }

    /// As the command does. What was signed before is refused from then on.
    fn leaked(&mut self) {
        let keys = self.store.keys.iter().filter(|key| key.withdrawn.is_none());
        let mut changes: Vec<Change> =
            keys.map(|key| Change::Withdraw { kid: key.kid.clone(), at: self.now }).collect();
        changes.push(Change::Make { algorithm: SigningAlgorithm::Es256, urgent: true });
        self.change(&changes);
        self.tokens.clear();
    }

    /// A replica takes a policy when it has stored how long its tokens live.
    fn allow(&mut self, seconds: i64) {
        self.change(&[Change::Longest { seconds }]);
        self.lifetime = seconds;
        for replica in self.replicas.iter_mut().flatten().filter(|replica| replica.reaches_store) {
            replica.lifetime = seconds;
        }
    }

    /// Time goes by, every replica reads, one of them plans, and each signs.
    fn tick(&mut self, tick: u16) {
        self.now = self.now.plus(TICK);
        for at in 0..self.replicas.len() {
            self.each(at, |replica, store, now| replica.look(store, now));
        }
        let planner = usize::from(tick) % self.replicas.len();
        self.each(planner, |replica, store, now| {
            let changes = plan(store, &quick(), now);
            if replica.reaches_store
                && !changes.is_empty()
                && let Some(changed) = stored(store, store.version, &changes, now)
            {
                *store = changed;
                replica.look(store, now);
            }
        });
        let now = self.now;
        self.tokens.retain(|(_, ends)| now < *ends);
        for replica in self.replicas.iter().flatten() {
            if let Some(key) = signing(&replica.set.keys, SigningAlgorithm::Es256, now) {
                // The last token of a key is the one to look at.
                let ends = now.plus(replica.lifetime);
                match self.tokens.iter_mut().find(|(kid, _)| *kid == key.kid) {
                    Some((_, last)) => *last = ends.max(*last),
                    None => self.tokens.push((key.kid.clone(), ends)),
                }
            }
        }
        self.check();
    }

    /// What holds at every moment.
    fn check(&self) {
        let now = self.now;
        let withdrawn = |kid: &str| {
            self.store.keys.iter().any(|key| key.kid == *kid && key.withdrawn.is_some())
        };
        let last_made = self.store.keys.iter().map(|key| key.made).max();
        for replica in self.replicas.iter().flatten() {
            let signing = signing(&replica.set.keys, SigningAlgorithm::Es256, now);
            let settled = now.since(replica.joined) > ROUND
                && last_made.is_some_and(|made| now.since(made) > ROUND);
            assert!(
                signing.is_some() || !replica.reaches_store || !settled,
                "nothing signs: {:#?}",
                self.store
            );
            if let Some(key) = signing.filter(|key| !key.urgent && !withdrawn(&key.kid)) {
                self.is_published(key);
            }
            for (kid, ends) in &self.tokens {
                let knows = replica.published.contains_key(kid) || withdrawn(kid);
                assert!(knows || !replica.reaches_store, "{kid} until {ends}: {:#?}", self.store);
            }
        }
    }

    /// All that were heard of have published it for long enough.
    fn is_published(&self, key: &KeyLife) {
        let live = self.replicas.iter().flatten();
        for replica in live.filter(|replica| self.now.since(replica.heard) <= REPLICA_LIVE) {
            let since = replica.published.get(&key.kid).copied();
            let long = since.map(|since| self.now.since(since));
            assert!(long >= Some(PUBLISH_BEFORE_MIN), "{long:?} {key:?}");
        }
    }
}

impl Running {
    /// Reads the store, publishes what is there, and says so.
    fn look(&mut self, store: &mut Held, now: UnixTime) {
        if !self.reaches_store {
            return;
        }
        self.load(store, now);
        self.heard = now;
        let loaded = self.set.version;
        match store.replicas.iter_mut().find(|row| row.id == self.id) {
            Some(row) => (row.seen, row.loaded) = (now, loaded),
            None => {
                store.version += 1;
                let loaded = store.version;
                store.replicas.push(Replica { id: self.id.clone(), seen: now, loaded });
            }
        }
    }

    fn load(&mut self, store: &Held, now: UnixTime) {
        // Whoever was silent for so long was not waited for.
        let since =
            if now.since(self.heard) > REPLICA_LIVE { UnixTime::from_seconds(0) } else { now };
        self.set = store.clone();
        let set = store.keys.iter().filter(|key| key.withdrawn.is_none());
        let before = std::mem::take(&mut self.published);
        let kept = |kid: &String| before.get(kid).copied().unwrap_or(since);
        self.published = set.map(|key| (key.kid.clone(), kept(&key.kid))).collect();
    }
}

fn quick() -> Rules {
    Rules { rotate_every: Some(6 * HOUR), ..rules() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn i05_at_every_moment_the_set_verifies_what_was_signed_and_all_publish_before_one_signs(
        events in events()
    ) {
        let mut world = World {
            store: Held { longest: HOUR, ..Held::default() },
            now: NOW,
            replicas: [None, None, None],
            opened: 0,
            tokens: Vec::new(),
            lifetime: HOUR,
        };
        world.happen(&Event::Open(0));
        for event in &events {
            world.happen(event);
        }
    }
}
