//! What each form of a request carries its proof in, and what stands beside it.

use crate::form::RequestForm;
use crate::presented::{
    ACCESS_TOKEN_TYPE, Assertion, CLIENT_CREDENTIALS_GRANT, ID_TOKEN_TYPE, JWT_BEARER_ASSERTION,
    JWT_BEARER_GRANT, JWT_SPIFFE_ASSERTION, JWT_TYPE, PKCS7_TYPE, Presented, ScopeDialect,
    TOKEN_EXCHANGE_GRANT,
};
use crate::refusal::Code;
use alloc::string::ToString;
use alloc::vec::Vec;

type Parameter = (&'static str, &'static str);

const GRANT: &[Parameter] = &[("grant_type", JWT_BEARER_GRANT), ("assertion", "a.b.c")];
const EXCHANGE: &[Parameter] = &[
    ("grant_type", TOKEN_EXCHANGE_GRANT),
    ("subject_token", "a.b.c"),
    ("subject_token_type", JWT_TYPE),
];
const ASSERTION: &[Parameter] = &[
    ("grant_type", CLIENT_CREDENTIALS_GRANT),
    ("client_assertion_type", JWT_BEARER_ASSERTION),
    ("client_assertion", "a.b.c"),
];
const SVID: &[Parameter] = &[
    ("grant_type", CLIENT_CREDENTIALS_GRANT),
    ("client_assertion_type", JWT_SPIFFE_ASSERTION),
    ("client_assertion", "a.b.c"),
];
/// Every form that carries one JWT and names nobody.
const STANDARD: [&[Parameter]; 4] = [GRANT, EXCHANGE, ASSERTION, SVID];

fn read(base: &[Parameter], more: &[Parameter]) -> Result<Presented, Code> {
    let is_changed = |(name, _): &&Parameter| !more.iter().any(|(other, _)| other == name);
    let kept = base.iter().filter(is_changed).copied();
    Presented::from_parameters(kept.chain(more.iter().copied())).map_err(|refusal| refusal.code())
}

#[test]
fn a_form_says_what_its_proof_is() {
    let token = || "a.b.c".to_string();
    let check = |base: &[Parameter], more: &[Parameter], form: RequestForm, proof: Assertion| {
        let presented = read(base, more).unwrap();
        assert_eq!((presented.form, presented.assertion), (form, proof));
        assert_eq!((presented.client_id, presented.credential), (None, None));
        assert_eq!(presented.subject, None);
    };
    let oidc = || Assertion::Oidc { token: token() };
    check(GRANT, &[], RequestForm::JwtBearer, oidc());
    for kind in [JWT_TYPE, ID_TOKEN_TYPE, ACCESS_TOKEN_TYPE] {
        check(EXCHANGE, &[("subject_token_type", kind)], RequestForm::TokenExchange, oidc());
    }
    let document = Assertion::Pkcs7 { document: token() };
    check(EXCHANGE, &[("subject_token_type", PKCS7_TYPE)], RequestForm::TokenExchange, document);
    let jwt = Assertion::Jwt { token: token(), certificate: None };
    check(ASSERTION, &[], RequestForm::ClientAssertion, jwt);
    check(SVID, &[], RequestForm::SpiffeAssertion, Assertion::Svid { token: token() });
}

#[test]
fn names_are_read_together_or_the_client_alone() {
    for base in STANDARD {
        let named = |more: &[Parameter]| {
            read(base, more).map(|presented| (presented.client_id, presented.credential))
        };
        let name = "application_federated_credential_name";
        let (id, own) = (|| Some("app_1".to_string()), || Some("main".to_string()));
        assert_eq!(named(&[("client_id", "app_1")]), Ok((id(), None)));
        assert_eq!(named(&[("client_id", "app_1"), (name, "main")]), Ok((id(), own())));
        assert_eq!(named(&[("client_id", ""), (name, "")]), Ok((None, None)));
        assert_eq!(named(&[(name, "main")]), Err(Code::ParameterMissing));
        assert_eq!(named(&[("client_id", ""), (name, "main")]), Err(Code::ParameterMissing));
        assert_eq!(named(&[("client_id", "a\u{0}b")]), Err(Code::ParameterInvalid));
    }
}

