//! What stands between those who decide and the thread that writes: bounded in records and bytes.

use super::chain::Head;
use super::sampling::Sampling;
use crate::limits::{AUDIT_BATCH_RECORDS, AUDIT_QUEUE_BYTES, AUDIT_QUEUE_RECORDS, AUDIT_WAIT};
use crate::metrics;
use credmint_core::{Code, UnixTime};
use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;
use tokio::sync::{oneshot, watch};

/// Records that wait, and how the thread that writes them fares.
pub(super) struct Queue {
    state: Mutex<State>,
    grown: Condvar,
    ended: watch::Sender<bool>,
}

struct State {
    entries: VecDeque<Entry>,
    bytes: usize,
    is_stopping: bool,
    /// Since when the thread is in a write.
    writing: Option<Instant>,
    /// Why the last write failed.
    failure: Option<String>,
    /// The last record that is written.
    head: Head,
    sampling: Sampling,
}

/// One record that somebody waits for; without a text only whether records can be written.
pub(super) struct Entry {
    pub(super) text: Option<String>,
    answer: oneshot::Sender<bool>,
    abandoned: Arc<AtomicBool>,
}

/// How somebody waits for a record.
pub(super) struct Waiting {
    pub(super) written: oneshot::Receiver<bool>,
    abandoned: Arc<AtomicBool>,
}

/// What the thread is to write.
pub(super) struct Taken {
    pub(super) entries: Vec<Entry>,
    pub(super) is_stopping: bool,
}

/// Why no record can be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// There are too many, or too large ones.
    Full,
    /// A write has not come to its end for too long.
    Stalled,
    /// The last write failed.
    Failing(String),
    /// The thread has ended.
    Stopped,
}

impl Entry {
    pub(super) fn new(text: Option<String>) -> (Self, Waiting) {
        let (answer, written) = oneshot::channel();
        let abandoned = Arc::new(AtomicBool::new(false));
        let waiting = Waiting { written, abandoned: Arc::clone(&abandoned) };
        (Self { text, answer, abandoned }, waiting)
    }

    /// Whether nobody waits any more: the caller was told that there is no record.
    pub(super) fn is_abandoned(&self) -> bool {
        self.abandoned.load(Ordering::Acquire)
    }

    pub(super) fn answer(self, is_written: bool) {
        // Who does not wait any more need not know.
        let _ = self.answer.send(is_written);
    }
}

impl Waiting {
    pub(super) fn abandon(&self) {
        self.abandoned.store(true, Ordering::Release);
    }
}

impl Queue {
    pub(super) fn new(head: Head, sampling: Sampling) -> Self {
        let state = State {
            entries: VecDeque::new(),
            bytes: 0,
            is_stopping: false,
            writing: None,
            failure: None,
            head,
            sampling,
        };
        let (ended, _) = watch::channel(false);
        Self { state: Mutex::new(state), grown: Condvar::new(), ended }
    }

    /// Adds a record, unless the thread is so far behind that it would not be written in time.
    pub(super) fn push(&self, entry: Entry) -> Result<(), Trouble> {
        let mut state = self.state();
        let bytes = entry.text.as_ref().map_or(0, String::len);
        match state.trouble() {
            // Each attempt may be the one that succeeds.
            None | Some(Trouble::Failing(_)) => {}
            Some(trouble) => return Err(trouble),
        }
        if state.bytes.saturating_add(bytes) > AUDIT_QUEUE_BYTES {
            return Err(Trouble::Full);
        }
        state.bytes += bytes;
        state.entries.push_back(entry);
        metrics::audit_queue(state.entries.len());
        drop(state);
        self.grown.notify_one();
        Ok(())
    }

    /// What keeps records from being written, as far as is known.
    pub(super) fn trouble(&self) -> Option<Trouble> {
        self.state().trouble()
    }

