use super::*;
use crate::tests::issuer::{NOW, configuration, jwks, token};
use credmint_core::json;
use credmint_core::limits::{
    FETCH_BACK_OFF, FETCH_DEADLINE, FETCH_ROUNDS, KEYS_REFRESH, KEYS_STALE_MAX,
    UNKNOWN_KID_COOL_DOWN,
};
use credmint_rustcrypto::RustCrypto;

const PURE: SignatureProvider<'static> = SignatureProvider { backends: &[&RustCrypto] };

fn engine(more: &str) -> Engine {
    Engine::new(Configuration::read(&configuration(more)).unwrap())
}

/// An engine that has fetched the keys of these names at [`NOW`].
fn with_keys(more: &str, names: &[u8]) -> Engine {
    let mut engine = engine(more);
    call(&mut engine, 1, 0);
    let settled = answered(&mut engine, 1, Ok(jwks(names)), 0).unwrap();
    assert_eq!(settled, Settled { failure: None, notices: vec![], decisions: vec![] });
    engine
}

/// Makes the call that is due.
fn call(engine: &mut Engine, number: u32, seconds: i64) {
    let (fetch, endpoint) = engine.due(at(seconds)).expect("a call is due");
    assert_eq!((endpoint.cluster.as_str(), endpoint.path.as_str()), ("sts", "/jwks"));
    engine.called(number, fetch);
}

fn answered(
    engine: &mut Engine,
    number: u32,
    body: Result<Vec<u8>, String>,
    seconds: i64,
) -> Option<Settled> {
    let content_type = vec!["application/json"];
    let head = AnswerHead { status: 200, content_type, ..AnswerHead::default() };
    engine.answered(number, Some(&head), || body, at(seconds), PURE)
}

/// Whether a call would be made. Asked of a copy of the time, since asking begins it.
fn is_due(engine: &Engine, seconds: i64) -> bool {
    let Configuration { rules, source, .. } = engine.configuration();
    let ring = engine.cache.ring();
    let early = match ring.jwks(&rules.issuer, source, None, at(seconds)) {
        Err(Stop::Wanting(source)) => Some(source),
        _ => ring.due(&rules.issuer, source, at(seconds)),
    };
    let source = engine.wanted.clone().or(early);
    source.is_some_and(|source| !engine.cache.is_under_way(&source))
}

/// So many seconds after [`NOW`].
fn at(seconds: i64) -> UnixTime {
    UnixTime::from_seconds(NOW + seconds)
}

fn header(fields: &[(&str, &str)]) -> Fields {
    fields.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect()
}

fn ask(engine: &mut Engine, number: u32, token: &str, seconds: i64) -> Decision {
    let fields = header(&[(":path", "/orders"), ("authorization", &format!("Bearer {token}"))]);
    engine.request(number, &fields, at(seconds), PURE)
}

fn code(decision: &Decision) -> Option<Code> {
    match decision {
        Decision::Forward(_) => None,
        Decision::Answer(answer) => Some(answer.refusal.code()),
        Decision::Wait => panic!("it waits"),
    }
}

#[test]
fn a_good_token_passes_with_whose_it_is() {
    let mut engine = with_keys("", b"a");
    let Decision::Forward(forward) = ask(&mut engine, 1, &token(b'a', ""), 0) else { panic!() };
    assert!(forward.remove.is_empty());
    let set: Vec<(&str, &str)> =
        forward.set.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(
        set,
        [
            ("x-credmint-subject", "app_orders:run"),
            ("x-credmint-client", "app_orders"),
            ("x-credmint-scope", "read:file write"),
        ]
    );
}

