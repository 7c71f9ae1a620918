//! One case: an exchange by a transport over a store, measured some times.

use super::Bench;
use super::exchange::{self, Exchange};
use super::ours::Ours;
use super::peer::Peer;
use super::server::Server;
use super::transport::Transport;
use super::world::World;
use crate::measure::median;
use credmint_tests::load::{self, Pace, Seen, Target};
use hyper::body::Bytes;
use std::time::Duration;

/// Clients that keep the server busy: no more are needed, and each further one only waits longer.
const BUSY: usize = 32;

/// Requests that are not measured, before those that are.
const WARM_UP: usize = 500;

/// The generator is the limit where it has less than this part of its core to spare.
const SPARE: f64 = 0.1;

/// A case and what was measured.
pub(crate) struct Case {
    pub(crate) title: String,
    pub(crate) exchange: Exchange,
    pub(crate) samples: Samples,
    /// The slowest answer of the fastest 99 of 100, at half of what the server can do.
    pub(crate) half_load: Option<Duration>,
}

/// One measurement.
#[derive(Clone, Copy)]
pub(crate) struct Sample {
    /// Exchanges a second.
    pub(crate) rate: f64,
    /// The part of the time in which the server used its core.
    pub(crate) busy: f64,
    /// Time of a processor that the server used for one.
    pub(crate) cost: Duration,
    /// Whether the generator, and not the server, was the limit.
    pub(crate) limited: bool,
}

/// All measurements of one thing.
#[derive(Default)]
pub(crate) struct Samples(Vec<Sample>);

impl Case {
    pub(crate) fn new(exchange: Exchange, transport: Transport, store: &str) -> Self {
        Self {
            title: format!("{}, {}, {store}", exchange.name(), transport.name()),
            exchange,
            samples: Samples::default(),
            half_load: None,
        }
    }
}

impl Samples {
    pub(crate) fn add(&mut self, sample: Sample) {
        self.0.push(sample);
    }

    /// The median rate.
    pub(crate) fn rate(&self) -> f64 {
        self.median(|sample| sample.rate)
    }

    /// The median part of its core that the server used.
    pub(crate) fn busy(&self) -> f64 {
        self.median(|sample| sample.busy)
    }

    /// Exchanges in a second of a core: as many as there would be if it did nothing else.
    pub(crate) fn of_a_core(&self) -> f64 {
        1.0 / self.cost().as_secs_f64()
    }

    fn median(&self, value: impl Fn(&Sample) -> f64) -> f64 {
        let mut values: Vec<f64> = self.0.iter().map(value).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    }

    /// The median cost.
    pub(crate) fn cost(&self) -> Duration {
        median(self.0.iter().map(|sample| sample.cost).collect())
    }

    /// Whether the generator was the limit in any of them.
    pub(crate) fn limited(&self) -> bool {
        self.0.iter().any(|sample| sample.limited)
    }
}

/// One sample of ours.
pub(crate) fn of_ours(bench: &Bench, ours: &Ours, exchange: Exchange) -> Sample {
    let count = bench.options.exchanges;
    let bodies = made(bench, &bench.world, exchange, WARM_UP + count);
    let sample = sample(bench, (&ours.server, &ours.target), &bodies);
    ours.expect(bodies.len());
    sample
}

/// One sample of the peer.
pub(crate) fn of_peer(bench: &Bench, peer: &Peer) -> Sample {
    let count = bench.options.exchanges / 3;
    let bodies = peer.bodies(WARM_UP + count, bench.cores.count());
    sample(bench, (&peer.server, &peer.target), &bodies)
}

/// At half of its rate: 99 of 100 answers took no longer than this, from when the request was due.
pub(crate) fn half_load(bench: &Bench, ours: &Ours, case: &Case) -> Duration {
    let bodies = made(bench, &bench.world, case.exchange, bench.options.exchanges);
    let pace = Pace::Open(case.samples.rate() / 2.0);
    let target = &ours.target;
    let seen = bench.cores.generate(|| load::send(target, &bodies, BUSY, BUSY, pace));
    ours.expect(bodies.len());
    check(&seen, bodies.len());
    load::within(&seen.granted, 0.99)
}

/// Proofs of their own for `count` requests.
pub(crate) fn made(bench: &Bench, world: &World, exchange: Exchange, count: usize) -> Vec<Bytes> {
    exchange::bodies(world, exchange, count, bench.cores.count())
}

fn sample(bench: &Bench, (server, target): (&Server, &Target), bodies: &[Bytes]) -> Sample {
    let (warm_up, measured) = bodies.split_at(WARM_UP);
    busy(bench, (server, target), (warm_up, measured), (BUSY, BUSY))
}

/// What a server does when it always has something to do: `clients` keep a connection, and `at_once` of them wait for an answer.
pub(crate) fn busy(
    bench: &Bench,
    (server, target): (&Server, &Target),
    (warm_up, measured): (&[Bytes], &[Bytes]),
    (clients, at_once): (usize, usize),
) -> Sample {
    bench.cores.generate(|| {
        check(&load::send(target, warm_up, BUSY, BUSY, Pace::Closed), warm_up.len());
        let before = server.used();
        let seen = load::send(target, measured, clients, at_once, Pace::Closed);
        let used = server.used() - before;
        check(&seen, measured.len());
        let count = u32::try_from(measured.len()).expect("some thousands");
        Sample {
            rate: f64::from(count) / seen.elapsed.as_secs_f64(),
            busy: used.as_secs_f64() / seen.elapsed.as_secs_f64(),
            cost: used / count,
            limited: seen.generator.as_secs_f64() > seen.elapsed.as_secs_f64() * (1.0 - SPARE),
        }
    })
}

/// # Panics
/// When a request got no token.
fn check(seen: &Seen, count: usize) {
    let (granted, shed) = (seen.granted.len(), seen.shed.len());
    assert_eq!(granted, count, "{shed} shed; another answer: {:?}", seen.odd);
}
