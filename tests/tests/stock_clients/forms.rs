//! One proof in every form: whom a token is for, what it may do and what is recorded do not depend on how it was asked for.

use std::collections::BTreeMap;

use base64ct::{Base64, Encoding};
use credmint_tests::fixtures::clock::now;
use credmint_tests::fixtures::jwt;
use credmint_tests::http_client::Answer;
use serde_json::{Value, json};

use crate::door::Door;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:";
const ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:";

/// The same proof, which asks for `scope`, in each form that takes it: its name in records, and the parameters.
fn forms(proof: &str, scope: &str) -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let scoped = |pairs: &[(&'static str, &str)]| {
        let own = |(name, value): &(&'static str, &str)| (*name, (*value).to_owned());
        pairs.iter().map(own).chain([("scope", scope.to_owned())]).collect()
    };
    vec![
        (
            "idaas",
            scoped(&[
                ("grant_type", "client_credentials"),
                ("client_id", "app_orders"),
                ("application_federated_credential_name", "main"),
                (
                    "client_assertion_type",
                    "urn:cloud:idaas:params:oauth:client-assertion-type:id-token-bearer",
                ),
                ("client_assertion", proof),
            ]),
        ),
        (
            "jwt_bearer",
            scoped(&[("grant_type", &format!("{GRANT}jwt-bearer")), ("assertion", proof)]),
        ),
        (
            "token_exchange",
            scoped(&[
                ("grant_type", &format!("{GRANT}token-exchange")),
                ("subject_token", proof),
                ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
            ]),
        ),
        (
            "client_assertion",
            scoped(&[
                ("grant_type", "client_credentials"),
                ("client_assertion_type", &format!("{ASSERTION}jwt-bearer")),
                ("client_assertion", proof),
            ]),
        ),
    ]
}

impl Door {
    /// A token request of these parameters.
    pub(crate) fn ask(&self, parameters: &[(&str, &str)]) -> Answer {
        let body =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        let form = [("Content-Type", "application/x-www-form-urlencoded")];
        let answer = self.world.post_to(&self.token_path(), &form, body.as_bytes());
        if let Some(token) = answer.json()["access_token"].as_str() {
            self.world.guard(token);
        }
        answer
    }
}

/// Members of a record that say what the request was, not what came of it.
const OF_THE_REQUEST: &[&str] = &["client", "credential", "form", "request_id", "targets", "time"];

/// Members of a record that say where it stands in the audit.
const OF_THE_CHAIN: &[&str] = &["chain", "prev", "seq"];

/// What came of a request: what was proven, bound and granted, by which policy.
fn outcome(record: &Value) -> Value {
    let mut outcome = record.clone();
    let members = outcome.as_object_mut().expect("a record");
    for name in OF_THE_REQUEST.iter().chain(OF_THE_CHAIN) {
        members.remove(*name);
    }
    outcome["granted"].as_object_mut().expect("a grant").remove("jti");
    outcome
}

#[test]
fn one_token_gives_the_same_whatever_the_form() {
    let door = Door::open();
    let proof = door.platform_token("orders", 3600);
    let mut claims = BTreeMap::new();
    for (form, parameters) in forms(&proof, "api.example.com|read") {
        let pairs: Vec<_> =
            parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = door.ask(&pairs);
        assert_eq!(answer.status, 200, "{form}: {}\n{}", answer.body, door.world.log());
        let mut token = door.claims(answer.json()["access_token"].as_str().expect("a token"));
        for member in ["iat", "exp", "jti", "nbf"] {
            token.as_object_mut().expect("claims").remove(member);
        }
        claims.insert(form, token);
    }
    let idaas = claims["idaas"].clone();
    assert_eq!(idaas["sub"], "app_orders:urn:platform:orders");
    assert_eq!(idaas["aud"], "api.example.com");
    assert_eq!(idaas["scope"], "read");
    for (form, claims) in claims {
        assert_eq!(claims, idaas, "{form}");
    }
    let audit = door.world.audit();
    let records = audit.lines().map(|line| serde_json::from_str::<Value>(line).expect("a record"));
    let records: Vec<Value> = records.filter(|record| record.get("verdict").is_some()).collect();
    let forms: Vec<_> = records.iter().filter_map(|record| record["form"].as_str()).collect();
    assert_eq!(forms, ["idaas", "jwt_bearer", "token_exchange", "client_assertion"]);
    for record in &records {
        assert_eq!(outcome(record), outcome(&records[0]));
    }
}

#[test]
fn what_is_not_granted_is_not_granted_in_any_form() {
    let door = Door::open();
    let check = |proof: &str, scope: &str, errors: [&str; 4]| {
        for ((form, parameters), error) in forms(proof, scope).into_iter().zip(errors) {
            let pairs: Vec<_> =
                parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
            let answer = door.ask(&pairs);
            assert_eq!(answer.json()["error"], error, "{form}: {}", answer.body);
        }
    };
    let good = door.platform_token("orders", 3600);
    check(&good, "api.example.com|admin", ["invalid_scope"; 4]);
    let by_form = ["invalid_client", "invalid_grant", "invalid_request", "invalid_client"];
    check(&door.platform_token("billing", 3600), "api.example.com|read", by_form);
    check(&door.platform_token("orders", -120), "api.example.com|read", by_form);
    let forged = jwt::with_payload(
        &good,
        &door.proof_claims("https://platform.example.com", "orders", 3600),
    );
    check(&forged, "api.example.com|read", by_form);
    assert_eq!(door.world.minted(), 0);
}

/// An assertion that a client signs is good once, however it comes; a request that is refused uses nothing up.
#[test]
fn an_assertion_of_an_own_key_serves_once() {
    let door = Door::open();
    let assertion = door.own_assertion("app_batch");
    let request = |assertion: &str, scope: &str| {
        door.ask(&[
            ("grant_type", "client_credentials"),
            ("client_assertion_type", &format!("{ASSERTION}jwt-bearer")),
            ("client_assertion", assertion),
            ("scope", scope),
        ])
    };
    assert_eq!(request(&assertion, "admin").json()["error"], "invalid_scope");
    assert_eq!(request(&assertion, "read").status, 200);
    let again = request(&assertion, "read");
    assert_eq!((again.status, &again.json()["error"]), (401, &json!("invalid_client")));
    assert_eq!(door.world.record("\"proof_replayed\"").text("code"), "proof_replayed");
    // As a grant it is nobody's: the client id is no issuer of a provider.
    let as_grant =
        door.ask(&[("grant_type", &format!("{GRANT}jwt-bearer")), ("assertion", &assertion)]);
    assert_eq!(as_grant.json()["error"], "invalid_grant");
    assert_eq!(door.world.minted(), 1);
}

/// An assertion with a certificate is good once: what was used in one form is used up in the other.
#[test]
fn an_assertion_with_a_certificate_serves_once_whatever_the_form() {
    let door = Door::open();
    let client = door.world.plant.client("press-7");
    door.world.guard(&client.key().pkcs8_pem());
    let assertion = || {
        let chain = [client.certificate_der(), door.world.plant.intermediate_der()];
        let chain: Vec<_> = chain.into_iter().map(Base64::encode_string).collect();
        let mut header = jwt::pca_header(client.key());
        header["x5c"] = json!(chain);
        let claims = jwt::pca_claims("app_press", &door.issuer(), now());
        jwt::sign(client.key(), &header, &claims)
    };
    let idaas = |assertion: &str| {
        door.ask(&[
            ("grant_type", "client_credentials"),
            ("client_id", "app_press"),
            ("application_federated_credential_name", "machine"),
            (
                "client_assertion_type",
                "urn:cloud:idaas:params:oauth:client-assertion-type:x509-jwt-bearer",
            ),
            ("client_assertion", assertion),
            ("client_x509", &client.certificate_pem()),
            ("client_x509_chain", &door.world.plant.intermediate_pem()),
            ("scope", "api.example.com|read"),
        ])
    };
    let standard = |assertion: &str| {
        door.ask(&[
            ("grant_type", "client_credentials"),
            ("client_assertion_type", &format!("{ASSERTION}jwt-bearer")),
            ("client_assertion", assertion),
            ("scope", "api.example.com|read"),
        ])
    };
    let check = |first: &dyn Fn(&str) -> Answer, second: &dyn Fn(&str) -> Answer| {
        let assertion = assertion();
        let granted = first(&assertion);
        assert_eq!(granted.status, 200, "{}\n{}", granted.body, door.world.log());
        let claims = door.claims(granted.json()["access_token"].as_str().expect("a token"));
        assert_eq!(
            (&claims["sub"], &claims["aud"]),
            (&json!("app_press"), &json!("api.example.com"))
        );
        let again = second(&assertion);
        assert_eq!((again.status, &again.json()["error"]), (401, &json!("invalid_client")));
        assert_eq!(door.world.record("\"proof_replayed\"").text("code"), "proof_replayed");
    };
    check(&idaas, &standard);
    check(&standard, &idaas);
    check(&standard, &standard);
    assert_eq!(door.world.minted(), 3);
}
