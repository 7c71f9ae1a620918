//! `credmint audit`: whether audit records are those that were written.

use super::answer::{misused, say};
use super::flags::Format;
use super::input;
use super::keys::public_set;
use super::style::Style;
use crate::audit::verify::{ChainSeen, Finding, Verification};
use clap::{Args, Subcommand};
use credmint_core::jose::{Algorithm, JwkSet};
use credmint_verify::Misuse;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What can be done with audit records.
#[derive(Subcommand)]
pub(super) enum AuditCommand {
    /// Find records that are missing, changed, moved or added
    Verify(Arguments),
}

/// Flags of a verification.
#[derive(Args)]
pub(super) struct Arguments {
    /// Files with audit records, the oldest first; `-` for standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The JWK set with the keys that signed the checkpoints, those of earlier times too
    #[arg(long, value_name = "FILE", required_unless_present = "config")]
    jwks: Option<PathBuf>,
    /// The configuration of the issuer whose published keys signed the checkpoints
    #[arg(long, value_name = "FILE", conflicts_with = "jwks")]
    config: Option<PathBuf>,
}

/// What signs access tokens here, signs checkpoints.
const ALGORITHMS: [Algorithm; 4] =
    [Algorithm::Es256, Algorithm::Rs256, Algorithm::Ps256, Algorithm::EdDsa];

/// 1 when something is not as it was written.
pub(super) fn run(command: &AuditCommand, format: Format) -> ExitCode {
    let AuditCommand::Verify(arguments) = command;
    let keys = match keys(arguments) {
        Ok(keys) => keys,
        Err(misuse) => return misused(misuse),
    };
    let mut verification = Verification::new(&keys);
    for file in &arguments.files {
        if let Err(error) = look_at(&mut verification, file) {
            return misused(format_args!("{}: {error}", file.display()));
        }
    }
    verification.finish();
    match format {
        Format::Text => print(&verification),
        Format::Json => say(to_json(&verification)),
    }
    if verification.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

fn look_at(verification: &mut Verification<'_>, file: &Path) -> io::Result<()> {
    let name = file.display().to_string();
    if file == Path::new("-") {
        return verification.file(&name, io::stdin().lock());
    }
    verification.file(&name, BufReader::new(File::open(file)?))
}

fn keys(arguments: &Arguments) -> Result<JwkSet, Misuse> {
    let text = match (&arguments.jwks, &arguments.config) {
        (Some(file), _) => input::read_text(file)?,
        (None, Some(config)) => public_set(config)?,
        (None, None) => return Err(Misuse::new("there is neither --jwks nor --config")),
    };
    JwkSet::parse(text.as_bytes(), &ALGORITHMS).map_err(Misuse::new)
}

fn print(verification: &Verification<'_>) {
    for Finding { file, line, what, text } in &verification.findings {
        let place = if *line == 0 { String::new() } else { format!("{file}:{line}: ") };
        say(format_args!("{place}{}: {text}", Style::Bad.on(what)));
    }
    for ChainSeen { chain, first, last, sealed } in verification.chains() {
        let proven = match sealed {
            Some((seq, at)) => format!("proven up to {seq} by the checkpoint of {at}"),
            None => "none of them proven".to_owned(),
        };
        say(format_args!("chain {chain}: records {first} to {last}, {proven}"));
    }
    say(format_args!(
        "{} records, {} of them in no chain; {} torn lines; {} findings",
        verification.records,
        verification.unchained,
        verification.torn,
        verification.findings.len()
    ));
}

fn to_json(verification: &Verification<'_>) -> Value {
    let finding = |finding: &Finding| {
        let Finding { file, line, what, text } = finding;
        let line = Some(*line).filter(|line| *line > 0);
        json!({ "file": file, "line": line, "finding": what, "detail": text })
    };
    let chain = |seen: ChainSeen<'_>| {
        json!({
            "chain": seen.chain,
            "first": seen.first,
            "last": seen.last,
            "proven_to": seen.sealed.map(|(seq, _)| seq),
            "proven_at": seen.sealed.map(|(_, at)| at.to_string()),
        })
    };
    json!({
        "valid": verification.findings.is_empty(),
        "records": verification.records,
        "unchained": verification.unchained,
        "torn": verification.torn,
        "findings": verification.findings.iter().map(finding).collect::<Vec<_>>(),
        "chains": verification.chains().map(chain).collect::<Vec<_>>(),
    })
}
