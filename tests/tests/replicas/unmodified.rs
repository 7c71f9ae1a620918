//! Clients that nobody changed: Alibaba Cloud's own, and those of `examples/clients`.

use std::process::Command;

use credmint_tests::environment;
use credmint_tests::process::run;
use credmint_tests::world::token::AccessToken;
use credmint_tests::world::{ISSUER_PATH, World};
use serde_json::{Value, json};

use crate::clients::{Audience, CLIENTS, Client, Proof};
use crate::door::Door;

/// Alibaba Cloud's client, by certificate and by token.
#[test]
fn alibaba_clouds_sdk() {
    let world = World::start_replicated();
    let client = world.plant.client("press-7");
    world.guard(&client.key().pkcs8_pem());
    let certificate = world.write("client.pem", &client.certificate_pem());
    let chain = world.write("chain.pem", &world.plant.intermediate_pem());
    let key = world.write("client.key.pem", &client.key().pkcs8_pem());
    let token = world.kubernetes_request().get("client_assertion").to_owned();
    world.guard(&token);
    let token = world.write("token", &token);
    let drive = |mode: &str, client: &str, credential: &str, files: &[(&str, &std::path::Path)]| {
        let mut command = Command::new(environment::python());
        command
            .arg(environment::python_driver("sdk_client.py"))
            .args([mode, "--token-endpoint", &world.token_endpoint()])
            .args(["--client-id", client, "--credential", credential])
            .arg("--ca")
            .arg(world.file("tls-ca.pem"));
        for (name, file) in files {
            command.arg(name).arg(file);
        }
        let line = run("sdk_client.py", &mut command);
        let answer: Value = serde_json::from_str(&line).expect("JSON");
        assert_eq!(answer["ok"], true, "{answer}\n{}", world.log());
        let token = answer["token"].as_str().expect("a token").to_owned();
        world.guard(&token);
        AccessToken::verify(&token, &world.jwks()).claims
    };
    // More often than there are replicas: each of them is met.
    for _ in 0..4 {
        let files: [(&str, &std::path::Path); 3] =
            [("--certificate", &certificate), ("--chain", &chain), ("--key", &key)];
        let claims = drive("pca", "app_press", "machine", &files);
        assert_eq!(claims["sub"], "app_press:urn:plant:press-7");
        assert_eq!(claims["iss"], world.issuer_url());
    }
    let claims = drive("oidc", "app_orders", "pod", &[("--token-file", &token)]);
    assert_eq!(claims["sub"], "app_orders");
    assert_eq!(world.minted(), 5);
}

/// Every client of the examples that asks for a token for itself, one after the other.
#[test]
fn stock_clients() {
    let mut door = Door::of(ISSUER_PATH, |template, changes, files| {
        World::replicated(&|program| Command::new(program), template, changes, files)
    });
    let mut granted = 0;
    for client in CLIENTS.iter().filter(|client| is_here(client)) {
        let good = door.good(client);
        let answers = door.run(client.script, &[good]);
        let [answer] = &answers[..] else { panic!("{}: {answers:?}", client.script) };
        assert_eq!(answer["ok"], true, "{}: {answer}\n{}", client.script, door.world.log());
        let token = answer["token"].as_str().expect("a token");
        let claims = door.claims(token);
        let audience = match client.audience {
            Audience::Named => "https://api.example.com/v1",
            _ => "api.example.com",
        };
        assert_eq!(claims["aud"], json!(audience), "{}", client.script);
        assert_eq!(claims["iss"], door.issuer(), "{}", client.script);
        granted += 1;
    }
    assert!(granted >= 15, "{granted} clients");
    assert_eq!(door.world.minted(), granted);
}

/// Those that need a protected resource or addresses of Entra's have tests of their own, with one issuer.
fn is_here(client: &Client) -> bool {
    let elsewhere = ["azure", "msal", "rust/"].iter().any(|part| client.script.contains(part));
    // A runner of a forge is not part of this.
    !client.answers() && !elsewhere && client.proof != Proof::Job
}
