//! Every number that bounds work or waiting in the filter, with its reason. Those of the verification are the core's.

use core::time::Duration;

/// How often the clock is looked at.
pub const TICK: Duration = Duration::from_secs(1);

/// How soon a tick comes that a request waits for.
pub const AT_ONCE: Duration = Duration::from_millis(1);

/// Bytes of a request id in a log line. Envoy's are 36.
pub const REQUEST_ID_BYTES: usize = 64;
