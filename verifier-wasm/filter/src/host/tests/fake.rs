//! A host for tests: a clock that is set, one request in hand at a time, calls that are written down, and a
//! `verify_signature` over pure Rust.

use crate::host::{Fields, Host, HostError, Level, Metric, Section};
use credmint_core::UnixTime;
use credmint_core::signature::{Backend, KeyKind, PublicKey, RsaLimit, Scheme, fixed_from_der};
use credmint_core::{Hash, signature::Answer};
use credmint_rustcrypto::RustCrypto;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Duration;

/// An answer that the filter gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: String,
}

/// A request as it is now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Request {
    pub(crate) header: Fields,
    pub(crate) trailer: Fields,
    pub(crate) reply: Option<Reply>,
    pub(crate) resumed: bool,
}

#[derive(Default)]
struct World {
    log: RefCell<Vec<String>>,
    counts: RefCell<BTreeMap<&'static str, u64>>,
    now: Cell<i64>,
    tick: Cell<Duration>,
    in_hand: Cell<u32>,
    requests: RefCell<BTreeMap<u32, Request>>,
    calls: RefCell<Vec<String>>,
    function: RefCell<Option<Option<Vec<u8>>>>,
    /// The host call that fails, by name.
    broken: Cell<&'static str>,
}

/// A handle; clones are the same host.
#[derive(Clone, Default)]
pub(crate) struct FakeHost(Rc<World>);

impl FakeHost {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn set_time(&self, seconds: i64) {
        self.0.now.set(seconds);
    }

    /// Makes a request come in hand.
    pub(crate) fn begin(&self, number: u32, header: &[(&str, &[u8])]) {
        let header = header.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec()));
        let request = Request { header: header.collect(), ..Request::default() };
        self.0.requests.borrow_mut().insert(number, request);
        self.0.in_hand.set(number);
    }

    pub(crate) fn set_trailer(&self, number: u32, trailer: &[(&str, &str)]) {
        let trailer = trailer.iter().map(|(name, value)| ((*name).to_owned(), (*value).into()));
        self.0.requests.borrow_mut().get_mut(&number).unwrap().trailer = trailer.collect();
        self.0.in_hand.set(number);
    }

    pub(crate) fn end(&self, number: u32) {
        self.0.requests.borrow_mut().remove(&number);
    }

    pub(crate) fn request(&self, number: u32) -> Request {
        self.0.requests.borrow()[&number].clone()
    }

    pub(crate) fn log_text(&self) -> String {
        self.0.log.borrow().join("\n")
    }

    pub(crate) fn counted(&self, metric: Metric) -> u64 {
        self.0.counts.borrow().get(metric.name()).copied().unwrap_or(0)
    }

    /// The calls made, as `cluster authority path`. The number of a call is its place, from 1.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.0.calls.borrow().clone()
    }

    pub(crate) fn tick_period(&self) -> Duration {
        self.0.tick.get()
    }

    /// Makes the host call of this name fail from now on; an empty name mends it.
    pub(crate) fn breaks(&self, call: &'static str) {
        self.0.broken.set(call);
    }

    /// Makes every function answer this from now on, or fail.
    pub(crate) fn answers_every_function(&self, answer: Option<&[u8]>) {
        *self.0.function.borrow_mut() = Some(answer.map(<[u8]>::to_vec));
    }

    fn works(&self, call: &str) -> Result<(), HostError> {
        if self.0.broken.get() == call { Err(HostError(format!("{call}: broken"))) } else { Ok(()) }
    }

    fn in_hand<T>(&self, work: impl FnOnce(&mut Request) -> T) -> Result<T, HostError> {
        let mut requests = self.0.requests.borrow_mut();
        requests
            .get_mut(&self.0.in_hand.get())
            .map(work)
            .ok_or_else(|| HostError("no request in hand".into()))
    }
}

impl Request {
    fn section(&mut self, section: Section) -> &mut Fields {
        match section {
            Section::Header => &mut self.header,
            Section::Trailer => &mut self.trailer,
        }
    }
}

impl Host for FakeHost {
    fn log(&self, level: Level, line: &str) {
        self.0.log.borrow_mut().push(format!("{level:?} {line}"));
    }

    fn count(&self, metric: Metric) {
        *self.0.counts.borrow_mut().entry(metric.name()).or_default() += 1;
    }

