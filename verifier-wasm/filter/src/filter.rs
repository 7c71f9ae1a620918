//! Decisions carried out: between the events of a host and the [`Engine`].
//!
//! Where a host call fails that a request depends on, the request is not let through.

use crate::engine::answer::{Answer, record};
use crate::engine::configuration::{Configuration, Endpoint, Signatures};
use crate::engine::{Decision, Engine, Forward, Settled};
use crate::host::{Fields, Host, HostError, Level, Metric, Section};
use crate::limits::{AT_ONCE, REQUEST_ID_BYTES, TICK};
use crate::signatures::{ASKED, HostSignatures};
use credmint_core::jose::{Algorithm, AlgorithmSet};
use credmint_core::json::{Object, Value};
use credmint_core::keys::{AnswerHead, Fetch};
use credmint_core::limits::FETCH_DEADLINE;
use credmint_core::signature::{Backend, SignatureProvider};
use credmint_core::{Code, UnixTime};
use credmint_rustcrypto::RustCrypto;
use std::collections::BTreeSet;
use std::time::Duration;

/// A time that no clock shows and that the core refuses, where the host has none.
const NO_TIME: UnixTime = UnixTime::from_seconds(0);

/// Whether the host continues with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It does.
    Continue,
    /// Not now: the request was answered, or waits.
    Pause,
}

/// One configured filter, in one thread of the host.
pub struct Filter<H> {
    host: H,
    engine: Engine,
    by_host: AlgorithmSet,
    /// Requests whose header was not let through: those that wait, and those that were answered.
    held: BTreeSet<u32>,
}

impl<H: Host> Filter<H> {
    /// A filter with this configuration. `None`, after saying where and why in the log, when it is not a good one.
    pub fn configure(host: H, document: &[u8]) -> Option<Self> {
        let configuration = match Configuration::read(document) {
            Ok(configuration) => configuration,
            Err(problems) => {
                for problem in problems {
                    let members = [
                        ("at", &problem.pointer),
                        ("problem", &problem.question()),
                        ("expected", &problem.expected),
                    ];
                    log(&host, Level::Error, "configuration_refused", members);
                }
                return None;
            }
        };
        let by_host = match configuration.signatures {
            Signatures::Host => HostSignatures::probe(&host),
            Signatures::PureRust => AlgorithmSet::default(),
        };
        // Not at once: while Envoy starts, its main thread knows no cluster yet. A request before the first tick
        // brings it forward.
        if let Err(error) = host.tick_every(TICK) {
            log(&host, Level::Error, "configuration_refused", [("problem", &error.0)]);
            return None;
        }
        say_who_verifies(&host, configuration.signatures, by_host);
        let engine = Engine::new(configuration);
        Some(Self { host, engine, by_host, held: BTreeSet::new() })
    }

    /// The header of a request came.
    pub fn request_header(&mut self, request: u32) -> Flow {
        let flow = self.judge(request);
        if flow == Flow::Pause {
            self.held.insert(request);
        }
        flow
    }

    fn judge(&mut self, request: u32) -> Flow {
        let fields = match self.host.fields(Section::Header) {
            Ok(fields) => fields,
            Err(error) => return self.fail(&error),
        };
        let called_for = self.engine.wants_call();
        let Self { host, engine, by_host, .. } = self;
        let decision = with_signatures(host, *by_host, |signatures| {
            engine.request(request, &fields, now(host), signatures)
        });
        match decision {
            Decision::Forward(forward) => self.forward(&forward),
            Decision::Answer(answer) => self.answer(&answer, request_id(&fields)),
            Decision::Wait if called_for => Flow::Pause,
            Decision::Wait => self.wait(request),
        }
    }

    /// A part of the body of a request came. A host that shows it while the header is held (Envoy does with
    /// `allow_on_headers_stop_iteration`) would send the header along with it.
    #[must_use]
    pub fn request_body(&self, request: u32) -> Flow {
        if self.held.contains(&request) { Flow::Pause } else { Flow::Continue }
    }

