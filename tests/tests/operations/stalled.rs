//! I20: both outputs of the issuer are pipes that nobody reads.

use credmint_tests::environment;
use credmint_tests::http_client::get_plain;
use credmint_tests::process::free_address;
use credmint_tests::world::{ISSUER_PATH, World};
use std::fs;
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// What a request may take whose record cannot be written: the wait for it, on a busy machine.
const REFUSED: Duration = Duration::from_secs(8);

/// What the end of the process may take: each of its waits is bounded.
const STOPPED: Duration = Duration::from_secs(30);

/// A process whose pipes are held and never read.
struct Unread(Child);

impl Unread {
    fn start(config: &str, listening: SocketAddr) -> Self {
        let child = Command::new(environment::credmint())
            .args(["serve", "--config", config])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut unread = Self(child);
        while TcpStream::connect(listening).is_err() {
            let ended = unread.0.try_wait().expect("a child");
            assert!(ended.is_none(), "it ended: {ended:?}");
            std::thread::yield_now();
        }
        unread
    }
}

impl Drop for Unread {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn i20_outputs_that_nobody_reads_stop_nothing_but_decisions() {
    let world = World::start();
    let (main, operations) = (free_address(), free_address());
    let text = fs::read_to_string(world.file("credmint.yaml")).expect("the configuration");
    let text = text
        .replace(&world.address().to_string(), &main.to_string())
        .replace("state_directory: state", "state_directory: stalled");
    let to_file = text.lines().find(|line| line.starts_with("  audit: ")).expect("an audit");
    let unread = format!("  audit: stdout\n  operations: {{ listen: '{operations}' }}");
    let text = text.replace(to_file, &unread);
    let config = world.write("stalled.yaml", &text).display().to_string();
    let mut issuer = Unread::start(&config, main);

    let ask = || {
        let begun = Instant::now();
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        let body = world.github_request().body();
        world.guard(world.github_request().get("client_assertion"));
        let path = format!("{ISSUER_PATH}/token");
        let answer = world.client().request(main, "POST", &path, &form, body.as_bytes());
        assert!(begun.elapsed() < REFUSED, "{:?}: {answer:?}", begun.elapsed());
        answer
    };
    let (mut granted, begun) = (0, Instant::now());
    let refused = loop {
        let answer = ask();
        match answer.status {
            200 => granted += 1,
            _ => break answer,
        }
        assert!(begun.elapsed() < STOPPED * 4, "it is never full: {granted}");
    };
    assert_eq!((refused.status, granted > 0), (503, true), "{refused:?}");
    assert_eq!(refused.header("credmint-error"), Some("temporarily_unavailable"));
    // The log is written to as well, and nobody waits for it.
    for _ in 0..50 {
        let begun = Instant::now();
        assert_eq!(ask().status, 503);
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    }
    assert_eq!(world.client().get(main, "/healthz").status, 200);
    let ready = world.client().get(main, "/readyz");
    assert_eq!((ready.status, ready.body.as_str()), (503, "not ready: audit\n"));
    assert_eq!(get_plain(operations, "/livez", &[]).status, 200);
    let ready = get_plain(operations, "/readyz", &[]);
    assert_eq!(ready.status, 503);
    assert!(ready.body.starts_with("audit: ") && ready.body.contains("nobody reads"), "{ready:?}");
    let metrics = get_plain(operations, "/metrics", &[]).body;
    assert!(metrics.contains("credmint_audit_unavailable_total{reason=\"late\"}"), "{metrics}");
    assert!(metrics.contains("credmint_ready{part=\"audit\"} 0"), "{metrics}");

    let begun = Instant::now();
    let asked = Command::new("kill").arg(issuer.0.id().to_string()).status();
    assert!(asked.is_ok_and(|status| status.success()));
    while issuer.0.try_wait().expect("a child").is_none() {
        assert!(begun.elapsed() < STOPPED, "it does not end");
        std::thread::yield_now();
    }
}
