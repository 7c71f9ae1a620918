//! Every public verifier of the core, with a back end that defers all.

use crate::{AT_ONCE, LATER, NOW, truth};
use credmint_core::cms::{Authorities, CmsRules, PinnedSigner, Profile, SignedMessage, Trust};
use credmint_core::deferred::settle;
use credmint_core::exchange::{Exchange, Trace};
use credmint_core::guard::{GuardRules, verify_access_token};
use credmint_core::jose::{JwkSet, UnverifiedJws, VerificationKey};
use credmint_core::keys::{KeyRing, KeySource};
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::{
    Answer, Curve, PublicKey, RsaLimit, Scheme, SignatureProvider, verify_signature,
};
use credmint_core::x509::{
    Certificate, KeyUse, PathRules, RevocationCheck, TriedPath, TrustAnchor, explain_path,
    verify_path, verify_signed_data,
};
use credmint_core::{
    Code, Hash, ID_TOKEN_BEARER, PKCS7_BEARER, Presented, Source, Stop, UnixTime, X509_JWT_BEARER,
    base64, json,
};
use credmint_tests::fixtures::cloud_signer::CloudSigner;
use credmint_tests::fixtures::cms::{Draft, Form};
use credmint_tests::fixtures::instance::Ec2Instance;
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::policy;
use credmint_tests::fixtures::private_ca::{ClientProfile, PrivateCa};
use credmint_tests::fixtures::revocation::ListProfile;
use credmint_tests::shared_data;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::sync::Arc;

/// A verifier with its subject.
type Question<'a> = &'a dyn Fn(SignatureProvider<'_>) -> Result<(), Stop>;

/// None accepts what is not answered; answers that are true give the verdict of a host that answers at once; and no
/// signature that is called bad is accepted.
#[track_caller]
fn check(what: &str, question: Question<'_>, expect: Result<(), Code>) {
    let code = |result: Result<(), Stop>| result.map_err(|stop| stop.into_refusal().code());
    assert_eq!(code(question(AT_ONCE)), expect, "{what}: at once");
    match question(LATER) {
        Err(Stop::Wanting(Source::Signatures(checks))) => assert!(!checks.is_empty(), "{what}"),
        other => panic!("{what}: {other:?}"),
    }
    let unanswered = settle(LATER, |_| Answer::Deferred, question);
    assert_eq!(code(unanswered), Err(Code::InternalError), "{what}: unanswered");
    assert_eq!(code(settle(LATER, truth, question)), expect, "{what}: answered");
    let bad = settle(LATER, |_| Answer::Bad, question);
    assert!(matches!(bad, Err(Stop::Refused(_))), "{what}: {bad:?}");
}

/// A signature of the right form for P-256 that no key made.
const FORGED: [u8; 64] = [1; 64];

/// `token` with a signature that no key made.
fn forged(token: &str) -> String {
    let (input, _) = token.rsplit_once('.').expect("a token");
    format!("{input}.{}", base64::encode_url(&FORGED))
}

#[test]
fn bare_signatures() {
    let key = TestKey::ec();
    let public = PublicKey::from_spki_der(&key.spki_der(), RsaLimit::Standard).unwrap();
    let scheme = Scheme::Ecdsa(Curve::P256, Hash::Sha256);
    let verify = |signature: &[u8], signatures: SignatureProvider<'_>| {
        verify_signature(scheme, &public, b"text", signature, signatures)
            .map_err(|not| Stop::of_signature(not, Code::SignatureInvalid))
    };
    let good = key.sign("ES256", b"text");
    check("good", &|signatures| verify(&good, signatures), Ok(()));
    check("bad", &|signatures| verify(&FORGED, signatures), Err(Code::SignatureInvalid));
}