    /// The trailer of a request came: nothing in it may look like a field of ours either. It is held as the body is.
    pub fn request_trailer(&mut self, request: u32) -> Flow {
        let clean = || {
            let fields = self.host.fields(Section::Trailer)?;
            let forgeries = self.engine.configuration().headers.forgeries(&fields);
            forgeries.iter().try_for_each(|name| self.host.remove(Section::Trailer, name))
        };
        match clean() {
            Ok(()) => self.request_body(request),
            Err(error) => {
                // It is answered now. Whatever it waited for must not take it up again.
                self.engine.gone(request);
                self.held.insert(request);
                self.fail(&error)
            }
        }
    }

    /// A request has ended, in any way.
    pub fn request_gone(&mut self, request: u32) {
        self.held.remove(&request);
        self.engine.gone(request);
    }

    /// Time went by.
    pub fn tick(&mut self) {
        // The tick that a request waited for was an early one.
        if let Err(error) = self.host.tick_every(TICK) {
            log(&self.host, Level::Error, "clock_refused", [("problem", &error.0)]);
        }
        let Self { host, engine, by_host, .. } = self;
        let time = now(host);
        let settled = with_signatures(host, *by_host, |signatures| engine.tick(time, signatures));
        // Before any request is taken in hand: the call is to be the filter's own.
        if let Some((fetch, endpoint)) = self.engine.due(time) {
            self.call(fetch, &endpoint, time);
        }
        self.settle(settled);
    }

    /// A call was answered with these fields and a body of this length, which `body` reads. `None`: it failed.
    pub fn call_answered(
        &mut self,
        call: u32,
        fields: Option<&Fields>,
        length: usize,
        body: impl FnOnce() -> Result<Vec<u8>, HostError>,
    ) {
        let head = fields.map(|fields| head(fields, length));
        let Self { host, engine, by_host, .. } = self;
        let settled = with_signatures(host, *by_host, |signatures| {
            let body = || body().map_err(|error| error.to_string());
            engine.answered(call, head.as_ref(), body, now(host), signatures)
        });
        self.settle(settled);
    }

    fn call(&mut self, fetch: Fetch, endpoint: &Endpoint, time: UnixTime) {
        let Endpoint { cluster, authority, path } = endpoint;
        let deadline = Duration::from_secs(FETCH_DEADLINE.unsigned_abs());
        match self.host.get(cluster, authority, path, &fetch.document.accept(), deadline) {
            Ok(call) => self.engine.called(call, fetch),
            Err(error) => {
                let failure = format!("cluster {cluster}: {error}");
                let Self { host, engine, by_host, .. } = self;
                let settled = with_signatures(host, *by_host, |signatures| {
                    engine.failed(&fetch, failure, time, signatures)
                });
                self.settle(Some(settled));
            }
        }
    }

    /// Carries out what became of waiting requests.
    fn settle(&mut self, settled: Option<Settled>) {
        let Some(settled) = settled else { return };
        if let Some(failure) = settled.failure {
            self.host.count(Metric::KeysFetchFailed);
            log(&self.host, Level::Warn, "keys_not_fetched", [("problem", &failure)]);
        }
        for notice in settled.notices {
            log(&self.host, Level::Warn, "key_set", [("problem", &notice)]);
        }
        for (request, decision) in settled.decisions {
            // A request that is gone needs no answer.
            if self.host.select(request).is_err() {
                continue;
            }
            let flow = match decision {
                Decision::Forward(forward) => self.forward(&forward),
                Decision::Answer(answer) => {
                    let fields = self.host.fields(Section::Header).unwrap_or_default();
                    self.answer(&answer, request_id(&fields))
                }
                Decision::Wait => Flow::Pause,
            };
            if flow == Flow::Continue {
                match self.host.resume() {
                    Ok(()) => _ = self.held.remove(&request),
                    Err(error) => {
                        log(
                            &self.host,
                            Level::Error,
                            "request_not_resumed",
                            [("problem", &error.0)],
                        );
                    }
                }
            }
        }
    }

