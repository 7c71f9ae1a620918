//! Token requests in JSON: the media type decides, and the grants that stock clients send so alone are taken.

use super::*;
use credmint_core::PublicCode;

const JSON: &str = "application/json";

#[tokio::test]
async fn the_media_type_decides_how_a_body_is_read() {
    let (_directory, service) = service().await;
    let check = async |media: &str, body: &str, public: PublicCode, told: &str| {
        let answer = ask(&service, "POST", "/oauth2/token", &[("content-type", media)], body).await;
        let found = answer.header("credmint-error");
        assert_eq!(found, Some(public.as_str()), "{media} {body}: {}", answer.body);
        assert!(answer.body.contains(told), "{media} {body}: {}", answer.body);
    };
    let request = PublicCode::InvalidRequest;
    let form = form("known", r#"{"alg":"none"}"#);
    let other = r#"{"grant_type":"password"}"#;
    // Read as JSON: what is wrong is the grant.
    for media in [JSON, "Application/JSON; charset=UTF-8", "application/json;charset=\"utf-8\""] {
        check(media, other, PublicCode::UnsupportedGrantType, "`grant_type` is malformed").await;
    }
    check(FORM, other, request, "The body is JSON: send the parameters as a form").await;
    check(JSON, &form, request, "The body is not one JSON object in UTF-8.").await;
    for media in ["text/json", "application/jsonp", "application/json-seq", "application/x+json"] {
        check(media, other, request, "The body is JSON: send the parameters as a form").await;
    }
    // Members are read strictly.
    let twice = r#"{"grant_type":"password","x":{"a":1,"a":1}}"#;
    check(JSON, twice, request, "A member of the JSON is there twice.").await;
    check(JSON, r#"{"grant_type":1}"#, request, "A parameter in the JSON is not a string.").await;
    check(JSON, "[]", request, "The body is not one JSON object in UTF-8.").await;
    check(JSON, "{}", request, "`grant_type` is missing or empty").await;
    check(JSON, r#"{"grant_type":""}"#, request, "`grant_type` is missing or empty").await;
    let deep = format!(r#"{{"x":{}{}}}"#, "[".repeat(100), "]".repeat(100));
    check(JSON, &deep, PublicCode::RequestTooLarge, "nested too deeply").await;
    // The query never counts, in JSON either.
    let fields = [("content-type", JSON)];
    let uri = "/oauth2/token?grant_type=password";
    let answer = ask(&service, "POST", uri, &fields, "{}").await;
    assert!(answer.body.contains("`grant_type` is missing or empty"), "{}", answer.body);
}

#[tokio::test]
async fn clients_authenticate_in_forms_alone() {
    let (_directory, service) = service().await;
    for body in [
        r#"{"grant_type":"client_credentials"}"#.to_owned(),
        r#"{"client_assertion":"a.b.c"}"#.to_owned(),
        r#"{"grant_type":"urn:ietf:params:oauth:grant-type:token-exchange","client_assertion":"a"}"#
            .to_owned(),
    ] {
        let fields = [("content-type", JSON)];
        let answer = ask(&service, "POST", "/oauth2/token", &fields, &body).await;
        assert_eq!(answer.status, 400);
        assert_eq!(answer.json()["error"], "invalid_request");
        let told = "send these parameters as a form, application/x-www-form-urlencoded.";
        assert!(answer.body.contains(told), "{}", answer.body);
    }
}
