//! The issuer's keys: waited for, not to be had, newer, and fetched anew beside the requests.

use crate::world::{Edit, World, good_claims, token};
use crate::{claims_with, header};
#[cfg(target_os = "linux")]
use credmint_core::limits;
use credmint_tests::fixtures::key::TestKey;
#[cfg(target_os = "linux")]
use credmint_tests::fixtures::moved_clock::MovedClock;
use credmint_tests::fixtures::oidc_issuer::Behaviour;
use serde_json::json;
use std::time::{Duration, Instant};

/// Requests that come before the keys wait, all for one call, and each gets its own answer.
#[tokio::test(flavor = "multi_thread")]
async fn requests_wait_for_the_keys() {
    let slow = Behaviour::Slow(Duration::from_secs(2));
    let world = World::start_behaving(&[], slow).await;
    let good = header(&world.good_token());
    let bad = header(&world.token(&claims_with("aud", json!("other"))));
    let requests = (0..20).map(|number| if number % 2 == 0 { &good } else { &bad });
    let answers: Vec<_> = requests.map(|fields| world.begin_get("/orders", fields)).collect();
    // Two clients lose patience. The others must not notice.
    for _ in 0..2 {
        drop(world.begin_and_leave("/orders", &good).await);
    }
    for (number, answer) in answers.into_iter().enumerate() {
        let expect = if number % 2 == 0 { 200 } else { 401 };
        let answer = answer.await.unwrap();
        assert_eq!(answer.status, expect, "{answer:?}");
    }
    world.every_filter_has_keys().await;
    world.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_keys_nothing_passes_until_they_come() {
    for behaviour in
        [Behaviour::Status(500), Behaviour::Oversize(300_000), Behaviour::Body("{}".into())]
    {
        let world = World::start_behaving(&[], behaviour).await;
        let good = header(&world.good_token());
        let answer = world.get("/orders", &good).await;
        assert_eq!(answer.status, 503, "{answer:?}");
        assert_eq!(answer.header("credmint-error"), "temporarily_unavailable");
        assert_eq!(answer.header("retry-after"), "10");
        assert_eq!(answer.header("www-authenticate"), "");
        assert_eq!(world.get("/healthz", "").await.status, 200);
        assert_ne!(world.metric("credmint_keys_fetch_failed").await, "0");
        world.issuer.jwks_behaves(Behaviour::Good);
        let answer = world.get_until("/orders", &good, 200, Duration::from_secs(30)).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

/// A call that fails before it began: no address, a refused connection, another name in the certificate.
#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_without_a_server() {
    let nowhere: &[Edit] = &[
        (
            "- lb_endpoints:\n        - endpoint: { address: { socket_address: { address: sts.example.com, port_value: 8443 } } }",
            "[]",
        ),
        ("address: sts.example.com, port_value: 8443", "address: 127.0.0.1, port_value: 1"),
        ("exact: sts.example.com", "exact: other.example.com"),
        (r#""cluster": "sts""#, r#""cluster": "none""#),
    ];
    for edit in nowhere {
        let world = World::start(&[*edit]).await;
        let answer = world.get("/orders", &header(&world.good_token())).await;
        assert_eq!(answer.status, 503, "{edit:?}: {answer:?}");
        assert_eq!(answer.header("credmint-error"), "temporarily_unavailable", "{edit:?}");
        world.is_well().await;
    }
}

/// An issuer that takes the call and never answers costs a request the deadline of the call, no more.
#[tokio::test(flavor = "multi_thread")]
async fn an_issuer_that_hangs() {
    let world = World::start_behaving(&[], Behaviour::Slow(Duration::from_secs(60))).await;
    let begun = Instant::now();
    let answer = world.get("/orders", &header(&world.good_token())).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(begun.elapsed() < Duration::from_secs(9), "{:?}", begun.elapsed());
}

/// When its keys are old the filter asks for them beside the requests: with a server that takes the call and never answers,
/// all tokens of the known key pass, while that call is under way.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_that_hangs_stalls_no_known_key() {
    const REQUESTS: usize = 1200;
    /// What a call may take to arrive on a busy machine.
    const BUSY: Duration = Duration::from_secs(30);
    let clock = MovedClock::new();
    let world = World::start_by(&clock).await;
    let good = header(&world.good_token());
    assert_eq!(world.get("/orders", &good).await.status, 200);
    world.every_filter_has_keys().await;
    let asked = world.issuer.jwks_requests();

    world.issuer.jwks_behaves(Behaviour::Slow(Duration::from_secs(60)));
    clock.set_ahead(limits::KEYS_REFRESH);
    // The first request behind the age begins the call; it is under way when the issuer has seen it.
    let begun = Instant::now();
    while world.issuer.jwks_requests() == asked {
        assert!(begun.elapsed() < BUSY, "the keys are old, and nobody asks");
        assert_eq!(world.get("/orders", &good).await.status, 200);
    }
    let answers: Vec<_> = (0..REQUESTS).map(|_| world.begin_get("/orders", &good)).collect();
    for answer in answers {
        let answer = answer.await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    // The call began, once for all, and perhaps that of Envoy's main thread; it has not even failed, so nothing was
    // answered by its end.
    let calls = world.issuer.jwks_requests() - asked;
    assert!((1..=2).contains(&calls), "{calls} calls");
    assert_eq!(world.metric("credmint_keys_fetch_failed").await, "0");
    world.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_keys_are_learnt_from_the_token_that_names_them() {
    let world = World::start(&[]).await;
    assert_eq!(world.get("/orders", &header(&world.good_token())).await.status, 200);
    let key = TestKey::rsa();
    world.issuer.rotate(key.clone());
    let rotated = header(&token(&key, "key-2", "at+jwt", &good_claims()));
    // At most every 30 seconds an unknown key makes the filter ask.
    assert_eq!(world.get("/orders", &rotated).await.status, 401);
    world.every_filter_has_keys().await;
    let calls = world.issuer.jwks_requests();
    let answer = world.get_until("/orders", &rotated, 200, Duration::from_secs(45)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(world.issuer.jwks_requests(), calls + 1);
    world.is_well().await;
}
