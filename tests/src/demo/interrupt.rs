//! Ctrl-C and SIGTERM: noticed between two steps, so that everything is stopped in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::signal::unix::{SignalKind, signal};

/// Whether somebody wants the demo to end.
pub(super) struct Interrupt(Arc<AtomicBool>);

/// Somebody does.
pub(super) struct Interrupted;

impl Interrupt {
    /// Watches from now on.
    pub(super) fn watch() -> Self {
        let flag = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&flag);
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime for signals");
        // Before the first child is started, so that none is left behind.
        let signals = {
            let _inside = runtime.enter();
            [SignalKind::interrupt(), SignalKind::terminate()]
                .map(|kind| signal(kind).expect("a signal"))
        };
        thread::spawn(move || {
            let [mut interrupt, mut terminate] = signals;
            runtime.block_on(async {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
            });
            seen.store(true, Ordering::Relaxed);
        });
        Self(flag)
    }

    /// To be asked between two steps; none takes longer than a second or two.
    pub(super) fn check(&self) -> Result<(), Interrupted> {
        if self.0.load(Ordering::Relaxed) { Err(Interrupted) } else { Ok(()) }
    }
}
