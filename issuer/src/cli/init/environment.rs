//! The environments that a configuration can be started for. A new one is a row and a function.

mod clusters;
mod identities;
mod jobs;
mod machines;

use super::draft::Draft;
use super::{Answers, Question, number, required, with_default};

/// An environment of workloads.
pub(super) struct Environment {
    /// The word for it.
    pub(super) name: &'static str,
    /// What must be known beside what every environment asks.
    pub(super) questions: &'static [Question],
    /// Its part of a configuration. The error is a sentence.
    pub(super) draft: fn(&Answers) -> Result<Draft, &'static str>,
}

/// What both kinds of clusters ask.
const CLUSTER: &[Question] = &[
    required("token-issuer", "The issuer of the cluster's service account tokens"),
    required("namespace", "The namespace of the workload"),
    required("service-account", "Its service account"),
];

pub(super) const ENVIRONMENTS: &[Environment] = &[
    Environment {
        name: "github_actions",
        questions: &[
            number("owner-id", "The numeric id of the owner of the repository"),
            number("repository-id", "The numeric id of the repository"),
            with_default("ref", "The ref whose workflows are believed", "refs/heads/main"),
        ],
        draft: jobs::github_actions,
    },
    Environment {
        name: "gitlab_ci",
        questions: &[
            with_default("token-issuer", "The address of GitLab", "https://gitlab.com"),
            number("namespace-id", "The numeric id of the namespace of the project"),
            number("project-id", "The numeric id of the project"),
            with_default("ref", "The protected branch whose jobs are believed", "main"),
        ],
        draft: jobs::gitlab_ci,
    },
    Environment { name: "kubernetes", questions: CLUSTER, draft: clusters::kubernetes },
    Environment { name: "ack_rrsa", questions: CLUSTER, draft: clusters::ack_rrsa },
    Environment {
        name: "spiffe",
        questions: &[
            required("token-issuer", "The `iss` of the JWT-SVIDs"),
            required("spiffe-id", "The SPIFFE ID of the workload, as spiffe://DOMAIN/PATH"),
        ],
        draft: clusters::spiffe,
    },
    Environment {
        name: "oidc",
        questions: &[
            required("token-issuer", "The issuer of the tokens"),
            required("subject", "The subject of the workload"),
        ],
        draft: identities::oidc,
    },
    Environment {
        name: "pca",
        questions: &[required("common-name", "The common name of the workload's certificate")],
        draft: identities::pca,
    },
    Environment {
        name: "alibaba_ecs",
        questions: &[
            number("account", "The number of the account"),
            required("instance", "The id of the instance"),
        ],
        draft: machines::alibaba_ecs,
    },
    Environment {
        name: "amazon_ec2",
        questions: &[
            number("account", "The number of the account"),
            required("instance", "The id of the instance"),
            required("region", "The region"),
        ],
        draft: machines::amazon_ec2,
    },
    Environment {
        name: "azure_vm",
        questions: &[
            required("token-issuer", "The issuer of your tenant, as the `iss` of a token has it"),
            required("token-audience", "The application of the tenant that tokens are asked for"),
            required("principal-id", "The object id of the machine's managed identity"),
        ],
        draft: machines::azure_vm,
    },
    Environment {
        name: "gce_vm",
        questions: &[
            number("project-number", "The number of the project"),
            number("service-account-id", "The numeric id of the machine's service account"),
        ],
        draft: machines::gce_vm,
    },
];
