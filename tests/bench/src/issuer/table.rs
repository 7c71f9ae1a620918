//! What is printed: each figure, and whether it is the one that is wanted.

use super::bare::Bare;
use super::case::{Case, Samples};
use super::transport::Transport;
use crate::measure::micros;
use std::time::Duration;

/// What an exchange may cost, in costs of its bare signatures.
const SIGNATURES: f64 = 2.5;

/// How long 99 of 100 answers may take at half load.
const HALF_LOAD: Duration = Duration::from_millis(5);

/// The signatures by themselves.
pub(crate) fn bare(bare: &Bare) {
    println!(
        "AWS-LC alone: RSA-2048 verified {}, ES256 verified {}, ES256 signed {}",
        micros(bare.rsa_verified),
        micros(bare.ec_verified),
        micros(bare.ec_signed)
    );
}

/// The words above the columns.
pub(crate) fn head() {
    println!(
        "{:<30} {:>8} {:>5} {:>10} {:>7} {:>6} {:<8} {:>9} {:>6} {:<8} {:>8}",
        "", "a second", "busy", "CPU each", "a core", "ratio", "", "bare", "ratio", "", "p99"
    );
}

/// What the peer does.
pub(crate) fn peer(transport: Transport, samples: &Samples) {
    println!("{}", figures(&format!("oidc-provider, {}", transport.name()), samples));
}

/// One case, beside the peer's samples and the cost of its signatures.
pub(crate) fn case(case: &Case, peers: &Samples, signatures: Duration) {
    let ratio = case.samples.of_a_core() / peers.of_a_core();
    let wanted = case.exchange.wanted().map_or("", |wanted| met(ratio >= wanted));
    let cost = case.samples.cost().as_secs_f64() / signatures.as_secs_f64();
    let half = case.half_load.unwrap_or_default();
    println!(
        "{} {ratio:>5.2}x {wanted:<8} {:>9} {cost:>5.2}x {:<8} {:>5.2} ms {}",
        figures(&case.title, &case.samples),
        micros(signatures),
        met(cost <= SIGNATURES),
        half.as_secs_f64() * 1e3,
        met(half <= HALF_LOAD),
    );
}

/// What was wanted.
pub(crate) fn wanted(cases: impl IntoIterator<Item = (&'static str, f64)>) {
    for (name, ratio) in cases {
        println!("wanted: {name}: at least {ratio} times the peer of a core");
    }
    println!(
        "wanted: at most {SIGNATURES} times the bare signatures, and 99 of 100 answers at half load within {HALF_LOAD:?}"
    );
}

/// Many clients beside few.
pub(crate) fn many(title: &str, (few, ten): (usize, &Samples), many: &Samples, same: f64) {
    let ratio = many.of_a_core() / ten.of_a_core();
    println!("{}", figures(&format!("{title}, {few}"), ten));
    println!("{} {ratio:>5.2}x {}", figures(title, many), met(ratio >= same));
    println!("wanted: at least {same} times as many of a core");
}

fn figures(title: &str, samples: &Samples) -> String {
    let limited = if samples.limited() { " (the generator was the limit)" } else { "" };
    format!(
        "{title:<30} {:>8.0} {:>4.0}% {:>10} {:>7.0}{limited}",
        samples.rate(),
        samples.busy() * 100.0,
        micros(samples.cost()),
        samples.of_a_core(),
    )
}

const fn met(is_met: bool) -> &'static str {
    if is_met { "met" } else { "NOT met" }
}
