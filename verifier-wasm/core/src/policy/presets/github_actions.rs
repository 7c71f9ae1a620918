//! A job of GitHub Actions.

use crate::expr::Requirement;
use crate::policy::guide::{Branch, Guide, Init, Question, Trigger};
use crate::policy::models::texts;
use crate::policy::preset::{Definition, Group, Path, Proofs, claims};

/// Repositories by immutable id or by name; the owner alone is not a workload. Numbers are texts in these tokens, and
/// so are yes and no.
pub(super) static PRESET: Definition = Definition {
    type_name: "github_actions",
    proofs: Proofs::Tokens { issuer: Some("https://token.actions.githubusercontent.com") },
    identity: Requirement::new(&[
        &[&["jwt", "claims", "sub"]],
        &[&["jwt", "claims", "repository_id"]],
        &[&["jwt", "claims", "repository"]],
        // A workflow that others call, whoever of the owner does.
        SHARED_WORKFLOW,
    ]),
    individual: Some(Requirement::new(&[&[&["jwt", "claims", "repository_id"]], SHARED_WORKFLOW])),
    owner: Some(Requirement::new(&[
        &[&["jwt", "claims", "repository_owner_id"]],
        &[&["jwt", "claims", "repository_owner"]],
        &[&["jwt", "claims", "enterprise_id"]],
    ])),
    group: Some(Group {
        owner: Some(Requirement::new(&[
            &[&["jwt", "claims", "repository_owner_id"]],
            &[&["jwt", "claims", "enterprise_id"]],
        ])),
        individual: Requirement::new(&[&[&["jwt", "claims", "repository_id"]]]),
        within_owner: false,
    }),
    model: texts![
        "actor",
        "actor_id": Number,
        "base_ref",
        "enterprise",
        "enterprise_id": Number,
        "environment",
        "event_name",
        "head_ref",
        "job_workflow_ref": WorkflowRef,
        "job_workflow_sha",
        "ref": GitRef,
        "ref_protected": Flag,
        "ref_type",
        "repository": Repository,
        "repository_id": Number,
        "repository_owner",
        "repository_owner_id": Number,
        "repository_visibility",
        "run_attempt": Number,
        "run_id": Number,
        "run_number": Number,
        "runner_environment",
        "sha",
        "workflow",
        "workflow_ref": WorkflowRef,
        "workflow_sha",
    ],
    matches: claims![
        "repository_id",
        "repository",
        "repository_owner_id",
        "repository_owner",
        "ref",
        "environment",
        "event_name",
        "workflow_ref",
        "job_workflow_ref",
    ],
    ..Definition::EMPTY
};

const SHARED_WORKFLOW: &[Path] =
    &[&["jwt", "claims", "job_workflow_ref"], &["jwt", "claims", "repository_owner_id"]];

pub(super) static GUIDE: Guide = Guide {
    page: "github_actions",
    about: "Tokens of GitHub Actions.",
    matches: &[
        ("repository", "owner and name"),
        ("event_name", "what started the workflow"),
        ("workflow_ref", "the workflow file and its ref"),
        ("job_workflow_ref", "the re-used workflow file and its ref"),
    ],
    foreign_audience_prefixes: &["https://github.com/"],
    trigger: Some(Trigger {
        event: &["jwt", "claims", "event_name"],
        untrusted: &["pull_request_target", "workflow_run"],
        fixed_by: Requirement::new(&[
            &[&["jwt", "claims", "event_name"]],
            &[&["jwt", "claims", "environment"]],
            &[&["jwt", "claims", "workflow_ref"]],
            &[&["jwt", "claims", "job_workflow_ref"]],
        ]),
    }),
    branch: Some(Branch {
        fixed_by: Requirement::new(&[
            &[&["jwt", "claims", "ref"]],
            &[&["jwt", "claims", "environment"]],
            &[&["jwt", "claims", "workflow_ref"]],
            &[&["jwt", "claims", "job_workflow_ref"]],
            &[&["jwt", "claims", "ref_protected"]],
            &[&["jwt", "claims", "sub"]],
        ]),
        narrowed_by: Some(&["jwt", "claims", "ref"]),
    }),
    init: Some(Init {
        questions: &[
            Question::number("owner-id", "The numeric id of the owner of the repository"),
            Question::number("repository-id", "The numeric id of the repository"),
            Question::with_default(
                "ref",
                "The ref whose workflows are believed",
                "refs/heads/main",
            ),
        ],
        values: &[],
        provider: "github",
        settings: "type: github_actions\n\
                   issuer: https://token.actions.githubusercontent.com\n\
                   audiences: ['{issuer}'] # what the workflow asks the token for\n\
                   keys: { discovery: true }\n\
                   max_lifetime: 900s\n\
                   trust_condition: 'jwt.claims.repository_owner_id == \"{owner-id}\"'\n",
        binding: "condition: 'jwt.claims.repository_id == \"{repository-id}\" && \
                  jwt.claims.ref == \"{ref}\" && \
                  jwt.claims.event_name in [\"push\", \"workflow_dispatch\"]'",
        subject: "Append(\"urn:gh:run:\", jwt.claims.run_id)",
        left: &[
            "In the workflow: permissions `id-token: write`, and a token for the audience {issuer}.",
        ],
        given: "claims:\n  \
                sub: 'repo:example/shop:ref:{ref}'\n  \
                repository_owner_id: '{owner-id}'\n  \
                repository_id: '{repository-id}'\n  \
                ref: '{ref}'\n  \
                event_name: push\n  \
                run_id: '1234567890'\n",
        accepted: ("a push to the ref gets a token", "urn:gh:run:1234567890"),
        refused: "another repository of the owner gets none",
        changed: ("repository-id", "0"),
    }),
    ..Guide::EMPTY
};
