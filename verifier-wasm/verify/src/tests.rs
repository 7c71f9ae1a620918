//! Requests that are not understood, and what requests share.

use super::*;
use std::cell::Cell;

/// No back ends and no files: what is tested here comes before any signature.
#[derive(Default)]
struct Bare {
    opened: Cell<usize>,
}

impl Host for Bare {
    fn signatures(&self) -> SignatureProvider<'_> {
        SignatureProvider { backends: &[] }
    }

    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(1_795_521_600)
    }

    fn open_policy(&self, file: &str) -> Result<TrustPolicy, String> {
        self.opened.set(self.opened.get() + 1);
        Err(format!("{file}: no files here"))
    }
}

#[test]
fn a_request_that_is_not_understood_is_an_error_and_the_next_one_is_answered() {
    let host = Bare::default();
    let mut judge = Verifier::new(Command::Jws, &host);
    let bad: [&[u8]; 7] = [
        b"x",
        b"\xff",
        b"{}",
        "\u{feff}{}".as_bytes(),
        b"{\"id\":1,\"jws\":1}",
        b"{\"id\":1,\"jws\":\"..\"}",
        b"{\"id\":1,\"jws\":\"..\",\"key\":{},\"more\":1}",
    ];
    for request in bad {
        let answer = judge.answer(request);
        let text = String::from_utf8_lossy(request);
        assert_eq!(answer["verdict"], "error", "{text}");
        assert_eq!(answer.contains_key("id"), text.contains("\"id\""), "{text}");
        let answer = judge.answer(b"{\"id\":2,\"jws\":\"..\",\"key\":{}}");
        assert_eq!((&answer["verdict"], &answer["id"]), (&"refuse".into(), &2.into()), "{text}");
    }
}

#[test]
fn files_are_the_business_of_the_host() {
    let host = Bare::default();
    let mut judge = Verifier::new(Command::Proof, &host);
    let answer = judge.answer(b"{\"id\":1,\"policy\":\"a.yaml\",\"form\":{}}");
    assert_eq!(answer["detail"], "a.yaml: no files here");
    assert_eq!(host.opened.get(), 1);
    let answer = judge.answer(b"{\"id\":1,\"policy\":{},\"form\":{}}");
    assert_eq!(answer["verdict"], "error");
    assert_eq!(host.opened.get(), 1);
}

#[test]
fn commands_have_names() {
    for name in ["signature", "jws", "x509", "cms", "proof"] {
        assert!(name.parse::<Command>().is_ok(), "{name}");
    }
    let misuse = "JWS".parse::<Command>().map_err(|misuse| misuse.to_string());
    assert_eq!(misuse.err().as_deref(), Some("`JWS` is not a command"));
}
