//! `credmint init`: a starting configuration for an environment, by flags or by questions.

mod answers;
mod checked;
mod draft;
mod flags;

use super::answer::{complain, misused, say};
use answers::Answers;
use clap::Args;
use credmint_core::policy::Preset;
use credmint_core::policy::guide::{Init, Question};
use credmint_verify::Misuse;
use flags::Flags;
use std::fs::OpenOptions;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Flags of a starting configuration. What an environment needs and no flag says is asked for on a terminal.
#[derive(Args)]
pub(super) struct Arguments {
    #[arg(long, value_name = "NAME", help = format!("Where the workloads run: {}", names()))]
    environment: Option<String>,
    /// Write to this new file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    answers: Flags,
}

/// What every environment must know.
const COMMON: &[Question] = &[
    Question::required("issuer", "The https URL of this issuer, without a slash at the end"),
    Question::with_default("client", "The id of the first client", "app_1"),
    Question::with_default(
        "audience",
        "The audience of the service that takes the tokens",
        "api.example.com",
    ),
    Question::with_default("scope", "A scope value that the client may have", "read"),
];

/// The environments that a configuration can be started for, by name.
fn environments() -> Vec<(&'static str, &'static Init)> {
    let all = Preset::ALL.iter();
    let mut environments: Vec<_> =
        all.filter_map(|preset| Some((preset.name(), preset.guide().init.as_ref()?))).collect();
    environments.dedup_by_key(|(name, _)| *name);
    environments
}

fn names() -> String {
    let names: Vec<&str> = environments().into_iter().map(|(name, _)| name).collect();
    names.join(", ")
}

/// Writes a configuration.
pub(super) fn run(arguments: &Arguments) -> ExitCode {
    match configuration(arguments).and_then(|text| write(arguments, &text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(misuse) => misused(misuse),
    }
}

fn configuration(arguments: &Arguments) -> Result<String, Misuse> {
    let (name, init) = environment(arguments)?;
    let mut answers = Answers::default();
    let mut missing = Vec::new();
    for question in COMMON.iter().chain(init.questions) {
        let flag = arguments.answers.get(question.flag);
        match flag.map(str::to_owned).or_else(|| ask(question)) {
            Some(answer) => answers.add(question, answer)?,
            None => match question.default {
                Some(default) => answers.add(question, default.to_owned())?,
                None => missing.push(format!("--{}", question.flag)),
            },
        }
    }
    if !missing.is_empty() {
        return Err(Misuse::new(format_args!("{name} needs {}", missing.join(", "))));
    }
    for value in init.values {
        answers.work_out(value)?;
    }
    let text = draft::configuration(name, init, &answers);
    checked::check(&text, &answers)?;
    Ok(text)
}

fn environment(arguments: &Arguments) -> Result<(&'static str, &'static Init), Misuse> {
    let question = Question::required("environment", "Where do the workloads run");
    match arguments.environment.clone().or_else(|| {
        complain(format_args!("Environments: {}", names()));
        ask(&question)
    }) {
        None => Err(Misuse::new(format_args!("--environment is missing: one of {}", names()))),
        Some(name) => {
            environments().into_iter().find(|(known, _)| *known == name).ok_or_else(|| {
                Misuse::new(format_args!("`{name}` is not an environment: {}", names()))
            })
        }
    }
}

/// Asks on the terminal, when there is one. An empty answer is none.
fn ask(question: &Question) -> Option<String> {
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return None;
    }
    let default = question.default.map(|default| format!(" [{default}]")).unwrap_or_default();
    // A prompt that cannot be shown is no reason to fail.
    let _ = write!(io::stderr(), "{}{default}: ", question.text);
    let mut line = String::new();
    stdin.lock().read_line(&mut line).ok()?;
    Some(line.trim().to_owned()).filter(|answer| !answer.is_empty())
}

fn write(arguments: &Arguments, text: &str) -> Result<(), Misuse> {
    let Some(path) = &arguments.output else {
        say(text.trim_end());
        return Ok(());
    };
    let failed = |error: io::Error| Misuse::new(format_args!("{}: {error}", path.display()));
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}
