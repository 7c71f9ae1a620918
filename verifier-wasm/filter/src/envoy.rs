//! Envoy: the [`Host`] trait over the host calls of proxy-wasm, and the contexts that Envoy calls.
//!
//! The methods of the SDK's context traits unwrap what the host answers, so they are not used. The functions in
//! [`hostcalls`] panic on any status but the few that they list; each is called here only where the ABI lets the host
//! answer no other: header maps while their stream is there, an answer's header and body when it has them.
//! Should one panic all the same, the VM ends, and Envoy answers 503 (`FAIL_CLOSED`).

use crate::filter::{Filter, Flow};
use crate::host::{Fields, Host, HostError, Level, Metric, Section};
use credmint_core::UnixTime;
use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, BufferType, ContextType, LogLevel, MapType, MetricType, Status};
use std::cell::RefCell;
use std::rc::Rc;
use std::time::{Duration, UNIX_EPOCH};

/// What Envoy calls first.
#[allow(unsafe_code)] // exports a symbol
mod start {
    use super::{LogLevel, Root};

    proxy_wasm::main! {{
        // Also makes a panic say where it happened, at level critical.
        proxy_wasm::set_log_level(LogLevel::Critical);
        proxy_wasm::set_root_context(|_| Box::new(Root::default()));
    }}
}

/// The filter of this thread, once it is configured. Envoy never calls it twice at once: what a callback asks for
/// (going on, answering) is done after the callback.
type Shared = Rc<RefCell<Option<Filter<Envoy>>>>;

/// Runs `work` with the filter. `None` when there is none, and the request must not pass.
fn with_filter<T>(shared: &Shared, work: impl FnOnce(&mut Filter<Envoy>) -> T) -> Option<T> {
    shared.try_borrow_mut().ok()?.as_mut().map(work)
}

#[derive(Default)]
struct Root {
    filter: Shared,
}

impl RootContext for Root {
    fn on_configure(&mut self, size: usize) -> bool {
        let document = match size {
            0 => Ok(None),
            _ => hostcalls::get_buffer(BufferType::PluginConfiguration, 0, size),
        };
        let Ok(document) = document else { return false };
        let envoy = Envoy::new();
        let filter = Filter::configure(envoy, &document.unwrap_or_default());
        let configured = filter.is_some();
        let Ok(mut place) = self.filter.try_borrow_mut() else { return false };
        *place = filter;
        configured
    }

    fn on_tick(&mut self) {
        with_filter(&self.filter, Filter::tick);
    }

    fn create_http_context(&self, id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Request { id, filter: Rc::clone(&self.filter) }))
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }
}

impl Context for Root {
    fn on_http_call_response(&mut self, call: u32, headers: usize, length: usize, _: usize) {
        // Without header fields there was no answer, and there is nothing to read.
        let fields = match headers {
            0 => None,
            _ => hostcalls::get_map_bytes(MapType::HttpCallResponseHeaders).ok(),
        };
        let body = || match length {
            0 => Ok(Vec::new()),
            _ => hostcalls::get_buffer(BufferType::HttpCallResponseBody, 0, length)
                .map(Option::unwrap_or_default)
                .map_err(|status| refused("body", status)),
        };
        with_filter(&self.filter, |filter| {
            filter.call_answered(call, fields.as_ref(), length, body);
        });
    }
}

/// A request.
struct Request {
    id: u32,
    filter: Shared,
}

impl Context for Request {}

impl HttpContext for Request {
    fn on_http_request_headers(&mut self, _: usize, _: bool) -> Action {
        act(with_filter(&self.filter, |filter| filter.request_header(self.id)))
    }

    fn on_http_request_body(&mut self, _: usize, _: bool) -> Action {
        act(with_filter(&self.filter, |filter| filter.request_body(self.id)))
    }

    fn on_http_request_trailers(&mut self, _: usize) -> Action {
        act(with_filter(&self.filter, |filter| filter.request_trailer(self.id)))
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        with_filter(&self.filter, |filter| filter.request_gone(self.id));
    }
}

fn act(flow: Option<Flow>) -> Action {
    match flow {
        Some(Flow::Continue) => Action::Continue,
        Some(Flow::Pause) => Action::Pause,
        None => {
            let _ = hostcalls::send_http_response(500, Vec::new(), None);
            Action::Pause
        }
    }
}