#[test]
fn tokens() {
    let (key, other) = (TestKey::ec(), TestKey::ec());
    let jwks = json!({ "keys": [other.bare_jwk(), key.bare_jwk()] }).to_string();
    let set = JwkSet::parse(jwks.as_bytes(), &[]).unwrap();
    let jwk = json::parse_object(key.bare_jwk().to_string().as_bytes()).unwrap();
    let one = VerificationKey::from_jwk(&jwk, &[], RsaLimit::Standard).unwrap();
    let good = jwt::sign(&key, &json!({ "alg": "ES256" }), &json!({ "sub": "workload" }));
    for (token, expect) in [(good.clone(), Ok(())), (forged(&good), Err(Code::JwsSignatureInvalid))]
    {
        let with_set = |signatures: SignatureProvider<'_>| {
            UnverifiedJws::parse(&token)?.verify(&set, signatures).map(drop)
        };
        check("by a set", &with_set, expect);
        let with_one = |signatures: SignatureProvider<'_>| {
            UnverifiedJws::parse(&token)?.verify_with(&one, signatures).map(drop)
        };
        check("by a key", &with_one, expect);
    }
}

#[test]
fn access_tokens() {
    let key = TestKey::ec();
    let jwks = json!({ "keys": [key.jwk("a")] }).to_string();
    let source = KeySource::Static(Arc::new(JwkSet::parse(jwks.as_bytes(), &[]).unwrap()));
    let rules = GuardRules::new("https://sts.example.com", "api.example.com");
    let header = json!({ "alg": "ES256", "kid": "a", "typ": "at+jwt" });
    let claims = json!({
        "iss": rules.issuer, "aud": rules.audiences.first(), "sub": "app_1:7", "client_id": "app_1",
        "jti": "j", "iat": NOW, "exp": NOW + 3600,
    });
    let good = jwt::sign(&key, &header, &claims);
    let (ring, now) = (KeyRing::default(), UnixTime::from_seconds(NOW));
    let verify = |token: &str, signatures: SignatureProvider<'_>| {
        let verdict = verify_access_token(token, &rules, &source, &ring, now, signatures);
        verdict.into_result().map(drop)
    };
    let bad = forged(&good);
    check("good", &|signatures| verify(&good, signatures), Ok(()));
    check("bad", &|signatures| verify(&bad, signatures), Err(Code::JwsSignatureInvalid));
}

fn certificate(der: &[u8]) -> Certificate {
    Certificate::from_der(der).expect("a certificate")
}

#[test]
fn paths() {
    let ca = PrivateCa::new("Plant");
    let (client, foreign) = (ca.client("machine"), ca.impostor().client("machine"));
    let anchors = [TrustAnchor::from_certificate(certificate(ca.root_der())).unwrap()];
    let intermediates = [certificate(ca.intermediate_der())];
    let rules = PathRules::new(UnixTime::from_seconds(NOW), KeyUse::Any, RevocationCheck::Off);
    for (client, expect) in [(client, Ok(())), (foreign, Err(Code::PathSignatureInvalid))] {
        let leaf = certificate(client.certificate_der());
        let verify = |signatures: SignatureProvider<'_>| {
            verify_path(&leaf, &intermediates, &anchors, &rules, signatures).map(drop)
        };
        check("verify_path", &verify, expect);
        let explain = |signatures: SignatureProvider<'_>| {
            let report = explain_path(&leaf, &intermediates, &anchors, &rules, signatures)?;
            report.outcome.map(drop).map_err(|tried: TriedPath| tried.into_refusal().into())
        };
        check("explain_path", &explain, expect);
    }
}

#[test]
fn signed_data() {
    let key = TestKey::ec();
    // AlgorithmIdentifier of ecdsa-with-SHA256.
    let algorithm = *b"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02";
    let bits = |fixed: &[u8]| {
        let der = credmint_core::signature::der_from_fixed(fixed).unwrap();
        [&[3, u8::try_from(der.len() + 1).unwrap(), 0], &der[..]].concat()
    };
    let verify = |fixed: &[u8], signatures: SignatureProvider<'_>| {
        verify_signed_data(&key.spki_der(), &algorithm, b"text", &bits(fixed), signatures)
    };
    let good = key.sign("ES256", b"text");
    check("good", &|signatures| verify(&good, signatures), Ok(()));
    check("bad", &|signatures| verify(&FORGED, signatures), Err(Code::PathSignatureInvalid));
}

