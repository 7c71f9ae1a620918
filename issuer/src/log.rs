//! The log: one record a line, and no secret in it.
//!
//! Records go through a bounded queue to a thread of their own. Where nobody reads standard error the queue is full one day;
//! then records are dropped and counted, and nobody waits.

mod queue;

use crate::config::{LogConfig, LogFormat, LogLevel};
use credmint_core::refusal::is_harmful;
use credmint_core::{secrets, sha256};
use queue::{Place, Queue};
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::panic;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tracing::Dispatch;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};
use tracing_subscriber::{Layer, Registry, reload};

/// A log that is kept, until it is closed.
pub struct Log(Arc<Queue>);

/// Logging could not be started.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// It was started before.
    #[error(transparent)]
    Again(#[from] TryInitError),
    /// There is no thread or no standard error to be had.
    #[error("the log cannot be started: {0}")]
    System(#[from] io::Error),
}

/// Starts logging to standard error, panics too. Commands keep standard output for their answers.
///
/// # Errors
/// When logging was started before, or there is no thread to be had.
pub fn init(config: LogConfig) -> Result<Log, LogError> {
    let stderr = File::from(io::stderr().as_fd().try_clone_to_owned()?);
    let queue = queue::start(stderr, move |dropped| told(config, dropped))?;
    let writer = Arc::clone(&queue);
    let (filter, handle) = reload::Layer::new(targets(config.level));
    dispatch_by(filter, config.format, move || Place(Arc::clone(&writer))).try_init()?;
    // It is empty: a log is started once.
    let _ = FILTER.set(handle);
    // What the standard library writes goes to standard error itself, and waits there for somebody to read it.
    panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
    Ok(Log(queue))
}

/// What decides which records are written.
static FILTER: OnceLock<reload::Handle<Targets, Registry>> = OnceLock::new();

/// From here on records of this level are written. Nothing happens where no log was started.
pub fn set_level(level: LogLevel) {
    if let Some(filter) = FILTER.get()
        && let Err(error) = filter.reload(targets(level))
    {
        tracing::error!(%error, "the level of the log could not be changed");
    }
}

impl Log {
    /// Writes what waits, for so long at most. Whether all of it was written.
    #[must_use]
    pub fn close(self, limit: Duration) -> bool {
        self.0.close(limit)
    }
}

/// The record of records that were dropped.
fn told(config: LogConfig, dropped: u64) -> Vec<u8> {
    let lines = Lines::default();
    let writer = lines.clone();
    let dispatch = dispatch(config, move || writer.clone());
    tracing::dispatcher::with_default(&dispatch, || {
        tracing::warn!(dropped, "records of the log were dropped: nobody read them in time");
    });
    lines.take()
}

/// Lines in memory.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Lines {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn dispatch<W>(config: LogConfig, writer: W) -> Dispatch
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    dispatch_by(targets(config.level), config.format, writer)
}

/// Writes the records that `filter` lets pass.
fn dispatch_by<F, W>(filter: F, format: LogFormat, writer: W) -> Dispatch
where
    F: Layer<Registry> + Send + Sync,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let records = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_ansi(false);
    let writer = Fit { writer, format };
    match format {
        LogFormat::Text => Dispatch::new(records.with(layer.with_writer(writer))),
        LogFormat::Json => {
            Dispatch::new(records.with(layer.json().flatten_event(true).with_writer(writer)))
        }
    }
}

/// This program at the level of the configuration, its libraries only when something is wrong. Those
/// write what they like, bytes of requests included, so even `debug` does not reach them.
fn targets(level: LogLevel) -> Targets {
    let (ours, others) = match level {
        LogLevel::Error => (LevelFilter::ERROR, LevelFilter::ERROR),
        LogLevel::Warn => (LevelFilter::WARN, LevelFilter::WARN),
        LogLevel::Info => (LevelFilter::INFO, LevelFilter::WARN),
        LogLevel::Debug => (LevelFilter::DEBUG, LevelFilter::WARN),
        LogLevel::Trace => (LevelFilter::TRACE, LevelFilter::WARN),
    };
    Targets::new().with_default(others).with_target("credmint", ours)
}

/// Makes each record fit to be kept, whoever wrote it: what may be a secret is hidden, and in text what would begin
/// another line, steer a terminal or turn the direction of the text is escaped. A caller chooses parts of a record
/// (`client_id`, `kid`, `sub`), and must neither write records of its own with them nor leave a token there. JSON escapes
/// by itself.
struct Fit<W> {
    writer: W,
    format: LogFormat,
}

impl<'w, W: MakeWriter<'w>> MakeWriter<'w> for Fit<W> {
    type Writer = FitWriter<W::Writer>;

    fn make_writer(&'w self) -> Self::Writer {
        FitWriter { writer: self.writer.make_writer(), format: self.format }
    }
}

struct FitWriter<W> {
    writer: W,
    format: LogFormat,
}

