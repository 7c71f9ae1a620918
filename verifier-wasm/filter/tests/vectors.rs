//! The vectors of a protected resource in the filter, without a host.

use credmint_core::UnixTime;
use credmint_core::json::{self, Object, Value};
use credmint_core::keys::{AnswerHead, Fetch};
use credmint_core::signature::SignatureProvider;
use credmint_filter::engine::configuration::Configuration;
use credmint_filter::engine::{Decision, Engine};
use credmint_rustcrypto::RustCrypto;

const PURE: SignatureProvider<'static> = SignatureProvider { backends: &[&RustCrypto] };

/// The vectors of a file.
fn vectors(text: &str) -> Vec<Value> {
    let value = json::parse_with(text.as_bytes(), json::Limits::DOCUMENT).expect("strict JSON");
    let vectors = value.as_array().expect("a list").to_vec();
    assert!(vectors.len() > 20, "{} vectors", vectors.len());
    vectors
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_else(|| panic!("{name} in {value}"))
}

fn engine(rules: &Value, keys: Value) -> Engine {
    let mut configuration = rules.as_object().expect("rules").clone();
    configuration.insert("keys", keys);
    let document = Value::from(configuration).to_string();
    Engine::new(Configuration::read(document.as_bytes()).expect("a good configuration"))
}

fn time(value: &Value, name: &str) -> UnixTime {
    let seconds = value.get(name).and_then(Value::as_integer);
    UnixTime::from_seconds(seconds.unwrap_or_else(|| panic!("{name} in {value}")))
}

/// What a request got, in the words of the vectors.
fn said(decision: &Decision) -> (&'static str, &str) {
    match decision {
        Decision::Wait => ("wait", ""),
        Decision::Answer(answer) => ("refuse", answer.refusal.code().as_str()),
        Decision::Forward(forward) => ("accept", &forward.set[0].1),
    }
}

/// What it must get.
fn expected(expect: &Value) -> (&'static str, &str) {
    match expect.as_object().and_then(|expect| expect.iter().next()) {
        Some(("wait", _)) => ("wait", ""),
        Some(("accept", subject)) => ("accept", subject.as_str().expect("a subject")),
        Some(("refuse", code)) => ("refuse", code.as_str().expect("a code")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn requests_get_their_answers() {
    for vector in vectors(include_str!("../../../tests/vectors/guard/requests.json")) {
        let name = text(&vector, "name");
        let keys = Object::from_iter([("jwks", vector.get("keys").expect("keys").clone())]);
        let mut engine = engine(vector.get("rules").expect("rules"), keys.into());
        let values = vector.get("authorization").and_then(Value::as_array).expect("a list");
        let field = |value: &Value| ("authorization".to_owned(), value.as_str().unwrap().into());
        let fields = values.iter().map(field).collect();
        let decision = engine.request(1, &fields, time(&vector, "now"), PURE);
        let expect = vector.get("expect").expect("expect");
        match decision {
            Decision::Forward(forward) => {
                let accept = expect.get("accept").unwrap_or_else(|| panic!("{name}: accepted"));
                let set: Vec<&str> = forward.set.iter().map(|(_, value)| value.as_str()).collect();
                let mut told = vec![text(accept, "subject"), text(accept, "client_id")];
                told.extend(Some(text(accept, "scope")).filter(|scope| !scope.is_empty()));
                assert_eq!(set, told, "{name}");
            }
            Decision::Answer(answer) => {
                assert_eq!(answer.refusal.code().as_str(), text(expect, "refuse"), "{name}");
                assert_eq!(
                    Some(i64::from(answer.status)),
                    expect.get("status").unwrap().as_integer()
                );
                assert_eq!(answer.body, text(expect, "body"), "{name}");
                let fields = answer.fields.iter().map(|(name, value)| (*name, value.as_str()));
                let fields = Value::from(Object::from_iter(fields));
                assert_eq!(Some(&fields), expect.get("headers"), "{name}");
            }
            Decision::Wait => panic!("{name}: it waits"),
        }
    }
}

/// A timeline as it is played.
struct Timeline {
    engine: Engine,
    /// The call under way.
    call: u32,
    /// Requests that wait, by number.
    asked: u32,
}

impl Timeline {
    fn ask(&mut self, step: &Value, place: &str) {
        let now = time(step, "at");
        self.asked += 1;
        let value = format!("Bearer {}", text(step, "ask"));
        let fields = vec![("authorization".to_owned(), value.into_bytes())];
        let decision = self.engine.request(self.asked, &fields, now, PURE);
        assert_eq!(said(&decision), expected(step.get("expect").expect("expect")), "{place}");
        let due = self.engine.due(now);
        let url = due.as_ref().map(|(Fetch { url, .. }, _)| url.as_str());
        assert_eq!(url, step.get("fetch").and_then(Value::as_str), "{place}: what is fetched");
        if let Some((fetch, _)) = due {
            self.call += 1;
            self.engine.called(self.call, fetch);
        }
    }

    fn answer(&mut self, step: &Value, place: &str) {
        let answer = step.get("answer").filter(|answer| **answer != Value::Null);
        let head = answer.map(|answer| {
            let field = |name| answer.get(name).and_then(Value::as_str).into_iter().collect();
            AnswerHead {
                status: answer.get("status").unwrap().as_integer().unwrap().try_into().unwrap(),
                content_type: field("content_type"),
                content_encoding: field("content_encoding"),
                length: Some(body(answer).len()),
            }
        });
        let read = || Ok(body(answer.expect("an answer")));
        let settled = self.engine.answered(self.call, head.as_ref(), read, time(step, "at"), PURE);
        let settled = settled.unwrap_or_else(|| panic!("{place}: nothing is under way"));
        let decided: Vec<_> =
            settled.decisions.iter().map(|(_, decision)| said(decision)).collect();
        let decides = step.get("decides").and_then(Value::as_array).expect("decides");
        let expect: Vec<_> = decides.iter().map(expected).collect();
        assert_eq!(decided, expect, "{place}");
    }
}

/// The body of an answer, filled up with spaces where it says how long it is.
fn body(answer: &Value) -> Vec<u8> {
    let mut body = text(answer, "body").as_bytes().to_vec();
    if let Some(length) = answer.get("padded").and_then(Value::as_integer) {
        body.resize(length.try_into().unwrap(), b' ');
    }
    body
}

#[test]
fn keys_over_time() {
    for vector in vectors(include_str!("../../../tests/vectors/guard/timelines.json")) {
        let uri = vector.get("jwks_uri").expect("jwks_uri").clone();
        let keys = Object::from_iter([("cluster", Value::from("sts")), ("jwks_uri", uri)]);
        let engine = engine(vector.get("rules").expect("rules"), keys.into());
        let mut timeline = Timeline { engine, call: 0, asked: 0 };
        for (number, step) in vector.get("steps").unwrap().as_array().unwrap().iter().enumerate() {
            let place = format!("{}, step {number}", text(&vector, "name"));
            match step.get("ask") {
                Some(_) => timeline.ask(step, &place),
                None => timeline.answer(step, &place),
            }
        }
    }
}
