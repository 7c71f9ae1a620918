//! A replica that is killed in the middle of its work, again and again, while clients go on.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use credmint_tests::world::request::TokenRequest;
use credmint_tests::world::token::AccessToken;
use credmint_tests::world::{ISSUER_PATH, World};
use serde_json::Value;

const KILLS: usize = 20;
const CLIENTS: usize = 4;
/// Exchanges between a start and the next kill.
const BETWEEN: usize = 20;
/// How soon a killed replica serves again.
const AGAIN: Duration = Duration::from_secs(1);

/// No assertion is used twice, whatever became of the answer; no key is lost; each replica serves again within a second.
#[test]
fn i06_a_replica_killed_twenty_times_under_load() {
    let world = World::start_replicated();
    let before = world.jwks();
    let clients: Vec<_> = (0..CLIENTS).map(|_| world.plant.client("press-7")).collect();
    let over = AtomicBool::new(false);
    let load = |client, done: Sender<()>| {
        let mut asked: Vec<(TokenRequest, u16, Value)> = Vec::new();
        while !over.load(Ordering::Relaxed) {
            let request = world.pca_request_of(client);
            let answer = world.exchange(&request);
            let token = if answer.status == 200 { answer.json() } else { Value::Null };
            asked.push((request, answer.status, token));
            // Nobody listens when all is over.
            let _ = done.send(());
        }
        asked
    };
    let (done, exchanged) = mpsc::channel();
    let (asked, took) = thread::scope(|scope| {
        let load = &load;
        let spawn = |one| {
            let done = done.clone();
            scope.spawn(move || load(one, done))
        };
        let asking: Vec<_> = clients.iter().map(spawn).collect();
        let mut took = Vec::new();
        for round in 0..KILLS {
            exchanged.iter().take(BETWEEN).for_each(drop);
            world.kill(round % 2);
            took.push(world.start_again(round % 2));
        }
        over.store(true, Ordering::Relaxed);
        let asked: Vec<_> =
            asking.into_iter().flat_map(|one| one.join().expect("answers")).collect();
        (asked, took)
    });
    let mut statuses = BTreeMap::new();
    asked.iter().for_each(|(_, status, _)| *statuses.entry(*status).or_insert(0) += 1);
    println!("{statuses:?}; served again after {took:?}");

    // 503 is Envoy's for a request that died with its replica, and the other replica's own; nothing else went wrong.
    assert!(statuses.keys().all(|status| [200, 503].contains(status)), "{statuses:?}");
    assert!(statuses[&200] >= KILLS * BETWEEN / 2, "{statuses:?}");
    assert!(took.iter().all(|one| *one < AGAIN), "{took:?}");

    // Each assertion once more, at both replicas. One that was granted is refused; one whose answer was lost is granted once
    // at the most.
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let path = format!("{ISSUER_PATH}/token");
    for (request, status, _) in &asked {
        let body = request.body();
        let again: Vec<u16> = world
            .replicas()
            .into_iter()
            .map(|replica| {
                let client = world.client();
                let answer = client.request(replica, "POST", &path, &form, body.as_bytes());
                if answer.status == 200 {
                    world.guard(answer.json()["access_token"].as_str().expect("a token"));
                }
                answer.status
            })
            .collect();
        let tokens = again.iter().filter(|status| **status == 200).count();
        let most = usize::from(*status != 200);
        assert!(tokens <= most, "{status}, then {again:?}\n{}", world.log());
    }

    // Every token was signed with a key that is still published, and none of those before is gone.
    let after = world.jwks();
    for (_, _, answer) in asked.iter().filter(|(_, status, _)| *status == 200) {
        let token = answer["access_token"].as_str().expect("a token");
        assert_eq!(AccessToken::verify(token, &after).claims["sub"], "app_press:urn:plant:press-7");
    }
    for key in before["keys"].as_array().expect("keys") {
        assert!(after["keys"].as_array().expect("keys").contains(key), "{key} is not in {after}");
    }
}
