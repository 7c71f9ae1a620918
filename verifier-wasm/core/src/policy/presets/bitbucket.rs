//! A step of Bitbucket Pipelines.

use crate::expr::Requirement;
use crate::policy::guide::{Branch, Guide, Init, Question};
use crate::policy::models::texts;
use crate::policy::preset::{Definition, Field, Group, Path, Proofs};

/// The repository, in an issuer of the workspace: `sub` has the step in it, which is another one each time.
pub(super) static PRESET: Definition = Definition {
    type_name: "bitbucket",
    proofs: Proofs::Tokens { issuer: None },
    identity: Requirement::new(&[&[REPOSITORY]]),
    individual: Some(Requirement::new(&[&[REPOSITORY]])),
    // The issuer has the name of the workspace in it, which another can take.
    group: Some(Group {
        owner: Some(Requirement::new(&[&[WORKSPACE]])),
        individual: Requirement::new(&[&[REPOSITORY]]),
        within_owner: false,
    }),
    model: texts![
        "branchName",
        "deploymentEnvironmentUuid": BracedUuid,
        "pipelineUuid": BracedUuid,
        "repositoryUuid": BracedUuid,
        "stepUuid": BracedUuid,
        "workspaceUuid": BracedUuid,
    ],
    matches: &[
        Field::text("workspace_uuid", WORKSPACE),
        Field::text("repository_uuid", REPOSITORY),
        Field::text("deployment_environment_uuid", ENVIRONMENT),
        Field::text("branch", BRANCH),
    ],
    ..Definition::EMPTY
};

const WORKSPACE: Path = &["jwt", "claims", "workspaceUuid"];
const REPOSITORY: Path = &["jwt", "claims", "repositoryUuid"];
const ENVIRONMENT: Path = &["jwt", "claims", "deploymentEnvironmentUuid"];
const BRANCH: Path = &["jwt", "claims", "branchName"];

pub(super) static GUIDE: Guide = Guide {
    page: "bitbucket",
    about: "Tokens of Bitbucket Pipelines.",
    matches: &[
        ("workspace_uuid", "the UUID of the workspace, in braces"),
        ("repository_uuid", "the UUID of the repository, in braces"),
        ("deployment_environment_uuid", "the UUID of the deployment environment, in braces"),
    ],
    foreign_audience_prefixes: &["ari:cloud:bitbucket::workspace/"],
    branch: Some(Branch {
        fixed_by: Requirement::new(&[&[ENVIRONMENT], &[BRANCH]]),
        narrowed_by: Some(BRANCH),
    }),
    init: Some(Init {
        questions: &[
            Question::required("workspace", "The name of the workspace in addresses"),
            Question::required("workspace-uuid", "The UUID of the workspace, in braces"),
            Question::required("repository-uuid", "The UUID of the repository, in braces"),
            Question::with_default("branch", "The branch whose steps are believed", "main"),
        ],
        values: &[],
        provider: "bitbucket",
        settings: "type: bitbucket\n\
                   issuer: 'https://api.bitbucket.org/2.0/workspaces/{workspace}/pipelines-config/identity/oidc'\n\
                   audiences: ['{issuer}'] # what the step asks the token for\n\
                   keys: { discovery: true }\n\
                   max_lifetime: 3600s\n\
                   trust_condition: 'jwt.claims.workspaceUuid == \"{workspace-uuid}\"'\n",
        binding: "match: { repository_uuid: '{repository-uuid}', branch: '{branch}' }",
        subject: "Append(\"urn:bitbucket:\", percentEncode(jwt.claims.stepUuid))",
        left: &["In the step: `oidc: { audiences: ['{issuer}'] }`."],
        given: "claims:\n  \
                sub: '{repository-uuid}:{0b7f1e3a-5c2d-4e6f-8a9b-1c2d3e4f5a6b}'\n  \
                workspaceUuid: '{workspace-uuid}'\n  \
                repositoryUuid: '{repository-uuid}'\n  \
                branchName: '{branch}'\n  \
                stepUuid: 0b7f1e3a-5c2d-4e6f-8a9b-1c2d3e4f5a6b\n",
        accepted: (
            "a step of the branch gets a token",
            "urn:bitbucket:0b7f1e3a-5c2d-4e6f-8a9b-1c2d3e4f5a6b",
        ),
        refused: "another repository of the workspace gets none",
        changed: ("repository-uuid", "0"),
    }),
    ..Guide::EMPTY
};
