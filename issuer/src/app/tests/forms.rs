//! One proof by every standard form: the same grant in the words of the request, and the same refusal in the words of its RFC.

use super::*;
use crate::keys::{SigningAlgorithm, SigningKeys};
use serde_json::{Value, json};

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// The service, and a platform that it trusts.
struct Trusting {
    service: Router,
    platform: SigningKeys,
    _folders: (TempDir, TempDir),
}

impl Trusting {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let platform = SigningKeys::fresh(SigningAlgorithm::Es256);
        let policy = json!({
            "version": 1,
            "issuer": "https://sts.example.com/oauth2",
            "providers": { "idp": {
                "type": "oidc",
                "issuer": "https://idp.example.com",
                "audiences": ["https://sts.example.com/oauth2"],
                "keys": { "jwks": serde_json::from_str::<Value>(&platform.jwks()).unwrap() },
            } },
            "resources": { "api.example.com": {
                "resource": "https://api.example.com/v1",
                "scopes": ["read", "write"],
            } },
            "clients": { "app": {
                "scopes": { "api.example.com": ["read", "write"] },
                "credentials": { "main": {
                    "provider": "idp",
                    "discoverable": true,
                    "condition": "jwt.claims.sub == 's'",
                } },
            } },
        });
        let (state, service) = started(&policy.to_string(), |_| {}).await;
        Self { service, platform, _folders: (folder, state) }
    }

    /// A token of the platform for this workload.
    fn proof(&self, subject: &str) -> String {
        self.proof_of("https://idp.example.com", subject)
    }

    /// The same in the name of this issuer.
    fn proof_of(&self, issuer: &str, subject: &str) -> String {
        let claims = json::Object::from_iter([
            ("iss", json::Value::from(issuer)),
            ("aud", "https://sts.example.com/oauth2".into()),
            ("sub", subject.into()),
            ("iat", 1_795_521_600.into()),
            ("exp", 1_795_522_200.into()),
        ]);
        self.platform.current().sign("JWT", &claims).unwrap()
    }

    async fn ask(&self, form: &str, proof: &str, more: &[(&str, &str)]) -> Answer {
        let parameters = parameters(form, proof).into_iter().chain(more.iter().copied());
        let body =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        ask(&self.service, "POST", "/oauth2/token", &[("content-type", FORM)], &body).await
    }
}

/// The parameters of a form that names neither client nor credential.
fn parameters<'a>(form: &str, proof: &'a str) -> Vec<(&'static str, &'a str)> {
    match form {
        "A" => vec![("grant_type", JWT_BEARER), ("assertion", proof)],
        "B" => vec![
            ("grant_type", EXCHANGE),
            ("subject_token", proof),
            ("subject_token_type", "urn:ietf:params:oauth:token-type:jwt"),
        ],
        "C" => vec![
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", proof),
        ],
        _ => vec![
            ("grant_type", "client_credentials"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-spiffe"),
            ("client_assertion", proof),
        ],
    }
}

/// The claims of the access token in an answer.
fn claims(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let token = answer.json()["access_token"].as_str().unwrap().to_owned();
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64::decode_url(payload.as_bytes()).unwrap()).unwrap()
}

