//! The keys of an issuer in its store: their life is carried on here, by the processes that serve and by the command.

use super::file::{self, former_path};
use super::life::{self, Change, Held, KeyHome, KeyLife, KeyState, Rules, plan};
use super::sealing_keys::SealingKeys;
use super::set::{KeySet, KnownKey};
use super::software::SoftwareKey;
use super::table::{KeyTable, StoredKeys, Write};
use super::vault::{MadeKey, Vault, public_of};
use super::{KeyError, PublicJwk, SealingKeyPlace, SigningAlgorithm};
use crate::config::SigningConfig;
use crate::limits::{KEY_ROUNDS, SIGN_LEASE};
use crate::store::Database;
use credmint_core::UnixTime;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What the configuration says of signing keys.
#[derive(Clone, Debug)]
pub struct KeyOptions {
    /// What signs where a resource names nothing else.
    pub default: SigningAlgorithm,
    /// What there is to be a key for, the default included.
    pub algorithms: BTreeSet<SigningAlgorithm>,
    /// Seconds after which a successor signs; `None` when an operator alone rotates.
    pub rotate_every: Option<i64>,
    /// Seconds from published by the last replica to signing.
    pub publish_before: i64,
    /// The key-encryption key; `None` for one beside the store.
    pub sealing_key: Option<SealingKeyPlace>,
    /// Those of before, which open what they sealed.
    pub former_sealing_keys: Vec<SealingKeyPlace>,
    /// The state directory.
    pub folder: PathBuf,
}

impl KeyOptions {
    /// What the configuration says for an issuer with this state directory.
    #[must_use]
    pub fn of(signing: &SigningConfig, state_directory: &Path) -> Self {
        Self {
            default: signing.algorithm,
            algorithms: signing.algorithms(),
            rotate_every: signing.rotate_every,
            publish_before: signing.publish_before,
            sealing_key: signing.key_encryption_key.clone(),
            former_sealing_keys: signing.former_key_encryption_keys.clone(),
            folder: state_directory.to_owned(),
        }
    }
}

/// The keys of an issuer in its store.
pub struct KeyStore {
    pub(super) table: KeyTable,
    pub(super) vault: Arc<Vault>,
    pub(super) rules: Rules,
    folder: PathBuf,
}

/// What a rotation did for one algorithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotated {
    /// Which one.
    pub algorithm: SigningAlgorithm,
    /// The key that is to sign.
    pub kid: String,
    /// From when it signs, when that is known.
    pub sign_from: Option<UnixTime>,
    /// Whether it was made now; else one was being published already.
    pub is_made: bool,
}

/// What a rotation did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// For each algorithm.
    pub successors: Vec<Rotated>,
    /// The keys that are not published any more, whatever their algorithm.
    pub withdrawn: Vec<String>,
}

/// Which keys somebody else may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaked {
    /// None.
    Nothing,
    /// Those of the algorithms that are rotated.
    Rotated,
    /// All that are stored, those of algorithms that are not configured any more as well.
    All,
}

impl KeyStore {
    /// The keys in `database`. Nothing is made yet but a key-encryption key beside a SQLite store.
    ///
    /// # Errors
    /// When the key-encryption key cannot be had.
    pub fn open(database: Database, options: &KeyOptions) -> Result<Self, KeyError> {
        let variable = |name: &str| std::env::var(name).ok();
        let former = &options.former_sealing_keys;
        let sealing = match (&options.sealing_key, &database) {
            (Some(place), _) => SealingKeys::read(place, former, &variable)?,
            (None, Database::Sqlite(_)) => {
                file::check_directory(&options.folder)?;
                SealingKeys::beside(&options.folder, former, &variable)?
            }
            (None, Database::PostgreSql(_)) => return Err(KeyError::NoSealingKey),
        };
        let vault = Vault { sealing };
        let rules = Rules {
            default: options.default,
            algorithms: options.algorithms.clone(),
            rotate_every: options.rotate_every,
            publish_before: options.publish_before,
            home: vault.home(),
        };
        let (table, vault) = (KeyTable::new(database), Arc::new(vault));
        Ok(Self { table, vault, rules, folder: options.folder.clone() })
    }

    /// Stores what is due, and returns what is stored then. On the first start ever keys are made, or those of version 0.1
    /// taken over, and sign at once: nobody can have read a set without them.
    ///
    /// # Errors
    /// When the store fails or a key cannot be made.
    pub(super) async fn settle(&self, longest: i64, now: UnixTime) -> Result<StoredKeys, KeyError> {
        for _ in 0..KEY_ROUNDS {
            let stored = self.table.read().await?;
            let writes = self.due(&stored, longest, now).await?;
            if writes.is_empty() {
                return Ok(stored);
            }
            self.table.store(stored.held.version, &writes).await?;
        }
        Err(KeyError::Busy)
    }

