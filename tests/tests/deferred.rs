//! Signatures that are verified elsewhere, as WebCrypto does it: a pass defers, the host answers, and the pass repeats
//! until it runs wholly on answers. Only that pass speaks.

use credmint_core::jose::{AlgorithmSet, JwkSet, UnverifiedJws, VerificationKey};
use credmint_core::signature::{
    Answer, Backend, PublicKey, RsaLimit, Scheme, Session, SignatureCheck, SignatureProvider,
};
use credmint_core::x509::{Certificate, PathRules, TrustAnchor, verify_path};
use credmint_core::{Code, Hash, Refusal, Source, UnixTime, Verdict, limits};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::fixtures::jwt::{sign, with_payload};
use credmint_tests::fixtures::key::TestKey;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use serde_json::json;
use std::cell::RefCell;

/// Defers what it has not been told. What it has been told is found by the whole of a check: scheme, key, message and
/// signature.
#[derive(Default)]
struct Recording(RefCell<Vec<(SignatureCheck, bool)>>);

impl Recording {
    fn learn(&self, check: SignatureCheck, good: bool) {
        self.0.borrow_mut().push((check, good));
    }

    fn knows(&self, asked: &SignatureCheck) -> Option<bool> {
        let known = self.0.borrow();
        known.iter().find(|(check, _)| check == asked).map(|(_, good)| *good)
    }
}

impl Backend for Recording {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        let (key, message, signature) = (key.clone(), message.to_vec(), signature.to_vec());
        match self.knows(&SignatureCheck { scheme, key, message, signature }) {
            Some(true) => Answer::Good,
            Some(false) => Answer::Bad,
            None => Answer::Deferred,
        }
    }
}

/// What is asked of a session, and the code of its refusal.
type Question<'a> = &'a dyn Fn(&Session<'_>) -> Result<(), Refusal>;

/// One pass.
fn pass(question: Question<'_>, recording: &Recording) -> Verdict<()> {
    let backends: [&dyn Backend; 1] = [recording];
    let session = Session::new(SignatureProvider { backends: &backends });
    let result = question(&session);
    session.finish(result.map_err(Into::into))
}

/// Passes until one speaks: how many, how many checks were deferred, and what it said. No check is deferred twice, and
/// no pass defers nothing, so that there are never more passes than a request may have signatures.
fn decide(
    question: Question<'_>,
    recording: &Recording,
    host: &dyn Fn(&SignatureCheck) -> bool,
) -> (usize, usize, Result<(), Code>) {
    let mut checks = 0;
    for passes in 1..=limits::SIGNATURES + 1 {
        match pass(question, recording) {
            Verdict::Granted(()) => return (passes, checks, Ok(())),
            Verdict::Refused(refusal) => return (passes, checks, Err(refusal.code())),
            Verdict::Wanting(Source::Signatures(deferred)) => {
                assert!(!deferred.is_empty());
                for check in deferred {
                    assert_eq!(recording.knows(&check), None, "asked again: {check:?}");
                    let good = host(&check);
                    recording.learn(check, good);
                    checks += 1;
                }
            }
            Verdict::Wanting(other) => panic!("{other:?}"),
        }
    }
    panic!("no end")
}

/// A host that tells the truth.
fn truth(check: &SignatureCheck) -> bool {
    let SignatureCheck { scheme, key, message, signature } = check;
    RustCrypto.verify(*scheme, key, message, signature) == Answer::Good
}

fn key_set(keys: &[&TestKey]) -> JwkSet {
    let keys: Vec<_> = keys.iter().map(|key| key.bare_jwk()).collect();
    JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes(), &[]).expect("a good set")
}

fn verify(token: &str, keys: &JwkSet, session: &Session<'_>) -> Result<(), Refusal> {
    UnverifiedJws::parse(token)?.verify(keys, session).map(drop)
}

fn token(key: &TestKey) -> String {
    sign(key, &json!({ "alg": "ES256" }), &json!({ "sub": "workload" }))
}

#[test]
fn a_token_takes_a_pass_for_each_key_that_is_tried() {
    let keys: Vec<TestKey> = (0..=limits::KEYS_TRIED).map(|_| TestKey::ec()).collect();
    let set = key_set(&keys[..limits::KEYS_TRIED].iter().collect::<Vec<_>>());
    for (place, key) in keys.iter().enumerate() {
        let token = token(key);
        let question = |session: &Session<'_>| verify(&token, &set, session);
        let decided = decide(&question, &Recording::default(), &truth);
        // The first key is taken for the right one until it is known that it is not.
        let expect = match place < limits::KEYS_TRIED {
            true => (place + 2, place + 1, Ok(())),
            false => (place + 1, place, Err(Code::JwsSignatureInvalid)),
        };
        assert_eq!(decided, expect, "key {place}");
    }
}

#[test]
fn what_has_been_answered_is_not_asked_again() {
    let key = TestKey::ec();
    let (token, set, recording) = (token(&key), key_set(&[&key]), Recording::default());
    let question = |session: &Session<'_>| verify(&token, &set, session);
    assert_eq!(decide(&question, &recording, &truth), (2, 1, Ok(())));
    assert_eq!(decide(&question, &recording, &|_| panic!("asked again")), (1, 0, Ok(())));
}