    fn forward(&self, forward: &Forward) -> Flow {
        let change = || {
            forward.remove.iter().try_for_each(|name| self.host.remove(Section::Header, name))?;
            forward.set.iter().try_for_each(|(name, value)| self.host.set(name, value))
        };
        if let Err(error) = change() {
            return self.fail(&error);
        }
        if !forward.set.is_empty() {
            self.host.count(Metric::Accepted);
        }
        Flow::Continue
    }

    fn answer(&self, answer: &Answer, request_id: Option<&str>) -> Flow {
        self.host.count(Metric::Refused);
        let level = if answer.status < 500 { Level::Info } else { Level::Warn };
        self.host.log(level, &record(answer, request_id));
        let fields: Vec<(&str, &str)> =
            answer.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        if let Err(error) = self.host.answer(answer.status, &fields, &answer.body) {
            log(&self.host, Level::Error, "request_not_answered", [("problem", &error.0)]);
        }
        Flow::Pause
    }

    /// A call belongs, in the host, to the request that makes it, and ends with it. So that no request ends the call that
    /// others wait for, the filter itself makes it, at its next tick, which comes at once. Only the first asks for that
    /// tick: each time starts the host's clock anew, and a stream of requests would put the tick off for ever.
    fn wait(&mut self, request: u32) -> Flow {
        if self.engine.wants_call()
            && let Err(error) = self.host.tick_every(AT_ONCE)
        {
            self.engine.gone(request);
            return self.fail(&error);
        }
        Flow::Pause
    }

    /// The host refused something that a request needs.
    fn fail(&self, error: &HostError) -> Flow {
        let refusal = credmint_core::Refusal::new(Code::InternalError).detail(error);
        let scope = &self.engine.configuration().rules.scope;
        self.answer(&Answer::new(refusal, scope), None)
    }
}

/// Runs `work` with the signature back ends of this filter: the host where it serves, then pure Rust.
fn with_signatures<H: Host, T>(
    host: &H,
    by_host: AlgorithmSet,
    work: impl FnOnce(SignatureProvider<'_>) -> T,
) -> T {
    let by_host = HostSignatures::new(host, by_host);
    let backends: [&dyn Backend; 2] = [&by_host, &RustCrypto];
    work(SignatureProvider { backends: &backends })
}

fn now(host: &impl Host) -> UnixTime {
    host.now().unwrap_or(NO_TIME)
}

/// The head of an answer. One without a status has status 0, which is none.
fn head(fields: &Fields, length: usize) -> AnswerHead<'_> {
    let fields = fields.iter().map(|(name, value)| (name.as_str(), value.as_slice()));
    let status = fields.clone().find(|(name, _)| *name == ":status");
    let status = status.and_then(|(_, value)| std::str::from_utf8(value).ok()?.parse().ok());
    AnswerHead::of(status.unwrap_or(0), fields, Some(length))
}

/// Envoy's name for the request, to find its log line by. A caller may have chosen it, so only a plain one counts.
fn request_id(fields: &Fields) -> Option<&str> {
    let plain = |text: &&str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        text.len() <= REQUEST_ID_BYTES && text.bytes().all(fits)
    };
    let (_, value) = fields.iter().find(|(name, _)| name == "x-request-id")?;
    std::str::from_utf8(value).ok().filter(plain)
}

/// Says how signatures are verified: in the log, and as a metric.
fn say_who_verifies(host: &impl Host, asked: Signatures, by_host: AlgorithmSet) {
    let count = by_host.iter().count();
    host.gauge(Metric::SignaturesByHost, u64::try_from(count).unwrap_or(u64::MAX));
    let names: Vec<&str> = by_host.iter().map(Algorithm::as_str).collect();
    let all = count == ASKED.len() || asked == Signatures::PureRust;
    let level = if all { Level::Info } else { Level::Warn };
    log(host, level, "configured", [("signatures_by_host", &names.join(" "))]);
}

/// Writes a log line: one JSON object.
fn log<const N: usize>(host: &impl Host, level: Level, event: &str, members: [(&str, &String); N]) {
    let mut record: Object = members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::from(value.as_str())))
        .collect();
    record.insert("event", event);
    host.log(level, &record.to_string());
}

#[cfg(test)]
mod tests;
