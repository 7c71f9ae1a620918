//! Which core a process runs on, and how many descriptors it may have.

use rustix::process::{Resource, getrlimit, setrlimit};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};
use std::path::Path;
use std::process::Command;
use std::thread;

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

    /// A command that runs `program` on the server's core, and no longer than this process, however that ends.
    pub(crate) fn server(&self, program: &Path) -> Command {
        let core = self.server.to_string();
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "taskset", "--cpu-list", &core]).arg(program);
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

/// Lets this process and those it starts have as many descriptors as the system gives.
pub(crate) fn raise_descriptors() -> u64 {
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    // What cannot be had is seen where connections are opened.
    let _ = setrlimit(Resource::Nofile, limit);
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}
