//! How much waits to be decided.

use crate::limits::DECISIONS_WAITING;
use crate::metrics;
use credmint_core::{Code, Refusal};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Room for decisions: one for each core, and a bounded number that wait for one. A decision that would be one more is refused
/// at once, so that those which wait do not wait long.
#[derive(Clone, Debug)]
pub struct Work {
    turns: Arc<Semaphore>,
    /// For decisions that are made off the threads that serve connections.
    cores: Arc<Semaphore>,
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
        let semaphore = |room: usize| Arc::new(Semaphore::new(room.min(Semaphore::MAX_PERMITS)));
        Self { turns: semaphore(cores.saturating_add(waiting)), cores: semaphore(cores) }
    }

    /// Waits for the turn of a decision, which ends when what is returned is dropped.
    ///
    /// # Errors
    /// [`Code::Overloaded`], at once, when too many wait.
    pub(crate) async fn turn(&self) -> Result<OwnedSemaphorePermit, Refusal> {
        let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() else {
            metrics::shed("decisions");
            return Err(Refusal::new(Code::Overloaded).detail("limits.decisions_waiting"));
        };
        // Whoever has come before is decided before. Meanwhile others come, and are counted.
        tokio::task::yield_now().await;
        Ok(turn)
    }

    /// Waits for a core, for a decision that is not made on a thread that serves connections.
    ///
    /// # Errors
    /// Never: it is not closed.
    pub(crate) async fn core(&self) -> Result<OwnedSemaphorePermit, Refusal> {
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
        let first = work.turn().await.unwrap();
        let _second = work.turn().await.unwrap();
        assert_eq!(work.turn().await.unwrap_err().code(), Code::Overloaded);
        drop(first);
        assert!(work.turn().await.is_ok());
    }

    #[tokio::test]
    async fn those_who_come_together_are_counted_before_one_is_decided() {
        let work = Work::new(1, 3);
        let decide = |work: Work| async move { work.turn().await.map(drop) };
        let came: Vec<_> = (0..10).map(|_| tokio::spawn(decide(work.clone()))).collect();
        let mut refused = 0;
        for one in came {
            refused += usize::from(one.await.unwrap().is_err());
        }
        assert_eq!(refused, 6);
    }
}
