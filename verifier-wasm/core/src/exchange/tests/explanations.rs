//! Explanations: a trace of the live way, which agrees with it, and goes on after a failure.

use super::{CLAIMS, NOW, document, presented, token};
use crate::exchange::{Exchange, Explanation, Outcome, Rehearsal, Trace};
use crate::grant::Grant;
use crate::jose::tests::fake;
use crate::keys::KeyRing;
use crate::policy::tests::load;
use crate::presented::Presented;
use crate::recorded::Recorded;
use crate::signature::{Answer, Backend, PublicKey, Scheme, SignatureProvider};
use crate::{Code, RequestForm, Step, UnixTime, Verdict};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cell::Cell;
use proptest::prelude::*;

/// The explanation of a request, after a check that the live way says the same with the same facts.
#[track_caller]
fn explain(policy: &str, presented: &Presented) -> (Verdict<Grant>, Explanation) {
    let policy = load(policy).unwrap();
    let keys = KeyRing::default();
    let now = UnixTime::from_seconds(NOW);
    let exchange =
        Exchange { policy: &policy, keys: &keys, signatures: fake::PROVIDER, now, own: None };
    let (verdict, explanation) = exchange.explain(presented);
    // Whatever is written down, the verdict is the same.
    let mut facts = Trace::facts();
    assert_eq!(exchange.decide(presented, &mut facts), verdict);
    assert_eq!(exchange.decide(presented, &mut Trace::none()), verdict);
    match &verdict {
        Verdict::Granted(_) => assert_eq!(explanation.refusal(), None),
        Verdict::Refused(decided) => assert_eq!(explanation.refusal(), Some(decided)),
        Verdict::Wanting(source) => panic!("{source:?}"),
    }
    assert_eq!(explanation.facts(), facts.into_facts().as_ref());
    (verdict, explanation)
}

fn steps(explanation: &Explanation) -> Vec<Step> {
    explanation.notes().iter().map(|note| note.step).collect()
}

fn codes(explanation: &Explanation) -> Vec<Code> {
    explanation.failures().map(|refusal| refusal.code()).collect()
}

#[test]
fn every_step_of_a_good_token_is_told_in_order() {
    let (verdict, explanation) = explain(&document(&[]), &presented(&[], &token(CLAIMS)));
    assert!(matches!(verdict, Verdict::Granted(_)));
    let steps = steps(&explanation);
    assert_eq!(
        steps,
        [
            Step::Form,
            Step::Binding,
            Step::KeyLookup,
            Step::Algorithm,
            Step::Signature,
            Step::Type,
            Step::Issuer,
            Step::Audience,
            Step::Times,
            Step::TrustCondition,
            Step::Freshness,
            Step::VerificationCondition,
            Step::Mapping,
            Step::Scope,
        ]
    );
    assert!(steps.is_sorted());
    let found = |step: Step| {
        let note = explanation.notes().iter().find(|note| note.step == step).unwrap();
        note.found.clone().unwrap_or_default()
    };
    assert_eq!(found(Step::Binding), "client app_1, credential main, provider idp (oidc)");
    assert_eq!(found(Step::KeyLookup), "a");
    assert_eq!(found(Step::Mapping), "app_1:urn:x:7");
    assert_eq!(found(Step::Scope), "api.example.com|write");
}

#[test]
fn what_else_would_fail_is_told() {
    let claims =
        CLAIMS.replace("workload", "worklaod").replace("t1", "t2").replace("\"7\"", "\"\\u202e\"");
    let request = presented(&[("scope", "api.example.com|admin")], &token(&claims));
    let (_, explanation) = explain(&document(&[]), &request);
    assert_eq!(
        codes(&explanation),
        [
            Code::TrustConditionFalse,
            Code::VerificationConditionFalse,
            Code::MappingError,
            Code::ScopeNotGranted
        ]
    );
    // After a claim that fails as well: the signature is good, so the rest can be judged.
    let claims = CLAIMS.replace("1799999990,\"exp\":1800000300", "1799999000,\"exp\":1799999970");
    let claims = claims.replace("workload", "other");
    let (_, explanation) = explain(&document(&[]), &presented(&[], &token(&claims)));
    assert_eq!(codes(&explanation), [Code::Expired, Code::VerificationConditionFalse]);
}

