//! The examples that people copy: each configuration loads, and each script gets a token from its environment's
//! stand-in and says why when it does not. `examples/envoy` and `examples/node` have tests of their own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use axum::Router;
use credmint_tests::environment;
use credmint_tests::fixtures::clock::now;
use credmint_tests::fixtures::cloud_signer::CloudSigner;
use credmint_tests::fixtures::github_actions::{self, Job};
use credmint_tests::fixtures::instance::{AudienceForm, EcsInstance};
use credmint_tests::fixtures::kubernetes;
use credmint_tests::fixtures::metadata::{self, Metadata};
use credmint_tests::fixtures::private_ca::PrivateCa;
use credmint_tests::fixtures::server::Server;
use credmint_tests::world::proofs::{EC2_INSTANCE, ECS_ACCOUNT, ECS_INSTANCE};
use credmint_tests::world::token::AccessToken;
use credmint_tests::world::{PROOF_AUDIENCE, World};
use tokio::runtime::Runtime;

fn example(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples").join(name)
}

/// Runs a script of an example for the test world's issuer.
fn get_token(world: &World, name: &str, variables: &[(&str, &str)]) -> Output {
    Command::new("sh")
        .arg(example(name).join("get-token.sh"))
        .env("STS", world.issuer_url())
        .env("CURL_CA_BUNDLE", world.file("tls-ca.pem"))
        .env("SCOPE", "api.example.com|read:file")
        .envs(variables.iter().copied())
        .output()
        .expect("a shell")
}

/// The script prints one token, which is the issuer's, for this subject.
fn gets(world: &World, name: &str, variables: &[(&str, &str)], subject: &str) {
    let output = get_token(world, name, variables);
    let printed = String::from_utf8(output.stdout).expect("text");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name}: {complaint}");
    let token = AccessToken::verify(printed.trim_end(), &world.jwks());
    assert_eq!(token.claims["sub"], subject, "{name}");
    world.guard(printed.trim_end());
}

/// The script fails, prints no token and passes on what the issuer says.
fn gets_nothing(world: &World, name: &str, variables: &[(&str, &str)]) {
    let output = get_token(world, name, variables);
    assert!(!output.status.success(), "{name}");
    assert!(output.stdout.is_empty(), "{name}");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(complaint.contains("not_trusted"), "{name}: {complaint}");
}

/// Serves a stand-in on this machine while the runtime lives.
fn serve(runtime: &Runtime, router: Router) -> Server {
    runtime.block_on(Server::start("127.0.0.1:0".parse().expect("an address"), router))
}

#[test]
fn configurations_load() {
    let ecs = CloudSigner::ecs().certificate_pem();
    let ec2 = CloudSigner::ec2("us-west-2").certificate_pem();
    for (name, file) in [
        ("ec2", Some(("us-west-2.pem", ec2))),
        ("ecs", Some(("alibaba-ecs.pem", ecs))),
        ("github-actions", None),
        ("kubernetes", None),
        ("replicas", Some(("plant-root.pem", PrivateCa::new("Plant").root_pem()))),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let configuration = folder.path().join("credmint.yaml");
        fs::copy(example(name).join("credmint.yaml"), &configuration).expect("the example");
        if let Some((file, text)) = file {
            fs::write(folder.path().join(file), text).expect("a writable folder");
        }
        let mut check = Command::new(environment::credmint());
        let output =
            check.args(["check", "--config"]).arg(&configuration).output().expect("it runs");
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn kubernetes_projected_token() {
    let world = World::start();
    let token = |account: &str| {
        let claims = kubernetes::claims("shop", account, PROOF_AUDIENCE);
        let token = kubernetes::token(&world.cluster, &claims);
        world.guard(&token);
        // A file that somebody wrote by hand ends with a line break.
        world.write(&format!("token-{account}"), &format!("{token}\n")).display().to_string()
    };
    let (good, other) = (token("orders"), token("other"));
    let run = |file| [("CLIENT_ID", "app_orders"), ("CREDENTIAL", "pod"), ("TOKEN_FILE", file)];
    gets(&world, "kubernetes", &run(&good), "app_orders");
    gets_nothing(&world, "kubernetes", &run(&other));
}

#[test]
fn github_actions_id_token() {
    // The script asks for a token whose audience is the issuer, as the example's policy wants it.
    let own =
        "audiences: [https://ADDRESS/api/v2/iauths_system/oauth2]\n      keys: { discovery: true }";
    let theirs = "audiences: [https://sts.example.com]\n      keys: { discovery: true }";
    let world = World::changed(&[(theirs, own)]);
    let runtime = Runtime::new().expect("a runtime");
    let job = Job::on_main("example/shop");
    let mut elsewhere = Job::on_main("example/shop");
    elsewhere.repository_id = "78".to_owned();
    let subject = format!("app_deploy:urn:run:{}", job.run_id);
    let endpoint =
        |job| serve(&runtime, github_actions::router(job, world.forge.minter(), "secret"));
    let (good, other) = (endpoint(job), endpoint(elsewhere));
    let url = |server: &Server| format!("{}{}", server.url(), github_actions::REQUEST_PATH);
    let (good, other) = (url(&good), url(&other));
    let run = |url| {
        [
            ("CLIENT_ID", "app_deploy"),
            ("CREDENTIAL", "main"),
            ("ACTIONS_ID_TOKEN_REQUEST_URL", url),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "secret"),
        ]
    };
    gets(&world, "github-actions", &run(&good), &subject);
    gets_nothing(&world, "github-actions", &run(&other));
}

#[test]
fn identity_documents_of_two_clouds() {
    let world = World::start();
    let runtime = Runtime::new().expect("a runtime");
    let service = |ecs: EcsInstance, ec2_signer: CloudSigner| {
        serve(
            &runtime,
            metadata::router(Metadata {
                ecs_signer: world.ecs.clone(),
                ecs,
                audience_form: AudienceForm::Raw,
                ec2_signer,
                ec2: World::ec2_instance(now()),
            }),
        )
    };
    let own = EcsInstance::new(ECS_ACCOUNT, ECS_INSTANCE);
    let good = service(own, world.ec2.clone());
    let neighbour = EcsInstance::new(ECS_ACCOUNT, "i-other");
    let other = service(neighbour, world.ec2.impostor());
    let (good, other) = (&good.url(), &other.url());
    let ecs = |url| {
        [
            ("CLIENT_ID", "app_batch"),
            ("CREDENTIAL", "ecs"),
            ("AUDIENCE", "idaas_test1"),
            ("METADATA", url),
        ]
    };
    let ec2 = |url| [("CLIENT_ID", "app_batch"), ("CREDENTIAL", "ec2"), ("METADATA", url)];
    gets(&world, "ecs", &ecs(good), &format!("app_batch:urn:ecs:{ECS_INSTANCE}"));
    gets(&world, "ec2", &ec2(good), &format!("app_batch:urn:ec2:{EC2_INSTANCE}"));
    gets_nothing(&world, "ecs", &ecs(other));
    gets_nothing(&world, "ec2", &ec2(other));
}
