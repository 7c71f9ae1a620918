//! The soak: the real issuer under mixed load for as long as asked. Every answer is checked, and what memory it keeps.

use std::fs;
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::world::World;
use crate::world::request::TokenRequest;

/// Clients that ask at the same time.
const CLIENTS: usize = 4;

/// How much more memory the issuer may hold at the end than after the first quarter, in KiB. Caches, pools and the
/// allocator's reserves are full by then.
const GROWTH: u64 = 32 * 1024;

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

const KINDS: [Kind; 5] = [
    Kind { name: "an OIDC token, again", request: |_, sent| sent.pod.clone(), status: 200 },
    Kind { name: "a certificate, new", request: |world, _| world.pca_request(), status: 200 },
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
/// When an answer is not the expected one, or the issuer ends.
#[must_use]
pub fn run(time: Duration) -> ExitCode {
    let world = World::start();
    let sent = Sent { pod: world.kubernetes_request(), assertion: world.pca_request() };
    assert_eq!(post(&world, &sent.assertion), 200, "the first use of the assertion");
    let counts: [AtomicUsize; KINDS.len()] = Default::default();
    let load = |time| load(&world, &sent, &counts, time);
    load(time / 4);
    let early = memory(world.issuer_id());
    load(time - time / 4);
    let late = memory(world.issuer_id());
    for (kind, count) in KINDS.iter().zip(&counts) {
        println!("{:>8} {}", count.load(Ordering::Relaxed), kind.name);
    }
    let (Some(early), Some(late)) = (early, late) else {
        println!("memory is not measured: there is no /proc");
        return ExitCode::SUCCESS;
    };
    println!(
        "memory of the issuer: {early} KiB after a quarter of the time, {late} KiB at the end"
    );
    if late > early + GROWTH {
        println!("it keeps more than {GROWTH} KiB");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
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

/// Not through [`World::exchange`], which remembers every token.
fn post(world: &World, request: &TokenRequest) -> u16 {
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    world.post(&form, request.body().as_bytes()).status
}

/// The resident memory of a process, in KiB.
fn memory(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}