/// Counts what it is asked.
#[derive(Default)]
struct Counting(Cell<usize>);

impl Backend for Counting {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        self.0.set(self.0.get() + 1);
        fake::Fake.verify(scheme, key, message, signature)
    }
}

#[test]
fn an_explanation_verifies_once() {
    let policy = load(&document(&[])).unwrap();
    let (keys, now) = (KeyRing::default(), UnixTime::from_seconds(NOW));
    for claims in [CLAIMS.to_string(), CLAIMS.replace("t1", "t2")] {
        let counting = Counting::default();
        let signatures = SignatureProvider { backends: &[&counting] };
        let exchange = Exchange { policy: &policy, keys: &keys, signatures, now, own: None };
        let (_, explanation) = exchange.explain(&presented(&[], &token(&claims)));
        assert_eq!((counting.0.get(), steps(&explanation).len()), (1, 14), "{claims}");
    }
}

/// The steps of what a proof states, in their order.
const JUDGED: &[Step] = &[
    Step::TrustCondition,
    Step::Freshness,
    Step::VerificationCondition,
    Step::Mapping,
    Step::Scope,
];

/// What spoils a token, a request or a policy; none beside any other makes the rest unreadable.
const SPOILED_CLAIMS: &[(&str, &str)] = &[
    ("\"sub\":\"workload\"", "\"sub\":\"other\""),
    ("\"tenant\":\"t1\"", "\"tenant\":\"t2\""),
    ("\"tenant\":\"t", "\"lodger\":\"t"),
    ("\"run\":\"7\"", "\"run\":\"\\u202e\""),
    ("\"aud\":\"https://sts.example.com\"", "\"aud\":\"https://other.example.com\""),
    ("\"iss\":\"https://idp.example.com\"", "\"iss\":\"https://idp.example.org\""),
    ("\"exp\":1800000300", "\"exp\":1799999970"),
    ("\"iat\":1799999990", "\"iat\":1800009990"),
    ("{\"iss\"", "{\"cnf\":{},\"iss\""),
];
const SPOILED_REQUEST: &[(&str, &str)] = &[
    ("scope", "api.example.com|admin"),
    ("scope", "other.example.com|write"),
    ("client_id", "app_2"),
    ("application_federated_credential_name", "other"),
];
const SPOILED_POLICY: &[(&str, &str)] = &[
    ("jwt.claims.sub == \\\"workload\\\"", "jwt.claims.sub == \\\"w\\\" && jwt.claims.gone == 1"),
    ("\"app_1\": {", "\"app_1\": { \"enabled\": false,"),
    ("\"type\": \"oidc\"", "\"type\": \"oidc\", \"embedded_keys\": \"refuse\""),
];

