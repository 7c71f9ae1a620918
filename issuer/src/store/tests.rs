use super::*;
use credmint_core::{FirstUse, Instance, Unfulfilled};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::Ordering;
use tempfile::TempDir;

const NOW: UnixTime = UnixTime::from_seconds(1_795_521_600);

/// A store in a folder, whose background task sees a clock that stands still long ago.
pub(super) async fn open(directory: &Path) -> Result<DatabaseStore, StoreError> {
    let clock: Clock = Arc::new(|| UnixTime::from_seconds(0));
    DatabaseStore::open(&StoreConfig::default(), directory, clock).await
}

/// What a process leaves that was killed: its lock is gone, and nothing was closed.
pub(super) fn killed(store: DatabaseStore) {
    drop(store.lock.try_lock().unwrap().take());
    std::mem::forget(store);
}

/// Whether a key is consumed first, or was before.
async fn consume(store: &DatabaseStore, key: &str, until: i64) -> bool {
    match remember(store, key, "former", until).await {
        Ok(()) => true,
        Err(Unfulfilled::Replayed) => false,
        Err(other) => panic!("{key}: {other:?}"),
    }
}

async fn remember(
    store: &DatabaseStore,
    key: &str,
    former: &str,
    until: i64,
) -> Result<(), Unfulfilled> {
    let (key, former) = (key.to_owned(), former.to_owned());
    let (since, until) = (NOW.plus(-30), NOW.plus(until));
    store.fulfil(&[Obligation::Consume { key, former, since, until }], NOW).await
}

fn held(store: &DatabaseStore) -> u64 {
    store.table.held.load(Ordering::Relaxed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i06_of_a_thousand_at_once_one_is_first() {
    let directory = TempDir::new().unwrap();
    let store = Arc::new(open(directory.path()).await.unwrap());
    let tasks: Vec<_> = (0..1000)
        .map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { consume(&store, "key", 600).await })
        })
        .collect();
    let mut first = 0;
    for task in tasks {
        first += u32::from(task.await.unwrap());
    }
    assert_eq!(first, 1);
    assert_eq!(held(&store), 1);
}

#[tokio::test]
async fn keys_do_not_touch_each_other() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    for key in ["a", "A", "a ", "", "a' OR '1'='1", "\"", "[0]", "\u{1}"] {
        assert!(consume(&store, key, 600).await, "{key}");
        assert!(!consume(&store, key, 600).await, "{key}");
    }
}

/// What version 0.1 remembered is still known, and nothing is remembered in its way.
#[tokio::test]
async fn i06_a_key_of_an_earlier_version_counts() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    assert!(consume(&store, "old", 600).await);
    let check = async |key: &str, former: &str, expect: Result<(), Unfulfilled>| {
        assert_eq!(remember(&store, key, former, 600).await, expect, "{key} {former}");
    };
    check("new", "old", Err(Unfulfilled::Replayed)).await;
    check("other", "older", Ok(())).await;
    check("other", "older", Err(Unfulfilled::Replayed)).await;
    check("another", "older", Ok(())).await;
    // It was not consumed when it was refused.
    check("new", "none", Ok(())).await;
    assert_eq!(held(&store), 4);
}

#[tokio::test]
async fn i06_a_consumed_key_survives_a_crash() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    assert!(consume(&store, "key", 600).await);
    killed(store);
    let store = open(directory.path()).await.unwrap();
    assert!(!consume(&store, "key", 600).await);
    assert_eq!(held(&store), 1);
}

#[tokio::test]
async fn expired_keys_are_forgotten_and_others_are_not() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    assert!(consume(&store, "short", 100).await);
    assert!(consume(&store, "long", 600).await);
    // At its last second it is still held.
    store.table.purge(NOW.plus(100)).await.unwrap();
    assert_eq!(held(&store), 2);
    store.table.purge(NOW.plus(101)).await.unwrap();
    assert_eq!(held(&store), 1);
    assert!(!consume(&store, "long", 600).await);
}

#[tokio::test]
async fn i22_what_may_have_been_forgotten_is_refused() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    assert!(consume(&store, "key", 100).await);
    assert!(consume(&store, "after a restart", 100).await);
    // A purge comes between the decision on a replay and its consumption, or the clock steps forth and back: that the key
    // is not there says nothing.
    store.table.purge(NOW.plus(101)).await.unwrap();
    assert_eq!(held(&store), 0);
    let check = async |store: &DatabaseStore, key: &str| {
        assert_eq!(remember(store, key, "former", 100).await, Err(Unfulfilled::Forgotten));
    };
    check(&store, "key").await;
    assert!(consume(&store, "later", 101).await);
    // Also when the process is another one since.
    killed(store);
    let store = open(directory.path()).await.unwrap();
    check(&store, "after a restart").await;
    assert!(!consume(&store, "later", 101).await);
    assert!(consume(&store, "new", 101).await);
}

