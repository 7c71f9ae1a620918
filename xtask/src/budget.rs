//! The core's own tests stay quick: who changes one rule runs all of them, each time.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail, ensure};

use crate::process;
use crate::project::Project;

/// Processor time of all tests of the core together, compiling apart. Not the time on the clock, which tells how busy a
/// machine is. Measured: 5 to 7 s on two shared cores.
const BUDGET: Duration = Duration::from_secs(10);

/// Runs the core's unit tests once more and looks at what they cost.
///
/// # Errors
/// When they fail or cost more than [`BUDGET`].
pub(crate) fn of_the_core(project: &Project) -> anyhow::Result<()> {
    let tests = executable(project, "credmint_core")?;
    let mut shell = project.command("sh");
    // `times` is in every shell (POSIX): what it and then its children have used so far, user and system.
    shell.args(["-c", "\"$0\" --quiet >/dev/null || exit 1; times"]).arg(tests);
    // The short form, whatever this process was told.
    let times = process::read_text(shell.env_remove("PROPTEST_CASES"))?;
    let used = of_children(&times).with_context(|| format!("times: {times}"))?;
    println!("   {:.1} s of processor time, at most {} s", used.as_secs_f64(), BUDGET.as_secs());
    ensure!(used <= BUDGET, "the tests of credmint-core take longer than they may");
    Ok(())
}

/// The unit tests of a library, as the workspace builds them.
fn executable(project: &Project, library: &str) -> anyhow::Result<PathBuf> {
    let mut cargo = project.cargo("test");
    let (status, output) = process::watch(cargo.args(["--workspace", "--lib", "--no-run"]))?;
    process::succeeded(&cargo, status)?;
    // `Executable unittests src/lib.rs (target/debug/deps/credmint_core-0123)`
    let paths = output.lines().filter_map(|line| line.rsplit_once('(')?.1.strip_suffix(')'));
    let mut paths = paths.map(PathBuf::from);
    let is_it = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.rsplit_once('-').is_some_and(|(name, _)| name == library)
    };
    match paths.find(is_it) {
        Some(path) => Ok(project.path(&path.to_string_lossy())),
        None => bail!("cargo names no tests of {library}"),
    }
}

/// The second line of `times`: `0m5.100s 0m0.200s`.
fn of_children(times: &str) -> Option<Duration> {
    let (user, system) = times.lines().nth(1)?.split_once(' ')?;
    Some(Duration::from_secs_f64(seconds(user)? + seconds(system)?))
}

fn seconds(text: &str) -> Option<f64> {
    let (minutes, seconds) = text.trim().strip_suffix('s')?.split_once('m')?;
    Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.replace(',', ".").parse::<f64>().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_children() {
        let check = |text: &str, expect: Option<f64>| {
            assert_eq!(of_children(text).map(|time| time.as_secs_f64()), expect, "{text}");
        };
        check("0m0.001s 0m0.002s\n0m5.250s 0m0.250s", Some(5.5));
        check("0m0.00s 0m0.00s\n1m2.5s 0m0.5s", Some(63.0));
        check("0m0,001s 0m0,002s\n0m5,250s 0m0,250s", Some(5.5));
        check("0m0.001s 0m0.002s", None);
        check("", None);
    }
}
