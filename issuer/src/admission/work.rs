//! How much is decided at once, and how much waits for it.

use crate::limits::DECISIONS_WAITING;
use credmint_core::{Code, Refusal};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room for decisions: one for each core, and a bounded number that wait for one. A decision that would be one more is refused
/// at once, so that those which wait do not wait long.
#[derive(Clone, Debug)]
pub struct Work {
    cores: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Default for Work {
    fn default() -> Self {
        Self::for_cores(DECISIONS_WAITING)
    }
}

impl Work {
    /// Room for as many decisions at once as this machine has cores, and for as many times so many that wait.
    #[must_use]
    pub fn for_cores(waiting: usize) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self::new(cores, cores.saturating_mul(waiting))
    }

    /// Room for as many decisions at once as there are cores, and for as many that wait.
    #[must_use]
    pub fn new(cores: usize, waiting: usize) -> Self {
        let semaphore = |permits: usize| Arc::new(Semaphore::new(permits.min(Semaphore::MAX_PERMITS)));
        Self { cores: semaphore(cores), waiting: semaphore(waiting) }
    }

    /// Begins a decision.
    ///
    /// # Errors
    /// [`Code::Overloaded`] when too many wait.
    pub(crate) async fn begin(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        if let Ok(core) = Arc::clone(&self.cores).try_acquire_owned() {
            return Ok(core);
        }
        let Ok(_waiting) = self.waiting.try_acquire() else {
            return Err(Refusal::new(Code::Overloaded).detail("limits.decisions_waiting"));
        };
        self.again().await
    }

    /// Goes on with a decision that was begun, when what it waited for is there.
    ///
    /// # Errors
    /// Never: the semaphore is not closed.
    pub(crate) async fn again(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let core = Arc::clone(&self.cores).acquire_owned().await;
        core.map_err(|_| Refusal::new(Code::InternalError).detail("the pool is closed"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_would_wait_too_long_is_refused_at_once() {
        let work = Work::new(1, 1);
        let first = work.begin().await.unwrap();
        let waiting = tokio::spawn({
            let work = work.clone();
            async move { work.begin().await.map(drop) }
        });
        while work.waiting.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(work.begin().await.unwrap_err().code(), Code::Overloaded);
        drop(first);
        waiting.await.unwrap().unwrap();
        assert!(work.begin().await.is_ok());
    }
}
