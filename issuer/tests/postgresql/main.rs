//! The store in a real PostgreSQL server.

mod server;

use credmint::clock::Clock;
use credmint::config::{PostgreSqlConfig, StoreConfig};
use credmint::store::{Bindings, DatabaseStore, Store, StoreError};
use credmint_core::{FirstUse, Instance, Obligation, ReplayStore, Unfulfilled, UnixTime};
use server::{Server, run};
use std::sync::Arc;
use tempfile::TempDir;

fn now() -> UnixTime {
    credmint::clock::system_clock()()
}

fn config(server: &Server) -> StoreConfig {
    let text = serde_json::json!({ "postgresql": { "url": server.url() } });
    serde_json::from_value(text).unwrap()
}

/// A replica with a state directory.
async fn open(server: &Server, directory: &TempDir) -> Result<DatabaseStore, StoreError> {
    open_at(server, directory, credmint::clock::system_clock()).await
}

async fn open_at(
    server: &Server,
    directory: &TempDir,
    clock: Clock,
) -> Result<DatabaseStore, StoreError> {
    DatabaseStore::open(&config(server), directory.path(), clock).await
}

/// An assertion that was made at `since` and lives for ten minutes.
fn assertion(key: &str, since: UnixTime) -> Obligation {
    let (key, former) = (key.to_owned(), String::new());
    Obligation::Consume { key, former, since, until: since.plus(600) }
}

async fn consume(store: &DatabaseStore, key: &str, since: UnixTime) -> Result<(), Unfulfilled> {
    store.fulfil(&[assertion(key, since)], now()).await
}

/// Executes SQL beside the issuer.
async fn execute(server: &Server, sql: &'static str) {
    let options: sqlx::postgres::PgConnectOptions = server.url().parse().unwrap();
    let mut connection = sqlx::ConnectOptions::connect(&options).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn i06_of_a_thousand_at_once_at_two_replicas_one_is_first() {
    let server = Server::start();
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let one = Arc::new(open(&server, &folders[0]).await.unwrap());
    let two = Arc::new(open(&server, &folders[1]).await.unwrap());
    let since = now();
    let tasks: Vec<_> = (0..1000)
        .map(|number| {
            let store = Arc::clone(if number % 2 == 0 { &one } else { &two });
            tokio::spawn(async move { consume(&store, "key", since).await })
        })
        .collect();
    let mut first = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(()) => first += 1,
            other => assert_eq!(other, Err(Unfulfilled::Replayed)),
        }
    }
    assert_eq!(first, 1);
    // Keys of many requests, in the orders in which they come to each.
    let tasks: Vec<_> = (0..1000)
        .map(|number| {
            let store = Arc::clone(if number % 2 == 0 { &one } else { &two });
            let key = (number * 7919) % 500;
            tokio::spawn(async move { consume(&store, &key.to_string(), since).await })
        })
        .collect();
    let mut first = 0;
    for task in tasks {
        first += u32::from(task.await.unwrap().is_ok());
    }
    assert_eq!(first, 500);
}

#[tokio::test]
async fn i22_what_was_forgotten_while_the_clock_was_ahead_is_refused() {
    let server = Server::start();
    let folder = TempDir::new().unwrap();
    let since = now();
    let store = open(&server, &folder).await.unwrap();
    assert_eq!(consume(&store, "key", since).await, Ok(()));
    store.close().await;
    // The next process begins with a purge, by a clock that is ahead; the one after it has the right time.
    let ahead = open_at(&server, &folder, Arc::new(move || since.plus(3600))).await.unwrap();
    let mut answer = consume(&ahead, "key", since).await;
    while answer == Err(Unfulfilled::Replayed) {
        tokio::task::yield_now().await;
        answer = consume(&ahead, "key", since).await;
    }
    assert_eq!(answer, Err(Unfulfilled::Forgotten));
    ahead.close().await;
    let store = open(&server, &folder).await.unwrap();
    assert_ne!(consume(&store, "key", since).await, Ok(()));
}

#[tokio::test]
async fn b08_an_instance_is_bound_at_all_replicas() {
    let server = Server::start();
    let folders = [TempDir::new().unwrap(), TempDir::new().unwrap()];
    let one = open(&server, &folders[0]).await.unwrap();
    let two = open(&server, &folders[1]).await.unwrap();
    let instance = Instance {
        cloud: "amazon_ec2".into(),
        partition: "aws".into(),
        account: "000000000001".into(),
        instance: "i-1".into(),
    };
    let with = |nonce: &str| {
        let (key, nonce) = (instance.key(), Some(nonce.to_owned()));
        [Obligation::FirstUse(FirstUse { key, instance: instance.clone(), since: now(), nonce })]
    };
    assert_eq!(one.fulfil(&with("a"), now()).await, Ok(()));
    assert_eq!(two.fulfil(&with("b"), now()).await, Err(Unfulfilled::InstanceBound));
    assert_eq!(two.fulfil(&with("a"), now()).await, Ok(()));
    let bindings = Bindings::of(two.database());
    assert_eq!(bindings.list(None, Some("i-1"), 10).await.unwrap()[0].instance, instance);
    assert!(bindings.release(&instance, now()).await.unwrap());
    assert_eq!(one.fulfil(&with("b"), now()).await, Ok(()));
}