proptest! {
    /// However many things are wrong, what is explained is what is decided: the verdict, the first code, the grant.
    #[test]
    fn what_is_explained_is_what_is_decided(
        claims in prop::sample::subsequence(SPOILED_CLAIMS, 0..=3),
        request in prop::sample::subsequence(SPOILED_REQUEST, 0..=1),
        policy in prop::sample::subsequence(SPOILED_POLICY, 0..=1),
        signer in prop::sample::select(alloc::vec![1_u8, 1, 1, 2]),
        header in prop::sample::select(alloc::vec!["", ",\"typ\":\"at+jwt\"", ",\"jku\":\"x\""]),
    ) {
        let text = claims.iter().fold(CLAIMS.to_string(), |text, (from, to)| text.replace(from, to));
        let header = format!(r#"{{"alg":"RS256","kid":"a"{header}}}"#);
        let request = presented(&request, &fake::sign(&header, &text, &fake::rsa(signer)));
        let (verdict, explanation) = explain(&document(&policy), &request);
        prop_assert_eq!(matches!(verdict, Verdict::Granted(_)), codes(&explanation).is_empty());
        // What a signature proved is judged whole and each check once; what none proved is not judged.
        let judged: Vec<Step> =
            steps(&explanation).into_iter().filter(|step| JUDGED.contains(step)).collect();
        let expect: &[Step] = if explanation.facts().is_some() { JUDGED } else { &[] };
        prop_assert_eq!(judged, expect);
    }
}

#[test]
fn nothing_is_judged_that_no_signature_proved() {
    let foreign = fake::sign(
        r#"{"alg":"RS256","kid":"a"}"#,
        &CLAIMS.replace("workload", "other"),
        &fake::rsa(2),
    );
    let (_, explanation) = explain(&document(&[]), &presented(&[], &foreign));
    assert_eq!(codes(&explanation), [Code::JwsSignatureInvalid]);
    assert_eq!(explanation.facts(), None);
    assert_eq!(steps(&explanation), [Step::Form, Step::Binding, Step::Signature]);
}

#[test]
fn unknown_names_have_their_nearest() {
    let check = |change: (&str, &str), expect: Option<&str>| {
        let (_, explanation) = explain(&document(&[]), &presented(&[change], &token(CLAIMS)));
        let note = explanation.notes().last().unwrap();
        assert!(matches!(note.outcome, Outcome::Failed(_)));
        assert_eq!(note.hint.as_deref(), expect, "{change:?}");
    };
    check(("client_id", "app_2"), Some("the policy has a client \"app_1\""));
    check(("client_id", "something-else"), None);
    check(
        ("application_federated_credential_name", "mian"),
        Some("the client has a credential \"main\""),
    );
}

/// What a token did not have is not added when its record is judged again.
#[test]
fn a_record_is_of_the_whole_token() {
    for member in [
        "\"iss\":\"https://idp.example.com\",",
        "\"aud\":\"https://sts.example.com\",",
        ",\"exp\":1800000300",
    ] {
        let claims = CLAIMS.replace(member, "");
        assert_ne!(claims, CLAIMS);
        let (live, explanation) = explain(&document(&[]), &presented(&[], &token(&claims)));
        let Verdict::Refused(live) = live else { panic!("{live:?}") };
        let facts = explanation.facts().unwrap().redacted();
        let rehearsal = Rehearsal {
            form: RequestForm::Idaas,
            client_id: Some("app_1".to_string()),
            credential: Some("main".to_string()),
            given: Recorded::from_json(&facts.to_json().into()).unwrap(),
            scope: presented(&[], &token(CLAIMS)).scope,
            at: UnixTime::from_seconds(NOW),
        };
        let again = rehearsal.judge(&load(&document(&[])).unwrap()).0;
        assert_eq!(again.unwrap_err().code(), live.code(), "{member}");
    }
}

#[test]
fn what_was_stated_can_be_written_read_and_judged_again() {
    let mut facts: Option<Recorded> =
        explain(&document(&[]), &presented(&[], &token(CLAIMS))).1.facts().cloned();
    let facts = facts.take().unwrap();
    let read = Recorded::from_json(&facts.to_json().into()).unwrap();
    assert_eq!(read, facts);
    assert!(!read.redacted().is_incomplete());
    let secret = format!("{},\"access_token\":\"abc\"}}", &CLAIMS[..CLAIMS.len() - 1]);
    let (_, explanation) = explain(&document(&[]), &presented(&[], &token(&secret)));
    let redacted = explanation.facts().unwrap().redacted();
    let text: String = redacted.to_json().to_string();
    assert!(redacted.is_incomplete() && !text.contains("abc"), "{text}");
    assert!(Recorded::from_json(&redacted.to_json().into()).unwrap().is_incomplete());
}
