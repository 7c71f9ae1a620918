use super::*;
use std::collections::BTreeMap;

mod over_time;

const NOW: UnixTime = UnixTime::from_seconds(1_795_521_600);
const HOUR: i64 = 3600;

fn rules() -> Rules {
    Rules {
        default: SigningAlgorithm::Es256,
        algorithms: BTreeSet::from([SigningAlgorithm::Es256]),
        rotate_every: Some(30 * 24 * HOUR),
        publish_before: 900,
        home: KeyHome::Store,
    }
}

/// What a store does with changes that were planned over `version`; `None` when it has another one by now.
pub(super) fn stored(held: &Held, version: i64, changes: &[Change], now: UnixTime) -> Option<Held> {
    if held.version != version {
        return None;
    }
    let mut held = held.clone();
    if changes.is_empty() {
        return Some(held);
    }
    held.version += 1;
    for change in changes {
        let number = held.keys.iter().map(|key| key.number).max().unwrap_or(0) + 1;
        let mut each = |kid: &str, change: &dyn Fn(&mut KeyLife)| {
            held.keys.iter_mut().filter(|key| key.kid == kid).for_each(change);
        };
        match change {
            Change::Make { algorithm, urgent } => {
                let version = held.version;
                held.keys.push(KeyLife {
                    // As in a store, a name is never given twice.
                    kid: format!("{algorithm}-{version}-{number}"),
                    number,
                    algorithm: *algorithm,
                    home: KeyHome::Store,
                    made: now,
                    version,
                    urgent: *urgent,
                    sign_from: None,
                    sign_until: None,
                    started: false,
                    retired: None,
                    withdrawn: None,
                });
            }
            Change::Sign { kid, from, until } => each(kid, &|key| {
                (key.sign_from, key.sign_until) = (Some(*from), Some(*until));
            }),
            Change::Start { kid } => each(kid, &|key| key.started = true),
            Change::PutOff { kid, until } => each(kid, &|key| key.sign_until = Some(*until)),
            Change::Retire { kid, at } => each(kid, &|key| key.retired = Some(*at)),
            Change::Withdraw { kid, at } => each(kid, &|key| key.withdrawn = Some(*at)),
            Change::Delete { kid } => held.keys.retain(|key| key.kid != *kid),
            Change::Longest { seconds } => held.longest = held.longest.max(*seconds),
            Change::Forget { replica } => held.replicas.retain(|other| other.id != *replica),
        }
    }
    Some(held)
}

/// Plans and stores until nothing is left to do.
fn settled(held: &Held, rules: &Rules, now: UnixTime) -> Held {
    let mut held = held.clone();
    for _ in 0..8 {
        let changes = plan(&held, rules, now);
        if changes.is_empty() {
            return held;
        }
        held = stored(&held, held.version, &changes, now).unwrap();
    }
    panic!("no end: {:?}", plan(&held, rules, now));
}

/// A store with a key that has signed for an hour, and two replicas that publish it.
fn running() -> Held {
    let mut held = settled(&Held { longest: HOUR, ..Held::default() }, &rules(), NOW.plus(-HOUR));
    for id in ["a", "b"] {
        held.replicas.push(Replica { id: id.into(), seen: NOW, loaded: held.version });
    }
    held
}

fn state_of(held: &Held, number: i64, now: UnixTime) -> Option<KeyState> {
    let key = held.keys.iter().find(|key| key.number == number)?;
    Some(key.state(&held.keys, now))
}

fn make(held: &Held, urgent: bool) -> Held {
    let change = Change::Make { algorithm: SigningAlgorithm::Es256, urgent };
    stored(held, held.version, &[change], NOW).unwrap()
}

#[test]
fn the_first_keys_sign_at_once() {
    let algorithms = BTreeSet::from([SigningAlgorithm::Es256, SigningAlgorithm::Rs256]);
    let held = settled(&Held::default(), &Rules { algorithms, ..rules() }, NOW);
    for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::Rs256] {
        assert!(signing(&held.keys, algorithm, NOW).is_some(), "{algorithm}");
    }
    assert_eq!(held.keys.len(), 2);
}

#[test]
fn a_successor_waits_for_every_replica_that_lives() {
    let held = make(&running(), false);
    let rules = rules();
    let check = |seen: i64, loaded: i64, expect: Option<UnixTime>| {
        let mut held = held.clone();
        held.replicas[0].loaded = held.version;
        held.replicas[1] = Replica { id: "b".into(), seen: NOW.plus(seen), loaded };
        let held = settled(&held, &rules, NOW);
        assert_eq!(held.keys[1].sign_from, expect, "{seen} {loaded}");
        assert_eq!(state_of(&held, 1, NOW), Some(KeyState::Signing));
    };
    let after = Some(NOW.plus(900));
    check(0, held.version, after);
    check(0, held.version - 1, None);
    check(-REPLICA_LIVE, held.version - 1, None);
    check(-REPLICA_LIVE - 1, held.version - 1, after);
    // A clock that is ahead, or was set back.
    check(REPLICA_LIVE, held.version - 1, None);
    check(REPLICA_LIVE + 1, held.version - 1, after);
}

