//! `credmint init`: a starting configuration for an environment, by flags or by questions.

mod add;
mod answers;
mod checked;
mod draft;
mod flags;
mod standard;

use super::answer::{complain, misused, say};
use answers::Answers;
use clap::Args;
use credmint_core::policy::Preset;
use credmint_core::policy::guide::{Init, Question};
use credmint_verify::Misuse;
use flags::Flags;
use standard::Standard;
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
    /// Add one more client, as for a second repository, to this configuration; without --output it is written anew
    #[arg(long, value_name = "FILE", conflicts_with = "issuer")]
    add: Option<PathBuf>,
    /// For any client of plain OAuth: proofs say whose they are, and the service that takes the tokens has a URI
    #[arg(long)]
    standard: bool,
    /// With --standard: that URI (RFC 8707); the audience by default, with https:// before it where it is no URI
    #[arg(long, value_name = "URI", requires = "standard")]
    resource: Option<String>,
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
    match configuration(arguments, &ask).and_then(|text| write(arguments, &text)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(misuse) => misused(misuse),
    }
}

/// Asks a question of whoever sits at the terminal. An empty answer is none.
type Ask<'a> = &'a dyn Fn(&Question) -> Option<String>;

fn configuration(arguments: &Arguments, ask: Ask<'_>) -> Result<String, Misuse> {
    let (name, init) = environment(arguments, ask)?;
    let existing = match &arguments.add {
        Some(path) => Some((path, add::open(path)?)),
        None => None,
    };
    let mut answers = Answers::default();
    let mut missing = Vec::new();
    for question in COMMON.iter().chain(init.questions) {
        // What the file says already is not asked.
        let known = existing.as_ref().and_then(|(_, compiled)| match question.flag {
            "issuer" => Some(compiled.policy.issuer().to_owned()),
            "client" => Some(add::free_client(&compiled.policy)),
            _ => None,
        });
        let given = arguments.answers.get(question.flag).map(str::to_owned);
        if let Some(answer) = given.or(known) {
            answers.add(question, answer)?;
        } else if !asked(question, &mut answers, ask) {
            match question.default {
                Some(default) => answers.add(question, default.to_owned())?,
                None => missing.push(format!("--{}", question.flag)),
            }
        }
    }
    if !missing.is_empty() {
        return Err(Misuse::new(format_args!("{name} needs {}", missing.join(", "))));
    }
    for value in init.values {
        answers.work_out(value)?;
    }
    let standard = match arguments.standard {
        true => Some(Standard::of(arguments.resource.as_deref(), &mut answers)?),
        false => None,
    };
    if let Some((path, compiled)) = existing {
        return add::extended(path, &compiled, init, &answers, standard.as_ref());
    }
    let text = draft::configuration(name, init, &answers, standard.as_ref());
    checked::check(&text, &answers)?;
    Ok(text)
}

/// Asks until there is an answer that fits, or none at all. One that does not fit is no reason to begin anew.
fn asked(question: &Question, answers: &mut Answers, ask: Ask<'_>) -> bool {
    while let Some(answer) = ask(question) {
        match answers.add(question, answer) {
            Ok(()) => return true,
            Err(misuse) => complain(misuse),
        }
    }
    false
}

fn environment(
    arguments: &Arguments,
    ask: Ask<'_>,
) -> Result<(&'static str, &'static Init), Misuse> {
    let find = |name: &str| {
        environments()
            .into_iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| Misuse::new(format_args!("`{name}` is not an environment: {}", names())))
    };
    if let Some(name) = &arguments.environment {
        return find(name);
    }
    complain(format_args!("Environments: {}", names()));
    let question = Question::required("environment", "Where do the workloads run");
    while let Some(name) = ask(&question) {
        match find(&name) {
            Ok(found) => return Ok(found),
            Err(misuse) => complain(misuse),
        }
    }
    Err(Misuse::new(format_args!("--environment is missing: one of {}", names())))
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
    let path = match (&arguments.output, &arguments.add) {
        (Some(path), _) | (None, Some(path)) => path,
        (None, None) => {
            say(text.trim_end());
            return Ok(());
        }
    };
    let failed = |error: io::Error| Misuse::new(format_args!("{}: {error}", path.display()));
    if arguments.output.is_none() {
        return add::replace(path, text).map_err(failed);
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    #[test]
    fn an_answer_that_does_not_fit_is_asked_for_again() {
        let check = |given: &[&str], expect: Option<&str>, left: usize| {
            let given = RefCell::new(given.iter().rev().collect::<Vec<_>>());
            let ask = |_: &Question| given.borrow_mut().pop().map(|answer| (*answer).to_owned());
            let mut answers = Answers::default();
            let question = Question::number("repository-id", "The id");
            assert_eq!(asked(&question, &mut answers, &ask), expect.is_some());
            assert_eq!(answers.get("repository-id"), expect.unwrap_or_default());
            assert_eq!(given.borrow().len(), left);
        };
        check(&["77"], Some("77"), 0);
        check(&["example/shop", "7'7", "77", "78"], Some("77"), 1);
        check(&["example/shop"], None, 0);
        check(&[], None, 0);
    }
}