#[tokio::test]
async fn a_full_store_refuses_until_keys_expire() {
    let directory = TempDir::new().unwrap();
    let engine = Engine::Sqlite(sqlite::open(directory.path()).await.unwrap());
    let table = Table::new(engine, Arc::new(|| NOW), 2).await.unwrap();
    let consume = async |key: &str, until: i64| {
        let (key, former) = (key.to_owned(), String::new());
        let (since, until) = (NOW.plus(-30), NOW.plus(until));
        let asked = [Consumption { key, former, since, until }];
        table.consume_each(&asked).await.map(|_| ()).map_err(|error| error.to_string())
    };
    consume("a", 100).await.unwrap();
    consume("b", 600).await.unwrap();
    assert_eq!(
        consume("c", 600).await.unwrap_err(),
        "the replay store is full: it holds 2 keys that have not expired"
    );
    table.purge(NOW.plus(101)).await.unwrap();
    consume("c", 600).await.unwrap();
}

#[tokio::test]
async fn what_is_no_store_is_refused() {
    let directory = TempDir::new().unwrap();
    std::fs::write(
        directory.path().join(sqlite::FILE),
        "not a database, but a text of some length",
    )
    .unwrap();
    let error = open(directory.path()).await.err().unwrap();
    assert!(matches!(error, StoreError::Database(_)), "{error}");
    let error = open(&directory.path().join("absent")).await.err().unwrap();
    assert!(matches!(error, StoreError::File { .. }), "{error}");
}

#[tokio::test]
async fn a_second_process_is_refused_and_told_of_the_first() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    let error = open(directory.path()).await.err().unwrap().to_string();
    let expect = format!("is in use by another issuer, process {}", std::process::id());
    assert!(error.contains(&expect), "{error}");
    store.close().await;
    open(directory.path()).await.unwrap();
}

#[tokio::test]
async fn a_successor_waits_until_the_first_has_stopped_consuming() {
    let directory = TempDir::new().unwrap();
    let first = open(directory.path()).await.unwrap();
    assert!(consume(&first, "key", 600).await);
    let clock: Clock = Arc::new(|| UnixTime::from_seconds(0));
    let wait = Duration::from_secs(30);
    let (config, path) = (StoreConfig::default(), directory.path().to_owned());
    let successor = async {
        let second = DatabaseStore::open_after(&config, &path, clock, wait).await.unwrap();
        assert!(!consume(&second, "key", 600).await);
    };
    // The first one to be polled finds the lock taken.
    tokio::join!(successor, first.close());
    assert_eq!(remember(&first, "late", "former", 600).await, Err(Unfulfilled::Unavailable));
}

#[tokio::test]
async fn i33_a_copy_of_the_file_refuses_what_could_have_been_used_before() {
    let directory = TempDir::new().unwrap();
    let at_now = async || {
        let clock: Clock = Arc::new(|| NOW);
        DatabaseStore::open(&StoreConfig::default(), directory.path(), clock).await.unwrap()
    };
    let file = directory.path().join(sqlite::FILE);
    let store = at_now().await;
    assert!(consume(&store, "before the backup", 600).await);
    store.close().await;
    drop(store);
    let backup = directory.path().join("backup");
    std::fs::copy(&file, &backup).unwrap();
    // As it was, it is the same.
    let store = at_now().await;
    assert!(consume(&store, "after the backup", 600).await);
    store.close().await;
    drop(store);
    for suffix in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(directory.path().join(format!("{}{suffix}", sqlite::FILE)));
    }
    std::fs::copy(&backup, &file).unwrap();
    let store = at_now().await;
    let again = remember(&store, "after the backup", "former", 600).await;
    assert_eq!(again, Err(Unfulfilled::Forgotten));
    assert!(!consume(&store, "before the backup", 600).await);
    // What was made later is taken.
    let (key, former, since) = ("new".to_owned(), String::new(), NOW.plus(31));
    let new = Obligation::Consume { key, former, since, until: NOW.plus(700) };
    assert_eq!(store.fulfil(&[new], NOW.plus(31)).await, Ok(()));
}

fn first_use(instance: &str, nonce: Option<&str>) -> Obligation {
    let instance = Instance {
        cloud: "amazon_ec2".into(),
        partition: "aws".into(),
        account: "000000000001".into(),
        instance: instance.into(),
    };
    let (key, nonce) = (instance.key(), nonce.map(str::to_owned));
    Obligation::FirstUse(FirstUse { key, instance, since: NOW, nonce })
}

