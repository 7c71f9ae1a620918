//! Which core a process runs on, what time it used there, and how many descriptors it may have.

use rustix::process::{Resource, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::fs;
use std::process::Command;
use std::thread;
use std::time::Duration;

/// Ticks a second of the times in `/proc`, on every Linux.
const TICKS: f64 = 100.0;

/// A core for the server, one for the generator of load, and all that there are.
pub(crate) struct Cores {
    server: usize,
    generator: usize,
    all: CpuSet,
}

impl Cores {
    /// Takes the first two cores that this process may use.
    ///
    /// # Panics
    /// When there is only one.
    pub(crate) fn take() -> Self {
        let all = sched_getaffinity(None).expect("the cores of this process");
        let mut free = (0..CpuSet::MAX_CPU).filter(|core| all.is_set(*core));
        let (server, generator) = (free.next(), free.next());
        let (Some(server), Some(generator)) = (server, generator) else {
            panic!("a core for the server and one for the generator are needed");
        };
        Self { server, generator, all }
    }

    /// A command that runs `program` on the server's core.
    pub(crate) fn server(&self, program: &std::path::Path) -> Command {
        let mut command = Command::new("taskset");
        command.args(["--cpu-list", &self.server.to_string()]).arg(program);
        command
    }

    /// Runs `work` in a thread on the generator's core.
    pub(crate) fn generate<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        let core = self.generator;
        thread::scope(|scope| {
            let thread = scope.spawn(move || {
                let mut set = CpuSet::new();
                set.set(core);
                sched_setaffinity(None, &set).expect("a core to run on");
                work()
            });
            thread.join().expect("the generator")
        })
    }

    /// How many cores work can be spread over where nothing is measured.
    pub(crate) fn count(&self) -> usize {
        usize::try_from(self.all.count()).unwrap_or(1)
    }
}

/// The time of a processor that the process `id` has used, all its threads together.
///
/// # Panics
/// When there is no such process.
pub(crate) fn used_by(id: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).expect("a process that runs");
    // What stands before the last parenthesis is the name, which may be anything.
    let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    // utime and stime, proc(5).
    let ticks: f64 = fields[11..13].iter().filter_map(|ticks| ticks.parse::<f64>().ok()).sum();
    Duration::from_secs_f64(ticks / TICKS)
}

/// Lets this process and those it starts have as many descriptors as the system gives.
pub(crate) fn raise_descriptors() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // What cannot be had is seen where connections are opened.
    let _ = setrlimit(Resource::Nofile, limit);
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}
