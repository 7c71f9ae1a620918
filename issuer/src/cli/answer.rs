//! Answers of the verify commands, for machines and for people.

use super::Format;
use credmint_core::Refusal;
use serde_json::{Map, Value, json};
use std::fmt;
use std::process::ExitCode;

/// What was proven, as members of an answer.
pub(super) type Proven = Map<String, Value>;

/// A request that is not understood: wrong use, not a refusal.
#[derive(Debug)]
pub(super) struct Misuse(String);

impl Misuse {
    pub(super) fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a verification says: yes with what was proven, or no with the reason.
pub(super) type Judgement = Result<Proven, Refusal>;

/// Wrong use, told on standard error.
pub(super) fn misused(message: impl fmt::Display) -> ExitCode {
    eprintln!("credmint: {message}");
    ExitCode::from(2)
}

/// The members of an answer that say the verdict.
pub(super) fn to_json(judgement: Result<Judgement, Misuse>) -> Map<String, Value> {
    let answer = match judgement {
        Ok(Ok(mut proven)) => {
            proven.insert("verdict".into(), "accept".into());
            return proven;
        }
        Ok(Err(refusal)) => {
            let code = refusal.code();
            json!({
                "verdict": "refuse",
                "code": code.as_str(),
                "step": code.step().as_str(),
                "fault": code.fault().as_str(),
                "detail": refusal.detail_text(),
                "expected": refusal.expected_text(),
                "found": refusal.found_text(),
                "rule": code.rule(),
                "public": code.public().as_str(),
            })
        }
        Err(misuse) => json!({ "verdict": "error", "detail": misuse.0 }),
    };
    match answer {
        // A member without a value says nothing.
        Value::Object(members) => {
            members.into_iter().filter(|(_, value)| !value.is_null()).collect()
        }
        _ => Map::new(),
    }
}

/// Prints the one answer of a single verification.
pub(super) fn print_single(judgement: Result<Judgement, Misuse>, format: Format) -> ExitCode {
    let status = match &judgement {
        Ok(Ok(_)) => ExitCode::SUCCESS,
        Ok(Err(_)) => ExitCode::from(1),
        Err(misuse) if format == Format::Text => return misused(misuse),
        Err(_) => ExitCode::from(2),
    };
    match (format, judgement) {
        (Format::Text, Ok(Ok(proven))) => print_proven(&proven),
        (Format::Text, Ok(Err(refusal))) => print!("{}", Explained(&refusal)),
        (_, judgement) => println!("{}", Value::Object(to_json(judgement))),
    }
    status
}

fn print_proven(proven: &Proven) {
    println!("accepted");
    for (name, value) in proven {
        match value {
            Value::String(text) => println!("  {name}: {text}"),
            other => println!("  {name}: {other}"),
        }
    }
}

/// A refusal in lines for the operator.
pub(super) struct Explained<'a>(pub &'a Refusal);

impl fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refusal = self.0;
        let code = refusal.code();
        writeln!(f, "refused at {}: {}", code.step().as_str(), code.as_str())?;
        writeln!(f, "  {}", code.sentence())?;
        let seen = [
            ("detail", refusal.detail_text()),
            ("expected", refusal.expected_text()),
            ("found", refusal.found_text()),
            ("rule", Some(code.rule())),
            ("at fault", Some(code.fault().as_str())),
            ("mend", Some(code.advice())),
        ];
        for (name, text) in seen {
            if let Some(text) = text {
                writeln!(f, "  {name:<9} {text}")?;
            }
        }
        Ok(())
    }
}
