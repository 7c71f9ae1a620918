//! Which fields say *who*: at least one set of them must be fixed by every way to satisfy a binding.

use super::provider::{OidcProfile, ProviderKind};
use crate::cms::Profile;
use crate::expr::Requirement;

/// The requirement of a provider kind: alternatives, each a set of paths that together say who.
pub(super) const fn of(kind: &ProviderKind) -> Requirement {
    Requirement::new(match kind {
        ProviderKind::Oidc(provider) => match provider.profile {
            OidcProfile::Generic => &[&[&["jwt", "claims", "sub"]]],
            // Repositories by immutable id or by name; the owner alone is not a workload.
            OidcProfile::GithubActions => &[
                &[&["jwt", "claims", "sub"]],
                &[&["jwt", "claims", "repository_id"]],
                &[&["jwt", "claims", "repository"]],
            ],
            // A service account's name means something within its namespace only.
            OidcProfile::Kubernetes => &[
                &[&["jwt", "claims", "sub"]],
                &[&["jwt", "claims", "kubernetes.io", "serviceaccount", "uid"]],
                &[
                    &["jwt", "claims", "kubernetes.io", "namespace"],
                    &["jwt", "claims", "kubernetes.io", "serviceaccount", "name"],
                ],
            ],
        },
        ProviderKind::Pca(_) => &[
            &[&["cert", "subject", "CN"]],
            // A serial number is unique within its issuer alone (RFC 5280 section 4.1.2.2).
            &[&["cert", "serialNumber"], &["cert", "issuer", "CN"]],
            &[&["cert", "serialNumber"], &["cert", "issuer", "subject", "CN"]],
            &[&["cert", "fingerprint"]],
        ],
        // Everything else in a document can be chosen by the tenant of some other account.
        ProviderKind::Pkcs7(provider) => match provider.profile {
            Profile::AmazonEc2 => &[&[&["pkcs7", "payload", "jsonData", "accountId"]]],
            Profile::AzureAttested => &[&[&["pkcs7", "payload", "jsonData", "subscriptionId"]]],
            _ => &[&[&["pkcs7", "payload", "jsonData", "owner-account-id"]]],
        },
    })
}
