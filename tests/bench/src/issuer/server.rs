//! A server under measurement: a process on its core, whose output goes to a file.

use super::cores::Cores;
use credmint_tests::usage;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long a server may take until it listens.
const READY: Duration = Duration::from_secs(30);

/// How often it is looked whether it does.
const POLL: Duration = Duration::from_millis(20);

/// A process that serves. It is killed when dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    output: PathBuf,
}

impl Server {
    /// Starts what `command` adds to `program` on the server's core, and waits until it listens on `address`.
    ///
    /// # Panics
    /// When it ends before.
    pub(crate) fn start(
        cores: &Cores,
        program: &Path,
        command: impl FnOnce(&mut Command),
        address: SocketAddr,
        output: PathBuf,
    ) -> Self {
        let file = File::create(&output).expect("a file for the output");
        let both = file.try_clone().expect("a file for the output");
        let mut whole = cores.server(program);
        command(&mut whole);
        let child = whole.stdin(Stdio::null()).stdout(file).stderr(both).spawn();
        let child = child.unwrap_or_else(|error| panic!("cannot start {whole:?}: {error}"));
        let mut server = Self { child, address, output };
        server.wait();
        server
    }

    fn wait(&mut self) {
        let deadline = Instant::now() + READY;
        while TcpStream::connect(self.address).is_err() {
            let ended = self.child.try_wait().expect("a child process");
            if ended.is_some() || Instant::now() > deadline {
                let output = fs::read_to_string(&self.output).unwrap_or_default();
                panic!("it does not listen on {}: {ended:?}\n{output}", self.address);
            }
            thread::sleep(POLL);
        }
    }

    /// The time of a processor that it has used so far.
    pub(crate) fn used(&self) -> Duration {
        usage::processor_time(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
