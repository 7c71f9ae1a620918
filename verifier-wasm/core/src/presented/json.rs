//! The parameters of a token request in a JSON body. Two families of clients send the grants by assertion and by exchange
//! like this; no RFC has it, so it is read as narrowly as a form is.

use super::told;
use crate::json::{self, Value};
use crate::limits;
use crate::refusal::{Code, Refusal};
use alloc::string::String;
use alloc::vec::Vec;

/// As many members as a form may have parameters. What is nested is not read, but for second members of one name.
const LIMITS: json::Limits =
    json::Limits { members_an_object: limits::PARAMETERS, ..json::Limits::PROOF };

/// Parameters that are read and that nobody is told the form of.
const READ_BESIDES: [&str; 4] = ["actor_token", "audience", "client_secret", "resource"];

/// The parameters of a body that is one JSON object, for [`Presented::from_parameters`](super::Presented::from_parameters).
/// Members of which nothing is known are left out, whatever they are.
///
/// # Errors
/// [`Code::RequestMalformed`] for what is no JSON object in UTF-8; [`Code::ParameterDuplicated`] for two members of one name in any
/// object; [`Code::RequestTooLarge`] for more members or deeper ones than are read; [`Code::ParameterInvalid`] for a
/// parameter that is no string.
pub fn parameters_from_json(body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let members = json::parse_object_with(body, LIMITS).map_err(|refusal| of_body(&refusal))?;
    let mut parameters = Vec::new();
    for (name, value) in members {
        match value {
            Value::String(text) => parameters.push((name, text)),
            other if told::is_known(&name) || READ_BESIDES.contains(&name.as_str()) => {
                return Err(Refusal::new(Code::ParameterInvalid)
                    .detail(&name)
                    .expected("string")
                    .found(other.kind())
                    .told("A parameter in the JSON is not a string."));
            }
            _ => {}
        }
    }
    Ok(parameters)
}

/// What is wrong with the JSON of a proof is, here, wrong with the request.
fn of_body(refusal: &Refusal) -> Refusal {
    let (code, told) = match refusal.code() {
        Code::JsonDuplicateMember => {
            (Code::ParameterDuplicated, "A member of the JSON is there twice.")
        }
        Code::JsonTooDeep | Code::JsonTooWide => {
            (Code::RequestTooLarge, "The JSON has too many members, or they are nested too deeply.")
        }
        _ => (Code::RequestMalformed, "The body is not one JSON object in UTF-8."),
    };
    let detail = refusal.detail_text().or(refusal.found_text()).unwrap_or_default();
    Refusal::new(code).detail(detail).told(told)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    fn read(body: &[u8]) -> Result<String, Code> {
        let parameters = parameters_from_json(body).map_err(|refusal| refusal.code())?;
        Ok(parameters.iter().map(|(name, value)| format!("{name}={value};")).collect())
    }

    #[test]
    fn strings_are_parameters_and_the_rest_is_ignored() {
        let check = |body: &str, expect: Result<&str, Code>| {
            assert_eq!(read(body.as_bytes()), expect.map(ToString::to_string), "{body}");
        };
        check("{}", Ok(""));
        check(r#" {"scope":"read write","x":"é"} "#, Ok("scope=read write;x=é;"));
        check(
            r#"{"grant_type":"","x":1,"y":null,"z":{"scope":[1.5,{"a":"b"}]}}"#,
            Ok("grant_type=;"),
        );
        for value in ["1", "null", "true", "[\"read\"]", "{}", "1.5"] {
            check(&format!(r#"{{"scope":{value}}}"#), Err(Code::ParameterInvalid));
            check(&format!(r#"{{"client_assertion":{value}}}"#), Err(Code::ParameterInvalid));
            for name in READ_BESIDES {
                check(&format!(r#"{{"{name}":{value}}}"#), Err(Code::ParameterInvalid));
            }
            check(&format!(r#"{{"unknown":{value}}}"#), Ok(""));
        }
        for body in [
            "",
            "[]",
            "\"a\"",
            "null",
            "{",
            "{} x",
            "grant_type=a",
            "\u{feff}{}",
            "{\"a\":9007199254740993}",
        ] {
            check(body, Err(Code::RequestMalformed));
        }
        assert_eq!(read(b"{\"a\":\"\xff\"}"), Err(Code::RequestMalformed));
        assert_eq!(read(b"\xff\xfe{\0}\0"), Err(Code::RequestMalformed));
    }

    #[test]
    fn no_object_has_two_members_of_one_name() {
        for body in [
            r#"{"scope":"a","scope":"a"}"#,
            r#"{"scope":"a","sc\u006fpe":"b"}"#,
            r#"{"x":1,"x":1}"#,
            r#"{"x":{"a":1,"a":2}}"#,
            r#"{"x":[[{"y":{"a":1,"a":1}}]]}"#,
        ] {
            assert_eq!(read(body.as_bytes()), Err(Code::ParameterDuplicated), "{body}");
        }
        assert_eq!(read(br#"{"x":{"a":1},"y":{"a":1},"a":"1"}"#), Ok("a=1;".to_string()));
    }

    #[test]
    fn as_many_members_as_parameters() {
        let object = |members: usize| {
            let members: Vec<_> = (0..members).map(|index| format!("\"{index}\":0")).collect();
            format!("{{{}}}", members.join(","))
        };
        assert_eq!(read(object(limits::PARAMETERS).as_bytes()), Ok(String::new()));
        assert_eq!(read(object(limits::PARAMETERS + 1).as_bytes()), Err(Code::RequestTooLarge));
        let nested =
            |depth: usize| format!("{{\"x\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
        assert_eq!(read(nested(limits::JSON_DEPTH - 1).as_bytes()), Ok(String::new()));
        assert_eq!(read(nested(limits::JSON_DEPTH).as_bytes()), Err(Code::RequestTooLarge));
    }

    /// Whoever confuses member and value sends a proof as a name.
    #[test]
    fn i10_a_proof_as_a_name_is_not_repeated() {
        let token = format!("eyJhbGciOiJFUzI1NiJ9.e30.{}", "A".repeat(86));
        let refusal = parameters_from_json(format!(r#"{{"{token}":1,"{token}":1}}"#).as_bytes());
        let text = refusal.unwrap_err().to_string();
        assert!(!text.contains("AAAA"), "{text}");
    }
}