/// A good answer is good for its own scheme, key, message and signature. One for anything less says nothing.
#[test]
fn an_answer_for_something_else_is_no_answer() {
    let (key, other) = (TestKey::ec(), TestKey::ec());
    let set = key_set(&[&key]);
    let good = token(&key);
    let forged = with_payload(&good, &json!({ "sub": "admin" }));
    let question = |session: &Session<'_>| verify(&forged, &set, session);
    let Verdict::Wanting(Source::Signatures(deferred)) = pass(&question, &Recording::default())
    else {
        panic!("nothing is known yet")
    };
    let asked = deferred.into_iter().next().expect("a check");
    let genuine = good.rsplit_once('.').map(|(input, _)| input.as_bytes().to_vec());
    let other = PublicKey::from_spki_der(&other.spki_der(), RsaLimit::Standard).expect("a key");
    let mut signature = asked.signature.clone();
    signature[40] ^= 1;
    let lies = [
        SignatureCheck { message: genuine.expect("a token"), ..asked.clone() },
        SignatureCheck { message: Vec::new(), ..asked.clone() },
        SignatureCheck { key: other, ..asked.clone() },
        SignatureCheck { signature, ..asked.clone() },
        SignatureCheck {
            scheme: Scheme::Ecdsa(credmint_core::signature::Curve::P256, Hash::Sha512),
            ..asked.clone()
        },
    ];
    for lie in lies {
        let recording = Recording::default();
        recording.learn(lie, true);
        let verdict = pass(&question, &recording);
        assert_eq!(verdict, Verdict::Wanting(Source::Signatures(vec![asked.clone()])));
        let decided = decide(&question, &recording, &truth);
        assert_eq!(decided, (2, 1, Err(Code::JwsSignatureInvalid)));
    }
    // The twin: the answer to what was asked is one.
    let recording = Recording::default();
    recording.learn(asked, true);
    assert_eq!(pass(&question, &recording), Verdict::Granted(()));
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
    fn judge(&self, session: &Session<'_>) -> Result<(), Refusal> {
        let time = UnixTime::from_seconds(1_795_521_600);
        let anchors = std::slice::from_ref(&self.root);
        verify_path(&self.leaf, &self.intermediates, anchors, &PathRules::at(time), session)?;
        let key = self.leaf.public_key(RsaLimit::Standard)?;
        let algorithms = AlgorithmSet::default_of(key.kind());
        let key = VerificationKey::new(key, algorithms, None);
        UnverifiedJws::parse(&self.token)?.verify_with(&key, session).map(drop)
    }

    /// The place of a check: the links from the root down, then the token.
    fn place(&self, check: &SignatureCheck) -> usize {
        let signed = [self.intermediates[1].tbs(), self.intermediates[0].tbs(), self.leaf.tbs()];
        signed.iter().position(|tbs| **tbs == check.message[..]).unwrap_or(3)
    }
}

#[test]
fn a_chain_of_three_and_its_token_take_two_passes() {
    let chain = Chain::new();
    let question = |session: &Session<'_>| chain.judge(session);
    assert_eq!(decide(&question, &Recording::default(), &truth), (2, 4, Ok(())));
}

/// Whatever the host answers, only four good answers are an acceptance, and there are passes for four checks at most.
#[test]
fn one_bad_link_is_a_refusal() {
    let chain = Chain::new();
    let question = |session: &Session<'_>| chain.judge(session);
    for good in 0_u32..16 {
        let host = |check: &SignatureCheck| good >> chain.place(check) & 1 == 1;
        let (passes, checks, verdict) = decide(&question, &Recording::default(), &host);
        let expect = match good {
            0b1111 => Ok(()),
            0b0111 => Err(Code::JwsSignatureInvalid),
            _ => Err(Code::PathSignatureInvalid),
        };
        assert_eq!((checks, verdict), (4, expect), "{good:04b}");
        assert!(passes <= 1 + checks, "{passes} passes");
    }
}

/// A host that answers half of what it is asked does not get an answer either.
#[test]
fn a_pass_with_one_check_open_says_nothing() {
    let chain = Chain::new();
    let question = |session: &Session<'_>| chain.judge(session);
    let Verdict::Wanting(Source::Signatures(all)) = pass(&question, &Recording::default()) else {
        panic!("nothing is known yet")
    };
    assert_eq!(all.len(), 4);
    for open in 0..all.len() {
        let recording = Recording::default();
        for check in all.iter().enumerate().filter(|(place, _)| *place != open) {
            recording.learn(check.1.clone(), true);
        }
        let expect = Verdict::Wanting(Source::Signatures(vec![all[open].clone()]));
        assert_eq!(pass(&question, &recording), expect);
    }
    // Whatever fails after a check that is open stays unsaid, too.
    let broken = |session: &Session<'_>| {
        chain.judge(session)?;
        Err(Code::Expired.into())
    };
    assert!(matches!(pass(&broken, &Recording::default()), Verdict::Wanting(_)));
    assert_eq!(decide(&broken, &Recording::default(), &truth), (2, 4, Err(Code::Expired)));
}
