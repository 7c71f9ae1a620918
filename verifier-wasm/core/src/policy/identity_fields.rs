//! Which fields say *who*: at least one set of them must be fixed by every way to satisfy a binding.

use super::preset::Preset;
use crate::expr::Requirement;

/// The requirement of a preset: alternatives, each a set of paths that together say who.
pub(super) const fn of(preset: Preset) -> Requirement {
    Requirement::new(match preset {
        Preset::Generic | Preset::SpiffeJwt => &[&[&["jwt", "claims", "sub"]]],
        // Repositories by immutable id or by name; the owner alone is not a workload.
        Preset::GithubActions => &[
            &[&["jwt", "claims", "sub"]],
            &[&["jwt", "claims", "repository_id"]],
            &[&["jwt", "claims", "repository"]],
        ],
        Preset::GitlabCi => &[
            &[&["jwt", "claims", "sub"]],
            &[&["jwt", "claims", "project_id"]],
            &[&["jwt", "claims", "project_path"]],
        ],
        // A service account's name means something within its namespace only.
        Preset::Kubernetes | Preset::AckRrsa => &[
            &[&["jwt", "claims", "sub"]],
            &[&["jwt", "claims", "kubernetes.io", "serviceaccount", "uid"]],
            &[
                &["jwt", "claims", "kubernetes.io", "namespace"],
                &["jwt", "claims", "kubernetes.io", "serviceaccount", "name"],
            ],
        ],
        // The principal, or the machine by its whole resource id.
        Preset::AzureVm => &[
            &[&["jwt", "claims", "oid"]],
            &[&["jwt", "claims", "sub"]],
            &[&["jwt", "claims", "xms_mirid"]],
        ],
        // The numeric id of the service account, or an instance within its project.
        Preset::GceVm => &[
            &[&["jwt", "claims", "sub"]],
            &[
                &["jwt", "claims", "google", "compute_engine", "instance_id"],
                &["jwt", "claims", "google", "compute_engine", "project_id"],
            ],
            &[
                &["jwt", "claims", "google", "compute_engine", "instance_id"],
                &["jwt", "claims", "google", "compute_engine", "project_number"],
            ],
        ],
        Preset::SpiffeX509 => &[&[&["cert", "san", "uri", "[0]"]]],
        Preset::Pca => &[
            &[&["cert", "subject", "CN"]],
            // A serial number is unique within its issuer alone (RFC 5280 section 4.1.2.2).
            &[&["cert", "serialNumber"], &["cert", "issuer", "CN"]],
            &[&["cert", "serialNumber"], &["cert", "issuer", "subject", "CN"]],
            &[&["cert", "fingerprint"]],
        ],
        // Everything else in a document can be chosen by the tenant of some other account.
        Preset::AmazonEc2 => &[&[&["pkcs7", "payload", "jsonData", "accountId"]]],
        Preset::AzureAttested => &[&[&["pkcs7", "payload", "jsonData", "subscriptionId"]]],
        Preset::AlibabaEcs => &[&[&["pkcs7", "payload", "jsonData", "owner-account-id"]]],
    })
}
