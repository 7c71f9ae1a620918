//! The soak: the real issuer under mixed load for as long as asked. Every answer is checked, and that it keeps no more memory,
//! descriptors and bytes on the disk than at the start.

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::fixtures::clock::now;
use crate::overload::LIMITS;
use crate::usage;
use crate::world::World;
use crate::world::request::TokenRequest;

/// Clients that ask at the same time.
const CLIENTS: usize = 4;

/// How much more memory the issuer may hold at the end than after the first quarter, in KiB. Caches, pools and the
/// allocator's reserves are full by then.
const GROWTH: u64 = 32 * 1024;

/// How many more descriptors: connections that come and go.
const DESCRIPTORS: usize = 2 * CLIENTS;

/// How long an assertion lives here, in seconds.
const LIFETIME: i64 = 20;

/// How long the issuer remembers such an assertion at the most: until it has ended for every clock, and until what has ended is
/// deleted.
const REMEMBERED: Duration = Duration::from_secs(150);

/// What one remembered assertion takes in the store: key, time and index, and space in pages that are not full.
const BYTES_AN_ASSERTION: u64 = 512;

/// What the store may have besides: the log of SQLite until its next checkpoint, twice.
const STORE_GROWTH: u64 = 8 * 1024 * 1024;

/// A request and the status of its answer.
struct Kind {
    name: &'static str,
    request: fn(&World, &Sent) -> TokenRequest,
    status: u16,
}

/// What is sent again and again.
struct Sent {
    pod: TokenRequest,
    assertion: TokenRequest,
}

/// Which of the kinds the store remembers.
const NEW_ASSERTION: usize = 1;

const KINDS: [Kind; 5] = [
    Kind { name: "an OIDC token, again", request: |_, sent| sent.pod.clone(), status: 200 },
    Kind { name: "a certificate, new", request: |world, _| short_lived(world), status: 200 },
    Kind { name: "a document, new", request: |world, _| world.ec2_request(), status: 200 },
    Kind { name: "an assertion, again", request: |_, sent| sent.assertion.clone(), status: 401 },
    Kind {
        name: "no token at all",
        request: |_, sent| sent.pod.clone().with("client_assertion", "a.b.c"),
        status: 401,
    },
];

/// Runs for `time`.
///
/// # Panics
///
/// When an answer is not the expected one, or the issuer ends.
#[must_use]
pub fn run(time: Duration) -> ExitCode {
    let world = World::changed(&[LIMITS]);
    let sent = Sent { pod: world.kubernetes_request(), assertion: world.pca_request() };
    assert_eq!(post(&world, &sent.assertion), 200, "the first use of the assertion");
    let counts: [AtomicUsize; KINDS.len()] = Default::default();
    let load = |time| load(&world, &sent, &counts, time);
    load(time / 4);
    let (early, kept) = (Held::by(&world), counts[NEW_ASSERTION].load(Ordering::Relaxed));
    let rest = time - time / 4;
    load(rest.saturating_sub(REMEMBERED));
    let forgotten = counts[NEW_ASSERTION].load(Ordering::Relaxed).max(kept);
    load(rest.min(REMEMBERED));
    let late = Held::by(&world);
    for (kind, count) in KINDS.iter().zip(&counts) {
        println!("{:>8} {}", count.load(Ordering::Relaxed), kind.name);
    }
    let remembered = counts[NEW_ASSERTION].load(Ordering::Relaxed) - forgotten;
    match late.beyond(&early, remembered) {
        Ok(()) => ExitCode::SUCCESS,
        Err(what) => {
            println!("{what}");
            ExitCode::FAILURE
        }
    }
}

/// What the issuer holds at one moment.
struct Held {
    memory: Option<u64>,
    descriptors: Option<usize>,
    /// Bytes of its state directory.
    store: u64,
}

impl Held {
    fn by(world: &World) -> Self {
        let id = world.issuer_id();
        Self {
            memory: usage::memory(id),
            descriptors: usage::descriptors(id),
            store: usage::bytes_in(&world.file("state")),
        }
    }

    /// What this is too much of after `early`, with so many assertions more that have to be remembered still.
    fn beyond(&self, early: &Self, remembered: usize) -> Result<(), String> {
        let (from, to) = (early.store, self.store);
        println!("store: {from} bytes after a quarter of the time, {to} at the end");
        let allowed = from + STORE_GROWTH + remembered as u64 * BYTES_AN_ASSERTION;
        if to > allowed {
            return Err(format!("the store has more than {allowed} bytes"));
        }
        let (Some(from), Some(to)) = (early.memory, self.memory) else {
            println!("memory is not measured: there is no /proc");
            return Ok(());
        };
        println!("memory: {from} KiB after a quarter of the time, {to} KiB at the end");
        if to > from + GROWTH {
            return Err(format!("it keeps more than {GROWTH} KiB"));
        }
        let (from, to) = (early.descriptors.unwrap_or(0), self.descriptors.unwrap_or(0));
        println!("descriptors: {from} after a quarter of the time, {to} at the end");
        match to > from + DESCRIPTORS {
            true => Err(format!("it keeps more than {DESCRIPTORS} descriptors")),
            false => Ok(()),
        }
    }
}

/// All kinds in turns, from all clients, for `time`.
fn load(world: &World, sent: &Sent, counts: &[AtomicUsize], time: Duration) {
    let start = Instant::now();
    thread::scope(|scope| {
        for client in 0..CLIENTS {
            scope.spawn(move || {
                for turn in (client..).take_while(|_| start.elapsed() < time) {
                    let kind = turn % KINDS.len();
                    let Kind { name, request, status } = &KINDS[kind];
                    assert_eq!(post(world, &request(world, sent)), *status, "{name}");
                    counts[kind].fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
}

/// An assertion with a new certificate that soon need not be remembered any more.
fn short_lived(world: &World) -> TokenRequest {
    let mut claims = world.pca_claims();
    claims["exp"] = (now() + LIFETIME).into();
    world.pca_request_with(&world.plant.client("press-7"), &claims)
}

/// Not through [`World::exchange`], which remembers every token.
fn post(world: &World, request: &TokenRequest) -> u16 {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    world.post(&form, request.body().as_bytes()).status
}
