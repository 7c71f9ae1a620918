//! Good proofs of every kind, and the tokens that they are exchanged for.

use credmint_tests::fixtures::clock::now;
use credmint_tests::fixtures::cms::Form;
use credmint_tests::fixtures::instance::{AudienceForm, EcsInstance, client_audience};
use credmint_tests::fixtures::key::TestKey;
use credmint_tests::fixtures::pem;
use credmint_tests::fixtures::private_ca::ClientProfile;
use credmint_tests::http_client::Answer;
use credmint_tests::world::proofs::{ECS_ACCOUNT, ECS_INSTANCE};
use credmint_tests::world::request::TokenRequest;
use credmint_tests::world::token::AccessToken;
use credmint_tests::world::{ISSUER_PATH, World};
use serde_json::{Value, json};

/// Seconds that a token lives, as the configuration says.
const LIFETIME: i64 = 3600;

#[test]
fn each_kind_of_proof_gives_a_token() {
    let world = World::start();
    let check = |request: &TokenRequest, subject: &str| {
        let answer = world.exchange(request);
        let token = granted(&world, &answer);
        assert_eq!(token.claims["sub"], subject);
        assert_eq!(token.claims["client_id"], request.get("client_id"));
        assert_eq!(token.claims["scope"], "read:file");
        assert_eq!(answer.json()["scope"], "api.example.com|read:file");
    };
    check(&world.pca_request(), "app_press:urn:plant:press-7");
    check(&world.github_request(), "app_deploy:urn:run:1001");
    check(&world.kubernetes_request(), "app_orders");
    check(&world.ecs_request(), "app_batch:urn:ecs:i-batch1");
    check(&world.ec2_request(), "app_batch:urn:ec2:i-1a2b3c4d");
    assert_eq!(world.minted(), 5);
}

/// Checks everything about an answer and its token that is the same for every proof.
#[track_caller]
fn granted(world: &World, answer: &Answer) -> AccessToken {
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("credmint-error"), None);
    let body = answer.json();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], LIFETIME);

    let token = AccessToken::verify(body["access_token"].as_str().expect("text"), &world.jwks());
    let members: Vec<_> = token.header.as_object().unwrap().keys().collect();
    assert_eq!(members, ["alg", "kid", "typ"]);
    assert_eq!(token.header["typ"], "at+jwt");
    let claims = &token.claims;
    assert_eq!(claims["iss"], world.issuer_url());
    assert_eq!(claims["aud"], "api.example.com");
    assert_eq!(claims["jti"].as_str().map(str::len), Some(36), "{claims}");
    let (issued, expires) = (number(&claims["iat"]), number(&claims["exp"]));
    assert!((now() - issued).abs() <= 5, "{claims}");
    assert_eq!(expires - issued, LIFETIME);
    assert_eq!(number(&body["expires_at"]), expires);
    token
}

fn number(value: &Value) -> i64 {
    value.as_i64().unwrap_or_else(|| panic!("not a number: {value}"))
}

#[test]
fn no_two_tokens_have_one_id() {
    let world = World::start();
    let request = world.github_request();
    let [one, other] = [0, 1].map(|_| granted(&world, &world.exchange(&request)));
    assert_ne!(one.claims["jti"], other.claims["jti"]);
}

/// Scopes are granted as they were asked for; `.all` means all that the credential has.
#[test]
fn scopes() {
    let world = World::start();
    let check = |scope: &str, granted_values: &str, echo: &str| {
        let answer = world.exchange(&world.github_request().with("scope", scope));
        assert_eq!(granted(&world, &answer).claims["scope"], granted_values);
        assert_eq!(answer.json()["scope"], echo);
    };
    let (read, write) = ("api.example.com|read:file", "api.example.com|write");
    check(write, "write", write);
    check(&format!("{read} {write}"), "read:file write", &format!("{read} {write}"));
    check("api.example.com|.all", "read:file write", &format!("{read} {write}"));
}

/// What stock clients do to certificates and documents on their way here.
#[test]
fn forms_of_text_that_clients_send() {
    let world = World::start();
    let check = |request: TokenRequest| granted(&world, &world.exchange(&request));
    let spaced = |name: &str, request: TokenRequest| {
        let text = request.get(name).replace('\n', " ");
        request.with(name, &text)
    };
    check(spaced("client_x509", world.pca_request()));
    check(spaced("client_x509_chain", world.pca_request()));
    let with_root = format!("{}{}", world.plant.intermediate_pem(), world.plant.root_pem());
    check(world.pca_request().with("client_x509_chain", &with_root));

    let token = format!("{}\n", world.github_request().get("client_assertion"));
    check(world.github_request().with("client_assertion", &token));

    let document = world.ec2_request().get("client_assertion").to_owned();
    check(world.ec2_request_of(&document.replace('\n', "")));
    check(world.ec2_request_of(&format!("-----BEGIN PKCS7-----\n{document}-----END PKCS7-----\n")));
}

