//! Fetching the issuer's keys: one call at a time, made by the clock before it is needed, or because a request
//! wants it.

use crate::limits::{DEADLINE, GRACE, REFRESH};
use credmint_core::UnixTime;
use credmint_core::limits::FETCH_BACK_OFF;

/// Where a fetch stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fetching {
    /// Nobody asked.
    #[default]
    Idle,
    /// A request waits for the call to be made.
    Wanted,
    /// The call was made.
    Calling {
        /// The number of the call.
        call: u32,
        /// When it was made.
        since: UnixTime,
    },
}

/// The state of fetching.
#[derive(Debug, Default)]
pub(super) struct Fetcher {
    pub(super) state: Fetching,
    /// When keys last came.
    fetched: Option<UnixTime>,
    /// When a fetch last failed.
    failed: Option<UnixTime>,
}

impl Fetcher {
    /// A request wants keys.
    pub(super) fn want(&mut self) {
        if self.state == Fetching::Idle {
            self.state = Fetching::Wanted;
        }
    }

    /// Whether a call should be made now.
    pub(super) fn is_due(&self, now: UnixTime) -> bool {
        match self.state {
            Fetching::Wanted => true,
            Fetching::Calling { .. } => false,
            Fetching::Idle => {
                let older = |than: i64, time: Option<UnixTime>| {
                    time.is_none_or(|time| now.since(time).saturating_abs() >= than)
                };
                older(REFRESH, self.fetched) && older(FETCH_BACK_OFF, self.failed)
            }
        }
    }

    /// Whether the host owes an answer for so long that it will not come.
    pub(super) fn is_lost(&self, now: UnixTime) -> bool {
        let patience = DEADLINE.saturating_add(GRACE);
        matches!(self.state, Fetching::Calling { since, .. }
            if now.since(since).saturating_abs() > patience)
    }

    pub(super) const fn called(&mut self, call: u32, now: UnixTime) {
        self.state = Fetching::Calling { call, since: now };
    }

    pub(super) const fn is_answer(&self, number: u32) -> bool {
        matches!(self.state, Fetching::Calling { call, .. } if call == number)
    }

    pub(super) const fn succeeded(&mut self, now: UnixTime) {
        *self = Self { state: Fetching::Idle, fetched: Some(now), failed: None };
    }

    pub(super) const fn failed(&mut self, now: UnixTime) {
        self.state = Fetching::Idle;
        self.failed = Some(now);
    }
}
