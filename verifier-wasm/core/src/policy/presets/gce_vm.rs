//! A virtual machine of Google Compute Engine, by an identity token of its service account.

use crate::expr::{Requirement, Shape};
use crate::policy::guide::{Guide, Init, Question};
use crate::policy::models::token;
use crate::policy::preset::{Definition, Field, Group, Proofs};

pub(super) static PRESET: Definition = Definition {
    type_name: "gce_vm",
    proofs: Proofs::Tokens { issuer: Some("https://accounts.google.com") },
    // The numeric id of the service account, or an instance within its project.
    identity: Requirement::new(&[
        &[&["jwt", "claims", "sub"]],
        &[
            &["jwt", "claims", "google", "compute_engine", "instance_id"],
            &["jwt", "claims", "google", "compute_engine", "project_id"],
        ],
        &[
            &["jwt", "claims", "google", "compute_engine", "instance_id"],
            &["jwt", "claims", "google", "compute_engine", "project_number"],
        ],
    ]),
    // A service account's id is its owner's and is never given twice.
    owner: Some(Requirement::new(&[
        &[&["jwt", "claims", "sub"]],
        &[&["jwt", "claims", "google", "compute_engine", "project_number"]],
        &[&["jwt", "claims", "google", "compute_engine", "project_id"]],
    ])),
    group: Some(Group {
        owner: Some(Requirement::new(&[&[&[
            "jwt",
            "claims",
            "google",
            "compute_engine",
            "project_number",
        ]]])),
        individual: Requirement::new(&[
            &[&["jwt", "claims", "sub"]],
            &[&["jwt", "claims", "google", "compute_engine", "instance_id"]],
        ]),
        within_owner: true,
    }),
    model: token![
        ("azp", Shape::String),
        ("email", Shape::String),
        ("email_verified", Shape::Boolean),
        (
            "google",
            Shape::Open(&[(
                "compute_engine",
                Shape::Open(&[
                    ("instance_creation_timestamp", Shape::Integer),
                    ("instance_id", Shape::String),
                    ("instance_name", Shape::String),
                    ("license_id", Shape::List(&Shape::String)),
                    ("project_id", Shape::String),
                    ("project_number", Shape::Integer),
                    ("zone", Shape::String),
                ]),
            )]),
        ),
    ],
    matches: &[
        Field::text("project_id", &["jwt", "claims", "google", "compute_engine", "project_id"]),
        Field::integer(
            "project_number",
            &["jwt", "claims", "google", "compute_engine", "project_number"],
        ),
        Field::text("zone", &["jwt", "claims", "google", "compute_engine", "zone"]),
        Field::text("instance_id", &["jwt", "claims", "google", "compute_engine", "instance_id"]),
        Field::text("service_account_id", &["jwt", "claims", "sub"]),
    ],
    ..Definition::EMPTY
};

pub(super) static GUIDE: Guide = Guide {
    page: "gce_vm",
    about: "Tokens of machines of Google Compute Engine.",
    matches: &[
        ("project_id", "the name of the project"),
        ("service_account_id", "the numeric id of the service account"),
    ],
    foreign_audience_prefixes: &["//iam.googleapis.com/", "https://iam.googleapis.com/"],
    init: Some(Init {
        questions: &[
            Question::number("project-number", "The number of the project"),
            Question::number(
                "service-account-id",
                "The numeric id of the machine's service account",
            ),
        ],
        values: &[],
        provider: "google",
        settings: "type: gce_vm\n\
                   audiences: ['{issuer}'] # what the machine asks the token for\n\
                   keys: { discovery: true }\n\
                   max_lifetime: 3600s\n",
        binding: "match: { project_number: {project-number}, \
                  service_account_id: '{service-account-id}' }",
        subject: "Append(\"urn:gce:\", jwt.claims.google.compute_engine.instance_id)",
        left: &[
            "Have the machine ask the metadata server for the audience {issuer}, with `format=full`.",
        ],
        given: "claims:\n  \
                sub: '{service-account-id}'\n  \
                google: { compute_engine: { project_number: {project-number}, \
                instance_id: '1234567890' } }\n",
        accepted: ("a machine of the account gets a token", "urn:gce:1234567890"),
        refused: "another account of the project gets none",
        changed: ("service-account-id", "0"),
    }),
    ..Guide::EMPTY
};
