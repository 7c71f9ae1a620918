//! The characters of a `sub` that is minted, as the vectors have them for every host.

use super::{CLAIMS, decide_with, presented, token};
use crate::jose::tests::fake;
use crate::json::{self, Value};
use crate::policy::tests::document;
use crate::token_text::tests::vectors;
use crate::{Code, Verdict};
use alloc::format;
use alloc::string::{String, ToString};

/// What becomes of a request whose proof has this claim, where the policy maps it with `source`.
fn minted(run: &str, source: &str) -> Result<String, Code> {
    let policy = document(&[("Append(\\\"urn:x:\\\", jwt.claims.run)", source)]);
    let mut claims = json::parse_object(CLAIMS.as_bytes()).unwrap();
    claims.insert("run", run);
    let token = token(&Value::from(claims).to_string());
    match decide_with(&policy, fake::PROVIDER, &presented(&[], &token)) {
        Verdict::Granted(grant) => Ok(grant.terms().subject().to_string()),
        Verdict::Refused(refusal) => {
            assert!(refusal.detail_text().is_some_and(|text| text.contains("percentEncode")));
            Err(refusal.code())
        }
        Verdict::Wanting(source) => panic!("{source:?}"),
    }
}

#[test]
fn what_is_mapped_fits_into_a_token_or_is_refused() {
    for vector in vectors().iter().filter(|vector| vector.claim == "sub") {
        let run = vector.text.strip_prefix("app_1:").unwrap();
        let expect = if vector.minted { Ok(vector.text.clone()) } else { Err(Code::MappingError) };
        assert_eq!(minted(run, "jwt.claims.run"), expect, "{vector:?}");
        // Encoded, all of them fit, and none loses what it was.
        let encoded = minted(run, "percentEncode(jwt.claims.run)").unwrap();
        let plain = run.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'%');
        assert_eq!(encoded == vector.text, plain, "{encoded}");
    }
}

#[test]
fn what_is_encoded_stands_beside_what_is_not() {
    let source = "Append('urn:env:', percentEncode(jwt.claims.run), ':', jwt.claims.tenant)";
    let check = |run: &str, expect: &str| {
        assert_eq!(minted(run, source), Ok(format!("app_1:urn:env:{expect}:t1")), "{run}");
    };
    check("Production East", "Production%20East");
    check("équipe", "%C3%A9quipe");
    check("100%", "100%25");
}
