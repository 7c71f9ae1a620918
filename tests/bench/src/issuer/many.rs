//! Ten thousand clients against ten: as many in the policy, with a connection each that stays open.

use super::case::{self, Samples};
use super::exchange::Exchange;
use super::ours::Ours;
use super::transport::Transport;
use super::world::World;
use super::{Bench, CLIENTS, table};
use serde_json::json;

/// Many clients.
const MANY: usize = 10_000;

/// Requests under way at once, on both sides.
const AT_ONCE: usize = 10;

/// How much slower with many is no difference: what samples differ by on a quiet machine.
const SAME: f64 = 0.95;

/// Measures in turns, and prints.
pub(super) fn run(bench: &Bench) {
    let title = format!("OIDC, RS256, {MANY} clients");
    if !title.contains(&bench.options.only) {
        return;
    }
    let start =
        |world: &World| Ours::start(&bench.cores, world, Transport::Plain, &bench.tls, &json!({}));
    let (few, many) = (&bench.world, World::new(MANY));
    let (of_few, of_many) = (start(few), start(&many));
    let (mut ten, mut all) = (Samples::default(), Samples::default());
    for _ in 0..bench.options.samples {
        ten.add(sample(bench, few, &of_few, CLIENTS));
        all.add(sample(bench, &many, &of_many, MANY));
    }
    table::many(&title, (CLIENTS, &ten), &all, SAME);
}

fn sample(bench: &Bench, world: &World, ours: &Ours, clients: usize) -> case::Sample {
    // Each of the connections is used.
    let count = bench.options.exchanges.max(MANY);
    let bodies = case::made(bench, world, Exchange::Oidc, count + CLIENTS);
    let (warm_up, measured) = bodies.split_at(CLIENTS);
    let side = (&ours.server, &ours.target);
    case::busy(bench, side, (warm_up, measured), (clients, AT_ONCE))
}
