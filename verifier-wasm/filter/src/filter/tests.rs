use super::*;
use crate::host::tests::fake::FakeHost;
use crate::tests::issuer::{NOW, configuration, jwks, token};
use credmint_core::limits::{
    FETCH_BACK_OFF, FETCH_GRACE, JWKS_BYTES, KEYS_REFRESH, KEYS_STALE_MAX,
};

/// A filter that was configured, and whose first tick has come.
fn started(more: &str) -> (FakeHost, Filter<FakeHost>) {
    let host = FakeHost::new();
    host.set_time(NOW);
    let mut filter = Filter::configure(host.clone(), &configuration(more)).unwrap();
    assert_eq!(host.tick_period(), TICK);
    filter.tick();
    assert_eq!(host.calls(), ["sts sts.example.com /jwks"]);
    (host, filter)
}

/// The fields of an answer with this status.
fn fields(status: &str) -> Fields {
    let fields = [(":status", status), ("content-type", "application/json")];
    fields.map(|(name, value)| (name.to_owned(), value.into())).into()
}

fn answer_call(filter: &mut Filter<FakeHost>, call: u32, body: Vec<u8>) {
    filter.call_answered(call, Some(&fields("200")), body.len(), || Ok(body));
}

/// The same with keys.
fn ready(more: &str) -> (FakeHost, Filter<FakeHost>) {
    let (host, mut filter) = started(more);
    answer_call(&mut filter, 1, jwks(b"a"));
    (host, filter)
}

fn begin(host: &FakeHost, number: u32, token: &str) {
    let value = format!("Bearer {token}");
    host.begin(number, &[(":path", b"/"), ("authorization", value.as_bytes())]);
}

fn values(host: &FakeHost, number: u32, name: &str) -> Vec<String> {
    let header = host.request(number).header.into_iter();
    header
        .filter(|(field, _)| field == name)
        .map(|(_, value)| String::from_utf8(value).unwrap())
        .collect()
}

#[test]
fn a_good_request_goes_on_with_our_fields_once() {
    let (host, mut filter) = ready("");
    let value = format!("Bearer {}", token(b'a', ""));
    host.begin(
        9,
        &[
            ("authorization", value.as_bytes()),
            ("x-credmint-subject", b"admin"),
            ("x-credmint-subject", b"root"),
            ("x_credmint_client", b"admin"),
        ],
    );
    assert_eq!(filter.request_header(9), Flow::Continue);
    assert_eq!(values(&host, 9, "x-credmint-subject"), ["app_orders:run"]);
    assert_eq!(values(&host, 9, "x-credmint-client"), ["app_orders"]);
    assert!(values(&host, 9, "x_credmint_client").is_empty());
    assert_eq!(values(&host, 9, "authorization"), [value]);
    assert_eq!((host.counted(Metric::Accepted), host.counted(Metric::Refused)), (1, 0));
}

