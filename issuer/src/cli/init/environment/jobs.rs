//! Jobs of forges.

use crate::cli::init::Answers;
use crate::cli::init::draft::{Draft, Example};

pub(super) fn github_actions(answers: &Answers) -> Result<Draft, &'static str> {
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
        binding: format!(
            "condition: 'jwt.claims.repository_id == \"{repository}\" && jwt.claims.ref == \"{git_ref}\" && \
             jwt.claims.event_name in [\"push\", \"workflow_dispatch\"]'"
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

pub(super) fn gitlab_ci(answers: &Answers) -> Result<Draft, &'static str> {
    let (namespace, project) = (answers.get("namespace-id"), answers.get("project-id"));
    let (git_ref, issuer) = (answers.get("ref"), answers.get("issuer"));
    let token_issuer = answers.get("token-issuer");
    let given = |project: &str| {
        format!(
            "claims:\n  sub: 'project_path:example/shop:ref_type:branch:ref:{git_ref}'\n  \
             namespace_id: '{namespace}'\n  project_id: '{project}'\n  ref: '{git_ref}'\n  \
             ref_type: branch\n  ref_protected: 'true'\n  pipeline_id: '1234567890'\n"
        )
    };
    Ok(Draft {
        provider: "gitlab",
        settings: format!(
            "type: gitlab_ci\nissuer: '{token_issuer}'\n\
             audiences: ['{issuer}'] # what the job asks the token for\nkeys: {{ discovery: true }}\n\
             max_lifetime: 3600s\ntrust_condition: 'jwt.claims.namespace_id == \"{namespace}\"'\n"
        ),
        binding: format!(
            "match: {{ project_id: '{project}', ref: '{git_ref}', ref_type: branch, ref_protected: 'true' }}"
        ),
        subject: "Append(\"urn:gitlab:pipeline:\", jwt.claims.pipeline_id)".to_owned(),
        left: vec![
            format!("In the job: `id_tokens: {{ CREDMINT_TOKEN: {{ aud: '{issuer}' }} }}`."),
            format!("In the project: protect the branch {git_ref}."),
        ],
        accepted: (
            Example { name: "a job of the branch gets a token", given: given(project) },
            "urn:gitlab:pipeline:1234567890".to_owned(),
        ),
        refused: Example {
            name: "another project of the namespace gets none",
            given: given(&format!("{project}0")),
        },
    })
}
