//! Machines of clouds, by their documents or by tokens.

use crate::cli::init::Answers;
use crate::cli::init::draft::{Draft, Example};
use aws_lc_rs::rand;

pub(super) fn alibaba_ecs(answers: &Answers) -> Result<Draft, &'static str> {
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
        binding: format!("condition: 'pkcs7.payload.jsonData[\"instance-id\"] == \"{instance}\"'"),
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

pub(super) fn amazon_ec2(answers: &Answers) -> Result<Draft, &'static str> {
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
        binding: format!("condition: 'pkcs7.payload.jsonData.instanceId == \"{instance}\"'"),
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

pub(super) fn azure_vm(answers: &Answers) -> Result<Draft, &'static str> {
    let (principal, audience) = (answers.get("principal-id"), answers.get("token-audience"));
    let token_issuer = answers.get("token-issuer");
    let given = |principal: &str| format!("claims: {{ sub: '{principal}', oid: '{principal}' }}\n");
    Ok(Draft {
        provider: "azure",
        settings: format!(
            "type: azure_vm\nissuer: '{token_issuer}'\n\
             audiences: ['{audience}'] # the resource that the machine asks for\n\
             keys: {{ discovery: true }}\nmax_lifetime: 86400s\n"
        ),
        binding: format!("match: {{ principal_id: '{principal}' }}"),
        subject: "Append(\"urn:azure:\", jwt.claims.oid)".to_owned(),
        left: vec![
            format!("Have the machine ask the metadata service for the resource {audience}."),
            "When the identity is the machine's own and of one machine: bind that too, by \
             subscription_id, resource_group and vm_name."
                .to_owned(),
        ],
        accepted: (
            Example { name: "the managed identity gets a token", given: given(principal) },
            format!("urn:azure:{principal}"),
        ),
        refused: Example {
            name: "another identity of the tenant gets none",
            given: given(&format!("{principal}0")),
        },
    })
}

pub(super) fn gce_vm(answers: &Answers) -> Result<Draft, &'static str> {
    let (project, account) = (answers.get("project-number"), answers.get("service-account-id"));
    let issuer = answers.get("issuer");
    let given = |account: &str| {
        format!(
            "claims:\n  sub: '{account}'\n  google: {{ compute_engine: {{ project_number: {project}, \
             instance_id: '1234567890' }} }}\n"
        )
    };
    Ok(Draft {
        provider: "google",
        settings: format!(
            "type: gce_vm\naudiences: ['{issuer}'] # what the machine asks the token for\n\
             keys: {{ discovery: true }}\nmax_lifetime: 3600s\n"
        ),
        binding: format!("match: {{ project_number: {project}, service_account_id: '{account}' }}"),
        subject: "Append(\"urn:gce:\", jwt.claims.google.compute_engine.instance_id)".to_owned(),
        left: vec![format!(
            "Have the machine ask the metadata server for the audience {issuer}, with `format=full`."
        )],
        accepted: (
            Example { name: "a machine of the account gets a token", given: given(account) },
            "urn:gce:1234567890".to_owned(),
        ),
        refused: Example {
            name: "another account of the project gets none",
            given: given(&format!("{account}0")),
        },
    })
}

/// An audience that nobody can guess: 128 random bits behind the prefix that the compatible service uses.
fn fresh_audience() -> Result<String, &'static str> {
    let mut octets = [0; 16];
    rand::fill(&mut octets).map_err(|_| "the system gives no random numbers")?;
    Ok(octets.iter().fold("idaas_".to_owned(), |text, octet| format!("{text}{octet:02x}")))
}
