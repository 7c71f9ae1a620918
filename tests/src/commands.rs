//! The verify commands on every host: natively with either back end, and compiled to WebAssembly.

use crate::environment;
use crate::fixtures::policy;
use anyhow::{Context, Result, ensure};
use credmint_aws_lc::AwsLc;
use credmint_core::policy::TrustPolicy;
use credmint_core::signature::{
    Answer, Backend, PublicKey, Scheme, SignatureCheck, SignatureProvider,
};
use credmint_core::{PKCS7_BEARER, UnixTime};
use credmint_rustcrypto::RustCrypto;
use credmint_verify::{Command, Host, Verifier, to_json};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{self, Stdio};
use std::thread;

/// The time of requests that give none: 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;

/// The answers to requests, which must be the same bytes on every host.
///
/// # Errors
/// When a host does not answer, and naming the first request that two hosts answer differently.
pub fn same_everywhere(command: &str, requests: &[Value]) -> Result<Vec<Value>> {
    let lines: Vec<String> = requests.iter().map(ToString::to_string).collect();
    let native = in_process(command, &lines, &[&AwsLc, &RustCrypto])?;
    let others = [
        ("pure Rust", in_process(command, &lines, &[&RustCrypto])?),
        ("WebAssembly", in_webassembly(command, &lines)?),
    ];
    for (host, answers) in &others {
        ensure!(answers.len() == native.len(), "{host}: {} answers", answers.len());
        for ((request, expect), got) in lines.iter().zip(&native).zip(answers) {
            ensure!(expect == got, "{host} answers {got}\nnot      {expect}\nto {request}");
        }
    }
    native.iter().map(|answer| Ok(serde_json::from_str(answer)?)).collect()
}

/// The answers of this process with the back ends of the issuer.
///
/// # Errors
/// When there is no such command.
pub fn answers(command: &str, requests: &[Value]) -> Result<Vec<Value>> {
    let lines: Vec<String> = requests.iter().map(ToString::to_string).collect();
    let answers = in_process(command, &lines, &[&AwsLc, &RustCrypto])?;
    answers.iter().map(|answer| Ok(serde_json::from_str(answer)?)).collect()
}

/// The answers of this process when its back end defers every check. `later` answers them; without it there are no answers.
///
/// # Errors
/// When there is no such command.
pub fn deferred_answers(
    command: &str,
    requests: &[Value],
    later: Option<&dyn Backend>,
) -> Result<Vec<Value>> {
    let lines: Vec<String> = requests.iter().map(ToString::to_string).collect();
    let answers = of_host(command, &lines, &Native { backends: &[&Later], later })?;
    answers.iter().map(|answer| Ok(serde_json::from_str(answer)?)).collect()
}

/// The answers of this process to token requests when they are explained, each with the code of the first failure.
///
/// # Errors
/// When a request is not understood.
pub fn explained(requests: &[Value]) -> Result<Vec<(Value, Option<&'static str>)>> {
    let host = Native { backends: &[&AwsLc, &RustCrypto], later: None };
    let mut judge = Verifier::new(Command::Proof, &host);
    let mut explained = Vec::new();
    for request in requests {
        let (judgement, explanation) = judge
            .explain(request.to_string().as_bytes())
            .map_err(|misuse| anyhow::anyhow!("{misuse}"))?;
        let mut answer = to_json(Ok(judgement));
        answer.insert("id".into(), request["id"].clone());
        let failed = explanation.refusal().map(|refusal| refusal.code().as_str());
        explained.push((Value::Object(answer), failed));
    }
    Ok(explained)
}

/// The request of `proof verify` about this assertion, by a policy with this provider and one credential without its
/// `provider`, at `now` in Unix seconds.
///
/// # Panics
///
/// When `credential` is no object.
#[must_use]
pub fn proof_request(
    provider: &Value,
    credential: &Value,
    (assertion_type, assertion): (&str, &str),
    now: i64,
) -> Value {
    let parameters = policy::parameters(assertion_type).into_iter();
    let form: BTreeMap<_, _> = parameters.chain([("client_assertion", assertion)]).collect();
    json!({ "id": 0, "policy": policy::of_one(provider, credential), "now": now, "form": form })
}

/// [`proof_request`] about a document (PKCS#7).
///
/// # Panics
///
/// When `credential` is no object.
#[must_use]
pub fn document_request(provider: &Value, credential: &Value, document: &str, now: i64) -> Value {
    proof_request(provider, credential, (PKCS7_BEARER, document), now)
}

/// Defers every check, as a host does whose cryptography answers later.
pub struct Later;

impl Backend for Later {
    fn verify(&self, _: Scheme, _: &PublicKey, _: &[u8], _: &[u8]) -> Answer {
        Answer::Deferred
    }
}

struct Native<'a> {
    backends: &'a [&'a dyn Backend],
    /// Answers what they defer.
    later: Option<&'a dyn Backend>,
}

impl Host for Native<'_> {
    fn signatures(&self) -> SignatureProvider<'_> {
        SignatureProvider { backends: self.backends }
    }

    fn answer(&self, deferred: &SignatureCheck) -> Answer {
        let SignatureCheck { scheme, key, message, signature } = deferred;
        self.later.map_or(Answer::Deferred, |later| later.verify(*scheme, key, message, signature))
    }

    fn now(&self) -> UnixTime {
        UnixTime::from_seconds(NOW)
    }

    fn open_policy(&self, file: &str) -> Result<TrustPolicy, String> {
        Err(format!("{file}: there are no files here; give the policy as an object"))
    }
}

fn in_process(command: &str, lines: &[String], backends: &[&dyn Backend]) -> Result<Vec<String>> {
    of_host(command, lines, &Native { backends, later: None })
}

fn of_host(command: &str, lines: &[String], host: &dyn Host) -> Result<Vec<String>> {
    let command: Command = command.parse().map_err(|misuse| anyhow::anyhow!("{misuse}"))?;
    let mut judge = Verifier::new(command, host);
    Ok(lines.iter().map(|line| Value::Object(judge.answer(line.as_bytes())).to_string()).collect())
}

fn in_webassembly(command: &str, lines: &[String]) -> Result<Vec<String>> {
    let driver = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("js/commands.mjs");
    let mut node = process::Command::new(environment::node())
        .arg(driver)
        .arg(environment::judge_wasm())
        .args([command, &NOW.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut input = node.stdin.take().context("a pipe")?;
    let text = lines.join("\n");
    // Written beside, so that neither side waits for the other with its pipe full.
    let writer = thread::spawn(move || input.write_all(text.as_bytes()));
    let output = node.wait_with_output()?;
    writer.join().map_err(|_| anyhow::anyhow!("the writer panicked"))??;
    ensure!(output.status.success(), "the module in Node failed: {}", output.status);
    Ok(String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect())
}
