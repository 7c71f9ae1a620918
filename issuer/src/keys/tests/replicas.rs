//! Processes over one database: what each publishes and signs with, while the keys change.

use super::*;
use crate::limits::REPLICA_LIVE;
use std::path::Path;
use tempfile::TempDir;

const HOUR: i64 = 3600;

/// A database, and the processes that share it.
struct Installation {
    folder: TempDir,
    database: Database,
}

impl Installation {
    async fn new() -> Self {
        let folder = state_directory();
        let database = open(folder.path()).await;
        Self { folder, database }
    }

    async fn replica(&self, now: UnixTime) -> KeyKeeper {
        self.with(&options(self.folder.path()), now).await.unwrap()
    }

    async fn with(&self, options: &KeyOptions, now: UnixTime) -> Result<KeyKeeper, KeyError> {
        KeyKeeper::open(self.database.clone(), options, HOUR, now).await
    }

    fn command(&self) -> KeyStore {
        KeyStore::open(self.database.clone(), &options(self.folder.path())).unwrap()
    }

    async fn rotate(&self, compromised: bool, now: UnixTime) -> Rotated {
        let leaked = if compromised { Leaked::All } else { Leaked::Nothing };
        let [rotated] = self.rotation(leaked, now).await.successors.try_into().unwrap();
        rotated
    }

    async fn rotation(&self, leaked: Leaked, now: UnixTime) -> Rotation {
        let algorithms = BTreeSet::from([SigningAlgorithm::Es256]);
        self.command().rotate(&algorithms, leaked, now).await.unwrap()
    }
}

async fn open(folder: &Path) -> Database {
    Database::open(&StoreConfig::default(), folder).await.unwrap()
}

fn kid(keys: &SigningKeys, now: UnixTime) -> String {
    keys.signer(None, now).unwrap().public().kid().to_owned()
}

#[tokio::test]
async fn the_first_key_signs_at_once_and_is_the_same_after_a_restart() {
    let installation = Installation::new().await;
    let first = installation.replica(NOW).await.keys();
    let again = installation.replica(NOW.plus(1)).await.keys();
    assert_eq!(kid(&first, NOW), kid(&again, NOW.plus(1)));
    assert_eq!(first.jwks(), again.jwks());
    assert_eq!(first.states(NOW).len(), 1);
}

#[tokio::test]
async fn i05_replicas_publish_the_same_bytes_and_none_signs_before_all_publish() {
    let installation = Installation::new().await;
    let mut a = installation.replica(NOW).await;
    let mut b = installation.replica(NOW).await;
    let first = kid(&a.keys(), NOW);
    let rotated = installation.rotate(false, NOW.plus(10)).await;
    assert_eq!((rotated.is_made, rotated.sign_from), (true, None));
    a.look(NOW.plus(20)).await;
    assert!(a.keys().jwks().contains(&rotated.kid));
    // One replica has not looked yet: the time is not set, however often the other one looks.
    a.look(NOW.plus(20 + 300)).await;
    assert_eq!(kid(&a.keys(), NOW.plus(2000)), first);
    let seen = NOW.plus(20 + 301);
    b.look(seen).await;
    a.look(seen).await;
    assert_eq!(a.keys().jwks(), b.keys().jwks());
    for replica in [&a, &b] {
        assert_eq!(kid(&replica.keys(), seen.plus(899)), first);
        assert_eq!(kid(&replica.keys(), seen.plus(900)), rotated.kid);
        assert!(replica.keys().jwks().contains(&first));
    }
    // Until then one more rotation is the same one.
    let again = installation.rotate(false, seen.plus(1)).await;
    assert_eq!((again.is_made, &again.kid), (false, &rotated.kid));
    assert_eq!(again.sign_from, Some(seen.plus(900)));
}

#[tokio::test]
async fn a_replica_that_is_silent_is_waited_for_as_long_as_verifiers_keep_its_set() {
    let installation = Installation::new().await;
    let mut a = installation.replica(NOW).await;
    drop(installation.replica(NOW).await);
    let rotated = installation.rotate(false, NOW).await;
    a.look(NOW.plus(REPLICA_LIVE)).await;
    assert_eq!(a.keys().states(NOW).last().unwrap().0.sign_from, None);
    let later = NOW.plus(REPLICA_LIVE + 61);
    a.look(later).await;
    assert_eq!(kid(&a.keys(), later.plus(900)), rotated.kid);
}

#[tokio::test]
async fn i03_a_leaked_key_is_unpublished_at_once_and_the_next_one_signs() {
    let installation = Installation::new().await;
    let mut a = installation.replica(NOW).await;
    let leaked = kid(&a.keys(), NOW);
    let token = a.keys().signer(None, NOW).unwrap().sign("at+jwt", &json::Object::new()).unwrap();
    assert!(verifies(&a.keys().verifying(), &token));
    let rotation = installation.rotation(Leaked::All, NOW.plus(1)).await;
    assert_eq!(rotation.withdrawn, [leaked.as_str()]);
    let [rotated] = rotation.successors.try_into().unwrap();
    a.look(NOW.plus(2)).await;
    let keys = a.keys();
    assert!(!keys.jwks().contains(&leaked));
    assert!(!verifies(&keys.verifying(), &token));
    assert_eq!(kid(&keys, NOW.plus(2)), rotated.kid);
    // Its private half is nowhere any more.
    let Database::Sqlite(pool) = &installation.database else { unreachable!() };
    let private: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT private FROM signing_keys WHERE kid = $1")
            .bind(&leaked)
            .fetch_one(pool)
            .await
            .unwrap();
    assert_eq!(private, None);
}

