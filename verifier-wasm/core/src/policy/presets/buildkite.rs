//! A job of Buildkite.

use crate::expr::Requirement;
use crate::policy::guide::{Branch, Guide, Init, Question};
use crate::policy::models::texts;
use crate::policy::preset::{Definition, Group, Path, Proofs, claims};

/// The pipeline: `sub` has the commit and the step in it, so that no list of subjects names one. The ids are in a token
/// that the job asks for with them.
pub(super) static PRESET: Definition = Definition {
    type_name: "buildkite",
    proofs: Proofs::Tokens { issuer: Some("https://agent.buildkite.com") },
    identity: Requirement::new(&[&[PIPELINE], &[&["jwt", "claims", "pipeline_slug"]]]),
    individual: Some(Requirement::new(&[&[PIPELINE]])),
    owner: Some(Requirement::new(&[&[ORGANIZATION], &[&["jwt", "claims", "organization_slug"]]])),
    group: Some(Group {
        owner: Some(Requirement::new(&[&[ORGANIZATION]])),
        individual: Requirement::new(&[&[PIPELINE]]),
        within_owner: false,
    }),
    model: texts![
        "agent_id": Uuid,
        "build_branch",
        "build_commit",
        "build_source",
        "cluster_id": Uuid,
        "job_id": Uuid,
        "organization_id": Uuid,
        "organization_slug",
        "pipeline_id": Uuid,
        "pipeline_slug",
        "runner_environment",
    ],
    matches: claims![
        "organization_id",
        "organization_slug",
        "pipeline_id",
        "pipeline_slug",
        "cluster_id",
        "build_branch",
        "build_source",
        "step_key",
        "runner_environment",
    ],
    ..Definition::EMPTY
};

const ORGANIZATION: Path = &["jwt", "claims", "organization_id"];
const PIPELINE: Path = &["jwt", "claims", "pipeline_id"];

pub(super) static GUIDE: Guide = Guide {
    page: "buildkite",
    about: "Tokens of Buildkite.",
    matches: &[
        ("pipeline_slug", "the name of the pipeline in addresses"),
        ("build_source", "what started the build, as webhook or ui"),
        ("step_key", "the key of the step"),
    ],
    foreign_audience_prefixes: &["https://buildkite.com/"],
    branch: Some(Branch {
        fixed_by: Requirement::new(&[&[&["jwt", "claims", "build_branch"]]]),
        narrowed_by: Some(&["jwt", "claims", "build_branch"]),
    }),
    init: Some(Init {
        questions: &[
            Question::required("organization-id", "The UUID of the organisation"),
            Question::required("pipeline-id", "The UUID of the pipeline"),
            Question::with_default("branch", "The branch whose builds are believed", "main"),
        ],
        values: &[],
        provider: "buildkite",
        settings: "type: buildkite\n\
                   issuer: https://agent.buildkite.com\n\
                   audiences: ['{issuer}'] # what the step asks the token for\n\
                   keys: { discovery: true }\n\
                   max_lifetime: 900s\n\
                   trust_condition: 'jwt.claims.organization_id == \"{organization-id}\"'\n",
        binding: "match: { pipeline_id: '{pipeline-id}', build_branch: '{branch}' }",
        subject: "Append(\"urn:buildkite:job:\", jwt.claims.job_id)",
        left: &["In the step: `buildkite-agent oidc request-token --audience {issuer} --claim \
             organization_id,pipeline_id`."],
        given: "claims:\n  \
                sub: 'organization:example:pipeline:shop:ref:refs/heads/{branch}:commit:1c5f2e0:step:'\n  \
                organization_id: '{organization-id}'\n  \
                pipeline_id: '{pipeline-id}'\n  \
                build_branch: '{branch}'\n  \
                job_id: 0184990a-477b-4fa8-9968-496074483cee\n",
        accepted: (
            "a job of the branch gets a token",
            "urn:buildkite:job:0184990a-477b-4fa8-9968-496074483cee",
        ),
        refused: "another pipeline of the organisation gets none",
        changed: ("pipeline-id", "0"),
    }),
    ..Guide::EMPTY
};
