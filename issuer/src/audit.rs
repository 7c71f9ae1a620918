//! The audit: one record a decision, with no secret in it and enough to judge again; chained, so that changes show.
//!
//! A decision that cannot be recorded is not made: the caller is told to try again later. Records go through a bounded queue
//! to a thread of their own, which writes many at once; a decision waits for its record, for a bounded time. So an output that
//! nobody reads and a disk that does not answer cost the decisions and nothing else: not the threads that serve, not the end of
//! the process.

mod chain;
mod output;
mod queue;
mod reading;
mod record;
mod sampling;
pub(crate) mod verify;
mod writer;

pub use chain::{CHECKPOINT_TYPE, Head, Sign};
pub(crate) use reading::{Item, kind, read};
pub use record::Decision;
pub(crate) use record::{given, with_given};

use crate::config::{AuditConfig, AuditPlace};
use crate::limits::AUDIT_WAIT;
use crate::metrics;
use chain::KeptHead;
use credmint_core::{Code, Refusal};
use output::Output;
use queue::{Entry, Queue, Trouble};
use sampling::Sampling;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use writer::Writer;

/// Writes audit records.
pub struct Audit {
    queue: Arc<Queue>,
    is_off: bool,
}

/// What seals a chain of records.
#[derive(Default)]
pub struct Seal {
    /// Signs checkpoints. Without it there are none.
    pub sign: Option<Sign>,
    /// Where the last checkpoint is kept, for the next start.
    pub folder: Option<PathBuf>,
}

/// What became of the record of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kept {
    /// It is written.
    Written,
    /// It is one of many like it, and counted.
    Counted,
}

/// How the audit fares.
#[derive(Clone, Debug)]
pub struct AuditStatus {
    /// The last record that is written; `None` where none are.
    pub head: Option<Head>,
    /// Records that wait.
    pub waiting: usize,
    /// What keeps records from being written.
    pub trouble: Option<String>,
}

impl Audit {
    /// Starts auditing decisions.
    ///
    /// # Errors
    /// When the file cannot be written to, or there is no thread to be had.
    pub fn open(config: &AuditConfig, seal: Seal) -> io::Result<Self> {
        let (output, file) = match &config.place {
            AuditPlace::Off => (Output::Off, None),
            AuditPlace::Stdout => (Output::stdout()?, None),
            AuditPlace::File(path) => (Output::file(path, config.rotation)?, Some(path.as_path())),
        };
        Self::start(output, file, config, seal)
    }

    fn start(
        output: Output,
        file: Option<&Path>,
        config: &AuditConfig,
        seal: Seal,
    ) -> io::Result<Self> {
        let is_off = matches!(output, Output::Off);
        let kept = KeptHead::in_folder(seal.folder.as_deref().filter(|_| !is_off));
        let (head, follows) = match kept.is_alone() {
            true => writer::continued(file, kept.read()),
            false => writer::apart(),
        };
        let queue = Arc::new(Queue::new(head.clone(), Sampling::new(config.refusals)));
        let writer = Writer {
            queue: Arc::clone(&queue),
            output,
            head,
            kept,
            sign: seal.sign,
            checkpoint_every: config.checkpoint_every,
            unsealed: 0,
            sealed: Instant::now(),
            lost: None,
            follows,
        };
        std::thread::Builder::new().name("audit".to_owned()).spawn(move || writer.run())?;
        Ok(Self { queue, is_off })
    }

    /// Whether records can be written, as far as is known. It is asked before a decision, so that no proof is used up for
    /// nothing.
    ///
    /// # Errors
    /// [`Code::AuditUnavailable`] when a record would not be written.
    pub async fn available(&self) -> Result<(), Refusal> {
        match self.queue.trouble() {
            None => Ok(()),
            // It may be over: the thread finds out, once for all who ask meanwhile.
            Some(Trouble::Failing(_)) => self.wait(None).await,
            Some(trouble) => Err(unavailable(&trouble)),
        }
    }

    /// Records a decision.
    ///
    /// # Errors
    /// [`Code::AuditUnavailable`] when it cannot be recorded in time; the caller must then get nothing of it.
    pub async fn record(&self, decision: &Decision<'_>) -> Result<Kept, Refusal> {
        if let Err(refusal) = decision.outcome
            && decision.is_unproven()
            && !self.queue.samples(refusal.code(), decision.source, decision.time)
        {
            metrics::audit_summarised(refusal.code());
            return Ok(Kept::Counted);
        }
        if !self.is_off {
            self.wait(Some(decision.text())).await?;
        }
        Ok(Kept::Written)
    }

    /// How it fares.
    #[must_use]
    pub fn status(&self) -> AuditStatus {
        let head = (!self.is_off).then(|| self.queue.head());
        let trouble = self.queue.trouble().map(|trouble| trouble.detail());
        AuditStatus { head, waiting: self.queue.waiting(), trouble }
    }

    /// Writes what waits, a summary, and the last checkpoint, for so long at most. Whether all of it was written.
    pub async fn close(&self, limit: Duration) -> bool {
        let mut ended = self.queue.stop();
        timeout(limit, ended.wait_for(|ended| *ended)).await.is_ok()
    }

    /// Waits until a text is written, or until it is known whether one could be.
    async fn wait(&self, text: Option<String>) -> Result<(), Refusal> {
        let (entry, mut waiting) = Entry::new(text);
        self.queue.push(entry).map_err(|trouble| unavailable(&trouble))?;
        match timeout(AUDIT_WAIT, &mut waiting.written).await {
            Ok(Ok(true)) => Ok(()),
            Ok(_) => {
                let trouble = self.queue.trouble();
                Err(unavailable(&trouble.unwrap_or(Trouble::Failing("see the log".to_owned()))))
            }
            Err(_) => {
                waiting.abandon();
                Err(unavailable(&Trouble::Stalled))
            }
        }
    }
}

fn unavailable(trouble: &Trouble) -> Refusal {
    metrics::audit_unavailable(trouble.reason());
    Refusal::new(Code::AuditUnavailable).detail(trouble.detail())
}

#[cfg(test)]
mod tests;
