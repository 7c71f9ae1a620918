//! Child processes of tests: started, waited for without sleeping longer than needed, their output
//! kept, killed at the end.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

/// How long a process may take to become ready. Long, because machines are busy; a process that ends
/// is noticed at once.
const READY: Duration = Duration::from_secs(60);

/// How long a process may take to end when it is asked to.
const STOP: Duration = Duration::from_secs(10);

/// How often a condition that is not announced is looked at.
const POLL: Duration = Duration::from_millis(10);

/// A child process; it is killed when dropped.
pub struct Process {
    name: String,
    child: Child,
    log: Arc<Log>,
}

impl Process {
    /// Starts `command`, with nothing to read and its output kept. `name` is for messages.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    #[must_use]
    pub fn start(name: &str, command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot start {name} ({command:?}): {error}"));
        let log = Arc::new(Log::of_two_pipes());
        Log::follow(&log, child.stdout.take().expect("a piped output"));
        Log::follow(&log, child.stderr.take().expect("a piped output"));
        Self { name: name.to_owned(), child, log }
    }

    /// Waits until something listens on `address`.
    ///
    /// # Panics
    ///
    /// When the process ends before, or a minute goes by.
    pub fn wait_until_listening(&mut self, address: SocketAddr) {
        let deadline = Instant::now() + READY;
        while TcpStream::connect_timeout(&address, READY).is_err() {
            if let Some(status) = self.child.try_wait().expect("a child process") {
                panic!("{} ended ({status}) before it listened:\n{}", self.name, self.log());
            }
            let late = Instant::now() > deadline;
            assert!(!late, "{} does not listen on {address}:\n{}", self.name, self.log());
            thread::sleep(POLL);
        }
    }

    /// Waits for a line that contains `text`, on either output, and returns it. Lines that were
    /// written before the call count.
    ///
    /// # Panics
    ///
    /// When both outputs end before, or a minute goes by.
    #[must_use]
    pub fn wait_for_line(&self, text: &str) -> String {
        let deadline = Instant::now() + READY;
        let mut lines = self.log.lines();
        loop {
            if let Some(line) = lines.all.iter().find(|line| line.contains(text)) {
                return line.clone();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || lines.open_pipes == 0 {
                drop(lines);
                panic!("{} never wrote `{text}`:\n{}", self.name, self.log());
            }
            lines = self.log.grown.wait_timeout(lines, left).expect("the log").0;
        }
    }

    /// What the process has written so far, on both outputs.
    #[must_use]
    pub fn log(&self) -> String {
        self.log.lines().all.iter().fold(String::new(), |mut text, line| {
            let _ = writeln!(text, "{line}");
            text
        })
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks the process to end (SIGTERM), waits, and returns how it ended. [`Process::log`] is complete
    /// then.
    ///
    /// # Panics
    ///
    /// When it does not end within ten seconds.
    pub fn stop(&mut self) -> ExitStatus {
        let asked = Command::new("kill").arg(self.id().to_string()).status();
        assert!(asked.is_ok_and(|status| status.success()), "cannot signal {}", self.name);
        self.end_within(STOP)
    }

    /// Kills the process (SIGKILL) and waits. [`Process::log`] is complete then.
    ///
    /// # Panics
    ///
    /// When it cannot be killed.
    pub fn kill(&mut self) {
        self.child.kill().expect("a child process");
        let _ = self.end_within(STOP);
    }

    /// Waits until the process ends by itself, and returns how. [`Process::log`] is complete then.
    ///
    /// # Panics
    ///
    /// When it does not end within a minute.
    pub fn wait(&mut self) -> ExitStatus {
        self.end_within(READY)
    }

    fn end_within(&mut self, time: Duration) -> ExitStatus {
        let deadline = Instant::now() + time;
        loop {
            let status = self.child.try_wait().expect("a child process");
            if let Some(status) = status.filter(|_| self.log.lines().open_pipes == 0) {
                return status;
            }
            let late = Instant::now() > deadline;
            assert!(!late, "{} does not end:\n{}", self.name, self.log());
            thread::sleep(POLL);
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- output of {}:\n{}", self.name, self.log());
        }
    }
}

/// Runs `command` to its end and returns its standard output.
///
/// # Panics
///
/// When it cannot be started or fails.
#[must_use]
pub fn run(name: &str, command: &mut Command) -> String {
    let output = command
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("cannot start {name} ({command:?}): {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let failed = || format!("{name}: {}\n{}", text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{}", failed());
    text(&output.stdout)
}

/// An address of 127.0.0.1 whose port was free a moment ago.
///
/// # Panics
///
/// When no port is free.
#[must_use]
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    listener.local_addr().expect("a bound address")
}

/// The lines that a process writes.
struct Log {
    lines: Mutex<Lines>,
    grown: Condvar,
}

struct Lines {
    all: Vec<String>,
    open_pipes: usize,
}

impl Log {
    fn of_two_pipes() -> Self {
        Self { lines: Mutex::new(Lines { all: Vec::new(), open_pipes: 2 }), grown: Condvar::new() }
    }

    /// Collects what comes from `pipe` until it ends.
    fn follow(log: &Arc<Self>, pipe: impl Read + Send + 'static) {
        let log = Arc::clone(log);
        thread::spawn(move || {
            for line in BufReader::new(pipe).split(b'\n').map_while(Result::ok) {
                log.lines().all.push(String::from_utf8_lossy(&line).into_owned());
                log.grown.notify_all();
            }
            log.lines().open_pipes -= 1;
            log.grown.notify_all();
        });
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().expect("the log")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panicking;

    fn shell(script: &str) -> Process {
        Process::start("shell", Command::new("sh").args(["-c", script]))
    }

    #[test]
    fn lines_of_both_outputs() {
        let process = shell("echo one; echo two >&2; exec sleep 60");
        assert_eq!(process.wait_for_line("tw"), "two");
        assert_eq!(process.wait_for_line("one"), "one");
    }

    #[test]
    fn an_end_is_noticed_at_once() {
        let message = panicking::message(|| shell("echo one").wait_for_line("two"));
        assert_eq!(message, "shell never wrote `two`:\none\n");
    }

    #[test]
    fn an_end_before_listening() {
        let address = free_address();
        let message = panicking::message(|| {
            shell("echo no port for me; exec sleep 0.2").wait_until_listening(address);
        });
        assert!(message.ends_with("before it listened:\nno port for me\n"), "{message}");
    }

    #[test]
    fn listening() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        shell("exec sleep 60").wait_until_listening(listener.local_addr().unwrap());
    }

    #[test]
    fn stopping() {
        let mut process =
            shell("trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.01; done");
        let _ = process.wait_for_line("ready");
        assert_eq!(process.stop().code(), Some(7));
        assert_eq!(process.log(), "ready\nbye\n");
    }

    #[test]
    fn nothing_survives_a_drop() {
        let process = shell("exec sleep 60");
        let id = process.id().to_string();
        let alive = || Command::new("kill").args(["-0", &id]).output().unwrap().status.success();
        assert!(alive());
        drop(process);
        assert!(!alive());
    }

    #[test]
    fn running() {
        assert_eq!(run("shell", Command::new("sh").args(["-c", "echo $((1 + 1))"])), "2\n");
    }
}
