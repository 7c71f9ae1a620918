//! Alibaba Cloud's own client library, unmodified, against the real issuer over https.

use std::path::{Path, PathBuf};
use std::process::Command;

use credmint_core::Code;
use credmint_tests::environment;
use credmint_tests::fixtures::clock::now;
use credmint_tests::fixtures::github_actions::Job;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::oidc_issuer::Behaviour;
use credmint_tests::fixtures::private_ca::{Client, ClientProfile};
use credmint_tests::namespace::{ECS_METADATA, Namespace};
use credmint_tests::process::{Process, free_address, run};
use credmint_tests::world::proofs::{ECS_ACCOUNT, ECS_INSTANCE};
use credmint_tests::world::request::TokenRequest;
use credmint_tests::world::token::AccessToken;
use credmint_tests::world::{Place, World};
use serde_json::{Value, json};

#[test]
fn pca() {
    let world = World::start();
    let profile = ClientProfile::new("press-7");
    for key in [TestKey::ec(), TestKey::ec_p384(), TestKey::rsa(), TestKey::rsa_of(3072)] {
        let answer = sdk_pca(&world, &world.plant.issue(&profile, key));
        assert_eq!(granted(&world, &answer)["sub"], "app_press:urn:plant:press-7");
    }
    assert_eq!(world.minted(), 4);
}

#[test]
fn pca_refused() {
    let world = World::start();
    let check = |client: &Client, code| {
        let answer = sdk_pca(&world, client);
        refused(&world, &answer, code);
    };
    check(&world.plant.impostor().client("press-7"), Code::PathSignatureInvalid);
    check(&world.plant.client("press-8"), Code::VerificationConditionFalse);
    let expired = ClientProfile::new("press-7").expired();
    check(&world.plant.issue(&expired, TestKey::ec()), Code::CertificateExpired);
    assert_eq!(world.minted(), 0);
}

#[test]
fn oidc() {
    let world = World::start();
    let answer = sdk_oidc(&world, &world.kubernetes_request(), "\n");
    assert_eq!(granted(&world, &answer)["sub"], "app_orders");
    let answer = sdk_oidc(&world, &world.github_request(), "");
    assert_eq!(granted(&world, &answer)["sub"], "app_deploy:urn:run:1001");
}

#[test]
fn oidc_refused() {
    let world = World::start();
    let fork = Job { repository_id: "78".to_owned(), ..Job::on_main("example/shop") };
    let answer = sdk_oidc(&world, &world.github_request_of(&fork), "");
    refused(&world, &answer, Code::VerificationConditionFalse);
    let unknown = world.github_request().with("client_id", "app_gone");
    refused(&world, &sdk_oidc(&world, &unknown, ""), Code::ClientUnknown);
    let scope = world.github_request().with("scope", "api.example.com|admin");
    refused(&world, &sdk_oidc(&world, &scope, ""), Code::ScopeNotGranted);
    assert_eq!(world.minted(), 0);
}

/// What is the server's fault comes out as another exception.
#[test]
fn oidc_while_the_forge_is_down() {
    let world = World::start();
    world.forge.discovery_behaves(Behaviour::Status(502));
    let answer = sdk_oidc(&world, &world.github_request(), "");
    refused(&world, &answer, Code::KeysUnavailable);
}

/// The library has no provider for EC2 that works; users hand it the document.
#[test]
fn ec2_document() {
    let world = World::start();
    let document = |pending_time| world.ec2.ec2_document(&World::ec2_instance(pending_time));
    let answer = sdk_document(&world, &document(now()));
    assert_eq!(granted(&world, &answer)["sub"], "app_batch:urn:ec2:i-1a2b3c4d");
    let answer = sdk_document(&world, &document(now() - 1300));
    refused(&world, &answer, Code::DocumentStale);
}

/// In a namespace the library is wholly untouched: it asks 100.100.100.200, and gets the document of an
/// instance that the issuer knows, or of one that it does not.
#[test]
fn ecs_in_a_namespace() {
    let Some(namespace) = Namespace::open(&[ECS_METADATA]) else {
        println!(
            "no network namespaces here: the address of the metadata service is replaced inside of \
             the library instead"
        );
        let metadata = free_address();
        let url = ["--metadata".to_owned(), format!("http://{metadata}")];
        return ecs(&|program| Command::new(program), &metadata.to_string(), &url);
    };
    ecs(&|program| namespace.command(program), &format!("{ECS_METADATA}:80"), &[]);
}