/// `resource` and `audience` may be repeated. Each text counts once, `resource` before `audience` before the scope.
#[test]
fn what_is_asked_for_is_read_in_every_form() {
    const API: &str = "https://api.example.com/v1";
    const PAY: &str = "https://pay.example.com";
    for base in STANDARD {
        let check =
            |more: &[Parameter], targets: &[&str], values: &[&str], dialect: ScopeDialect| {
                let scope = read(base, more).unwrap().scope;
                assert_eq!((scope.targets, scope.dialect), (strings(targets), dialect), "{more:?}");
                assert_eq!(scope.values, values, "{more:?}");
            };
        let (plain, qualified) = (ScopeDialect::Plain, ScopeDialect::Qualified);
        check(&[], &[], &[], plain);
        check(&[("scope", "")], &[], &[], plain);
        check(&[("scope", "read  write read")], &[], &["read", "write"], plain);
        check(&[("scope", "api|read api|write")], &["api"], &["read", "write"], qualified);
        check(&[("resource", API)], &[API], &[], plain);
        check(&[("resource", API), ("resource", API)], &[API], &[], plain);
        check(&[("resource", API), ("resource", PAY)], &[API, PAY], &[], plain);
        check(&[("resource", API), ("resource", "")], &[API], &[], plain);
        check(&[("audience", "api"), ("resource", API)], &[API, "api"], &[], plain);
        check(&[("audience", API), ("resource", API)], &[API], &[], plain);
        check(&[("scope", "api|read"), ("audience", "pay")], &["pay", "api"], &["read"], qualified);
        check(&[("scope", "api|read"), ("audience", "api")], &["api"], &["read"], qualified);

        let refused = |more: &[Parameter], code: Code| {
            assert_eq!(read(base, more).map(|_| ()), Err(code), "{more:?}");
        };
        refused(&[("scope", "read api|write")], Code::ScopeMalformed);
        refused(&[("scope", "api|read write")], Code::ScopeMalformed);
        refused(&[("scope", "api|read pay|write")], Code::ScopeAudiences);
        refused(&[("scope", "read\"")], Code::ScopeMalformed);
        for wrong in
            ["api.example.com", "/v1", "https:", "https://api.example.com/#v1", "a b:c", "1a:b"]
        {
            refused(&[("resource", wrong)], Code::TargetMalformed);
            refused(&[("resource", API), ("resource", wrong)], Code::TargetMalformed);
        }
        for wrong in ["a b", "a|b", "a\"b", "\u{e9}"] {
            refused(&[("audience", wrong)], Code::TargetMalformed);
        }
    }
}

fn strings(texts: &[&str]) -> Vec<alloc::string::String> {
    texts.iter().map(ToString::to_string).collect()
}

#[test]
fn every_form_refuses_what_no_form_has() {
    for base in STANDARD {
        let refused = |more: &[Parameter], code: Code| {
            assert_eq!(read(base, more).map(|_| ()), Err(code), "{more:?}");
        };
        refused(&[("client_secret", "x")], Code::ClientSecretRefused);
        refused(&[("client_id", "app_1"), ("client_secret", "x")], Code::ClientSecretRefused);
        refused(&[("client_id", "a"), ("client_id", "a")], Code::ParameterDuplicated);
        refused(&[("scope", "a"), ("scope", "a")], Code::ParameterDuplicated);
        assert!(read(base, &[("client_secret", "")]).is_ok());
    }
}

/// White space around a proof is not the proof's; all else is.
#[test]
fn a_proof_is_trimmed() {
    let member = |base: &[Parameter]| match base.get(1) {
        Some((name, _)) if *name == "client_assertion_type" => "client_assertion",
        Some((name, _)) => *name,
        None => "",
    };
    for base in STANDARD {
        let proof = |text: &'static str| {
            read(base, &[(member(base), text)]).map(|presented| presented.assertion)
        };
        let good = proof("a.b.c").unwrap();
        for padded in [" a.b.c", "a.b.c\n", "\t\r\na.b.c \r\n"] {
            assert!(proof(padded).unwrap() == good, "{padded:?}");
        }
        for other in ["a.b .c", "a.b.c\u{a0}", "\u{feff}a.b.c"] {
            assert!(proof(other).unwrap() != good, "{other:?}");
        }
        assert_eq!(proof("").map(|_| ()), Err(Code::ParameterMissing));
    }
}

#[test]
fn an_exchange_says_its_types() {
    let check = |more: &[Parameter], expect: Result<(), Code>| {
        assert_eq!(read(EXCHANGE, more).map(|_| ()), expect, "{more:?}");
    };
    let (wanted, kind) = ("requested_token_type", "subject_token_type");
    check(&[(wanted, ACCESS_TOKEN_TYPE)], Ok(()));
    check(&[(wanted, JWT_TYPE)], Ok(()));
    check(&[(wanted, ID_TOKEN_TYPE)], Err(Code::ParameterInvalid));
    check(&[(kind, "urn:ietf:params:oauth:token-type:saml2")], Err(Code::ParameterInvalid));
    check(&[(kind, "jwt")], Err(Code::ParameterInvalid));
    check(&[(kind, "")], Err(Code::ParameterMissing));
    check(&[("actor_token", "a.b.c")], Err(Code::ActorToken));
    check(&[("actor_token", "")], Ok(()));
}
