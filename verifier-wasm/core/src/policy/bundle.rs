//! The policy as edges get it: one JSON text with nothing outside it, named by its hash.
//!
//! ```json
//! { "bundle": 1, "hash": "sha256:…", "policy": { … } }
//! ```
//!
//! The hash is the SHA-256 of the canonical text of `policy`: compact JSON, members sorted by the bytes of their
//! names, strings with no more escapes than RFC 8259 section 7 demands. It finds a text that was cut, mixed up or
//! edited by mistake. It is not a signature: anyone who can change the policy can change the hash.

use super::TrustPolicy;
use super::case::Around;
use crate::digest::sha256;
use crate::document::{self, Node, Problem, Problems};
use crate::hex::Hex;
use crate::json::{Object, Value};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// A policy that came as a bundle.
#[derive(Debug)]
pub struct Bundle {
    /// The policy.
    pub policy: TrustPolicy,
    /// Its hash, as [`policy_hash`] gives it.
    pub hash: String,
}

/// The hash of a policy document: `sha256:` and 64 lower-case hexadecimal digits. The member `tests` does not count,
/// so that the hash of a bundle, which has none, is the hash of the policy that it was made from.
#[must_use]
pub fn policy_hash(document: &Value) -> String {
    format!("sha256:{}", Hex(&sha256(without_tests(document).to_string().as_bytes())))
}

/// The bundle of a policy document that has been compiled. Its tests stay behind: an edge does not run them.
#[must_use]
pub fn write_bundle(document: &Value) -> Object {
    Object::from_iter([
        ("bundle", Value::from(1)),
        ("hash", policy_hash(document).into()),
        ("policy", without_tests(document)),
    ])
}

fn without_tests(document: &Value) -> Value {
    match document {
        Value::Object(members) => {
            let others = members.iter().filter(|(name, _)| *name != "tests");
            Value::Object(others.map(|(name, value)| (name, value.clone())).collect())
        }
        other => other.clone(),
    }
}

impl Bundle {
    /// Reads a bundle: its hash must be that of its policy, and the policy must compile.
    ///
    /// # Errors
    /// Every problem, with the place in the bundle.
    pub fn read(document: &Value) -> Result<Self, Vec<Problem>> {
        document::read(document, Self::from_node)
    }

    /// Reads a bundle that is a part of a document.
    pub fn from_node(node: &Node<'_>, problems: &mut Problems) -> Option<Self> {
        let mut members = node.members(problems)?;
        let version = members.required("bundle", problems);
        let hash = members.required("hash", problems);
        let policy = members.required("policy", problems);
        members.close(problems);
        version?.integer(1..=1, "the only form there is", problems)?;
        let (hash, policy) = (hash?, policy?);
        let own = policy_hash(policy.value);
        if hash.text(problems)? != own {
            problems.report(
                &hash,
                "this is not the hash of the policy: the bundle was changed or cut",
                AS_WRITTEN,
            );
            return None;
        }
        let read_tests = |node: &Node<'_>, _: Around<'_>, problems: &mut Problems| {
            problems.report(node, "a bundle has no tests", AS_WRITTEN);
            None
        };
        let policy = TrustPolicy::read_with(&policy, read_tests, problems)?;
        Some(Self { policy, hash: own })
    }
}

const AS_WRITTEN: &str = "a bundle as `credmint policy bundle` wrote it";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{self, Limits};
    use crate::policy::tests::document;

    fn value(text: &str) -> Value {
        json::parse_with(text.as_bytes(), Limits::DOCUMENT).unwrap()
    }

    #[test]
    fn a_bundle_is_the_policy_without_its_tests() {
        let plain = value(&document(&[]));
        let tested = value(&document(&[("\"version\": 1", "\"version\": 1, \"tests\": []")]));
        let bundle = Value::from(write_bundle(&plain));
        assert_eq!(bundle, Value::from(write_bundle(&tested)));
        let read = Bundle::read(&bundle).unwrap();
        assert_eq!(read.hash, policy_hash(&tested));
        assert_eq!(read.policy.issuer(), "https://sts.example.com/oauth2");
        // The text is what travels.
        assert_eq!(Bundle::read(&value(&bundle.to_string())).unwrap().hash, read.hash);
    }

    #[test]
    fn the_hash_is_of_the_canonical_text() {
        let check = |text: &str, canonical: &str| {
            let expect = format!("sha256:{}", Hex(&sha256(canonical.as_bytes())));
            assert_eq!(policy_hash(&value(text)), expect, "{text}");
        };
        check(" { \"b\" : [ 1, true ], \"a\" : \"\\u00e9\\/\" } ", "{\"a\":\"é/\",\"b\":[1,true]}");
        check("{\"a\":1,\"tests\":[2]}", "{\"a\":1}");
    }

    #[test]
    fn what_is_no_bundle_is_refused() {
        let good = Value::from(write_bundle(&value(&document(&[])))).to_string();
        let check = |from: &str, to: &str, expect: &str| {
            assert!(good.contains(from), "{from}");
            let errors = Bundle::read(&value(&good.replacen(from, to, 1))).unwrap_err();
            let first = errors.first().unwrap().to_string();
            assert!(first.starts_with(expect), "{first}");
        };
        check("\"write\"", "\"admin\"", "/hash: this is not the hash");
        check("\"hash\":\"sha256:", "\"hash\":\"sha256:0", "/hash: this is not the hash");
        check("\"bundle\":1", "\"bundle\":2", "/bundle: ");
        check("\"bundle\":1", "\"bundle\":1,\"extra\":1", "/extra: `extra` is not known here");
        check("\"bundle\":1,", "\"bundle\":1,\"policy2\":1,", "/policy2: ");
        // The hash is of a policy without tests, and so is the policy.
        check("\"policy\":{", "\"policy\":{\"tests\":[],", "/policy/tests: a bundle has no tests");
        // A good hash makes no good policy.
        let bad = write_bundle(&value(&document(&[("\"version\": 1", "\"version\": 9")])));
        let errors = Bundle::read(&Value::from(bad)).unwrap_err();
        assert!(errors.first().unwrap().to_string().starts_with("/policy/version: "), "{errors:?}");
    }
}
