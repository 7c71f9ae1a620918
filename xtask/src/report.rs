//! Stages: each says what it does before, how long it took after, and the table at the end has all.

use std::fmt;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::tally::Tally;

/// A tool of the machine that is not there. With `--skip-missing` the stage that needs it is left
/// out; without, it fails.
#[derive(Debug)]
pub(crate) struct MissingTool(pub(crate) String);

impl fmt::Display for MissingTool {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for MissingTool {}

enum Outcome {
    Done,
    Failed,
    Skipped,
}

/// The stages of one run, in order, and the tests counted in them.
pub(crate) struct Report {
    skip_missing: bool,
    stages: Vec<(&'static str, Outcome, Duration)>,
    tally: Tally,
}

impl Report {
    pub(crate) fn new(skip_missing: bool) -> Self {
        Self { skip_missing, stages: Vec::new(), tally: Tally::default() }
    }

    /// Runs one stage. A failure is told and recorded, and gives `None`: stages that do not depend
    /// on this one still run, so that one run shows everything that is wrong.
    pub(crate) fn stage<T>(
        &mut self,
        name: &'static str,
        purpose: &str,
        work: impl FnOnce() -> anyhow::Result<T>,
    ) -> Option<T> {
        println!("\n== {name}: {purpose}");
        let start = Instant::now();
        let result = work();
        let took = start.elapsed();
        match result {
            Ok(value) => {
                println!("== {name}: done in {:.1} s", took.as_secs_f64());
                self.stages.push((name, Outcome::Done, took));
                Some(value)
            }
            Err(error) if self.skip_missing && error.is::<MissingTool>() => {
                println!("== {name}: SKIPPED: {error:#}");
                self.stages.push((name, Outcome::Skipped, took));
                None
            }
            Err(error) => {
                println!("== {name}: FAILED after {:.1} s: {error:#}", took.as_secs_f64());
                self.stages.push((name, Outcome::Failed, took));
                None
            }
        }
    }

    /// Runs one stage that counts tests; a failed test fails it, and so does not finding any.
    pub(crate) fn tests(
        &mut self,
        name: &'static str,
        purpose: &str,
        work: impl FnOnce() -> anyhow::Result<(Tally, anyhow::Result<()>)>,
    ) {
        let mut counted = Tally::default();
        self.stage(name, purpose, || {
            let (tally, ended) = work()?;
            counted = tally;
            ended?;
            anyhow::ensure!(counted.failed == 0, "{} tests failed", counted.failed);
            anyhow::ensure!(counted.passed > 0, "no test ran");
            Ok(())
        });
        self.tally.add(&counted);
    }

    /// Whether nothing has failed so far.
    pub(crate) fn is_good(&self) -> bool {
        !self.stages.iter().any(|(_, outcome, _)| matches!(outcome, Outcome::Failed))
    }

    /// Prints the table of the stages.
    pub(crate) fn close(&self) -> ExitCode {
        println!("\n== summary");
        for (name, outcome, took) in &self.stages {
            let word = match outcome {
                Outcome::Done => "done",
                Outcome::Failed => "FAILED",
                Outcome::Skipped => "skipped",
            };
            println!("   {name:<14} {word:<8} {:>7.1} s", took.as_secs_f64());
        }
        let total: Duration = self.stages.iter().map(|(_, _, took)| *took).sum();
        println!("   {:<14} {:<8} {:>7.1} s", "total", "", total.as_secs_f64());
        if self.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }

    /// Prints the table, then the tests on a line of their own: `N passed, N failed`. A stage that
    /// failed counts as one failure even when no test of it did.
    pub(crate) fn close_with_tests(&self) -> ExitCode {
        let code = self.close();
        let failed = match self.tally.failed {
            0 => self.stages.iter().filter(|stage| matches!(stage.1, Outcome::Failed)).count(),
            failed => failed,
        };
        println!("{} passed, {failed} failed", self.tally.passed);
        code
    }
}
