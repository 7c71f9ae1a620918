//! `systemd-analyze` and its companions read what is shipped.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use credmint_tests::environment;
use credmint_tests::process::run;
use tempfile::TempDir;

/// The exposure that systemd may find, in tenths: 0 is a service that can do nothing, 100 one that can do everything.
const EXPOSURE: &str = "11";

pub(crate) fn shipped(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../packaging/systemd").join(name)
}

/// The units in a folder, with the command where it lies here, and with `changes`.
fn units(changes: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let text = fs::read_to_string(shipped("credmint.service")).expect("the service");
    let text = changes.iter().fold(text, |text, (from, to)| {
        assert!(text.contains(from), "the service has no `{from}`");
        text.replace(from, to)
    });
    let command = environment::credmint().display().to_string();
    let text = text.replace("/usr/bin/credmint", &command);
    fs::write(folder.path().join("credmint.service"), text).expect("a writable folder");
    fs::copy(shipped("credmint.socket"), folder.path().join("credmint.socket")).expect("a copy");
    folder
}

fn analyze(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(environment::systemd_analyze());
    command.current_dir(folder).args(arguments).output().expect("systemd-analyze")
}

/// What `verify` has to say.
fn verified(folder: &Path) -> String {
    let output =
        analyze(folder, &["verify", "--man=no", "./credmint.service", "./credmint.socket"]);
    let said = String::from_utf8(output.stderr).expect("text");
    assert!(output.status.success() || !said.is_empty(), "{:?}", output.status);
    said
}

#[test]
fn systemd_reads_every_line() {
    assert_eq!(verified(units(&[]).path()), "");
    let folder = units(&[]);
    let drop_ins = folder.path().join("credmint.service.d");
    fs::create_dir(&drop_ins).expect("a writable folder");
    for name in ["key-encryption-key.conf", "network.conf"] {
        fs::copy(shipped(name), drop_ins.join(name)).expect("a copy");
    }
    assert_eq!(verified(folder.path()), "");
}

#[test]
fn systemd_would_say_what_it_does_not_read() {
    let misspelt = units(&[("ProtectHome=yes", "ProtectHomes=yes")]);
    let said = verified(misspelt.path());
    assert!(said.contains("Unknown key") && said.contains("ProtectHomes"), "{said}");
}

#[test]
fn little_is_exposed() {
    let security = ["security", "--offline=yes", "--no-pager", "--threshold", EXPOSURE];
    let exposed = |changes: &[(&str, &str)]| {
        let folder = units(changes);
        let arguments = [&security[..], &["./credmint.service"]].concat();
        analyze(folder.path(), &arguments)
    };
    let output = exposed(&[]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    // The twins: without one of the lines that keep most out it is more than that.
    for line in [
        "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @resources\n",
        "CapabilityBoundingSet=\n",
        "ProtectSystem=strict\n",
        "User=credmint\n",
    ] {
        let output = exposed(&[(line, "")]);
        assert!(!output.status.success(), "without {line} it is not more exposed");
    }
}

/// Nobody can log in as the user, and the service cannot write its own configuration.
#[test]
fn user_and_folders() {
    if run("id", Command::new("id").arg("-u")).trim() != "0" {
        println!("only root can make users, in whatever folder: not tested");
        return;
    }
    let root = tempfile::tempdir().expect("a folder");
    fs::create_dir(root.path().join("etc")).expect("a writable folder");
    let at = format!("--root={}", root.path().display());
    let tool = |name: &str| environment::systemd_analyze().with_file_name(name);
    let mut sysusers = Command::new(tool("systemd-sysusers"));
    let _ = run("systemd-sysusers", sysusers.arg(&at).arg(shipped("credmint.sysusers")));
    let read = |name: &str| fs::read_to_string(root.path().join(name)).expect(name);
    let users = read("etc/passwd");
    let user = users.lines().find(|line| line.starts_with("credmint:x:")).expect("the user");
    assert!(user.ends_with(":/var/lib/credmint:/usr/sbin/nologin"), "{user}");

    let mut tmpfiles = Command::new(tool("systemd-tmpfiles"));
    let tmpfiles = tmpfiles.args(["--create", &at]).arg(shipped("credmint.tmpfiles"));
    let _ = run("systemd-tmpfiles", tmpfiles);
    let mut stat = Command::new("stat");
    let folder = root.path().join("etc/credmint");
    let said = run("stat", stat.args(["--format=%a %u %g"]).arg(folder));
    let group = read("etc/group");
    let group = group.lines().find_map(|line| line.strip_prefix("credmint:x:")).expect("a group");
    let group = group.split(':').next().expect("a number");
    assert_eq!(said.trim(), format!("750 0 {group}"));
}
