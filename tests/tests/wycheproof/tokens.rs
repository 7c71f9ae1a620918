//! Files of tokens and JWKs.

use crate::decisions::expected;
use crate::suite::{Case, Group};
use crate::{Record, of_both};
use credmint_core::Code;
use credmint_core::jose::{JwkSet, UnverifiedJws, VerificationKey};
use credmint_core::json::{Object, Value};
use credmint_core::signature::{RsaLimit, SignatureProvider};

pub(crate) fn run(group: &Group<'_>, record: &mut Record) {
    let key = ["public", "private"].into_iter().find_map(|member| group.object.get(member));
    let key = key.and_then(Value::as_object).unwrap();
    let keys = keys(key);
    for case in group.cases() {
        let (accept, decision) = expected(&case);
        let answer = answer(&keys, &case);
        match not_offered(key, &case) {
            // Good elsewhere, and refused here.
            Some(what) => {
                let code = answer.as_ref().err().copied();
                let expect = [
                    Some(Code::JwsEncrypted),
                    Some(Code::UnsupportedAlgorithm),
                    Some(Code::UnsupportedKey),
                    // One HMAC token that is called valid has a `?` in its header.
                    Some(Code::JwsMalformed)
                        .filter(|_| case.get("tcId").and_then(Value::as_integer) == Some(372)),
                ];
                assert!(expect.contains(&code), "{code:?}: {case}");
                record.not_offered(what, 1);
            }
            None => {
                assert_eq!(answer.is_ok(), accept, "{answer:?}: {case}");
                record.decided.extend(decision);
                record.count(accept);
            }
        }
    }
}

/// The keys of a group: a set, or one key, whose public half is read when it is a private one.
fn keys(key: &Object) -> Result<JwkSet, Code> {
    let one = |key: &Object| VerificationKey::from_jwk(key, &[], RsaLimit::Standard);
    let set = match key.get("keys") {
        None => one(key).and_then(|key| JwkSet::from_keys(vec![key])),
        Some(_) => JwkSet::parse(key.to_string().as_bytes(), &[]),
    };
    set.map_err(|refusal| refusal.code())
}

/// What both back ends say about a token.
fn answer(keys: &Result<JwkSet, Code>, case: &Case<'_>) -> Result<(), Code> {
    let token = case.get("jws").or_else(|| case.get("jwe")).unwrap();
    // The JSON serialisation is not a text in these files; as one it is no token either.
    let token = token.as_str().map_or_else(|| token.to_string(), Into::into);
    let keys = keys.as_ref().map_err(|code| *code);
    let verify = |signatures: SignatureProvider<'_>| {
        let jws = UnverifiedJws::parse(&token).map_err(|refusal| refusal.code())?;
        jws.verify(keys?, signatures).map(drop).map_err(|stop| stop.into_refusal().code())
    };
    of_both(verify, case)
}

/// What a case that is valid needs and Credmint does not offer.
fn not_offered(key: &Object, case: &Case<'_>) -> Option<&'static str> {
    if case.text("result") != "valid" {
        return None;
    }
    let symmetric = key.get("kty").and_then(Value::as_str) == Some("oct");
    match case.get("jwe") {
        Some(_) => Some("JWE"),
        None => symmetric.then_some("HMAC"),
    }
}
