//! The dates of registered roots.

use super::TrustPolicy;
use super::provider::ProviderKind;
use crate::limits::ANCHOR_NOTICE;
use crate::time::UnixTime;
use crate::x509::TrustAnchor;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A registered root that has ended, or ends within 30 days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorEnds {
    /// Where it is: a JSON Pointer (RFC 6901) into the document.
    pub pointer: String,
    /// Its subject.
    pub subject: String,
    /// Its last second.
    pub not_after: UnixTime,
    /// Whether it has expired.
    pub ended: bool,
    /// Whether it and every other root of its provider have: no path can end well any more.
    pub all_ended: bool,
}

impl TrustPolicy {
    /// The roots of private CAs that have ended at `now`, or end within 30 days.
    ///
    /// No path ends at an expired root: the loader of a policy rejects a provider whose roots have all ended, and warns
    /// of the others. The policy itself has no clock.
    #[must_use]
    pub fn anchors_expiring(&self, now: UnixTime) -> Vec<AnchorEnds> {
        let mut all = Vec::new();
        for (name, provider) in self.providers() {
            let ProviderKind::Pca(pca) = &provider.kind else { continue };
            let name = name.replace('~', "~0").replace('/', "~1");
            let left = |root: &TrustAnchor| root.certificate().not_after().since(now);
            let all_ended = pca.roots.iter().all(|root| left(root) < 0);
            for (root, place) in pca.roots.iter().zip(&pca.root_places) {
                let certificate = root.certificate();
                let left = left(root);
                if left < ANCHOR_NOTICE {
                    all.push(AnchorEnds {
                        pointer: format!("/providers/{name}/roots/{place}"),
                        subject: certificate.subject().to_string(),
                        not_after: certificate.not_after(),
                        ended: left < 0,
                        all_ended,
                    });
                }
            }
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Limits, parse_with};
    use crate::x509::tests::forge::any_root;

    #[test]
    fn x24_a_root_is_told_of_before_and_after_its_end() {
        let root = crate::base64::encode_standard(&any_root());
        let text = format!(
            r#"{{"version":1,"issuer":"https://sts.example.com/o",
                "providers":{{"plant":{{"type":"pca","roots":["{root}"]}}}},
                "resources":{{}},"clients":{{}}}}"#
        );
        let document = parse_with(text.as_bytes(), Limits::DOCUMENT).unwrap();
        let policy = TrustPolicy::from_document(&document).unwrap();
        // The root ends at 2030-01-01T00:00:00Z.
        let end = UnixTime::from_civil(2030, 1, 1, 0, 0, 0).unwrap();
        let check = |now: UnixTime, expect: Option<bool>| {
            let found = policy.anchors_expiring(now);
            assert_eq!(found.first().map(|anchor| anchor.ended), expect, "{now}");
            assert!(found.iter().all(|anchor| anchor.pointer == "/providers/plant/roots/0"));
        };
        check(end.plus(-ANCHOR_NOTICE), None);
        check(end.plus(1 - ANCHOR_NOTICE), Some(false));
        check(end, Some(false));
        check(end.plus(1), Some(true));
    }
}
