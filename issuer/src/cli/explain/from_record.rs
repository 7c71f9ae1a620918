//! The explanation of a decision that was recorded: it is judged again from what the record has.

use crate::audit::{self, Item};
use crate::cli::answer::{OneLine, misused, say};
use crate::cli::explanation::Steps;
use crate::cli::flags::Format;
use crate::cli::input;
use crate::cli::recorded::Record;
use crate::cli::server::print_errors;
use crate::cli::style::Style;
use crate::config;
use credmint_core::exchange::{Explanation, Rehearsal};
use credmint_core::policy::TrustPolicy;
use credmint_core::{Refusal, Terms};
use credmint_verify::{Misuse, explanation_to_json};
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;

/// Explains the record of this request, or the only one. 0 when it is accepted, 1 when not.
pub(super) fn run(policy: &Path, file: &Path, request: Option<&str>, format: Format) -> ExitCode {
    let policy = match config::open_policy(policy) {
        Ok(policy) => policy,
        Err(errors) => return print_errors(&errors, format),
    };
    let record = match find(file, request) {
        Ok(record) => record,
        Err(misuse) => return misused(misuse),
    };
    match record.rehearsal() {
        Ok(Some(rehearsal)) => judged(&policy, &record, &rehearsal, format),
        Ok(None) => not_judged(&record, format),
        Err(why) => misused(format_args!("{}: {why}", file.display())),
    }
}

fn find(file: &Path, request: Option<&str>) -> Result<Record, Misuse> {
    let (text, mut found) = (input::read(file)?, Vec::new());
    let wrong = |why: String| Misuse::new(format_args!("{}: {why}", file.display()));
    audit::read(text.as_slice(), |_, item| match item {
        Item::Record(_, record) if audit::kind(&record) == "decision" => {
            let record = Record(record);
            if request.is_none_or(|request| record.text("request_id") == request) {
                found.push(record);
            }
        }
        Item::Record(..) | Item::Torn | Item::Other(_) => {}
    })
    .map_err(|error| wrong(error.to_string()))?;
    match (found.len(), request) {
        (1, _) => Ok(found.remove(0)),
        (0, Some(_)) => Err(wrong(
            "there is no record of this request. Of many like it that proved nothing it may be counted only".to_owned(),
        )),
        (0, None) => Err(wrong("there is no record of a decision".to_owned())),
        _ => Err(wrong("there are several records: name one by --request".to_owned())),
    }
}

fn judged(
    policy: &TrustPolicy,
    record: &Record,
    rehearsal: &Rehearsal,
    format: Format,
) -> ExitCode {
    let (result, explanation) = rehearsal.judge(policy);
    match format {
        Format::Text => print(record, &result, &explanation),
        Format::Json => {
            let (verdict, code) = match &result {
                Ok(_) => ("accept", None),
                Err(refusal) => ("refuse", Some(refusal.code().as_str())),
            };
            say(json!({
                "request_id": record.text("request_id"),
                "recorded": recorded(record),
                "verdict": verdict,
                "code": code,
                "steps": explanation_to_json(&explanation),
            }));
        }
    }
    if result.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

fn print(record: &Record, result: &Result<Terms, Refusal>, explanation: &Explanation) {
    say(format_args!("recorded at {}: {}", record.text("time"), OneLine(&record.decided())));
    let verdict = match result {
        Ok(terms) => format!(
            "{}: subject {}, audience {}, scope {}",
            Style::Good.on("accepted"),
            OneLine(terms.subject()),
            terms.audience(),
            terms.scope().join(" ")
        ),
        Err(refusal) => {
            let code = refusal.code();
            let refused = Style::Bad.on(format!("refused at {}", code.step().as_str()));
            format!("{refused}: {}", Style::Strong.on(code.as_str()))
        }
    };
    say(format_args!("{verdict}\n{}", Steps(explanation).to_string().trim_end()));
}

/// A refusal before a good signature, or for a reason beside the policy: the record says it all.
fn not_judged(record: &Record, format: Format) -> ExitCode {
    match format {
        Format::Text => {
            say(format_args!(
                "recorded at {}: {}",
                record.text("time"),
                OneLine(&record.decided())
            ));
            for member in ["step", "fault", "rule", "detail", "expected", "found"] {
                let text = record.text(member);
                if !text.is_empty() {
                    say(format_args!("  {member:<9} {}", OneLine(text)));
                }
            }
            say("  The record has no facts of the proof that the policy could judge again.");
        }
        Format::Json => say(json!({
            "request_id": record.text("request_id"),
            "recorded": recorded(record),
            "verdict": record.text("verdict"),
            "code": Some(record.text("code")).filter(|code| !code.is_empty()),
            "steps": null,
        })),
    }
    if record.text("verdict") == "accept" { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

fn recorded(record: &Record) -> Value {
    json!({ "time": record.text("time"), "decision": record.decided() })
}
