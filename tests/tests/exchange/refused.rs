//! Requests of the right form whose proof is not good, or is somebody else's.

use base64ct::{Base64, Encoding};
use credmint_core::Code;
use credmint_tests::fixtures::clock::now;
use credmint_tests::fixtures::cloud_signer::CloudSigner;
use credmint_tests::fixtures::cms::Form;
use credmint_tests::fixtures::cms_defects::Defect;
use credmint_tests::fixtures::github_actions::Job;
use credmint_tests::fixtures::instance::{AudienceForm, Ec2Instance, EcsInstance, client_audience};
use credmint_tests::fixtures::jwt;
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::pem;
use credmint_tests::fixtures::private_ca::ClientProfile;
use credmint_tests::world::log::Record;
use credmint_tests::world::proofs::{EC2_ACCOUNT, ECS_ACCOUNT, ECS_INSTANCE};
use credmint_tests::world::request::TokenRequest;
use credmint_tests::world::{PROOF_AUDIENCE, REGION, World};
use serde_json::{Value, json};

use crate::refusal;

/// Each table ends here: nothing was minted, although everything came in a good form.
fn nothing_minted(world: &World) {
    assert_eq!(world.minted(), 0);
}

/// Who asks is looked up before anything else is believed, and the answers are all alike.
#[test]
fn strangers() {
    let world = World::start();
    let check = |request: TokenRequest, code| {
        let answer = world.exchange(&request);
        refusal::check(&world, &answer, code);
        let body = answer.json();
        (answer.status, body["error"].clone(), body["error_description"].clone())
    };
    let good = || world.github_request();
    let unlike = [
        check(good().with("client_id", "app_gone"), Code::ClientUnknown),
        check(
            good().with("application_federated_credential_name", "gone"),
            Code::CredentialUnknown,
        ),
        check(
            good().with("application_federated_credential_name", "MAIN"),
            Code::CredentialUnknown,
        ),
        // A good proof of one client says nothing for another.
        check(
            good()
                .with("client_id", "app_orders")
                .with("application_federated_credential_name", "pod"),
            Code::TokenOfAnotherProvider,
        ),
        check(
            good()
                .with("client_id", "app_press")
                .with("application_federated_credential_name", "machine"),
            Code::ProviderKind,
        ),
        check(world.github_request_of(&other_repository()), Code::VerificationConditionFalse),
    ];
    assert!(unlike.iter().all(|answer| *answer == unlike[0]), "{unlike:?}");
    nothing_minted(&world);
}

/// A repository of the same owner; only its id tells it apart.
fn other_repository() -> Job {
    Job { repository_id: "78".to_owned(), ..Job::on_main("example/shop") }
}

