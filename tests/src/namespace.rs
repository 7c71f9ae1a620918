//! A network namespace with addresses of its own, such as that of a metadata service.
//!
//! Alibaba's client asks 100.100.100.200 and nothing else. Inside a namespace that address can be
//! ours, without touching the machine's network.

use std::ffi::OsStr;
use std::net::Ipv4Addr;
use std::process::{Command, Stdio};

use crate::process::Process;

/// Where the clients of ECS look for the metadata service.
pub const ECS_METADATA: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);

/// Where the clients of EC2 look for the metadata service.
pub const EC2_METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// A network namespace with loopback only; it ends when dropped.
pub struct Namespace {
    holder: Process,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    /// Made by root.
    Network,
    /// Made by anybody, in a user namespace.
    UserAndNetwork,
}

impl Namespace {
    /// A namespace in which loopback has `addresses` besides 127.0.0.1. `None` when this machine lets
    /// us make none: no `unshare`, no `ip`, no user namespaces.
    #[must_use]
    pub fn open(addresses: &[Ipv4Addr]) -> Option<Self> {
        [Kind::Network, Kind::UserAndNetwork]
            .into_iter()
            .find(|kind| kind.works())
            .map(|kind| Self::of_kind(kind, addresses))
    }

    fn of_kind(kind: Kind, addresses: &[Ipv4Addr]) -> Self {
        let add: String =
            addresses.iter().map(|one| format!("ip addr add {one}/32 dev lo && ")).collect();
        let script = format!("ip link set lo up && {add}echo ready && exec sleep 86400");
        let holder = Process::start("network namespace", &mut kind.unshare(&script));
        let _ = holder.wait_for_line("ready");
        Self { holder, kind }
    }

    /// A command that runs `program` inside.
    #[must_use]
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--target={}", self.holder.id())).arg("--net");
        if matches!(self.kind, Kind::UserAndNetwork) {
            command.args(["--user", "--preserve-credentials"]);
        }
        command.arg("--").arg(program);
        command
    }
}

impl Kind {
    fn unshare(self, script: &str) -> Command {
        let mut command = Command::new("unshare");
        command.arg(match self {
            Self::Network => "-n",
            Self::UserAndNetwork => "-rn",
        });
        command.args(["sh", "-c", script]);
        command
    }

    fn works(self) -> bool {
        let script = format!("ip link set lo up && ip addr add {ECS_METADATA}/32 dev lo");
        let tried = self.unshare(&script).stdout(Stdio::null()).stderr(Stdio::null()).status();
        tried.is_ok_and(|status| status.success())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::run;

    #[test]
    fn addresses_exist_inside_alone() {
        let Some(namespace) = Namespace::open(&[ECS_METADATA, EC2_METADATA]) else {
            println!("no network namespaces here: nothing to check");
            return;
        };
        let addresses = |mut command: Command| run("ip", command.args(["-brief", "addr"]));
        let inside = addresses(namespace.command("ip"));
        assert!(
            inside.contains("100.100.100.200") && inside.contains("169.254.169.254"),
            "{inside}"
        );
        assert!(!addresses(Command::new("ip")).contains("100.100.100.200"));
    }

    /// Both ways must work where both are allowed, not only the one that is taken.
    #[test]
    fn either_kind() {
        for kind in [Kind::Network, Kind::UserAndNetwork] {
            if kind.works() {
                let namespace = Namespace::of_kind(kind, &[ECS_METADATA]);
                let inside = run("ip", namespace.command("ip").args(["-brief", "addr"]));
                assert!(inside.contains("100.100.100.200"), "{inside}");
            }
        }
    }
}
