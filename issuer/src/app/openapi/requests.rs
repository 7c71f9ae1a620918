//! What is sent to the token endpoint: one schema for each form of a request.

use super::named;
use serde_json::{Map, Value, json};

/// A form of a request.
struct Form {
    name: &'static str,
    what: &'static str,
    /// Parameters that are there, with the one value that some have.
    required: &'static [(&'static str, Option<&'static str>)],
    optional: &'static [&'static str],
    /// Whether it may come as JSON too.
    json: bool,
}

const CLIENT_CREDENTIALS: (&str, Option<&str>) = ("grant_type", Some("client_credentials"));

macro_rules! urn {
    ($end:literal) => {
        Some(concat!("urn:ietf:params:oauth:", $end))
    };
}

macro_rules! idaas {
    ($end:literal) => {
        Some(concat!("urn:cloud:idaas:params:oauth:client-assertion-type:", $end))
    };
}

const NAME: &str = "application_federated_credential_name";

const FORMS: &[Form] = &[
    Form {
        name: "JwtBearer",
        what: "The proof is the grant (RFC 7523 section 2.1)",
        required: &[("grant_type", urn!("grant-type:jwt-bearer")), ("assertion", None)],
        optional: &["client_id", NAME, "scope", "resource", "audience"],
        json: true,
    },
    Form {
        name: "TokenExchange",
        what: "The proof is exchanged (RFC 8693 section 2.1)",
        required: &[
            ("grant_type", urn!("grant-type:token-exchange")),
            ("subject_token", None),
            ("subject_token_type", None),
        ],
        optional: &[
            "requested_token_type",
            "client_id",
            NAME,
            "scope",
            "resource",
            "audience",
            "client_nonce",
        ],
        json: true,
    },
    Form {
        name: "ClientAssertion",
        what: "The proof, or a JWT of the client's own key, authenticates the client (RFC 7523 section 2.2)",
        required: &[
            CLIENT_CREDENTIALS,
            ("client_assertion_type", urn!("client-assertion-type:jwt-bearer")),
            ("client_assertion", None),
        ],
        optional: &["client_id", NAME, "scope", "resource", "audience"],
        json: false,
    },
    Form {
        name: "SpiffeAssertion",
        what: "A JWT-SVID authenticates the client (draft-ietf-oauth-spiffe-client-auth)",
        required: &[
            CLIENT_CREDENTIALS,
            ("client_assertion_type", urn!("client-assertion-type:jwt-spiffe")),
            ("client_assertion", None),
        ],
        optional: &["client_id", NAME, "scope", "resource", "audience"],
        json: false,
    },
    Form {
        name: "TlsClient",
        what: "The certificate of the TLS connection authenticates the client (RFC 8705 section 2)",
        required: &[CLIENT_CREDENTIALS, ("client_id", None)],
        optional: &[NAME, "scope", "resource", "audience"],
        json: false,
    },
    Form {
        name: "IdaasCertificate",
        what: "A JWT signed with the key of a certificate, as clients of Alibaba Cloud IDaaS send it",
        required: &[
            CLIENT_CREDENTIALS,
            ("client_id", None),
            (NAME, None),
            ("client_assertion_type", idaas!("x509-jwt-bearer")),
            ("client_assertion", None),
            ("client_x509", None),
            ("scope", None),
        ],
        optional: &["client_x509_chain"],
        json: false,
    },
    Form {
        name: "IdaasToken",
        what: "A platform's token, as clients of Alibaba Cloud IDaaS send it",
        required: &[
            CLIENT_CREDENTIALS,
            ("client_id", None),
            (NAME, None),
            ("client_assertion_type", idaas!("id-token-bearer")),
            ("client_assertion", None),
            ("scope", None),
        ],
        optional: &[],
        json: false,
    },
    Form {
        name: "IdaasDocument",
        what: "A cloud's PKCS#7 document, as clients of Alibaba Cloud IDaaS send it",
        required: &[
            CLIENT_CREDENTIALS,
            ("client_id", None),
            (NAME, None),
            ("client_assertion_type", idaas!("pkcs7-bearer")),
            ("client_assertion", None),
            ("scope", None),
        ],
        optional: &["client_nonce"],
        json: false,
    },
    Form {
        name: "IdaasExchange",
        what: "An access token of this issuer is exchanged by an authenticated client, as clients of Alibaba Cloud IDaaS do",
        required: &[
            ("grant_type", urn!("grant-type:token-exchange")),
            ("subject_token", None),
            ("subject_token_type", None),
            ("client_id", None),
            (NAME, None),
            ("client_assertion_type", None),
            ("client_assertion", None),
            ("scope", None),
        ],
        optional: &["client_x509", "client_x509_chain", "requested_token_type", "client_nonce"],
        json: false,
    },
];

/// The body of a token request.
pub(super) fn body() -> Value {
    let any_of = |json: bool| -> Vec<Value> {
        let forms = FORMS.iter().filter(|form| form.json || !json);
        forms.map(|form| named(form.name)).collect()
    };
    json!({
        "required": true,
        "content": {
            "application/x-www-form-urlencoded": { "schema": { "anyOf": any_of(false) } },
            "application/json": { "schema": { "anyOf": any_of(true) } },
        },
    })
}

/// The forms by name.
pub(super) fn schemas() -> Map<String, Value> {
    FORMS.iter().map(|form| (form.name.to_owned(), schema(form))).collect()
}

fn schema(form: &Form) -> Value {
    let mut properties = Map::new();
    for (name, value) in form.required {
        let schema = match value {
            Some(value) => json!({ "const": value }),
            None => json!({ "type": "string", "minLength": 1, "description": meaning(name) }),
        };
        properties.insert((*name).to_owned(), schema);
    }
    for name in form.optional {
        let schema = json!({ "type": "string", "description": meaning(name) });
        properties.insert((*name).to_owned(), schema);
    }
    let required: Vec<&str> = form.required.iter().map(|(name, _)| *name).collect();
    json!({
        "type": "object",
        "description": form.what,
        "properties": properties,
        "required": required,
    })
}

fn meaning(parameter: &str) -> &'static str {
    match parameter {
        "assertion" | "client_assertion" => "The proof",
        "subject_token" => "The proof, or an access token of this issuer",
        "subject_token_type" => {
            "What the subject token is, a URN of RFC 8693 section 3 or one of the documentation"
        }
        "requested_token_type" => "What is wanted: an access token",
        "client_id" => "The client",
        NAME => "The client's credential that the proof is for",
        "client_assertion_type" => "What the client assertion is",
        "client_x509" => "The certificate, PEM or base64",
        "client_x509_chain" => "Its intermediates",
        "client_nonce" => "By what an instance is known again, beside a document",
        "resource" => "For whom the token is to be, as a URI (RFC 8707)",
        "audience" => "For whom the token is to be, by name or as a URI (RFC 8693)",
        _ => "What is asked for, separated by blanks: plain values, or audience|value",
    }
}
