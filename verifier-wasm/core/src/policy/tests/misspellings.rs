//! The misspellings that every reader of documents answers alike.

use super::{document, load};
use crate::json::{self, Object, Value};
use alloc::string::ToString;
use alloc::vec::Vec;

#[test]
fn a_misspelt_member_is_told_as_everywhere() {
    let text = include_bytes!("../../../../../tests/vectors/documents/misspellings.json");
    let vectors = json::parse(text).unwrap();
    let here = |vector: &&Value| {
        let documents = vector.get("in").and_then(Value::as_array).unwrap();
        documents.iter().any(|document| document.as_str() == Some("policy"))
    };
    let vectors: Vec<&Value> = vectors.as_array().unwrap().iter().filter(here).collect();
    assert!(vectors.len() > 5);
    for vector in vectors {
        let word = |name: &str| vector.get(name).and_then(Value::as_str);
        let mut policy: Object = json::parse_object(document(&[]).as_bytes()).unwrap();
        let value = policy.remove(word("member").unwrap()).unwrap();
        policy.insert(word("written").unwrap(), value);
        let problems = load(&Value::from(policy).to_string()).unwrap_err();
        let at = |problem: &&super::Problem| Some(problem.pointer.as_str()) == word("pointer");
        let problem = problems.iter().find(at).unwrap_or_else(|| panic!("{vector:?}"));
        assert_eq!(problem.hint.as_deref(), word("hint"), "{vector:?}");
    }
}