#[test]
fn a_key_is_made_published_signs_retires_and_is_gone() {
    let mut held = make(&running(), false);
    let rules = rules();
    assert_eq!(state_of(&held, 2, NOW), Some(KeyState::Made));
    for replica in &mut held.replicas {
        replica.loaded = held.version;
    }
    let held = settled(&held, &rules, NOW);
    let check = |held: &Held, seconds: i64, first: Option<KeyState>, second: KeyState| {
        let now = NOW.plus(seconds);
        assert_eq!(state_of(held, 1, now), first, "{seconds}");
        assert_eq!(state_of(held, 2, now), Some(second), "{seconds}");
    };
    check(&held, 899, Some(KeyState::Signing), KeyState::Published);
    check(&held, 900, Some(KeyState::Retiring), KeyState::Signing);
    let held = settled(&held, &rules, NOW.plus(900));
    let gone = held.keys[0].last_token_ends(HOUR).unwrap();
    assert_eq!(gone, held.keys[0].sign_until.unwrap().plus(HOUR + SKEW_MAX));
    let before = settled(&held, &rules, gone.plus(-1));
    check(&before, gone.since(NOW) - 1, Some(KeyState::Retiring), KeyState::Signing);
    let after = settled(&before, &rules, gone);
    check(&after, gone.since(NOW), None, KeyState::Signing);
}

#[test]
fn a_longer_lifetime_keeps_keys_for_longer() {
    let held = settled(&make(&Held { replicas: Vec::new(), ..running() }, false), &rules(), NOW);
    let held = settled(&held, &rules(), NOW.plus(900));
    let longer = Change::Longest { seconds: 24 * HOUR };
    let held = stored(&held, held.version, &[longer], NOW).unwrap();
    let gone = held.keys[0].last_token_ends(HOUR).unwrap();
    assert_eq!(settled(&held, &rules(), gone).keys.len(), 2);
    assert_eq!(settled(&held, &rules(), gone.plus(23 * HOUR)).keys.len(), 1);
    let shorter = Change::Longest { seconds: 60 };
    assert_eq!(stored(&held, held.version, &[shorter], NOW).unwrap().longest, 24 * HOUR);
}

#[test]
fn a_rotation_is_due_so_that_the_successor_signs_in_time() {
    let held = Held { replicas: Vec::new(), ..running() };
    let began = held.keys[0].sign_from.unwrap();
    let due = began.plus(30 * 24 * HOUR - 900);
    assert_eq!(settled(&held, &rules(), due.plus(-1)).keys.len(), 1);
    let rotated = settled(&held, &rules(), due);
    assert_eq!(rotated.keys[1].sign_from, Some(began.plus(30 * 24 * HOUR)));
    // One at a time.
    assert_eq!(settled(&rotated, &rules(), due.plus(899)).keys.len(), 2);
    let never = Rules { rotate_every: None, ..rules() };
    assert_eq!(settled(&held, &never, due.plus(1_000 * 24 * HOUR)).keys.len(), 1);
}

#[test]
fn keys_move_to_where_they_are_to_be() {
    let held = Held { replicas: Vec::new(), ..running() };
    let moved = plan(&held, &Rules { home: KeyHome::Token, ..rules() }, NOW);
    let make = Change::Make { algorithm: SigningAlgorithm::Es256, urgent: false };
    assert_eq!(moved, [make]);
}

#[test]
fn another_algorithm_is_published_before_it_signs_and_the_old_one_signs_meanwhile() {
    let held = Held { replicas: Vec::new(), ..running() };
    let rules = Rules {
        default: SigningAlgorithm::Rs256,
        algorithms: BTreeSet::from([SigningAlgorithm::Rs256]),
        ..rules()
    };
    let held = settled(&held, &rules, NOW);
    let by_default = |held: &Held, seconds: i64| {
        let key = signing_by_default(&held.keys, SigningAlgorithm::Rs256, NOW.plus(seconds));
        key.map(|key| key.algorithm)
    };
    assert_eq!(by_default(&held, 899), Some(SigningAlgorithm::Es256));
    assert_eq!(signing(&held.keys, SigningAlgorithm::Rs256, NOW.plus(899)), None);
    assert_eq!(by_default(&held, 900), Some(SigningAlgorithm::Rs256));
    let held = settled(&held, &rules, NOW.plus(900));
    let gone = held.keys[0].last_token_ends(held.longest).unwrap();
    assert_eq!(settled(&held, &rules, gone).keys.len(), 1);
}

