//! The life of signing keys, as a function of what is stored and the time: made, published, signing, retiring, gone.
//!
//! A key that is stored and not withdrawn is published. It signs when every replica that lives has published it for
//! `publish_before`, until `sign_until`, which is put off again and again while it is the newest key of its algorithm: a replica
//! that does not reach the store stops there. It is deleted when the last token that it can have signed has ended.
//!
//! Every [`Change`] is stored in one transaction and only over the version that it was planned for, so replicas that plan at
//! once do it once, and what a crash leaves behind is a state like any other.

use super::SigningAlgorithm;
use crate::limits::{
    PUBLISHED_KEYS, REPLICA_FORGOTTEN, REPLICA_LIVE, SIGN_LEASE, SIGN_LEASE_RENEWED,
    URGENT_KEY_WAIT,
};
use credmint_core::UnixTime;
use credmint_core::limits::SKEW_MAX;
use std::collections::BTreeSet;

/// What is stored of a key beside the key itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLife {
    /// The name of the key: its thumbprint.
    pub kid: String,
    /// Its place among all keys that were ever made, from one on.
    pub number: i64,
    /// What it signs with.
    pub algorithm: SigningAlgorithm,
    /// Where its private half is.
    pub home: KeyHome,
    /// When it was made.
    pub made: UnixTime,
    /// The version of the set that was the first with this key.
    pub version: i64,
    /// Nothing else can sign, so it is not published beforehand.
    pub urgent: bool,
    /// From when it signs; not known before every replica has published it.
    pub sign_from: Option<UnixTime>,
    /// Until when it signs, unless that is put off.
    pub sign_until: Option<UnixTime>,
    /// Whether it has signed: a clock that is set back does not make it unused again.
    pub started: bool,
    /// When an operator had it sign no more.
    pub retired: Option<UnixTime>,
    /// When an operator said that it leaked. It is not published.
    pub withdrawn: Option<UnixTime>,
}

/// Where the private half of a key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHome {
    /// In the store, sealed.
    Store,
    /// In a PKCS#11 token.
    Token,
}

impl KeyHome {
    /// The word for it in the store and in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Token => "token",
        }
    }
}

/// What a key is at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyState {
    /// Not all replicas have published it yet.
    Made,
    /// Verifiers are given time to learn it.
    Published,
    /// It signs.
    Signing,
    /// It does not sign and is published for the tokens that it signed.
    Retiring,
    /// It leaked: it is not published.
    Withdrawn,
}

impl KeyState {
    /// The word for it in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Made => "made",
            Self::Published => "published",
            Self::Signing => "signing",
            Self::Retiring => "retiring",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A process that publishes and signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replica {
    /// Its name, made when it started.
    pub id: String,
    /// When it was heard of last.
    pub seen: UnixTime,
    /// The version of the set that it publishes.
    pub loaded: i64,
}

/// Everything that a plan depends on but the time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Counts the changes.
    pub version: i64,
    /// Every key that is not gone, in the order of their numbers.
    pub keys: Vec<KeyLife>,
    /// The processes that were heard of.
    pub replicas: Vec<Replica>,
    /// The longest lifetime of tokens that was ever configured, in seconds.
    pub longest: i64,
}

/// What the configuration says of the life of keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What signs where a resource names nothing else.
    pub default: SigningAlgorithm,
    /// What there is to be a key for, the default included.
    pub algorithms: BTreeSet<SigningAlgorithm>,
    /// Seconds after which a successor signs; `None` when an operator alone rotates.
    pub rotate_every: Option<i64>,
    /// Seconds from published by the last replica to signing.
    pub publish_before: i64,
    /// Where keys are made.
    pub home: KeyHome,
}