#[test]
fn messages() {
    let signer = CloudSigner::ec2("eu-test-1");
    let (content, form) = (b"{\"region\":\"eu-test-1\"}", Form::ec2(NOW));
    let pinned = certificate(signer.certificate_der());
    let pinned = [PinnedSigner::from_certificate(pinned).unwrap()];
    let mut rules = CmsRules::at_any_time(Profile::AmazonEc2);
    for (signer, expect) in
        [(&signer, Ok(())), (&signer.impostor(), Err(Code::CmsSignatureInvalid))]
    {
        let message = SignedMessage::parse(&signer.sign(content, &form)).unwrap();
        let verify = |signatures: SignatureProvider<'_>| {
            message.verify(None, &pinned, &rules, signatures).map(drop)
        };
        check("by a pin", &verify, expect);
    }
    let ca = PrivateCa::new("Plant");
    let anchors = [TrustAnchor::from_certificate(certificate(ca.root_der())).unwrap()];
    let time = UnixTime::from_seconds(NOW);
    let authorities = Some(Authorities { anchors: &anchors, intermediates: &[], time });
    let trust = Trust { signers: &[], authorities };
    rules.profile = Profile::Generic;
    for (ca, expect) in [(&ca, Ok(())), (&ca.impostor(), Err(Code::PathSignatureInvalid))] {
        let signer = ca.issue(&ClientProfile::new("signer"), TestKey::rsa());
        let mut draft = Draft::new(&signer, b"text", &Form::usual(NOW));
        draft.certificates =
            vec![signer.certificate_der().to_vec(), ca.intermediate_der().to_vec()];
        let message = SignedMessage::parse(&draft.encode()).unwrap();
        let verify = |signatures: SignatureProvider<'_>| {
            message.verify_by(None, &trust, &rules, signatures).map(drop)
        };
        check("by a chain", &verify, expect);
    }
}

/// A policy with one provider of each kind, and the parameters of a request with these.
fn exchange(
    provider: &Value,
    condition: &str,
    kind: &str,
    proof: &[(&str, &str)],
) -> (TrustPolicy, Presented) {
    let document = policy::of_one(provider, &json!({ "condition": condition }));
    let document = json::parse(document.to_string().as_bytes()).unwrap();
    let parameters = policy::parameters(kind).into_iter().chain(proof.iter().copied());
    let presented = Presented::from_parameters(parameters).unwrap();
    (TrustPolicy::from_document(&document).unwrap(), presented)
}

/// What `decide` and `explain` say to a request.
#[track_caller]
fn check_exchange((policy, presented): &(TrustPolicy, Presented), expect: Result<(), Code>) {
    let (keys, now) = (&KeyRing::default(), UnixTime::from_seconds(NOW));
    let decide = |signatures: SignatureProvider<'_>| {
        Exchange { policy, keys, signatures, now, own: None }
            .decide(presented, &mut Trace::none())
            .into_result()
            .map(drop)
    };
    check("decide", &decide, expect);
    let explain = |signatures: SignatureProvider<'_>| {
        Exchange { policy, keys, signatures, now, own: None }
            .explain(presented)
            .0
            .into_result()
            .map(drop)
    };
    check("explain", &explain, expect);
}

#[test]
fn exchanges_of_tokens() {
    let key = TestKey::ec();
    let provider = json!({
        "type": "oidc", "issuer": "https://idp.example.com", "audiences": ["https://sts.example.com"],
        "keys": { "jwks": { "keys": [key.jwk("a")] } },
    });
    let claims = json!({
        "iss": "https://idp.example.com", "aud": "https://sts.example.com", "sub": "workload",
        "iat": NOW, "exp": NOW + 300,
    });
    let good = jwt::sign(&key, &json!({ "alg": "ES256", "kid": "a" }), &claims);
    for (token, expect) in [(good.clone(), Ok(())), (forged(&good), Err(Code::JwsSignatureInvalid))]
    {
        let proof = [("client_assertion", token.as_str())];
        let condition = "jwt.claims.sub == \"workload\"";
        check_exchange(&exchange(&provider, condition, ID_TOKEN_BEARER, &proof), expect);
    }
}

