//! Whether all that the providers have fetched can be held at once.

use super::{Provider, ProviderKind};
use crate::document::{Node, Problems};
use crate::keys::KeySource;
use crate::limits::{CRL_SOURCES, ISSUERS};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;

/// What does not fit in the [`KeyRing`](crate::keys::KeyRing) is never there: each request would fetch it anew, and
/// failures would not be remembered either.
pub(super) fn require(
    node: &Node<'_>,
    providers: &BTreeMap<String, Provider>,
    problems: &mut Problems,
) {
    let mut issuers = BTreeSet::new();
    let mut lists = BTreeSet::new();
    let mut clients = 0_usize;
    for provider in providers.values() {
        match &provider.kind {
            ProviderKind::Oidc(oidc) if !matches!(oidc.keys, KeySource::Static(_)) => {
                issuers.insert(oidc.issuer.as_str());
            }
            ProviderKind::ClientKey(own) if !matches!(own.keys, KeySource::Static(_)) => {
                clients = clients.saturating_add(1);
            }
            ProviderKind::Pca(pca) => lists.extend(pca.crl_urls()),
            _ => {}
        }
    }
    for (found, most, what) in [
        (
            issuers.len().saturating_add(clients),
            ISSUERS,
            "issuers and clients whose keys are fetched",
        ),
        (lists.len(), CRL_SOURCES, "addresses of revocation lists"),
    ] {
        if found > most {
            problems.report(
                node,
                format!("{found} {what} are too many"),
                format!("at most {most}"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::base64;
    use crate::limits::{CRL_SOURCES, CRLS};
    use crate::policy::tests::load;
    use crate::x509::tests::forge;
    use alloc::format;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    #[test]
    fn o9_what_is_fetched_can_be_held() {
        let root = base64::encode_standard(&forge::any_root());
        let check = |addresses: usize, expect: &[&str]| {
            // Two providers may share an address.
            let urls: Vec<String> = (0..=addresses)
                .map(|i| format!(r#"{{"url":"https://pki/{}"}}"#, i.max(1)))
                .collect();
            let provider = |(number, urls): (usize, &[String])| {
                let urls = urls.join(",");
                format!(r#""p{number}":{{"type":"pca","roots":["{root}"],"crls":[{urls}]}}"#)
            };
            let providers: Vec<String> = urls.chunks(CRLS).enumerate().map(provider).collect();
            let text = format!(
                r#"{{"version":1,"issuer":"https://sts","providers":{{{}}},
                    "resources":{{"api":{{"scopes":["read"]}}}},"clients":{{}}}}"#,
                providers.join(",")
            );
            let found: Vec<String> = match load(&text) {
                Ok(_) => Vec::new(),
                Err(problems) => problems.iter().map(ToString::to_string).collect(),
            };
            assert_eq!(found, expect, "{addresses}");
        };
        check(CRL_SOURCES, &[]);
        let expect =
            "/providers: 257 addresses of revocation lists are too many; expected at most 256";
        check(CRL_SOURCES + 1, &[expect]);
    }
}
