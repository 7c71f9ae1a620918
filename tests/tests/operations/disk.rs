//! I21: the disk of the audit is full in the middle of a record, and has room again.

use crate::{credmint, said};
use credmint_tests::process::run;
use credmint_tests::world::World;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// How long readiness may take to come back: the parts are looked at once a second, and machines are busy.
const READY: Duration = Duration::from_secs(10);

/// How often it is asked for. Each question is a handshake, and `limits.handshakes_per_source` resets the connections of a
/// source that begins too many.
const POLL: Duration = Duration::from_millis(50);

/// The issuer where a file that grows over a limit is an error and not a signal, as on a full disk.
fn limited(program: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(program);
    command
}

fn limit(world: &World, bytes: &str) {
    let (pid, size) = (world.issuer_id().to_string(), format!("--fsize={bytes}:"));
    let _ = run("prlimit", Command::new("prlimit").args(["--pid", &pid, &size]));
}

fn wait_until_ready(world: &World) {
    let deadline = Instant::now() + READY;
    loop {
        let ready = world.get("/readyz");
        if ready.status == 200 {
            return;
        }
        assert!(Instant::now() < deadline, "not ready within {READY:?}: {ready:?}");
        thread::sleep(POLL);
    }
}

#[test]
fn i21_a_full_disk_swallows_no_token() {
    let world = World::started_in(&limited, &[]);
    assert_eq!(world.exchange(&world.github_request()).status, 200);
    let before = world.audit();
    // Some bytes of the next record have room.
    limit(&world, &(before.len() + 200).to_string());
    for _ in 0..3 {
        let answer = world.exchange(&world.github_request());
        assert_eq!(answer.status, 503, "{answer:?}");
    }
    let torn = world.audit();
    assert!(torn.len() == before.len() + 200 && !torn.ends_with('\n'), "{torn}");
    let ready = world.get("/readyz");
    assert_eq!(ready.status, 503, "{ready:?}");
    assert!(ready.body.contains("audit"), "{ready:?}");
    limit(&world, "unlimited");
    assert_eq!(world.exchange(&world.github_request()).status, 200);
    wait_until_ready(&world);

    let text = world.audit();
    let records: Vec<Option<Value>> =
        text.lines().map(|line| serde_json::from_str(line).ok()).collect();
    let accepted = records.iter().flatten().filter(|record| record["verdict"] == "accept");
    assert_eq!(accepted.count(), 2, "{text}");
    assert_eq!(records.iter().filter(|record| record.is_none()).count(), 1, "{text}");
    let repair = records.iter().flatten().find(|record| record["kind"] == "repair").expect("one");
    assert!(repair["torn"]["bytes"] == 200 && repair["lost"] == 1, "{repair}");
    let audit = world.file("audit.jsonl").display().to_string();
    let policy = world.file("credmint.yaml").display().to_string();
    let replayed = said(&credmint(&["replay", "--policy", &policy, &audit]));
    assert_eq!(
        replayed,
        "2 records: 2 judged, 0 changed, 0 unclear, 0 unrelated to the policy\nleft out as torn: 1\n"
    );
    let keys = world.write("jwks.json", &world.jwks().to_string()).display().to_string();
    let verified = said(&credmint(&["audit", "verify", &audit, "--jwks", &keys]));
    assert!(verified.ends_with("1 torn lines; 0 findings\n"), "{verified}");
    // What the world looks at in the end is made of records.
    let whole = text.lines().zip(&records).filter(|(_, record)| record.is_some());
    let whole: String = whole.map(|(line, _)| format!("{line}\n")).collect();
    fs::write(world.file("audit.jsonl"), whole).expect("the file");
}
