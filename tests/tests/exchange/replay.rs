//! An assertion serves once, whatever else happens.

use std::thread;

use credmint_core::Code;
use credmint_tests::world::World;
use serde_json::json;

use crate::refusal;

#[test]
fn one_assertion_at_a_hundred_doors() {
    let world = World::start();
    let request = world.pca_request();
    let answers: Vec<_> = thread::scope(|scope| {
        let asking: Vec<_> = (0..100).map(|_| scope.spawn(|| world.exchange(&request))).collect();
        asking.into_iter().map(|one| one.join().expect("an answer")).collect()
    });
    let (granted, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == 200);
    assert_eq!((granted.len(), refused.len()), (1, 99));
    for answer in refused {
        refusal::check(&world, answer, Code::ProofReplayed);
    }
    assert_eq!(world.minted(), 1);
}

#[test]
fn a_restart_forgets_nothing() {
    let mut world = World::start();
    let request = world.pca_request();
    assert_eq!(world.exchange(&request).status, 200);
    world.restart();
    refusal::check(&world, &world.exchange(&request), Code::ProofReplayed);
    assert_eq!(world.exchange(&world.pca_request()).status, 200);
    assert_eq!(world.minted(), 2);
}

/// The `jti` counts, not the bytes: another signature over the same `jti` is no other assertion.
#[test]
fn the_same_jti_in_another_assertion() {
    let world = World::start();
    let client = world.plant.client("press-7");
    let mut claims = world.pca_claims();
    assert_eq!(world.exchange(&world.pca_request_with(&client, &claims)).status, 200);
    claims["exp"] = json!(claims["exp"].as_i64().expect("a time") - 1);
    let again = world.pca_request_with(&client, &claims);
    refusal::check(&world, &world.exchange(&again), Code::ProofReplayed);
    assert_eq!(world.minted(), 1);
}

/// A refused request consumes nothing: what was wrong can be put right and sent again.
#[test]
fn refusals_consume_nothing() {
    let world = World::start();
    let request = world.pca_request();
    let wrong_scope = request.clone().with("scope", "api.example.com|admin");
    refusal::check(&world, &world.exchange(&wrong_scope), Code::ScopeNotGranted);
    assert_eq!(world.exchange(&request).status, 200);
}

/// Tokens and documents of platforms are handed out many times by the platforms themselves.
#[test]
fn other_proofs_may_be_sent_again() {
    let world = World::start();
    for request in [
        world.github_request(),
        world.kubernetes_request(),
        world.ecs_request(),
        world.ec2_request(),
    ] {
        for _ in 0..2 {
            assert_eq!(world.exchange(&request).status, 200);
        }
    }
}
