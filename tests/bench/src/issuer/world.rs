//! The issuers, authorities and workloads of the benchmark, and the policy for them.

use credmint_tests::fixtures::cloud_signer::CloudSigner;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::private_ca::{Client, ClientProfile, PrivateCa};
use serde_json::{Map, Value, json};

/// Machines with a certificate each, of each authority.
const MACHINES: usize = 16;

/// Everybody who has proofs.
pub(crate) struct World {
    /// The key of the outside issuer.
    pub(crate) idp: TestKey,
    /// The clients of its tokens.
    pub(crate) clients: usize,
    plants: [Plant; 2],
    pub(crate) ec2: CloudSigner,
}

/// An authority and its machines.
pub(crate) struct Plant {
    name: &'static str,
    pub(crate) authority: PrivateCa,
    pub(crate) machines: Vec<Client>,
}

impl World {
    pub(crate) const ISSUER: &'static str = "https://sts.example.com/oauth2";
    pub(crate) const IDP: &'static str = "https://idp.example.com";
    pub(crate) const KEY: &'static str = "key-1";
    pub(crate) const RESOURCE: &'static str = "api.example.com";
    pub(crate) const SCOPE: &'static str = "read";
    pub(crate) const ACCOUNT: &'static str = "123456789012";
    pub(crate) const REGION: &'static str = "us-west-2";

    /// A world with so many clients of tokens.
    pub(crate) fn new(clients: usize) -> Self {
        let plant = |name, authority: PrivateCa, key: fn() -> TestKey| {
            let machine =
                |number| authority.issue(&ClientProfile::new(&format!("{name}-{number}")), key());
            let machines = (0..MACHINES).map(machine).collect();
            Plant { name, authority, machines }
        };
        Self {
            idp: TestKey::rsa(),
            clients,
            plants: [
                plant("rsa", PrivateCa::rsa("RSA Plant"), TestKey::rsa),
                plant("ec", PrivateCa::new("EC Plant"), TestKey::ec),
            ],
            ec2: CloudSigner::ec2(Self::REGION),
        }
    }

    pub(crate) fn plant(&self, name: &str) -> &Plant {
        let found = self.plants.iter().find(|plant| plant.name == name);
        found.expect("one of the two")
    }

    /// The policy, in which every client has one credential.
    pub(crate) fn policy(&self) -> Value {
        let [rsa, ec] = &self.plants;
        json!({
            "version": 1,
            "issuer": Self::ISSUER,
            "token_lifetime": "3600s",
            "providers": {
                "idp": {
                    "type": "oidc", "issuer": Self::IDP, "audiences": [Self::ISSUER],
                    "keys": { "jwks": { "keys": [self.idp.jwk(Self::KEY)] } },
                },
                "rsa": rsa.authority.provider(),
                "ec": ec.authority.provider(),
                "ec2": {
                    "type": "pkcs7", "profile": "amazon_ec2", "max_age": "4500s",
                    "signers": [{
                        "certificate": { "pem": self.ec2.certificate_pem() }, "region": Self::REGION,
                    }],
                },
            },
            "resources": { Self::RESOURCE: { "scopes": [Self::SCOPE] } },
            "clients": self.registered(),
        })
    }

    fn registered(&self) -> Map<String, Value> {
        let client = |credential: &str, provider: &str, condition: String, subject: &str| {
            json!({
                "scopes": { Self::RESOURCE: [Self::SCOPE] },
                "credentials": { credential: {
                    "provider": provider, "condition": condition,
                    "attributes": { "client.activeSubjectUrn": subject },
                } },
            })
        };
        let token = |number: usize| {
            let condition = format!(
                "jwt.claims.sub == 'repo:example/w{number}:ref:refs/heads/main' \
                 && jwt.claims.environment == 'production'"
            );
            let subject = r#"Append("urn:run:", jwt.claims.run_id)"#;
            (format!("app_{number}"), client("main", "idp", condition, subject))
        };
        let machine = |plant: &Plant, number: usize| {
            let condition = format!("cert.subject.CN == '{}-{number}'", plant.name);
            let subject = r#"Append("urn:plant:", cert.subject.CN)"#;
            (plant.client_id(number), client("machine", plant.name, condition, subject))
        };
        let mut all: Map<String, Value> = (0..self.clients).map(token).collect();
        for plant in &self.plants {
            all.extend((0..MACHINES).map(|number| machine(plant, number)));
        }
        let condition = format!("pkcs7.payload.jsonData.accountId == '{}'", Self::ACCOUNT);
        let subject = r#"Append("urn:ec2:", pkcs7.payload.jsonData.instanceId)"#;
        let mut batch = client("ec2", "ec2", condition, subject);
        batch["credentials"]["ec2"]["binds"] = "group".into();
        all.insert("batch".to_owned(), batch);
        all
    }
}

impl Plant {
    /// The client of a machine.
    pub(crate) fn client_id(&self, machine: usize) -> String {
        format!("{}_{machine}", self.name)
    }
}
