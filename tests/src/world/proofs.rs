//! Good requests of every kind of proof. Tests spoil them.

use serde_json::Value;

use super::request::TokenRequest;
use super::{PROOF_AUDIENCE, REGION, World};
use crate::fixtures::clock::now;
use crate::fixtures::github_actions::Job;
use crate::fixtures::instance::{AudienceForm, Ec2Instance, EcsInstance, client_audience};
use crate::fixtures::jwt;
use crate::fixtures::kubernetes;
use crate::fixtures::private_ca::Client;

/// The account and the instance of ECS that the policy knows.
pub const ECS_ACCOUNT: &str = "1000000000000001";
/// See [`ECS_ACCOUNT`].
pub const ECS_INSTANCE: &str = "i-batch1";
/// The account of EC2 that the policy knows.
pub const EC2_ACCOUNT: &str = "123456789012";
/// The EC2 instance that asks; the policy knows its account only.
pub const EC2_INSTANCE: &str = "i-1a2b3c4d";

impl World {
    /// `app_press` with a new certificate and key for press-7.
    #[must_use]
    pub fn pca_request(&self) -> TokenRequest {
        self.pca_request_of(&self.plant.client("press-7"))
    }

    /// `app_press` with the certificate and the key of `client`, and an assertion made now.
    #[must_use]
    pub fn pca_request_of(&self, client: &Client) -> TokenRequest {
        self.pca_request_with(client, &self.pca_claims())
    }

    /// The same with an assertion over `claims`.
    #[must_use]
    pub fn pca_request_with(&self, client: &Client, claims: &Value) -> TokenRequest {
        let assertion = jwt::sign(client.key(), &jwt::pca_header(client.key()), claims);
        TokenRequest::new("app_press", "machine", "x509-jwt-bearer", &assertion)
            .with("client_x509", &client.certificate_pem())
            .with("client_x509_chain", &self.plant.intermediate_pem())
    }

    /// The claims of an assertion of `app_press` made now.
    #[must_use]
    pub fn pca_claims(&self) -> Value {
        jwt::pca_claims("app_press", &self.token_endpoint(), now())
    }

    /// `app_deploy` with the token of a job on the main branch.
    #[must_use]
    pub fn github_request(&self) -> TokenRequest {
        self.github_request_of(&Job::on_main("example/shop"))
    }

    /// `app_deploy` with the token of `job`.
    #[must_use]
    pub fn github_request_of(&self, job: &Job) -> TokenRequest {
        self.github_request_with(&job.claims(PROOF_AUDIENCE))
    }

    /// `app_deploy` with a token of the forge over `claims`.
    #[must_use]
    pub fn github_request_with(&self, claims: &Value) -> TokenRequest {
        let token = self.forge.token(claims);
        TokenRequest::new("app_deploy", "main", "id-token-bearer", &token)
    }

    /// `app_orders` with the token of its service account.
    #[must_use]
    pub fn kubernetes_request(&self) -> TokenRequest {
        self.kubernetes_request_of("shop", "orders")
    }

    /// `app_orders` with the token of some service account.
    #[must_use]
    pub fn kubernetes_request_of(&self, namespace: &str, name: &str) -> TokenRequest {
        let claims = kubernetes::claims(namespace, name, PROOF_AUDIENCE);
        let token = kubernetes::token(&self.cluster, &claims);
        TokenRequest::new("app_orders", "pod", "id-token-bearer", &token)
    }

    /// `app_batch` with a document of its ECS instance: DER, signed with SHA-1, the audience inside.
    #[must_use]
    pub fn ecs_request(&self) -> TokenRequest {
        let instance = EcsInstance::new(ECS_ACCOUNT, ECS_INSTANCE);
        let audience = client_audience("idaas_test1", now());
        self.ecs_request_of(&self.ecs.ecs_document(&instance, Some(&audience), AudienceForm::Raw))
    }

    /// `app_batch` with a `document` of ECS.
    #[must_use]
    pub fn ecs_request_of(&self, document: &str) -> TokenRequest {
        TokenRequest::new("app_batch", "ecs", "pkcs7-bearer", document)
    }

    /// `app_batch` with a document of an EC2 instance that has just been started: BER.
    #[must_use]
    pub fn ec2_request(&self) -> TokenRequest {
        self.ec2_request_of(&self.ec2.ec2_document(&Self::ec2_instance(now())))
    }

    /// `app_batch` with a `document` of EC2.
    #[must_use]
    pub fn ec2_request_of(&self, document: &str) -> TokenRequest {
        TokenRequest::new("app_batch", "ec2", "pkcs7-bearer", document)
    }

    /// The EC2 instance of `app_batch`, started at `pending_time` (Unix seconds).
    #[must_use]
    pub fn ec2_instance(pending_time: i64) -> Ec2Instance {
        Ec2Instance::new(EC2_ACCOUNT, EC2_INSTANCE, REGION, pending_time)
    }
}
