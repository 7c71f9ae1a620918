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
        "{:<28} {:>9} {:>7} {:<18} {:>10} {:>10} {:>6} {:<15} {:>9}",
        "exchange, transport, store",
        "a second",
        "ratio",
        "",
        "CPU each",
        "signatures",
        "ratio",
        "",
        "p99, half"
    );
}

/// What the peer does.
pub(crate) fn peer(transport: Transport, samples: &Samples) {
    let title = format!("oidc-provider, {}", transport.name());
    let (rate, cost) = (samples.rate(), micros(samples.cost()));
    println!("{title:<28} {rate:>9.0} {:>7} {:<18} {cost:>10}{}", "1.00x", "", limited(samples));
}

/// One case, beside the peer's samples and the cost of its signatures.
pub(crate) fn case(case: &Case, peers: &Samples, signatures: Duration) {
    let (rate, cost) = (case.samples.rate(), case.samples.cost());
    let ratio = rate / peers.rate();
    let wanted = case.exchange.wanted().map(|wanted| said(wanted, ratio >= wanted, "at least"));
    let of_signatures = cost.as_secs_f64() / signatures.as_secs_f64();
    let is_cheap = said(SIGNATURES, of_signatures <= SIGNATURES, "at most");
    let half = case.half_load.unwrap_or_default();
    let is_quick = if half <= HALF_LOAD { "met" } else { "NOT met" };
    println!(
        "{:<28} {rate:>9.0} {ratio:>6.2}x {:<18} {:>10} {:>10} {of_signatures:>5.2}x {is_cheap:<15} {:>6.2} ms {is_quick}{}",
        case.title,
        wanted.unwrap_or_default(),
        micros(cost),
        micros(signatures),
        half.as_secs_f64() * 1e3,
        limited(&case.samples),
    );
}

/// Many clients beside few.
pub(crate) fn many(title: &str, (few, ten): (usize, &Samples), many: &Samples, same: f64) {
    let ratio = many.rate() / ten.rate();
    println!(
        "{title:<28} {:>9.0} {ratio:>6.2}x of the {:.0} with {few}; {} and {} each: {}{}",
        many.rate(),
        ten.rate(),
        micros(many.cost()),
        micros(ten.cost()),
        said(same, ratio >= same, "at least"),
        limited(many),
    );
}

fn said(wanted: f64, is_met: bool, bound: &str) -> String {
    let met = if is_met { "met" } else { "NOT met" };
    format!("{bound} {wanted}x: {met}")
}

fn limited(samples: &Samples) -> &'static str {
    if samples.limited() { "  (the generator was the limit)" } else { "" }
}
