//! A machine of Fly.io.

use crate::expr::Requirement;
use crate::policy::guide::{Guide, Init, Question};
use crate::policy::models::texts;
use crate::policy::preset::{Definition, Group, Proofs, claims};

/// The app, or one machine, in an issuer of the organisation: `sub` has the name of the machine in it, which changes.
pub(super) static PRESET: Definition = Definition {
    type_name: "fly",
    proofs: Proofs::Tokens { issuer: None },
    identity: Requirement::new(&[
        &[&["jwt", "claims", "app_id"]],
        &[&["jwt", "claims", "app_name"]],
        &[&["jwt", "claims", "machine_id"]],
    ]),
    individual: Some(INDIVIDUAL),
    // The issuer has the name of the organisation in it, which another can take.
    group: Some(Group {
        owner: Some(Requirement::new(&[&[&["jwt", "claims", "org_id"]]])),
        individual: INDIVIDUAL,
        within_owner: false,
    }),
    model: texts![
        "app_id",
        "app_name",
        "image",
        "image_digest",
        "machine_id",
        "machine_name",
        "machine_version",
        "org_id",
        "org_name",
        "region",
    ],
    matches: claims![
        "org_id",
        "org_name",
        "app_id",
        "app_name",
        "machine_id",
        "image_digest",
        "region",
    ],
    ..Definition::EMPTY
};

const INDIVIDUAL: Requirement =
    Requirement::new(&[&[&["jwt", "claims", "app_id"]], &[&["jwt", "claims", "machine_id"]]]);

pub(super) static GUIDE: Guide = Guide {
    page: "fly",
    about: "Tokens of machines of Fly.io.",
    matches: &[
        ("app_id", "the number of the app, as a string"),
        ("org_id", "the number of the organisation, as a string"),
        ("image_digest", "what runs, as sha256:…"),
    ],
    foreign_audience_prefixes: &["https://fly.io/"],
    init: Some(Init {
        questions: &[
            Question::required("organization", "The name of the organisation in addresses"),
            Question::number("org-id", "The numeric id of the organisation"),
            Question::number("app-id", "The numeric id of the app"),
        ],
        values: &[],
        provider: "fly",
        settings: "type: fly\n\
                   issuer: 'https://oidc.fly.io/{organization}'\n\
                   audiences: ['{issuer}'] # what the machine asks the token for\n\
                   keys: { discovery: true }\n\
                   max_lifetime: 900s\n\
                   trust_condition: 'jwt.claims.org_id == \"{org-id}\"'\n",
        binding: "match: { app_id: '{app-id}' }",
        subject: "Append(\"urn:fly:machine:\", jwt.claims.machine_id)",
        left: &[
            "On the machine: POST {\"aud\": \"{issuer}\"} to /v1/tokens/oidc of the socket /.fly/api.",
        ],
        given: "claims:\n  \
                sub: '{organization}:shop:ancient-snow-4824'\n  \
                org_id: '{org-id}'\n  \
                app_id: '{app-id}'\n  \
                machine_id: 3d8d377ce9e398\n",
        accepted: ("a machine of the app gets a token", "urn:fly:machine:3d8d377ce9e398"),
        refused: "another app of the organisation gets none",
        changed: ("app-id", "0"),
    }),
    ..Guide::EMPTY
};
