//! Every number that bounds work or waiting in the filter, with its reason. Those of the verification are the core's.

use core::time::Duration;

use credmint_core::limits::KEYS_FRESH;

/// How often the clock is looked at.
pub const TICK: Duration = Duration::from_secs(1);

/// How soon a tick comes that somebody waits for.
pub const AT_ONCE: Duration = Duration::from_millis(1);

/// Octets of a request id in a log line. Envoy's are 36.
pub const REQUEST_ID_BYTES: usize = 64;

/// Requests that may wait at once. Each holds its token, of at most `TOKEN_BYTES`.
pub const WAITING: usize = 1024;

/// Seconds that a request may wait: two fetches, since it may come at the end of one.
pub const PATIENCE: i64 = DEADLINE.saturating_mul(3);

/// Seconds that a call may take.
pub const DEADLINE: i64 = 5;

/// Seconds by which the host may be late with the answer to a call that ran out of time.
pub const GRACE: i64 = 2;

/// Seconds after which keys are fetched anew: a minute before they are no longer fresh, which leaves time for a
/// few attempts, so that no request waits for them.
pub const REFRESH: i64 = KEYS_FRESH.saturating_sub(60);
