//! Whether the threads that serve requests still do.

use crate::limits::HEARTBEAT_EVERY;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

/// When the runtime that serves last came to a task that only says so.
#[derive(Clone)]
pub struct Heartbeat(Arc<AtomicU64>);

/// What times are counted from.
static ORIGIN: LazyLock<Instant> = LazyLock::new(Instant::now);

impl Heartbeat {
    /// Begins in the runtime in which it is called.
    #[must_use]
    pub fn begin() -> Self {
        let heartbeat = Self(Arc::new(AtomicU64::new(milliseconds())));
        let beating = heartbeat.clone();
        tokio::spawn(async move {
            loop {
                beating.0.store(milliseconds(), Ordering::Release);
                tokio::time::sleep(HEARTBEAT_EVERY).await;
            }
        });
        heartbeat
    }

    /// How long ago the last one was.
    #[must_use]
    pub fn age(&self) -> Duration {
        Duration::from_millis(milliseconds().saturating_sub(self.0.load(Ordering::Acquire)))
    }
}

fn milliseconds() -> u64 {
    u64::try_from(ORIGIN.elapsed().as_millis()).unwrap_or(u64::MAX)
}
