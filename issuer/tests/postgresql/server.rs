//! A PostgreSQL server of the test's own: in a temporary folder, at a free port, gone when it is dropped.

use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// How long it may take to start; machines are busy.
const READY: Duration = Duration::from_secs(60);
/// Between two looks whether it has.
const POLL: Duration = Duration::from_millis(10);

/// A server whose superuser is `postgres`, without a password, from this machine alone.
pub(crate) struct Server {
    folder: TempDir,
    pub(crate) port: u16,
}

impl Server {
    /// Makes a cluster and starts it.
    pub(crate) fn start() -> Self {
        // Where its user may enter: `initdb` refuses root.
        let folder = TempDir::with_prefix("credmint-postgresql-").unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let server = Self { folder, port };
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(server.folder.path()));
        }
        let data = server.data("data");
        run(server.command("initdb").args(["-A", "trust", "-U", "postgres", "-D"]).arg(&data));
        server.begin("data");
        server
    }

    /// Starts the cluster in this folder.
    pub(crate) fn begin(&self, name: &str) {
        let options = format!(
            "-c listen_addresses=127.0.0.1 -p {} -k {} -c max_wal_senders=4",
            self.port,
            self.folder.path().display()
        );
        let log = self.data("log");
        let mut start = self.command("pg_ctl");
        start.args(["-w", "-o", &options, "-l"]).arg(log).arg("-D").arg(self.data(name));
        run(start.arg("start"));
        let end = Instant::now() + READY;
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            assert!(Instant::now() < end, "the server does not listen");
            thread::sleep(POLL);
        }
    }

    /// Stops it: `fast`, or `immediate` as in a crash.
    pub(crate) fn end(&self, name: &str, how: &str) {
        let mut stop = self.command("pg_ctl");
        run(stop.args(["-w", "-m", how, "-D"]).arg(self.data(name)).arg("stop"));
    }

    /// A command of PostgreSQL, as the user who may run it.
    pub(crate) fn command(&self, name: &str) -> Command {
        let path = binaries().join(name);
        let mut command = match is_root() {
            true => {
                let mut command = Command::new("runuser");
                command.args(["-u", "postgres", "--"]).arg(path);
                command
            }
            false => Command::new(path),
        };
        command.current_dir(self.folder.path());
        command
    }

    pub(crate) fn data(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        for name in ["data", "standby", "copy"] {
            let mut stop = self.command("pg_ctl");
            let _ = stop.args(["-m", "immediate", "-D"]).arg(self.data(name)).arg("stop").output();
        }
    }
}

/// Runs it to its end.
pub(crate) fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let failed = || format!("{command:?}: {}{}", text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{}", failed());
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

fn binaries() -> PathBuf {
    match std::env::var_os("CREDMINT_POSTGRESQL") {
        Some(folder) => PathBuf::from(folder),
        None => panic!(
            "CREDMINT_POSTGRESQL is not set: run this test through `cargo xtask test`, or name the folder of initdb"
        ),
    }
}
