//! `stand-in`: the servers of the test world as processes, for the demo and for network namespaces.
//!
//! Keys are kept in the folder `--seed`, so that several processes agree on them.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use credmint_tests::fixtures::clock::now;
use credmint_tests::fixtures::cloud_signer::CloudSigner;
use credmint_tests::fixtures::github_actions::{self, Job};
use credmint_tests::fixtures::instance::{AudienceForm, Ec2Instance, EcsInstance};
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::metadata::{self, Metadata};
use credmint_tests::fixtures::oidc_issuer::OidcIssuer;
use credmint_tests::fixtures::private_ca::PrivateCa;
use credmint_tests::fixtures::seed::Seed;
use credmint_tests::fixtures::server::Server;
use credmint_tests::fixtures::tls::ServerCa;
use credmint_tests::fixtures::token_endpoint;
use serde_json::{Value, json};

#[derive(Parser)]
#[command(name = "stand-in", about = "Servers that stand in for clouds and identity providers")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// The metadata services of ECS and EC2, on one address
    Metadata(MetadataArguments),
    /// An OIDC issuer over https, and the token endpoint of a GitHub Actions job
    Oidc(OidcArguments),
    /// A token endpoint that prints what it is asked and gives one prepared answer
    TokenEndpoint(TokenEndpointArguments),
    /// Prints a token of the OIDC issuer
    Token(TokenArguments),
    /// Writes certificates and key sets of the seed as files, and a new client certificate
    Files(FilesArguments),
}

#[derive(Args)]
struct MetadataArguments {
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    seed: PathBuf,
    /// Account of the ECS instance
    #[arg(long, default_value = "1000000000000001")]
    ecs_account: String,
    /// Id of the ECS instance
    #[arg(long, default_value = "i-standin1")]
    ecs_instance: String,
    /// How an audience that is a JSON object goes into the document of ECS
    #[arg(long, value_enum, default_value_t = Audience::Escaped)]
    audience: Audience,
    /// Account of the EC2 instance
    #[arg(long, default_value = "123456789012")]
    ec2_account: String,
    /// Id of the EC2 instance
    #[arg(long, default_value = "i-0000000000000001")]
    ec2_instance: String,
    /// Region of the EC2 instance
    #[arg(long, default_value = "us-east-1")]
    ec2_region: String,
}

#[derive(Clone, Copy, ValueEnum)]
enum Audience {
    Raw,
    Escaped,
}

#[derive(Args)]
struct OidcArguments {
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    seed: PathBuf,
    /// Where to serve the token endpoint of a GitHub Actions job, over plain http
    #[arg(long)]
    github: Option<SocketAddr>,
    /// Repository of that job
    #[arg(long, default_value = "example/shop")]
    repository: String,
    /// What the job must show to get a token
    #[arg(long, default_value = "request-token")]
    request_token: String,
}

#[derive(Args)]
struct TokenEndpointArguments {
    #[arg(long)]
    listen: SocketAddr,
    #[arg(long)]
    seed: PathBuf,
    /// Refuse with this error code
    #[arg(long)]
    refuse: Option<String>,
}

#[derive(Args)]
struct TokenArguments {
    #[arg(long)]
    seed: PathBuf,
    #[arg(long)]
    issuer: String,
    #[arg(long)]
    audience: String,
    #[arg(long)]
    subject: String,
    /// Seconds to live
    #[arg(long, default_value_t = 3600)]
    lifetime: i64,
    /// Further claims, a JSON object
    #[arg(long, default_value = "{}")]
    claims: String,
}

#[derive(Args)]
struct FilesArguments {
    #[arg(long)]
    seed: PathBuf,
    /// Folder for the files
    #[arg(long)]
    out: PathBuf,
    /// CN of the client certificate
    #[arg(long, default_value = "press-7")]
    client: String,
    /// EC2 regions whose signers to write
    #[arg(long, default_value = "us-east-1")]
    ec2_region: Vec<String>,
}

/// Name of the private CA of a seed.
const PRIVATE_CA: &str = "Stand-in Plant";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    match Arguments::parse().what {
        What::Metadata(arguments) => serve_metadata(arguments).await,
        What::Oidc(arguments) => serve_oidc(arguments).await,
        What::TokenEndpoint(arguments) => serve_token_endpoint(arguments).await,
        What::Token(arguments) => print_token(&arguments),
        What::Files(arguments) => write_files(&arguments),
    }
}

