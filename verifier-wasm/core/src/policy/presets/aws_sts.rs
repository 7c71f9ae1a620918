//! A principal of AWS, by a token of `sts:GetWebIdentityToken`.

use crate::expr::{Requirement, Shape, ValueForm};
use crate::policy::guide::{Guide, Init, Question};
use crate::policy::models::token;
use crate::policy::preset::{Definition, Field, Path, Proofs};

/// The role or user by its ARN, in an issuer of the account, or the function that runs as it. What AWS adds stands below
/// one claim; tags of the request are the caller's own words.
pub(super) static PRESET: Definition = Definition {
    type_name: "aws_sts",
    proofs: Proofs::Tokens { issuer: None },
    identity: Requirement::new(&[&[PRINCIPAL], &[FUNCTION]]),
    model: token![(
        "https://sts.amazonaws.com/",
        Shape::Open(&[
            ("aws_account", Shape::Text(ValueForm::Account)),
            ("lambda_source_function_arn", Shape::String),
            ("org_id", Shape::String),
            ("ou_path", Shape::String),
            ("principal_tags", Shape::Open(&[])),
            ("request_tags", Shape::Open(&[])),
            ("source_region", Shape::String),
        ]),
    )],
    matches: &[
        Field::text("principal", PRINCIPAL),
        Field::text("account_id", &["jwt", "claims", "https://sts.amazonaws.com/", "aws_account"]),
        Field::text("organization_id", &["jwt", "claims", "https://sts.amazonaws.com/", "org_id"]),
        Field::text("lambda_function", FUNCTION),
        Field::text("region", &["jwt", "claims", "https://sts.amazonaws.com/", "source_region"]),
    ],
    ..Definition::EMPTY
};

const PRINCIPAL: Path = &["jwt", "claims", "sub"];
const FUNCTION: Path =
    &["jwt", "claims", "https://sts.amazonaws.com/", "lambda_source_function_arn"];

pub(super) static GUIDE: Guide = Guide {
    page: "aws_sts",
    about: "Tokens of AWS principals (GetWebIdentityToken).",
    matches: &[
        ("principal", "the ARN of the role or user, as arn:aws:iam::111122223333:role/orders"),
        ("account_id", "the twelve digits of the account, as a string"),
        ("lambda_function", "the ARN of the function"),
    ],
    init: Some(Init {
        questions: &[
            Question::required(
                "token-issuer",
                "The issuer of the account, as https://….tokens.sts.global.api.aws",
            ),
            Question::number("account-id", "The twelve digits of the account"),
            Question::required("principal", "The ARN of the role"),
        ],
        values: &[],
        provider: "aws",
        settings: "type: aws_sts\n\
                   issuer: '{token-issuer}'\n\
                   audiences: ['{issuer}'] # what the workload asks the token for\n\
                   keys: { discovery: true }\n\
                   max_lifetime: 3600s\n",
        binding: "match: { account_id: '{account-id}', principal: '{principal}' }",
        subject: "Append(\"urn:aws:\", jwt.claims.sub)",
        left: &[
            "In the account: enable outbound identity federation, and allow sts:GetWebIdentityToken to the role.",
            "In the workload: `aws sts get-web-identity-token --audience {issuer} --signing-algorithm ES384`.",
        ],
        given: "claims:\n  \
                sub: '{principal}'\n  \
                https://sts.amazonaws.com/: { aws_account: '{account-id}' }\n",
        accepted: ("the role gets a token", "urn:aws:{principal}"),
        refused: "another role of the account gets none",
        changed: ("principal", "-other"),
    }),
    ..Guide::EMPTY
};