/// One step in the life of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Make a key.
    Make {
        /// What it signs with.
        algorithm: SigningAlgorithm,
        /// Nothing else can sign.
        urgent: bool,
    },
    /// All have published it: say from when it signs and until when.
    Sign {
        /// Which key.
        kid: String,
        /// The first second.
        from: UnixTime,
        /// The second at which it stops.
        until: UnixTime,
    },
    /// It has begun to sign.
    Start {
        /// Which key.
        kid: String,
    },
    /// It signs for longer.
    PutOff {
        /// Which key.
        kid: String,
        /// The second at which it stops.
        until: UnixTime,
    },
    /// It signs no more.
    Retire {
        /// Which key.
        kid: String,
        /// When that was said.
        at: UnixTime,
    },
    /// It is not published any more, and its private half is forgotten.
    Withdraw {
        /// Which key.
        kid: String,
        /// When that was said.
        at: UnixTime,
    },
    /// No token of it is left.
    Delete {
        /// Which key.
        kid: String,
    },
    /// Tokens may live this long.
    Longest {
        /// In seconds.
        seconds: i64,
    },
    /// A process that has not been heard of for long.
    Forget {
        /// Its name.
        replica: String,
    },
}

impl KeyLife {
    /// Whether it may sign some time: it was neither retired nor withdrawn.
    #[must_use]
    pub const fn is_usable(&self) -> bool {
        self.retired.is_none() && self.withdrawn.is_none()
    }

    /// What it is at `now` among `all` keys.
    #[must_use]
    pub fn state(&self, all: &[Self], now: UnixTime) -> KeyState {
        if self.withdrawn.is_some() {
            return KeyState::Withdrawn;
        }
        if signing(all, self.algorithm, now).is_some_and(|signing| signing.kid == self.kid) {
            return KeyState::Signing;
        }
        match self.sign_from {
            _ if self.retired.is_some() || self.started => KeyState::Retiring,
            None => KeyState::Made,
            Some(from) if now < from => KeyState::Published,
            Some(_) => KeyState::Retiring,
        }
    }

    /// When the last token that it can have signed has ended, everywhere; `None` when it cannot have signed.
    #[must_use]
    pub fn last_token_ends(&self, longest: i64) -> Option<UnixTime> {
        Some(self.sign_until?.plus(longest).plus(SKEW_MAX))
    }

    const fn order(&self) -> (Option<UnixTime>, i64) {
        (self.sign_from, self.number)
    }

    fn may_sign_until(&self, now: UnixTime) -> bool {
        self.is_usable() && self.sign_until.is_some_and(|until| now < until)
    }
}

/// The key of an algorithm that signs at `now`: the last that began. When the clock was set back to before all of them, the
/// first that had begun.
#[must_use]
pub fn signing(keys: &[KeyLife], algorithm: SigningAlgorithm, now: UnixTime) -> Option<&KeyLife> {
    let candidates =
        || keys.iter().filter(|key| key.algorithm == algorithm && key.may_sign_until(now));
    let begun = candidates().filter(|key| key.sign_from.is_some_and(|from| from <= now));
    begun
        .max_by_key(|key| key.order())
        .or_else(|| candidates().filter(|key| key.started).min_by_key(|key| key.order()))
}

/// The key that signs where no algorithm is asked for: that of the default, or while it has none, for as long as its first
/// key is being published, the last one of another algorithm that began.
#[must_use]
pub fn signing_by_default(
    keys: &[KeyLife],
    default: SigningAlgorithm,
    now: UnixTime,
) -> Option<&KeyLife> {
    signing(keys, default, now).or_else(|| {
        let others = SigningAlgorithm::ALL.into_iter().filter(|other| *other != default);
        others.filter_map(|other| signing(keys, other, now)).max_by_key(|key| key.order())
    })
}

/// What is to be stored next. Nothing, when all is as it should be.
#[must_use]
pub fn plan(held: &Held, rules: &Rules, now: UnixTime) -> Vec<Change> {
    let mut changes = Vec::new();
    for key in &held.keys {
        changes.extend(begin(key, held, rules, now));
    }
    let mut kept = BTreeSet::new();
    for algorithm in &rules.algorithms {
        changes.extend(make(*algorithm, held, rules, now));
        kept.extend(newest(&held.keys, *algorithm, |key| key.started).map(|key| key.number));
    }
    kept.extend(signing_by_default(&held.keys, rules.default, now).map(|key| key.number));
    for key in &held.keys {
        let is_kept = kept.contains(&key.number);
        if is_kept && key.sign_until.is_some_and(|until| until.since(now) < SIGN_LEASE_RENEWED) {
            changes.push(Change::PutOff { kid: key.kid.clone(), until: now.plus(SIGN_LEASE) });
        }
        if !is_kept && is_over(key, held, now) {
            changes.push(Change::Delete { kid: key.kid.clone() });
        }
    }
    let silent = |replica: &&Replica| now.since(replica.seen).saturating_abs() > REPLICA_FORGOTTEN;
    let forget = |replica: &Replica| Change::Forget { replica: replica.id.clone() };
    changes.extend(held.replicas.iter().filter(silent).map(forget));
    changes
}

