//! Fuzzing: every target of `fuzz/` under libFuzzer, each for a bounded time.

use std::fs;
use std::path::{Path, PathBuf};
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
/// Seconds after which one input counts as hanging.
const INPUT_SECONDS: u64 = 10;

/// Runs each target for `time`, beginning with its seeds and with what the vectors hold for it. What is found is kept
/// under `target/credmint/fuzz`, and the next run begins with it.
///
/// # Errors
/// When an input makes a target panic or hang; libFuzzer says where it wrote it.
pub(crate) fn run(project: &Project, time: Duration) -> anyhow::Result<()> {
    let cargo_fuzz = CARGO_FUZZ.find_or_build(project)?;
    let folder = project.path(FOLDER);
    let vectors = vectors(project)?;
    for target in targets(&folder)? {
        let corpus = project.scratch("fuzz/corpus").join(&target);
        let artifacts = project.scratch("fuzz/artifacts").join(&target);
        fs::create_dir_all(&corpus)?;
        fs::create_dir_all(&artifacts)?;
        let of_vectors = vectors.join(&target);
        fs::create_dir_all(&of_vectors)?;
        let mut command = project.command(&cargo_fuzz);
        // There is no unsafe code of ours to watch, and without a sanitizer eight times as much is tried.
        command.args(["fuzz", "run", "--sanitizer", "none", "--fuzz-dir", FOLDER, "--target-dir"]);
        command.arg(project.scratch("fuzz/target")).arg(&target);
        command.arg(corpus).arg(folder.join("seeds").join(&target)).arg(of_vectors).arg("--");
        command.arg(format!("-max_total_time={}", time.as_secs().max(1)));
        command.arg(format!("-max_len={INPUT_BYTES}")).arg(format!("-timeout={INPUT_SECONDS}"));
        command.arg(format!("-artifact_prefix={}/", artifacts.display()));
        command.arg("-print_final_stats=1");
        // libFuzzer's instrumentation is behind options that a stable compiler keeps to itself.
        process::run(command.env("RUSTC_BOOTSTRAP", "1")).context(target)?;
    }
    Ok(())
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