    fn gauge(&self, metric: Metric, value: u64) {
        self.0.counts.borrow_mut().insert(metric.name(), value);
    }

    fn now(&self) -> Option<UnixTime> {
        self.works("now").ok()?;
        Some(UnixTime::from_seconds(self.0.now.get()))
    }

    fn tick_every(&self, period: Duration) -> Result<(), HostError> {
        self.works("tick_every")?;
        self.0.tick.set(period);
        Ok(())
    }

    fn select(&self, request: u32) -> Result<(), HostError> {
        self.0.in_hand.set(request);
        self.in_hand(|_| ())
    }

    fn fields(&self, section: Section) -> Result<Fields, HostError> {
        self.works("fields")?;
        self.in_hand(|request| request.section(section).clone())
    }

    fn remove(&self, section: Section, name: &str) -> Result<(), HostError> {
        self.works("remove")?;
        self.in_hand(|request| request.section(section).retain(|(field, _)| field != name))
    }

    fn set(&self, name: &str, value: &str) -> Result<(), HostError> {
        self.works("set")?;
        self.in_hand(|request| {
            request.header.retain(|(field, _)| field != name);
            request.header.push((name.to_owned(), value.into()));
        })
    }

    fn answer(&self, status: u16, fields: &[(&str, &str)], body: &str) -> Result<(), HostError> {
        self.works("answer")?;
        self.in_hand(|request| {
            assert!(request.reply.is_none() && !request.resumed, "answered twice, or after all");
            let fields =
                fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            request.reply = Some(Reply { status, fields: fields.collect(), body: body.to_owned() });
        })
    }

    fn resume(&self) -> Result<(), HostError> {
        self.works("resume")?;
        self.in_hand(|request| {
            assert!(request.reply.is_none() && !request.resumed, "resumed twice, or answered");
            request.resumed = true;
        })
    }

    fn get(
        &self,
        cluster: &str,
        authority: &str,
        path: &str,
        _: &str,
        _: Duration,
    ) -> Result<u32, HostError> {
        self.works("get")?;
        let mut calls = self.0.calls.borrow_mut();
        calls.push(format!("{cluster} {authority} {path}"));
        Ok(u32::try_from(calls.len()).unwrap())
    }

    fn function(&self, name: &str, argument: &[u8]) -> Result<Vec<u8>, HostError> {
        assert_eq!(name, "verify_signature");
        if let Some(answer) = &*self.0.function.borrow() {
            return answer.clone().ok_or_else(|| HostError("no such function".into()));
        }
        Ok(vec![0x08, u8::from(verify(argument))])
    }
}

/// What Envoy does with `VerifySignatureArguments`.
fn verify(argument: &[u8]) -> bool {
    let fields = bytes_of_fields(argument);
    let hash = match &*fields[&1] {
        b"sha256" => Hash::Sha256,
        b"sha384" => Hash::Sha384,
        b"sha512" => Hash::Sha512,
        other => panic!("hash {other:?}"),
    };
    let key = PublicKey::from_spki_der(&fields[&2], RsaLimit::Standard).unwrap();
    let (scheme, signature) = match key.kind() {
        KeyKind::Rsa { .. } => (Scheme::RsaPkcs1(hash), fields[&3].clone()),
        KeyKind::Ec(curve) => {
            (Scheme::Ecdsa(curve, hash), fixed_from_der(curve, &fields[&3]).unwrap())
        }
        other => panic!("key {other:?}"),
    };
    RustCrypto.verify(scheme, &key, &fields[&4], &signature) == Answer::Good
}

/// The fields of a message that has octet strings alone.
fn bytes_of_fields(mut message: &[u8]) -> BTreeMap<u8, Vec<u8>> {
    let mut fields = BTreeMap::new();
    while let [tag, rest @ ..] = message {
        assert_eq!(tag & 7, 2, "a field of bytes");
        let digits = rest.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
        let length = rest[..digits]
            .iter()
            .rev()
            .fold(0, |length, byte| (length << 7) | usize::from(byte & 0x7f));
        let value = rest[digits..digits + length].to_vec();
        assert!(fields.insert(tag >> 3, value).is_none(), "field {} twice", tag >> 3);
        message = &rest[digits + length..];
    }
    fields
}
