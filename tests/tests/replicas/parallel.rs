//! What may be used once is used once, however many ask and whomever they ask.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use credmint_tests::http_client::Answer;
use credmint_tests::world::{ISSUER_PATH, World};

const TIMES: usize = 1000;
const CLIENTS: usize = 20;

/// One assertion a thousand times in parallel, to each replica and to both through Envoy: one token.
#[test]
fn i06_one_assertion_a_thousand_times_at_two_replicas_gives_one_token() {
    let world = World::start_replicated();
    let request = world.pca_request();
    world.guard(request.get("client_assertion"));
    let body = request.body();
    let mut doors = world.replicas();
    doors.push(world.address());
    let next = AtomicUsize::new(0);
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let path = format!("{ISSUER_PATH}/token");
    let ask = || -> Vec<Answer> {
        let numbers = std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed));
        numbers
            .take_while(|number| *number < TIMES)
            .map(|number| {
                let door = doors[number % doors.len()];
                world.client().request(door, "POST", &path, &form, body.as_bytes())
            })
            .collect()
    };
    let answers: Vec<Answer> = thread::scope(|scope| {
        let asking: Vec<_> = (0..CLIENTS).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().flat_map(|one| one.join().expect("answers")).collect()
    });
    assert_eq!(answers.len(), TIMES);
    let (granted, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(granted.len(), 1, "{granted:?}");
    world.guard(granted[0].json()["access_token"].as_str().expect("a token"));
    for answer in refused {
        let said = answer.json();
        let description = said["error_description"].as_str().unwrap_or_default();
        assert!(answer.status == 401 && description.starts_with("replayed: "), "{answer:?}");
    }
    assert_eq!(world.minted(), 1);
    let consumed = world.database().query("SELECT count(*) FROM consumed");
    assert_eq!(consumed.trim(), "1");
}

/// One that a replica granted is refused by the other, and after both were started again.
#[test]
fn i06_what_one_replica_granted_no_other_grants_again() {
    let mut world = World::start_replicated();
    let request = world.pca_request();
    let body = request.body();
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let path = format!("{ISSUER_PATH}/token");
    let statuses = |world: &World| -> Vec<u16> {
        let ask = |door| world.client().request(door, "POST", &path, &form, body.as_bytes()).status;
        world.replicas().into_iter().map(ask).collect()
    };
    assert_eq!(world.exchange(&request).status, 200);
    assert_eq!(statuses(&world), [401, 401]);
    world.restart();
    assert_eq!(statuses(&world), [401, 401]);
    assert_eq!(world.minted(), 1);
}