#[test]
fn oidc_tokens() {
    let world = World::start();
    let claims = |changes: &[(&str, Value)]| {
        let mut claims = Job::on_main("example/shop").claims(PROOF_AUDIENCE);
        for (name, value) in changes {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(*name)),
                value => claims[*name] = value.clone(),
            }
        }
        claims
    };
    let check = |changes: &[(&str, Value)], code| {
        let answer = world.exchange(&world.github_request_with(&claims(changes)));
        refusal::check(&world, &answer, code)
    };
    let now = now();
    check(&[("aud", json!("https://sts.example.com/"))], Code::AudienceWrong);
    check(&[("aud", json!([PROOF_AUDIENCE, "other"]))], Code::AudienceAmbiguous);
    check(&[("aud", Value::Null)], Code::AudienceMissing);
    check(&[("exp", json!(now - 31))], Code::ClaimsMalformed); // before its iat
    check(
        &[("iat", json!(now - 900)), ("nbf", Value::Null), ("exp", json!(now - 60))],
        Code::Expired,
    );
    check(&[("exp", Value::Null)], Code::ExpiryMissing);
    check(&[("exp", json!(now + 90_000))], Code::LifetimeTooLong);
    check(&[("nbf", json!(now + 120))], Code::NotYetValid);
    check(&[("iat", json!(now + 120)), ("nbf", Value::Null)], Code::IssuedInFuture);
    check(&[("exp", json!("soon"))], Code::ClaimsMalformed);
    let record = check(&[("repository_owner_id", json!("4243"))], Code::TrustConditionFalse);
    seen(&record, r#"jwt.claims.repository_owner_id == "4242""#, "4243");
    check(&[("repository_owner_id", json!(4242))], Code::TrustConditionError);
    check(&[("repository_owner_id", Value::Null)], Code::TrustConditionError);
    let record = check(&[("repository_id", json!("78"))], Code::VerificationConditionFalse);
    seen(&record, r#"jwt.claims.repository_id == "77""#, "78");
    check(&[("ref", json!("refs/heads/mainline"))], Code::VerificationConditionFalse);
    check(&[("run_id", Value::Null)], Code::MappingError);

    let with = |token: &str| world.github_request().with("client_assertion", token);
    let check = |request: TokenRequest, code| {
        refusal::check(&world, &world.exchange(&request), code);
    };
    // The issuer of the token is compared, not only its key.
    let mut foreign = claims(&[]);
    foreign["iss"] = json!("https://forge.example.com");
    check(with(&world.forge.sign(&foreign)), Code::IssuerWrong);
    let good = world.github_request().get("client_assertion").to_owned();
    let altered = jwt::with_payload(&good, &claims(&[("repository_id", json!("77"))]));
    check(with(&altered), Code::JwsSignatureInvalid);

    let header = |changes: Value| {
        let mut header = json!({ "alg": "RS256", "kid": "key-1", "typ": "JWT" });
        for (name, value) in changes.as_object().expect("members") {
            header[name] = value.clone();
        }
        header
    };
    let stranger = TestKey::rsa();
    let mut own = claims(&[]);
    own["iss"] = json!(world.forge.url());
    let signed =
        |header: &Value| jwt::sign_text(&stranger, "RS256", &header.to_string(), &own.to_string());
    check(with(&signed(&header(json!({})))), Code::JwsSignatureInvalid);
    check(with(&signed(&header(json!({ "kid": "key-9" })))), Code::KeyUnknown);
    check(with(&signed(&header(json!({ "alg": "none" })))), Code::UnsupportedAlgorithm);
    check(with(&signed(&header(json!({ "alg": "HS256" })))), Code::UnsupportedAlgorithm);
    check(with(&signed(&header(json!({ "alg": "RS512" })))), Code::AlgorithmNotAllowed);
    check(with(&signed(&header(json!({ "crit": ["b64"], "b64": false })))), Code::JwsCritical);
    check(
        with(&signed(&header(json!({ "jwk": stranger.jwk("key-1") })))),
        Code::JwsSignatureInvalid,
    );
    nothing_minted(&world);
}

/// The wrong kind of token, rightly signed: `typ` alone tells (RFC 8725 section 3.11).
#[test]
fn tokens_of_another_type() {
    let world = World::start();
    let key = &world.cluster;
    let claims = credmint_tests::fixtures::kubernetes::claims("shop", "orders", PROOF_AUDIENCE);
    for typ in ["at+jwt", "logout+jwt", "dpop+jwt", "JOSE"] {
        let header = json!({ "alg": "RS256", "kid": "cluster-1", "typ": typ });
        let token = jwt::sign(key, &header, &claims);
        let request = world.kubernetes_request().with("client_assertion", &token);
        refusal::check(&world, &world.exchange(&request), Code::TypeWrong);
    }
    nothing_minted(&world);
}

/// Our own access tokens are no proof: exchanging them would extend a lifetime without end.
#[test]
fn our_own_tokens_are_no_proof() {
    let world = World::start();
    let own = world.exchange(&world.github_request()).json()["access_token"].clone();
    let request = world.github_request().with("client_assertion", own.as_str().unwrap());
    refusal::check(&world, &world.exchange(&request), Code::KeyUnknown);
}

#[test]
fn service_accounts() {
    let world = World::start();
    let check = |namespace: &str, name: &str| {
        let request = world.kubernetes_request_of(namespace, name);
        let code = Code::VerificationConditionFalse;
        refusal::check(&world, &world.exchange(&request), code);
    };
    check("shop", "default");
    check("other", "orders");
    nothing_minted(&world);
}

#[test]
fn pca_certificates() {
    let world = World::start();
    let plant = &world.plant;
    let check =
        |request: TokenRequest, code| refusal::check(&world, &world.exchange(&request), code);
    let of = |profile: ClientProfile| world.pca_request_of(&plant.issue(&profile, TestKey::ec()));
    let press = || ClientProfile::new("press-7");
    check(of(press().expired()), Code::CertificateExpired);
    check(of(press().not_yet_valid()), Code::CertificateNotYetValid);
    check(of(press().for_servers()), Code::CertificateExtendedKeyUsage);
    check(of(press().for_encryption()), Code::CertificateKeyUsage);
    let record = check(of(ClientProfile::new("press-8")), Code::VerificationConditionFalse);
    seen(&record, r#"cert.subject.CN == "press-7""#, "press-8");

    // An authority of the same name, with its own chain or with ours.
    let impostor = plant.impostor();
    let foreign = impostor.client("press-7");
    let own_chain = impostor.intermediate_pem();
    check(
        world.pca_request_of(&foreign).with("client_x509_chain", &own_chain),
        Code::PathSignatureInvalid,
    );
    let with_root = format!("{own_chain}{}", impostor.root_pem());
    check(
        world.pca_request_of(&foreign).with("client_x509_chain", &with_root),
        Code::PathSignatureInvalid,
    );
    check(world.pca_request_of(&foreign), Code::PathSignatureInvalid);
    check(world.pca_request().without("client_x509_chain"), Code::PathNotFound);

    // A certificate that any of our clients could issue, if it were an authority.
    let leaf = plant.client("press-8");
    let below = plant.issue_below(&leaf, &press(), TestKey::ec());
    let chain = format!("{}{}", leaf.certificate_pem(), plant.intermediate_pem());
    check(world.pca_request_of(&below).with("client_x509_chain", &chain), Code::CertificateNotCa);
    nothing_minted(&world);
}

#[test]
fn pca_assertions() {
    let world = World::start();
    let client = world.plant.client("press-7");
    let check = |changes: &[(&str, Value)], code| {
        let mut claims = world.pca_claims();
        for (name, value) in changes {
            match value {
                Value::Null => drop(claims.as_object_mut().unwrap().remove(*name)),
                value => claims[*name] = value.clone(),
            }
        }
        let answer = world.exchange(&world.pca_request_with(&client, &claims));
        refusal::check(&world, &answer, code);
    };
    let now = now();
    check(&[("aud", json!("https://sts.example.com/token"))], Code::AudienceWrong);
    check(&[("iss", json!("app_deploy"))], Code::IssuerWrong);
    check(&[("sub", json!("app_deploy"))], Code::SubjectWrong);
    check(&[("sub", Value::Null)], Code::SubjectWrong);
    check(&[("jti", Value::Null)], Code::JtiMissing);
    check(&[("exp", json!(now + 700))], Code::LifetimeTooLong);
    check(&[("iat", json!(now - 700)), ("exp", json!(now - 100))], Code::Expired);

    // The key is that of the certificate and no other.
    let other = world.plant.client("press-7");
    let request = world.pca_request_of(&client);
    let refused = |request: TokenRequest, code| {
        refusal::check(&world, &world.exchange(&request), code);
    };
    refused(
        request.clone().with("client_x509", &other.certificate_pem()),
        Code::JwsSignatureInvalid,
    );
    let claims = world.pca_claims();
    let lying = json!({ "alg": "RS256", "typ": "JWT" }).to_string();
    let lying = jwt::sign_text(client.key(), "ES256", &lying, &claims.to_string());
    refused(request.with("client_assertion", &lying), Code::AlgorithmNotAllowed);
    nothing_minted(&world);
}

#[test]
fn documents_of_ecs() {
    let world = World::start();
    let check = |document: &str, code| {
        refusal::check(&world, &world.exchange(&world.ecs_request_of(document)), code)
    };
    let document = |instance: &EcsInstance, audience: Option<&str>| {
        world.ecs.ecs_document(instance, audience, AudienceForm::Raw)
    };
    let ours = EcsInstance::new(ECS_ACCOUNT, ECS_INSTANCE);
    let audience = |name: &str, time: i64| client_audience(name, time);
    let now = now();
    let good = audience("idaas_test1", now);
    check(&document(&ours, None), Code::DocumentAudienceMissing);
    check(&document(&ours, Some("idaas_test1")), Code::DocumentTimeMissing);
    check(&document(&ours, Some(&audience("idaas_other", now))), Code::DocumentAudience);
    check(&document(&ours, Some(&audience("idaas_test1", now - 4600))), Code::DocumentStale);
    check(&document(&ours, Some(&audience("idaas_test1", now + 300))), Code::DocumentFromFuture);
    let neighbour = EcsInstance::new(ECS_ACCOUNT, "i-other");
    check(&document(&neighbour, Some(&good)), Code::VerificationConditionFalse);
    let foreign = EcsInstance::new("1000000000000002", ECS_INSTANCE);
    let record = check(&document(&foreign, Some(&good)), Code::VerificationConditionFalse);
    seen(&record, "1000000000000001", "1000000000000002");

    let impostor = world.ecs.impostor();
    let forged = impostor.ecs_document(&ours, Some(&good), AudienceForm::Raw);
    check(&forged, Code::CmsSignatureInvalid);
    let altered = altered(&document(&ours, Some(&good)), b"i-batch1", b"i-batch2");
    check(&altered, Code::CmsSignatureInvalid);
    let stranger = world.ec2.ecs_document(&ours, Some(&good), AudienceForm::Raw);
    check(&stranger, Code::CmsSignerUnknown);
    nothing_minted(&world);
}

#[test]
fn documents_of_ec2() {
    let world = World::start();
    let check = |document: &str, code| {
        refusal::check(&world, &world.exchange(&world.ec2_request_of(document)), code)
    };
    let now = now();
    let record =
        check(&world.ec2.ec2_document(&World::ec2_instance(now - 1300)), Code::DocumentStale);
    seen(&record, "at most 1200 s old", "s, signed");
    let foreign = Ec2Instance::new("123456789013", "i-1", REGION, now);
    check(&world.ec2.ec2_document(&foreign), Code::VerificationConditionFalse);
    let elsewhere = Ec2Instance::new(EC2_ACCOUNT, "i-1", "us-east-1", now);
    check(&world.ec2.ec2_document(&elsewhere), Code::CmsSignerUnknown);
    let other_region = CloudSigner::ec2("us-east-1");
    check(&other_region.ec2_document(&elsewhere), Code::CmsSignerUnknown);
    let good = world.ec2.ec2_document(&World::ec2_instance(now));
    let altered = altered(&good, EC2_ACCOUNT.as_bytes(), b"123456789013");
    check(&altered, Code::CmsDigestMismatch);
    nothing_minted(&world);
}

/// Every way to spoil a message that the fixtures know.
#[test]
fn spoiled_documents() {
    let world = World::start();
    let audience = client_audience("idaas_test1", now());
    let ecs =
        EcsInstance::new(ECS_ACCOUNT, ECS_INSTANCE).document(Some(&audience), AudienceForm::Raw);
    let ec2 = World::ec2_instance(now()).document();
    let mut requests = Vec::new();
    for defect in Defect::of(&Form::ecs()) {
        let message = defect.message(&world.ecs, ecs.as_bytes(), &Form::ecs());
        requests.push((defect, world.ecs_request_of(&pem::base64_line(&message))));
    }
    let form = Form::ec2(now());
    for defect in Defect::of(&form) {
        let message = defect.message(&world.ec2, ec2.as_bytes(), &form);
        requests.push((defect, world.ec2_request_of(&pem::base64_line(&message))));
    }
    for (defect, request) in &requests {
        let answer = world.exchange(request);
        assert_eq!(answer.status, 401, "{defect:?}: {answer:?}");
        assert_eq!(answer.json()["error"], "invalid_client", "{defect:?}");
    }
    nothing_minted(&world);
}

#[test]
fn scopes_that_are_not_granted() {
    let world = World::start();
    let check = |request: TokenRequest, scope: &str| {
        let answer = world.exchange(&request.with("scope", scope));
        refusal::check(&world, &answer, Code::ScopeNotGranted);
    };
    check(world.github_request(), "api.example.com|admin");
    check(world.github_request(), "api.example.com|read:file api.example.com|admin");
    check(world.github_request(), "other.example.com|read:file");
    check(world.github_request(), "other.example.com|.all");
    // The client has it, this credential of the client does not.
    check(world.ec2_request(), "api.example.com|write");
    nothing_minted(&world);
}

/// Checks that the operator's record has the two texts.
#[track_caller]
fn seen(record: &Record, expected: &str, found: &str) {
    let texts = (record.text("expected"), record.text("found"));
    assert!(texts.0.contains(expected) && texts.1.contains(found), "{texts:?}");
}

/// A document with one text inside replaced by another of the same length.
fn altered(document: &str, from: &[u8], to: &[u8]) -> String {
    let mut message = Base64::decode_vec(&document.replace('\n', "")).expect("base64");
    let place = message.windows(from.len()).position(|part| part == from).expect("the text");
    message[place..place + to.len()].copy_from_slice(to);
    pem::base64_line(&message)
}
