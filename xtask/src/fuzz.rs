//! Fuzzing: every target of `fuzz/` under libFuzzer, each for a bounded time.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use anyhow::Context;

use crate::hosts::Hosts;
use crate::native;
use crate::process;
use crate::project::Project;
use crate::tool::Tool;

const CARGO_FUZZ: Tool = Tool { name: "cargo-fuzz", version: "0.13.2" };

/// Where targets and seeds lie, outside of the workspace.
const FOLDER: &str = "fuzz";

/// The longest input that is made up: more than every limit on what is parsed before anything is looked at, but for
/// policies and revocation lists.
const INPUT_BYTES: usize = 64 * 1024;
/// Each has one thread, and small machines have two cores.
const SIDE_BY_SIDE: usize = 2;
/// Seconds after which one input counts as hanging.
const INPUT_SECONDS: u64 = 10;

/// Runs each target for `time`, as many side by side as [`SIDE_BY_SIDE`], beginning with its seeds and with what the vectors
/// hold for it. What is found is kept under `target/credmint/fuzz`, and the next run begins with it.
///
/// # Errors
/// When an input makes a target panic or hang; the report of libFuzzer, which is kept too, says where it wrote it.
pub(crate) fn run(project: &Project, time: Duration) -> anyhow::Result<()> {
    let cargo_fuzz = CARGO_FUZZ.find_or_build(project)?;
    let run = Run { project, cargo_fuzz, vectors: vectors(project)?, time };
    process::run(run.command("build").args(["--fuzz-dir", FOLDER]))?;
    let waiting = Mutex::new(targets(&project.path(FOLDER))?.into_iter());
    let failed = Mutex::new(Vec::new());
    let next = || lock(&waiting).next();
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while let Some(target) = next() {
                    match run.target(&target) {
                        Ok(executions) => println!("   {target}: {executions} inputs, no finding"),
                        Err(error) => {
                            println!("   {target}: {error:#}");
                            lock(&failed).push(target);
                        }
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    anyhow::ensure!(failed.is_empty(), "found in {}", failed.join(", "));
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What is the same for every target.
struct Run<'a> {
    project: &'a Project,
    cargo_fuzz: PathBuf,
    vectors: PathBuf,
    time: Duration,
}

impl Run<'_> {
    fn command(&self, verb: &str) -> Command {
        let mut command = self.project.command(&self.cargo_fuzz);
        // There is no unsafe code of ours to watch, and without a sanitizer eight times as much is tried.
        command.args(["fuzz", verb, "--sanitizer", "none", "--target-dir"]);
        command.arg(self.project.scratch("fuzz/target"));
        // libFuzzer's instrumentation is behind options that a stable compiler keeps to itself.
        command.env("RUSTC_BOOTSTRAP", "1");
        command
    }

    /// Runs one target, and returns how many inputs it was given.
    fn target(&self, target: &str) -> anyhow::Result<u64> {
        let folder = |name: &str| -> anyhow::Result<PathBuf> {
            let folder = self.project.scratch("fuzz").join(name).join(target);
            fs::create_dir_all(&folder)?;
            Ok(folder)
        };
        let (corpus, artifacts) = (folder("corpus")?, folder("artifacts")?);
        let of_vectors = self.vectors.join(target);
        fs::create_dir_all(&of_vectors)?;
        let seeds = self.project.path(FOLDER).join("seeds").join(target);
        let mut command = self.command("run");
        command.args(["--fuzz-dir", FOLDER, target]).args([corpus, seeds, of_vectors]).arg("--");
        command.arg(format!("-max_total_time={}", self.time.as_secs().max(1)));
        command.arg(format!("-max_len={INPUT_BYTES}")).arg(format!("-timeout={INPUT_SECONDS}"));
        command.arg(format!("-artifact_prefix={}/", artifacts.display()));
        command.arg("-print_final_stats=1");
        let written = artifacts.join("report.txt");
        let report = File::create(&written)?;
        let status = command.stdin(Stdio::null()).stdout(report.try_clone()?).stderr(report);
        let status = status.status().context("start cargo-fuzz")?;
        anyhow::ensure!(status.success(), "see {}", written.display());
        executions(&fs::read_to_string(&written)?).context("libFuzzer did not say what it ran")
    }
}

/// What libFuzzer says at the end of a report.
fn executions(report: &str) -> Option<u64> {
    let line = report.lines().find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    line?.trim().parse().ok()
}

/// A folder with the inputs that the vectors hold, in one for each target.
fn vectors(project: &Project) -> anyhow::Result<PathBuf> {
    let folder = project.scratch("fuzz/vectors");
    let mut corpus = project.command(native::program(project, "corpus")?);
    corpus.arg(&folder).envs(Hosts::vectors_alone(project));
    if folder.is_dir() {
        fs::remove_dir_all(&folder)?;
    }
    process::run(&mut corpus)?;
    Ok(folder)
}

/// The names of the binaries.
fn targets(folder: &Path) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.join("fuzz_targets"))? {
        let path = entry?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}
