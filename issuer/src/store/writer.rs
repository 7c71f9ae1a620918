//! One task fulfils for all requests: those that wait while a transaction is committed are in the next one together, so
//! that a disk is waited for once and not once for each.

use super::table::Table;
use super::transaction::Consumption;
use super::{StoreError, Wanted};
use crate::limits::{STORE_BATCH, STORE_QUEUE, STORE_WAIT};
use arc_swap::ArcSwapOption;
use credmint_core::Unfulfilled;
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// What one request wants, and where it waits.
pub(super) struct Asked {
    pub(super) wanted: Wanted,
    pub(super) answer: oneshot::Sender<Result<(), StoreError>>,
}

/// The end of the queue that requests hold.
pub(super) struct Writer {
    queue: ArcSwapOption<mpsc::Sender<Asked>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Begins to fulfil.
    pub(super) fn start(table: Arc<Table>) -> Self {
        let (queue, waiting) = mpsc::channel(STORE_QUEUE);
        let task = tokio::spawn(work(table, waiting));
        Self { queue: ArcSwapOption::from_pointee(queue), task: Mutex::new(Some(task)) }
    }

    /// Puts it at the end of the queue.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when there is no place, [`StoreError::Closed`] when nothing is taken any more.
    pub(super) fn ask(&self, asked: Asked) -> Result<(), StoreError> {
        let queue = self.queue.load();
        let queue = queue.as_ref().ok_or(StoreError::Closed)?;
        queue.try_send(asked).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => StoreError::Busy { limit: STORE_QUEUE },
            mpsc::error::TrySendError::Closed(_) => StoreError::Closed,
        })
    }

    /// Takes nothing more, and waits for what was taken.
    pub(super) async fn close(&self) {
        drop(self.queue.swap(None));
        let Some(task) = self.task.lock().await.take() else { return };
        let ending = task.abort_handle();
        if timeout(STORE_WAIT, task).await.is_err() {
            ending.abort();
        }
    }
}

/// Works until nobody can ask any more.
async fn work(table: Arc<Table>, mut waiting: mpsc::Receiver<Asked>) {
    let mut batch = Vec::with_capacity(STORE_BATCH);
    while waiting.recv_many(&mut batch, STORE_BATCH).await > 0 {
        let (mut consumptions, mut answers) = (Vec::new(), Vec::new());
        for Asked { wanted, answer } in batch.drain(..) {
            match wanted {
                // Whose request was given up is not begun.
                _ if answer.is_closed() => {}
                Wanted::Consumption(consumption) => {
                    consumptions.push(consumption);
                    answers.push(answer);
                }
                Wanted::Check => {
                    let _ = answer.send(bounded(table.check()).await);
                }
                // What belongs together is fulfilled or undone together, by itself.
                Wanted::Together(obligations) => {
                    let done = bounded(table.fulfil_all(&obligations)).await;
                    // Who gave up does not listen.
                    let _ = answer.send(done);
                }
            }
        }
        if !consumptions.is_empty() {
            consume(&table, &consumptions, answers).await;
        }
    }
}

/// Consumes each for itself. A transaction that failed refuses all that were in it.
async fn consume(
    table: &Table,
    consumptions: &[Consumption],
    answers: Vec<oneshot::Sender<Result<(), StoreError>>>,
) {
    match bounded(table.consume_each(consumptions)).await {
        Ok(each) => {
            for (answer, done) in answers.into_iter().zip(each) {
                let _ = answer.send(done);
            }
        }
        Err(error) => {
            let error = Arc::new(error);
            for answer in answers {
                let _ = answer.send(Err(StoreError::Together(Arc::clone(&error))));
            }
        }
    }
}

/// What takes longer than a request waits is given up; whether it was committed is then not known.
async fn bounded<T>(work: impl Future<Output = Result<T, StoreError>>) -> Result<T, StoreError> {
    timeout(STORE_WAIT, work).await.unwrap_or(Err(StoreError::Late { after: STORE_WAIT }))
}

impl StoreError {
    /// What the core is told.
    pub(super) fn unfulfilled(&self) -> Unfulfilled {
        match self {
            Self::Unfulfilled(why) => *why,
            Self::Forgotten { .. } | Self::BeforeThis { .. } => Unfulfilled::Forgotten,
            Self::Busy { .. } => Unfulfilled::Busy,
            Self::Together(error) => error.unfulfilled(),
            _ => Unfulfilled::Unavailable,
        }
    }
}
