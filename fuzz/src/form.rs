//! Token requests.

use super::verdicts::accepts;
use super::{NOW, POLICY, signed};
use credmint_core::{Assertion, Presented};
use credmint_verify::Command;
use serde_json::{Map, Value, json};
use std::cell::RefCell;

/// A token request by a whole policy: what is granted carries an assertion that was signed.
pub fn form(data: &[u8]) -> bool {
    let pairs = pairs(data);
    let Ok(presented) = Presented::from_parameters(pairs.iter().cloned()) else { return false };
    let form: Map<_, _> = pairs.into_iter().map(|(name, value)| (name, value.into())).collect();
    let request = json!({ "id": 0, "form": form, "now": NOW, "policy": policy_of_seeds() });
    let accepted = accepts(Command::Proof, &request);
    let sent = match &presented.assertion {
        Assertion::Pca { jwt, .. } => Some(jwt),
        Assertion::Oidc { token } | Assertion::Jwt { token, .. } | Assertion::Svid { token } => {
            Some(token)
        }
        // In a document more than the signed part may vary: lengths, segments, unsigned attributes.
        _ => None,
    };
    if let Some(sent) = sent.filter(|_| accepted) {
        assert!(signed::token(sent), "not signed: {sent}");
    }
    accepted
}

/// The parameters, as the issuer reads them.
fn pairs(form: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(form).into_owned().collect()
}

fn policy_of_seeds() -> Value {
    thread_local!(static READ: RefCell<Option<Value>> = const { RefCell::new(None) });
    READ.with_borrow_mut(|read| {
        read.get_or_insert_with(|| serde_json::from_str(POLICY).expect("a seed")).clone()
    })
}
