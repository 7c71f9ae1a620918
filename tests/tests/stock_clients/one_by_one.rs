//! Each client: a good proof gets a token of this policy, a bad one the client's own error with what the issuer says.

use credmint_core::Code;
use serde_json::{Value, json};

use crate::clients::{Audience, CLIENTS, Client, Proof, named};
use crate::door::{Door, ENTRA_PATH};

/// What its token says.
pub(crate) fn expected(door: &Door, client: &Client) -> Value {
    let (sub, id) = match client.proof {
        Proof::Platform => ("app_orders:urn:platform:orders", "app_orders"),
        Proof::Svid => ("app_mesh", "app_mesh"),
        Proof::Job => ("app_deploy", "app_deploy"),
        Proof::ClientKey => ("app_batch", "app_batch"),
        Proof::GrantKey => ("app_reports", "app_reports"),
    };
    let audience = match client.audience {
        Audience::Default => "api.example.com".to_owned(),
        Audience::Named => "https://api.example.com/v1".to_owned(),
        Audience::Server => door.server(),
    };
    json!({ "sub": sub, "client_id": id, "aud": audience, "scope": "read" })
}

/// The claims that the table is about, of a token or as the protected resource repeats them.
pub(crate) fn told(door: &Door, answer: &Value) -> Value {
    assert_eq!(answer["ok"], true, "{answer}\n{}", door.world.log());
    let claims = match &answer["token"] {
        Value::String(token) => door.claims(token),
        _ => serde_json::from_str(answer["answer"].as_str().expect("text")).expect("claims"),
    };
    if let Some(issuer) = claims.get("iss") {
        assert_eq!(*issuer, door.issuer());
    }
    let pick = |name: &str| (name.to_owned(), claims[name].clone());
    ["sub", "client_id", "aud", "scope"].map(pick).into_iter().collect()
}

/// Checks that `answer` is the error of `client` for a proof that is refused with `code`.
pub(crate) fn refused(client: &Client, answer: &Value, code: &str) {
    assert_eq!(answer["ok"], false, "{answer}");
    let expect = if client.error.is_empty() { Value::Null } else { json!(client.error) };
    assert_eq!(answer["type"], expect, "{answer}");
    let code = Code::ALL.iter().find(|known| known.as_str() == code).expect("a code");
    let description = code.public().description();
    for (member, template) in client.shows {
        let wanted =
            template.replace("{error}", client.form.error()).replace("{description}", &description);
        let found = answer[*member].as_str().unwrap_or_default();
        assert!(found.contains(&wanted), "`{wanted}` is not in {member}: {answer}");
    }
}

fn check(script: &str) {
    check_at(&mut Door::open(), script);
}

fn check_at(door: &mut Door, script: &str) {
    let client = named(script);
    if client.answers() {
        door.guard();
    }
    let good = door.good(client);
    let bad = door.bad(client);
    let cases: Vec<_> =
        std::iter::once(good).chain(bad.iter().map(|(_, case)| case.clone())).collect();
    let answers = door.run(script, &cases);
    assert_eq!(answers.len(), cases.len(), "{answers:?}");
    assert_eq!(told(door, &answers[0]), expected(door, client));
    for (answer, (code, _)) in answers[1..].iter().zip(&bad) {
        refused(client, answer, code);
        assert_eq!(door.world.record(&format!("\"{code}\"")).text("code"), *code);
    }
    assert_eq!(door.world.minted(), 1);
}

macro_rules! each {
    ($($test:ident: $script:literal,)*) => {
        $(#[test]
        fn $test() {
            check($script);
        })*

        /// Every client of the table has a test, here or below.
        #[test]
        fn none_is_forgotten() {
            let tested = [$($script,)* "rust/oauth2_client_assertion",
                "python/azure_workload_identity", "javascript/azure_workload_identity"];
            let table: Vec<&str> = CLIENTS.iter().map(|client| client.script).collect();
            for script in &table {
                assert!(tested.contains(script), "{script} has no test");
            }
            assert_eq!(tested.len(), table.len());
        }
    };
}

