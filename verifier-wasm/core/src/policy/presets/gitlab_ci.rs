//! A job of GitLab CI.

use crate::expr::Requirement;
use crate::policy::guide::{Branch, Guide, Init, Question};
use crate::policy::models::texts;
use crate::policy::preset::{Definition, Group, Proofs, claims};

/// Numbers are texts in these tokens, and so are yes and no.
pub(super) static PRESET: Definition = Definition {
    type_name: "gitlab_ci",
    proofs: Proofs::Tokens { issuer: Some("https://gitlab.com") },
    identity: Requirement::new(&[
        &[&["jwt", "claims", "sub"]],
        &[&["jwt", "claims", "project_id"]],
        &[&["jwt", "claims", "project_path"]],
    ]),
    individual: Some(Requirement::new(&[&[&["jwt", "claims", "project_id"]]])),
    owner: Some(Requirement::new(&[
        &[&["jwt", "claims", "namespace_id"]],
        &[&["jwt", "claims", "namespace_path"]],
    ])),
    group: Some(Group {
        owner: Some(Requirement::new(&[&[&["jwt", "claims", "namespace_id"]]])),
        individual: Requirement::new(&[&[&["jwt", "claims", "project_id"]]]),
        within_owner: false,
    }),
    model: texts![
        "environment",
        "environment_protected": Flag,
        "job_id": Number,
        "namespace_id": Number,
        "namespace_path",
        "pipeline_id": Number,
        "pipeline_source",
        "project_id": Number,
        "project_path",
        "ref",
        "ref_path": GitRef,
        "ref_protected": Flag,
        "ref_type",
        "sha",
        "user_id": Number,
        "user_login",
    ],
    matches: claims![
        "project_id",
        "project_path",
        "namespace_id",
        "namespace_path",
        "ref",
        "ref_type",
        "ref_protected",
        "environment",
        "environment_protected",
        "pipeline_source",
    ],
    ..Definition::EMPTY
};

pub(super) static GUIDE: Guide = Guide {
    page: "gitlab_ci",
    about: "Tokens of GitLab CI.",
    matches: &[
        ("ref_type", "branch or tag"),
        ("ref_protected", "\"true\" or \"false\""),
        ("environment_protected", "\"true\" or \"false\""),
        ("pipeline_source", "what started the pipeline"),
    ],
    // The name of a branch protects nothing: a developer may push one that is not protected, or a tag of that name.
    branch: Some(Branch {
        fixed_by: Requirement::new(&[
            &[&["jwt", "claims", "ref_protected"]],
            &[&["jwt", "claims", "environment_protected"]],
        ]),
        narrowed_by: None,
    }),
    init: Some(Init {
        questions: &[
            Question::with_default("token-issuer", "The address of GitLab", "https://gitlab.com"),
            Question::number("namespace-id", "The numeric id of the namespace of the project"),
            Question::number("project-id", "The numeric id of the project"),
            Question::with_default("ref", "The protected branch whose jobs are believed", "main"),
        ],
        values: &[],
        provider: "gitlab",
        settings: "type: gitlab_ci\n\
                   issuer: '{token-issuer}'\n\
                   audiences: ['{issuer}'] # what the job asks the token for\n\
                   keys: { discovery: true }\n\
                   max_lifetime: 3600s\n\
                   trust_condition: 'jwt.claims.namespace_id == \"{namespace-id}\"'\n",
        binding: "match: { project_id: '{project-id}', ref: '{ref}', ref_type: branch, \
                  ref_protected: 'true' }",
        subject: "Append(\"urn:gitlab:pipeline:\", jwt.claims.pipeline_id)",
        left: &[
            "In the job: `id_tokens: { CREDMINT_TOKEN: { aud: '{issuer}' } }`.",
            "In the project: protect the branch {ref}.",
        ],
        given: "claims:\n  \
                sub: 'project_path:example/shop:ref_type:branch:ref:{ref}'\n  \
                namespace_id: '{namespace-id}'\n  \
                project_id: '{project-id}'\n  \
                ref: '{ref}'\n  \
                ref_type: branch\n  \
                ref_protected: 'true'\n  \
                pipeline_id: '1234567890'\n",
        accepted: ("a job of the branch gets a token", "urn:gitlab:pipeline:1234567890"),
        refused: "another project of the namespace gets none",
        changed: ("project-id", "0"),
    }),
    ..Guide::EMPTY
};
