//! How files change.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use credmint_tests::environment;
use credmint_tests::process::Process;
use credmint_tests::world::World;

use super::{BUSY, TOLD_ALONE, hang_up, pair, replace, signal, wait_for_version};

/// The policy of the world's configuration, as a file of its own, in this version.
fn policy(configuration: &str, version: i64) -> String {
    let text = pair::configuration(configuration, version);
    let (_, policy) = text.split_once("\npolicy:\n").expect("a policy");
    // Its files lie where the configuration does.
    let text: String = policy
        .lines()
        .map(|line| format!("{}\n", line.strip_prefix("  ").unwrap_or(line)))
        .collect();
    text.replace("{ file: ", "{ file: ../../")
}

/// A world whose policy is a file, which is then seen through the links that a cluster makes for a mounted ConfigMap.
struct Mounted {
    world: World,
    first: String,
}

impl Mounted {
    fn start() -> Self {
        let world = World::changed(&[BUSY]);
        let path = world.file("credmint.yaml");
        let first = fs::read_to_string(&path).expect("a configuration");
        let mounted = Self { world, first };
        mounted.bring(0);
        let (server, _) = mounted.first.split_once("\npolicy:\n").expect("a server");
        replace(&path, &format!("{server}\npolicy: mount/..data/policy.yaml\n"));
        hang_up(&mounted.world);
        wait_for_version(&mounted.world, 2);
        mounted
    }

    /// Another folder with the file, and the link to it exchanged.
    fn bring(&self, version: i64) {
        let folder = self.world.file(&format!("mount/..v{version}"));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("policy.yaml"), policy(&self.first, version)).expect("a file");
        let (next, data) = (self.world.file("mount/..next"), self.world.file("mount/..data"));
        symlink(folder.file_name().expect("a name"), &next).expect("a link");
        fs::rename(&next, &data).expect("a link that is replaced");
    }
}

/// Nobody signals: the change of a link some folders above is seen.
#[test]
fn a_link_that_leads_elsewhere_is_a_change() {
    let mounted = Mounted::start();
    let request = pair::request(&mounted.world);
    assert_eq!(pair::ask(&mounted.world, &request), 0);
    mounted.bring(1);
    wait_for_version(&mounted.world, 3);
    assert_eq!(pair::ask(&mounted.world, &request), 1);
}

/// A file that is gone, or cannot be read, is a bad configuration. When it is back, that is a change.
#[test]
fn i18_what_cannot_be_read_leaves_what_was_loaded() {
    let mounted = Mounted::start();
    let Mounted { world, .. } = &mounted;
    let (file, request) = (world.file("mount/..v0/policy.yaml"), pair::request(world));
    let good = fs::read_to_string(&file).expect("a policy");
    let refused = |mark: &str| {
        let record = world.record(mark);
        assert!(record.text("error").contains("policy.yaml"), "{record:?}");
        assert_eq!(pair::ask(world, &request), 0);
    };
    fs::remove_file(&file).expect("a file to delete");
    refused("No such file or directory");
    fs::create_dir(&file).expect("a folder in its place");
    hang_up(world);
    refused("there is no organisation.yaml in this folder");
    fs::remove_dir(&file).expect("a folder to delete");
    replace(&file, &good);
    wait_for_version(world, 3);
    assert_eq!(pair::ask(world, &request), 0);
}

/// What would need a restart is refused by name, whatever else has changed; the rest of it is not taken up either.
#[test]
fn i18_a_change_that_needs_a_restart_is_refused_by_name() {
    let world = World::changed(&[TOLD_ALONE]);
    let path = world.file("credmint.yaml");
    let first = fs::read_to_string(&path).expect("a configuration");
    let good = pair::configuration(&first, 0);
    replace(&path, &good);
    hang_up(&world);
    wait_for_version(&world, 2);
    let request = pair::request(&world);
    let next = pair::configuration(&first, 1);
    for (from, to, name) in [
        ("state_directory: state", "state_directory: other", "server.state_directory"),
        ("oauth2\n", "oauth3\n", "policy.issuer"),
    ] {
        assert!(next.contains(from), "{from}");
        replace(&path, &next.replacen(from, to, 1));
        hang_up(&world);
        let record = world.record(&format!("{name} changes with a restart alone"));
        assert_eq!(record.text("level"), "ERROR");
        assert_eq!(pair::ask(&world, &request), 0);
    }
}

/// Files that change all the time: what is served by is of one moment.
#[test]
fn i18_files_that_change_while_they_are_read_are_never_mixed() {
    let mounted = Mounted::start();
    let Mounted { world, .. } = &mounted;
    let request = pair::request(world);
    for version in 1..40 {
        mounted.bring(version);
        if version % 4 == 0 {
            hang_up(world);
        }
        assert!(pair::ask(world, &request) <= version);
    }
    hang_up(world);
    // The last one is taken up at the latest when the files are still.
    while pair::ask(world, &request) != 39 {}
}

/// A signal that comes while the process starts does not end it.
#[test]
fn a_signal_during_the_start_does_not_end_the_process() {
    let world = World::start();
    let folder = world.file("");
    world.kill(0);
    let mut command = Command::new(environment::credmint());
    command.args(["serve", "--config"]).arg(folder.join("credmint.yaml"));
    let mut issuer = Process::start("credmint serve", &mut command);
    // From the moment when it listens for signals.
    while !catches_hangup(issuer.id()) {
        std::thread::yield_now();
    }
    for _ in 0..10 {
        signal(issuer.id());
    }
    let _ = issuer.wait_for_line("\"serving\"");
    assert_eq!(world.get("/readyz").status, 200);
    assert!(issuer.stop().success());
}

/// Whether a process has a handler for SIGHUP, the first of the mask.
fn catches_hangup(process: u32) -> bool {
    let status = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status"));
    let status = status.expect("the process runs");
    let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).expect("a mask");
    u64::from_str_radix(mask.trim(), 16).expect("hexadecimal") & 1 == 1
}
