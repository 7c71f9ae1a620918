//! The verify commands as targets ask them: pure, without files, at one time, by each back end.

use super::NOW;
use credmint_aws_lc::AwsLc;
use credmint_core::UnixTime;
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::{Backend, SignatureProvider};
use credmint_rustcrypto::RustCrypto;
use credmint_verify::{Command, Host, Verifier, to_json};
use serde_json::{Map, Value};

/// The answer to a request: the same by each back end alone, and for a token request the same when it is explained.
pub(super) fn answer(command: Command, request: &Value) -> Map<String, Value> {
    let request = request.to_string();
    let pure = by(&RustCrypto, command, request.as_bytes());
    let native = by(&AwsLc, command, request.as_bytes());
    // DSA is verified by the first alone.
    if native.get("code").is_none_or(|code| code != "unsupported_signature") {
        assert_eq!(pure, native, "the back ends differ");
    }
    pure
}

/// Whether the verify command accepts. What it does not understand is not accepted.
pub(super) fn accepts(command: Command, request: &Value) -> bool {
    answer(command, request).get("verdict").is_some_and(|verdict| verdict == "accept")
}

fn by(backend: &dyn Backend, command: Command, request: &[u8]) -> Map<String, Value> {
    let host = Alone([backend]);
    let mut verifier = Verifier::new(command, &host);
    let answer = to_json(verifier.judge(request));
    if command == Command::Proof {
        let explained = verifier.explain(request).map(|(verification, _)| verification);
        assert_eq!(to_json(explained), answer, "an explanation has a verdict of its own");
    }
    answer
}

/// One back end, no files, one time.
struct Alone<'a>([&'a dyn Backend; 1]);

impl Host for Alone<'_> {
    fn signatures(&self) -> SignatureProvider<'_> {
        SignatureProvider { backends: &self.0 }
    }

    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(NOW)
    }

    fn open_policy(&self, file: &str) -> Result<TrustPolicy, String> {
        Err(format!("{file}: there are no files here"))
    }
}