#[test]
fn a_token_without_scope_sets_no_scope() {
    let mut engine = with_keys("", b"a");
    let decision = ask(&mut engine, 1, &token(b'a', r#""scope":null"#), 0);
    let Decision::Forward(forward) = decision else { panic!("{decision:?}") };
    let names: Vec<&str> = forward.set.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["x-credmint-subject", "x-credmint-client"]);
}

#[test]
fn refusals() {
    let mut engine = with_keys(r#","scope":["write"]"#, b"a");
    let mut check = |token: &str, expect: Option<Code>| {
        assert_eq!(code(&ask(&mut engine, 1, token, 0)), expect, "{token}");
    };
    check(&token(b'a', ""), None);
    check(&token(b'a', r#""scope":"read:file""#), Some(Code::ScopeInsufficient));
    check(&token(b'a', r#""aud":"other""#), Some(Code::AudienceWrong));
    check(&token(b'a', r#""iss":"https://other""#), Some(Code::IssuerWrong));
    check(&token(b'a', &format!(r#""iat":{},"exp":{}"#, NOW - 60, NOW - 40)), Some(Code::Expired));
    check("a.b", Some(Code::JwsMalformed));
    let mut altered = token(b'a', "");
    altered.replace_range(altered.len() - 4.., "AAAA");
    check(&altered, Some(Code::JwsSignatureInvalid));
}

#[test]
fn e2_one_bearer_token() {
    let mut engine = with_keys("", b"a");
    let token = token(b'a', "");
    let mut check = |values: &[&[u8]], expect: Option<Code>| {
        let fields = values.iter().map(|value| ("Authorization".to_owned(), value.to_vec()));
        assert_eq!(code(&engine.request(1, &fields.collect(), at(0), PURE)), expect, "{values:?}");
    };
    let bearer = format!("Bearer {token}");
    check(&[bearer.as_bytes()], None);
    check(&[format!("bEARER {token}").as_bytes()], None);
    check(&[], Some(Code::TokenMissing));
    check(&[bearer.as_bytes(), bearer.as_bytes()], Some(Code::AuthorizationMalformed));
    check(&[bearer.as_bytes(), b"\xff"], Some(Code::AuthorizationMalformed));
    check(&[format!("{bearer},{bearer}").as_bytes()], Some(Code::AuthorizationMalformed));
    check(&[format!("Bearer  {token}").as_bytes()], Some(Code::AuthorizationMalformed));
    check(&[b"\xff\xfe"], Some(Code::AuthorizationMalformed));
    check(&[b""], Some(Code::AuthorizationMalformed));
    check(&[b"Basic YTpi"], Some(Code::AuthorizationMalformed));
}

#[test]
fn e1_the_clients_own_fields_go() {
    let forged = [
        "x-credmint-subject",
        "X-Credmint-Client",
        "x_credmint_scope",
        "x-credmint_subject",
        "x.credmint.subject",
        "X!CREDMINT~SCOPE",
    ];
    let innocent =
        ["x-credmint", "x-credmint-subjects", "ax-credmint-subject", "x-credmintsubject"];
    let names = forged.iter().chain(&innocent);
    let mut fields: Fields = names.map(|name| ((*name).to_owned(), b"admin".to_vec())).collect();
    let mut expect: Vec<String> = forged.map(str::to_owned).into();
    expect.sort_unstable();

    let mut engine = with_keys(r#","exceptions":["/healthz"]"#, b"a");
    let mut check = |fields: &Fields| {
        let Decision::Forward(forward) = engine.request(1, fields, at(0), PURE) else { panic!() };
        assert_eq!(forward.remove, expect);
    };
    fields.extend(header(&[(":path", "/healthz")]));
    check(&fields);
    fields.pop();
    fields.extend(header(&[("authorization", &format!("Bearer {}", token(b'a', "")))]));
    check(&fields);
}

#[test]
fn e1_values_are_refused_rather_than_altered() {
    let mut engine = with_keys("", b"a");
    let mut check = |claim: &str, expect: Option<Code>| {
        assert_eq!(code(&ask(&mut engine, 1, &token(b'a', claim), 0)), expect, "{claim}");
    };
    check(r#""sub":"a:b/~!""#, None);
    for value in ["a\\r\\nx-admin: 1", "a\\u0000", "caf\u{e9}\\u202e", "\\t"] {
        check(&format!(r#""sub":"{value}""#), Some(Code::ClaimsMalformed));
        check(&format!(r#""client_id":"{value}""#), Some(Code::ClaimsMalformed));
    }
}

/// The texts of tokens, as the vectors have them for every host: what a guard takes, and the field by which the service
/// gets it.
#[test]
fn texts_of_tokens() {
    let text = include_bytes!("../../../../tests/vectors/token-text/characters.json");
    let vectors = json::parse(text).unwrap();
    let mut engine = with_keys("", b"a");
    for vector in vectors.as_array().unwrap() {
        let word = |name: &str| vector.get(name).and_then(json::Value::as_str);
        let (claim, text) = (word("claim").unwrap(), word("text").unwrap());
        let claims = format!("{}:{}", json::Value::from(claim), json::Value::from(text));
        let decision = ask(&mut engine, 1, &token(b'a', &claims), 0);
        let code = code(&decision).map_or("accept", Code::as_str);
        assert_eq!(Some(code), word("guard"), "{claims}");
        let Decision::Forward(forward) = decision else { continue };
        let name = match claim {
            "sub" => "x-credmint-subject",
            "client_id" => "x-credmint-client",
            "scope" => "x-credmint-scope",
            _ => continue,
        };
        let (_, value) = forward.set.iter().find(|(field, _)| field == name).unwrap();
        assert_eq!(Some(value.as_str()), word("field"), "{claims}");
    }
}

#[test]
fn e3_exceptions_are_exact() {
    let mut engine = with_keys(r#","exceptions":["/healthz","/a/b"]"#, b"a");
    let mut check = |path: &str, open: bool| {
        let decision = engine.request(1, &header(&[(":path", path)]), at(0), PURE);
        let expect = if open { None } else { Some(Code::TokenMissing) };
        assert_eq!(code(&decision), expect, "{path}");
    };
    for path in ["/healthz", "/healthz?a=b", "/healthz?", "/healthz?a?b", "/a/b"] {
        check(path, true);
    }
    for path in [
        "",
        "/",
        "/healthz/",
        "/Healthz",
        "//healthz",
        "/healthz/..",
        "/x/../healthz",
        "/%68ealthz",
        "/healthz;a",
        "/healthz%3f",
        "/healthz#",
        "/healthz%00",
        "/a/b/c",
        "/a",
        "/a%2fb",
        "/a//b",
        "http://host/healthz",
        "healthz",
        "*",
    ] {
        check(path, false);
    }
}

#[test]
fn e13_the_token_goes_on_unless_told_otherwise() {
    let check = |more: &str, expect: &[&str]| {
        let mut engine = with_keys(more, b"a");
        let Decision::Forward(forward) = ask(&mut engine, 1, &token(b'a', ""), 0) else { panic!() };
        assert_eq!(forward.remove, expect, "{more}");
    };
    check("", &[]);
    check(r#","forward_authorization":false"#, &["authorization"]);
}

#[test]
fn requests_wait_for_one_call() {
    let mut engine = engine("");
    assert!(is_due(&engine, 0), "keys are fetched before anybody asks");
    assert!(!engine.wants_call());
    assert_eq!(ask(&mut engine, 1, &token(b'a', ""), 0), Decision::Wait);
    assert_eq!(ask(&mut engine, 2, &token(b'b', ""), 0), Decision::Wait);
    assert_eq!(ask(&mut engine, 3, &token(b'a', ""), 0), Decision::Wait);
    assert!(engine.wants_call());
    call(&mut engine, 7, 0);
    assert!(!engine.wants_call() && engine.due(at(0)).is_none());
    assert_eq!(ask(&mut engine, 4, &token(b'a', ""), 1), Decision::Wait);
    assert!(!engine.wants_call(), "it is under way");
    engine.gone(3);
    assert_eq!(answered(&mut engine, 6, Ok(jwks(b"a")), 1), None);

    let settled = answered(&mut engine, 7, Ok(jwks(b"a")), 1).unwrap();
    let codes: Vec<_> =
        settled.decisions.iter().map(|(number, decision)| (*number, code(decision))).collect();
    assert_eq!(codes, [(1, None), (2, Some(Code::KeyUnknown)), (4, None)]);
    assert_eq!(answered(&mut engine, 7, Ok(jwks(b"a")), 1), None);
    assert_eq!(code(&ask(&mut engine, 5, &token(b'a', ""), 2)), None);
}

#[test]
fn a_failure_refuses_all_and_heals() {
    let check = |body: Result<Vec<u8>, String>| {
        let mut engine = engine("");
        assert_eq!(ask(&mut engine, 1, &token(b'a', ""), 0), Decision::Wait);
        call(&mut engine, 1, 0);
        let settled = answered(&mut engine, 1, body, 1).unwrap();
        assert!(settled.failure.is_some());
        let [(1, decision)] = &settled.decisions[..] else { panic!("{settled:?}") };
        assert_eq!(code(decision), Some(Code::KeysUnavailable));

        let refused = ask(&mut engine, 2, &token(b'a', ""), 2);
        assert_eq!(code(&refused), Some(Code::KeysUnavailable), "no second call at once");
        assert!(!is_due(&engine, FETCH_BACK_OFF) && is_due(&engine, 1 + FETCH_BACK_OFF));
        call(&mut engine, 2, 12);
        let _ = answered(&mut engine, 2, Ok(jwks(b"a")), 12);
        assert_eq!(code(&ask(&mut engine, 3, &token(b'a', ""), 12)), None);
    };
    check(Err("refused".into()));
    check(Ok(b"not json".to_vec()));
    check(Ok(vec![]));
}

/// The issuer has withdrawn its keys: that is an answer, and no client is told to try again.
#[test]
fn o10_an_empty_set_withdraws_all_keys() {
    let mut engine = with_keys("", b"a");
    assert_eq!(code(&ask(&mut engine, 1, &token(b'a', ""), 0)), None);
    call(&mut engine, 2, KEYS_REFRESH);
    let settled = answered(&mut engine, 2, Ok(br#"{"keys":[]}"#.to_vec()), KEYS_REFRESH).unwrap();
    assert_eq!((settled.failure, settled.notices.len()), (None, 1));
    let refused = ask(&mut engine, 2, &token(b'a', ""), KEYS_REFRESH);
    assert_eq!(code(&refused), Some(Code::KeyUnknown));
}

#[test]
fn an_answer_that_is_not_what_was_asked_for_is_not_read() {
    let mut engine = with_keys("", b"a");
    call(&mut engine, 2, KEYS_REFRESH);
    let head = AnswerHead { status: 200, content_type: vec!["text/html"], ..AnswerHead::default() };
    let unread = || panic!("it is read");
    let settled = engine.answered(2, Some(&head), unread, at(KEYS_REFRESH), PURE).unwrap();
    assert!(settled.failure.unwrap().contains("media type is \"text/html\""));
    assert_eq!(code(&ask(&mut engine, 1, &token(b'a', ""), KEYS_REFRESH)), None);
}

#[test]
fn a_call_that_could_not_be_made_is_a_failure() {
    let mut engine = engine("");
    assert_eq!(ask(&mut engine, 1, &token(b'a', ""), 0), Decision::Wait);
    let (fetch, _) = engine.due(at(0)).unwrap();
    let settled = engine.failed(&fetch, "no such cluster".into(), at(0), PURE);
    assert_eq!(code(&settled.decisions[0].1), Some(Code::KeysUnavailable));
}

/// A key server that hangs: as many good requests as come are decided at once, until the keys are too old.
#[test]
fn j32_no_request_with_a_known_key_waits() {
    let mut engine = with_keys("", b"a");
    assert!(!is_due(&engine, KEYS_REFRESH - 1));
    assert!(is_due(&engine, -KEYS_STALE_MAX), "a clock that stepped back");
    let good = token(b'a', "");
    let mut now = KEYS_REFRESH;
    while now < KEYS_STALE_MAX {
        if is_due(&engine, now) {
            call(&mut engine, u32::try_from(now).unwrap(), now);
        }
        for number in 0..3 {
            assert_eq!(code(&ask(&mut engine, number, &good, now)), None, "{now}");
        }
        let _ = engine.tick(at(now), PURE);
        now += 7;
    }
    let waits = ask(&mut engine, 1, &good, KEYS_STALE_MAX);
    assert_eq!(waits, Decision::Wait, "too old to be believed");
}

#[test]
fn a_rotation_takes_one_call() {
    let mut engine = with_keys("", b"a");
    let early = ask(&mut engine, 1, &token(b'b', ""), 1);
    assert_eq!(code(&early), Some(Code::KeyUnknown), "no call for every unknown key");
    let later = UNKNOWN_KID_COOL_DOWN;
    assert_eq!(ask(&mut engine, 2, &token(b'b', ""), later), Decision::Wait);
    assert_eq!(code(&ask(&mut engine, 3, &token(b'a', ""), later)), None, "others do not wait");
    call(&mut engine, 2, later);
    let settled = answered(&mut engine, 2, Ok(jwks(b"ab")), later).unwrap();
    assert_eq!(code(&settled.decisions[0].1), None);
}

#[test]
fn a_host_that_never_answers_holds_up_nobody_for_ever() {
    let mut engine = engine("");
    assert_eq!(ask(&mut engine, 1, &token(b'a', ""), 0), Decision::Wait);
    call(&mut engine, 1, 0);
    assert_eq!(engine.tick(at(FETCH_DEADLINE), PURE), None);
    let settled = engine.tick(at(8), PURE).unwrap();
    assert_eq!(code(&settled.decisions[0].1), Some(Code::KeysUnavailable));
    assert_eq!(answered(&mut engine, 1, Ok(jwks(b"a")), 9), None, "too late");
    assert_eq!(engine.tick(at(9), PURE), None);
}

/// A clock that jumps makes every set old as soon as it comes.
#[test]
fn a_request_does_not_wait_for_ever() {
    let mut engine = engine("");
    let mut now = 0;
    assert_eq!(ask(&mut engine, 1, &token(b'a', ""), now), Decision::Wait);
    for round in 1..=FETCH_ROUNDS {
        call(&mut engine, u32::try_from(round).unwrap(), now);
        now += 2 * KEYS_STALE_MAX;
        let number = u32::try_from(round).unwrap();
        let settled = answered(&mut engine, number, Ok(jwks(b"a")), now).unwrap();
        let decision = settled.decisions.first().map(|(_, decision)| code(decision));
        // The first jump is longer than a request may wait.
        assert_eq!(decision, (round == 1).then_some(Some(Code::KeysUnavailable)));
    }
}

#[test]
fn so_many_may_wait_and_no_more() {
    let mut engine = engine("");
    let token = token(b'a', "");
    for number in 0..WAITING {
        assert_eq!(ask(&mut engine, u32::try_from(number).unwrap(), &token, 0), Decision::Wait);
    }
    let one_more = ask(&mut engine, u32::MAX, &token, 0);
    assert_eq!(code(&one_more), Some(Code::KeysUnavailable));
}

#[test]
fn static_keys_need_no_call() {
    let jwks = String::from_utf8(jwks(b"a")).unwrap();
    let fetched = r#"{"cluster":"sts","jwks_uri":"https://sts.example.com/jwks"}"#;
    let document = String::from_utf8(configuration("")).unwrap();
    let document = document.replace(fetched, &format!(r#"{{"jwks":{jwks}}}"#));
    let mut engine = Engine::new(Configuration::read(document.as_bytes()).unwrap());
    assert!(engine.due(at(0)).is_none());
    assert_eq!(code(&ask(&mut engine, 1, &token(b'a', ""), 0)), None);
    assert_eq!(code(&ask(&mut engine, 2, &token(b'b', ""), 0)), Some(Code::KeyUnknown));
}

#[test]
fn e8_without_a_clock_nothing_passes() {
    let mut engine = with_keys("", b"a");
    let fields = header(&[("authorization", &format!("Bearer {}", token(b'a', "")))]);
    let decision = engine.request(1, &fields, UnixTime::from_seconds(0), PURE);
    assert_eq!(code(&decision), Some(Code::ClockImplausible));
}
