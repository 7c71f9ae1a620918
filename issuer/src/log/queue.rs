//! Lines that wait for the thread that writes them: what does not fit is dropped and counted.

use crate::limits::{LOG_QUEUE_BYTES, LOG_QUEUE_RECORDS};
use crate::metrics;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Lines that wait.
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    dropped: u64,
    is_writing: bool,
    is_closed: bool,
}

/// Starts a thread that writes to `output`, and there what `told` makes of the number of records that were dropped.
pub(super) fn start(
    output: impl Write + Send + 'static,
    told: impl Fn(u64) -> Vec<u8> + Send + 'static,
) -> io::Result<Arc<Queue>> {
    let queue = Arc::new(Queue { state: Mutex::default(), changed: Condvar::new() });
    let taken = Arc::clone(&queue);
    thread::Builder::new().name("log".to_owned()).spawn(move || taken.write(output, told))?;
    Ok(queue)
}

impl Queue {
    /// Adds a line, or drops it. It never waits for a reader.
    fn push(&self, line: &[u8]) {
        let mut state = self.state();
        let has_room = state.lines.len() < LOG_QUEUE_RECORDS
            && state.bytes.saturating_add(line.len()) <= LOG_QUEUE_BYTES;
        if !has_room || state.is_closed {
            state.dropped = state.dropped.saturating_add(1);
            drop(state);
            return metrics::log_dropped(1);
        }
        state.bytes += line.len();
        state.lines.push_back(line.to_vec());
        drop(state);
        self.changed.notify_all();
    }

    /// Takes no more lines, and waits for those that are there. Whether all of them were written.
    pub(super) fn close(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        let mut state = self.state();
        state.is_closed = true;
        self.changed.notify_all();
        while !state.lines.is_empty() || state.is_writing {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    fn write(&self, mut output: impl Write, told: impl Fn(u64) -> Vec<u8>) {
        let mut state = self.state();
        loop {
            while state.lines.is_empty() {
                if state.is_closed {
                    return;
                }
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            // Whoever woke this thread goes on first, so that lines that come together are written together.
            drop(state);
            thread::yield_now();
            state = self.state();
            let mut bytes: Vec<u8> = Vec::with_capacity(state.bytes);
            state.lines.drain(..).for_each(|line| bytes.extend(line));
            state.bytes = 0;
            state.is_writing = true;
            drop(state);
            // Who has closed the pipe wants no log: there is nobody to tell it.
            let _ = output.write_all(&bytes);
            state = self.state();
            // What was dropped while these were written comes behind them.
            let dropped = std::mem::take(&mut state.dropped);
            if dropped > 0 {
                let line = told(dropped);
                state.bytes += line.len();
                state.lines.push_front(line);
            }
            state.is_writing = false;
            self.changed.notify_all();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // What a panic leaves here is whole: it is changed by calls that do not stop half way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where one record at a time comes, whole.
pub(super) struct Place(pub(super) Arc<Queue>);

impl Write for Place {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// An output that takes a write when it is told to, and gives what it took.
    struct Slow {
        go_on: mpsc::Receiver<()>,
        taken: mpsc::Sender<String>,
    }

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            // When nobody says so any more, it goes on.
            let _ = self.go_on.recv();
            let _ = self.taken.send(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn slow() -> (Arc<Queue>, mpsc::Sender<()>, mpsc::Receiver<String>) {
        let ((go_on, told), (taken, seen)) = (mpsc::channel(), mpsc::channel());
        let output = Slow { go_on: told, taken };
        let queue = start(output, |dropped| format!("{dropped} dropped\n").into_bytes()).unwrap();
        (queue, go_on, seen)
    }

    #[test]
    fn i20_a_full_queue_drops_and_says_how_many() {
        let (queue, go_on, seen) = slow();
        queue.push(b"first\n");
        // The thread has the first one: then the queue is empty, and nothing more is taken from it.
        while !queue.state().lines.is_empty() {
            thread::yield_now();
        }
        for _ in 0..LOG_QUEUE_RECORDS + 7 {
            queue.push(b"x\n");
        }
        drop(go_on);
        assert_eq!(seen.recv().unwrap(), "first\n");
        let then = seen.recv().unwrap();
        assert_eq!(then.lines().next(), Some("7 dropped"));
        assert_eq!(then.matches("x\n").count(), LOG_QUEUE_RECORDS);
        // Large records fill it by their bytes.
        queue.push(&vec![b'y'; LOG_QUEUE_BYTES + 1]);
        queue.push(b"last\n");
        assert!(queue.close(Duration::from_secs(60)));
        let rest: String = seen.iter().collect();
        assert!(rest.contains("last\n") && rest.contains("1 dropped\n"), "{rest}");
    }

    #[test]
    fn i20_closing_waits_for_nobody_for_ever() {
        let (queue, _go_on, _seen) = slow();
        queue.push(b"first\n");
        assert!(!queue.close(Duration::from_millis(10)));
        let (queue, go_on, seen) = slow();
        queue.push(b"first\n");
        drop(go_on);
        assert!(queue.close(Duration::from_secs(60)));
        assert_eq!(seen.recv().unwrap(), "first\n");
    }
}
