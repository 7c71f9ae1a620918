//! A certificate of a private CA.

use crate::expr::{Model, Requirement};
use crate::policy::guide::{Guide, Init, Question};
use crate::policy::models::CERTIFICATE;
use crate::policy::preset::{Definition, Field, Proofs};

pub(super) static PRESET: Definition = Definition {
    type_name: "pca",
    proofs: Proofs::Certificates,
    // A serial number is unique within its issuer alone (RFC 5280 section 4.1.2.2).
    identity: Requirement::new(&[
        &[&["cert", "subject", "CN"]],
        &[&["cert", "serialNumber"], &["cert", "issuer", "CN"]],
        &[&["cert", "serialNumber"], &["cert", "issuer", "subject", "CN"]],
        &[&["cert", "fingerprint"]],
    ]),
    model: Model::cert(CERTIFICATE),
    matches: &[
        Field::text("common_name", &["cert", "subject", "CN"]),
        Field::text("organization", &["cert", "subject", "O"]),
        Field::text("organizational_unit", &["cert", "subject", "OU"]),
        Field::text("issuer_common_name", &["cert", "issuer", "CN"]),
        Field::text("serial_number", &["cert", "serialNumber"]),
        Field::text("fingerprint", &["cert", "fingerprint"]),
    ],
    ..Definition::EMPTY
};

pub(super) static GUIDE: Guide = Guide {
    page: "pca",
    about: "Certificates of a private CA.",
    matches: &[
        ("serial_number", "lower-case hexadecimal"),
        ("fingerprint", "SHA-256 of the certificate in lower-case hexadecimal"),
    ],
    init: Some(Init {
        questions: &[Question::required(
            "common-name",
            "The common name of the workload's certificate",
        )],
        values: &[],
        provider: "plant",
        settings: "type: pca\nroots: [{ file: root.pem }]\n",
        binding: "condition: 'cert.subject.CN == \"{common-name}\"'",
        subject: "Append(\"urn:cert:\", cert.subject.CN)",
        left: &["Put the root certificate of the authority beside this file, as root.pem."],
        given: "certificate: { subject: { CN: '{common-name}' } }\n",
        accepted: ("the workload gets a token", "urn:cert:{common-name}"),
        refused: "another certificate of the authority gets none",
        changed: ("common-name", "-other"),
    }),
    ..Guide::EMPTY
};
