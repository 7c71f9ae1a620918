//! The environments that a configuration can be started for. A new one is a row and a function.

use super::draft::{Draft, Example};
use super::{Answers, Question};
use aws_lc_rs::rand;

/// An environment of workloads.
pub(super) struct Environment {
    /// The word for it.
    pub(super) name: &'static str,
    /// What must be known beside what every environment asks.
    pub(super) questions: &'static [Question],
    /// Its part of a configuration. The error is a sentence.
    pub(super) draft: fn(&Answers) -> Result<Draft, &'static str>,
}

const fn required(flag: &'static str, text: &'static str) -> Question {
    Question { flag, text, default: None }
}

const fn with_default(flag: &'static str, text: &'static str, default: &'static str) -> Question {
    Question { flag, text, default: Some(default) }
}

pub(super) const ENVIRONMENTS: &[Environment] = &[
    Environment {
        name: "github_actions",
        questions: &[
            required("owner-id", "The numeric id of the owner of the repository"),
            required("repository-id", "The numeric id of the repository"),
            with_default("ref", "The ref whose workflows are believed", "refs/heads/main"),
        ],
        draft: github_actions,
    },
    Environment {
        name: "kubernetes",
        questions: &[
            required("token-issuer", "The issuer of the cluster's service account tokens"),
            required("namespace", "The namespace of the workload"),
            required("service-account", "Its service account"),
        ],
        draft: kubernetes,
    },
    Environment {
        name: "oidc",
        questions: &[
            required("token-issuer", "The issuer of the tokens"),
            required("subject", "The subject of the workload"),
        ],
        draft: oidc,
    },
    Environment {
        name: "pca",
        questions: &[required("common-name", "The common name of the workload's certificate")],
        draft: pca,
    },
    Environment {
        name: "alibaba_ecs",
        questions: &[
            required("account", "The number of the account"),
            required("instance", "The id of the instance"),
        ],
        draft: alibaba_ecs,
    },
    Environment {
        name: "amazon_ec2",
        questions: &[
            required("account", "The number of the account"),
            required("instance", "The id of the instance"),
            required("region", "The region"),
        ],
        draft: amazon_ec2,
    },
];

fn github_actions(answers: &Answers) -> Result<Draft, &'static str> {
    let (owner, repository) = (answers.get("owner-id"), answers.get("repository-id"));
    let (git_ref, issuer) = (answers.get("ref"), answers.get("issuer"));
    let given = |repository: &str| {
        format!(
            "claims:\n  sub: 'repo:example/shop:ref:{git_ref}'\n  repository_owner_id: '{owner}'\n  \
             repository_id: '{repository}'\n  ref: '{git_ref}'\n  event_name: push\n  run_id: '1234567890'\n"
        )
    };
    Ok(Draft {
        provider: "github",
        settings: format!(
            "type: github_actions\nissuer: https://token.actions.githubusercontent.com\n\
             audiences: ['{issuer}'] # what the workflow asks the token for\nkeys: {{ discovery: true }}\n\
             max_lifetime: 900s\ntrust_condition: 'jwt.claims.repository_owner_id == \"{owner}\"'\n"
        ),
        condition: format!(
            "jwt.claims.repository_id == \"{repository}\" && jwt.claims.ref == \"{git_ref}\" && \
             jwt.claims.event_name in [\"push\", \"workflow_dispatch\"]"
        ),
        subject: "Append(\"urn:gh:run:\", jwt.claims.run_id)".to_owned(),
        left: vec![format!(
            "In the workflow: permissions `id-token: write`, and a token for the audience {issuer}."
        )],
        accepted: (
            Example { name: "a push to the ref gets a token", given: given(repository) },
            "urn:gh:run:1234567890".to_owned(),
        ),
        refused: Example {
            name: "another repository of the owner gets none",
            given: given(&format!("{repository}0")),
        },
    })
}

fn kubernetes(answers: &Answers) -> Result<Draft, &'static str> {
    let (namespace, account) = (answers.get("namespace"), answers.get("service-account"));
    let (token_issuer, issuer) = (answers.get("token-issuer"), answers.get("issuer"));
    let given = |account: &str| {
        format!(
            "claims:\n  sub: 'system:serviceaccount:{namespace}:{account}'\n  kubernetes.io:\n    \
             namespace: '{namespace}'\n    serviceaccount: {{ name: '{account}' }}\n"
        )
    };
    Ok(Draft {
        provider: "cluster",
        settings: format!(
            "type: kubernetes\nissuer: '{token_issuer}'\n\
             audiences: ['{issuer}'] # the audience of the projected volume\nkeys: {{ discovery: true }}\n\
             max_lifetime: 3600s\n"
        ),
        // Between the single quotes of YAML: the spelling with brackets needs none itself.
        condition: format!(
            "jwt.claims[\"kubernetes.io\"].namespace == \"{namespace}\" && \
             jwt.claims[\"kubernetes.io\"].serviceaccount.name == \"{account}\""
        ),
        subject: "Append(\"urn:k8s:\", jwt.claims[\"kubernetes.io\"].namespace, \":\", \
                  jwt.claims[\"kubernetes.io\"].serviceaccount.name)"
            .to_owned(),
        left: vec![
            format!("In the pod: a projected service account token for the audience {issuer}."),
            "When nobody outside can reach the cluster: in place of `discovery`, \
             `keys: { jwks: { file: cluster-jwks.json } }`, from `kubectl get --raw /openid/v1/jwks`."
                .to_owned(),
        ],
        accepted: (
            Example { name: "the service account gets a token", given: given(account) },
            format!("urn:k8s:{namespace}:{account}"),
        ),
        refused: Example {
            name: "another service account gets none",
            given: given(&format!("{account}-other")),
        },
    })
}

