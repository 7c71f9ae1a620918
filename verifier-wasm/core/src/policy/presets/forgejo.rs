//! A job of Forgejo Actions.

use crate::expr::Requirement;
use crate::policy::guide::{Branch, Guide, Init, Question, Trigger};
use crate::policy::models::texts;
use crate::policy::preset::{Definition, Group, Proofs, claims};

/// The repository by its id or by name, in an issuer of the instance. Whether `sub` has ids in it depends on the age of the
/// repository.
pub(super) static PRESET: Definition = Definition {
    type_name: "forgejo",
    proofs: Proofs::Tokens { issuer: None },
    identity: Requirement::new(&[
        &[&["jwt", "claims", "repository_id"]],
        &[&["jwt", "claims", "repository"]],
        &[&["jwt", "claims", "sub"]],
    ]),
    individual: Some(Requirement::new(&[&[&["jwt", "claims", "repository_id"]]])),
    group: Some(Group {
        owner: Some(Requirement::new(&[&[&["jwt", "claims", "repository_owner_id"]]])),
        individual: Requirement::new(&[&[&["jwt", "claims", "repository_id"]]]),
        within_owner: false,
    }),
    model: texts![
        "actor",
        "actor_id": Number,
        "base_ref",
        "event_name",
        "head_ref",
        "ref",
        "ref_type",
        "repository",
        "repository_id": Number,
        "repository_owner",
        "repository_owner_id": Number,
        "run_id": Number,
        "sha",
        "workflow",
        "workflow_ref",
    ],
    matches: claims![
        "repository_id",
        "repository",
        "repository_owner_id",
        "repository_owner",
        "ref",
        "event_name",
        "workflow_ref",
    ],
    ..Definition::EMPTY
};

pub(super) static GUIDE: Guide = Guide {
    page: "forgejo",
    about: "Tokens of Forgejo Actions.",
    matches: &[
        ("repository", "owner and name"),
        ("event_name", "what started the workflow"),
        ("workflow_ref", "the workflow file and its ref"),
    ],
    trigger: Some(Trigger {
        event: &["jwt", "claims", "event_name"],
        untrusted: &["pull_request_target", "workflow_run"],
        fixed_by: Requirement::new(&[
            &[&["jwt", "claims", "event_name"]],
            &[&["jwt", "claims", "workflow_ref"]],
        ]),
    }),
    branch: Some(Branch {
        fixed_by: Requirement::new(&[
            &[&["jwt", "claims", "ref"]],
            &[&["jwt", "claims", "workflow_ref"]],
            &[&["jwt", "claims", "sub"]],
        ]),
        narrowed_by: Some(&["jwt", "claims", "ref"]),
    }),
    init: Some(Init {
        questions: &[
            Question::required(
                "token-issuer",
                "The issuer of the instance, as https://HOST/api/actions",
            ),
            Question::number("owner-id", "The numeric id of the owner of the repository"),
            Question::number("repository-id", "The numeric id of the repository"),
            Question::with_default(
                "ref",
                "The ref whose workflows are believed",
                "refs/heads/main",
            ),
        ],
        values: &[],
        provider: "forgejo",
        settings: "type: forgejo\n\
                   issuer: '{token-issuer}'\n\
                   audiences: ['{issuer}'] # what the workflow asks the token for\n\
                   keys: { discovery: true }\n\
                   max_lifetime: 3600s\n\
                   trust_condition: 'jwt.claims.repository_owner_id == \"{owner-id}\"'\n",
        binding: "match: { repository_id: '{repository-id}', ref: '{ref}', event_name: push }",
        subject: "Append(\"urn:forgejo:run:\", jwt.claims.run_id)",
        left: &[
            "In the workflow: `enable-openid-connect: true`, and a token for the audience {issuer}.",
        ],
        given: "claims:\n  \
                sub: 'repo:example-{owner-id}/shop-{repository-id}:ref:{ref}'\n  \
                repository_owner_id: '{owner-id}'\n  \
                repository_id: '{repository-id}'\n  \
                ref: '{ref}'\n  \
                event_name: push\n  \
                run_id: '1234567890'\n",
        accepted: ("a push to the ref gets a token", "urn:forgejo:run:1234567890"),
        refused: "another repository of the owner gets none",
        changed: ("repository-id", "0"),
    }),
    ..Guide::EMPTY
};
