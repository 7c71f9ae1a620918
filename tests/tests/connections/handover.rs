//! I23: the socket is its manager's and is handed to one process after the other, under load. Every request is answered.

use credmint_tests::environment;
use credmint_tests::http_client::get_plain;
use std::fs::{self, File};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long a process may take to be ready or to end, and clients to be answered; machines are busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between two looks at a process, and two requests of one client.
const POLL: Duration = Duration::from_millis(2);

/// Clients at once.
const CLIENTS: usize = 4;

/// Answers between two events, so that each one falls into the load.
const SOME: usize = 200;

/// Answers while a successor starts: more than it needs to come to the store.
const MANY: usize = 1000;

/// What the descriptor of the socket and the number of the process are given by: the socket comes as the standard input, since
/// that is what a child can be given without unsafe code.
const HAND_OVER: &str = "LISTEN_PID=$$ exec \"$0\" \"$@\" 3<&0 </dev/null";

/// Who owns the socket and starts processes on it, as systemd does.
struct Manager {
    folder: TempDir,
    socket: TcpListener,
}

/// A process on that socket; it is killed when dropped.
struct Serving {
    child: Child,
    told: UnixDatagram,
    log: String,
}

impl Manager {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let path = folder.path().join("credmint.yaml");
        fs::write(path, include_str!("handover.yaml")).expect("the configuration");
        let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        Self { folder, socket }
    }

    fn address(&self) -> SocketAddr {
        self.socket.local_addr().expect("a bound address")
    }

    /// Starts a process. Each has a socket for its messages, so that it is known whose they are.
    fn start(&self, name: &str) -> Serving {
        let file = |end: &str| self.folder.path().join(format!("{name}.{end}"));
        let told = UnixDatagram::bind(file("notify")).expect("a socket for messages");
        told.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        let log = File::create(file("log")).expect("a log");
        let socket = OwnedFd::from(self.socket.try_clone().expect("the socket"));
        let child = Command::new("sh")
            .args(["-c", HAND_OVER])
            .arg(environment::credmint())
            .args(["serve", "--config"])
            .arg(self.folder.path().join("credmint.yaml"))
            .envs([("LISTEN_FDS", "1"), ("LISTEN_FDNAMES", "credmint.socket")])
            .env("NOTIFY_SOCKET", file("notify"))
            .stdin(socket)
            .stdout(log.try_clone().expect("a log"))
            .stderr(Stdio::from(log))
            .spawn()
            .expect("it starts");
        Serving { child, told, log: file("log").display().to_string() }
    }

    /// The process that has the state folder, by its lock.
    fn holder(&self) -> Option<u32> {
        let lock = fs::read_to_string(self.folder.path().join("state/lock")).expect("a lock");
        lock.trim().parse().ok()
    }
}

impl Serving {
    fn wait_until_ready(&self) {
        let mut message = [0; 4096];
        loop {
            let read = self.told.recv(&mut message);
            let length =
                read.unwrap_or_else(|error| panic!("not ready ({error}):\n{}", self.log()));
            let text = String::from_utf8_lossy(&message[..length]);
            if text.lines().any(|line| line == "READY=1") {
                return;
            }
        }
    }

    /// It runs, and has told nothing.
    fn check_waiting(&mut self) {
        let ended = self.child.try_wait().expect("a child");
        assert!(ended.is_none(), "it ended ({ended:?}):\n{}", self.log());
        self.told.set_nonblocking(true).expect("a mode");
        let told = self.told.recv(&mut [0; 4096]).map_err(|error| error.kind());
        assert_eq!(told, Err(io::ErrorKind::WouldBlock), "{}", self.log());
        self.told.set_nonblocking(false).expect("a mode");
    }

    /// Stops it as its manager does; it ends well.
    fn stop(&mut self) {
        let asked = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(asked.is_ok_and(|status| status.success()));
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                assert!(status.success(), "it ended with {status}:\n{}", self.log());
                return;
            }
            assert!(Instant::now() < deadline, "it does not end:\n{}", self.log());
            thread::sleep(POLL);
        }
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Clients that ask on a connection for each request. One that is not answered panics.
struct Crowd {
    answered: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
    clients: Vec<JoinHandle<()>>,
}

impl Crowd {
    fn start(address: SocketAddr) -> Self {
        let (answered, is_over) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let client = |_| {
            let (answered, is_over) = (Arc::clone(&answered), Arc::clone(&is_over));
            thread::spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let answer = get_plain(address, "/.well-known/openid-configuration", &[]);
                    assert_eq!(answer.status, 200, "{answer:?}");
                    assert_eq!(answer.json()["issuer"], "https://sts.example.com");
                    answered.fetch_add(1, Ordering::Relaxed);
                    thread::sleep(POLL);
                }
            })
        };
        let clients = (0..CLIENTS).map(client).collect();
        Self { answered, is_over, clients }
    }

    fn answered(&self) -> usize {
        self.answered.load(Ordering::Relaxed)
    }

    fn wait_for_more(&self, count: usize) {
        let (enough, deadline) = (self.answered() + count, Instant::now() + PATIENCE);
        while self.answered() < enough {
            let late = Instant::now() > deadline;
            assert!(!late, "{} of {enough} are answered", self.answered());
            thread::sleep(POLL);
        }
    }

    /// Ends the load: every request of it was answered.
    fn end(mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        for client in self.clients.drain(..) {
            client.join().expect("every request is answered");
        }
        println!("{} answered", self.answered());
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

#[test]
fn i23_restarts_under_load_leave_no_request_without_an_answer() {
    let manager = Manager::new();
    let mut serving = manager.start("first");
    serving.wait_until_ready();
    let crowd = Crowd::start(manager.address());
    for name in ["second", "third", "fourth"] {
        crowd.wait_for_more(SOME);
        serving.stop();
        serving = manager.start(name);
        serving.wait_until_ready();
    }
    crowd.wait_for_more(SOME);
    crowd.end();
    serving.stop();
}

#[test]
fn i23_a_successor_waits_for_the_store_and_no_request_is_without_an_answer() {
    let manager = Manager::new();
    let mut first = manager.start("first");
    first.wait_until_ready();
    let crowd = Crowd::start(manager.address());
    crowd.wait_for_more(SOME);
    let mut successor = manager.start("successor");
    crowd.wait_for_more(MANY);
    successor.check_waiting();
    assert_eq!(manager.holder(), Some(first.child.id()));
    first.stop();
    successor.wait_until_ready();
    assert_eq!(manager.holder(), Some(successor.child.id()));
    crowd.wait_for_more(SOME);
    crowd.end();
    successor.stop();
}