    async fn due(
        &self,
        stored: &StoredKeys,
        longest: i64,
        now: UnixTime,
    ) -> Result<Vec<Write>, KeyError> {
        if stored.held.version == 0 {
            let former = self.former(now)?;
            if !former.is_empty() {
                return Ok(former);
            }
        }
        let mut changes = plan(&stored.held, &self.rules, now);
        if stored.held.longest < longest {
            changes.push(Change::Longest { seconds: longest });
        }
        let mut writes = self.writes(changes, &stored.held, now).await?;
        for key in &stored.held.keys {
            let material = stored.materials.get(&key.kid);
            let sealed = material.and_then(|material| self.vault.reseal(key, material));
            writes.extend(sealed.map(|sealed| Write::Seal { kid: key.kid.clone(), sealed }));
        }
        Ok(writes)
    }

    /// Changes as they are stored: the keys among them are made.
    async fn writes(
        &self,
        changes: Vec<Change>,
        held: &Held,
        now: UnixTime,
    ) -> Result<Vec<Write>, KeyError> {
        let mut number = held.keys.iter().map(|key| key.number).max().unwrap_or(0);
        let mut writes = Vec::new();
        for change in changes {
            let Change::Make { algorithm, urgent } = change else {
                writes.push(Write::Life(change));
                continue;
            };
            let vault = Arc::clone(&self.vault);
            let made = tokio::task::spawn_blocking(move || vault.make(algorithm)).await;
            let made = made.map_err(|_| KeyError::Randomness)??;
            number += 1;
            tracing::info!(kid = made.public.kid(), %algorithm, urgent, "a signing key was made");
            let life = KeyLife { urgent, ..life_of(&made, number, self.vault.home(), now) };
            writes.push(Write::Key(life, made.material));
        }
        Ok(writes)
    }

    /// The keys that version 0.1 kept in files, which all verifiers know.
    fn former(&self, now: UnixTime) -> Result<Vec<Write>, KeyError> {
        let mut writes = Vec::new();
        for (algorithm, number) in
            [SigningAlgorithm::Es256, SigningAlgorithm::Rs256].into_iter().zip(1..)
        {
            let path = former_path(&self.folder, algorithm);
            let Some(private) = file::read_private(&path)? else { continue };
            let Some(made) = self.vault.keep(&private, algorithm)? else {
                return Err(KeyError::NotAKey { path, algorithm });
            };
            tracing::info!(
                kid = made.public.kid(),
                file = %path.display(),
                "a signing key is taken over into the store; its file is not read again"
            );
            // The one that is not wanted any more may have signed a moment ago.
            let is_wanted = self.rules.algorithms.contains(&algorithm);
            let until = if is_wanted { now.plus(SIGN_LEASE) } else { now };
            let life = KeyLife {
                sign_from: Some(now),
                sign_until: Some(until),
                started: true,
                ..life_of(&made, number, KeyHome::Store, now)
            };
            writes.push(Write::Key(life, made.material));
        }
        Ok(writes)
    }

    /// Makes a successor for each of these algorithms. What has `leaked` is withdrawn in the same transaction, and where
    /// something has, the successor signs as soon as the running processes publish it.
    ///
    /// # Errors
    /// When the store fails or a key cannot be made.
    pub async fn rotate(
        &self,
        algorithms: &BTreeSet<SigningAlgorithm>,
        leaked: Leaked,
        now: UnixTime,
    ) -> Result<Rotation, KeyError> {
        let compromised = leaked != Leaked::Nothing;
        for _ in 0..KEY_ROUNDS {
            let stored = self.settle(0, now).await?;
            let mut changes = Vec::new();
            for algorithm in algorithms {
                changes.extend(rotation(*algorithm, &stored.held, compromised, now));
            }
            if leaked == Leaked::All {
                let others = |key: &&KeyLife| !algorithms.contains(&key.algorithm);
                changes.extend(withdrawals(stored.held.keys.iter().filter(others), now));
            }
            if !compromised && !changes.is_empty() && !life::has_room(&stored.held) {
                return Err(KeyError::TooMany);
            }
            let withdrawn = |change: &Change| match change {
                Change::Withdraw { kid, .. } => Some(kid.clone()),
                _ => None,
            };
            let withdrawn: Vec<String> = changes.iter().filter_map(withdrawn).collect();
            let before = stored.held.version;
            let writes = self.writes(changes, &stored.held, now).await?;
            if !writes.is_empty() && !self.table.store(before, &writes).await? {
                continue;
            }
            let after = self.settle(0, now).await?;
            let rotated = |algorithm: &SigningAlgorithm| {
                let newest = life::newest(&after.held.keys, *algorithm, |_| true)?;
                Some(Rotated {
                    algorithm: *algorithm,
                    kid: newest.kid.clone(),
                    sign_from: newest.sign_from,
                    is_made: newest.version > before,
                })
            };
            let successors = algorithms.iter().filter_map(rotated).collect();
            return Ok(Rotation { successors, withdrawn });
        }
        Err(KeyError::Busy)
    }