impl<W: Write> Write for FitWriter<W> {
    /// Takes one record with its line end, which is how the layer writes.
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(record);
        let (line, end) = match text.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (&*text, ""),
        };
        let mut fit = secrets::hide(line).into_owned();
        if self.format == LogFormat::Text && fit.contains(is_harmful) {
            fit = fit.chars().fold(String::with_capacity(fit.len()), |mut fit, character| {
                match is_harmful(character) {
                    true => fit.extend(character.escape_unicode()),
                    false => fit.push(character),
                }
                fit
            });
        }
        fit.push_str(end);
        // In one piece: what takes it takes records.
        self.writer.write_all(fit.as_bytes())?;
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// What may be logged in the place of a secret: the first 12 hexadecimal digits of its SHA-256.
/// Enough to find two records about one token, useless for anything else.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 6]);

impl Fingerprint {
    /// The fingerprint of a token, an assertion or a document.
    #[must_use]
    pub fn of(secret: impl AsRef<[u8]>) -> Self {
        let [a, b, c, d, e, f, ..] = sha256(secret.as_ref());
        Self([a, b, c, d, e, f])
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

/// A token, an assertion or a document: its bearer may use it. It shows itself as its
/// [`Fingerprint`], whether it is printed, debugged or part of something that is.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret into custody.
    #[must_use]
    pub const fn new(secret: String) -> Self {
        Self(secret)
    }

    /// The secret itself, for the one answer that it belongs in.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Fingerprint::of(&self.0))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use credmint_core::json;

    /// What is in the log after `record`.
    fn logged(format: LogFormat, level: LogLevel, record: impl FnOnce()) -> String {
        let lines = Lines::default();
        let writer = lines.clone();
        let dispatch = dispatch(LogConfig { format, level }, move || writer.clone());
        tracing::dispatcher::with_default(&dispatch, record);
        String::from_utf8(lines.take()).unwrap()
    }

    #[test]
    fn nobody_writes_a_record_of_his_own() {
        let claimed =
            "x\n2026-11-24T12:00:00Z  INFO credmint: granted\r\u{1b}[2J\u{202e}\u{2028}\u{9b}é";
        let write = || tracing::info!(kid = claimed, sub = %claimed, "refused: {claimed}");
        let text = logged(LogFormat::Text, LogLevel::Info, write);
        assert!(text.ends_with('\n') && text.matches('\n').count() == 1, "{text:?}");
        assert!(!text.trim_end_matches('\n').chars().any(is_harmful), "{text:?}");
        assert!(text.contains('é'));

        let line = logged(LogFormat::Json, LogLevel::Info, write);
        assert_eq!(line.matches('\n').count(), 1, "{line:?}");
        let record = json::parse_object(line.trim_end().as_bytes()).unwrap();
        assert_eq!(record.get("kid").and_then(json::Value::as_str), Some(claimed));
        assert_eq!(record.get("level").and_then(json::Value::as_str), Some("INFO"));
    }

    #[test]
    fn i10_a_token_is_in_no_record_whoever_writes_it() {
        let token = format!("{}.{}.{}", "eyJhbGciOiJFUzI1NiJ9", "e30", "c2ln".repeat(20));
        let document = format!("-----BEGIN CMS-----\n{}\n-----END CMS-----", "MIIc2ln".repeat(20));
        for format in [LogFormat::Text, LogFormat::Json] {
            for secret in [&token, &document] {
                let text = logged(format, LogLevel::Info, || {
                    tracing::info!(client = %secret, kid = secret, scope = ?secret, "of {secret}");
                    tracing::warn!(target: "hyper", "bytes {secret}");
                });
                assert!(!text.contains("c2ln"), "{text}");
                assert_eq!(text.matches('\n').count(), 2, "{text}");
                assert_eq!(text.matches("hidden: ").count(), 5, "{text}");
            }
        }
    }

    #[test]
    fn the_level_is_for_this_program_and_libraries_only_warn() {
        let lines = |level: LogLevel| {
            let text = logged(LogFormat::Text, level, || {
                tracing::info!(target: "credmint::serve", "ours");
                tracing::debug!(target: "credmint::serve", "ours");
                tracing::warn!(target: "hyper", "theirs");
                tracing::debug!(target: "hyper", "theirs");
            });
            (text.matches("ours").count(), text.matches("theirs").count())
        };
        assert_eq!(lines(LogLevel::Error), (0, 0));
        assert_eq!(lines(LogLevel::Warn), (0, 1));
        assert_eq!(lines(LogLevel::Info), (1, 1));
        assert_eq!(lines(LogLevel::Debug), (2, 1));
        assert_eq!(lines(LogLevel::Trace), (2, 1));
    }

    #[test]
    fn a_secret_shows_its_fingerprint_only() {
        #[derive(Debug)]
        #[allow(dead_code)]
        struct Request {
            assertion: Option<Secret>,
        }

        let secret = Secret::new("abc".to_owned());
        // FIPS 180-4, the example of one block.
        assert_eq!(secret.to_string(), "ba7816bf8f01");
        assert_eq!(format!("{:?}", Fingerprint::of("abc")), "Fingerprint(ba7816bf8f01)");
        assert_eq!(secret.reveal(), "abc");
        let request = Request { assertion: Some(secret) };
        for shown in [format!("{request:?}"), format!("{request:#?}")] {
            assert!(shown.contains("Secret(ba7816bf8f01)") && !shown.contains("abc"), "{shown}");
        }
    }
}
