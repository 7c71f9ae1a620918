//! The filter in a real Envoy, configured by the example that people copy.

#[path = "envoy/http.rs"]
mod http;
#[path = "envoy/world.rs"]
mod world;

use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::oidc_issuer::Behaviour;
use http::{Answer, exchange};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use world::{AUDIENCE, Edit, World, good_claims, token};

/// Both ways to verify signatures; they must not be told apart from outside.
const BACK_ENDS: [Edit; 2] = [("", ""), (EXCEPTIONS, r#""signatures": "pure_rust", "exceptions""#)];
const EXCEPTIONS: &str = r#""exceptions""#;

fn header(value: &str) -> String {
    format!("authorization: Bearer {value}\r\n")
}

/// The claims with one member replaced, or without it for `null`.
fn claims_with(member: &str, value: Value) -> Value {
    let mut claims = good_claims();
    match value {
        Value::Null => _ = claims.as_object_mut().unwrap().remove(member),
        value => claims[member] = value,
    }
    claims
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_pass_or_are_refused_with_their_public_code() {
    for back_end in BACK_ENDS {
        for key in [TestKey::ec(), TestKey::rsa(), TestKey::ec_p384()] {
            let world = World::start_with_key(&[back_end], key.clone()).await;
            let now = world::now();
            let check = async |token: &str, status: u16, public: &str| {
                let answer = world.get("/orders", &header(token)).await;
                assert_eq!(answer.status, status, "{public}: {answer:?}");
                assert_eq!(answer.header("credmint-error"), public, "{answer:?}");
                assert_eq!(answer.header("cache-control"), "no-store");
                let challenge = answer.header("www-authenticate");
                assert!(challenge.starts_with("Bearer error=\""), "{challenge}");
                assert!(
                    challenge.contains(&format!("error_description=\"{public}: ")),
                    "{challenge}"
                );
                let body: Value = serde_json::from_str(&answer.body).unwrap();
                assert!(challenge.contains(body["error"].as_str().unwrap()), "{body}");
            };
            let signed = |claims: &Value| token(&key, "key-1", "at+jwt", claims);

            let good = world.get("/orders", &header(&signed(&good_claims()))).await;
            assert_eq!(good.status, 200, "{good:?}");

            let mut old = claims_with("exp", json!(now - 60));
            old["iat"] = json!(now - 600);
            check(&signed(&old), 401, "expired").await;
            check(&signed(&claims_with("iat", json!(now + 600))), 401, "not_yet_valid").await;
            check(&signed(&claims_with("aud", json!("other"))), 401, "wrong_audience").await;
            check(&signed(&claims_with("aud", json!([AUDIENCE, "other"]))), 401, "wrong_audience")
                .await;
            check(&signed(&claims_with("iss", json!("https://evil"))), 401, "not_trusted").await;
            check(&signed(&claims_with("jti", Value::Null)), 401, "malformed_proof").await;
            check(&signed(&claims_with("sub", json!("a\r\nx-admin: 1"))), 401, "malformed_proof")
                .await;
            check(&token(&key, "key-1", "JWT", &good_claims()), 401, "wrong_type").await;
            check(&token(&key, "key-9", "at+jwt", &good_claims()), 401, "not_trusted").await;
            check("a.b.c", 401, "malformed_proof").await;
            let (signed_part, _) = signed(&good_claims()).rsplit_once('.').map(own).unwrap();
            let (_, other) =
                signed(&claims_with("sub", json!("x"))).rsplit_once('.').map(own).unwrap();
            check(&format!("{signed_part}.{other}"), 401, "not_trusted").await;
            world.is_well().await;
        }
    }
}

fn own((left, right): (&str, &str)) -> (String, String) {
    (left.to_owned(), right.to_owned())
}

/// Which back end verified is known from the metric alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_host_verifies_unless_told_otherwise() {
    for (back_end, expect) in BACK_ENDS.into_iter().zip(["5", "0"]) {
        let world = World::start(&[back_end]).await;
        assert_eq!(world.get("/", &header(&world.good_token())).await.status, 200);
        assert_eq!(world.metric("credmint_signatures_by_host").await, expect);
        assert_eq!(world.metric("credmint_accepted").await, "1");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whose_the_token_is_arrives_once() {
    let world = World::start(&[]).await;
    let answer = world.get("/orders?a=b", &header(&world.good_token())).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.seen("x-credmint-subject"), ["app_orders:run"]);
    assert_eq!(answer.seen("x-credmint-client"), ["app_orders"]);
    assert_eq!(answer.seen("x-credmint-scope"), ["read:file write"]);
    assert_eq!(answer.seen("authorization").len(), 1);

    let edit = (EXCEPTIONS, r#""forward_authorization": false, "exceptions""#);
    let world = World::start(&[edit]).await;
    let answer = world.get("/orders", &header(&world.good_token())).await;
    assert!(answer.seen("authorization").is_empty(), "{answer:?}");
    assert_eq!(answer.seen("x-credmint-client"), ["app_orders"]);
}

/// E1, on protected and open paths.
#[tokio::test(flavor = "multi_thread")]
async fn the_clients_own_identity_fields_never_arrive() {
    let forged = [
        "x-credmint-subject",
        "X-Credmint-Subject",
        "X-CREDMINT-SUBJECT",
        "x_credmint_subject",
        "X_Credmint-Subject",
        "x-credmint_subject",
        "x.credmint.subject",
        "X!Credmint~Subject",
        "x-credmint-client",
        "X_CREDMINT_CLIENT",
        "x-credmint-scope",
        "x-credmint_Scope",
    ];
    let world = World::start(&[]).await;
    let mut fields: String = forged.iter().map(|name| format!("{name}: admin\r\n")).collect();
    fields += "x-credmint-subject: root\r\nx-credmint-subjects: kept\r\nx_own: kept\r\n";
    let check = |answer: &Answer, subjects: &[&str]| {
        assert_eq!(answer.status, 200, "{answer:?}");
        let seen: Vec<Value> = serde_json::from_str(&answer.body).unwrap();
        let text = format!("{seen:?}");
        assert!(!text.contains("admin") && !text.contains("root"), "{text}");
        assert_eq!(answer.seen("x-credmint-subject"), subjects);
        assert_eq!(answer.seen("x-credmint-subjects"), ["kept"]);
        assert_eq!(answer.seen("x_own"), ["kept"]);
    };
    let with_token = fields.clone() + &header(&world.good_token());
    check(&world.get("/orders", &with_token).await, &["app_orders:run"]);
    check(&world.get("/healthz", &fields).await, &[]);
    check(&world.get("/healthz?x", &with_token).await, &[]);
}

/// A route that is chosen by one of our fields is chosen by what the token says.
#[tokio::test(flavor = "multi_thread")]
async fn a_forged_field_chooses_no_route() {
    let edit = (
        "- match: { prefix: / }",
        "- match: { prefix: /, headers: [ { name: x-credmint-client, string_match: { exact: admin } } ] }\n                direct_response: { status: 204 }\n              - match: { prefix: / }",
    );
    let world = World::start(&[edit]).await;
    let forged = "x-credmint-client: admin\r\n";
    let answer = world.get("/orders", &(header(&world.good_token()) + forged)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(world.get("/healthz", forged).await.status, 200);
    let admin = world.token(&claims_with("client_id", json!("admin")));
    assert_eq!(world.get("/orders", &header(&admin)).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_token_nothing_but_the_exceptions_passes() {
    let world = World::start(&[]).await;
    let answer = world.get("/orders?access_token=x", "").await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("www-authenticate"), "Bearer");
    assert_eq!(answer.header("credmint-error"), "token_missing");
    // E3: every spelling of a path is the one that Envoy routes on, and no other is open.
    let open =
        ["/healthz", "/healthz?x=y", "//healthz", "/./healthz", "/a/../healthz", "/%68ealthz"];
    for open in open {
        let answer = world.get(open, "").await;
        assert_eq!(answer.status, 200, "{open}: {answer:?}");
    }
    for path in [
        "/",
        "/Healthz",
        "/healthz/",
        "/healthz;x",
        "/healthz/x",
        "/healthz/../orders",
        "/healthz%2f..%2forders",
        "/healthz%00",
        "/healthz#x",
        "/orders?/healthz",
    ] {
        let answer = world.get(path, "").await;
        assert!(matches!(answer.status, 400 | 401), "{path}: {answer:?}");
    }
    world.is_well().await;
}

/// E2, and what is no text: the answer is 400, and the filter lives on.
#[tokio::test(flavor = "multi_thread")]
async fn one_authorization_field() {
    let world = World::start(&[]).await;
    let good = world.good_token();
    let check = async |fields: &str| {
        let answer = world.get("/orders", fields).await;
        assert_eq!(answer.status, 400, "{answer:?}");
        assert_eq!(answer.header("credmint-error"), "invalid_request");
    };
    check(&(header(&good) + &header(&good))).await;
    check(&format!("authorization: Bearer {good},Bearer {good}\r\n")).await;
    check(&format!("authorization: Bearer  {good}\r\n")).await;
    check(&format!("authorization: {good}\r\n")).await;
    check("authorization: Basic YTpi\r\n").await;
    check("authorization:\r\n").await;
    for field in [&b"authorization: Bearer \xff\xfe\r\n"[..], b"\xff\xfe: a\r\n", b"a: \xff\r\n"] {
        let request = [b"GET /orders HTTP/1.1\r\nhost: a\r\nconnection: close\r\n", field, b"\r\n"];
        let answer = exchange(world.edge(), &request.concat()).await;
        assert!(matches!(answer.status, 400 | 401), "{field:?}: {answer:?}");
    }
    world.is_well().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scope_that_is_lacking_is_named() {
    let edit = (EXCEPTIONS, r#""scope": ["delete", "write"], "exceptions""#);
    let world = World::start(&[edit]).await;
    let answer = world.get("/orders", &header(&world.good_token())).await;
    assert_eq!(answer.status, 403, "{answer:?}");
    assert_eq!(answer.header("credmint-error"), "insufficient_scope");
    assert!(answer.header("www-authenticate").ends_with(", scope=\"delete write\""), "{answer:?}");
    let wider = world.token(&claims_with("scope", json!("write delete read")));
    assert_eq!(world.get("/orders", &header(&wider)).await.status, 200);
}

/// Requests that come before the keys wait, all for one call, and each gets its own answer.
#[tokio::test(flavor = "multi_thread")]
async fn requests_wait_for_the_keys() {
    let slow = Behaviour::Slow(Duration::from_secs(2));
    let world = World::start_behaving(&[], slow).await;
    let good = header(&world.good_token());
    let bad = header(&world.token(&claims_with("aud", json!("other"))));
    let requests = (0..20).map(|number| if number % 2 == 0 { &good } else { &bad });
    let answers: Vec<_> = requests.map(|fields| world.begin_get("/orders", fields)).collect();
    // Two clients lose patience. Nobody else may notice.
    for _ in 0..2 {
        drop(world.begin_and_leave("/orders", &good).await);
    }
    for (number, answer) in answers.into_iter().enumerate() {
        let expect = if number % 2 == 0 { 200 } else { 401 };
        let answer = answer.await.unwrap();
        assert_eq!(answer.status, expect, "{answer:?}");
    }
    // One worker, and Envoy's main thread, which has a filter of its own.
    assert!(world.issuer.jwks_requests() <= 2, "{} calls", world.issuer.jwks_requests());
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

#[tokio::test(flavor = "multi_thread")]
async fn new_keys_are_learnt_from_the_token_that_names_them() {
    let world = World::start(&[]).await;
    assert_eq!(world.get("/orders", &header(&world.good_token())).await.status, 200);
    let key = TestKey::rsa();
    world.issuer.rotate(key.clone());
    let rotated = header(&token(&key, "key-2", "at+jwt", &good_claims()));
    // At most every 30 seconds an unknown key makes the filter ask.
    let calls = world.issuer.jwks_requests();
    assert_eq!(world.get("/orders", &rotated).await.status, 401);
    assert_eq!(world.issuer.jwks_requests(), calls);
    let answer = world.get_until("/orders", &rotated, 200, Duration::from_secs(45)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(world.issuer.jwks_requests(), calls + 1);
    world.is_well().await;
}

/// E5: half a configuration is none, and Envoy says where it is wrong.
#[tokio::test(flavor = "multi_thread")]
async fn a_bad_configuration_does_not_start() {
    let check = async |edit: Edit, at: &str| {
        let log = World::does_not_start(&[edit]).await;
        assert!(log.contains("configuration_refused") && log.contains(at), "{edit:?}: {log}");
    };
    check((EXCEPTIONS, r#""exceptons""#), r#""at":"/exceptons""#).await;
    check((r#"["/healthz"]"#, r#"["/healthz?"]"#), r#""at":"/exceptions/0""#).await;
    check((r#""cluster": "sts","#, ""), r#""at":"/keys""#).await;
    check((r#""issuer":"#, r#""issuer": "", "issuer":"#), "json_duplicate_member").await;
}

/// What the operator reads has the reason, and not the token.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_why() {
    let world = World::start(&[]).await;
    let refused = world.token(&claims_with("aud", json!("billing.example.com")));
    assert_eq!(world.get("/orders", &header(&refused)).await.status, 401);
    let line = world.envoy.wait_for_line(r#""event":"refused""#);
    let record: Value = serde_json::from_str(&line[line.find('{').unwrap()..]).unwrap();
    assert_eq!(record["code"], "audience_wrong");
    assert_eq!(record["step"], "audience");
    assert_eq!(record["fault"], "credential");
    assert!(record["found"].as_str().is_some_and(|found| found.contains("billing")), "{record}");
    assert!(record["request_id"].as_str().is_some_and(|id| id.len() == 36), "{record}");
    let log = world.envoy.log();
    for part in refused.split('.') {
        assert!(!log.contains(part), "the log holds a part of the token");
    }
}
