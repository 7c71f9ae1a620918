//! The issuer under the system calls, address families and memory that the unit leaves it, without any capability. A
//! driver sets the filter up with libseccomp, as systemd does, from the lines of the unit.

use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Command;

use credmint_tests::environment;
use credmint_tests::world::World;
use credmint_tests::world::request::TokenRequest;

use crate::units::shipped;

/// `program` as the unit would run it. What it must not do kills it.
fn confined(program: &Path) -> Command {
    let mut command = Command::new(environment::python());
    command.arg(environment::python_driver("confined.py"));
    command.arg(environment::systemd_analyze()).arg(shipped("credmint.service")).arg(program);
    command
}

/// Whether filters can be made here at all.
fn is_possible() -> bool {
    let output = confined(Path::new("/bin/true")).output().expect("a driver");
    let said = String::from_utf8_lossy(&output.stderr);
    for missing in ["no libseccomp", "no user namespaces"] {
        if said.contains(missing) {
            println!("{missing} here: the system calls are not tested");
            return false;
        }
    }
    assert!(output.status.success(), "{said}");
    true
}

#[test]
fn the_unit_leaves_what_the_issuer_needs() {
    if !is_possible() {
        return;
    }
    let world = World::started_in(&confined, &[]);
    let granted = |request: &TokenRequest| {
        let answer = world.exchange(request);
        assert_eq!(answer.status, 200, "{answer:?}\n{}", world.log());
    };
    // The store, keys that are fetched over TLS, keys in files, and documents.
    granted(&world.pca_request());
    granted(&world.github_request());
    granted(&world.kubernetes_request());
    granted(&world.ecs_request());
    assert_eq!(world.minted(), 4);
}

/// The twin: what does more than that is killed at once (SIGSYS).
#[test]
fn the_unit_leaves_no_more() {
    if !is_possible() {
        return;
    }
    for more in [&["chroot", "/", "true"][..], &["unshare", "--net", "true"]] {
        let output = confined(Path::new("/usr/bin/env")).args(more).output().expect("a driver");
        let killed = output.status.signal() == Some(31);
        assert!(
            killed,
            "{more:?}: {:?} {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
