//! Overload: more clients at once than the real issuer lets wait. It grants some and refuses the others, neither late, and nothing
//! piles up.

use std::thread;
use std::time::Duration;

use hyper::body::Bytes;

use crate::load::{self, Pace, Seen, Target};
use crate::usage;
use crate::world::{ISSUER_PATH, World};

/// Requests that may wait for their turn, of all cores together, or one for each where there are more cores.
const WAITING: usize = 32;

/// Clients of which none is refused: all may wait.
const BUSY: usize = WAITING;

/// Clients of which most may not wait.
const CROWD: usize = 8 * WAITING;

/// How long a client of the crowd pauses when it was refused: a tenth of what `Retry-After` says. It bounds what is offered, so
/// that refusing does not take up the processor.
const PAUSE: Duration = Duration::from_millis(100);

/// Requests by which it is found out how many to send.
const CALIBRATION: usize = 1_500;

/// How much more memory it may hold afterwards, in KiB: the buffers of its connections.
const GROWTH: u64 = 32 * 1024;

/// Within this 99 of 100 answers come, tokens and refusals alike. Few wait before any request, so that even an issuer that is not
/// optimised, on a busy machine, answers before a client that is refused may come again: `Retry-After` says a second.
const ANSWERED: Duration = Duration::from_secs(1);

/// Every client comes from one address here, which would otherwise be told to come less often.
pub(crate) const LIMITS: (&str, &str) = (
    "  audit: audit.jsonl",
    "  audit: audit.jsonl\n  limits: { connections: 16384, per_address: 16384, \
     per_source: { per_second: 1000000, burst: 1000000 }, \
     per_client: { per_second: 1000000, burst: 1000000 }, \
     handshakes_per_source: { per_second: 10000, burst: 10000 } }",
);

/// Loads the issuer for about `time` with more clients than may wait, and prints what became of it.
///
/// # Panics
///
/// When it refuses nothing or grants nothing, when an answer is late, when another answer comes than a token or 503 `overloaded`
/// with `Retry-After`, when clients that may all wait are refused, and when it keeps memory.
pub fn run(time: Duration) {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let waiting = format!("limits: {{ decisions_waiting: {}, ", (WAITING / cores).max(1));
    let world = World::changed(&[LIMITS, ("limits: { ", &waiting)]);
    let target = Target {
        address: world.address(),
        path: format!("{ISSUER_PATH}/token"),
        tls: Some(world.client().connector()),
    };
    let body = Bytes::from(world.kubernetes_request().body());
    let calm = load::send(&target, &vec![body.clone(); CALIBRATION], BUSY, BUSY, Pace::Closed);
    print(&format!("{BUSY} clients"), &calm);
    assert_eq!(calm.odd, None);
    assert_eq!(calm.shed.len(), 0, "{BUSY} clients may all wait");
    let before = usage::memory(world.issuer_id());
    let count = time.as_secs_f64() * calm.rate();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousands")]
    let bodies = vec![body; count as usize];
    let seen = load::send(&target, &bodies, CROWD, CROWD, Pace::Patient(PAUSE));
    print(&format!("{CROWD} clients, which pause {PAUSE:?} when they are refused"), &seen);
    check(&seen);
    let after = usage::memory(world.issuer_id());
    println!("memory: {before:?} KiB before, {after:?} KiB after");
    let (Some(before), Some(after)) = (before, after) else { return };
    assert!(after <= before + GROWTH, "it keeps more than {GROWTH} KiB");
}

fn print(who: &str, seen: &Seen) {
    let (granted, shed) = (load::within(&seen.granted, 0.99), load::within(&seen.shed, 0.99));
    println!("{who}: {:.0} requests and {:.0} tokens a second", seen.offered(), seen.rate());
    println!("  {} granted, 99 of 100 within {granted:?}", seen.granted.len());
    println!("  {} refused, 99 of 100 within {shed:?}", seen.shed.len());
}

fn check(seen: &Seen) {
    assert_eq!(seen.odd, None);
    assert!(!seen.shed.is_empty(), "nothing was refused");
    assert!(!seen.granted.is_empty(), "nothing was granted");
    let (granted, shed) = (load::within(&seen.granted, 0.99), load::within(&seen.shed, 0.99));
    assert!(granted <= ANSWERED, "what is granted takes {granted:?}");
    assert!(shed <= ANSWERED, "what is refused takes {shed:?}");
}