each! {
    py_anthropic: "python/anthropic_messages",
    py_authlib_assertion_session: "python/authlib_assertion_session",
    py_authlib_client_assertion: "python/authlib_client_assertion",
    py_authlib_jwt_bearer: "python/authlib_jwt_bearer",
    py_authlib_private_key_jwt: "python/authlib_private_key_jwt",
    py_authlib_token_exchange: "python/authlib_token_exchange",
    py_google_external_account: "python/google_external_account",
    py_mcp_private_key_jwt: "python/mcp_private_key_jwt",
    py_msal: "python/msal_client_assertion",
    py_oauthlib_service: "python/oauthlib_service",
    py_openai: "python/openai_workload_identity",
    py_requests_oauthlib: "python/requests_oauthlib_client_assertion",
    js_actions_core: "javascript/actions_core",
    js_anthropic: "javascript/anthropic_messages",
    js_google_external_account: "javascript/google_external_account",
    js_mcp_cross_app: "javascript/mcp_cross_app",
    js_mcp_sdk1_static_assertion: "javascript/mcp_sdk1_static_assertion",
    js_mcp_static_assertion: "javascript/mcp_static_assertion",
    js_mcp_wif_provider: "javascript/mcp_wif_provider",
    js_msal: "javascript/msal_client_assertion",
    js_oauth4webapi_jwt_bearer: "javascript/oauth4webapi_jwt_bearer",
    js_oauth4webapi_private_key_jwt: "javascript/oauth4webapi_private_key_jwt",
    js_oauth4webapi_spiffe: "javascript/oauth4webapi_spiffe",
    js_oauth4webapi_token_exchange: "javascript/oauth4webapi_token_exchange",
    js_openai: "javascript/openai_workload_identity",
    js_openid_client: "javascript/openid_client_jwt_bearer",
    js_openid_client_private_key_jwt: "javascript/openid_client_private_key_jwt",
}

/// Clients that make Entra's addresses themselves, and both of MSAL, at an issuer that has them.
#[test]
fn py_azure_identity() {
    check_at(&mut Door::open_at(ENTRA_PATH), "python/azure_workload_identity");
}

#[test]
fn js_azure_identity() {
    check_at(&mut Door::open_at(ENTRA_PATH), "javascript/azure_workload_identity");
}

#[test]
fn msal_at_the_addresses_of_entra() {
    check_at(&mut Door::open_at(ENTRA_PATH), "python/msal_client_assertion");
    check_at(&mut Door::open_at(ENTRA_PATH), "javascript/msal_client_assertion");
}

/// A client that cannot go without a client secret: the answer says so.
#[test]
fn py_mcp_identity_assertion_is_refused() {
    let mut door = Door::open();
    door.guard();
    let case = door.good(named("python/mcp_private_key_jwt"));
    let answers = door.run("python/mcp_identity_assertion", &[case]);
    assert_eq!(answers[0]["type"], "OAuthTokenError", "{answers:?}");
    let text = answers[0]["text"].as_str().expect("text");
    assert!(text.contains(r#""error":"invalid_client""#), "{text}");
    assert!(text.contains("secret"), "{text}");
    assert_eq!(
        door.world.record("\"client_secret_refused\"").text("code"),
        "client_secret_refused"
    );
    assert_eq!(door.world.minted(), 0);
}

/// The assertion of a service account file is meant for Google, whatever address it is sent to, and names no subject.
#[test]
fn py_google_service_account_is_refused() {
    let mut door = Door::open();
    let mut case = door.good(named("python/authlib_assertion_session"));
    let key = case.iter().find(|(name, _)| *name == "KEY_FILE").expect("a key").1.clone();
    let file = json!({
        "type": "service_account",
        "client_email": "https://reports.example.com",
        "private_key_id": "own-1",
        "private_key": std::fs::read_to_string(key).expect("a key"),
        "token_uri": format!("{}/token", door.issuer()),
    });
    let file = door.world.write("service-account.json", &file.to_string());
    case.push(("SERVICE_ACCOUNT_FILE", file.to_str().expect("a path in UTF-8").to_owned()));
    let answers = door.run("python/google_service_account", &[case]);
    assert_eq!((&answers[0]["ok"], &answers[0]["type"]), (&json!(false), &json!("RefreshError")));
    let text = answers[0]["text"].as_str().expect("text");
    assert!(text.contains("invalid_grant"), "{text}");
    assert_eq!(door.world.record("\"audience_wrong\"").text("code"), "audience_wrong");
    assert_eq!(door.world.minted(), 0);
}
