//! An attested document of an Azure virtual machine.

use crate::cms::Profile;
use crate::expr::Requirement;
use crate::limits;
use crate::policy::guide::{Cloud, Guide};
use crate::policy::models::document;
use crate::policy::preset::{Definition, Documents, Field, Group, Path, Proofs, Regions, Signers};

pub(super) static PRESET: Definition = Definition {
    type_name: "pkcs7",
    proofs: Proofs::Documents(Documents {
        name: "azure_attested",
        profile: Profile::AzureAttested,
        owner: SUBSCRIPTION,
        individual: MACHINE,
        signers: Signers::Rooted,
        regions: Regions::Unknown,
        names_audience: false,
        max_age: Some(limits::DOCUMENT_MAX_AGE),
        sha1_dsa: false,
    }),
    // Everything else in a document can be chosen by the tenant of some other subscription.
    identity: Requirement::new(&[&[SUBSCRIPTION, MACHINE]]),
    group: Some(Group {
        owner: Some(Requirement::new(&[&[SUBSCRIPTION]])),
        individual: Requirement::new(&[&[MACHINE]]),
        within_owner: true,
    }),
    model: document!["licenseType", "nonce", "sku", "subscriptionId": Uuid, "vmId": Uuid],
    matches: &[Field::text("account_id", SUBSCRIPTION), Field::text("instance_id", MACHINE)],
    ..Definition::EMPTY
};

const SUBSCRIPTION: Path = &["pkcs7", "payload", "jsonData", "subscriptionId"];
const MACHINE: Path = &["pkcs7", "payload", "jsonData", "vmId"];

pub(super) static GUIDE: Guide = Guide {
    page: "azure-attested",
    about: "Attested documents of Azure.",
    cloud: Some(Cloud { key: "azure", names: &["azure"] }),
    ..Guide::EMPTY
};
