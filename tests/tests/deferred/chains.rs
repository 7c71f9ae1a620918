//! A host's rounds: how many passes and checks a verdict takes, and that a pass with one check open says nothing.

use crate::{LATER, NOW, truth};
use credmint_core::deferred::{Rounds, settle};
use credmint_core::jose::{AlgorithmSet, JwkSet, UnverifiedJws, VerificationKey};
use credmint_core::signature::{Answer, RsaLimit, SignatureCheck, SignatureProvider};
use credmint_core::x509::{
    Certificate, KeyUse, PathRules, RevocationCheck, TrustAnchor, verify_path,
};
use credmint_core::{Code, Source, Stop, UnixTime, limits};
use credmint_tests::fixtures::jwt::sign;
use credmint_tests::fixtures::key::TestKey;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use serde_json::json;
use std::cell::Cell;

/// What is asked.
type Question<'a> = &'a dyn Fn(SignatureProvider<'_>) -> Result<(), Stop>;

/// Passes until one speaks: how many, how many checks were deferred, and what it said.
fn decide(
    question: Question<'_>,
    host: &dyn Fn(&SignatureCheck) -> Answer,
) -> (usize, usize, Result<(), Code>) {
    let (passes, mut asked) = (Cell::new(0), Vec::new());
    let said = settle(
        LATER,
        |check| {
            assert!(!asked.contains(check), "asked again: {check:?}");
            asked.push(check.clone());
            host(check)
        },
        |signatures| {
            passes.set(passes.get() + 1);
            question(signatures)
        },
    );
    (passes.get(), asked.len(), said.map_err(|stop| stop.into_refusal().code()))
}

fn key_set(keys: &[&TestKey]) -> JwkSet {
    let keys: Vec<_> = keys.iter().map(|key| key.bare_jwk()).collect();
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes(), &[]).expect("a good set")
}

fn verify(token: &str, keys: &JwkSet, signatures: SignatureProvider<'_>) -> Result<(), Stop> {
    UnverifiedJws::parse(token)?.verify(keys, signatures).map(drop)
}

fn token(key: &TestKey) -> String {
    sign(key, &json!({ "alg": "ES256" }), &json!({ "sub": "workload" }))
}

#[test]
fn a_token_takes_one_round_whichever_key_signed_it() {
    let keys: Vec<TestKey> = (0..=limits::KEYS_TRIED).map(|_| TestKey::ec()).collect();
    let set = key_set(&keys[..limits::KEYS_TRIED].iter().collect::<Vec<_>>());
    for (place, key) in keys.iter().enumerate() {
        let token = token(key);
        let question = |signatures: SignatureProvider<'_>| verify(&token, &set, signatures);
        // The keys are known before the signature, so all of them are asked about together.
        let expect = match place < limits::KEYS_TRIED {
            true => Ok(()),
            false => Err(Code::JwsSignatureInvalid),
        };
        assert_eq!(decide(&question, &truth), (2, limits::KEYS_TRIED, expect), "key {place}");
    }
}

/// A name and a key that have certificates.
struct Party {
    params: CertificateParams,
    key: KeyPair,
}

impl Party {
    fn new(name: &str, authority: bool) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.remove(DnType::CommonName);
        params.distinguished_name.push(DnType::CommonName, name);
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2049, 1, 1);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        if authority {
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        }
        Self { params, key: KeyPair::generate().expect("a key") }
    }

    fn self_signed(&self) -> Certificate {
        let certificate = self.params.self_signed(&self.key).expect("a certificate");
        Certificate::from_der(certificate.der()).expect("a certificate in DER")
    }

    fn signed_by(&self, issuer: &Self) -> Certificate {
        let issuer = Issuer::from_params(&issuer.params, &issuer.key);
        let certificate = self.params.signed_by(&self.key, &issuer).expect("a certificate");
        Certificate::from_der(certificate.der()).expect("a certificate in DER")
    }
}

/// A token signed by a leaf, with the chain of three from there to the root.
struct Chain {
    token: String,
    leaf: Certificate,
    intermediates: Vec<Certificate>,
    root: TrustAnchor,
}

impl Chain {
    fn new() -> Self {
        let [root, policy, issuing] =
            ["root", "policy", "issuing"].map(|name| Party::new(name, true));
        let leaf = Party::new("leaf", false);
        let key = TestKey::from_pkcs8_pem(&leaf.key.serialize_pem());
        Self {
            token: token(&key),
            leaf: leaf.signed_by(&issuing),
            intermediates: vec![issuing.signed_by(&policy), policy.signed_by(&root)],
            root: TrustAnchor::from_certificate(root.self_signed()).expect("an authority"),
        }
    }

    /// The path, then the token with the leaf's key.
    fn judge(&self, signatures: SignatureProvider<'_>) -> Result<(), Stop> {
        let rules = PathRules::new(UnixTime::from_seconds(NOW), KeyUse::Any, RevocationCheck::Off);
        let anchors = std::slice::from_ref(&self.root);
        let path = verify_path(&self.leaf, &self.intermediates, anchors, &rules, signatures)?;
        let key = path.leaf().public_key(RsaLimit::Standard)?;
        let algorithms = AlgorithmSet::default_of(key.kind());
        let key = VerificationKey::new(key, algorithms, None);
        UnverifiedJws::parse(&self.token)?.verify_with(&key, signatures).map(drop)
    }

    /// The place of a check: the links from the root down, then the token.
    fn place(&self, check: &SignatureCheck) -> usize {
        let signed = [self.intermediates[1].tbs(), self.intermediates[0].tbs(), self.leaf.tbs()];
        signed.iter().position(|tbs| **tbs == check.message[..]).unwrap_or(3)
    }
}

/// One round for the path, whose links are asked for together, and one for the token, whose key it proves.
#[test]
fn a_chain_of_three_and_its_token_take_three_passes() {
    let chain = Chain::new();
    let question = |signatures: SignatureProvider<'_>| chain.judge(signatures);
    assert_eq!(decide(&question, &truth), (3, 4, Ok(())));
}

/// Whatever the host answers, only four good answers are an acceptance.
#[test]
fn one_bad_link_is_a_refusal() {
    let chain = Chain::new();
    let question = |signatures: SignatureProvider<'_>| chain.judge(signatures);
    for good in 0_u32..16 {
        let host = |check: &SignatureCheck| match good >> chain.place(check) & 1 {
            1 => Answer::Good,
            _ => Answer::Bad,
        };
        let expect = match good {
            0b1111 => (3, 4, Ok(())),
            0b0111 => (3, 4, Err(Code::JwsSignatureInvalid)),
            _ => (2, 3, Err(Code::PathSignatureInvalid)),
        };
        assert_eq!(decide(&question, &host), expect, "{good:04b}");
    }
}

/// A host that answers part of what it is asked does not get an answer either.
#[test]
fn a_pass_with_one_check_open_says_nothing() {
    let chain = Chain::new();
    let question = |signatures: SignatureProvider<'_>| chain.judge(signatures);
    let Err(Stop::Wanting(Source::Signatures(all))) = question(LATER) else {
        panic!("nothing is known yet")
    };
    assert_eq!(all.len(), 3);
    for open in 0..all.len() {
        let mut rounds = Rounds::default();
        let others = all.iter().enumerate().filter(|(place, _)| *place != open);
        rounds.answered(others.map(|(_, check)| (check.clone(), Answer::Good))).unwrap();
        let expect = Err(Stop::Wanting(Source::Signatures(vec![all[open].clone()])));
        assert_eq!(rounds.pass(LATER, question), expect);
    }
}
