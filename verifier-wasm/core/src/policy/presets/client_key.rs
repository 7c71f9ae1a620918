//! A client's own key: an assertion that the client signs itself (RFC 7523 section 2.2).

use crate::expr::{Model, Requirement, Shape};
use crate::policy::guide::{Guide, Init, Question};
use crate::policy::preset::{Definition, Proofs};

pub(super) static PRESET: Definition = Definition {
    type_name: "client_key",
    proofs: Proofs::Keys,
    // There is one client for each such provider, and its key is all that identifies it.
    identity: Requirement::new(&[&[&["client", "clientId"]]]),
    // Whatever else an assertion claims, the client has made it up.
    model: Model::jwt(Shape::Closed(&[(
        "claims",
        Shape::Closed(&[("iss", Shape::String), ("sub", Shape::String)]),
    )])),
    ..Definition::EMPTY
};

pub(super) static GUIDE: Guide = Guide {
    page: "client_key",
    about: "Assertions that a client signs with a key of its own (`private_key_jwt`).",
    init: Some(Init {
        questions: &[Question::required(
            "jwks-uri",
            "The https address at which the client publishes its keys, a JWK set",
        )],
        values: &[],
        provider: "own",
        settings: "type: client_key\nkeys: { jwks_uri: '{jwks-uri}' }\n",
        binding: "",
        subject: "Append(\"urn:client:\", client.clientId)",
        left: &[
            "Have the client sign assertions for the audience {issuer}, with its id as `iss` and `sub`.",
            "When the client does not publish its keys: put its JWK set beside this file, and write \
             `keys: { jwks: { file: keys.json } }`.",
        ],
        given: "claims: { iss: '{client}', sub: '{client}' }\n",
        accepted: ("the client gets a token", "urn:client:{client}"),
        refused: "an assertion of another client gets none",
        changed: ("client", "-other"),
    }),
    ..Guide::EMPTY
};
