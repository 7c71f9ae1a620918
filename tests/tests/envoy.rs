//! The filter in a real Envoy, configured by the example that people copy.

#[path = "envoy/http.rs"]
mod http;
#[path = "envoy/keys.rs"]
mod keys;
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
    let keys = [TestKey::ec(), TestKey::rsa(), TestKey::ec_p384()];
    for back_end in BACK_ENDS {
        let world = World::start_with_keys(&[back_end], &keys).await;
        for (number, key) in keys.iter().enumerate() {
            judge_tokens(&world, key, &format!("key-{}", number + 1)).await;
        }
        world.is_well().await;
    }
}

async fn judge_tokens(world: &World, key: &TestKey, kid: &str) {
    let now = world::now();
    let signed = |claims: &Value| token(key, kid, "at+jwt", claims);
    let good = world.get("/orders", &header(&signed(&good_claims()))).await;
    assert_eq!(good.status, 200, "{good:?}");

    let check = async |token: &str, public: &str| {
        let answer = world.get("/orders", &header(token)).await;
        assert_eq!(answer.status, 401, "{public}: {answer:?}");
        assert_eq!(answer.header("credmint-error"), public, "{answer:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
        let challenge = answer.header("www-authenticate");
        assert!(challenge.starts_with("Bearer error=\"invalid_token\""), "{challenge}");
        assert!(challenge.contains(&format!("error_description=\"{public}: ")), "{challenge}");
        let body: Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!(body["error"], "invalid_token");
    };
    let mut old = claims_with("exp", json!(now - 60));
    old["iat"] = json!(now - 600);
    check(&signed(&old), "expired").await;
    check(&signed(&claims_with("iat", json!(now + 600))), "not_yet_valid").await;
    check(&signed(&claims_with("aud", json!("other"))), "wrong_audience").await;
    check(&signed(&claims_with("aud", json!([AUDIENCE, "other"]))), "wrong_audience").await;
    check(&signed(&claims_with("iss", json!("https://evil"))), "not_trusted").await;
    check(&signed(&claims_with("jti", Value::Null)), "malformed_proof").await;
    check(&signed(&claims_with("sub", json!("a\r\nx-admin: 1"))), "malformed_proof").await;
    check(&token(key, kid, "JWT", &good_claims()), "wrong_type").await;
    check(&token(key, "key-9", "at+jwt", &good_claims()), "not_trusted").await;
    check("a.b.c", "malformed_proof").await;
    let (signed_part, _) = split_signature(&signed(&good_claims()));
    let (_, other_signature) = split_signature(&signed(&claims_with("sub", json!("x"))));
    check(&format!("{signed_part}.{other_signature}"), "not_trusted").await;
}

fn split_signature(token: &str) -> (String, String) {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    (signed.to_owned(), signature.to_owned())
}

/// The vectors of a protected resource whose answer no clock changes.
#[tokio::test(flavor = "multi_thread")]
async fn the_vectors_of_requests_have_their_answers() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("../vectors/guard/requests.json"))
        .expect("the vectors are JSON");
    let always: Vec<&Value> = vectors.iter().filter(|vector| vector["always"] == true).collect();
    assert!(always.len() > 10, "{} vectors", always.len());
    let keys = &always[0]["keys"];
    let given = (
        r#""jwks_uri": "https://sts.example.com:8443/oauth2/jwks""#,
        &*format!(r#""jwks": {keys}"#).leak(),
    );
    let world = World::start(&[(r#""cluster": "sts","#, ""), given]).await;
    for vector in always {
        let name = &vector["name"];
        assert_eq!((&vector["keys"], &vector["rules"]["audience"]), (keys, &json!(AUDIENCE)));
        let values = vector["authorization"].as_array().expect("a list").iter();
        let fields = values.map(|value| format!("authorization: {}\r\n", value.as_str().unwrap()));
        let answer = world.get("/orders", &fields.collect::<String>()).await;
        let expect = &vector["expect"];
        assert_eq!(
            (json!(answer.status), &json!(answer.body)),
            (expect["status"].clone(), &expect["body"]),
            "{name}"
        );
        for (field, value) in expect["headers"].as_object().expect("headers") {
            assert_eq!(Some(answer.header(field)), value.as_str(), "{name}");
        }
    }
    world.is_well().await;
}

/// Which back end verified is known from the metric alone.
#[tokio::test(flavor = "multi_thread")]
async fn the_host_verifies_unless_told_otherwise() {
    for (back_end, expect) in BACK_ENDS.into_iter().zip(["6", "0"]) {
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
    // Nor is an open path a way in for a service that takes the path from a field.
    let elsewhere = "x-original-url: /orders\r\nX-Rewrite-URL: /orders\r\n";
    let answer = world.get("/healthz", elsewhere).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert!(!answer.body.contains("/orders"), "{answer:?}");
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

/// An Envoy that is told to call the filter for body and trailer while the header waits: neither of them takes the
/// header along. The answer comes from the filter, and only after the keys.
#[tokio::test(flavor = "multi_thread")]
async fn a_body_does_not_pass_a_header_that_waits() {
    let edits = [
        (
            "failure_policy:",
            "allow_on_headers_stop_iteration: true\n                failure_policy:",
        ),
        (
            "request_timeout: 60s",
            "request_timeout: 60s\n          http_protocol_options: { enable_trailers: true }",
        ),
    ];
    let bodies = [
        "content-length: 3\r\n\r\nabc",
        "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-credmint-subject: admin\r\n\r\n",
    ];
    for body in bodies {
        let slow = Behaviour::Slow(Duration::from_secs(2));
        let world = World::start_behaving(&edits, slow).await;
        let post = async |token: &str| {
            let start = "POST /orders HTTP/1.1\r\nhost: a\r\nconnection: close\r\n";
            exchange(world.edge(), format!("{start}{}{body}", header(token)).as_bytes()).await
        };
        let (bad, good) = (world.token(&claims_with("aud", json!("other"))), world.good_token());
        let (refused, passed) = tokio::join!(post(&bad), post(&good));
        assert_eq!(refused.status, 401, "{body:?}: {refused:?}");
        assert_eq!(passed.status, 200, "{body:?}: {passed:?}");
        assert_eq!(passed.seen("x-credmint-subject"), ["app_orders:run"], "{body:?}");
        world.is_well().await;
    }
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

fn readme() -> &'static str {
    include_str!("../../examples/envoy/README.md")
}

/// What the example's README shows is what comes.
#[tokio::test(flavor = "multi_thread")]
async fn the_readme_is_true() {
    let world = World::start(&[]).await;
    let answer = world.get("/orders", &header(&world.good_token())).await;
    for name in ["x-credmint-subject", "x-credmint-client", "x-credmint-scope"] {
        let line = format!("\n{name}: {}\n", answer.seen(name).concat());
        assert!(readme().contains(&line), "{line}");
    }
    let other = world.token(&claims_with("aud", json!("billing.example.com")));
    let answer = world.get("/orders", &header(&other)).await;
    for name in ["content-type", "cache-control", "credmint-error", "www-authenticate"] {
        let line = format!("\n{name}: {}\n", answer.header(name));
        assert!(readme().contains(&line), "{line}");
    }
    assert!(readme().contains(&format!("\n\n{}\n", answer.body)), "{answer:?}");
}

/// What the operator reads has the reason, and not the token.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_why() {
    let world = World::start(&[]).await;
    let refused = world.token(&claims_with("aud", json!("billing.example.com")));
    assert_eq!(world.get("/orders", &header(&refused)).await.status, 401);
    let line = world.envoy.wait_for_line(r#""event":"refused""#);
    let record: Value = serde_json::from_str(&line[line.find('{').unwrap()..]).unwrap();
    assert!(record["request_id"].as_str().is_some_and(|id| id.len() == 36), "{record}");
    let shown = readme().lines().find(|line| line.contains(r#""event":"refused""#)).unwrap();
    let mut shown: Value = serde_json::from_str(shown).unwrap();
    shown["request_id"] = record["request_id"].clone();
    assert_eq!(record, shown, "the log line in the example's README");
    let log = world.envoy.log();
    for part in refused.split('.') {
        assert!(!log.contains(part), "the log holds a part of the token");
    }
}

/// E5: a module that traps on every request lets none pass, and does not leave the client waiting.
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_fails_lets_nothing_pass() {
    let world = World::start_with_module(&trapping_module()).await;
    for path in ["/orders", "/healthz", "/orders"] {
        let begun = Instant::now();
        let answer = world.get(path, &header(&world.good_token())).await;
        assert_eq!(answer.status, 503, "{answer:?}");
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    }
}

/// A proxy-wasm filter whose request header callback is one `unreachable` instruction.
fn trapping_module() -> Vec<u8> {
    const I32: u8 = 0x7f;
    const UNREACHABLE: u8 = 0x00;
    const END: u8 = 0x0b;
    let with_length = |bytes: Vec<u8>| -> Vec<u8> {
        let length = u8::try_from(bytes.len()).unwrap();
        assert!(length < 0x80, "one byte of LEB128");
        [vec![length], bytes].concat()
    };
    let list =
        |items: &[Vec<u8>]| [vec![u8::try_from(items.len()).unwrap()], items.concat()].concat();
    let section = |number: u8, content: Vec<u8>| [vec![number], with_length(content)].concat();
    let function = |parameters: usize, results: usize| {
        let kinds = |count| list(&vec![vec![I32]; count]);
        [vec![0x60], kinds(parameters), kinds(results)].concat()
    };
    let types = [function(0, 0), function(1, 1), function(2, 0), function(3, 1)];
    let names = [
        "proxy_abi_version_0_2_1",
        "malloc",
        "proxy_on_context_create",
        "proxy_on_request_headers",
    ];
    let exports: Vec<Vec<u8>> = (0..)
        .zip(names)
        .map(|(index, name)| [with_length(name.into()), vec![0x00, index]].concat())
        .chain([[with_length("memory".into()), vec![0x02, 0]].concat()])
        .collect();
    let bodies = [vec![0, END], vec![0, UNREACHABLE, END], vec![0, END], vec![0, UNREACHABLE, END]];
    let sections = [
        section(1, list(&types)),
        section(3, list(&[vec![0], vec![1], vec![2], vec![3]])),
        section(5, vec![1, 0, 1]),
        section(7, list(&exports)),
        section(10, list(&bodies.map(with_length))),
    ];
    [b"\0asm\x01\0\0\0".to_vec(), sections.concat()].concat()
}
