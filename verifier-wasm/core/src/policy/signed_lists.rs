//! Which fetched revocation lists the authorities that a policy registers have signed.

use super::{ProviderKind, TrustPolicy};
use crate::keys::KeyRing;
use crate::signature::{Session, SignatureProvider};
use crate::x509::{TrustAnchor, VerifiedList, verify_list};
use alloc::vec::Vec;

impl TrustPolicy {
    /// The lists of `ring` from `url` that a registered root or intermediate of a provider with this address has signed; for
    /// [`KeyRing::verified_crls`], when a host has brought them. Those of authorities that are known from requests alone are
    /// found by decisions. A back end that defers finds none.
    #[must_use]
    pub fn verify_crls(
        &self,
        url: &str,
        ring: &KeyRing,
        signatures: SignatureProvider<'_>,
    ) -> Vec<VerifiedList> {
        let providers = self.providers().filter_map(|(_, provider)| match provider.kind() {
            ProviderKind::Pca(pca) => pca.crl_urls().any(|own| own == url).then_some(pca),
            _ => None,
        });
        let registered: Vec<_> = providers
            .flat_map(|pca| {
                let roots = pca.roots.iter().map(TrustAnchor::certificate);
                roots.chain(&pca.intermediates).map(|own| (own, pca.rsa))
            })
            .collect();
        ring.unverified_crls(url)
            // A session for each: what one of them costs is not taken from the next.
            .filter_map(|list| {
                verify_list(list, registered.iter().copied(), &Session::new(signatures))
            })
            .collect()
    }
}