#[test]
fn i03_a_leaked_key_is_replaced_as_soon_as_replicas_publish_the_next() {
    let held = running();
    let changes = [
        Change::Withdraw { kid: held.keys[0].kid.clone(), at: NOW },
        Change::Make { algorithm: SigningAlgorithm::Es256, urgent: true },
    ];
    let mut held = stored(&held, held.version, &changes, NOW).unwrap();
    let rules = rules();
    assert_eq!(state_of(&held, 1, NOW), Some(KeyState::Withdrawn));
    let signs = |held: &Held, seconds: i64| {
        let held = settled(held, &rules, NOW.plus(seconds));
        let kid = signing(&held.keys, SigningAlgorithm::Es256, NOW.plus(seconds));
        kid.map(|key| key.number)
    };
    // A replica that is silent is not waited for.
    assert_eq!(signs(&held, URGENT_KEY_WAIT - 1), None);
    assert_eq!(signs(&held, URGENT_KEY_WAIT), Some(2));
    for replica in &mut held.replicas {
        replica.loaded = held.version;
    }
    assert_eq!(signs(&held, 0), Some(2));
}

#[test]
fn i19_a_clock_that_was_ahead_neither_stops_signing_nor_the_rotations() {
    let alone = Held { replicas: Vec::new(), ..running() };
    let ahead = NOW.plus(365 * 24 * HOUR);
    // Ahead for the first key.
    let first = settled(&Held::default(), &rules(), ahead);
    let back = settled(&first, &rules(), NOW);
    assert!(signing(&first.keys, SigningAlgorithm::Es256, NOW).is_some());
    assert_eq!(back.keys[0].sign_from, Some(NOW));
    // Ahead while a successor was made.
    let rotated = settled(&alone, &rules(), ahead);
    assert_eq!(rotated.keys.len(), 2);
    let back = settled(&rotated, &rules(), NOW);
    assert_eq!(state_of(&back, 1, NOW), Some(KeyState::Signing));
    assert_eq!(back.keys[1].sign_from, Some(NOW.plus(900)));
    // Ahead until after it signed.
    let rotated = settled(&rotated, &rules(), ahead.plus(900));
    let back = settled(&rotated, &rules(), NOW);
    assert!(signing(&back.keys, SigningAlgorithm::Es256, NOW).is_some());
    let due = NOW.plus(30 * 24 * HOUR);
    assert_eq!(settled(&back, &rules(), due).keys.len(), 3);
}

#[test]
fn a_key_that_stopped_because_nobody_ran_signs_again() {
    let alone = Held { replicas: Vec::new(), ..running() };
    for days in [2, 20] {
        let later = NOW.plus(days * 24 * HOUR);
        assert_eq!(signing(&alone.keys, SigningAlgorithm::Es256, later), None);
        let started = settled(&alone, &rules(), later);
        assert_eq!(state_of(&started, 1, later), Some(KeyState::Signing), "{days}");
    }
}

#[test]
fn an_old_backup_signs_with_what_it_has() {
    // The key of the backup has long been replaced, and its successor is lost.
    let old = Held { replicas: Vec::new(), ..running() };
    let later = NOW.plus(400 * 24 * HOUR);
    let restored = settled(&old, &rules(), later);
    let signer = signing(&restored.keys, SigningAlgorithm::Es256, later).unwrap();
    assert_eq!(signer.number, 1);
    assert_eq!(state_of(&restored, 2, later), Some(KeyState::Published));
}

#[test]
fn what_was_retired_by_hand_signs_no_more_and_is_published_until_its_tokens_end() {
    let mut held = make(&running(), true);
    for replica in &mut held.replicas {
        replica.loaded = held.version;
    }
    let held = settled(&held, &rules(), NOW);
    let retire = Change::Retire { kid: held.keys[1].kid.clone(), at: NOW };
    let held = stored(&held, held.version, &[retire], NOW).unwrap();
    assert_eq!(state_of(&held, 1, NOW), Some(KeyState::Signing));
    assert_eq!(state_of(&held, 2, NOW), Some(KeyState::Retiring));
    let end = held.keys[1].last_token_ends(held.longest).unwrap();
    assert_eq!(state_of(&settled(&held, &rules(), end.plus(-1)), 2, end), Some(KeyState::Retiring));
    assert_eq!(state_of(&settled(&held, &rules(), end), 2, end), None);
}

#[test]
fn replicas_that_are_gone_are_forgotten() {
    let held = running();
    let check = |seconds: i64, expect: usize| {
        assert_eq!(settled(&held, &rules(), NOW.plus(seconds)).replicas.len(), expect);
    };
    check(REPLICA_FORGOTTEN, 2);
    check(REPLICA_FORGOTTEN + 1, 0);
}
