//! An instance document of Amazon EC2.

use crate::cms::Profile;
use crate::expr::Requirement;
use crate::policy::guide::{Cloud, Guide, Init, Question};
use crate::policy::models::document;
use crate::policy::preset::{Definition, Documents, Field, Group, Path, Proofs, Regions, Signers};

pub(super) static PRESET: Definition = Definition {
    type_name: "pkcs7",
    proofs: Proofs::Documents(Documents {
        name: "amazon_ec2",
        profile: Profile::AmazonEc2,
        owner: ACCOUNT,
        individual: INSTANCE,
        signers: Signers::Pinned,
        // There is one signer a region, and all of them have one issuer name.
        regions: Regions::Required,
        names_audience: false,
        // They age from the start of the instance, so the author must choose.
        max_age: None,
        sha1_dsa: true,
    }),
    // Everything else in a document can be chosen by the tenant of some other account.
    identity: Requirement::new(&[&[ACCOUNT, INSTANCE]]),
    group: Some(Group {
        owner: Some(Requirement::new(&[&[ACCOUNT]])),
        individual: Requirement::new(&[&[INSTANCE]]),
        within_owner: true,
    }),
    model: document![
        "accountId": Account,
        "architecture",
        "availabilityZone",
        "imageId",
        "instanceId": Instance,
        "instanceType",
        "pendingTime",
        "privateIp",
        "region",
        "version",
    ],
    matches: &[
        Field::text("account_id", ACCOUNT),
        Field::text("instance_id", INSTANCE),
        Field::text("region", &["pkcs7", "payload", "jsonData", "region"]),
    ],
    ..Definition::EMPTY
};

const ACCOUNT: Path = &["pkcs7", "payload", "jsonData", "accountId"];
const INSTANCE: Path = &["pkcs7", "payload", "jsonData", "instanceId"];

pub(super) static GUIDE: Guide = Guide {
    page: "amazon-ec2",
    about: "Amazon EC2.",
    // Of Amazon it is the commercial partition: accounts of the others are other accounts.
    cloud: Some(Cloud { key: "aws", names: &["aws"] }),
    init: Some(Init {
        questions: &[
            Question::number("account", "The number of the account"),
            Question::required("instance", "The id of the instance"),
            Question::required("region", "The region"),
        ],
        values: &[],
        provider: "ec2",
        settings: "type: pkcs7\n\
                   profile: amazon_ec2\n\
                   max_age: 900s # since the start of the instance\n\
                   signers: [{ cloud: aws, region: '{region}' }]\n\
                   trust_condition: 'pkcs7.payload.jsonData.accountId == \"{account}\"'\n",
        binding: "condition: 'pkcs7.payload.jsonData.instanceId == \"{instance}\"'",
        subject: "Append(\"urn:ec2:\", pkcs7.payload.jsonData.instanceId)",
        left: &[
            "Choose max_age: it counts from the start of the instance, whose document does not \
             expire.",
        ],
        given: "document: { accountId: '{account}', instanceId: '{instance}', region: '{region}' }\n\
                signing_time: 2026-11-24T11:55:00Z\n",
        accepted: ("the instance gets a token", "urn:ec2:{instance}"),
        refused: "another instance of the account gets none",
        changed: ("instance", "0"),
    }),
    ..Guide::EMPTY
};
