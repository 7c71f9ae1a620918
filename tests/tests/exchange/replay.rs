//! An assertion serves once, whatever else happens.

use std::thread;

use credmint_core::{Code, JWT_BEARER_ASSERTION, base64};
use credmint_tests::fixtures::jwt;
use credmint_tests::world::World;
use credmint_tests::world::request::TokenRequest;
use serde_json::json;

use crate::refusal;

#[test]
fn one_assertion_at_a_hundred_doors() {
    // All of them may wait for their turn, however few cores there are: the store says no, not the crowd.
    let patient = "  audit: audit.jsonl\n  limits: { decisions_waiting: 100 }";
    let world = World::changed(&[("  audit: audit.jsonl", patient)]);
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

/// The certificate beside the request or in the header: it is one assertion, whichever comes first.
#[test]
fn one_jti_serves_once_whatever_the_form() {
    let world = World::changed(&[
        (
            "roots: [{ file: plant-root.pem }]",
            "roots: [{ file: plant-root.pem }]\n      x5c: accept",
        ),
        (
            "          provider: plant\n",
            "          provider: plant\n          discoverable: true\n",
        ),
    ]);
    let client = world.plant.client("press-7");
    let chain = [client.certificate_der(), world.plant.intermediate_der()];
    let requests = || {
        let mut claims = world.pca_claims();
        claims["aud"] = json!(world.issuer_url());
        let beside = world.pca_request_with(&client, &claims);
        let mut header = jwt::pca_header(client.key());
        header["x5c"] = chain.iter().map(|der| base64::encode_standard(der)).collect();
        let header = jwt::sign(client.key(), &header, &claims);
        let header = TokenRequest::new("", "", "", &header)
            .without("client_id")
            .without("application_federated_credential_name")
            .with("client_assertion_type", JWT_BEARER_ASSERTION);
        [beside, header]
    };
    for swap in [false, true] {
        let [mut first, mut second] = requests();
        if swap {
            std::mem::swap(&mut first, &mut second);
        }
        assert_eq!(world.exchange(&first).status, 200);
        refusal::check(&world, &world.exchange(&second), Code::ProofReplayed);
    }
    assert_eq!(world.minted(), 2);
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
