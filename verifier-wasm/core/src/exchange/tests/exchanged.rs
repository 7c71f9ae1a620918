//! Access tokens of our own that are exchanged: what comes of a good one, and each rule with what it refuses.

mod again;
mod named;

use super::{CLAIMS, NOW, document, token as proof};
use crate::exchange::{Exchange, Exchanged, Trace};
use crate::grant::Terms;
use crate::jose::JwkSet;
use crate::jose::tests::fake;
use crate::json::{self, Object, Value};
use crate::keys::KeyRing;
use crate::policy::tests::load;
use crate::presented::{
    ACCESS_TOKEN_TYPE, ID_TOKEN_BEARER, ID_TOKEN_TYPE, JWT_BEARER_ASSERTION, JWT_BEARER_GRANT,
    JWT_SPIFFE_ASSERTION, JWT_TYPE, Presented, TOKEN_EXCHANGE_GRANT,
};
use crate::{Code, Step, UnixTime, Verdict};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

const OURS: &str = "https://sts.example.com/oauth2";
const HEADER: &str = r#"{"alg":"RS256","kid":"own","typ":"at+jwt"}"#;
/// An own token of `app_1` for everything on its resource, which ends in ten minutes.
const OWN: &str = r#"{"iss":"https://sts.example.com/oauth2","sub":"app_1:urn:x:7","aud":"api.example.com","client_id":"app_1","application_federated_credential_name":"main","scope":"read:file write","jti":"j1","iat":1799999900,"exp":1800000600,"team":"t1"}"#;
/// The proof of `app_2`, which may exchange tokens of others.
const CLIENT: &str = r#"{"iss":"https://idp.example.com","aud":"https://sts.example.com","sub":"gateway","tenant":"t1","run":"7","iat":1799999990,"exp":1800000300}"#;

/// A policy with two more resources and a second client, of which parts can be replaced.
fn policy(replace: &[(&str, &str)]) -> String {
    let mut text = document(&[
        (
            r#""resources": { "api.example.com": { "#,
            r#""resources": { "b.example.com": { "scopes": ["list", "write"] },
                "c.example.com": { "scopes": ["list"] },
                "api.example.com": { "resource": "https://api.example.com/v1", "#,
        ),
        (
            r#""clients": {"#,
            r#""clients": { "app_2": {
                "scopes": { "api.example.com": ["write"], "b.example.com": ["list", "write"], "c.example.com": ["list"] },
                "may_exchange": ["api.example.com", "b.example.com"],
                "credentials": { "gate": { "provider": "idp", "condition": "jwt.claims.sub == \"gateway\"" } } },"#,
        ),
        (
            r#""scopes": { "api.example.com": ["read:file", "write"] },"#,
            r#""scopes": { "api.example.com": ["read:file", "write"], "b.example.com": ["list"] },"#,
        ),
    ]);
    for (from, to) in replace {
        assert!(text.contains(from), "{from} is not in the document");
        text = text.replacen(from, to, 1);
    }
    text
}

