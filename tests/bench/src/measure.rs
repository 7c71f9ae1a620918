//! Two ways of doing the same, timed in turns so that whatever else the machine does falls on both.

use std::fmt;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Samples of each side. Their median is what is told.
const SAMPLES: usize = 401;

/// How long one sample should take, so that the clock's grain does not show.
const SAMPLE: Duration = Duration::from_micros(400);

/// The medians of two ways of doing the same.
pub(crate) struct Comparison {
    /// What was done.
    pub(crate) title: String,
    /// Time of one run of ours.
    pub(crate) ours: Duration,
    /// Who the peer is, and the time of one run of it.
    pub(crate) peer: (&'static str, Duration),
    /// The ratio that is wanted at most, if one is.
    pub(crate) wanted: Option<f64>,
}

impl Comparison {
    /// Ours by the peer's.
    pub(crate) fn ratio(&self) -> f64 {
        self.ours.as_secs_f64() / self.peer.1.as_secs_f64()
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (peer, theirs) = self.peer;
        write!(f, "{:<44} {:>10} ", self.title, micros(self.ours))?;
        write!(f, "{peer:<24} {:>10}  {:>5.2}x", micros(theirs), self.ratio())?;
        match self.wanted {
            Some(wanted) if self.ratio() <= wanted => write!(f, "  at most {wanted}x: met"),
            Some(wanted) => write!(f, "  at most {wanted}x: NOT met"),
            None => Ok(()),
        }
    }
}

pub(crate) fn micros(time: Duration) -> String {
    format!("{:.2} us", time.as_secs_f64() * 1e6)
}

/// Times `ours` and `peer` in turns.
pub(crate) fn compare<A, B>(
    title: impl Into<String>,
    ours: impl Fn() -> A,
    (name, peer): (&'static str, impl Fn() -> B),
    wanted: Option<f64>,
) -> Comparison {
    let (of_ours, of_peer) = (repetitions(&ours), repetitions(&peer));
    let mut samples = (Vec::new(), Vec::new());
    for _ in 0..SAMPLES {
        samples.0.push(sample(&ours, of_ours));
        samples.1.push(sample(&peer, of_peer));
    }
    let (ours, theirs) = (median(samples.0), median(samples.1));
    let comparison = Comparison { title: title.into(), ours, peer: (name, theirs), wanted };
    println!("{comparison}");
    comparison
}

/// Times one way of doing something, which should take no longer than `wanted`.
pub(crate) fn time<T>(title: &str, run: impl Fn() -> T, wanted: Duration) {
    let took = took(run);
    let met = if took <= wanted { "met" } else { "NOT met" };
    println!("{title:<44} {:>10}  under {}: {met}", micros(took), micros(wanted));
}

/// The median time of one way of doing something.
pub(crate) fn took<T>(run: impl Fn() -> T) -> Duration {
    let repetitions = repetitions(&run);
    median((0..SAMPLES).map(|_| sample(&run, repetitions)).collect())
}

/// Runs that fill a sample; finding it out warms caches up.
fn repetitions<T>(run: &impl Fn() -> T) -> u32 {
    let mut repetitions = 1;
    while sample(run, repetitions) * repetitions < SAMPLE {
        repetitions *= 2;
    }
    repetitions
}

/// The time of one run, of `repetitions` in a row.
fn sample<T>(run: &impl Fn() -> T, repetitions: u32) -> Duration {
    let start = Instant::now();
    for _ in 0..repetitions {
        black_box(run());
    }
    start.elapsed() / repetitions
}

pub(crate) fn median(mut samples: Vec<Duration>) -> Duration {
    samples.sort();
    samples[samples.len() / 2]
}
