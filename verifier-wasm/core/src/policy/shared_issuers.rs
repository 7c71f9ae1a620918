//! Issuers that serve everybody: a token of theirs proves nothing before its owner is known.

use crate::expr::Requirement;

/// The issuers of this page, for a look at spellings.
pub(super) const KNOWN: [&str; 6] = [
    "https://token.actions.githubusercontent.com",
    "https://gitlab.com",
    "https://accounts.google.com",
    "https://app.terraform.io",
    "https://agent.buildkite.com",
    "https://oidc.vercel.com",
];

/// The claims of which one must be fixed for tokens of `issuer`, when it is known to serve many owners.
///
/// Anybody can get a token of these issuers with any audience, so a condition on a name within an owner's realm
/// is met by whoever takes that name in his own.
pub(super) fn owner(issuer: &str) -> Option<Requirement> {
    Some(Requirement::new(match issuer {
        "https://token.actions.githubusercontent.com" => &[
            &[&["jwt", "claims", "repository_owner_id"]],
            &[&["jwt", "claims", "repository_owner"]],
            &[&["jwt", "claims", "enterprise_id"]],
        ],
        "https://gitlab.com" => {
            &[&[&["jwt", "claims", "namespace_id"]], &[&["jwt", "claims", "namespace_path"]]]
        }
        // A service account's id is its owner's and is never given twice.
        "https://accounts.google.com" => &[
            &[&["jwt", "claims", "sub"]],
            &[&["jwt", "claims", "google", "compute_engine", "project_number"]],
            &[&["jwt", "claims", "google", "compute_engine", "project_id"]],
        ],
        "https://app.terraform.io" => &[
            &[&["jwt", "claims", "terraform_organization_id"]],
            &[&["jwt", "claims", "terraform_organization_name"]],
        ],
        "https://agent.buildkite.com" => {
            &[&[&["jwt", "claims", "organization_id"]], &[&["jwt", "claims", "organization_slug"]]]
        }
        "https://oidc.vercel.com" => {
            &[&[&["jwt", "claims", "owner_id"]], &[&["jwt", "claims", "owner"]]]
        }
        _ => return None,
    }))
}

/// Whether `issuer` is an address of Azure that stands for every tenant; tokens name their own.
pub(super) fn names_no_tenant(issuer: &str) -> bool {
    let hosts = ["https://login.microsoftonline.com/", "https://sts.windows.net/"];
    hosts.iter().filter_map(|host| issuer.strip_prefix(host)).any(|path| {
        let tenant = path.split('/').next().unwrap_or_default();
        ["", "common", "organizations", "consumers", "{tenantid}"].contains(&tenant)
    })
}
