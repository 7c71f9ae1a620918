//! The `Authorization` header of token requests, and what comes of it.

use super::*;

/// The proof of nobody, for a client that is named in the header or not at all.
fn anonymous() -> String {
    form("known", r#"{"alg":"none"}"#).replace("&client_id=known", "")
}

fn basic(pair: &str) -> String {
    use base64ct::{Base64, Encoding};
    format!("Basic {}", Base64::encode_string(pair.as_bytes()))
}

#[tokio::test]
async fn a_client_id_may_stand_in_basic_and_no_password() {
    let (_directory, service) = service().await;
    let named = form("known", r#"{"alg":"none"}"#);
    let check = async |value: &str, body: &str, status: u16, public: &str| {
        let fields = [("content-type", FORM), ("authorization", value)];
        let answer = ask(&service, "POST", "/oauth2/token", &fields, body).await;
        let found = (answer.status, answer.header("credmint-error"));
        assert_eq!(found, (status, Some(public)), "{value} {}", answer.body);
        let challenge = (status == 401).then_some("Basic realm=\"token endpoint\"");
        assert_eq!(answer.header("www-authenticate"), challenge, "{value}");
        answer.body
    };
    // Read like the parameter: what is not trusted is the proof.
    check(&basic("known:"), &anonymous(), 401, "not_trusted").await;
    check(&basic("known:"), &named, 401, "not_trusted").await;
    check(&basic(":"), &named, 401, "not_trusted").await;
    let body = check(&basic("other:"), &named, 400, "invalid_request").await;
    assert!(body.contains("`client_id` and the Authorization header name different"), "{body}");
    let twice = format!("{named}&client_id=known");
    check(&basic("known:"), &twice, 400, "invalid_request").await;
    for value in [basic("known:hunter2"), basic(":hunter2")] {
        let body = check(&value, &named, 401, SECRET_REFUSED).await;
        assert!(body.contains("Client secrets are not taken here"), "{body}");
        assert!(!body.contains("hunter2"), "{body}");
    }
    for value in ["Bearer abc", "Basic", "Basic %", "Digest a=b"] {
        let body = check(value, &named, 401, AUTHORIZATION_UNSUPPORTED).await;
        assert!(body.contains("Leave the Authorization header out"), "{body}");
    }
}

/// The codes that callers see.
const SECRET_REFUSED: &str = Code::ClientSecretRefused.public().as_str();
const AUTHORIZATION_UNSUPPORTED: &str = Code::AuthorizationUnsupported.public().as_str();

#[tokio::test]
async fn nobody_else_is_challenged() {
    let (_directory, service) = service().await;
    for body in [form("known", r#"{"alg":"none"}"#), String::new()] {
        let answer = ask(&service, "POST", "/oauth2/token", &[("content-type", FORM)], &body).await;
        assert_eq!(answer.header("www-authenticate"), None);
    }
    // Nor anybody at another address.
    let fields = [("authorization", "Basic eA==")];
    let answer = ask(&service, "GET", "/oauth2/jwks", &fields, "").await;
    assert_eq!((answer.status, answer.header("www-authenticate")), (200, None));
}

/// A password is in no record, whatever else is wrong with the request.
#[tokio::test]
async fn a_password_is_in_no_record() {
    let directory = TempDir::new().unwrap();
    let audit = directory.path().join("audit.jsonl");
    let opened =
        Audit::open(&AuditConfig::at(AuditPlace::File(audit.clone())), Seal::default()).unwrap();
    let (_directory, service) = started(POLICY, move |state| state.audit = Arc::new(opened)).await;
    for body in ["", "a&a", &anonymous()] {
        let value = basic("known:hunter2-hunter2");
        let fields = [("content-type", FORM), ("authorization", &value)];
        let _ = ask(&service, "POST", "/oauth2/token", &fields, body).await;
    }
    let records = std::fs::read_to_string(audit).unwrap();
    assert_eq!(records.matches("\"verdict\":").count(), 3);
    assert!(records.contains("client_secret_refused"), "{records}");
    assert!(!records.contains("hunter2") && !records.contains("a25vd24"), "{records}");
}