/// The host calls.
struct Envoy {
    /// The host's numbers of the metrics.
    metrics: Vec<(Metric, u32)>,
}

impl Envoy {
    fn new() -> Self {
        let define = |metric| {
            let kind = match metric {
                Metric::SignaturesByHost => MetricType::Gauge,
                _ => MetricType::Counter,
            };
            Some((metric, hostcalls::define_metric(kind, metric.name()).ok()?))
        };
        Self { metrics: Metric::ALL.into_iter().filter_map(define).collect() }
    }

    fn number(&self, metric: Metric) -> Option<u32> {
        self.metrics.iter().find(|(known, _)| *known == metric).map(|(_, number)| *number)
    }
}

fn refused(what: &str, status: Status) -> HostError {
    HostError(format!("the host refused: {what}: {status:?}"))
}

const fn map(section: Section) -> MapType {
    match section {
        Section::Header => MapType::HttpRequestHeaders,
        Section::Trailer => MapType::HttpRequestTrailers,
    }
}

impl Host for Envoy {
    fn log(&self, level: Level, line: &str) {
        let level = match level {
            Level::Info => LogLevel::Info,
            Level::Warn => LogLevel::Warn,
            Level::Error => LogLevel::Error,
        };
        let _ = hostcalls::log(level, line);
    }

    fn count(&self, metric: Metric) {
        if let Some(number) = self.number(metric) {
            let _ = hostcalls::increment_metric(number, 1);
        }
    }

    fn gauge(&self, metric: Metric, value: u64) {
        if let Some(number) = self.number(metric) {
            let _ = hostcalls::record_metric(number, value);
        }
    }

    fn now(&self) -> Option<UnixTime> {
        let time = hostcalls::get_current_time().ok()?.duration_since(UNIX_EPOCH).ok()?;
        Some(UnixTime::from_seconds(i64::try_from(time.as_secs()).ok()?))
    }

    fn tick_every(&self, period: Duration) -> Result<(), HostError> {
        hostcalls::set_tick_period(period).map_err(|status| refused("tick period", status))
    }

    fn select(&self, request: u32) -> Result<(), HostError> {
        hostcalls::set_effective_context(request).map_err(|status| refused("context", status))
    }

    fn fields(&self, section: Section) -> Result<Fields, HostError> {
        hostcalls::get_map_bytes(map(section)).map_err(|status| refused("fields", status))
    }

    fn remove(&self, section: Section, name: &str) -> Result<(), HostError> {
        hostcalls::remove_map_value(map(section), name)
            .map_err(|status| refused("field removal", status))
    }

    fn set(&self, name: &str, value: &str) -> Result<(), HostError> {
        hostcalls::set_map_value(MapType::HttpRequestHeaders, name, Some(value))
            .map_err(|status| refused("field", status))
    }

    fn answer(&self, status: u16, fields: &[(&str, &str)], body: &str) -> Result<(), HostError> {
        hostcalls::send_http_response(u32::from(status), fields.to_vec(), Some(body.as_bytes()))
            .map_err(|status| refused("answer", status))
    }

    fn resume(&self) -> Result<(), HostError> {
        hostcalls::resume_http_request().map_err(|status| refused("going on", status))
    }

    fn get(
        &self,
        cluster: &str,
        authority: &str,
        path: &str,
        accept: &str,
        deadline: Duration,
    ) -> Result<u32, HostError> {
        let fields = vec![
            (":method", "GET"),
            (":scheme", "https"),
            (":authority", authority),
            (":path", path),
            ("accept", accept),
            ("accept-encoding", "identity"),
        ];
        hostcalls::dispatch_http_call(cluster, fields, None, Vec::new(), deadline).map_err(
            |status| match status {
                Status::BadArgument => HostError("there is no such cluster".to_owned()),
                _ => HostError("the cluster has no server that can be called".to_owned()),
            },
        )
    }

    fn function(&self, name: &str, argument: &[u8]) -> Result<Vec<u8>, HostError> {
        hostcalls::call_foreign_function(name, Some(argument))
            .map(Option::unwrap_or_default)
            .map_err(|status| refused(name, status))
    }
}