#[test]
fn a_refusal_is_answered_and_written_down() {
    let (host, mut filter) = ready("");
    let token = token(b'a', r#""aud":"other""#);
    let value = format!("Bearer {token}");
    host.begin(1, &[("authorization", value.as_bytes()), ("x-request-id", b"0a-1b")]);
    assert_eq!(filter.request_header(1), Flow::Pause);
    let reply = host.request(1).reply.unwrap();
    assert_eq!(reply.status, 401);
    assert!(reply.fields.contains(&("credmint-error".into(), "wrong_audience".into())));
    let log = host.log_text();
    assert!(log.contains(r#""code":"audience_wrong""#), "{log}");
    assert!(log.contains(r#""request_id":"0a-1b""#), "{log}");
    assert!(!log.contains(&token), "{log}");
    assert_eq!(host.counted(Metric::Refused), 1);
}

#[test]
fn a_request_id_that_is_no_id_is_not_written_down() {
    let (host, mut filter) = ready("");
    host.begin(1, &[("x-request-id", b"a\nb")]);
    assert_eq!(filter.request_header(1), Flow::Pause);
    assert!(!host.log_text().contains("request_id"));
}

#[test]
fn waiting_requests_are_taken_up_again() {
    let (host, mut filter) = started("");
    begin(&host, 1, &token(b'a', ""));
    assert_eq!(filter.request_header(1), Flow::Pause);
    begin(&host, 2, &token(b'b', ""));
    assert_eq!(filter.request_header(2), Flow::Pause);
    begin(&host, 3, &token(b'a', ""));
    assert_eq!(filter.request_header(3), Flow::Pause);
    // The third goes away, and the filter has not heard of it yet.
    host.end(3);
    answer_call(&mut filter, 1, jwks(b"a"));
    assert!(host.request(1).resumed);
    assert_eq!(values(&host, 1, "x-credmint-client"), ["app_orders"]);
    assert_eq!(host.request(2).reply.unwrap().status, 401);
    assert_eq!(host.calls().len(), 1);
}

#[test]
fn a_call_is_made_at_once_for_who_waits() {
    let (host, mut filter) = ready("");
    host.set_time(NOW + 60);
    begin(&host, 1, &token(b'b', ""));
    assert_eq!(filter.request_header(1), Flow::Pause);
    assert_eq!(host.tick_period(), AT_ONCE);
    filter.tick();
    assert_eq!((host.calls().len(), host.tick_period()), (2, TICK));
    answer_call(&mut filter, 2, jwks(b"ab"));
    assert!(host.request(1).resumed);
}

/// The call that refreshes the keys hangs: requests with a known key go on at once, all the same.
#[test]
fn j32_a_refresh_that_hangs_holds_up_nobody() {
    let (host, mut filter) = ready("");
    for age in KEYS_REFRESH..KEYS_STALE_MAX {
        host.set_time(NOW + age);
        filter.tick();
        begin(&host, 1, &token(b'a', ""));
        assert_eq!(filter.request_header(1), Flow::Continue, "{age}");
    }
    // Each hangs until it is given up, and after a pause the next one is made.
    let attempt = FETCH_DEADLINE + FETCH_GRACE + FETCH_BACK_OFF;
    let most = 2 + (KEYS_STALE_MAX - KEYS_REFRESH) / attempt;
    let calls = i64::try_from(host.calls().len()).unwrap();
    assert!((3..=most).contains(&calls), "{calls} calls");
    host.set_time(NOW + KEYS_STALE_MAX);
    begin(&host, 2, &token(b'a', ""));
    assert_eq!(filter.request_header(2), Flow::Pause);
}

#[test]
fn what_is_wrong_with_a_key_set_is_written_down() {
    let (host, mut filter) = started("");
    answer_call(&mut filter, 1, br#"{"keys":[{"kty":"oct","kid":"s"}]}"#.to_vec());
    let log = host.log_text();
    assert!(log.contains(r#""event":"key_set""#) && log.contains("is symmetric"), "{log}");
    assert_eq!(host.counted(Metric::KeysFetchFailed), 0);
}

#[test]
fn answers_that_are_none() {
    let check = |fields: Option<&Fields>, length: usize, words: &str| {
        let (host, mut filter) = started("");
        begin(&host, 1, &token(b'a', ""));
        assert_eq!(filter.request_header(1), Flow::Pause);
        filter.call_answered(1, fields, length, || Ok(jwks(b"a")));
        let log = host.log_text();
        assert!(log.contains(words), "{log}");
        let reply = host.request(1).reply.unwrap();
        assert_eq!(reply.status, 503);
        assert!(reply.fields.contains(&("retry-after".into(), "10".into())));
        assert_eq!(host.counted(Metric::KeysFetchFailed), 1);
    };
    check(None, 0, "the call failed");
    check(Some(&fields("503")), 10, "status 503");
    check(Some(&fields("302")), 0, "a redirect (302)");
    check(Some(&fields("")), 0, "status 0");
    check(Some(&fields("200")), JWKS_BYTES + 1, "larger than 262144 bytes");
    let mut packed = fields("200");
    packed.push(("content-encoding".to_owned(), b"gzip".to_vec()));
    check(Some(&packed), 10, "a content coding");
    let mut page = fields("200");
    page.retain(|(name, _)| name != "content-type");
    page.push(("content-type".to_owned(), b"text/html".to_vec()));
    check(Some(&page), 10, "media type");
}

#[test]
fn a_body_that_cannot_be_read_is_a_failure() {
    let (host, mut filter) = started("");
    filter.call_answered(1, Some(&fields("200")), 7, || Err(HostError("gone".into())));
    assert_eq!(host.counted(Metric::KeysFetchFailed), 1);
}

#[test]
fn a_bad_configuration_is_none_and_says_where() {
    let host = FakeHost::new();
    assert!(Filter::configure(host.clone(), &configuration(r#","skew":"x""#)).is_none());
    let log = host.log_text();
    assert!(log.starts_with("Error ") && log.contains(r#""at":"/skew""#), "{log}");
}

#[test]
fn whoever_verifies_is_told() {
    let check = |more: &str, answer: Option<Option<&[u8]>>, count: u64, level: &str| {
        let host = FakeHost::new();
        if let Some(answer) = answer {
            host.answers_every_function(answer);
        }
        assert!(Filter::configure(host.clone(), &configuration(more)).is_some());
        assert_eq!(host.counted(Metric::SignaturesByHost), count);
        let log = host.log_text();
        assert!(log.starts_with(level) && log.contains("signatures_by_host"), "{log}");
    };
    check("", None, 6, "Info");
    check("", Some(None), 0, "Warn");
    check(r#","signatures":"pure_rust""#, None, 0, "Info");
}

#[test]
fn host_or_pure_rust_the_verdict_is_the_same() {
    let check = |more: &str| {
        let (host, mut filter) = ready(more);
        begin(&host, 1, &token(b'a', ""));
        assert_eq!(filter.request_header(1), Flow::Continue, "{more}");
        let mut altered = token(b'a', "");
        altered.replace_range(altered.len() - 4.., "AAAA");
        begin(&host, 2, &altered);
        assert_eq!(filter.request_header(2), Flow::Pause, "{more}");
        assert_eq!(host.request(2).reply.unwrap().status, 401);
    };
    check("");
    check(r#","signatures":"pure_rust""#);
}

/// Whatever the host refuses, no request passes for it.
#[test]
fn a_host_that_refuses_a_call_lets_nothing_pass() {
    let check = |broken: &'static str, status: u16| {
        let (host, mut filter) = ready("");
        let value = format!("Bearer {}", token(b'a', ""));
        let forged: (&str, &[u8]) = ("x-credmint-subject", b"admin");
        host.begin(1, &[("authorization", value.as_bytes()), forged]);
        host.breaks(broken);
        assert_eq!(filter.request_header(1), Flow::Pause, "{broken}");
        assert_eq!(host.request(1).reply.map(|reply| reply.status), Some(status), "{broken}");
    };
    for broken in ["fields", "remove", "set"] {
        check(broken, 500);
    }
    check("now", 503);
}

#[test]
fn a_request_that_cannot_wait_is_refused() {
    let (host, mut filter) = ready("");
    host.set_time(NOW + 60);
    begin(&host, 1, &token(b'b', ""));
    host.breaks("tick_every");
    assert_eq!(filter.request_header(1), Flow::Pause);
    assert_eq!(host.request(1).reply.unwrap().status, 500);
}

#[test]
fn a_call_that_the_host_refuses_refuses_who_waits() {
    let host = FakeHost::new();
    host.set_time(NOW);
    let mut filter = Filter::configure(host.clone(), &configuration("")).unwrap();
    begin(&host, 1, &token(b'a', ""));
    assert_eq!(filter.request_header(1), Flow::Pause);
    host.breaks("get");
    filter.tick();
    assert_eq!(host.request(1).reply.unwrap().status, 503);
    assert!(host.log_text().contains("cluster sts: get: broken"));
}

#[test]
fn trailers_are_cleaned_too() {
    let (host, mut filter) = ready("");
    host.begin(1, &[]);
    host.set_trailer(1, &[("x_credmint_subject", "admin"), ("checksum", "7")]);
    assert_eq!(filter.request_trailer(1), Flow::Continue);
    assert_eq!(host.request(1).trailer, [("checksum".to_owned(), b"7".to_vec())]);
}

/// A host may show the body and the trailer of a request whose header is held. They do not take it along.
#[test]
fn what_follows_a_held_header_is_held() {
    let (host, mut filter) = started("");
    let flows = |filter: &mut Filter<FakeHost>, request: u32| {
        host.set_trailer(request, &[("x-credmint-subject", "admin")]);
        let flows = (filter.request_body(request), filter.request_trailer(request));
        assert!(host.request(request).trailer.is_empty());
        flows
    };
    begin(&host, 1, &token(b'a', ""));
    assert_eq!(filter.request_header(1), Flow::Pause);
    begin(&host, 2, &token(b'b', ""));
    assert_eq!(filter.request_header(2), Flow::Pause);
    for request in [1, 2] {
        assert_eq!(flows(&mut filter, request), (Flow::Pause, Flow::Pause));
    }
    answer_call(&mut filter, 1, jwks(b"a"));
    assert_eq!(flows(&mut filter, 1), (Flow::Continue, Flow::Continue));
    assert_eq!(flows(&mut filter, 2), (Flow::Pause, Flow::Pause));
    filter.request_gone(2);
    assert!(filter.held.is_empty());
}

/// Even where the host refuses the refusal.
#[test]
fn what_follows_a_header_that_was_not_answered_is_held() {
    let (host, mut filter) = ready("");
    begin(&host, 1, &token(b'b', ""));
    host.breaks("answer");
    assert_eq!(filter.request_header(1), Flow::Pause);
    assert_eq!(filter.request_body(1), Flow::Pause);
}

/// Asking for the tick again would put it off.
#[test]
fn the_tick_that_makes_the_call_is_asked_for_once() {
    let (host, mut filter) = ready("");
    host.set_time(NOW + 60);
    begin(&host, 1, &token(b'b', ""));
    assert_eq!(filter.request_header(1), Flow::Pause);
    host.breaks("tick_every");
    begin(&host, 2, &token(b'b', ""));
    assert_eq!(filter.request_header(2), Flow::Pause);
    assert_eq!(host.request(2).reply, None);
}

/// The fake host panics when a request is answered and resumed.
#[test]
fn a_trailer_that_cannot_be_cleaned_ends_the_wait() {
    let (host, mut filter) = started("");
    begin(&host, 1, &token(b'a', ""));
    assert_eq!(filter.request_header(1), Flow::Pause);
    host.breaks("fields");
    assert_eq!(filter.request_trailer(1), Flow::Pause);
    assert_eq!(host.request(1).reply.unwrap().status, 500);
    answer_call(&mut filter, 1, jwks(b"a"));
    assert!(!host.request(1).resumed);
}
