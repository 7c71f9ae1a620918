//! Proofs through the whole decision, with real keys: what a private CA's clients and the instances of clouds
//! present, and the same with one thing wrong.

use credmint_aws_lc::AwsLc;
use credmint_core::exchange::{Exchange, Trace};
use credmint_core::keys::KeyRing;
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::SignatureProvider;
use credmint_core::{
    Code, Fault, PKCS7_BEARER, Presented, UnixTime, Verdict, X509_JWT_BEARER, json,
};
use credmint_tests::fixtures::cloud_signer::CloudSigner;
use credmint_tests::fixtures::cms::Form;
use credmint_tests::fixtures::instance::{AudienceForm, Ec2Instance, EcsInstance, client_audience};
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::pem;
use credmint_tests::fixtures::policy::{of_one, parameters};
use credmint_tests::fixtures::private_ca::{Client, ClientProfile, IntermediateProfile, PrivateCa};
use rcgen::KeyUsagePurpose;
use serde_json::{Value, json};

/// 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;
const ENDPOINT: &str = "https://sts.example.com/oauth2/token";

/// A policy with this provider and one credential with this condition; where it is wrong when it does not load.
fn load(provider: &Value, condition: &str) -> Result<TrustPolicy, Vec<String>> {
    let document = of_one(provider, &json!({ "condition": condition }));
    let document = json::parse(document.to_string().as_bytes()).unwrap();
    TrustPolicy::from_document(&document)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn policy(provider: &Value, condition: &str) -> TrustPolicy {
    load(provider, condition).unwrap_or_else(|errors| panic!("{errors:?}"))
}

fn decide(policy: &TrustPolicy, kind: &str, proof: &[(&str, &str)]) -> Result<(), Code> {
    let parameters = parameters(kind).into_iter().chain(proof.iter().copied());
    let presented = Presented::from_parameters(parameters).map_err(|refusal| refusal.code())?;
    let keys = KeyRing::default();
    let signatures = SignatureProvider { backends: &[&AwsLc] };
    let now = UnixTime::from_seconds(NOW);
    let exchange = Exchange { policy, keys: &keys, signatures, now, own: None };
    match exchange.decide(&presented, &mut Trace::none()) {
        Verdict::Granted(_) => Ok(()),
        Verdict::Refused(refusal) => Err(refusal.code()),
        Verdict::Wanting(source) => panic!("wanting {source:?}"),
    }
}

/// A private CA, registered, and what its client presents.
struct Pca {
    ca: PrivateCa,
    policy: TrustPolicy,
}

impl Pca {
    fn new() -> Self {
        let ca = PrivateCa::new("Plant");
        Self { policy: policy(&ca.provider(), r#"cert.subject.CN == "machine""#), ca }
    }

    fn decide(&self, jwt: &str, certificate: &str, chain: &str) -> Result<(), Code> {
        let proof =
            [("client_assertion", jwt), ("client_x509", certificate), ("client_x509_chain", chain)];
        decide(&self.policy, X509_JWT_BEARER, &proof)
    }

    /// What a client of this profile presents with everything else right.
    fn client(&self, client: &Client) -> Result<(), Code> {
        let chain = self.ca.intermediate_pem();
        self.decide(&assertion(client.key()), &client.certificate_pem(), &chain)
    }
}

fn assertion(key: &TestKey) -> String {
    jwt::pca_assertion(key, "app_1", ENDPOINT, NOW)
}

#[test]
fn x05_x07_a_client_of_the_private_ca_and_those_that_are_none() {
    let pca = Pca::new();
    let issue = |profile: ClientProfile| pca.client(&pca.ca.issue(&profile, TestKey::ec()));
    let good = || ClientProfile::new("machine");
    assert_eq!(issue(good()), Ok(()));
    assert_eq!(pca.client(&pca.ca.client_rsa("machine")), Ok(()));
    assert_eq!(pca.client(&pca.ca.issue(&good(), TestKey::ec_p384())), Ok(()));
    assert_eq!(issue(ClientProfile::new("Machine")), Err(Code::VerificationConditionFalse));
    assert_eq!(issue(good().expired()), Err(Code::CertificateExpired));
    assert_eq!(issue(good().not_yet_valid()), Err(Code::CertificateNotYetValid));
    assert_eq!(issue(good().for_servers()), Err(Code::CertificateExtendedKeyUsage));
    assert_eq!(issue(good().for_encryption()), Err(Code::CertificateKeyUsage));
    assert_eq!(pca.client(&pca.ca.impostor().client("machine")), Err(Code::PathSignatureInvalid));
    let client = pca.ca.client("machine");
    let below = pca.ca.issue_below(&client, &good(), TestKey::ec());
    let chain = [client.certificate_pem(), pca.ca.intermediate_pem()].concat();
    let verdict = pca.decide(&assertion(below.key()), &below.certificate_pem(), &chain);
    assert_eq!(verdict, Err(Code::CertificateNotCa));
}

/// An X.509-SVID is a certificate with one URI, which names the workload within the trust domain.
#[test]
fn an_x509_svid_and_those_that_are_none() {
    const ORDERS: &str = "spiffe://example.org/ns/shop/sa/orders";
    let ca = PrivateCa::new("Mesh");
    let provider = json!({
        "type": "spiffe", "trust_domain": "example.org", "roots": [{ "pem": ca.root_pem() }],
    });
    let pca = Pca { policy: policy(&provider, &format!("cert.san.uri[0] == {ORDERS:?}")), ca };
    let judge = |names: &[&str]| {
        let mut profile = ClientProfile::new("anybody");
        profile.alternative_names = names.iter().map(ToString::to_string).collect();
        pca.client(&pca.ca.issue(&profile, TestKey::ec()))
    };
    assert_eq!(judge(&[ORDERS]), Ok(()));
    assert_eq!(judge(&[ORDERS, "pod.example"]), Ok(()));
    let other = "spiffe://example.org/ns/shop/sa/carts";
    assert_eq!(judge(&[other]), Err(Code::VerificationConditionFalse));
    assert_eq!(judge(&[ORDERS, other]), Err(Code::TrustConditionFalse));
    let foreign = "spiffe://example.com/ns/shop/sa/orders";
    assert_eq!(judge(&[foreign]), Err(Code::TrustConditionFalse));
    assert_eq!(judge(&["spiffe://example.org.evil/sa/orders"]), Err(Code::TrustConditionFalse));
    assert_eq!(judge(&[]), Err(Code::TrustConditionFalse));
    // The key of a workload signs, and signs no certificates and no lists.
    let with = |pca: &Pca, usages: &[KeyUsagePurpose]| {
        let mut profile = ClientProfile::new("anybody");
        profile.alternative_names = vec![ORDERS.to_owned()];
        profile.key_usages = usages.to_vec();
        pca.client(&pca.ca.issue(&profile, TestKey::ec()))
    };
    let (signs, lists) = (KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::CrlSign);
    assert_eq!(with(&pca, &[signs, KeyUsagePurpose::KeyAgreement]), Ok(()));
    assert_eq!(with(&pca, &[signs, lists]), Err(Code::TrustConditionFalse));
    assert_eq!(with(&pca, &[]), Err(Code::TrustConditionFalse));
    // So it is wherever the ID is read.
    let any = json!({ "type": "pca", "roots": [{ "pem": pca.ca.root_pem() }] });
    let condition = format!("cert.subject.CN == 'anybody' && {ORDERS:?} in cert.san.uri");
    let plain = Pca { policy: policy(&any, &condition), ca: pca.ca };
    assert_eq!(with(&plain, &[signs]), Ok(()));
    assert_eq!(with(&plain, &[signs, lists]), Err(Code::VerificationConditionFalse));
    // Who reads another URI than the first, or none, does not load.
    for condition in ["cert.san.uri[1] == 'x'", "cert.subject.CN == 'anybody'"] {
        let error = load(&provider, condition).expect_err(condition);
        assert!(format!("{error:?}").contains("condition"), "{condition}: {error:?}");
    }
}

#[test]
fn x05_an_intermediate_that_may_not_issue() {
    let good = IntermediateProfile::default;
    for (profile, expect) in [
        (IntermediateProfile { path_length: None, ..good() }, Ok(())),
        (IntermediateProfile { is_ca: false, ..good() }, Err(Code::CertificateNotCa)),
        (
            IntermediateProfile { may_sign_certificates: false, ..good() },
            Err(Code::CertificateKeyUsage),
        ),
    ] {
        let ca = PrivateCa::with_intermediate("Plant", &profile);
        let pca = Pca { policy: policy(&ca.provider(), r#"cert.subject.CN == "machine""#), ca };
        assert_eq!(pca.client(&pca.ca.client("machine")), expect, "{profile:?}");
    }
}

#[test]
fn x04_what_is_sent_along_is_not_trusted() {
    let pca = Pca::new();
    let foreign = pca.ca.impostor();
    let client = foreign.client("machine");
    let chain = [foreign.intermediate_pem(), foreign.root_pem()].concat();
    let verdict = pca.decide(&assertion(client.key()), &client.certificate_pem(), &chain);
    assert_eq!(verdict, Err(Code::PathSignatureInvalid));
    // Beside the foreign chain, ours does no harm and is of no use.
    let chain = [chain, pca.ca.intermediate_pem(), pca.ca.root_pem()].concat();
    let verdict = pca.decide(&assertion(client.key()), &client.certificate_pem(), &chain);
    assert_eq!(verdict, Err(Code::PathSignatureInvalid));
    let client = pca.ca.client("machine");
    let verdict = pca.decide(&assertion(client.key()), &client.certificate_pem(), &chain);
    assert_eq!(verdict, Ok(()));
}

#[test]
fn x26_x27_a_chain_alone_is_no_proof() {
    let pca = Pca::new();
    let client = pca.ca.client("machine");
    let check = |header: Value, change: &dyn Fn(&mut Value), expect: Result<(), Code>| {
        let mut claims = jwt::pca_claims("app_1", ENDPOINT, NOW);
        change(&mut claims);
        let token = jwt::sign(client.key(), &header, &claims);
        let chain = pca.ca.intermediate_pem();
        assert_eq!(pca.decide(&token, &client.certificate_pem(), &chain), expect, "{claims}");
    };
    let plain = || jwt::pca_header(client.key());
    let set =
        |name: &'static str, value: Value| move |claims: &mut Value| claims[name] = value.clone();
    check(plain(), &|_| (), Ok(()));
    check(plain(), &set("aud", json!("https://sts.example.com/oauth2")), Ok(()));
    check(plain(), &set("aud", json!("https://api.example.com")), Err(Code::AudienceWrong));
    check(plain(), &set("iss", json!("app_2")), Err(Code::IssuerWrong));
    check(plain(), &set("sub", json!("app_2")), Err(Code::SubjectWrong));
    check(plain(), &set("exp", json!(NOW + 631)), Err(Code::LifetimeTooLong));
    check(plain(), &set("exp", json!(NOW - 60)), Err(Code::ClaimsMalformed));
    check(plain(), &set("jti", Value::Null), Err(Code::ClaimsMalformed));
    check(
        plain(),
        &|claims| drop(claims.as_object_mut().unwrap().remove("jti")),
        Err(Code::JtiMissing),
    );
    check(
        plain(),
        &|claims| drop(claims.as_object_mut().unwrap().remove("exp")),
        Err(Code::ExpiryMissing),
    );
    let typed = |typ: &str| json!({ "alg": "ES256", "typ": typ });
    check(typed("at+jwt"), &|_| (), Err(Code::TypeWrong));
    let named = |x5t: &str| json!({ "alg": "ES256", "x5t#S256": x5t });
    check(named("AAAA"), &|_| (), Err(Code::AssertionCertificate));

    // Signed by another key than the certificate's, its own certificate in the header.
    let other = TestKey::ec();
    let header = json!({ "alg": "ES256", "x5c": [pem::base64_line(client.certificate_der())] });
    let token = jwt::sign(&other, &header, &jwt::pca_claims("app_1", ENDPOINT, NOW));
    let chain = pca.ca.intermediate_pem();
    let verdict = pca.decide(&token, &client.certificate_pem(), &chain);
    assert_eq!(verdict, Err(Code::JwsSignatureInvalid));
    for (algorithm, code) in [
        ("none", Code::UnsupportedAlgorithm),
        ("HS256", Code::UnsupportedAlgorithm),
        ("es256", Code::UnsupportedAlgorithm),
        ("RS256", Code::AlgorithmNotAllowed),
        ("ES384", Code::AlgorithmNotAllowed),
        ("PS256", Code::AlgorithmNotAllowed),
    ] {
        let header = format!(r#"{{"alg":"{algorithm}"}}"#);
        let claims = jwt::pca_claims("app_1", ENDPOINT, NOW).to_string();
        let token = jwt::sign_text(client.key(), "ES256", &header, &claims);
        let decided = pca.decide(&token, &client.certificate_pem(), &chain);
        assert_eq!(decided, Err(code), "{algorithm}");
    }
}

#[test]
fn p1_no_byte_of_the_certificates_or_the_assertion_can_be_changed() {
    let pca = Pca::new();
    let client = pca.ca.client("machine");
    let token = assertion(client.key());
    let (leaf, intermediate) = (client.certificate_der(), pca.ca.intermediate_der());
    let decide = |token: &str, leaf: &[u8], intermediate: &[u8]| {
        pca.decide(token, &pem::base64_line(leaf), &pem::base64_line(intermediate))
    };
    assert_eq!(decide(&token, leaf, intermediate), Ok(()));
    let fault = |verdict: Result<(), Code>| verdict.err().map(|code| code.fault());
    for change in (0..8).map(|bit| 1 << bit) {
        for at in 0..leaf.len() {
            let mut leaf = leaf.to_vec();
            leaf[at] ^= change;
            assert_eq!(
                fault(decide(&token, &leaf, intermediate)),
                Some(Fault::Credential),
                "leaf at {at}, {change:#x}"
            );
        }
        for at in 0..intermediate.len() {
            let mut intermediate = intermediate.to_vec();
            intermediate[at] ^= change;
            assert_eq!(
                fault(decide(&token, leaf, &intermediate)),
                Some(Fault::Credential),
                "CA at {at}, {change:#x}"
            );
        }
    }
    for at in 0..token.len() {
        for other in ['A', 'B', '.', '_'] {
            let mut changed: Vec<char> = token.chars().collect();
            if changed[at] != other {
                changed[at] = other;
                let changed: String = changed.into_iter().collect();
                assert_eq!(
                    fault(decide(&changed, leaf, intermediate)),
                    Some(Fault::Credential),
                    "token at {at}"
                );
            }
        }
    }
}

fn document(policy: &TrustPolicy, document: &str) -> Result<(), Code> {
    decide(policy, PKCS7_BEARER, &[("client_assertion", document)])
}

#[test]
fn c11_c22_a_document_of_ecs() {
    let signer = CloudSigner::ecs();
    let provider = json!({
        "type": "pkcs7", "profile": "alibaba_ecs", "audience": "idaas_1",
        "signers": [{ "pem": signer.certificate_pem() }],
    });
    let policy = policy(
        &provider,
        r#"pkcs7.payload.jsonData.'owner-account-id' == "1" && pkcs7.payload.jsonData.'instance-id' == "i-1""#,
    );
    let instance = EcsInstance::new("1", "i-1");
    let check = |audience: Option<&str>, expect: Result<(), Code>| {
        for form in [AudienceForm::Raw, AudienceForm::Escaped] {
            let text = signer.ecs_document(&instance, audience, form);
            assert_eq!(document(&policy, &text), expect, "{audience:?}");
        }
    };
    check(Some(&client_audience("idaas_1", NOW)), Ok(()));
    check(Some(&client_audience("idaas_1", NOW - 4500)), Ok(()));
    check(Some(&client_audience("idaas_1", NOW - 4501)), Err(Code::DocumentStale));
    check(Some(&client_audience("idaas_1", NOW + 30)), Ok(()));
    check(Some(&client_audience("idaas_1", NOW + 31)), Err(Code::DocumentFromFuture));
    check(Some(&client_audience("idaas_2", NOW)), Err(Code::DocumentAudience));
    check(Some("idaas_1"), Err(Code::DocumentTimeMissing));
    check(None, Err(Code::DocumentAudienceMissing));
    let audience = client_audience("idaas_1", NOW);
    let other = EcsInstance::new("2", "i-1");
    let text = signer.ecs_document(&other, Some(&audience), AudienceForm::Raw);
    assert_eq!(document(&policy, &text), Err(Code::VerificationConditionFalse));
    let text = signer.impostor().ecs_document(&instance, Some(&audience), AudienceForm::Raw);
    assert_eq!(document(&policy, &text), Err(Code::CmsSignatureInvalid));
    let content = instance.document(Some(&audience), AudienceForm::Raw);
    let signed = |form: &Form| pem::base64_line(&signer.sign(content.as_bytes(), form));
    assert_eq!(document(&policy, &signed(&Form::ecs_sha256())), Ok(()));
    assert_eq!(document(&policy, &signed(&Form::ec2(NOW))), Err(Code::CmsAttributes));
}

#[test]
fn c17_c21_a_document_of_ec2() {
    let (here, there) = (CloudSigner::ec2("eu-west-1"), CloudSigner::ec2("us-gov-west-1"));
    let provider = json!({
        "type": "pkcs7", "profile": "amazon_ec2", "max_age": 300,
        "signers": [
            { "pem": here.certificate_pem(), "region": "eu-west-1" },
            { "pem": there.certificate_pem(), "region": "us-gov-west-1" },
        ],
    });
    let policy = policy(
        &provider,
        r#"pkcs7.payload.jsonData.accountId == "000000000001" && pkcs7.payload.jsonData.instanceId == "i-1""#,
    );
    let in_region =
        |region: &str, pending| Ec2Instance::new("000000000001", "i-1", region, pending);
    let check = |signer: &CloudSigner, region: &str, pending: i64, expect: Result<(), Code>| {
        let text = signer.ec2_document(&in_region(region, pending));
        assert_eq!(document(&policy, &text), expect, "{region} {pending}");
    };
    // Signed three seconds after the start.
    check(&here, "eu-west-1", NOW, Ok(()));
    check(&there, "us-gov-west-1", NOW, Ok(()));
    check(&here, "eu-west-1", NOW - 303, Ok(()));
    check(&here, "eu-west-1", NOW - 304, Err(Code::DocumentStale));
    check(&here, "eu-west-1", NOW + 27, Ok(()));
    check(&here, "eu-west-1", NOW + 28, Err(Code::DocumentFromFuture));
    check(&here, "us-gov-west-1", NOW, Err(Code::CmsSignerUnknown));
    check(&there, "eu-west-1", NOW, Err(Code::CmsSignerUnknown));
    check(&CloudSigner::ec2("us-east-1"), "us-east-1", NOW, Err(Code::CmsSignerUnknown));
    check(&here.impostor(), "eu-west-1", NOW, Err(Code::CmsSignatureInvalid));
    let text = here.ec2_document(&Ec2Instance::new("000000000002", "i-1", "eu-west-1", NOW));
    assert_eq!(document(&policy, &text), Err(Code::VerificationConditionFalse));
    let content = in_region("eu-west-1", NOW).document();
    let text = pem::base64_line(&here.sign(content.as_bytes(), &Form::ecs_sha256()));
    assert_eq!(document(&policy, &text), Err(Code::CmsAttributes));
}

#[test]
fn providers_that_would_trust_too_much_do_not_load() {
    let check = |provider: Value, condition: &str, expect: Option<&str>| {
        let errors = load(&provider, condition).map(drop).err().unwrap_or_default();
        let found = errors.iter().any(|error| expect.is_some_and(|expect| error.contains(expect)));
        assert_eq!(found, expect.is_some(), "{provider} {condition}: {errors:?}");
        assert_eq!(errors.is_empty(), expect.is_none(), "{provider} {condition}: {errors:?}");
    };
    let ca = PrivateCa::new("Plant");
    let (root, leaf) = (ca.root_pem(), ca.client("machine").certificate_pem());
    let pca = |members: Value| {
        let mut provider = json!({ "type": "pca", "roots": [root] });
        provider.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        provider
    };
    let cn = r#"cert.subject.CN == "machine""#;
    check(pca(json!({})), cn, None);
    check(pca(json!({ "extended_key_usages": ["serverAuth", "1.2.3"] })), cn, None);
    check(pca(json!({ "extended_key_usages": [] })), cn, Some("empty"));
    check(pca(json!({ "extended_key_usages": ["any"] })), cn, Some("extended key usage"));
    check(pca(json!({ "roots": [] })), cn, Some("empty"));
    check(pca(json!({ "roots": [root, root, root] })), cn, None);
    check(pca(json!({ "roots": vec![&root; 17] })), cn, Some("too many certificates"));
    check(
        pca(json!({ "roots": [ca.intermediate_pem() + &root] })),
        cn,
        Some("another authority issued"),
    );
    check(pca(json!({ "roots": [leaf] })), cn, Some("certificate_not_ca"));
    check(pca(json!({ "intermediates": ["x"] })), cn, Some("pem"));
    check(pca(json!({})), r#"cert.subject.O == "Acme""#, Some("cert.subject.CN"));
    check(pca(json!({})), r#"cert.subject.CN != "machine""#, Some("cert.subject.CN"));
    check(pca(json!({})), r#"cert.issuer.CN == "Plant Issuing""#, Some("cert.subject.CN"));

    let signer = |pem: String, region: Option<&str>| match region {
        Some(region) => json!([{ "pem": pem, "region": region }]),
        None => json!([{ "pem": pem }]),
    };
    let (ecs, ec2) = (CloudSigner::ecs(), CloudSigner::ec2("eu-west-1"));
    let alibaba = |audience: Value| {
        let signers = signer(ecs.certificate_pem(), None);
        json!({ "type": "pkcs7", "profile": "alibaba_ecs", "audience": audience, "signers": signers })
    };
    let owner = r#"pkcs7.payload.jsonData.'owner-account-id' == "1" && pkcs7.payload.jsonData.'instance-id' == "i-1""#;
    check(alibaba(json!("idaas_1")), owner, None);
    check(alibaba(Value::Null), owner, Some("audience"));
    check(alibaba(json!("")), owner, Some("audience"));
    check(alibaba(json!("idaas_\u{e9}")), owner, Some("ASCII"));
    check(
        alibaba(json!("idaas_1")),
        r#"pkcs7.payload.jsonData.'instance-id' == "i""#,
        Some("owner"),
    );
    let amazon = |members: Value, region: Option<&str>| {
        let signers = signer(ec2.certificate_pem(), region);
        let mut provider = json!({ "type": "pkcs7", "profile": "amazon_ec2", "signers": signers });
        provider.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        provider
    };
    let account = r#"pkcs7.payload.jsonData.accountId == "000000000001" && pkcs7.payload.jsonData.instanceId == "i-1""#;
    let here = Some("eu-west-1");
    check(amazon(json!({ "max_age": 300 }), here), account, None);
    check(amazon(json!({}), here), account, Some("max_age"));
    check(amazon(json!({ "max_age": 0 }), here), account, Some("max_age"));
    check(amazon(json!({ "max_age": 1_314_001 }), here), account, Some("max_age"));
    check(amazon(json!({ "max_age": 300 }), None), account, Some("region"));
    check(amazon(json!({ "max_age": 300, "audience": "x" }), here), account, Some("audience"));
}