    /// Has a key sign no more. It is published until the last of its tokens has ended.
    ///
    /// # Errors
    /// When there is no such key, when it is the one that signs, or when the store fails.
    pub async fn retire(&self, kid: &str, now: UnixTime) -> Result<(), KeyError> {
        for _ in 0..KEY_ROUNDS {
            let held = self.settle(0, now).await?.held;
            let key = held.keys.iter().find(|key| key.kid == kid);
            let key = key.ok_or_else(|| KeyError::Unknown { kid: kid.to_owned() })?;
            if key.state(&held.keys, now) == KeyState::Signing {
                return Err(KeyError::Signs { kid: kid.to_owned() });
            }
            let retire = Write::Life(Change::Retire { kid: kid.to_owned(), at: now });
            if !key.is_usable() || self.table.store(held.version, &[retire]).await? {
                return Ok(());
            }
        }
        Err(KeyError::Busy)
    }

    /// Every key that is stored with its public half and what it is at `now`, after what is due was stored.
    ///
    /// # Errors
    /// When the store fails or a key cannot be made.
    pub async fn list(&self, now: UnixTime) -> Result<ListedKeys, KeyError> {
        let stored = self.settle(0, now).await?;
        let listed = |key: &KeyLife| {
            let public = public_of(key, stored.materials.get(&key.kid)?)?;
            Some((key.clone(), public, key.state(&stored.held.keys, now)))
        };
        let keys = stored.held.keys.iter().filter_map(listed).collect();
        Ok(ListedKeys { keys, longest: stored.held.longest })
    }

    /// The keys as requests see them. The ones that were opened before stay as they are. One that cannot be opened is
    /// published, and the reason is returned beside.
    pub(super) fn known(
        &self,
        stored: &StoredKeys,
        before: Option<&KeySet>,
    ) -> Result<(KeySet, Vec<KeyError>), KeyError> {
        let (mut known, mut failed) = (Vec::new(), Vec::new());
        for life in &stored.held.keys {
            let stored_key = || KeyError::Stored { kid: life.kid.clone() };
            let material = stored.materials.get(&life.kid).ok_or_else(stored_key)?;
            let public = public_of(life, material).ok_or_else(stored_key)?;
            let opened = before.and_then(|set| set.opened(&life.kid));
            let signer = match opened.filter(|_| life.is_usable()) {
                Some(opened) => Some(opened),
                None if !life.is_usable() => None,
                None => self.vault.open(life, material).unwrap_or_else(|error| {
                    failed.push(error);
                    None
                }),
            };
            known.push(KnownKey { life: life.clone(), public, signer });
        }
        let set = KeySet::new(stored.held.version, known).map_err(KeyError::Set)?;
        Ok((set, failed))
    }
}

/// Looks at what is opened before the store is, and makes nothing: the key-encryption keys, and the key files of version 0.1.
///
/// # Errors
/// When one of them cannot be used.
pub fn check(options: &KeyOptions) -> Result<(), KeyError> {
    let variable = |name: &str| std::env::var(name).ok();
    file::check_directory(&options.folder)?;
    if let Some(place) = &options.sealing_key {
        SealingKeys::read(place, &options.former_sealing_keys, &variable)?;
    }
    for algorithm in [SigningAlgorithm::Es256, SigningAlgorithm::Rs256] {
        let path = former_path(&options.folder, algorithm);
        if let Some(private) = file::read_private(&path)?
            && SoftwareKey::from_pkcs8(&private, algorithm).is_none()
        {
            return Err(KeyError::NotAKey { path, algorithm });
        }
    }
    Ok(())
}

/// The keys of a store at a moment.
pub struct ListedKeys {
    /// Each key, its public half and what it is.
    pub keys: Vec<(KeyLife, PublicJwk, KeyState)>,
    /// The longest lifetime of tokens that was ever configured, in seconds.
    pub longest: i64,
}

fn life_of(made: &MadeKey, number: i64, home: KeyHome, now: UnixTime) -> KeyLife {
    KeyLife {
        kid: made.public.kid().to_owned(),
        number,
        algorithm: made.public.algorithm(),
        home,
        made: now,
        version: 0,
        urgent: false,
        sign_from: None,
        sign_until: None,
        started: false,
        retired: None,
        withdrawn: None,
    }
}

/// The changes of one rotation by hand. A key that is being published already is the successor.
fn rotation(
    algorithm: SigningAlgorithm,
    held: &Held,
    compromised: bool,
    now: UnixTime,
) -> Vec<Change> {
    let keys = || held.keys.iter().filter(move |key| key.algorithm == algorithm);
    if !compromised {
        let pending = keys().any(|key| key.is_usable() && !key.started);
        return if pending { Vec::new() } else { vec![Change::Make { algorithm, urgent: false }] };
    }
    let mut changes = withdrawals(keys(), now);
    changes.push(Change::Make { algorithm, urgent: true });
    changes
}

/// Has none of these keys published any more.
fn withdrawals<'k>(keys: impl Iterator<Item = &'k KeyLife>, now: UnixTime) -> Vec<Change> {
    let published = keys.filter(|key| key.withdrawn.is_none());
    published.map(|key| Change::Withdraw { kid: key.kid.clone(), at: now }).collect()
}
