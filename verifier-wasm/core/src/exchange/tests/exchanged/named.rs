//! The name of a token in records.

use super::*;

/// A record names the token that a request exchanges, granted or not, once its signature says that it is one of ours.
#[test]
fn a_token_of_ours_is_named_also_when_it_is_refused() {
    let policy = policy(&[]);
    let own_keys = own_keys();
    let check = |token: &str, refused: Option<Code>, named: Option<(&str, &str)>| {
        let scope = "api.example.com|write";
        for presented in
            [alone(token, &[("scope", scope)]), by_client(&proof(CLIENT), token, scope)]
        {
            let mut trace = Trace::facts();
            let decided = decide_with(&policy, Some(&own_keys), &presented, NOW, &mut trace);
            assert_eq!(decided.err(), refused, "{token}");
            let exchanged = trace.exchanged().map(|it| (it.jti.as_str(), it.client_id.as_str()));
            assert_eq!(exchanged, named, "{token}");
            let mut trace = Trace::none();
            drop(decide_with(&policy, Some(&own_keys), &presented, NOW, &mut trace));
            assert_eq!(trace.exchanged(), None);
        }
    };
    let one = Some(("j1", "app_1"));
    check(&own(""), None, one);
    check(&own(r#""exp":1799999901"#), Some(Code::Expired), one);
    check(&own(r#""cnf":{"jkt":"x"}"#), Some(Code::TokenBound), one);
    check(&own(r#""act":{"sub":"app_2"}"#), Some(Code::SubjectTokenExchanged), one);
    check(&own(r#""aud":"other.example.com""#), Some(Code::AudienceWrong), one);
    check(&own(r#""scope":"read:file""#), Some(Code::ScopeBeyondToken), one);
    check(&own(r#""client_id":"app_9""#), Some(Code::ClientUnknown), Some(("j1", "app_9")));
    // Nothing that a reader of the record could not show.
    check(&own(r#""jti":null"#), Some(Code::JtiMissing), None);
    check(&own(r#""jti":"a\u202eb""#), Some(Code::ClaimsMalformed), None);
    // Whoever made these, it was not us.
    check(&fake::sign(HEADER, OWN, &fake::rsa(8)), Some(Code::JwsSignatureInvalid), None);
    let unknown = HEADER.replace("own", "a");
    check(&fake::sign(&unknown, OWN, &fake::rsa(7)), Some(Code::KeyUnknown), None);
}
