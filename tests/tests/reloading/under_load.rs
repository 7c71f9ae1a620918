//! Reloads while clients ask.

use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use credmint_tests::world::World;

use super::{BUSY, TOLD_ALONE, hang_up, pair, replace, wait_for_version};

/// Clients that ask at the same time.
const CLIENTS: usize = 3;

/// How often the configuration changes. Each third is a bad one.
const RELOADS: i64 = 100;

/// Each answer is a token, and of one version whole; a bad configuration changes nothing.
#[test]
fn i18_a_hundred_reloads_under_load_are_each_taken_whole() {
    let world = World::changed(&[TOLD_ALONE, BUSY]);
    let path = world.file("credmint.yaml");
    let first = fs::read_to_string(&path).expect("a configuration");
    replace(&path, &pair::configuration(&first, 0));
    hang_up(&world);
    wait_for_version(&world, 2);
    let request = pair::request(&world);
    let (stop, answers) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                let mut last = 0;
                while !stop.load(Ordering::Relaxed) {
                    let version = pair::ask(&world, &request);
                    assert!(version >= last, "an answer under a policy that was replaced");
                    last = version;
                    answers.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let mut taken = 2;
        for version in 1..=RELOADS {
            let text = pair::configuration(&first, version);
            if version % 3 == 0 {
                let mark = format!("spoilt_{version}");
                replace(
                    &path,
                    &text.replacen("  version: 1\n", &format!("  version: 1\n  {mark}: 1\n"), 1),
                );
                hang_up(&world);
                let record = world.record(&mark);
                assert!(record.text("error").contains("credmint.yaml"), "{record:?}");
            } else {
                replace(&path, &text);
                hang_up(&world);
                taken += 1;
                wait_for_version(&world, taken);
                assert_eq!(pair::ask(&world, &request), version);
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    assert!(answers.load(Ordering::Relaxed) > 100, "there was no load");
    assert_eq!(world.get("/readyz").status, 200);
}
