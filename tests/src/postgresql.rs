//! PostgreSQL as it is installed here: a server of its own in a temporary folder, on a free port of loopback.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::environment;
use crate::process::{Process, free_address, run};

/// The superuser of the database, who needs no password on loopback.
const USER: &str = "credmint";

/// The user that Debian's packages make. The server refuses to run as root.
const ACCOUNT: &str = "postgres";

/// A running server; it ends when dropped.
pub struct PostgreSql {
    server: Process,
    address: SocketAddr,
    folder: TempDir,
}

impl PostgreSql {
    /// Makes a database and starts its server. What is committed is on the disk, as in earnest.
    ///
    /// # Panics
    ///
    /// When a program of PostgreSQL is not there, or fails.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        if is_root() {
            let _ = run("chown", Command::new("chown").arg(ACCOUNT).arg(folder.path()));
        }
        let mut initdb = program("initdb");
        initdb.args(["--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync"]);
        initdb.arg(format!("--username={USER}")).arg("--pgdata").arg(folder.path().join("data"));
        let _ = run("initdb", &mut initdb);
        let address = free_address();
        Self { server: serve(folder.path(), address), address, folder }
    }

    /// Where it is, for the issuer's `server.store.postgresql.url`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://{USER}@{}/postgres", self.address)
    }

    /// Stops it, as an operator would who does not wait for clients. What was committed is kept.
    ///
    /// # Panics
    ///
    /// When it does not end.
    pub fn stop(&mut self) {
        let _ = run("kill", Command::new("kill").args(["-INT", &self.server.id().to_string()]));
        let _ = self.server.wait();
    }

    /// Starts it again at the same address.
    ///
    /// # Panics
    ///
    /// When it does not start.
    pub fn start_again(&mut self) {
        self.server = serve(self.folder.path(), self.address);
    }

    /// What `sql` gives, one row a line.
    ///
    /// # Panics
    ///
    /// When the statement fails.
    #[must_use]
    pub fn query(&self, sql: &str) -> String {
        let mut psql = program("psql");
        psql.args(["--no-psqlrc", "--tuples-only", "--no-align", "--command", sql, &self.url()]);
        run("psql", &mut psql)
    }
}

impl Drop for PostgreSql {
    fn drop(&mut self) {
        // At once and with all its processes, which a killed server would leave for a moment.
        let _ = Command::new("kill").args(["-QUIT", &self.server.id().to_string()]).output();
        let _ = self.server.wait();
    }
}

fn serve(folder: &Path, address: SocketAddr) -> Process {
    let mut command = program("postgres");
    command.arg("-D").arg(folder.join("data"));
    command.args(["-h", &address.ip().to_string(), "-p", &address.port().to_string()]);
    command.arg("-k").arg(folder);
    let server = Process::start("postgres", &mut command);
    let _ = server.wait_for_line("ready to accept connections");
    server
}

/// A program of PostgreSQL, as a user that it runs as.
fn program(name: &str) -> Command {
    let path = environment::postgresql().join(name);
    if !is_root() {
        return Command::new(path);
    }
    // It becomes the program, so that a signal reaches that.
    let mut command = Command::new("setpriv");
    command.args(["--clear-groups", "--reuid", ACCOUNT, "--regid", ACCOUNT, "--"]).arg(path);
    // The folder of a clone may be closed to others.
    command.current_dir("/");
    command
}

fn is_root() -> bool {
    run("id", Command::new("id").arg("-u")).trim() == "0"
}