/// A key of an algorithm that the configuration does not name any more may have leaked with the others.
#[tokio::test]
async fn i03_keys_of_former_algorithms_are_unpublished_with_the_others() {
    let installation = Installation::new().await;
    let former = KeyOptions {
        default: SigningAlgorithm::Rs256,
        algorithms: BTreeSet::from([SigningAlgorithm::Rs256]),
        ..options(installation.folder.path())
    };
    let before = kid(&installation.with(&former, NOW).await.unwrap().keys(), NOW);
    let mut a = installation.replica(NOW.plus(1)).await;
    let spared = installation.rotation(Leaked::Rotated, NOW.plus(2)).await;
    assert!(!spared.withdrawn.contains(&before), "{spared:?}");
    a.look(NOW.plus(3)).await;
    assert!(a.keys().jwks().contains(&before));
    let rotation = installation.rotation(Leaked::All, NOW.plus(4)).await;
    assert!(rotation.withdrawn.contains(&before), "{rotation:?}");
    a.look(NOW.plus(5)).await;
    let [next] = rotation.successors.try_into().unwrap();
    assert!(!a.keys().jwks().contains(&before) && a.keys().jwks().contains(&next.kid));
}

#[tokio::test]
async fn a_key_that_signs_is_not_retired_and_another_is() {
    let installation = Installation::new().await;
    let mut a = installation.replica(NOW).await;
    let first = kid(&a.keys(), NOW);
    let command = installation.command();
    let refused = command.retire(&first, NOW).await.unwrap_err();
    assert!(matches!(refused, KeyError::Signs { .. }), "{refused}");
    let unknown = command.retire("other", NOW).await.unwrap_err();
    assert!(matches!(unknown, KeyError::Unknown { .. }), "{unknown}");
    // One that was made and not published by all is gone at once.
    let rotated = installation.rotate(false, NOW).await;
    command.retire(&rotated.kid, NOW).await.unwrap();
    a.look(NOW.plus(1)).await;
    a.look(NOW.plus(2)).await;
    assert!(!a.keys().jwks().contains(&rotated.kid));
    assert_eq!(kid(&a.keys(), NOW.plus(5000)), first);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn replicas_that_rotate_at_once_make_one_key() {
    let installation = Installation::new().await;
    let due = NOW.plus(30 * 24 * HOUR - 900);
    let mut replicas = Vec::new();
    for _ in 0..6 {
        replicas.push(installation.replica(NOW).await);
    }
    let tasks: Vec<_> = replicas
        .into_iter()
        .map(|mut replica| {
            tokio::spawn(async move {
                replica.look(due).await;
                replica
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let listed = installation.command().list(due).await.unwrap();
    assert_eq!(listed.keys.len(), 2);
}

#[tokio::test]
async fn a_change_is_stored_whole_or_not_at_all() {
    let installation = Installation::new().await;
    let command = installation.command();
    let stored = command.settle(HOUR, NOW).await.unwrap();
    let (life, version) = (&stored.held.keys[0], stored.held.version);
    let material = stored.materials[&life.kid].clone();
    let withdraw = Write::Life(Change::Withdraw { kid: life.kid.clone(), at: NOW });
    // The second write fails: there is such a key already.
    let twice = Write::Key(life.clone(), material);
    let failed = command.table.store(version, &[withdraw.clone(), twice]).await;
    assert!(matches!(failed, Err(sqlx::Error::Database(_))), "{failed:?}");
    assert_eq!(command.table.read().await.unwrap().held, stored.held);
    // What was planned over another version is not stored.
    assert!(!command.table.store(version - 1, std::slice::from_ref(&withdraw)).await.unwrap());
    assert_eq!(command.table.read().await.unwrap().held, stored.held);
    assert!(command.table.store(version, &[withdraw]).await.unwrap());
}

#[tokio::test]
async fn a_store_that_fails_stops_signing_at_the_end_that_is_stored() {
    let installation = Installation::new().await;
    let mut a = installation.replica(NOW).await;
    let Database::Sqlite(pool) = &installation.database else { unreachable!() };
    pool.close().await;
    a.look(NOW.plus(60)).await;
    let keys = a.keys();
    let until = keys.states(NOW)[0].0.sign_until.unwrap();
    assert_eq!(until, NOW.plus(24 * HOUR));
    assert!(keys.signer(None, until.plus(-1)).is_ok());
    let refused = keys.signer(None, until).err();
    assert_eq!(refused, Some(NoSigner { algorithm: SigningAlgorithm::Es256, from: None }));
}

#[tokio::test]
async fn an_older_copy_of_the_database_serves_on() {
    let installation = Installation::new().await;
    let old = {
        let first = kid(&installation.replica(NOW).await.keys(), NOW);
        let Database::Sqlite(pool) = &installation.database else { unreachable!() };
        let copy = installation.folder.path().join("copy.sqlite").display().to_string();
        sqlx::query("VACUUM INTO $1").bind(copy).execute(pool).await.unwrap();
        first
    };
    let rotated = installation.rotate(true, NOW.plus(60)).await;
    assert_ne!(rotated.kid, old);
    let restored = TempDir::new().unwrap();
    std::fs::copy(
        installation.folder.path().join("copy.sqlite"),
        restored.path().join("consumed.sqlite"),
    )
    .unwrap();
    let file = "key-encryption-key";
    std::fs::copy(installation.folder.path().join(file), restored.path().join(file)).unwrap();
    let database = open(restored.path()).await;
    let later = NOW.plus(40 * 24 * HOUR);
    let keeper = KeyKeeper::open(database, &options(restored.path()), HOUR, later).await.unwrap();
    // It signs with what is left; the successor, which is due, is published first.
    assert_eq!(kid(&keeper.keys(), later), old);
    assert_eq!(keeper.keys().states(later).len(), 2);
}
