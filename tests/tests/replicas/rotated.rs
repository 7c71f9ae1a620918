//! Keys and policies change under load, and nobody who asks or verifies is refused for it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::RwLock;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;

use credmint_tests::environment;
use credmint_tests::fixtures::clock::now;
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::kubernetes;
use credmint_tests::fixtures::moved_clock::MovedClock;
use credmint_tests::process::run;
use credmint_tests::world::edge::Edge;
use credmint_tests::world::request::TokenRequest;
use credmint_tests::world::{ISSUER_PATH, PROOF_AUDIENCE, World, node};
use serde_json::{Value, json};

const ROTATIONS: usize = 10;
const RELOADS: usize = 10;
const CLIENTS: usize = 2;
/// Seconds that pass between a key that every replica publishes and its first signature, and a little.
const PUBLISHED: i64 = 15 * 60 + 60;

const FORM: [(&str, &str); 1] = [("Content-Type", "application/x-www-form-urlencoded")];

/// Ten rotations and a hundred reloads at both replicas. Every request is granted, and every token is good at once in Envoy, and
/// in Node. The clocks of all of them are moved together; while they move, nobody asks.
#[test]
fn i05_i18_ten_rotations_and_a_hundred_reloads_refuse_nobody() {
    let (clock, ahead) = (MovedClock::new(), AtomicI64::new(0));
    let place = |program: &Path| {
        let mut command = Command::new(program);
        clock.give_to(&mut command);
        command
    };
    let world = World::replicated_in(&place);
    let edge = Edge::start(&world, &place);
    let (moving, over) = (RwLock::new(()), AtomicBool::new(false));
    let ask = |tokens: Sender<String>| {
        while !over.load(Ordering::Relaxed) {
            let _unmoved = moving.read().expect("the clock");
            let request = request(&world, ahead.load(Ordering::Relaxed));
            let answer = world.post(&FORM, request.body().as_bytes());
            assert_eq!(answer.status, 200, "{answer:?}\n{}", world.log());
            let token = answer.json()["access_token"].as_str().expect("a token").to_owned();
            let guarded = edge.get(&token);
            assert_eq!((guarded.status, guarded.body.as_str()), (200, "app_orders"), "{guarded:?}");
            // Nobody collects them when all is over.
            let _ = tokens.send(token);
        }
    };
    let configurations = ["a", "b"].map(|name| world.file(&format!("credmint-{name}.yaml")));
    let (send, tokens) = mpsc::channel();
    let (mut kids, mut verified) = (Vec::new(), 0);
    thread::scope(|scope| {
        for _ in 0..CLIENTS {
            let (ask, send) = (&ask, send.clone());
            scope.spawn(move || ask(send));
        }
        // However this ends, nobody asks on.
        let _stop = Stop(&over);
        for rotation in 0..ROTATIONS {
            let mut rotate = place(&environment::credmint());
            rotate.args(["keys", "rotate", "--format", "json", "--config"]).arg(&configurations[0]);
            let said: Value = serde_json::from_str(&run("keys rotate", &mut rotate)).expect("JSON");
            let next = said["rotated"][0]["kid"].as_str().expect("a kid").to_owned();
            for reload in 0..RELOADS {
                let lifetime = 1800 + rotation * RELOADS + reload;
                reload_both(&world, &configurations, lifetime, ahead.load(Ordering::Relaxed));
            }
            wait_for(&tokens, |_| is_published(&world, &next));
            {
                let _moved = moving.write().expect("the clock");
                clock.set_ahead(ahead.fetch_add(PUBLISHED, Ordering::Relaxed) + PUBLISHED);
            }
            let seen = wait_for(&tokens, |token| jwt::header(token)["kid"] == json!(next));
            let texts: Vec<&str> = seen.iter().rev().take(20).map(String::as_str).collect();
            for answer in node::verify(&world, &place, &texts) {
                assert_eq!(answer["ok"], true, "{answer}");
                verified += 1;
            }
            kids.push(next);
        }
    });
    kids.sort();
    kids.dedup();
    assert_eq!(kids.len(), ROTATIONS);
    assert!(verified >= ROTATIONS, "{verified} in Node");
    assert_eq!(world.envoy_log().matches("upstream").count(), 0, "{}", world.envoy_log());
}

/// Ends the load when it is dropped.
struct Stop<'a>(&'a AtomicBool);

impl Drop for Stop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A token of the cluster at a time that is so much ahead.
fn request(world: &World, ahead: i64) -> TokenRequest {
    let mut claims = kubernetes::claims("shop", "orders", PROOF_AUDIENCE);
    let now = now() + ahead;
    for (name, time) in [("iat", now), ("nbf", now), ("exp", now + 600)] {
        claims[name] = json!(time);
    }
    let token = kubernetes::token(&world.cluster, &claims);
    TokenRequest::new("app_orders", "pod", "id-token-bearer", &token)
}

/// Both replicas take up a policy by whose tokens live that long, which the next answers show.
fn reload_both(world: &World, configurations: &[PathBuf; 2], lifetime: usize, ahead: i64) {
    for (configuration, process) in configurations.iter().zip(world.replica_ids()) {
        let text = fs::read_to_string(configuration).expect("a configuration");
        let changed: String = text
            .lines()
            .map(|line| match line.starts_with("  token_lifetime: ") {
                true => format!("  token_lifetime: {lifetime}s\n"),
                false => format!("{line}\n"),
            })
            .collect();
        let beside = configuration.with_extension("next");
        fs::write(&beside, changed).expect("a file");
        fs::rename(&beside, configuration).expect("a file that is replaced");
        let _ = run("kill", Command::new("kill").args(["-HUP", &process.to_string()]));
    }
    for replica in world.replicas() {
        let path = format!("{ISSUER_PATH}/token");
        let lives = || {
            let body = request(world, ahead).body();
            let answer = world.client().request(replica, "POST", &path, &FORM, body.as_bytes());
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.json()["expires_in"].as_u64()
        };
        let wanted = u64::try_from(lifetime).ok();
        assert!((0..1000).any(|_| lives() == wanted), "no reload to {lifetime}");
    }
}

/// Whether both replicas publish the key.
fn is_published(world: &World, kid: &str) -> bool {
    world.replicas().into_iter().all(|replica| {
        let set = world.client().get(replica, &format!("{ISSUER_PATH}/jwks")).json();
        set["keys"].as_array().expect("keys").iter().any(|key| key["kid"] == json!(kid))
    })
}

/// Takes tokens as they come until one shows what is waited for, and gives those that came.
fn wait_for(tokens: &mpsc::Receiver<String>, is_there: impl Fn(&str) -> bool) -> Vec<String> {
    let mut seen = Vec::new();
    for token in tokens {
        let found = is_there(&token);
        seen.push(token);
        if found {
            return seen;
        }
        assert!(seen.len() < 5000, "it never came");
    }
    panic!("nobody asks any more")
}
