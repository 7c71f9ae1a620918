//! An instance document of Alibaba Cloud ECS and ECI.

use crate::cms::Profile;
use crate::expr::Requirement;
use crate::limits;
use crate::policy::guide::{Cloud, Guide, Init, Question, Value};
use crate::policy::models::document;
use crate::policy::preset::{Definition, Documents, Field, Group, Path, Proofs, Regions, Signers};

pub(super) static PRESET: Definition = Definition {
    type_name: "pkcs7",
    proofs: Proofs::Documents(Documents {
        name: "alibaba_ecs",
        profile: Profile::AlibabaEcs,
        owner: ACCOUNT,
        individual: INSTANCE,
        signers: Signers::Pinned,
        regions: Regions::Optional,
        names_audience: true,
        max_age: Some(limits::DOCUMENT_MAX_AGE),
        sha1_dsa: false,
    }),
    // Everything else in a document can be chosen by the tenant of some other account.
    identity: Requirement::new(&[&[ACCOUNT, INSTANCE]]),
    group: Some(Group {
        owner: Some(Requirement::new(&[&[ACCOUNT]])),
        individual: Requirement::new(&[&[INSTANCE]]),
        within_owner: true,
    }),
    // `audience` is a string or an object; what the cloud adds to its documents is anybody's guess.
    model: document![
        "image-id",
        "instance-id",
        "instance-type",
        "mac",
        "owner-account-id": Number,
        "private-ipv4",
        "region-id",
        "serial-number",
        "zone-id",
    ],
    matches: &[
        Field::text("account_id", ACCOUNT),
        Field::text("instance_id", INSTANCE),
        Field::text("region", &["pkcs7", "payload", "jsonData", "region-id"]),
    ],
    ..Definition::EMPTY
};

const ACCOUNT: Path = &["pkcs7", "payload", "jsonData", "owner-account-id"];
const INSTANCE: Path = &["pkcs7", "payload", "jsonData", "instance-id"];

pub(super) static GUIDE: Guide = Guide {
    page: "alibaba-ecs",
    about: "Alibaba Cloud ECS and ECI.",
    cloud: Some(Cloud { key: "alibaba", names: &["alibaba_cloud"] }),
    init: Some(Init {
        questions: &[
            Question::number("account", "The number of the account"),
            Question::required("instance", "The id of the instance"),
        ],
        // The prefix is that of the compatible service.
        values: &[Value::Random { name: "document-audience", prefix: "idaas_" }],
        provider: "ecs",
        settings: "type: pkcs7\n\
                   profile: alibaba_ecs\n\
                   audience: {document-audience} # this installation's own; nobody can guess it\n\
                   anchors: alibaba_cloud\n\
                   max_age: 4500s\n\
                   trust_condition: 'pkcs7.payload.jsonData[\"owner-account-id\"] == \"{account}\"'\n",
        binding: "condition: 'pkcs7.payload.jsonData[\"instance-id\"] == \"{instance}\"'",
        subject: "Append(\"urn:ecs:\", pkcs7.payload.jsonData[\"instance-id\"])",
        left: &["Have the instance ask the metadata service for the audience {document-audience}."],
        given: "document:\n  \
                owner-account-id: '{account}'\n  \
                instance-id: '{instance}'\n  \
                audience: { aud: {document-audience}, signingTime: 1795521600 }\n",
        accepted: ("the instance gets a token", "urn:ecs:{instance}"),
        refused: "another instance of the account gets none",
        changed: ("instance", "0"),
    }),
    ..Guide::EMPTY
};
