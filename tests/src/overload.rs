//! Overload: twice what the real issuer can do. What it takes up is answered about as soon as before, all else is refused at
//! once, and nothing piles up.

use std::thread;
use std::time::Duration;

use hyper::body::Bytes;

use crate::load::{self, Pace, Seen, Target};
use crate::usage;
use crate::world::{ISSUER_PATH, World};

/// Clients that keep the issuer busy: as many as may wait for their turn where there is one core, so that none is refused.
const BUSY: usize = 32;

/// Clients of each core that ask for more than it can do: twice as many as may wait.
const CROWD: usize = 64;

/// Requests by which it is found out how much it can do.
const CALIBRATION: usize = 1_500;

/// How much more memory it may hold afterwards, in KiB: the buffers of its connections.
const GROWTH: u64 = 32 * 1024;

/// How much longer the slowest of what is taken up may take.
const LONGER: u32 = 3;

/// Differences below this are those of a busy machine.
const GRAIN: Duration = Duration::from_millis(250);

/// Every client comes from one address here, which would otherwise be told to come less often.
pub(crate) const LIMITS: (&str, &str) = (
    "  audit: audit.jsonl",
    "  audit: audit.jsonl\n  limits: { connections: 16384, per_address: 16384, \
     per_source: { per_second: 1000000, burst: 1000000 }, \
     per_client: { per_second: 1000000, burst: 1000000 }, \
     handshakes_per_source: { per_second: 10000, burst: 10000 } }",
);

/// Loads the issuer for about `time` with twice what it can do, and prints what became of it.
///
/// # Panics
///
/// When what it takes up is late, when it refuses nothing or too much, when another answer comes than a token or 503, and when it
/// keeps memory.
pub fn run(time: Duration) {
    let world = World::changed(&[LIMITS]);
    let target = Target {
        address: world.address(),
        path: format!("{ISSUER_PATH}/token"),
        tls: Some(world.client().connector()),
    };
    let body = Bytes::from(world.kubernetes_request().body());
    let warm = load::send(&target, &vec![body.clone(); CALIBRATION / 4], BUSY, BUSY, Pace::Closed);
    assert_eq!(warm.shed.len(), 0, "{BUSY} clients are no overload");
    let calm = load::send(&target, &vec![body.clone(); CALIBRATION], BUSY, BUSY, Pace::Closed);
    let rate = calm.rate();
    let before = usage::memory(world.issuer_id());
    let twice = 2.0 * rate;
    let count = time.as_secs_f64() * twice;
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "some thousands")]
    let bodies = vec![body; count as usize];
    let crowd = CROWD * thread::available_parallelism().map_or(1, usize::from);
    // A generator that is not optimised cannot keep to a rate: each asks again when it has its answer.
    let seen = load::send(&target, &bodies, crowd, crowd, Pace::Closed);
    print("capacity", &calm);
    print("twice that", &seen);
    check(&calm, &seen);
    let after = usage::memory(world.issuer_id());
    println!("memory: {before:?} KiB before, {after:?} KiB after");
    let (Some(before), Some(after)) = (before, after) else { return };
    assert!(after <= before + GROWTH, "it keeps more than {GROWTH} KiB");
}

fn print(what: &str, seen: &Seen) {
    let (granted, shed) = (load::within(&seen.granted, 0.99), load::within(&seen.shed, 0.99));
    println!(
        "{what}: {:.0} tokens a second, 99 of 100 within {granted:?}; {} refused, within {shed:?}",
        seen.rate(),
        seen.shed.len()
    );
}

fn check(calm: &Seen, seen: &Seen) {
    assert_eq!(seen.odd, None);
    assert!(!seen.shed.is_empty(), "nothing was refused");
    assert!(seen.rate() * 2.0 > calm.rate(), "it does less than half of what it could");
    let usual = load::within(&calm.granted, 0.99);
    let bound = (usual * LONGER).max(usual + GRAIN);
    let (granted, shed) = (load::within(&seen.granted, 0.99), load::within(&seen.shed, 0.99));
    assert!(granted <= bound, "what is taken up takes {granted:?}, before {usual:?}");
    assert!(shed <= bound, "what is refused takes {shed:?}");
}