#[tokio::test]
async fn the_answer_has_the_form_of_the_request() {
    let issuer = Trusting::start().await;
    let proof = issuer.proof("s");
    let check = async |more: &[(&str, &str)], scope: &str, audience: &str| {
        for form in ["A", "B", "C"] {
            let answer = issuer.ask(form, &proof, more).await;
            let claims = claims(&answer);
            assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("app"), &json!("app")));
            assert_eq!(claims["aud"], audience, "{form} {more:?}");
            let mut body = answer.json();
            assert!(body.as_object_mut().unwrap().remove("access_token").is_some());
            assert_eq!(
                body,
                json!({
                    "token_type": "Bearer",
                    "expires_in": 3600,
                    "expires_at": 1_795_525_200,
                    "issued_token_type": credmint_core::ACCESS_TOKEN_TYPE,
                    "scope": scope,
                }),
                "{form} {more:?}"
            );
            assert_eq!(answer.header("request-id").map(str::len), Some(36));
            assert_eq!(answer.header("cache-control"), Some("no-store"));
            assert_eq!(answer.header("content-type"), Some("application/json"));
        }
    };
    let url = "https://api.example.com/v1";
    check(&[("scope", "read")], "read", "api.example.com").await;
    check(&[("scope", "write read")], "write read", "api.example.com").await;
    check(&[], "read write", "api.example.com").await;
    check(&[("scope", "read"), ("resource", url)], "read", url).await;
    let qualified = "api.example.com|read";
    check(&[("scope", qualified)], qualified, "api.example.com").await;
    check(&[("scope", qualified), ("resource", url)], qualified, url).await;
    check(&[("scope", &format!("{url}|.all"))], &format!("{url}|read {url}|write"), url).await;
}

#[tokio::test]
async fn a_refused_proof_is_called_what_the_rfc_of_the_form_calls_it() {
    let issuer = Trusting::start().await;
    let (good, other) = (issuer.proof("s"), issuer.proof("other"));
    let (text, signature) = good.rsplit_once('.').unwrap();
    // Another letter at the start, whichever it was.
    let letter = if signature.starts_with('A') { 'B' } else { 'A' };
    let altered = format!("{text}.{letter}{}", &signature[1..]);
    let unknown = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln";
    for (form, status, error) in [
        ("A", 400, "invalid_grant"),
        ("B", 400, "invalid_request"),
        ("C", 401, "invalid_client"),
        ("D", 401, "invalid_client"),
    ] {
        let check = async |proof: &str, more: &[(&str, &str)], status: u16, error: &str| {
            let answer = issuer.ask(form, proof, more).await;
            let told = answer.json();
            assert_eq!((answer.status, &told["error"]), (status, &error.into()), "{form} {told}");
            assert_eq!(answer.header("www-authenticate"), None);
            told["error_description"].clone()
        };
        // What is not trusted here looks alike, whatever the reason.
        let told = check(&other, &[], status, error).await;
        assert!(told.as_str().unwrap().starts_with("not_trusted: "), "{told}");
        for proof in [&altered, unknown] {
            assert_eq!(check(proof, &[], status, error).await, told, "{form}");
        }
        assert_eq!(check(&good, &[("client_id", "other")], status, error).await, told, "{form}");
        // What is wrong with the request is called the same in every form.
        check(&good, &[("client_secret", "x")], 401, "invalid_client").await;
        check(&good, &[("scope", "read"), ("scope", "read")], 400, "invalid_request").await;
        check(&good, &[("resource", "no-uri")], 400, "invalid_target").await;
        check(&good, &[("scope", "read a|b")], 400, "invalid_scope").await;
        if form != "D" {
            check(&good, &[("scope", "admin")], 400, "invalid_scope").await;
            check(&good, &[("resource", "https://other.example.com")], 400, "invalid_target").await;
        }
    }
}

