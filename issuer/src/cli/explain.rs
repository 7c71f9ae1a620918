//! `credmint explain`: how a token request is judged, step by step.

use super::answer::{misused, say, status_of};
use super::explanation::Steps;
use super::flags::{Format, PolicyFile, TlsFlags};
use super::input;
use super::process::{ThisProcess, lines};
use super::request::Request;
use super::style::Style;
use crate::audit::{given, with_given};
use crate::config;
use clap::Args;
use credmint_core::policy::{ProviderKind, TrustPolicy};
use credmint_core::{ID_TOKEN_BEARER, PKCS7_BEARER};
use credmint_verify::{
    Command, Misuse, Time, Verification, Verifier, explanation_to_json, to_json,
};
use serde_json::{Map, Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Flags of an explanation.
#[derive(Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    policy: PolicyFile,
    /// The token request as a JSON object of strings
    #[arg(long, value_name = "FILE", required_unless_present = "token", conflicts_with = "token")]
    form: Option<PathBuf>,
    /// An OIDC token or a PKCS#7 document in place of a whole request; `-` for standard input
    #[arg(long, value_name = "FILE", requires_all = ["client", "credential"])]
    token: Option<PathBuf>,
    /// With --token: the client's id
    #[arg(long, value_name = "ID", conflicts_with = "form")]
    client: Option<String>,
    /// With --token: the name of the client's federated credential
    #[arg(long, value_name = "NAME", conflicts_with = "form")]
    credential: Option<String>,
    /// With --token: what is asked for; left out, everything on the credential's only audience
    #[arg(long, value_name = "SCOPE", conflicts_with = "form")]
    scope: Option<String>,
    #[command(flatten)]
    tls: TlsFlags,
    /// The keys of outside issuers: a JWK set, or a JSON object from issuer to JWK set
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
    match explain(arguments) {
        Ok((judgement, explanation)) => {
            let status = status_of(&judgement);
            match format {
                Format::Text => say(format_args!(
                    "{}\n{}",
                    verdict(&judgement),
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

type Explained = (Verification, credmint_core::exchange::Explanation);

fn explain(arguments: Arguments) -> Result<Explained, Misuse> {
    let form = match (&arguments.form, &arguments.token) {
        (Some(form), _) => input::read_json(form)?,
        (None, Some(token)) => form_of(token, &arguments)?,
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
    Verifier::new(Command::Proof, &ThisProcess).explain(&line)
}

/// The token request that would carry this proof.
fn form_of(
    token: &Path,
    arguments: &Arguments,
) -> Result<Box<serde_json::value::RawValue>, Misuse> {
    let proof = input::read_text(token).map_err(|misuse| {
        Misuse::new(format_args!(
            "{misuse}; --token names a file with the token, or - for standard input"
        ))
    })?;
    let client = arguments.client.as_deref().unwrap_or_default();
    let credential = arguments.credential.as_deref().unwrap_or_default();
    let policy: TrustPolicy = config::open_policy(&arguments.policy.policy)
        .map_err(|errors| Misuse::new(lines(&errors)))?;
    let scope = match &arguments.scope {
        Some(scope) => scope.clone(),
        None => everything(&policy, client, credential)?,
    };
    // What is neither is told what is wrong with it as a proof of the kind that the credential takes.
    let is_jws = proof.trim().split('.').count() == 3 || takes_tokens(&policy, client, credential);
    let members = [
        ("grant_type", "client_credentials"),
        ("client_id", client),
        ("application_federated_credential_name", credential),
        ("client_assertion_type", if is_jws { ID_TOKEN_BEARER } else { PKCS7_BEARER }),
        ("client_assertion", &proof),
        ("scope", &scope),
    ];
    let form: Map<String, Value> =
        members.map(|(name, value)| (name.to_owned(), json!(value))).into_iter().collect();
    serde_json::value::to_raw_value(&form).map_err(Misuse::new)
}

fn takes_tokens(policy: &TrustPolicy, client: &str, credential: &str) -> bool {
    let found = policy.client(client).and_then(|client| client.credential(credential));
    let provider = found.and_then(|found| {
        policy.providers().find(|(name, _)| *name == found.provider()).map(|(_, provider)| provider)
    });
    provider.is_some_and(|provider| matches!(provider.kind(), ProviderKind::Oidc(_)))
}

/// `AUDIENCE|.all` of the credential's only audience. A client or credential that is not there is for the judge to
/// tell, so any scope does.
fn everything(policy: &TrustPolicy, client: &str, credential: &str) -> Result<String, Misuse> {
    let found = policy.client(client).and_then(|client| client.credential(credential));
    let Some(found) = found else { return Ok("any|.all".to_owned()) };
    let mut audiences = found.audiences();
    match (audiences.next(), audiences.next()) {
        (Some(only), None) => Ok(format!("{only}|.all")),
        _ => Err(Misuse::new("the credential does not have exactly one audience: give --scope")),
    }
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