/// The last usable key of an algorithm that is as `wanted`.
pub(super) fn newest(
    keys: &[KeyLife],
    algorithm: SigningAlgorithm,
    wanted: impl Fn(&KeyLife) -> bool,
) -> Option<&KeyLife> {
    keys.iter()
        .filter(|key| key.algorithm == algorithm && key.is_usable() && wanted(key))
        .max_by_key(|key| key.number)
}

/// A key where there is none, or a successor where it is time.
fn make(algorithm: SigningAlgorithm, held: &Held, rules: &Rules, now: UnixTime) -> Option<Change> {
    let Some(newest) = newest(&held.keys, algorithm, |_| true) else {
        let urgent = SigningAlgorithm::ALL
            .into_iter()
            .all(|any| newest(&held.keys, any, |key| key.started).is_none());
        return Some(Change::Make { algorithm, urgent });
    };
    let from = newest.sign_from.filter(|_| newest.started)?;
    let is_old = rules
        .rotate_every
        .is_some_and(|every| now.since(from) >= every.saturating_sub(rules.publish_before));
    let is_elsewhere = newest.home != rules.home;
    ((is_old || is_elsewhere) && has_room(held))
        .then_some(Change::Make { algorithm, urgent: false })
}

/// Whether verifiers take a set with one key more.
#[must_use]
pub fn has_room(held: &Held) -> bool {
    held.keys.iter().filter(|key| key.withdrawn.is_none()).count() < PUBLISHED_KEYS
}

/// What leads from made to signing.
fn begin(key: &KeyLife, held: &Held, rules: &Rules, now: UnixTime) -> Option<Change> {
    if !key.is_usable() {
        return None;
    }
    let kid = key.kid.clone();
    let sign = |from: UnixTime| {
        let until = from.plus(SIGN_LEASE).max(key.sign_until.unwrap_or(from));
        Some(Change::Sign { kid: key.kid.clone(), from, until })
    };
    match key.sign_from {
        None if key.urgent && can_begin_urgently(key, held, now) => sign(now),
        None if !key.urgent && is_published(key, held, now) => sign(now.plus(rules.publish_before)),
        None => None,
        Some(from) if key.started => {
            // It was set when the clock was ahead, and would put off the next rotation by as much.
            (from.since(now) > SKEW_MAX).then(|| sign(now)).flatten()
        }
        Some(from) if from <= now => Some(Change::Start { kid }),
        Some(from) if from.since(now) > rules.publish_before.saturating_add(SKEW_MAX) => {
            sign(now.plus(rules.publish_before))
        }
        Some(_) => None,
    }
}

/// Whether every replica that lives publishes it.
fn is_published(key: &KeyLife, held: &Held, now: UnixTime) -> bool {
    let mut live = held
        .replicas
        .iter()
        .filter(|replica| now.since(replica.seen).saturating_abs() <= REPLICA_LIVE);
    live.all(|replica| replica.loaded >= key.version)
}

/// The same where each second without it costs tokens: a replica that is silent is not waited for.
fn can_begin_urgently(key: &KeyLife, held: &Held, now: UnixTime) -> bool {
    is_published(key, held, now) || now.since(key.made).saturating_abs() >= URGENT_KEY_WAIT
}

/// Whether nothing is left that it could verify.
fn is_over(key: &KeyLife, held: &Held, now: UnixTime) -> bool {
    if key.is_usable() && !key.started {
        // It is to sign some time.
        return false;
    }
    key.last_token_ends(held.longest).is_none_or(|end| end <= now)
}

#[cfg(test)]
mod tests;
