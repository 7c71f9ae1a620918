//! `credmint explain`: how a token request is judged, step by step.

mod around_token;
mod from_record;

use super::answer::{misused, say, status_of};
use super::explanation::Steps;
use super::flags::{Format, PolicyFile, TlsFlags};
use super::input;
use super::process::ThisProcess;
use super::request::Request;
use super::style::Style;
use crate::audit::{given, with_given};
use around_token::Beside;
use clap::Args;
use credmint_core::exchange::Explanation;
use credmint_verify::{
    Command, Misuse, Time, Verification, Verifier, explanation_to_json, to_json,
};
use serde_json::Value;
use std::path::PathBuf;
use std::process::ExitCode;

/// Flags of an explanation.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    policy: PolicyFile,
    /// The token request as a JSON object of strings
    #[arg(long, value_name = "FILE", required_unless_present_any = ["token", "audit"], conflicts_with = "token")]
    form: Option<PathBuf>,
    /// Audit records in place of a request, the one of which --request names; `-` for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["form", "token", "keys", "now", "consumed", "crls", "tls_certificate"])]
    audit: Option<PathBuf>,
    /// The id of a recorded request, as its caller was told; without it the only record is explained
    #[arg(long, value_name = "ID", requires = "audit")]
    request: Option<String>,
    /// An OIDC token or a PKCS#7 document in place of a whole request; `-` for standard input
    #[arg(long, value_name = "FILE")]
    token: Option<PathBuf>,
    #[command(flatten)]
    tls: TlsFlags,
    #[command(flatten)]
    beside: Beside,
    /// The keys of issuers, for exchanged access tokens those of the policy's own too: a JWK set, or a JSON object from issuer
    /// to JWK set
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// The time (RFC 3339 or Unix seconds) instead of now
    #[arg(long)]
    now: Option<Time>,
    /// A replay key that has been used; repeat the flag for more
    #[arg(long, value_name = "KEY")]
    consumed: Vec<String>,
    /// A file with revocation lists, PEM or DER; repeat the flag for more
    #[arg(long = "crl", value_name = "FILE")]
    crls: Vec<PathBuf>,
}

/// Explains one request. The exit status is that of `proof verify`.
pub(super) fn run(arguments: Arguments, format: Format) -> ExitCode {
    if let Some(audit) = &arguments.audit {
        let request = arguments.request.as_deref();
        return from_record::run(&arguments.policy.policy, audit, request, format);
    }
    match explain(arguments) {
        Ok(Explained { judgement, explanation, made_as }) => {
            let status = status_of(&judgement);
            match format {
                Format::Text => say(format_args!(
                    "{}{}\n{}",
                    verdict(&judgement),
                    made_as.map(|form| format!(", as {form}")).unwrap_or_default(),
                    Steps(&explanation).to_string().trim_end()
                )),
                Format::Json => {
                    let mut answer = to_json(Ok(judgement));
                    answer.insert("steps".into(), explanation_to_json(&explanation));
                    match explanation.facts() {
                        Some(facts) => say(with_given(&answer, &given(facts))),
                        None => say(Value::Object(answer)),
                    }
                }
            }
            status
        }
        Err(misuse) if format == Format::Text => misused(misuse),
        Err(misuse) => {
            say(Value::Object(to_json(Err(misuse))));
            ExitCode::from(2)
        }
    }
}

/// What came of a request.
struct Explained {
    judgement: Verification,
    explanation: Explanation,
    /// The form that was chosen for a token whose request names no form and no credential.
    made_as: Option<&'static str>,
}

fn explain(arguments: Arguments) -> Result<Explained, Misuse> {
    let (form, made_as) = match (&arguments.form, &arguments.token) {
        (Some(form), _) => (input::read_json(form)?, None),
        (None, Some(token)) => arguments.beside.request(token, &arguments.policy.policy)?,
        (None, None) => return Err(Misuse::new("there is neither --form nor --token")),
    };
    let line = Request::new()
        .with("policy", arguments.policy.policy.display().to_string())?
        .with("now", arguments.now)?
        .with("form", form)?
        .with("tls", arguments.tls.read()?)?
        .with("keys", arguments.keys.as_deref().map(input::read_json).transpose()?)?
        .with("crls", input::read_all_der_or_text(&arguments.crls)?)?
        .with("consumed", arguments.consumed)?
        .into_line()?;
    let (judgement, explanation) = Verifier::new(Command::Proof, &ThisProcess).explain(&line)?;
    Ok(Explained { judgement, explanation, made_as })
}

fn verdict(judgement: &Verification) -> String {
    match judgement {
        Ok(proven) => {
            let text = |name: &str| proven.get(name).and_then(Value::as_str).unwrap_or_default();
            format!(
                "{}: subject {}, audience {}, scope {}",
                Style::Good.on("accepted"),
                super::explanation::OneLine(text("subject")),
                text("audience"),
                text("scope")
            )
        }
        Err(refused) => {
            let code = refused.refusal.code();
            let verdict = Style::Bad.on(format!("refused at {}", code.step().as_str()));
            format!("{verdict}: {}", Style::Strong.on(code.as_str()))
        }
    }
}
