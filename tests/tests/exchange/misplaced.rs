//! A whole signed token in every place of a request where none belongs. Whoever sends it made a mistake, or tries what
//! is written down: neither the log of the issuer, on both its outputs, nor its audit records, nor an answer may have
//! it. The world looks through log and audit when it ends; here the answers are looked through, and that the signature
//! is nowhere.

use credmint_tests::fixtures::github_actions::Job;
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::world::request::TokenRequest;
use credmint_tests::world::{PROOF_AUDIENCE, World};
use serde_json::{Value, json};

/// The parameters that are read, and one that nobody knows.
const PARAMETERS: [&str; 9] = [
    "grant_type",
    "client_id",
    "client_assertion_type",
    "application_federated_credential_name",
    "client_assertion",
    "client_x509",
    "client_x509_chain",
    "scope",
    "unknown",
];

/// Header members that are read, named, refused or ignored (RFC 7515 section 4.1).
const HEADER: [&str; 12] =
    ["alg", "kid", "typ", "cty", "crit", "jku", "jwk", "x5u", "x5c", "x5t", "b64", "other"];

/// Registered claims, and claims that conditions and mappings of the world read.
const CLAIMS: [&str; 12] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "repository",
    "repository_id",
    "ref",
    "event_name",
    "environment",
];

fn signature(token: &str) -> &str {
    token.rsplit_once('.').map_or(token, |(_, signature)| signature)
}

/// A token of another issuer's key, and one of our own: both are usable somewhere.
fn secrets(world: &World) -> [String; 2] {
    let own = world.exchange(&world.github_request());
    let own = own.json()["access_token"].as_str().expect("a token").to_owned();
    [world.forge.token(&Job::on_main("example/other").claims("https://elsewhere.example")), own]
}

/// Sends it; no answer repeats the secret.
fn send(world: &World, request: &TokenRequest, secret: &str) {
    world.guard(secret);
    let answer = world.exchange(request);
    let shown = format!("{answer:?}");
    assert!(!shown.contains(signature(secret)), "{shown}");
}

fn check_files(world: &World, secrets: &[String]) {
    for secret in secrets {
        assert!(!world.audit().contains(signature(secret)), "in the audit");
        assert!(!world.log().contains(signature(secret)), "in the log");
    }
}

#[test]
fn i10_as_every_parameter() {
    let world = World::start();
    let secrets = secrets(&world);
    let [secret, own] = &secrets;
    for name in PARAMETERS {
        for good in [world.github_request(), world.pca_request(), world.ecs_request()] {
            send(&world, &good.clone().with(name, secret), secret);
            send(&world, &good.with(name, &format!("api.example.com|{own}")), own);
        }
        send(&world, &world.github_request().and(name, own), own);
    }
    // As the name of a parameter, twice, and as the whole body.
    send(&world, &world.github_request().and(own, "1").and(own, "2"), own);
    let form = [("Content-Type", "application/x-www-form-urlencoded")];
    let answer = world.post(&form, secret.as_bytes());
    assert!(!format!("{answer:?}").contains(signature(secret)));
    check_files(&world, &secrets);
}

#[test]
fn i10_as_every_header_member_and_claim() {
    let world = World::start();
    let secrets = secrets(&world);
    let [secret, own] = &secrets;
    let client = world.plant.client("press-7");
    for (place, secret) in [(json!(secret), secret), (json!([own, { "of": own }]), own)] {
        for member in HEADER {
            let mut header = jwt::pca_header(client.key());
            header[member] = place.clone();
            let signed = |key: &TestKey| {
                let claims = world.pca_claims().to_string();
                jwt::sign_text(key, key.algorithm(), &header.to_string(), &claims)
            };
            let request = world.pca_request_of(&client);
            send(&world, &request.with("client_assertion", &signed(client.key())), secret);
            // The same of a stranger: nobody who is known signed it.
            let request = world.github_request();
            send(&world, &request.with("client_assertion", &signed(&world.cluster)), secret);
        }
        for claim in CLAIMS {
            let mut claims: Value = Job::on_main("example/shop").claims(PROOF_AUDIENCE);
            claims[claim] = place.clone();
            send(&world, &world.github_request_with(&claims), secret);
            let mut claims = world.pca_claims();
            claims[claim] = place.clone();
            send(&world, &world.pca_request_with(&client, &claims), secret);
        }
    }
    check_files(&world, &secrets);
}