fn oidc(answers: &Answers) -> Result<Draft, &'static str> {
    let (subject, issuer) = (answers.get("subject"), answers.get("issuer"));
    let token_issuer = answers.get("token-issuer");
    Ok(Draft {
        provider: "idp",
        settings: format!(
            "type: oidc\nissuer: '{token_issuer}'\naudiences: ['{issuer}']\nkeys: {{ discovery: true }}\n\
             max_lifetime: 3600s\n"
        ),
        condition: format!("jwt.claims.sub == \"{subject}\""),
        subject: "Append(\"urn:oidc:\", jwt.claims.sub)".to_owned(),
        left: vec![format!("Have the workload ask for tokens for the audience {issuer}.")],
        accepted: (
            Example {
                name: "the workload gets a token",
                given: format!("claims: {{ sub: '{subject}' }}\n"),
            },
            format!("urn:oidc:{subject}"),
        ),
        refused: Example {
            name: "another subject gets none",
            given: format!("claims: {{ sub: '{subject}-other' }}\n"),
        },
    })
}

fn pca(answers: &Answers) -> Result<Draft, &'static str> {
    let name = answers.get("common-name");
    Ok(Draft {
        provider: "plant",
        settings: "type: pca\nroots: [{ file: root.pem }]\n".to_owned(),
        condition: format!("cert.subject.CN == \"{name}\""),
        subject: "Append(\"urn:cert:\", cert.subject.CN)".to_owned(),
        left: vec![
            "Put the root certificate of the authority beside this file, as root.pem.".to_owned(),
        ],
        accepted: (
            Example {
                name: "the workload gets a token",
                given: format!("certificate: {{ subject: {{ CN: '{name}' }} }}\n"),
            },
            format!("urn:cert:{name}"),
        ),
        refused: Example {
            name: "another certificate of the authority gets none",
            given: format!("certificate: {{ subject: {{ CN: '{name}-other' }} }}\n"),
        },
    })
}

fn alibaba_ecs(answers: &Answers) -> Result<Draft, &'static str> {
    let (account, instance) = (answers.get("account"), answers.get("instance"));
    let audience = fresh_audience()?;
    let given = |instance: &str| {
        format!(
            "document:\n  owner-account-id: '{account}'\n  instance-id: '{instance}'\n  \
             audience: {{ aud: {audience}, signingTime: 1795521600 }}\n"
        )
    };
    Ok(Draft {
        provider: "ecs",
        settings: format!(
            "type: pkcs7\nprofile: alibaba_ecs\naudience: {audience} # this installation's own; nobody can guess it\n\
             anchors: alibaba_cloud\nmax_age: 4500s\n\
             trust_condition: 'pkcs7.payload.jsonData[\"owner-account-id\"] == \"{account}\"'\n"
        ),
        condition: format!("pkcs7.payload.jsonData[\"instance-id\"] == \"{instance}\""),
        subject: "Append(\"urn:ecs:\", pkcs7.payload.jsonData[\"instance-id\"])".to_owned(),
        left: vec![format!(
            "Have the instance ask the metadata service for the audience {audience}."
        )],
        accepted: (
            Example { name: "the instance gets a token", given: given(instance) },
            format!("urn:ecs:{instance}"),
        ),
        refused: Example {
            name: "another instance of the account gets none",
            given: given(&format!("{instance}0")),
        },
    })
}

fn amazon_ec2(answers: &Answers) -> Result<Draft, &'static str> {
    let (account, instance) = (answers.get("account"), answers.get("instance"));
    let region = answers.get("region");
    let given = |instance: &str| {
        format!(
            "document: {{ accountId: '{account}', instanceId: '{instance}', region: '{region}' }}\n\
             signing_time: 2026-11-24T11:55:00Z\n"
        )
    };
    Ok(Draft {
        provider: "ec2",
        settings: format!(
            "type: pkcs7\nprofile: amazon_ec2\nmax_age: 900s # since the start of the instance\n\
             signers: [{{ cloud: aws, region: '{region}' }}]\n\
             trust_condition: 'pkcs7.payload.jsonData.accountId == \"{account}\"'\n"
        ),
        condition: format!("pkcs7.payload.jsonData.instanceId == \"{instance}\""),
        subject: "Append(\"urn:ec2:\", pkcs7.payload.jsonData.instanceId)".to_owned(),
        left: vec![
            "Choose max_age: it counts from the start of the instance, whose document does not expire."
                .to_owned(),
        ],
        accepted: (
            Example { name: "the instance gets a token", given: given(instance) },
            format!("urn:ec2:{instance}"),
        ),
        refused: Example {
            name: "another instance of the account gets none",
            given: given(&format!("{instance}0")),
        },
    })
}

/// An audience that nobody can guess: 128 random bits behind the prefix that the compatible service uses.
fn fresh_audience() -> Result<String, &'static str> {
    let mut octets = [0; 16];
    rand::fill(&mut octets).map_err(|_| "the system gives no random numbers")?;
    Ok(octets.iter().fold("idaas_".to_owned(), |text, octet| format!("{text}{octet:02x}")))
}
