//! Policy documents.

use super::NOW;
use credmint_core::UnixTime;
use credmint_core::json::{Limits, parse_with};
use credmint_core::policy::{Bundle, TrustPolicy, policy_hash, write_bundle};
use serde_json::Value;

/// A trust policy, as JSON: what is said of it points into it; one that loads has lints and tests, and its bundle is
/// the same policy.
pub fn policy(data: &[u8]) -> bool {
    let Ok(document) = parse_with(data, Limits::DOCUMENT) else { return false };
    let text: Value = serde_json::from_slice(data).expect("it is JSON");
    let policy = match TrustPolicy::from_document(&document) {
        Ok(policy) => policy,
        Err(problems) => {
            assert!(!problems.is_empty(), "refused without a problem");
            for problem in problems {
                assert!(points_into(&text, &problem.pointer), "{problem}");
            }
            return false;
        }
    };
    for now in [None, Some(UnixTime::from_seconds(NOW))] {
        for lint in policy.lints(now) {
            assert!(points_into(&text, &lint.pointer), "{lint}");
        }
    }
    for case in policy.run_tests() {
        assert_eq!(case.passed, case.expected == case.got, "{}", case.name);
    }
    let bundle = Bundle::read(&write_bundle(&document).into());
    assert_eq!(bundle.map(|bundle| bundle.hash).ok(), Some(policy_hash(&document)));
    true
}

/// Whether a JSON Pointer names a value of the document, or a member that one of its values lacks.
fn points_into(document: &Value, pointer: &str) -> bool {
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    document.pointer(pointer).or_else(|| document.pointer(parent)).is_some()
}
