//! The exchanges that are measured: what is sent, what is wanted, and which signatures they consist of.

use super::world::World;
use credmint_tests::fixtures::clock::now;
use credmint_tests::fixtures::instance::Ec2Instance;
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::nonce;
use form_urlencoded::Serializer;
use hyper::body::Bytes;
use serde_json::json;
use std::thread;

/// Kinds of proof.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exchange {
    /// A token of an outside issuer, RS256.
    Oidc,
    /// An assertion with a certificate, RSA everywhere.
    PcaRsa,
    /// The same with P-256.
    PcaEc,
    /// A signed document of EC2, RSA.
    Document,
}

/// How many times each signature is needed, at the least: the issuer's own ES256 is not among them.
pub(crate) struct Verified {
    pub(crate) rsa: u32,
    pub(crate) ec: u32,
}

impl Exchange {
    pub(crate) const ALL: [Self; 4] = [Self::Oidc, Self::Document, Self::PcaRsa, Self::PcaEc];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Oidc => "OIDC, RS256",
            Self::PcaRsa => "PCA, RSA",
            Self::PcaEc => "PCA, P-256",
            Self::Document => "PKCS#7, RSA",
        }
    }

    /// How many times the peer's rate is wanted, if that is said.
    pub(crate) const fn wanted(self) -> Option<f64> {
        match self {
            Self::Oidc => Some(7.0),
            Self::Document => Some(6.0),
            Self::PcaRsa => Some(3.0),
            Self::PcaEc => None,
        }
    }

    /// The link to the root is remembered: the leaf's certificate and the assertion are left.
    pub(crate) const fn verified(self) -> Verified {
        match self {
            Self::Oidc | Self::Document => Verified { rsa: 1, ec: 0 },
            Self::PcaRsa => Verified { rsa: 2, ec: 0 },
            Self::PcaEc => Verified { rsa: 0, ec: 2 },
        }
    }
}

/// The bodies of `count` requests, each with a proof of its own, made on as many threads as there are `cores`.
pub(crate) fn bodies(world: &World, exchange: Exchange, count: usize, cores: usize) -> Vec<Bytes> {
    let share = count.div_ceil(cores);
    let part = |core: usize| {
        let numbers = core * share..count.min((core + 1) * share);
        move || numbers.map(|number| body(world, exchange, number)).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let parts: Vec<_> = (0..cores).map(|core| scope.spawn(part(core))).collect();
        parts.into_iter().flat_map(|part| part.join().expect("proofs")).collect()
    })
}

fn body(world: &World, exchange: Exchange, number: usize) -> Bytes {
    let parameters = match exchange {
        Exchange::Oidc => oidc(world, number),
        Exchange::PcaRsa => pca(world, "rsa", number),
        Exchange::PcaEc => pca(world, "ec", number),
        Exchange::Document => document(world, number),
    };
    form(&parameters)
}

/// A form.
pub(crate) fn form(parameters: &[(&str, String)]) -> Bytes {
    Serializer::new(String::new()).extend_pairs(parameters).finish().into()
}

type Parameters = Vec<(&'static str, String)>;

fn parameters(client: String, credential: &str, kind: &str, assertion: String) -> Parameters {
    let kind = format!("urn:cloud:idaas:params:oauth:client-assertion-type:{kind}");
    vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_id", client),
        ("application_federated_credential_name", credential.to_owned()),
        ("client_assertion_type", kind),
        ("client_assertion", assertion),
        ("scope", format!("{}|{}", World::RESOURCE, World::SCOPE)),
    ]
}

/// The token of a job as CI platforms make them, about 900 bytes.
fn oidc(world: &World, number: usize) -> Parameters {
    let client = number % world.clients;
    let now = now();
    let claims = json!({
        "iss": World::IDP, "aud": World::ISSUER, "sub": format!("repo:example/w{client}:ref:refs/heads/main"),
        "iat": now, "nbf": now, "exp": now + 3600, "jti": nonce(),
        "repository": format!("example/w{client}"), "repository_id": "77", "repository_owner": "example",
        "repository_owner_id": "4242", "ref": "refs/heads/main", "ref_type": "branch", "event_name": "push",
        "workflow": "release", "environment": "production", "run_id": number.to_string(), "run_attempt": "1",
        "actor": "octo", "actor_id": "1",
    });
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": World::KEY });
    let token = jwt::sign(&world.idp, &header, &claims);
    parameters(format!("app_{client}"), "main", "id-token-bearer", token)
}

/// An assertion of one of the machines, with its certificate and the intermediate.
fn pca(world: &World, plant: &str, number: usize) -> Parameters {
    let plant = world.plant(plant);
    let machine = number % plant.machines.len();
    let (client, certificate) = (plant.client_id(machine), &plant.machines[machine]);
    let audience = format!("{}/token", World::ISSUER);
    let assertion = jwt::pca_assertion(certificate.key(), &client, &audience, now());
    let mut parameters = parameters(client, "machine", "x509-jwt-bearer", assertion);
    parameters.push(("client_x509", certificate.certificate_pem()));
    parameters.push(("client_x509_chain", plant.authority.intermediate_pem()));
    parameters
}

/// The document of an instance of its own.
fn document(world: &World, number: usize) -> Parameters {
    let instance = format!("i-{number:017x}");
    let instance = Ec2Instance::new(World::ACCOUNT, &instance, World::REGION, now() - 10);
    let document = world.ec2.ec2_document(&instance);
    parameters("batch".to_owned(), "ec2", "pkcs7-bearer", document)
}
