//! A job of CircleCI.

use crate::expr::{Requirement, Shape, ValueForm};
use crate::policy::guide::{Branch, Guide, Init, Question};
use crate::policy::models::token;
use crate::policy::preset::{Definition, Field, Group, Path, Proofs};

/// The project, in an issuer of the organisation's own: `sub` names the user who started the job as well.
pub(super) static PRESET: Definition = Definition {
    type_name: "circleci",
    proofs: Proofs::Tokens { issuer: None },
    identity: Requirement::new(&[&[PROJECT]]),
    individual: Some(Requirement::new(&[&[PROJECT]])),
    // The issuer is one organisation's, by its UUID.
    group: Some(Group {
        owner: None,
        individual: Requirement::new(&[&[PROJECT]]),
        within_owner: false,
    }),
    model: token![
        ("oidc.circleci.com/context-ids", Shape::List(&Shape::Text(ValueForm::Uuid))),
        ("oidc.circleci.com/project-id", Shape::Text(ValueForm::Uuid)),
        ("oidc.circleci.com/ssh-rerun", Shape::Boolean),
        ("oidc.circleci.com/vcs-origin", Shape::String),
        ("oidc.circleci.com/vcs-ref", Shape::String),
    ],
    matches: &[
        Field::text("project_id", PROJECT),
        Field::text("vcs_origin", &["jwt", "claims", "oidc.circleci.com/vcs-origin"]),
        Field::text("vcs_ref", REF),
    ],
    ..Definition::EMPTY
};

const PROJECT: Path = &["jwt", "claims", "oidc.circleci.com/project-id"];
const REF: Path = &["jwt", "claims", "oidc.circleci.com/vcs-ref"];

pub(super) static GUIDE: Guide = Guide {
    page: "circleci",
    about: "Tokens of CircleCI.",
    matches: &[
        ("project_id", "the UUID of the project"),
        ("vcs_origin", "the repository, as github.com/example/shop"),
        ("vcs_ref", "the ref, as refs/heads/main"),
    ],
    branch: Some(Branch { fixed_by: Requirement::new(&[&[REF]]), narrowed_by: Some(REF) }),
    init: Some(Init {
        questions: &[
            Question::required("organization-id", "The UUID of the organisation"),
            Question::required("project-uuid", "The UUID of the project"),
            Question::required("origin", "The repository, as github.com/example/shop"),
            Question::with_default("ref", "The ref whose jobs are believed", "refs/heads/main"),
        ],
        values: &[],
        provider: "circleci",
        settings: "type: circleci\n\
                   issuer: 'https://oidc.circleci.com/org/{organization-id}'\n\
                   audiences: ['{issuer}'] # what the job asks the token for\n\
                   keys: { discovery: true }\n\
                   max_lifetime: 3600s\n",
        binding: "match: { project_id: '{project-uuid}', vcs_origin: '{origin}', vcs_ref: '{ref}' }",
        subject: "Append(\"urn:circleci:\", jwt.claims[\"oidc.circleci.com/project-id\"])",
        left: &["In the job: `circleci run oidc get --claims '{\"aud\": \"{issuer}\"}'`."],
        given: "claims:\n  \
                sub: 'org/{organization-id}/project/{project-uuid}/user/7a0f3c52-6d1e-4f0b-9a3c-2b5d8e1f4a60'\n  \
                oidc.circleci.com/project-id: '{project-uuid}'\n  \
                oidc.circleci.com/vcs-origin: '{origin}'\n  \
                oidc.circleci.com/vcs-ref: '{ref}'\n",
        accepted: ("a job of the ref gets a token", "urn:circleci:{project-uuid}"),
        refused: "another project of the organisation gets none",
        changed: ("project-uuid", "0"),
    }),
    ..Guide::EMPTY
};
