//! An SVID of a SPIFFE trust domain: a certificate or a token.

use super::generic;
use crate::expr::{Model, Requirement};
use crate::policy::guide::{Guide, Init, Question, Value};
use crate::policy::models::CERTIFICATE;
use crate::policy::preset::{Definition, Field, Group, Proofs};

/// A JWT-SVID.
pub(super) static JWT: Definition = Definition {
    type_name: "spiffe",
    proofs: Proofs::Tokens { issuer: None },
    rule: Some("jwt.claims.sub.startsWith(\"spiffe://{trust_domain}/\")"),
    identity: generic::SUBJECT,
    // The trust domain is one owner's.
    group: Some(Group { owner: None, individual: generic::SUBJECT, within_owner: false }),
    model: generic::REGISTERED,
    matches: &[Field::text("id", &["jwt", "claims", "sub"])],
    ..Definition::EMPTY
};

/// An X.509-SVID, which has exactly one URI (X509-SVID section 2).
pub(super) static X509: Definition = Definition {
    type_name: "spiffe",
    proofs: Proofs::Certificates,
    rule: Some(
        "cert.san.uri.size() == 1 && cert.san.uri[0].startsWith(\"spiffe://{trust_domain}/\")",
    ),
    identity: ID,
    group: Some(Group { owner: None, individual: ID, within_owner: false }),
    model: Model::cert(CERTIFICATE),
    matches: &[Field::text("id", &["cert", "san", "uri", "[0]"])],
    ..Definition::EMPTY
};

/// The SPIFFE ID: the rule says that it is the only URI.
const ID: Requirement = Requirement::new(&[&[&["cert", "san", "uri", "[0]"]]]);

pub(super) static GUIDE: Guide = Guide {
    page: "spiffe",
    about: "SVIDs of a SPIFFE trust domain: certificates with `roots`, or tokens with `keys`.",
    matches: &[("id", "the SPIFFE ID")],
    init: Some(Init {
        questions: &[
            Question::required("token-issuer", "The `iss` of the JWT-SVIDs"),
            Question::required(
                "spiffe-id",
                "The SPIFFE ID of the workload, as spiffe://DOMAIN/PATH",
            ),
        ],
        values: &[Value::Part {
            name: "trust-domain",
            flag: "spiffe-id",
            find: trust_domain,
            expected: "an id is spiffe://DOMAIN/PATH",
        }],
        provider: "mesh",
        settings: "type: spiffe\n\
                   trust_domain: '{trust-domain}'\n\
                   issuer: '{token-issuer}'\n\
                   audiences: ['{issuer}'] # what the workload asks the SVID for\n\
                   keys: { discovery: true }\n\
                   max_lifetime: 3600s\n",
        binding: "match: { id: '{spiffe-id}' }",
        subject: "Append(\"urn:spiffe:\", jwt.claims.sub)",
        left: &[
            "Have the workload ask for JWT-SVIDs for the audience {issuer}.",
            "When it can sign with an X.509-SVID: in place of issuer, audiences, keys and \
             max_lifetime, `roots` with the bundle of the trust domain; a copied token is then of no \
             use.",
        ],
        given: "claims: { sub: '{spiffe-id}' }\n",
        accepted: ("the workload gets a token", "urn:spiffe:{spiffe-id}"),
        refused: "another workload of the trust domain gets none",
        changed: ("spiffe-id", "-other"),
    }),
    ..Guide::EMPTY
};

/// The trust domain of a SPIFFE ID with a path (SPIFFE ID section 2).
fn trust_domain(id: &str) -> Option<&str> {
    let (domain, path) = id.strip_prefix("spiffe://")?.split_once('/')?;
    (!domain.is_empty() && !path.is_empty()).then_some(domain)
}
