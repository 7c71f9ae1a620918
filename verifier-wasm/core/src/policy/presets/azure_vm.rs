//! A managed identity of an Azure virtual machine.

use crate::expr::Requirement;
use crate::policy::guide::{Guide, Init, Question};
use crate::policy::models::texts;
use crate::policy::preset::{Composed, Definition, Field, Group, Path, Proofs, Tenants};

/// The principal, or the machine by its whole resource id.
pub(super) static PRESET: Definition = Definition {
    type_name: "azure_vm",
    proofs: Proofs::Tokens { issuer: None },
    dated_back: 300,
    identity: Requirement::new(&[
        &[&["jwt", "claims", "oid"]],
        &[&["jwt", "claims", "sub"]],
        &[&["jwt", "claims", "xms_mirid"]],
    ]),
    individual: Some(Requirement::new(&[
        &[&["jwt", "claims", "oid"]],
        &[&["jwt", "claims", "sub"]],
    ])),
    // A tenant is one owner's, and the issuer names it.
    group: Some(Group {
        owner: None,
        individual: Requirement::new(&[&[&["jwt", "claims", "oid"]]]),
        within_owner: false,
    }),
    // Tokens name their own tenant.
    tenants: Some(Tenants {
        hosts: &["https://login.microsoftonline.com/", "https://sts.windows.net/"],
        everybody: &["", "common", "organizations", "consumers", "{tenantid}"],
    }),
    model: texts![
        "appid": Uuid,
        "idp",
        "oid": Uuid,
        "tid": Uuid,
        "ver",
        "xms_mirid": ResourceId,
    ],
    matches: &[
        Field::part("subscription_id", MACHINE),
        Field::part("resource_group", MACHINE),
        Field::part("vm_name", MACHINE),
        Field::part("scale_set_name", MACHINE),
        Field::text("principal_id", &["jwt", "claims", "oid"]),
        Field::text("tenant_id", &["jwt", "claims", "tid"]),
    ],
    composed: Some(Composed {
        path: MACHINE,
        parts: &[
            ("/subscriptions/", "subscription_id"),
            ("/resourcegroups/", "resource_group"),
            ("/providers/Microsoft.Compute/virtualMachines/", "vm_name"),
        ],
        others: &[("/providers/Microsoft.Compute/virtualMachineScaleSets/", "scale_set_name")],
        whole: "a machine of Azure is named within its subscription and resource group",
        expected: "one `subscription_id` and one `resource_group`",
        no_name: "this is not a valid name in Azure",
    }),
    ..Definition::EMPTY
};

/// The resource id of the machine.
const MACHINE: Path = &["jwt", "claims", "xms_mirid"];

pub(super) static GUIDE: Guide = Guide {
    page: "azure_vm",
    about: "Tokens of managed identities of Azure machines.",
    matches: &[
        ("vm_name", "the name of the machine"),
        ("scale_set_name", "the name of the scale set, whose machines have one identity"),
        ("principal_id", "the object id of the managed identity"),
    ],
    foreign_audiences: &[
        "api://AzureADTokenExchange",
        "https://management.azure.com",
        "https://management.azure.com/",
    ],
    init: Some(Init {
        questions: &[
            Question::required(
                "token-issuer",
                "The issuer of your tenant, as the `iss` of a token has it",
            ),
            Question::required(
                "token-audience",
                "The application of the tenant that tokens are asked for",
            ),
            Question::required("principal-id", "The object id of the machine's managed identity"),
        ],
        values: &[],
        provider: "azure",
        settings: "type: azure_vm\n\
                   issuer: '{token-issuer}'\n\
                   audiences: ['{token-audience}'] # the resource that the machine asks for\n\
                   keys: { discovery: true }\n\
                   max_lifetime: 86400s\n",
        binding: "match: { principal_id: '{principal-id}' }",
        subject: "Append(\"urn:azure:\", jwt.claims.oid)",
        left: &[
            "Have the machine ask the metadata service for the resource {token-audience}.",
            "When the identity is the machine's own and of one machine: bind that too, by \
             subscription_id, resource_group and vm_name.",
        ],
        given: "claims: { sub: '{principal-id}', oid: '{principal-id}' }\n",
        accepted: ("the managed identity gets a token", "urn:azure:{principal-id}"),
        refused: "another identity of the tenant gets none",
        changed: ("principal-id", "0"),
    }),
    ..Guide::EMPTY
};
