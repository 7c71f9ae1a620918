//! The characters of a token's texts, as the vectors have them for every host.

use super::*;
use crate::json::{Object, Value};
use crate::token_text::{field_value, tests::vectors};

#[test]
fn texts_of_tokens() {
    for vector in vectors() {
        let more = Object::from_iter([(vector.claim.as_str(), vector.text.as_str())]);
        let more = Value::from(more).to_string();
        let more = more.trim_start_matches('{').trim_end_matches('}');
        let token = sign(HEADER, &claims(more), &rsa(1));
        let rules = GuardRules { scope: Vec::new(), ..rules() };
        match guard(&token, &rules, NOW) {
            Verdict::Granted(token) => {
                assert_eq!(vector.guard, "accept", "{vector:?}");
                let text = match vector.claim.as_str() {
                    "sub" => token.subject().to_string(),
                    "client_id" => token.client_id().to_string(),
                    "jti" => token.jti().to_string(),
                    _ => token.scope().join(" "),
                };
                assert_eq!(text, vector.text);
                assert_eq!(Some(field_value(&text)), vector.field, "{vector:?}");
            }
            Verdict::Refused(refusal) => {
                assert_eq!(refusal.code().as_str(), vector.guard, "{vector:?}");
            }
            Verdict::Wanting(source) => panic!("{source:?}"),
        }
    }
}