#[tokio::test]
async fn b08_an_instance_is_bound_by_its_first_use_until_it_is_released() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    let check = async |instance: &str, nonce: Option<&str>, expect: Result<(), Unfulfilled>| {
        let found = store.fulfil(&[first_use(instance, nonce)], NOW).await;
        assert_eq!(found, expect, "{instance} {nonce:?}");
    };
    check("once", None, Ok(())).await;
    check("once", None, Err(Unfulfilled::InstanceUsed)).await;
    check("once", Some("a"), Err(Unfulfilled::InstanceBound)).await;
    check("known", Some("a"), Ok(())).await;
    check("known", Some("a"), Ok(())).await;
    check("known", Some("b"), Err(Unfulfilled::InstanceBound)).await;
    check("known", None, Err(Unfulfilled::InstanceUsed)).await;
    // Time ends nothing.
    store.table.purge(NOW.plus(100 * 365 * 86_400)).await.unwrap();
    check("once", None, Err(Unfulfilled::InstanceUsed)).await;

    let bindings = Bindings::of(store.database());
    let bound = bindings.list(Some("000000000001"), None, 10).await.unwrap();
    assert_eq!(bound.iter().filter(|bound| bound.has_nonce).count(), 1);
    assert_eq!(bound.len(), 2);
    let Obligation::FirstUse(known) = first_use("known", None) else { unreachable!() };
    assert!(bindings.release(&known.instance, NOW).await.unwrap());
    assert!(!bindings.release(&known.instance, NOW).await.unwrap());
    check("known", Some("b"), Ok(())).await;
    check("known", Some("a"), Err(Unfulfilled::InstanceBound)).await;
}

/// What belongs together is done together: a proof that was used undoes the binding beside it.
#[tokio::test]
async fn b08_consuming_and_binding_are_one_transaction() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    assert!(consume(&store, "used", 600).await);
    let consume = |key: &str| Obligation::Consume {
        key: key.into(),
        former: String::new(),
        since: NOW,
        until: NOW.plus(600),
    };
    let both = [first_use("i-1", Some("a")), consume("used")];
    assert_eq!(store.fulfil(&both, NOW).await, Err(Unfulfilled::Replayed));
    assert_eq!(store.fulfil(&[first_use("i-1", Some("b"))], NOW).await, Ok(()));
    let both = [first_use("i-1", Some("a")), consume("new")];
    assert_eq!(store.fulfil(&both, NOW).await, Err(Unfulfilled::InstanceBound));
    assert_eq!(store.fulfil(&[consume("new")], NOW).await, Ok(()));
}

/// A restored database knows no instance that was bound since: only those that started later are bound by themselves.
#[tokio::test]
async fn i33_after_a_restore_an_old_instance_is_bound_only_once_it_is_released() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    let Database::Sqlite(pool) = store.database() else { unreachable!() };
    let restored = sqlx::query("UPDATE epoch SET refused_through = $1");
    restored.bind(NOW.seconds()).execute(pool).await.unwrap();
    let wanted = [first_use("i-1", Some("a"))];
    assert_eq!(store.fulfil(&wanted, NOW).await, Err(Unfulfilled::Forgotten));
    let Obligation::FirstUse(old) = &wanted[0] else { unreachable!() };
    let bindings = Bindings::of(store.database());
    assert!(!bindings.release(&old.instance, NOW).await.unwrap());
    assert_eq!(store.fulfil(&wanted, NOW).await, Ok(()));
}

#[tokio::test]
async fn nobody_else_reads_the_files() {
    let directory = TempDir::new().unwrap();
    std::fs::write(directory.path().join(sqlite::FILE), "").unwrap();
    let wide = PermissionsExt::from_mode(0o644);
    std::fs::set_permissions(directory.path().join(sqlite::FILE), wide).unwrap();
    let store = open(directory.path()).await.unwrap();
    assert!(consume(&store, "key", 600).await);
    for file in std::fs::read_dir(directory.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.path().display());
    }
}

/// However often it is asked, it writes once a second.
#[tokio::test]
async fn i24_a_check_writes_and_is_answered_from_what_it_found() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    let Database::Sqlite(pool) = store.database() else { unreachable!() };
    let checks = async || -> i64 {
        sqlx::query_scalar("SELECT checks FROM epoch").fetch_one(pool).await.unwrap()
    };
    for _ in 0..100 {
        store.check().await.unwrap();
    }
    assert_eq!(checks().await, 1);
    // As if a second had gone by.
    *store.checked.lock().await = None;
    store.check().await.unwrap();
    assert_eq!(checks().await, 2);
}

#[tokio::test]
async fn i24_a_store_that_cannot_be_written_to_is_not_ready() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    let Database::Sqlite(pool) = store.database() else { unreachable!() };
    sqlx::query("PRAGMA query_only = ON").execute(pool).await.unwrap();
    let error = store.check().await.unwrap_err().to_string();
    assert!(error.contains("readonly"), "{error}");
    assert_eq!(remember(&store, "key", "former", 600).await, Err(Unfulfilled::Unavailable));
}
