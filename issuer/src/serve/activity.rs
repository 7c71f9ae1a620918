//! What is happening on one connection, as its parts tell each other.

use super::head::HeadError;
use super::places::Place;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Waker;

/// What is happening on one connection.
#[derive(Debug)]
pub(super) struct Activity {
    place: Place,
    /// Requests that are being answered.
    open: AtomicUsize,
    /// Those of them whose bodies are still coming.
    reading: AtomicUsize,
    /// Requests that were answered.
    answered: AtomicUsize,
    /// It takes no further request, and says so.
    closing: AtomicBool,
    /// Why the head that was read last is refused.
    refused: Mutex<Option<HeadError>>,
    /// Whoever reads on when no request is being answered.
    reader: Mutex<Option<Waker>>,
}

impl Activity {
    pub(super) fn new(place: Place) -> Arc<Self> {
        Arc::new(Self {
            place,
            open: AtomicUsize::new(0),
            reading: AtomicUsize::new(0),
            answered: AtomicUsize::new(0),
            closing: AtomicBool::new(false),
            refused: Mutex::new(None),
            reader: Mutex::new(None),
        })
    }

    pub(super) const fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn is_idle(&self) -> bool {
        self.open.load(Ordering::Acquire) == 0
    }

    /// Whether a request is being answered. If so, `reader` is told when that has changed.
    pub(super) fn is_busy_until(&self, reader: &Waker) -> bool {
        *self.reader.lock().unwrap_or_else(PoisonError::into_inner) = Some(reader.clone());
        !self.is_idle()
    }

    /// Whether a request is being answered that has come as a whole.
    pub(super) fn is_deciding(&self) -> bool {
        self.open.load(Ordering::Acquire) > self.reading.load(Ordering::Acquire)
    }

    pub(super) fn answered(&self) -> usize {
        self.answered.load(Ordering::Acquire)
    }

    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    pub(super) fn refuse(&self, error: HeadError) {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        self.close();
    }

    pub(super) fn take_refused(&self) -> Option<HeadError> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// A request is being answered until the guard is dropped. `None` when the connection lost its place.
    pub(super) fn begin(self: &Arc<Self>) -> Option<Open> {
        self.place.begin().then(|| {
            self.open.fetch_add(1, Ordering::AcqRel);
            Open(Arc::clone(self))
        })
    }

    /// The body of a request is coming until the guard is dropped.
    pub(crate) fn reading(self: &Arc<Self>) -> Reading {
        self.reading.fetch_add(1, Ordering::AcqRel);
        Reading(Arc::clone(self))
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Open(Arc<Activity>);

impl Open {
    pub(super) fn answered(self) {
        self.0.answered.fetch_add(1, Ordering::AcqRel);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let was = self.0.open.fetch_sub(1, Ordering::AcqRel);
        self.0.place.end();
        if was > 1 {
            return;
        }
        let reader = self.0.reader.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}

/// A request whose body is coming.
#[derive(Debug)]
pub(crate) struct Reading(Arc<Activity>);

impl Drop for Reading {
    fn drop(&mut self) {
        self.0.reading.fetch_sub(1, Ordering::AcqRel);
    }
}
