//! Tokens of the real issuer at both edges: verified by the npm package in Node, and by the filter in
//! Envoy. Both fetch the issuer's keys over https by themselves, and both must agree.

use std::path::Path;
use std::process::Command;

use credmint_tests::fixtures::jwt;
use credmint_tests::world::edge::Edge;
use credmint_tests::world::request::TokenRequest;
use credmint_tests::world::{World, node};
use serde_json::json;

fn here(program: &Path) -> Command {
    Command::new(program)
}

fn token(world: &World, request: &TokenRequest) -> String {
    let answer = world.exchange(request);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["access_token"].as_str().expect("a token").to_owned()
}

#[test]
fn tokens_of_every_proof_pass_both_edges() {
    for algorithm in ["ES256", "RS256"] {
        let change = format!("algorithm: {algorithm}");
        let world = World::changed(&[("algorithm: ES256", &change)]);
        let edge = Edge::start(&world, &here);
        let requests = [
            (world.pca_request(), "app_press:urn:plant:press-7"),
            (world.github_request(), "app_deploy:urn:run:1001"),
            (world.kubernetes_request(), "app_orders"),
            (world.ecs_request(), "app_batch:urn:ecs:i-batch1"),
            (world.ec2_request(), "app_batch:urn:ec2:i-1a2b3c4d"),
        ];
        let tokens: Vec<_> = requests.iter().map(|(request, _)| token(&world, request)).collect();
        let texts: Vec<_> = tokens.iter().map(String::as_str).collect();
        let answers = node::verify(&world, &here, &texts);
        for (((request, subject), token), node) in requests.iter().zip(&tokens).zip(answers) {
            assert_eq!(node["ok"], true, "{node}");
            assert_eq!(node["subject"], *subject);
            assert_eq!(node["clientId"], request.get("client_id"));
            assert_eq!(node["scope"], json!(["read:file"]));
            let envoy = edge.get(token);
            assert_eq!((envoy.status, envoy.body.as_str()), (200, *subject), "{envoy:?}");
        }
    }
}

#[test]
fn what_is_no_good_token_passes_neither() {
    let world = World::start();
    let edge = Edge::start(&world, &here);
    let good = token(&world, &world.github_request());
    let mut claims = jwt::claims(&good);
    claims["sub"] = json!("app_admin");
    let altered = jwt::with_payload(&good, &claims);
    let writer = world.github_request().with("scope", "api.example.com|write");
    let writer = token(&world, &writer);
    let proof = world.github_request().get("client_assertion").to_owned();
    world.guard(&altered);

    let tokens = [altered.as_str(), &writer, &proof, "a.b.c"];
    let expect = [
        (401, "not_trusted"),
        (403, "insufficient_scope"),
        (401, "not_trusted"),
        (401, "malformed_proof"),
    ];
    let answers = node::verify(&world, &here, &tokens);
    for ((token, (status, public)), node) in tokens.iter().zip(expect).zip(answers) {
        assert_eq!((&node["ok"], &node["publicCode"]), (&json!(false), &json!(public)), "{node}");
        let envoy = edge.get(token);
        assert_eq!((envoy.status, envoy.header("credmint-error")), (status, Some(public)));
    }
}