#[test]
fn exchanges_of_certificates() {
    let ca = PrivateCa::new("Plant");
    let (client, foreign) = (ca.client("machine"), ca.impostor().client("machine"));
    let endpoint = "https://sts.example.com/oauth2/token";
    let good = jwt::pca_assertion(client.key(), "app_1", endpoint, NOW);
    let of_foreign = jwt::pca_assertion(foreign.key(), "app_1", endpoint, NOW);
    for (client, assertion, expect) in [
        (&client, good.clone(), Ok(())),
        (&client, forged(&good), Err(Code::JwsSignatureInvalid)),
        (&foreign, of_foreign, Err(Code::PathSignatureInvalid)),
    ] {
        let (certificate, chain) = (client.certificate_pem(), ca.intermediate_pem());
        let proof = [
            ("client_assertion", assertion.as_str()),
            ("client_x509", certificate.as_str()),
            ("client_x509_chain", chain.as_str()),
        ];
        let condition = "cert.subject.CN == \"machine\"";
        check_exchange(&exchange(&ca.provider(), condition, X509_JWT_BEARER, &proof), expect);
    }
}

#[test]
fn exchanges_of_documents() {
    let signer = CloudSigner::ec2("eu-test-1");
    let provider = json!({
        "type": "pkcs7", "profile": "amazon_ec2", "max_age": "3600s",
        "signers": [{ "pem": signer.certificate_pem(), "region": "eu-test-1" }],
    });
    let instance = Ec2Instance::new("123456789012", "i-1", "eu-test-1", NOW);
    for (signer, expect) in
        [(&signer, Ok(())), (&signer.impostor(), Err(Code::CmsSignatureInvalid))]
    {
        let document = signer.sign(instance.document().as_bytes(), &Form::ec2(NOW));
        let document = base64::encode_standard(&document);
        let proof = [("client_assertion", document.as_str())];
        let condition = "pkcs7.payload.jsonData.accountId == \"123456789012\" && \
                         pkcs7.payload.jsonData.instanceId == \"i-1\"";
        check_exchange(&exchange(&provider, condition, PKCS7_BEARER, &proof), expect);
    }
}

/// A list whose signature is yet to be checked is no verified one.
#[test]
fn fetched_lists() {
    const URL: &str = "http://crl.example.com/plant.crl";
    let ca = PrivateCa::new("Plant");
    let policy = json!({
        "version": 1,
        "issuer": "https://sts.example.com",
        "providers": { "plant": { "type": "pca", "roots": [{ "pem": ca.root_pem() }], "crls": [{ "url": URL }] } },
        "resources": { "api": { "scopes": ["read"] } },
        "clients": {},
    });
    let policy = json::parse(policy.to_string().as_bytes()).unwrap();
    let policy = TrustPolicy::from_document(&policy).unwrap();
    let mut ring = KeyRing::default();
    let list = ca.root_list(&ListProfile::default());
    ring.fetched_crl(URL, &list, UnixTime::from_seconds(NOW)).unwrap();
    let found = |signatures| policy.verify_crls(URL, &ring, signatures).len();
    assert_eq!(found(AT_ONCE), 1);
    assert_eq!(found(LATER), 0);
}

/// A function that takes back ends is a verifier, and is tested above: a new one fails here until it is. `Exchange` holds its own.
#[test]
fn no_verifier_is_left_out() {
    let tested = [
        "deferred.rs pass",
        "deferred.rs settle",
        "guard.rs verify_access_token",
        "cms/verify.rs verify",
        "cms/verify.rs verify_by",
        "jose/jws.rs verify",
        "jose/jws.rs verify_with",
        "policy/signed_lists.rs verify_crls",
        "signature.rs verify_signature",
        "x509/path.rs explain_path",
        "x509/path.rs verify_path",
        "x509/signed_data.rs verify_signed_data",
    ];
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../verifier-wasm/core/src");
    let mut found = BTreeSet::new();
    for path in shared_data::files(&source).unwrap() {
        let file = path.strip_prefix(&source).unwrap().display().to_string();
        if !file.ends_with(".rs") || file.contains("tests") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for declaration in text.split("pub fn ").skip(1) {
            let signature = declaration.split('{').next().unwrap_or_default();
            let name = signature.split(['(', '<']).next().unwrap_or_default();
            if signature.contains("SignatureProvider<'_>") {
                found.insert(format!("{file} {name}"));
            }
        }
    }
    assert_eq!(found, tested.map(str::to_owned).into());
}
