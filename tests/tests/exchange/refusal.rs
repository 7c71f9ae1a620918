//! What every refusal must look like, to the caller and to the operator.

use credmint_core::{Code, PublicCode, Step};
use credmint_tests::http_client::Answer;
use credmint_tests::world::World;
use credmint_tests::world::log::Record;

/// Checks that `answer` refuses with `code`, and that nothing else can be read from it. Returns what the
/// operator reads.
#[track_caller]
pub(crate) fn check(world: &World, answer: &Answer, code: Code) -> Record {
    check_status(world, answer, code, code.public().status())
}

/// The same where HTTP has a status of its own.
#[track_caller]
pub(crate) fn check_status(world: &World, answer: &Answer, code: Code, status: u16) -> Record {
    let public: PublicCode = code.public();
    let body = answer.json();
    let id = body["request_id"].as_str().unwrap_or_else(|| panic!("no request id: {answer:?}"));
    let record = world.record(id);
    let found = (record.text("code"), answer.status);
    assert_eq!(found, (code.as_str(), status), "{answer:?}\n{record:?}");

    let members: Vec<_> = body.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["error", "error_description", "request_id"]);
    assert_eq!(body["error"], public.oauth_error());
    // The public code stands before its sentence where `error` does not say it already.
    let description = match public.as_str() == public.oauth_error() {
        true => public.sentence().to_owned(),
        false => public.description(),
    };
    let told = body["error_description"].as_str().and_then(|text| text.strip_prefix(&*description));
    // Of the request itself its sender is told more; of everything behind it nothing.
    match told {
        Some("") => {}
        Some(more) if code.step() < Step::Binding => {
            let plain = |c: char| matches!(c, ' '..='~') && !matches!(c, '"' | '\\');
            assert!(more.starts_with(' ') && more.ends_with('.') && more.chars().all(plain));
        }
        _ => panic!("{answer:?}"),
    }
    assert_eq!(id.len(), 36);
    assert_eq!(answer.header("request-id"), Some(id));
    assert_eq!(answer.header("www-authenticate"), None);
    assert_eq!(answer.header("credmint-error"), Some(public.as_str()));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));

    assert_eq!(record.text("verdict"), "refuse");
    assert_eq!(record.text("step"), code.step().as_str());
    assert_eq!(record.text("fault"), code.fault().as_str());
    assert_eq!(record.text("public"), public.as_str());
    record
}
