//! The whole issuer against panva's oidc-provider: exchanges a second on one core, and what each costs.
//!
//! Both are processes on the same core of this machine, measured in turns; the generator of load has another core. Every proof is
//! made before and sent once. What is printed was measured in this run.

mod bare;
mod case;
mod cores;
mod exchange;
mod many;
mod ours;
mod peer;
mod server;
mod table;
mod transport;
mod world;

use bare::Bare;
use case::Case;
use clap::Args;
use cores::Cores;
use credmint_tests::postgresql::PostgreSql;
use exchange::Exchange;
use ours::Ours;
use peer::Peer;
use serde_json::{Value, json};
use std::path::PathBuf;
use transport::{Tls, Transport};
use world::World;

/// What the benchmark of the issuer needs.
#[derive(Args)]
pub(crate) struct Options {
    /// The script of the peer, for Node
    #[arg(long, value_name = "FILE")]
    peer: PathBuf,
    /// How many exchanges each sample of ours has; the peer's have a third
    #[arg(long, default_value_t = 4_500)]
    exchanges: usize,
    /// How many samples of each case; their median is printed
    #[arg(long, default_value_t = 3)]
    samples: usize,
    /// Only the cases whose title has this in it
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
}

/// Everything that the cases share.
struct Bench {
    options: Options,
    cores: Cores,
    tls: Tls,
    world: World,
    bare: Bare,
}

/// Clients of the policy where their number is not what is measured.
const CLIENTS: usize = 10;

/// Measures and prints.
pub(crate) fn run(options: Options) {
    let cores = Cores::take();
    let descriptors = cores::raise_descriptors();
    println!("one core for the server, one for the generator; {descriptors} descriptors");
    let bare = cores.generate(Bare::measure);
    table::bare(&bare);
    let bench = Bench { options, cores, tls: Tls::new(), world: World::new(CLIENTS), bare };
    table::head();
    for transport in [Transport::Plain, Transport::Tls] {
        bench.compare(transport, "SQLite", || json!({}));
    }
    // The database is started only where it is asked for, beside the generator.
    let mut database = None;
    bench.compare(Transport::Plain, "PostgreSQL", || {
        let running = database.insert(bench.cores.generate(PostgreSql::start));
        json!({ "store": { "postgresql": { "url": running.url() } } })
    });
    drop(database);
    let said = |exchange: Exchange| Some((exchange.name(), exchange.wanted()?));
    table::wanted(Exchange::ALL.into_iter().filter_map(said));
    many::run(&bench);
}

impl Bench {
    /// All exchanges by one transport and store, in turns with the peer.
    fn compare(&self, transport: Transport, store: &str, settings: impl FnOnce() -> Value) {
        let mut cases: Vec<Case> = Exchange::ALL
            .into_iter()
            .map(|exchange| Case::new(exchange, transport, store))
            .filter(|case| case.title.contains(&self.options.only))
            .collect();
        if cases.is_empty() {
            return;
        }
        let ours = Ours::start(&self.cores, &self.world, transport, &self.tls, &settings());
        let peer = Peer::start(&self.cores, &self.options.peer, transport, &self.tls);
        let mut peers = case::Samples::default();
        for _ in 0..self.options.samples {
            peers.add(case::of_peer(self, &peer));
            for case in &mut cases {
                case.samples.add(case::of_ours(self, &ours, case.exchange));
            }
        }
        for case in &mut cases {
            case.half_load = Some(case::half_load(self, &ours, case));
        }
        ours.check_audit();
        table::peer(transport, &peers);
        for case in &cases {
            table::case(case, &peers, self.bare.of(case.exchange));
        }
    }
}
