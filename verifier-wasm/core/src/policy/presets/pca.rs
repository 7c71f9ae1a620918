//! A certificate of a private CA.

use crate::expr::{Model, Requirement};
use crate::policy::guide::{Guide, Init, Question};
use crate::policy::models::CERTIFICATE;
use crate::policy::preset::{Definition, Field, Group, Path, Proofs};

pub(super) static PRESET: Definition = Definition {
    type_name: "pca",
    proofs: Proofs::Certificates,
    // A serial number is unique within its issuer alone (RFC 5280 section 4.1.2.2).
    identity: Requirement::new(&[
        &[&["cert", "subject", "CN"]],
        &[&["cert", "serialNumber"], &["cert", "issuer", "CN"]],
        &[&["cert", "serialNumber"], &["cert", "issuer", "subject", "CN"]],
        &[&["cert", "fingerprint"]],
        &[&["cert", "subject", "UID"]],
        &[&["cert", "subject", "serialNumber"]],
        DNS,
        EMAIL,
        URI,
        PRINCIPAL,
    ]),
    group: Some(Group {
        // A name of an authority can be any; its key is one.
        owner: Some(Requirement::new(&[&[&["cert", "issuerKeyFingerprint"]]])),
        individual: Requirement::new(&[
            &[&["cert", "subject", "CN"]],
            &[&["cert", "subject", "UID"]],
            &[&["cert", "subject", "serialNumber"]],
            &[&["cert", "serialNumber"]],
            &[&["cert", "fingerprint"]],
            DNS,
            EMAIL,
            URI,
            PRINCIPAL,
        ]),
        within_owner: true,
    }),
    model: Model::cert(CERTIFICATE),
    matches: &[
        Field::text("common_name", &["cert", "subject", "CN"]),
        Field::text("organization", &["cert", "subject", "O"]),
        Field::text("organizational_unit", &["cert", "subject", "OU"]),
        Field::text("issuer_common_name", &["cert", "issuer", "CN"]),
        Field::text("serial_number", &["cert", "serialNumber"]),
        Field::text("fingerprint", &["cert", "fingerprint"]),
        Field::text("issuer_key_fingerprint", &["cert", "issuerKeyFingerprint"]),
        Field::text("dns_name", &["cert", "san", "dns", "[0]"]),
        Field::text("email", &["cert", "san", "email", "[0]"]),
        Field::text("uri", &["cert", "san", "uri", "[0]"]),
        Field::text("upn", &["cert", "san", "upn", "[0]"]),
        Field::text("uid", &["cert", "subject", "UID"]),
        Field::text("subject_serial_number", &["cert", "subject", "serialNumber"]),
    ],
    ..Definition::EMPTY
};

// A name among several says nothing of the others: there must be one of its kind.
const DNS: &[Path] = &[&["cert", "san", "dns", "[*]"], &["cert", "san", "dns", "size()"]];
const EMAIL: &[Path] = &[&["cert", "san", "email", "[*]"], &["cert", "san", "email", "size()"]];
const URI: &[Path] = &[&["cert", "san", "uri", "[*]"], &["cert", "san", "uri", "size()"]];
const PRINCIPAL: &[Path] = &[&["cert", "san", "upn", "[*]"], &["cert", "san", "upn", "size()"]];

pub(super) static GUIDE: Guide = Guide {
    page: "pca",
    about: "Certificates of a private CA.",
    matches: &[
        ("serial_number", "hexadecimal in any common spelling"),
        ("fingerprint", "SHA-256 of the certificate in hexadecimal"),
        ("issuer_key_fingerprint", "SHA-256 of the public key (SPKI) of the authority above it"),
        ("dns_name", "the only DNS name"),
        ("email", "the only e-mail address"),
        ("uri", "the only URI"),
        ("upn", "the only user principal name"),
        ("uid", "the UID of the subject"),
        ("subject_serial_number", "the serialNumber of the subject, not of the certificate"),
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
