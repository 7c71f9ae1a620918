use super::*;
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

async fn consume(store: &DatabaseStore, key: &str, until: i64) -> Consumed {
    remember(store, key, "former", until).await.unwrap()
}

async fn remember(
    store: &DatabaseStore,
    key: &str,
    former: &str,
    until: i64,
) -> Result<Consumed, StoreError> {
    let (answer, answered) = oneshot::channel();
    let (key, former) = (key.to_owned(), former.to_owned());
    store.writer.ask(Asked { key, former, until: NOW.plus(until), answer })?;
    answered.await.unwrap()
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
        first += u32::from(task.await.unwrap() == Consumed::First);
    }
    assert_eq!(first, 1);
    assert_eq!(held(&store), 1);
}

#[tokio::test]
async fn keys_do_not_touch_each_other() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    for key in ["a", "A", "a ", "", "a' OR '1'='1", "\"", "[0]", "\u{1}"] {
        assert_eq!(consume(&store, key, 600).await, Consumed::First, "{key}");
        assert_eq!(consume(&store, key, 600).await, Consumed::Again, "{key}");
    }
}

/// What version 0.1 remembered is still known, and nothing is remembered in its way.
#[tokio::test]
async fn i06_a_key_of_an_earlier_version_counts() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    assert_eq!(consume(&store, "old", 600).await, Consumed::First);
    let check = async |key: &str, former: &str, expect: Consumed| {
        let found = remember(&store, key, former, 600).await.unwrap();
        assert_eq!(found, expect, "{key} {former}");
    };
    check("new", "old", Consumed::Again).await;
    check("other", "older", Consumed::First).await;
    check("other", "older", Consumed::Again).await;
    check("another", "older", Consumed::First).await;
    // It was not consumed when it was refused.
    check("new", "none", Consumed::First).await;
    assert_eq!(held(&store), 4);
}

#[tokio::test]
async fn i06_a_consumed_key_survives_a_crash() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    assert_eq!(consume(&store, "key", 600).await, Consumed::First);
    killed(store);
    let store = open(directory.path()).await.unwrap();
    assert_eq!(consume(&store, "key", 600).await, Consumed::Again);
    assert_eq!(held(&store), 1);
}

#[tokio::test]
async fn expired_keys_are_forgotten_and_others_are_not() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    assert_eq!(consume(&store, "short", 100).await, Consumed::First);
    assert_eq!(consume(&store, "long", 600).await, Consumed::First);
    // At its last second it is still held.
    store.table.purge(NOW.plus(100)).await.unwrap();
    assert_eq!(held(&store), 2);
    store.table.purge(NOW.plus(101)).await.unwrap();
    assert_eq!(held(&store), 1);
    assert_eq!(consume(&store, "long", 600).await, Consumed::Again);
}

#[tokio::test]
async fn i22_what_may_have_been_forgotten_is_refused() {
    let directory = TempDir::new().unwrap();
    let store = open(directory.path()).await.unwrap();
    assert_eq!(consume(&store, "key", 100).await, Consumed::First);
    // A purge comes between the decision on a replay and its consumption, or the clock steps forth and back: that the key
    // is not there says nothing.
    store.table.purge(NOW.plus(101)).await.unwrap();
    assert_eq!(held(&store), 0);
    let check = async |store: &DatabaseStore| {
        let replayed = remember(store, "key", "former", 100).await;
        assert!(matches!(replayed, Err(StoreError::Forgotten { .. })), "{replayed:?}");
    };
    check(&store).await;
    assert_eq!(consume(&store, "later", 101).await, Consumed::First);
    // Also when the process is another one since.
    killed(store);
    let store = open(directory.path()).await.unwrap();
    check(&store).await;
    assert_eq!(consume(&store, "later", 101).await, Consumed::Again);
    assert_eq!(consume(&store, "new", 101).await, Consumed::First);
}

#[tokio::test]
async fn a_full_store_refuses_until_keys_expire() {
    let directory = TempDir::new().unwrap();
    let database = Database::Sqlite(sqlite::open(directory.path()).await.unwrap());
    let table = Table::new(database, 2).await.unwrap();
    let consume = async |key: &str, until: i64| {
        let (answer, _) = oneshot::channel();
        let key = key.to_owned();
        let asked = [Asked { key, former: String::new(), until: NOW.plus(until), answer }];
        table.consume(&asked).await.map(|_| ()).map_err(|error| error.to_string())
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
