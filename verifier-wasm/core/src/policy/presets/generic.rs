//! Any OIDC issuer.

use crate::expr::{Model, Requirement};
use crate::policy::guide::{Guide, Init, Question};
use crate::policy::models::token;
use crate::policy::preset::{Definition, Field, Group, Proofs};

pub(super) static PRESET: Definition = Definition {
    type_name: "oidc",
    also: Some("generic"),
    proofs: Proofs::Tokens { issuer: None },
    identity: SUBJECT,
    chooses_identity: true,
    // The individual is what identifies.
    group: Some(Group { owner: None, individual: SUBJECT, within_owner: false }),
    model: REGISTERED,
    matches: &[Field::text("subject", &["jwt", "claims", "sub"])],
    ..Definition::EMPTY
};

/// The subject of a token.
pub(super) const SUBJECT: Requirement = Requirement::new(&[&[&["jwt", "claims", "sub"]]]);

/// Tokens of which the registered claims are known.
pub(super) const REGISTERED: Model = token!();

pub(super) static GUIDE: Guide = Guide {
    page: "generic",
    about: "Tokens of any OIDC issuer.",
    matches: &[("subject", "the `sub`")],
    init: Some(Init {
        questions: &[
            Question::required("token-issuer", "The issuer of the tokens"),
            Question::required("subject", "The subject of the workload"),
        ],
        values: &[],
        provider: "idp",
        settings: "type: oidc\n\
                   issuer: '{token-issuer}'\n\
                   audiences: ['{issuer}']\n\
                   keys: { discovery: true }\n\
                   max_lifetime: 3600s\n",
        binding: "condition: 'jwt.claims.sub == \"{subject}\"'",
        subject: "Append(\"urn:oidc:\", jwt.claims.sub)",
        left: &["Have the workload ask for tokens for the audience {issuer}."],
        given: "claims: { sub: '{subject}' }\n",
        accepted: ("the workload gets a token", "urn:oidc:{subject}"),
        refused: "another subject gets none",
        changed: ("subject", "-other"),
    }),
    ..Guide::EMPTY
};
