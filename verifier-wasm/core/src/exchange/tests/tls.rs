//! Exchanges of certificates that were shown in a handshake of TLS (RFC 8705 section 2.1).

use super::assertions::{self, policy_with};
use super::decide_with;
use crate::grant::Grant;
use crate::presented::{ClientCertificate, Presented};
use crate::signature::SignatureProvider;
use crate::x509::tests::forge::{self, FakeBackend};
use crate::{Code, Verdict};
use alloc::string::String;
use alloc::vec::Vec;

/// The policy of assertions, whose credential is found without its name, with more members of the provider.
fn policy(members: &str) -> String {
    let provider = "\"provider\": \"idp\",";
    let policy = policy_with(members);
    assert!(policy.contains(provider), "{policy}");
    policy.replace(provider, &alloc::format!("{provider} \"discoverable\": true,"))
}

fn presented(leaf: Vec<u8>, more: &[(&str, &str)]) -> Presented {
    let parameters = [("grant_type", "client_credentials"), ("client_id", "app_1")];
    let all = parameters.iter().chain(more).copied();
    let certificate = ClientCertificate::from_transport(leaf, Vec::new()).unwrap();
    Presented::over_tls(all, Some(certificate)).unwrap()
}

fn decide(policy: &str, presented: &Presented) -> Verdict<Grant> {
    decide_with(policy, SignatureProvider { backends: &[&FakeBackend] }, presented)
}

#[track_caller]
fn refused(policy: &str, presented: &Presented, code: Code) {
    match decide(policy, presented) {
        Verdict::Refused(refusal) => assert_eq!(refusal.code(), code, "{refusal}"),
        other => panic!("{other:?}"),
    }
}

const ACCEPT: &str = "\"tls\": \"accept\"";

#[test]
fn a_certificate_alone_is_a_proof_where_the_provider_says_so() {
    let scope = ("scope", "api.example.com|write");
    let named = ("application_federated_credential_name", "main");
    for more in [&[scope][..], &[scope, named]] {
        let presented = presented(forge::any_leaf(), more);
        match decide(&policy(ACCEPT), &presented) {
            Verdict::Granted(grant) => {
                assert_eq!(grant.terms().subject(), "app_1:leaf");
                assert!(grant.obligations().is_empty(), "a handshake serves once by itself");
            }
            other => panic!("{other:?}"),
        }
    }
    let found = presented(forge::any_leaf(), &[scope]);
    let named = presented(forge::any_leaf(), &[scope, named]);
    for members in ["", "\"tls\": \"refuse\""] {
        refused(&policy(members), &found, Code::IssuerUnknown);
        refused(&policy(members), &named, Code::ProviderKind);
    }
    // Not discoverable, it needs its name.
    refused(&policy_with(ACCEPT), &found, Code::IssuerUnknown);
}

#[test]
fn what_no_root_vouches_for_is_refused() {
    let mut altered = forge::any_leaf();
    let last = altered.len() - 1;
    altered[last] ^= 1;
    let check = |leaf, code| refused(&policy(ACCEPT), &presented(leaf, &[]), code);
    check(altered, Code::PathSignatureInvalid);
    check(alloc::vec![1], Code::CertificateMalformed);
    let other = policy(ACCEPT).replace("== 'leaf'", "== 'other'");
    refused(&other, &presented(forge::any_leaf(), &[]), Code::CredentialNotFound);
    // The request of an assertion is as it was.
    let jwt = assertions::assertion(assertions::HEADER, assertions::CLAIMS);
    let assertion =
        assertions::presented("app_1", &jwt, &forge::any_leaf(), "api.example.com|write");
    assert!(matches!(decide(&policy(ACCEPT), &assertion), Verdict::Granted(_)));
}