fn ecs(place: Place<'_>, metadata: &str, arguments: &[String]) {
    let world = World::started_in(place, &[]);
    let check = |instance: &str, audience: &str| {
        let mut command = place(Path::new(env!("CARGO_BIN_EXE_stand-in")));
        command.arg("metadata").arg("--seed").arg(world.file("seed"));
        command.args(["--listen", metadata, "--audience", audience]);
        command.args(["--ecs-account", ECS_ACCOUNT, "--ecs-instance", instance]);
        let service = Process::start("metadata", &mut command);
        let _ = service.wait_for_line("listens on");
        let request = TokenRequest::new("app_batch", "ecs", "", "");
        drive(&world, place, "pkcs7", &request, arguments)
    };
    for audience in ["raw", "escaped"] {
        let answer = check(ECS_INSTANCE, audience);
        let token = answer["token"].as_str().unwrap_or_else(|| panic!("{answer}"));
        world.guard(token);
    }
    assert_eq!(world.minted(), 2);
    refused(&world, &check("i-other", "raw"), Code::VerificationConditionFalse);
}

/// The library trusts our CA because it is told to, and no other.
#[test]
fn the_servers_certificate_is_checked() {
    let (world, other) = (World::start(), World::start());
    std::fs::copy(other.file("tls-ca.pem"), world.file("tls-ca.pem")).expect("a copy");
    let answer = sdk_oidc(&world, &world.kubernetes_request(), "");
    assert_eq!(answer["ok"], false);
    let message = answer["error_message"].as_str().expect("a message");
    assert!(message.contains("CERTIFICATE_VERIFY_FAILED"), "{answer}");
    assert_eq!(world.minted(), 0);
}

fn here(program: &Path) -> Command {
    Command::new(program)
}

fn sdk_pca(world: &World, client: &Client) -> Value {
    let files = [
        ("--certificate", world.write("client.pem", &client.certificate_pem())),
        ("--chain", world.write("chain.pem", &world.plant.intermediate_pem())),
        ("--key", world.write("client.key.pem", &client.key().pkcs8_pem())),
    ];
    world.guard(&client.key().pkcs8_pem());
    let request = TokenRequest::new("app_press", "machine", "", "");
    drive(world, &here, "pca", &request, &options(&files))
}

/// The token of `request` with `end` behind it in a file, as it is found in pods.
fn sdk_oidc(world: &World, request: &TokenRequest, end: &str) -> Value {
    let token = request.get("client_assertion");
    world.guard(token);
    let file = world.write("token", &format!("{token}{end}"));
    drive(world, &here, "oidc", request, &options(&[("--token-file", file)]))
}

fn sdk_document(world: &World, document: &str) -> Value {
    world.guard(document);
    let file = world.write("document", document);
    let request = TokenRequest::new("app_batch", "ec2", "", "");
    drive(world, &here, "document", &request, &options(&[("--document", file)]))
}

fn options(files: &[(&str, PathBuf)]) -> Vec<String> {
    let text = |path: &PathBuf| path.to_str().expect("a path in UTF-8").to_owned();
    files.iter().flat_map(|(name, path)| [(*name).to_owned(), text(path)]).collect()
}

/// What the driver prints in `mode`, with client, credential and scope of `request`.
fn drive(
    world: &World,
    place: Place<'_>,
    mode: &str,
    request: &TokenRequest,
    arguments: &[String],
) -> Value {
    let mut command = place(&environment::python());
    command
        .arg(environment::python_driver("sdk_client.py"))
        .args([mode, "--token-endpoint", &world.token_endpoint()])
        .args(["--client-id", request.get("client_id")])
        .args(["--credential", request.get("application_federated_credential_name")])
        .args(["--scope", request.get("scope")])
        .arg("--ca")
        .arg(world.file("tls-ca.pem"))
        .args(arguments);
    let line = run("sdk_client.py", &mut command);
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// The claims of the token that the library hands out.
#[track_caller]
fn granted(world: &World, answer: &Value) -> Value {
    assert_eq!(answer["ok"], true, "{answer}\n{}", world.log());
    let token = answer["token"].as_str().expect("a token");
    world.guard(token);
    AccessToken::verify(token, &world.jwks()).claims
}

/// Checks that the library throws what it throws for `code`, with all that a user needs to be helped.
#[track_caller]
fn refused(world: &World, answer: &Value, code: Code) {
    let public = code.public();
    let message = match public.as_str() == public.oauth_error() {
        true => public.sentence().to_owned(),
        false => public.description(),
    };
    let kind = if public.status() < 500 { "ClientException" } else { "ServerException" };
    assert_eq!(
        *answer,
        json!({
            "ok": false,
            "error_type": kind,
            "error_code": public.oauth_error(),
            "error_message": message,
            "request_id": answer["request_id"],
        })
    );
    let id = answer["request_id"].as_str().expect("a request id");
    assert_eq!(world.record(id).text("code"), code.as_str());
}