fn own_keys() -> JwkSet {
    fake::key_set(&[fake::rsa_jwk(7, r#","kid":"own""#)])
}

/// An own token; members of `more` replace those of its claims, and `null` takes one out.
fn own(more: &str) -> String {
    fake::sign(HEADER, &changed(more), &fake::rsa(7))
}

fn changed(more: &str) -> String {
    let mut claims = json::parse_object(OWN.as_bytes()).unwrap();
    for (name, value) in json::parse_object(format!("{{{more}}}").as_bytes()).unwrap() {
        match value {
            Value::Null => claims.remove(&name),
            value => claims.insert(name, value),
        };
    }
    Value::from(claims).to_string()
}

fn request(parameters: &[(&str, &str)]) -> Presented {
    Presented::from_parameters(parameters.iter().copied()).unwrap()
}

/// A subject token by itself.
fn alone(token: &str, more: &[(&str, &str)]) -> Presented {
    let mut parameters = Vec::from([
        ("grant_type", TOKEN_EXCHANGE_GRANT),
        ("subject_token", token),
        ("subject_token_type", ACCESS_TOKEN_TYPE),
    ]);
    parameters.extend(more);
    request(&parameters)
}

/// A subject token beside the proof of a client.
fn by_client(proof: &str, token: &str, scope: &str) -> Presented {
    request(&[
        ("grant_type", TOKEN_EXCHANGE_GRANT),
        ("client_id", "app_2"),
        ("application_federated_credential_name", "gate"),
        ("client_assertion_type", ID_TOKEN_BEARER),
        ("client_assertion", proof),
        ("subject_token", token),
        ("subject_token_type", ACCESS_TOKEN_TYPE),
        ("scope", scope),
    ])
}

fn decide_with(
    policy: &str,
    own: Option<&JwkSet>,
    presented: &Presented,
    now: i64,
    trace: &mut Trace,
) -> Result<Terms, Code> {
    let policy = load(policy).unwrap();
    let (keys, now) = (KeyRing::default(), UnixTime::from_seconds(now));
    let exchange = Exchange { policy: &policy, keys: &keys, signatures: fake::PROVIDER, now, own };
    let (explained, explanation) = exchange.explain(presented);
    let verdict = exchange.decide(presented, trace);
    assert_eq!(explained, verdict);
    match verdict {
        Verdict::Granted(grant) => {
            assert!(grant.obligations().is_empty(), "an own token is not used up");
            Ok(grant.terms().clone())
        }
        Verdict::Refused(refusal) => {
            assert_eq!(explanation.refusal(), Some(&refusal));
            Err(refusal.code())
        }
        Verdict::Wanting(source) => panic!("{source:?}"),
    }
}

fn decide(policy: &str, presented: &Presented) -> Result<Terms, Code> {
    decide_with(policy, Some(&own_keys()), presented, NOW, &mut Trace::none())
}

/// The audience and the scope of what is granted, or the code.
#[track_caller]
fn check(policy: &str, presented: &Presented, expect: Result<(&str, &str), Code>) {
    let got = decide(policy, presented);
    let got = got.map(|terms| (terms.audience().to_string(), terms.scope().join(" ")));
    let expect = expect.map(|(audience, scope)| (audience.to_string(), scope.to_string()));
    assert_eq!(got, expect);
}

#[test]
fn what_comes_of_a_token_is_the_token_narrowed() {
    let terms = decide(&policy(&[]), &alone(&own(""), &[("scope", "write")])).unwrap();
    assert_eq!(terms.subject(), "app_1:urn:x:7");
    assert_eq!((terms.client_id(), terms.credential()), ("app_1", "main"));
    assert_eq!((terms.audience(), terms.scope()), ("api.example.com", &["write".to_string()][..]));
    assert_eq!((terms.lifetime(), terms.actor()), (600, None));
    assert_eq!(terms.claims().to_string(), r#"{"team":"t1"}"#);
    // What the policy gives now, where that is less.
    let short = policy(&[(r#""main": {"#, r#""main": { "token_lifetime": 300,"#)]);
    assert_eq!(decide(&short, &alone(&own(""), &[])).unwrap().lifetime(), 300);
}

#[test]
fn i08_a_token_is_narrowed_for_its_resource_and_within_its_scope() {
    let policy = policy(&[]);
    let all = "read:file write";
    let check = |scope: &str, more: &[(&str, &str)], expect| {
        let token = own(&format!(r#""scope":"{scope}""#));
        check(&policy, &alone(&token, more), expect);
    };
    let (name, uri) = ("api.example.com", "https://api.example.com/v1");
    check(all, &[], Ok((name, all)));
    check(all, &[("scope", "read:file")], Ok((name, "read:file")));
    check(all, &[("scope", "api.example.com|write")], Ok((name, "write")));
    check(all, &[("scope", ".all")], Ok((name, all)));
    check(all, &[("resource", uri)], Ok((uri, all)));
    check(all, &[("audience", name)], Ok((name, all)));
    check(all, &[("resource", uri), ("audience", name)], Ok((uri, all)));
    // More than the token has, though the credential has it.
    check("write", &[], Ok((name, "write")));
    check("write", &[("scope", ".all")], Ok((name, "write")));
    check("write", &[("scope", "read:file")], Err(Code::ScopeBeyondToken));
    check("write", &[("scope", "write read:file")], Err(Code::ScopeBeyondToken));
    check("write", &[("scope", ".all read:file")], Err(Code::ScopeBeyondToken));
    // Another resource, though the credential has scopes there.
    check(all, &[("resource", "https://other.example.com")], Err(Code::TargetNotGranted));
    check(all, &[("audience", "b.example.com")], Err(Code::TargetBeyondToken));
    check(all, &[("scope", "b.example.com|list")], Err(Code::TargetBeyondToken));
    check(all, &[("resource", uri), ("audience", "b.example.com")], Err(Code::TargetAmbiguous));
}

#[test]
fn a_token_that_names_its_resource_by_an_identifier_keeps_that() {
    let token = own(r#""aud":"https://api.example.com/v1""#);
    let policy = policy(&[]);
    check(&policy, &alone(&token, &[]), Ok(("https://api.example.com/v1", "read:file write")));
    let named = alone(&token, &[("audience", "api.example.com")]);
    check(&policy, &named, Ok(("api.example.com", "read:file write")));
}

#[test]
fn only_a_bearer_token_of_its_subject_that_lives_is_exchanged() {
    let policy = policy(&[]);
    let check = |more: &str, expect: Option<Code>| {
        assert_eq!(decide(&policy, &alone(&own(more), &[])).err(), expect, "{more}");
        let exchanged = by_client(&proof(CLIENT), &own(more), "api.example.com|write");
        assert_eq!(decide(&policy, &exchanged).err(), expect, "{more} by a client");
    };
    check("", None);
    check(r#""cnf":{"jkt":"x"}"#, Some(Code::TokenBound));
    check(r#""act":{"sub":"app_2"}"#, Some(Code::SubjectTokenExchanged));
    check(r#""act":{}"#, Some(Code::SubjectTokenExchanged));
    check(r#""exp":1800000001"#, None);
    check(r#""exp":1800000000"#, Some(Code::Expired));
    check(r#""exp":1799999901"#, Some(Code::Expired));
    check(r#""iat":1800000100"#, Some(Code::IssuedInFuture));
    check(r#""exp":1900000000"#, Some(Code::LifetimeTooLong));
    check(r#""aud":"other.example.com""#, Some(Code::AudienceWrong));
    check(r#""aud":"https://sts.example.com/oauth2""#, Some(Code::AudienceWrong));
    check(r#""aud":["api.example.com","b.example.com"]"#, Some(Code::AudienceAmbiguous));
    for claim in ["sub", "client_id", "iat", "application_federated_credential_name"] {
        check(&format!(r#""{claim}":null"#), Some(Code::ClaimsMalformed));
    }
    check(r#""jti":null"#, Some(Code::JtiMissing));
    check(r#""exp":null"#, Some(Code::ExpiryMissing));
}

#[test]
fn a_token_is_of_our_type_and_of_a_key_that_is_published_now() {
    let policy = policy(&[]);
    let check = |header: &str, key: u8, expect: Option<Code>| {
        let token = fake::sign(header, OWN, &fake::rsa(key));
        for kind in [ACCESS_TOKEN_TYPE, JWT_TYPE, ID_TOKEN_TYPE] {
            let presented = request(&[
                ("grant_type", TOKEN_EXCHANGE_GRANT),
                ("subject_token", &token),
                ("subject_token_type", kind),
            ]);
            assert_eq!(decide(&policy, &presented).err(), expect, "{header}");
        }
        let exchanged = by_client(&proof(CLIENT), &token, "api.example.com|write");
        assert_eq!(decide(&policy, &exchanged).err(), expect, "{header} by a client");
    };
    check(HEADER, 7, None);
    check(HEADER, 8, Some(Code::JwsSignatureInvalid));
    check(r#"{"alg":"RS256","kid":"retired","typ":"at+jwt"}"#, 8, Some(Code::KeyUnknown));
    check(r#"{"alg":"RS256","typ":"at+jwt"}"#, 7, Some(Code::KeyUnknown));
    check(r#"{"alg":"none","kid":"own","typ":"at+jwt"}"#, 7, Some(Code::UnsupportedAlgorithm));
    check(r#"{"alg":"RS256","kid":"own","typ":"JWT"}"#, 7, Some(Code::TypeWrong));
    check(r#"{"alg":"RS256","kid":"own"}"#, 7, Some(Code::TypeWrong));
    // The key of an outside provider is no key of ours.
    check(r#"{"alg":"RS256","kid":"a","typ":"at+jwt"}"#, 1, Some(Code::KeyUnknown));
}

#[test]
fn without_our_keys_nothing_is_exchanged() {
    let (policy, none) = (policy(&[]), &mut Trace::none());
    for presented in
        [alone(&own(""), &[]), by_client(&proof(CLIENT), &own(""), "api.example.com|write")]
    {
        let decided = decide_with(&policy, None, &presented, NOW, none);
        assert_eq!(decided.err(), Some(Code::KeysUnavailable));
    }
}

#[test]
fn i08_client_credential_and_scope_are_granted_now_too() {
    let check = |from: &str, to: &str, expect: Code| {
        assert_eq!(decide(&policy(&[]), &alone(&own(""), &[])).err(), None);
        let policy = policy(&[(from, to)]);
        assert_eq!(decide(&policy, &alone(&own(""), &[])).err(), Some(expect), "{to}");
        let exchanged = by_client(&proof(CLIENT), &own(""), "api.example.com|write");
        let expect = if expect == Code::ScopeNotGranted { None } else { Some(expect) };
        assert_eq!(decide(&policy, &exchanged).err(), expect, "{to} by a client");
    };
    check(r#""app_1": {"#, r#""app_1": { "enabled": false,"#, Code::ClientDisabled);
    check(r#""main": {"#, r#""main": { "enabled": false,"#, Code::CredentialDisabled);
    check(r#""type": "oidc""#, r#""type": "oidc", "enabled": false"#, Code::ProviderDisabled);
    check(r#""app_1": {"#, r#""app_9": {"#, Code::ClientUnknown);
    check(r#""main": {"#, r#""other": {"#, Code::CredentialUnknown);
    let withdrawn = r#""main": { "scopes": { "api.example.com": ["write"] },"#;
    check(r#""main": {"#, withdrawn, Code::ScopeNotGranted);
    // What is still granted can be had by its name.
    let withdrawn = policy(&[(r#""main": {"#, withdrawn)]);
    let asked = alone(&own(""), &[("scope", "write")]);
    assert_eq!(decide(&withdrawn, &asked).unwrap().scope(), ["write"]);
}

#[test]
fn who_names_a_client_names_that_of_the_token() {
    let policy = policy(&[]);
    let check = |more: &[(&str, &str)], expect: Option<Code>| {
        assert_eq!(decide(&policy, &alone(&own(""), more)).err(), expect, "{more:?}");
    };
    let credential = "application_federated_credential_name";
    check(&[("client_id", "app_1")], None);
    check(&[("client_id", "app_1"), (credential, "main")], None);
    check(&[("client_id", "app_2")], Some(Code::SubjectTokenOwner));
    check(&[("client_id", "app_1"), (credential, "gate")], Some(Code::SubjectTokenOwner));
    check(&[("client_id", "app_2"), (credential, "gate")], Some(Code::SubjectTokenOwner));
}

#[test]
fn a_client_uses_a_token_for_its_subject() {
    let mut trace = Trace::facts();
    let presented = by_client(&proof(CLIENT), &own(""), "api.example.com|write");
    let keys = own_keys();
    let terms = decide_with(&policy(&[]), Some(&keys), &presented, NOW, &mut trace).unwrap();
    assert_eq!(terms.subject(), "app_1:urn:x:7");
    assert_eq!((terms.client_id(), terms.credential()), ("app_2", "gate"));
    assert_eq!((terms.actor(), terms.lifetime()), (Some("app_2"), 600));
    assert_eq!(terms.claims().to_string(), r#"{"team":"t1"}"#);
    let exchanged = Exchanged { jti: "j1".to_string(), client_id: "app_1".to_string() };
    assert_eq!(trace.exchanged(), Some(&exchanged));
    assert_eq!(trace.bound().map(|bound| bound.client_id.as_str()), Some("app_2"));
}

#[test]
fn i30_a_client_gets_for_a_subject_what_both_have_where_its_policy_says_so() {
    let check_in = |changes: &[(&str, &str)], held: &str, scope: &str, expect| {
        let token = own(&format!(r#""scope":"{held}""#));
        check(&policy(changes), &by_client(&proof(CLIENT), &token, scope), expect);
    };
    let check = |held: &str, scope: &str, expect| check_in(&[], held, scope, expect);
    let both = "read:file write";
    // The token's resource: what the token has and the client has.
    check(both, "api.example.com|write", Ok(("api.example.com", "write")));
    check(both, "api.example.com|.all", Ok(("api.example.com", "write")));
    check(both, "https://api.example.com/v1|write", Ok(("https://api.example.com/v1", "write")));
    check(both, "api.example.com|read:file", Err(Code::ScopeNotGranted));
    check("read:file", "api.example.com|write", Err(Code::ScopeBeyondToken));
    check("read:file", "api.example.com|.all", Err(Code::ScopeBeyondSubject));
    // Another resource: what the subject's credential has there and the client has.
    check(both, "b.example.com|list", Ok(("b.example.com", "list")));
    check(both, "b.example.com|.all", Ok(("b.example.com", "list")));
    check(both, "b.example.com|write", Err(Code::ScopeBeyondSubject));
    check(both, "b.example.com|none", Err(Code::ScopeNotGranted));
    // One that is not listed, one that is not there, no list at all.
    check(both, "c.example.com|list", Err(Code::TargetNotGranted));
    check(both, "d.example.com|list", Err(Code::ScopeNotGranted));
    let list = r#""may_exchange": ["api.example.com", "b.example.com"],"#;
    check_in(&[(list, "")], both, "api.example.com|write", Err(Code::ClientNotAuthorized));
    let other = r#""may_exchange": ["b.example.com"],"#;
    check_in(&[(list, other)], both, "api.example.com|write", Err(Code::TargetNotGranted));
    check_in(&[(list, other)], both, "b.example.com|list", Ok(("b.example.com", "list")));
    // Withdrawn from the subject since.
    let withdrawn = r#""main": { "scopes": { "api.example.com": ["read:file"] },"#;
    let main = r#""main": {"#;
    check_in(&[(main, withdrawn)], both, "api.example.com|write", Err(Code::ScopeBeyondSubject));
    check_in(&[(main, withdrawn)], both, "b.example.com|list", Err(Code::ScopeBeyondSubject));
}

#[test]
fn a_client_proves_itself_before_it_exchanges() {
    let policy = policy(&[]);
    let check = |proof: &str, token: &str, expect: Code| {
        let presented = by_client(proof, token, "api.example.com|write");
        assert_eq!(decide(&policy, &presented).err(), Some(expect));
    };
    let good = own("");
    check(&proof(CLAIMS), &good, Code::VerificationConditionFalse);
    check(&proof(&CLIENT.replace("\"t1\"", "\"t2\"")), &good, Code::TrustConditionFalse);
    check("a.b", &good, Code::JwsMalformed);
    check(&proof(CLIENT), "a.b", Code::JwsMalformed);
    // A client whose conditions do not hold learns nothing of a token, good or not, and our keys are not asked for.
    let forged = fake::sign(HEADER, OWN, &fake::rsa(8));
    let ended = own(r#""exp":1799999901"#);
    for token in [&good, &forged, &ended] {
        check(&proof(CLAIMS), token, Code::VerificationConditionFalse);
        check(&proof(&CLIENT.replace("\"t1\"", "\"t2\"")), token, Code::TrustConditionFalse);
        let presented = by_client(&proof(CLAIMS), token, "api.example.com|write");
        let mut trace = Trace::facts();
        let decided = decide_with(&policy, None, &presented, NOW, &mut trace);
        assert_eq!(decided.err(), Some(Code::VerificationConditionFalse));
        assert_eq!(trace.exchanged(), None, "a token that nobody looked at");
    }
    check(&proof(CLIENT), &forged, Code::JwsSignatureInvalid);
    check(&proof(CLIENT), &ended, Code::Expired);
}

/// One token in the place of another is refused wherever it stands.
#[test]
fn i08_an_own_token_is_no_proof_and_a_proof_is_no_own_token() {
    let policy = policy(&[(
        r#""condition": "jwt.claims.sub == \"workload\"","#,
        r#""condition": "jwt.claims.sub == \"workload\"", "discoverable": true,"#,
    )]);
    let (ours, theirs) = (own(""), proof(CLAIMS));
    let check = |presented: &Presented, expect: Option<Code>| {
        assert_eq!(decide(&policy, presented).err(), expect, "{presented:?}");
    };
    let grant = |token: &str| request(&[("grant_type", JWT_BEARER_GRANT), ("assertion", token)]);
    let client = |kind: &str, token: &str| {
        request(&[
            ("grant_type", "client_credentials"),
            ("client_assertion_type", kind),
            ("client_assertion", token),
        ])
    };
    let idaas = |token: &str| {
        request(&[
            ("grant_type", "client_credentials"),
            ("client_id", "app_1"),
            ("application_federated_credential_name", "main"),
            ("client_assertion_type", ID_TOKEN_BEARER),
            ("client_assertion", token),
            ("scope", "api.example.com|write"),
        ])
    };
    let scope = [("scope", "api.example.com|write")];
    // As a foreign proof.
    check(&grant(&ours), Some(Code::IssuerUnknown));
    check(&client(JWT_BEARER_ASSERTION, &ours), Some(Code::IssuerUnknown));
    check(&client(JWT_SPIFFE_ASSERTION, &ours), Some(Code::IssuerUnknown));
    check(&idaas(&ours), Some(Code::KeyUnknown));
    check(&by_client(&ours, &ours, "api.example.com|write"), Some(Code::KeyUnknown));
    // A foreign token as one of ours, and the two exchanged.
    check(&by_client(&proof(CLIENT), &theirs, "api.example.com|write"), Some(Code::KeyUnknown));
    check(&by_client(&ours, &proof(CLIENT), "api.example.com|write"), Some(Code::KeyUnknown));
    // One that says that it is of us, signed by somebody else; and one of ours that says that it is of somebody else.
    let forged = proof(&CLAIMS.replace("https://idp.example.com", OURS));
    check(&alone(&forged, &scope), Some(Code::KeyUnknown));
    check(&alone(&own(r#""iss":"https://idp.example.com""#), &scope), Some(Code::KeyUnknown));
    // A foreign subject token goes on as the proof that it is.
    check(&alone(&theirs, &scope), None);
    check(&alone(&ours, &scope), None);
}

#[test]
fn an_actor_token_is_refused_by_name() {
    let (ours, kind) = (own(""), ACCESS_TOKEN_TYPE);
    let refused = Presented::from_parameters([
        ("grant_type", TOKEN_EXCHANGE_GRANT),
        ("subject_token", &ours),
        ("subject_token_type", kind),
        ("actor_token", &ours),
        ("actor_token_type", kind),
    ]);
    assert_eq!(refused.err().map(|refusal| refusal.code()), Some(Code::ActorToken));
}

#[test]
fn the_way_of_an_exchange_is_told() {
    let policy = load(&policy(&[])).unwrap();
    let (keys, own_keys) = (KeyRing::default(), own_keys());
    let exchange = Exchange {
        policy: &policy,
        keys: &keys,
        signatures: fake::PROVIDER,
        now: UnixTime::from_seconds(NOW),
        own: Some(&own_keys),
    };
    let steps = |presented: &Presented| -> Vec<Step> {
        exchange.explain(presented).1.notes().iter().map(|note| note.step).collect()
    };
    let of_token = [
        Step::KeyLookup,
        Step::Algorithm,
        Step::Signature,
        Step::Type,
        Step::Issuer,
        Step::Audience,
        Step::Times,
    ];
    let mut narrowed = Vec::from([Step::Form]);
    narrowed.extend(of_token);
    narrowed.extend([Step::Credential, Step::Scope]);
    assert_eq!(steps(&alone(&own(""), &[])), narrowed);
    let mut used = Vec::from([Step::Form, Step::Binding]);
    used.extend(of_token);
    used.extend([Step::TrustCondition, Step::Freshness, Step::VerificationCondition]);
    used.push(Step::Mapping);
    used.extend(of_token);
    used.push(Step::Scope);
    let by_client = |token: &str| by_client(&proof(CLIENT), token, "api.example.com|write");
    assert_eq!(steps(&by_client(&own(""))), used);
    // What may be had for somebody is not said without their token.
    let forged = steps(&by_client(&fake::sign(HEADER, OWN, &fake::rsa(8))));
    assert!(forged.contains(&Step::Mapping) && !forged.contains(&Step::Scope), "{forged:?}");
}