/// What clouds and clients may do differently one day, or do already elsewhere.
#[test]
fn variants_of_proofs() {
    let world = World::start();
    let check = |request: TokenRequest| granted(&world, &world.exchange(&request));
    let profile = ClientProfile::new("press-7");
    for key in [TestKey::rsa(), TestKey::rsa_of(3072), TestKey::ec(), TestKey::ec_p384()] {
        check(world.pca_request_of(&world.plant.issue(&profile, key)));
    }
    let direct = world.plant.issue_from_root(&profile, TestKey::ec());
    check(world.pca_request_of(&direct).without("client_x509_chain"));

    let instance = EcsInstance::new(ECS_ACCOUNT, ECS_INSTANCE);
    let audience = client_audience("idaas_test1", now());
    for form in [AudienceForm::Raw, AudienceForm::Escaped] {
        let content = instance.document(Some(&audience), form);
        for form in [Form::ecs(), Form::ecs_sha256()] {
            let message = world.ecs.sign(content.as_bytes(), &form);
            check(world.ecs_request_of(&pem::base64_line(&message)));
        }
    }
    let content = World::ec2_instance(now()).document();
    for form in [Form::ec2_2018(now()), Form::ec2(now()).in_segments(100)] {
        let message = world.ec2.sign(content.as_bytes(), &form);
        check(world.ec2_request_of(&pem::base64_line(&message)));
    }
}

/// ES256 signs by itself, RS256 where it is configured; both keys stay published after a change.
#[test]
fn signing_algorithms() {
    let check = |changes: &[(&str, &str)], algorithm: &str, kind: &str| {
        let world = World::changed(changes);
        let token = granted(&world, &world.exchange(&world.github_request()));
        assert_eq!(token.header["alg"], algorithm);
        let jwks = world.jwks();
        assert_eq!(jwks["keys"].as_array().map(Vec::len), Some(1), "{jwks}");
        assert_eq!(jwks["keys"][0]["kty"], kind);
        assert_eq!(jwks["keys"][0]["use"], "sig");
    };
    check(&[("  signing: { algorithm: ES256 }\n", "")], "ES256", "EC");
    check(&[("algorithm: ES256", "algorithm: RS256")], "RS256", "RSA");
}

#[test]
fn a_key_lives_longer_than_the_process() {
    let mut world = World::start();
    let token = world.exchange(&world.github_request()).json()["access_token"].clone();
    world.restart();
    let _ = AccessToken::verify(token.as_str().unwrap(), &world.jwks());
}

/// All well-known addresses (RFC 8414 section 3.1 and OpenID Connect Discovery section 4) say the same.
#[test]
fn metadata() {
    let world = World::start();
    let issuer = world.issuer_url();
    for path in [
        format!("{ISSUER_PATH}/.well-known/openid-configuration"),
        format!("{ISSUER_PATH}/.well-known/oauth-authorization-server"),
        format!("/.well-known/openid-configuration{ISSUER_PATH}"),
        format!("/.well-known/oauth-authorization-server{ISSUER_PATH}"),
    ] {
        let answer = world.get(&path);
        assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
        let metadata = answer.json();
        let check = |member: &str, expect: Value| assert_eq!(metadata[member], expect, "{member}");
        check("issuer", json!(issuer));
        check("token_endpoint", json!(format!("{issuer}/token")));
        check("jwks_uri", json!(format!("{issuer}/jwks")));
        check("authorization_endpoint", json!(format!("{issuer}/authorize")));
        let grants = ["jwt-bearer", "token-exchange"]
            .map(|grant| format!("urn:ietf:params:oauth:grant-type:{grant}"));
        check("grant_types_supported", json!(["client_credentials", grants[0], grants[1]]));
    }
    let jwks = world.get(&format!("{ISSUER_PATH}/jwks"));
    assert_eq!(jwks.header("cache-control"), Some("public, max-age=300"));
    for key in jwks.json()["keys"].as_array().expect("keys") {
        let private = ["d", "p", "q", "dp", "dq", "qi", "k", "oth"];
        assert!(private.iter().all(|member| key.get(member).is_none()), "{key}");
    }
    assert_eq!((world.get("/healthz").status, world.get("/readyz").status), (200, 200));
    assert_eq!(world.get("/").status, 404);
}
