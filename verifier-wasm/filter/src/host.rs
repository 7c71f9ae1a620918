//! What the filter asks of its host.

use credmint_core::UnixTime;
use std::fmt;
use std::time::Duration;

/// How much a log line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// The ordinary course of things, refusals among it.
    Info,
    /// Something that an operator should look at.
    Warn,
    /// The filter cannot do its work.
    Error,
}

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Requests that passed with a token.
    Accepted,
    /// Requests that were answered here.
    Refused,
    /// Attempts at the issuer's keys that brought none.
    KeysFetchFailed,
    /// A gauge: how many algorithms the host verifies for us; 0 means that all is done in pure Rust, many times
    /// slower.
    SignaturesByHost,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 4] =
        [Self::Accepted, Self::Refused, Self::KeysFetchFailed, Self::SignaturesByHost];

    /// Its name; Envoy puts `wasmcustom.` before it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "credmint_accepted",
            Self::Refused => "credmint_refused",
            Self::KeysFetchFailed => "credmint_keys_fetch_failed",
            Self::SignaturesByHost => "credmint_signatures_by_host",
        }
    }
}

/// Which fields of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Its header.
    Header,
    /// Its trailer.
    Trailer,
}

/// The host refused a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostError(pub String);

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Fields as the host gives them: names in lower case, values as bytes.
pub type Fields = Vec<(String, Vec<u8>)>;

/// The host calls that the filter needs. All but [`Host::select`] are about the request in hand.
pub trait Host {
    /// Writes a log line.
    fn log(&self, level: Level, line: &str);

    /// Adds one to a counter.
    fn count(&self, metric: Metric);

    /// Sets a gauge.
    fn gauge(&self, metric: Metric, value: u64);

    /// The time. `None` when the host has none that fits.
    fn now(&self) -> Option<UnixTime>;

    /// Makes the next tick come after `period`, and every one after it.
    ///
    /// # Errors
    /// When the host refuses.
    fn tick_every(&self, period: Duration) -> Result<(), HostError>;

    /// Takes a request in hand that was paused.
    ///
    /// # Errors
    /// When there is no such request any more.
    fn select(&self, request: u32) -> Result<(), HostError>;

    /// The fields of the request.
    ///
    /// # Errors
    /// When the host refuses.
    fn fields(&self, section: Section) -> Result<Fields, HostError>;

    /// Removes every field of this name.
    ///
    /// # Errors
    /// When the host refuses.
    fn remove(&self, section: Section, name: &str) -> Result<(), HostError>;

    /// Sets a header field, once.
    ///
    /// # Errors
    /// When the host refuses.
    fn set(&self, name: &str, value: &str) -> Result<(), HostError>;

    /// Answers the request; it goes no further.
    ///
    /// # Errors
    /// When the host refuses.
    fn answer(&self, status: u16, fields: &[(&str, &str)], body: &str) -> Result<(), HostError>;

    /// Lets the paused request go on.
    ///
    /// # Errors
    /// When the host refuses.
    fn resume(&self) -> Result<(), HostError>;

    /// Sends a GET request to `path` of `authority` over one of the host's clusters, for one of the media types in `accept`
    /// and without a content coding, and returns the number by which its answer will be known.
    ///
    /// # Errors
    /// When the host refuses; no answer comes then.
    fn get(
        &self,
        cluster: &str,
        authority: &str,
        path: &str,
        accept: &str,
        deadline: Duration,
    ) -> Result<u32, HostError>;

    /// Calls a function of the host itself.
    ///
    /// # Errors
    /// When the host has no such function, or it refuses.
    fn function(&self, name: &str, argument: &[u8]) -> Result<Vec<u8>, HostError>;
}

#[cfg(test)]
pub(crate) mod tests {
    pub(crate) mod fake;
}