async fn serve_metadata(arguments: MetadataArguments) -> anyhow::Result<()> {
    let seed = Seed::open(&arguments.seed);
    let MetadataArguments { ecs_account, ecs_instance, .. } = &arguments;
    let MetadataArguments { ec2_account, ec2_instance, ec2_region, .. } = &arguments;
    let metadata = Metadata {
        ecs_signer: CloudSigner::ecs_from_seed(&seed),
        ecs: EcsInstance::new(ecs_account, ecs_instance),
        audience_form: match arguments.audience {
            Audience::Raw => AudienceForm::Raw,
            Audience::Escaped => AudienceForm::Escaped,
        },
        ec2_signer: CloudSigner::ec2_from_seed(ec2_region, &seed),
        ec2: Ec2Instance::new(ec2_account, ec2_instance, ec2_region, now()),
    };
    let server = Server::start(arguments.listen, metadata::router(metadata)).await;
    println!("metadata listens on {}", server.url());
    wait_for_the_end().await
}

async fn serve_oidc(arguments: OidcArguments) -> anyhow::Result<()> {
    let seed = Seed::open(&arguments.seed);
    let issuer = OidcIssuer::from_seed(arguments.listen, &seed).await;
    let github = match arguments.github {
        Some(address) => {
            let job = Job::on_main(&arguments.repository);
            let router = github_actions::router(job, issuer.minter(), &arguments.request_token);
            Some(Server::start(address, router).await)
        }
        None => None,
    };
    if let Some(github) = &github {
        println!("ACTIONS_ID_TOKEN_REQUEST_URL={}{}", github.url(), github_actions::REQUEST_PATH);
        println!("ACTIONS_ID_TOKEN_REQUEST_TOKEN={}", arguments.request_token);
    }
    println!("oidc listens on {}", issuer.url());
    wait_for_the_end().await
}

async fn serve_token_endpoint(arguments: TokenEndpointArguments) -> anyhow::Result<()> {
    let ca = ServerCa::from_seed(&Seed::open(&arguments.seed));
    let router = token_endpoint::router(arguments.refuse);
    let server = Server::start_tls(arguments.listen, &ca, router).await;
    println!("token endpoint listens on {}", server.url());
    wait_for_the_end().await
}

async fn wait_for_the_end() -> anyhow::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}

fn print_token(arguments: &TokenArguments) -> anyhow::Result<()> {
    let key = Seed::open(&arguments.seed).key("oidc", TestKey::rsa);
    let mut claims: Value = serde_json::from_str(&arguments.claims)?;
    anyhow::ensure!(claims.is_object(), "--claims is not a JSON object");
    let now = now();
    claims["iss"] = json!(arguments.issuer);
    claims["aud"] = json!(arguments.audience);
    claims["sub"] = json!(arguments.subject);
    claims["iat"] = json!(now);
    claims["exp"] = json!(now + arguments.lifetime);
    let header = json!({ "alg": key.algorithm(), "kid": "key-1", "typ": "JWT" });
    println!("{}", jwt::sign(&key, &header, &claims));
    Ok(())
}

fn write_files(arguments: &FilesArguments) -> anyhow::Result<()> {
    let seed = Seed::open(&arguments.seed);
    fs::create_dir_all(&arguments.out)?;
    let tls = ServerCa::from_seed(&seed).write(&arguments.out);
    for path in [tls.ca, tls.certificate, tls.key] {
        println!("{}", path.display());
    }

    let ca = PrivateCa::from_seed(PRIVATE_CA, &seed);
    let client = ca.client(&arguments.client);
    let write = |name: &str, text: String| write(&arguments.out, name, &text);
    write("private-ca-root.pem", ca.root_pem())?;
    write("private-ca-issuing.pem", ca.intermediate_pem())?;
    write("client.pem", client.certificate_pem())?;
    write("client.key.pem", client.key().pkcs8_pem())?;

    write("ecs-signer.pem", CloudSigner::ecs_from_seed(&seed).certificate_pem())?;
    for region in &arguments.ec2_region {
        let signer = CloudSigner::ec2_from_seed(region, &seed);
        write(&format!("ec2-{region}.pem"), signer.certificate_pem())?;
    }
    let jwk = seed.key("oidc", TestKey::rsa).jwk("key-1");
    write("oidc-jwks.json", json!({ "keys": [jwk] }).to_string())
}

fn write(folder: &Path, name: &str, text: &str) -> anyhow::Result<()> {
    let path = folder.join(name);
    fs::write(&path, text)?;
    println!("{}", path.display());
    Ok(())
}
