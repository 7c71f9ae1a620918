//! One task consumes for all requests: those that wait while a transaction is committed are in the next one together, so
//! that a disk is waited for once and not once for each.

use super::{StoreError, Table};
use crate::limits::{STORE_BATCH, STORE_QUEUE, STORE_WAIT};
use arc_swap::ArcSwapOption;
use credmint_core::{Consumed, UnixTime};
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// What a request wants to be consumed, and where it waits.
pub(super) struct Asked {
    pub(super) key: String,
    pub(super) former: String,
    pub(super) until: UnixTime,
    pub(super) answer: oneshot::Sender<Result<Consumed, StoreError>>,
}

/// The end of the queue that requests hold.
pub(super) struct Writer {
    queue: ArcSwapOption<mpsc::Sender<Asked>>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Begins to consume.
    pub(super) fn start(table: Arc<Table>) -> Self {
        let (queue, waiting) = mpsc::channel(STORE_QUEUE);
        let task = tokio::spawn(consume(table, waiting));
        Self { queue: ArcSwapOption::from_pointee(queue), task: Mutex::new(Some(task)) }
    }

    /// Puts it at the end of the queue.
    ///
    /// # Errors
    /// [`StoreError::Busy`] when there is no place, [`StoreError::Closed`] when nothing is consumed any more.
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

/// Consumes until nobody can ask any more.
async fn consume(table: Arc<Table>, mut waiting: mpsc::Receiver<Asked>) {
    let mut batch = Vec::with_capacity(STORE_BATCH);
    while waiting.recv_many(&mut batch, STORE_BATCH).await > 0 {
        // Whose request was given up is not begun.
        batch.retain(|asked| !asked.answer.is_closed());
        if batch.is_empty() {
            continue;
        }
        let consumed = match timeout(STORE_WAIT, table.consume(&batch)).await {
            Ok(consumed) => consumed,
            Err(_) => Err(StoreError::Late { after: STORE_WAIT }),
        };
        answer(&mut batch, consumed);
    }
}

/// Tells each what became of it. A transaction that failed refuses all that were in it.
fn answer(batch: &mut Vec<Asked>, consumed: Result<Vec<Result<Consumed, StoreError>>, StoreError>) {
    match consumed {
        Ok(each) => {
            for (asked, consumed) in batch.drain(..).zip(each) {
                // Who gave up does not listen.
                let _ = asked.answer.send(consumed);
            }
        }
        Err(error) => {
            let error = Arc::new(error);
            for asked in batch.drain(..) {
                let _ = asked.answer.send(Err(StoreError::Together(Arc::clone(&error))));
            }
        }
    }
}
