//! The document against what the core reads and answers.

use super::*;
use credmint_core::{Code, ID_TOKEN_BEARER, Presented, PublicCode, RequestForm};
use std::collections::BTreeSet;

/// The operation of the token endpoint.
fn token_operation() -> Value {
    example()["paths"]["/token"]["post"].clone()
}

/// The schema that a reference leads to.
fn schema<'a>(document: &'a Value, reference: &Value) -> &'a Value {
    let pointer = reference["$ref"].as_str().and_then(|text| text.strip_prefix('#')).unwrap();
    document.pointer(pointer).unwrap_or_else(|| panic!("{pointer} leads nowhere"))
}

/// The required parameters of a form with values, in their order.
fn sample(name: &str, schema: &Value) -> Vec<(String, String)> {
    let value = |parameter: &str| match &schema["properties"][parameter]["const"] {
        Value::String(only) => only.clone(),
        _ => match parameter {
            "client_assertion_type" => ID_TOKEN_BEARER.to_owned(),
            "subject_token_type" => "urn:ietf:params:oauth:token-type:access_token".to_owned(),
            "scope" => "api.example.com|read".to_owned(),
            _ => format!("a-{name}"),
        },
    };
    let required = schema["required"].as_array().unwrap().iter().filter_map(Value::as_str);
    required.map(|parameter| (parameter.to_owned(), value(parameter))).collect()
}

#[test]
fn every_form_is_described_as_it_is_read() {
    let (document, operation) = (example(), token_operation());
    let content = &operation["requestBody"]["content"];
    let forms = content["application/x-www-form-urlencoded"]["schema"]["anyOf"].as_array().unwrap();
    let mut described = BTreeSet::from([RequestForm::TlsClient]);
    for reference in forms {
        let name = reference["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        let sample = sample(name, schema(&document, reference));
        // What comes with the connection is no parameter.
        if name == "TlsClient" {
            continue;
        }
        let presented = Presented::from_parameters(sample.clone());
        let presented = presented.unwrap_or_else(|refusal| panic!("{name}: {refusal}"));
        described.insert(presented.form);
        for (missing, _) in &sample {
            // Without these it is a request of another form.
            if presented.form == RequestForm::IdaasExchange && missing == "client_assertion_type" {
                continue;
            }
            let rest = sample.iter().filter(|(name, _)| name != missing).cloned();
            let refusal = Presented::from_parameters(rest).unwrap_err();
            let found = (refusal.code(), refusal.detail_text());
            assert_eq!(found, (Code::ParameterMissing, Some(missing.as_str())), "{name}");
        }
    }
    assert_eq!(described, RequestForm::ALL.iter().copied().collect());
}

#[test]
fn json_is_for_two_forms() {
    let content = token_operation()["requestBody"]["content"]["application/json"].clone();
    assert_eq!(content["schema"]["anyOf"], json!([named("JwtBearer"), named("TokenExchange")]));
}

#[test]
fn every_answer_is_described() {
    let (document, operation) = (example(), token_operation());
    let answers = operation["responses"].as_object().unwrap();
    let statuses: Vec<&str> = answers.keys().map(String::as_str).collect();
    assert_eq!(statuses, ["200", "400", "401", "405", "408", "413", "429", "500", "503"]);
    let of_resources = [PublicCode::InsufficientScope, PublicCode::TokenMissing];
    for code in PublicCode::ALL.iter().filter(|code| !of_resources.contains(code)) {
        for form in RequestForm::ALL {
            let answer = code.answer(*form);
            let described = &answers[&answer.status.to_string()];
            let schema = &described["content"]["application/json"]["schema"]["allOf"];
            let errors = schema[1]["properties"]["error"]["enum"].as_array().unwrap();
            assert!(errors.contains(&answer.error.into()), "{code:?} {form:?}");
            let fields = described["headers"].as_object().unwrap();
            assert!(fields.contains_key("request-id") && fields.contains_key("credmint-error"));
        }
    }
    let codes =
        document["components"]["headers"]["PublicCode"]["schema"]["enum"].as_array().unwrap();
    assert_eq!(codes.len(), PublicCode::ALL.len());
}
