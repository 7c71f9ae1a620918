//! The thread that writes records: many at once, chained, with checkpoints, and what is torn is closed.

use super::chain::{CHECKPOINT_TYPE, Head, KeptHead, Sign, hash};
use super::output::{Output, last_bytes};
use super::queue::{Entry, Queue, Taken};
use super::reading;
use crate::limits::{AUDIT_RETRY, CHECKPOINT_RECORDS};
use crate::metrics;
use serde_json::{Value, json};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What the thread has for itself.
pub(super) struct Writer {
    pub(super) queue: Arc<Queue>,
    pub(super) output: Output,
    pub(super) head: Head,
    pub(super) kept: KeptHead,
    pub(super) sign: Option<Sign>,
    pub(super) checkpoint_every: Duration,
    /// Records since the last checkpoint, and when it was.
    pub(super) unsealed: u64,
    pub(super) sealed: Instant,
    /// Since when writes fail, and how many records were lost.
    pub(super) lost: Option<u64>,
    /// The head of another chain that this one follows.
    pub(super) follows: Option<Head>,
}

/// A record to be written, and who waits for it.
struct Line {
    kind: &'static str,
    text: String,
    entry: Option<Entry>,
}

impl Line {
    fn new(kind: &'static str, text: String) -> Self {
        Self { kind, text, entry: None }
    }
}

impl Writer {
    /// Writes until it is told to stop, and then what is waiting.
    pub(super) fn run(mut self) {
        self.start();
        loop {
            let Taken { entries, is_stopping } = self.queue.take(self.next_due());
            let mut lines: Vec<Line> = Vec::new();
            for text in self.queue.summaries(is_stopping) {
                lines.push(Line::new("summary", text));
            }
            let mut probes = Vec::new();
            for mut entry in entries {
                match entry.text.take() {
                    Some(text) => lines.push(Line { kind: "decision", text, entry: Some(entry) }),
                    None => probes.push(entry),
                }
            }
            if is_stopping {
                lines.push(Line::new("stop", record("stop").to_string()));
            }
            let is_written = self.write(lines);
            probes.into_iter().for_each(|probe| probe.answer(is_written));
            if is_written && (is_stopping || self.is_checkpoint_due()) {
                self.checkpoint();
            }
            if is_stopping {
                self.kept.release();
                return self.queue.ended();
            }
        }
    }

    /// When there is something to do though nobody comes.
    fn next_due(&self) -> Option<Instant> {
        if self.lost.is_some() {
            return Instant::now().checked_add(AUDIT_RETRY);
        }
        let is_sealing = self.unsealed > 0 && self.sign.is_some();
        is_sealing.then(|| self.sealed.checked_add(self.checkpoint_every)).flatten()
    }

    fn is_checkpoint_due(&self) -> bool {
        self.unsealed >= CHECKPOINT_RECORDS
            || self.unsealed > 0 && self.sealed.elapsed() >= self.checkpoint_every
    }

    /// Writes records, after one that says what was torn or lost. Whether all are written.
    fn write(&mut self, mut lines: Vec<Line>) -> bool {
        if lines.is_empty() && self.lost.is_none() {
            return true;
        }
        if matches!(self.output, Output::Off) {
            lines.into_iter().filter_map(|line| line.entry).for_each(|entry| entry.answer(true));
            return true;
        }
        let (begun, records) = (Instant::now(), lines.len());
        self.queue.begin_write(begun);
        let written = self.write_now(&mut lines);
        self.queue.end_write(&self.head, written.as_ref().err().map(ToString::to_string));
        match written {
            Ok(bytes) => {
                metrics::audit_write(begun.elapsed(), records, bytes);
                true
            }
            Err(error) => {
                let lost = lines.iter().filter(|line| line.entry.is_some()).count() as u64;
                if self.lost.is_none() {
                    tracing::error!(%error, "the audit record cannot be written");
                }
                self.lost = Some(self.lost.unwrap_or(0).saturating_add(lost));
                lines
                    .into_iter()
                    .filter_map(|line| line.entry)
                    .for_each(|entry| entry.answer(false));
                false
            }
        }
    }

