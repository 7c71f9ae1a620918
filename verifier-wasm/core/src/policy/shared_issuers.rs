//! Issuers that anyone can use: a token of theirs proves nothing before its owner is known.

use super::presets::Preset;
use crate::expr::Requirement;

/// An issuer, and the claims of which one must be fixed for its tokens.
type Shared = (&'static str, Requirement);

/// Issuers without a preset of their own.
const OTHERS: [Shared; 2] = [
    // A forge for everybody, whose tokens are those of one's own forge.
    (
        "https://codeberg.org/api/actions",
        Requirement::new(&[
            &[&["jwt", "claims", "repository_owner_id"]],
            &[&["jwt", "claims", "repository_owner"]],
        ]),
    ),
    (
        "https://oidc.vercel.com",
        Requirement::new(&[&[&["jwt", "claims", "owner_id"]], &[&["jwt", "claims", "owner"]]]),
    ),
];

/// The issuers that are known to serve many owners, each with the claims of which one must be fixed.
///
/// Anybody can get a token of these issuers with any audience, so a condition on a name within an owner's realm
/// is met by anyone who takes that name in their own.
pub fn shared_issuers() -> impl Iterator<Item = (&'static str, Requirement)> {
    let of_presets = Preset::ALL.iter().filter_map(|preset| {
        let owner = preset.definition().owner?;
        Some(preset.public_issuers().map(move |issuer| (issuer, owner)))
    });
    of_presets.flatten().chain(OTHERS)
}

/// The claims of which one must be fixed for tokens of `issuer`, when it is known to serve many owners.
pub(super) fn owner(issuer: &str) -> Option<Requirement> {
    shared_issuers().find(|(known, _)| *known == issuer).map(|(_, owner)| owner)
}

/// Whether `issuer` is an address that is used for every tenant of a service; tokens name their own.
pub(super) fn names_no_tenant(issuer: &str) -> bool {
    Preset::ALL.iter().filter_map(|preset| preset.definition().tenants.as_ref()).any(|tenants| {
        tenants.hosts.iter().filter_map(|host| issuer.strip_prefix(host)).any(|path| {
            let tenant = path.split('/').next().unwrap_or_default();
            tenants.everybody.contains(&tenant)
        })
    })
}