/// Field for field and byte for byte, but for the id of the request: none of these tells more than another.
#[tokio::test]
async fn what_is_not_trusted_looks_alike() {
    let issuer = Trusting::start().await;
    let (good, other) = (issuer.proof("s"), issuer.proof("other"));
    let elsewhere = issuer.proof_of("https://nobody.example.com", "s");
    let name = "application_federated_credential_name";
    for form in ["A", "B", "C"] {
        let whole = async |proof: &str, more: &[(&str, &str)]| {
            let answer = issuer.ask(form, proof, more).await;
            let told = answer.json();
            let id = told["request_id"].as_str().unwrap();
            let without = |text: &str| text.replace(id, "ID");
            let fields = answer.headers.iter();
            let fields: Vec<(String, String)> = fields
                .map(|(name, value)| (name.to_string(), without(value.to_str().unwrap())))
                .collect();
            (answer.status, fields, without(&answer.body))
        };
        let unknown_workload = whole(&other, &[]).await;
        assert!(unknown_workload.2.contains("not_trusted"), "{unknown_workload:?}");
        let failed_condition = whole(&other, &[("client_id", "app"), (name, "main")]).await;
        assert_eq!(failed_condition, unknown_workload, "{form}");
        assert_eq!(whole(&elsewhere, &[]).await, unknown_workload, "{form}: unknown issuer");
        let unknown_client = whole(&good, &[("client_id", "nobody")]).await;
        assert_eq!(unknown_client, unknown_workload, "{form}");
        let unknown_credential = whole(&good, &[("client_id", "app"), (name, "nothing")]).await;
        assert_eq!(unknown_credential, unknown_workload, "{form}");
    }
}

#[tokio::test]
async fn two_forms_come_in_json_too() {
    let issuer = Trusting::start().await;
    let (good, other) = (issuer.proof("s"), issuer.proof("other"));
    let post = async |place: &str, form: &str, proof: &str, more: &[(&str, Value)]| {
        let parameters = parameters(form, proof);
        let members = parameters.iter().map(|(name, value)| (*name, Value::from(*value)));
        let members = members.chain(more.iter().cloned());
        let body: serde_json::Map<String, Value> =
            members.map(|(name, value)| (name.to_owned(), value)).collect();
        let fields = [("content-type", "application/json")];
        ask(&issuer.service, "POST", place, &fields, &Value::from(body).to_string()).await
    };
    let refused =
        |answer: &Answer| (answer.status, answer.json()["error"].as_str().unwrap().to_owned());
    for place in ["/oauth2/token", "/oauth2/v1/oauth/token"] {
        for (form, error) in [("A", "invalid_grant"), ("B", "invalid_request")] {
            let more = [("scope", "read".into()), ("organization_id", json!({ "a": [1] }))];
            let answer = post(place, form, &good, &more).await;
            assert_eq!(claims(&answer)["scope"], "read");
            assert_eq!(answer.json()["scope"], "read");
            let answer = post(place, form, &other, &more).await;
            assert_eq!(refused(&answer), (400, error.to_owned()));
            let answer = post(place, form, &good, &[("scope", json!(["read"]))]).await;
            assert_eq!(refused(&answer), (400, "invalid_request".to_owned()));
            assert!(answer.body.contains("not a string"), "{}", answer.body);
        }
        for form in ["C", "D"] {
            let answer = post(place, form, &good, &[]).await;
            assert_eq!(refused(&answer), (400, "invalid_request".to_owned()));
            assert!(answer.body.contains("as a form"), "{}", answer.body);
        }
    }
}

/// A client id without a secret in the header is the parameter, in every form.
#[tokio::test]
async fn basic_names_the_client_of_every_form() {
    use base64ct::{Base64, Encoding};
    let issuer = Trusting::start().await;
    let good = issuer.proof("s");
    for form in ["A", "B", "C"] {
        let body = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters(form, &good))
            .finish();
        let post = async |user: &str| {
            let value = format!("Basic {}", Base64::encode_string(user.as_bytes()));
            let fields = [("content-type", FORM), ("authorization", &*value)];
            ask(&issuer.service, "POST", "/oauth2/token", &fields, &body).await
        };
        for user in ["app:", ":"] {
            assert_eq!(claims(&post(user).await)["client_id"], "app");
        }
        let answer = post("other:").await;
        let challenge = (form == "C").then_some("Basic realm=\"token endpoint\"");
        assert_eq!(answer.header("credmint-error"), Some("not_trusted"));
        assert_eq!(answer.header("www-authenticate"), challenge, "{form}");
        let answer = post("app:secret").await;
        assert_eq!((answer.status, answer.header("credmint-error")), (401, Some("client_secret")));
    }
}