    /// Whether an unproven refusal is written; else it is counted.
    pub(super) fn samples(&self, code: Code, source: Option<IpAddr>, now: UnixTime) -> bool {
        let mut state = self.state();
        let was_idle = state.sampling.due().is_none();
        let is_written = state.sampling.takes(code, source, now);
        drop(state);
        if was_idle {
            // So that the thread knows when the period ends.
            self.grown.notify_one();
        }
        is_written
    }

    /// The last record that is written.
    pub(super) fn head(&self) -> Head {
        self.state().head.clone()
    }

    /// How many records wait.
    pub(super) fn waiting(&self) -> usize {
        self.state().entries.len()
    }

    /// Ends the thread, once it has written what waits.
    pub(super) fn stop(&self) -> watch::Receiver<bool> {
        self.state().is_stopping = true;
        self.grown.notify_one();
        self.ended.subscribe()
    }

    // ── for the thread ──

    /// Waits for records, for a period or a pause to end, or for the order to stop.
    pub(super) fn take(&self, until: Option<Instant>) -> Taken {
        let mut state = self.state();
        loop {
            let now = Instant::now();
            let due = [state.sampling.due(), until].into_iter().flatten().min();
            if !state.entries.is_empty() || state.is_stopping || due.is_some_and(|due| due <= now) {
                break;
            }
            state = match due {
                None => self.grown.wait(state).unwrap_or_else(PoisonError::into_inner),
                Some(due) => {
                    let wait = due.saturating_duration_since(now);
                    let waited = self.grown.wait_timeout(state, wait);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
        if !state.is_stopping {
            // Whoever woke this thread goes on first, so that what is decided together is written together.
            drop(state);
            thread::yield_now();
            state = self.state();
        }
        let count = state.entries.len().min(AUDIT_BATCH_RECORDS);
        let entries: Vec<Entry> = state.entries.drain(..count).collect();
        let bytes: usize =
            entries.iter().filter_map(|entry| Some(entry.text.as_ref()?.len())).sum();
        state.bytes = state.bytes.saturating_sub(bytes);
        metrics::audit_queue(state.entries.len());
        // What waits is written first.
        let is_stopping = state.is_stopping && state.entries.is_empty();
        Taken { entries, is_stopping }
    }

    /// The summary of a period that is over, or of one under way at the end.
    pub(super) fn summaries(&self, is_stopping: bool) -> Vec<String> {
        let mut state = self.state();
        let is_due = state.sampling.due().is_some_and(|due| due <= Instant::now());
        if is_due || is_stopping { state.sampling.summaries() } else { Vec::new() }
    }

    pub(super) fn begin_write(&self, now: Instant) {
        self.state().writing = Some(now);
    }

    pub(super) fn end_write(&self, head: &Head, failure: Option<String>) {
        let mut state = self.state();
        state.writing = None;
        state.failure = failure;
        state.head = head.clone();
    }

    pub(super) fn ended(&self) {
        self.ended.send_replace(true);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What a panic leaves here is whole: it is changed by calls that do not stop half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn trouble(&self) -> Option<Trouble> {
        if self.is_stopping {
            return Some(Trouble::Stopped);
        }
        if self.writing.is_some_and(|since| since.elapsed() >= AUDIT_WAIT) {
            return Some(Trouble::Stalled);
        }
        if self.entries.len() >= AUDIT_QUEUE_RECORDS {
            return Some(Trouble::Full);
        }
        self.failure.clone().map(Trouble::Failing)
    }
}

impl Trouble {
    /// The label of the metric.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Stalled => "late",
            Self::Failing(_) | Self::Stopped => "failed",
        }
    }

    /// For the operator.
    pub(super) fn detail(&self) -> String {
        match self {
            Self::Full => "too many records wait to be written".to_owned(),
            Self::Stalled => {
                "a write of records does not come to its end: nobody reads the output, or the disk does not answer"
                    .to_owned()
            }
            Self::Failing(cause) => format!("records cannot be written: {cause}"),
            Self::Stopped => "the service stops".to_owned(),
        }
    }
}
