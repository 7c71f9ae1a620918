//! Compact JWS and JWK sets.

use super::signed;
use super::verdicts::accepts;
use credmint_core::jose::{Algorithm, JwkSet, KeyRules, Thumbprint, UnverifiedJws};
use credmint_core::signature::{PublicKey, RsaLimit};
use credmint_verify::Command;
use serde_json::{Value, json};

const KEYS: &str = include_str!("../seeds/jwks/one-ec-key");

/// A compact JWS: what is accepted has the header and the payload of a token that was signed.
pub fn jws(data: &[u8]) -> bool {
    let Ok(token) = str::from_utf8(data) else { return false };
    if let Ok(jws) = UnverifiedJws::parse(token) {
        let _ = (jws.algorithm(), jws.kid(), jws.typ(), jws.refuse_embedded_keys());
    }
    let keys: Value = serde_json::from_str(KEYS).expect("a seed");
    let accepted = accepts(Command::Jws, &json!({ "id": 0, "jws": token, "jwks": keys }));
    assert!(!accepted || signed::token(token), "not signed");
    accepted
}

/// A JWK set: each key is read again from its SubjectPublicKeyInfo, is found by its name, and fits its algorithms.
pub fn jwks(data: &[u8]) -> bool {
    let Ok(set) = JwkSet::parse(data, &[]) else { return false };
    assert_eq!(JwkSet::published(data, &KeyRules::default()).as_ref(), Ok(&set));
    for key in set.keys() {
        let public = key.key();
        let again = PublicKey::from_spki_der(public.spki_der(), RsaLimit::Standard);
        assert_eq!(again.as_ref(), Ok(public), "read again");
        let thumbprint = key.thumbprint();
        assert_eq!(Thumbprint::from_text(&thumbprint.to_string()), Some(thumbprint));
        for algorithm in Algorithm::ALL.iter().copied() {
            let listed = key.algorithms().contains(algorithm);
            assert!(!listed || algorithm.fits(public.kind()), "{algorithm} does not fit the key");
            let found = set.candidates(key.kid(), algorithm);
            let found = found.is_ok_and(|candidates| candidates.contains(&key));
            assert!(found || !listed || key.kid().is_none(), "not found by its name");
            assert!(listed || !found, "found for an algorithm that it has not");
        }
    }
    true
}
