//! A run of HCP Terraform or Terraform Enterprise.

use crate::expr::Requirement;
use crate::policy::guide::{Guide, Init, Question, Trigger};
use crate::policy::models::texts;
use crate::policy::preset::{Definition, Field, Group, Path, Proofs};

/// A workspace or a stack by its id, or by name within its organisation, of which an issuer may have several; `sub` is
/// made of names and the phase.
pub(super) static PRESET: Definition = Definition {
    type_name: "hcp_terraform",
    proofs: Proofs::Tokens { issuer: Some("https://app.terraform.io") },
    other_issuers: &["https://app.eu.terraform.io"],
    identity: Requirement::new(&[
        &[WORKSPACE],
        &[&["jwt", "claims", "terraform_stack_id"]],
        &[ORGANIZATION, WORKSPACE_NAME],
        &[ORGANIZATION_NAME, WORKSPACE_NAME],
        &[&["jwt", "claims", "sub"]],
    ]),
    individual: Some(INDIVIDUAL),
    owner: Some(Requirement::new(&[&[ORGANIZATION], &[ORGANIZATION_NAME]])),
    group: Some(Group {
        owner: Some(Requirement::new(&[&[ORGANIZATION]])),
        individual: INDIVIDUAL,
        within_owner: false,
    }),
    model: texts![
        "terraform_full_workspace",
        "terraform_organization_id",
        "terraform_organization_name",
        "terraform_project_id",
        "terraform_project_name",
        "terraform_run_id",
        "terraform_run_phase",
        "terraform_stack_id",
        "terraform_workspace_id",
        "terraform_workspace_name",
    ],
    matches: &[
        Field::text("organization_id", ORGANIZATION),
        Field::text("organization_name", ORGANIZATION_NAME),
        Field::text("project_id", &["jwt", "claims", "terraform_project_id"]),
        Field::text("workspace_id", WORKSPACE),
        Field::text("workspace_name", WORKSPACE_NAME),
        Field::text("stack_id", &["jwt", "claims", "terraform_stack_id"]),
        Field::text("run_phase", PHASE),
    ],
    ..Definition::EMPTY
};

const INDIVIDUAL: Requirement =
    Requirement::new(&[&[WORKSPACE], &[&["jwt", "claims", "terraform_stack_id"]]]);
const ORGANIZATION: Path = &["jwt", "claims", "terraform_organization_id"];
const ORGANIZATION_NAME: Path = &["jwt", "claims", "terraform_organization_name"];
const WORKSPACE: Path = &["jwt", "claims", "terraform_workspace_id"];
const WORKSPACE_NAME: Path = &["jwt", "claims", "terraform_workspace_name"];
const PHASE: Path = &["jwt", "claims", "terraform_run_phase"];

pub(super) static GUIDE: Guide = Guide {
    page: "hcp_terraform",
    about: "Tokens of runs of HCP Terraform and Terraform Enterprise.",
    matches: &[
        ("workspace_id", "as ws-…"),
        ("organization_id", "as org-…"),
        ("run_phase", "plan or apply"),
    ],
    // A plan runs what a pull request proposes.
    trigger: Some(Trigger {
        event: PHASE,
        untrusted: &[],
        fixed_by: Requirement::new(&[&[PHASE], &[&["jwt", "claims", "sub"]]]),
    }),
    init: Some(Init {
        questions: &[
            Question::required("organization-id", "The id of the organisation, as org-…"),
            Question::required("workspace-id", "The id of the workspace, as ws-…"),
            Question::with_default("run-phase", "The phase that gets tokens", "apply"),
        ],
        values: &[],
        provider: "terraform",
        settings: "type: hcp_terraform\n\
                   issuer: https://app.terraform.io\n\
                   audiences: ['{issuer}'] # TFC_WORKLOAD_IDENTITY_AUDIENCE of the workspace\n\
                   keys: { discovery: true }\n\
                   max_lifetime: 86400s\n\
                   trust_condition: 'jwt.claims.terraform_organization_id == \"{organization-id}\"'\n",
        binding: "match: { workspace_id: '{workspace-id}', run_phase: '{run-phase}' }",
        subject: "Append(\"urn:terraform:\", jwt.claims.terraform_run_id)",
        left: &["In the workspace: the variable TFC_WORKLOAD_IDENTITY_AUDIENCE with {issuer}."],
        given: "claims:\n  \
                sub: 'organization:example:project:shop:workspace:orders:run_phase:{run-phase}'\n  \
                terraform_organization_id: '{organization-id}'\n  \
                terraform_workspace_id: '{workspace-id}'\n  \
                terraform_run_phase: '{run-phase}'\n  \
                terraform_run_id: run-4d5e6f\n",
        accepted: ("a run of the workspace gets a token", "urn:terraform:run-4d5e6f"),
        refused: "another workspace of the organisation gets none",
        changed: ("workspace-id", "0"),
    }),
    ..Guide::EMPTY
};