    /// The bytes that were written. On an error those lines are left over that were not.
    fn write_now(&mut self, lines: &mut Vec<Line>) -> io::Result<usize> {
        let about = lines.iter().map(|line| line.text.len() + 256).sum();
        let prepared = self.output.prepare(about)?;
        if prepared.is_rotated {
            metrics::audit_rotated();
        }
        let mut bytes = Vec::with_capacity(about);
        if !prepared.torn.is_empty() {
            bytes.push(b'\n');
        }
        if !prepared.torn.is_empty() || self.lost.is_some() {
            lines.insert(0, Line::new("repair", self.repair(&prepared.torn)));
        }
        let (mut head, mut ends) = (self.head.clone(), Vec::with_capacity(lines.len()));
        for line in lines.iter_mut() {
            let is_unsent = line.entry.as_ref().is_some_and(Entry::is_abandoned);
            bytes.extend_from_slice(head.join(&line.text, is_unsent).as_bytes());
            ends.push((bytes.len(), head.clone()));
        }
        match self.output.write(&bytes) {
            Ok(()) => {
                let taken = std::mem::take(lines);
                self.settle(taken.into_iter().zip(ends));
                Ok(bytes.len())
            }
            Err(failed) => {
                let whole = ends.iter().filter(|(at, _)| *at <= failed.written).count();
                let rest = lines.split_off(whole);
                let taken = std::mem::replace(lines, rest);
                self.settle(taken.into_iter().zip(ends));
                Err(failed.cause)
            }
        }
    }

    /// What follows from records that are written whole.
    fn settle(&mut self, written: impl Iterator<Item = (Line, (usize, Head))>) {
        for (line, (_, head)) in written {
            self.head = head;
            self.unsealed += 1;
            metrics::audit_written(line.kind, 1);
            if line.kind == "repair" {
                self.lost = None;
                metrics::audit_repaired();
                tracing::warn!("the audit records go on after what was torn or lost");
            }
            if let Some(entry) = line.entry {
                entry.answer(true);
            }
        }
    }

    fn repair(&self, torn: &[u8]) -> String {
        let mut repair = record("repair");
        repair["lost"] = self.lost.unwrap_or(0).into();
        if !torn.is_empty() {
            repair["torn"] = json!({ "bytes": torn.len(), "hash": hash(torn) });
        }
        repair.to_string()
    }

    /// Writes down, signed, where the chain is.
    fn checkpoint(&mut self) {
        let Some(sign) = self.sign.as_ref().filter(|_| !matches!(self.output, Output::Off)) else {
            return;
        };
        self.queue.begin_write(Instant::now());
        let now = jiff::Timestamp::now().as_second();
        let signed = sign(CHECKPOINT_TYPE, &self.head.claims(now));
        self.queue.end_write(&self.head, None);
        // An attempt counts: a key that fails is asked no more often than one that signs.
        self.sealed = Instant::now();
        let Some(signed) = signed else {
            tracing::error!("an audit checkpoint could not be signed");
            return;
        };
        let mut checkpoint = record("checkpoint");
        checkpoint["checkpoint"] = signed.into();
        if self.write(vec![Line::new("checkpoint", checkpoint.to_string())]) {
            self.unsealed = 0;
            self.queue.begin_write(Instant::now());
            let kept = self.kept.write(&self.head);
            self.queue.end_write(&self.head, None);
            if let Err(error) = kept {
                tracing::warn!(%error, "where the audit records end could not be kept");
            }
        }
    }

    /// The first record of this process, which says what it goes on from.
    fn start(&mut self) {
        let mut start = record("start");
        start["version"] = env!("CARGO_PKG_VERSION").into();
        start["checkpoint_every"] = self.checkpoint_every.as_secs().into();
        if let Some(follows) = &self.follows {
            start["follows"] = follows.to_value();
        }
        if self.write(vec![Line::new("start", start.to_string())]) {
            self.checkpoint();
        }
    }
}

/// A record of this kind, of now.
fn record(kind: &str) -> Value {
    let now = credmint_core::UnixTime::from_seconds(jiff::Timestamp::now().as_second());
    json!({ "audit": 1, "kind": kind, "time": now.to_string() })
}

/// A chain beside the one that another process still writes.
pub(super) fn apart() -> (Head, Option<Head>) {
    (Head::begin(), None)
}

/// The chain to go on with, and the head of another one that it follows.
///
/// The file's last record decides, unless less of its chain is there than was known at the last checkpoint: then another
/// chain begins, which says what the file lacks.
pub(super) fn continued(file: Option<&Path>, kept: Option<Head>) -> (Head, Option<Head>) {
    let last = file.and_then(|path| {
        let length = std::fs::metadata(path).ok()?.len();
        reading::last_head(&last_bytes(path, length).ok()?)
    });
    match (last, kept) {
        (Some(last), Some(kept)) if last.chain == kept.chain && last.seq < kept.seq => {
            tracing::error!(
                chain = kept.chain,
                from = last.seq.saturating_add(1),
                to = kept.seq,
                "audit records are missing at the end of the file"
            );
            (Head::begin(), Some(kept))
        }
        (Some(last), _) => (last, None),
        (None, kept) => (Head::begin(), kept),
    }
}