/// What a standby has not received is lost when it takes over: what was made before is refused, what is made later is not.
#[tokio::test]
async fn i33_after_a_failover_what_was_made_before_is_refused() {
    let server = Server::start();
    let folder = TempDir::new().unwrap();
    let store = open(&server, &folder).await.unwrap();
    assert_eq!(consume(&store, "known", now()).await, Ok(()));
    let standby = server.data("standby");
    let from = format!("host=127.0.0.1 port={} user=postgres", server.port);
    let mut copy = server.command("pg_basebackup");
    run(copy.args(["-c", "fast", "-R", "-d", &from, "-D"]).arg(&standby));
    let lost = now();
    assert_eq!(consume(&store, "lost", lost).await, Ok(()));
    server.end("data", "immediate");
    // It has nothing to follow any more.
    std::fs::remove_file(standby.join("postgresql.auto.conf")).unwrap();
    server.begin("standby");
    let refused = open(&server, &TempDir::new().unwrap()).await.err().unwrap();
    assert!(matches!(refused, StoreError::Standby), "{refused}");
    run(server.command("pg_ctl").args(["-w", "-D"]).arg(&standby).arg("promote"));
    // The connection is gone, which the first request may find out.
    let mut answer = consume(&store, "lost", lost).await;
    while answer == Err(Unfulfilled::Unavailable) {
        tokio::task::yield_now().await;
        answer = consume(&store, "lost", lost).await;
    }
    assert_eq!(answer, Err(Unfulfilled::Forgotten));
    assert_eq!(consume(&store, "known", now()).await, Err(Unfulfilled::Replayed));
    assert_eq!(consume(&store, "later", now().plus(90)).await, Ok(()));
}

/// A copy of the files that is started as it is has the same name and timeline; what this replica has committed is not in it.
#[tokio::test]
async fn i33_a_copy_of_the_files_has_lost_what_was_committed_since() {
    let server = Server::start();
    let folder = TempDir::new().unwrap();
    let store = open(&server, &folder).await.unwrap();
    assert_eq!(consume(&store, "known", now()).await, Ok(()));
    server.end("data", "fast");
    run(std::process::Command::new("cp")
        .args(["-a"])
        .arg(server.data("data"))
        .arg(server.data("copy")));
    server.begin("data");
    let lost = now();
    let mut answer = consume(&store, "lost", lost).await;
    while answer == Err(Unfulfilled::Unavailable) {
        answer = consume(&store, "lost", lost).await;
    }
    assert_eq!(answer, Ok(()));
    server.end("data", "immediate");
    server.begin("copy");
    let mut answer = consume(&store, "lost", lost).await;
    while answer == Err(Unfulfilled::Unavailable) {
        answer = consume(&store, "lost", lost).await;
    }
    assert_eq!(answer, Err(Unfulfilled::Forgotten));
    assert_eq!(consume(&store, "later", now().plus(90)).await, Ok(()));
}

#[tokio::test]
async fn a_database_that_another_version_changed_is_refused() {
    let server = Server::start();
    let folder = TempDir::new().unwrap();
    open(&server, &folder).await.unwrap().close().await;
    let check = async |sql: &'static str, expect: &str| {
        execute(&server, sql).await;
        let error = open(&server, &folder).await.err().unwrap().to_string();
        assert!(error.contains(expect), "{error}");
    };
    check(
        "INSERT INTO _sqlx_migrations VALUES (9999, 'x', now(), true, '\\x00', 0)",
        "a newer version of credmint has changed the store",
    )
    .await;
    check(
        "DELETE FROM _sqlx_migrations WHERE version = 9999;
         UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = 20",
        "its step 20 differs",
    )
    .await;
}

/// Where no key is unique, nothing is consumed: that is refused and not taken for the first time.
#[tokio::test]
async fn i06_a_table_without_its_key_refuses() {
    let server = Server::start();
    let folder = TempDir::new().unwrap();
    let store = open(&server, &folder).await.unwrap();
    execute(&server, "ALTER TABLE consumed DROP CONSTRAINT consumed_pkey").await;
    assert_eq!(consume(&store, "key", now()).await, Err(Unfulfilled::Unavailable));
}

/// While the server is stopped nothing is granted, and when it is back it goes on.
#[tokio::test]
async fn i24_a_server_that_stops_and_starts() {
    let server = Server::start();
    let folder = TempDir::new().unwrap();
    let store = open(&server, &folder).await.unwrap();
    assert_eq!(consume(&store, "before", now()).await, Ok(()));
    store.check().await.unwrap();
    server.end("data", "immediate");
    assert_eq!(consume(&store, "while", now()).await, Err(Unfulfilled::Unavailable));
    while store.check().await.is_ok() {
        tokio::task::yield_now().await;
    }
    server.begin("data");
    while consume(&store, "after", now()).await == Err(Unfulfilled::Unavailable) {
        tokio::task::yield_now().await;
    }
    assert_eq!(consume(&store, "before", now()).await, Err(Unfulfilled::Replayed));
    while store.check().await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn an_address_has_no_secret_and_no_options() {
    let config = |url: &str| -> PostgreSqlConfig {
        serde_json::from_value(serde_json::json!({ "url": url })).unwrap()
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let check = |url: &str, expect: &str| {
        let config = StoreConfig { postgresql: Some(config(url)) };
        let folder = TempDir::new().unwrap();
        let opened = DatabaseStore::open(&config, folder.path(), credmint::clock::system_clock());
        let error = runtime.block_on(opened).err().unwrap().to_string();
        assert!(error.contains(expect) && !error.contains("secret"), "{url}: {error}");
    };
    check("postgres://user:secret@127.0.0.1/db", "has a password");
    check("postgres://127.0.0.1/db", "does not name a user");
    check("postgres://user@127.0.0.1/db?sslmode=disable", "parameters that are not read");
    check("mysql://user@127.0.0.1/db", "does not begin with postgres://");
    check("postgres://user@db.example/db?host=/run/postgresql", "names no server");
    check("not an address", "is not a URL");
}
