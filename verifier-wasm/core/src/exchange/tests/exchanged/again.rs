//! Tokens that are exchanged again and again.

use super::*;
use proptest::prelude::*;

/// The claims that the issuer would mint.
fn minted(terms: &Terms, now: i64) -> String {
    let mut claims: Object = terms.claims().clone();
    claims.insert("iss", terms.issuer());
    claims.insert("sub", terms.subject());
    claims.insert("aud", terms.audience());
    claims.insert("client_id", terms.client_id());
    claims.insert("application_federated_credential_name", terms.credential());
    claims.insert("scope", terms.scope().join(" "));
    claims.insert("jti", "j2");
    claims.insert("iat", now);
    claims.insert("exp", now.saturating_add(terms.lifetime()));
    claims.to_string()
}

proptest! {
    /// However often and whenever a token is exchanged, nothing that comes of it has more or lives longer.
    #[test]
    fn i08_no_chain_of_exchanges_has_more_or_lives_longer(
        steps in proptest::collection::vec((0_i64..300, 0_usize..4), 1..6),
    ) {
        let policy = policy(&[]);
        let asked = ["", "write", "read:file", ".all"];
        let (mut token, mut now, mut held) = (own(""), NOW, Vec::from(["read:file".to_string(), "write".into()]));
        for (later, which) in steps {
            now += later;
            let more = [("scope", asked[which])];
            let more = if asked[which].is_empty() { &[][..] } else { &more[..] };
            let keys = own_keys();
            let decided = decide_with(&policy, Some(&keys), &alone(&token, more), now, &mut Trace::none());
            match decided {
                Ok(terms) => {
                    prop_assert!(now + terms.lifetime() <= 1_800_000_600);
                    prop_assert!(terms.scope().iter().all(|value| held.contains(value)));
                    prop_assert_eq!(terms.subject(), "app_1:urn:x:7");
                    held = terms.scope().to_vec();
                    token = fake::sign(HEADER, &minted(&terms, now), &fake::rsa(7));
                }
                Err(code) => {
                    let is_over = now >= 1_800_000_600;
                    prop_assert_eq!(code, if is_over { Code::Expired } else { Code::ScopeBeyondToken });
                    break;
                }
            }
        }
    }
}
