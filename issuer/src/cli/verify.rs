//! The verify commands: one request from flags, or a batch of them from standard input.

use super::answer::{Explained, OneLine, misused, say, status_of};
use super::batch;
use super::drawn_path::DrawnPath;
use super::flags::Format;
use super::process::ThisProcess;
use super::request::Request;
use super::style::{self, Style};
use clap::{Args, Subcommand};
use credmint_verify::{Misuse, Proven, Verification, Verifier, to_json};
use serde_json::Value;
use std::fmt;
use std::process::ExitCode;

/// What can be done with an object that can be verified.
#[derive(Subcommand)]
pub(super) enum VerifyCommand<S: Args> {
    /// Verify one, or with --batch one JSON request a line from standard input
    Verify(VerifyArguments<S>),
}

#[derive(Args)]
pub(super) struct VerifyArguments<S: Args> {
    /// Read one JSON request a line from standard input and write one JSON answer a line, in order
    #[arg(long, conflicts_with_all = S::group_id())]
    batch: bool,
    /// Absent with --batch, and then alone.
    #[command(flatten)]
    single: Option<S>,
}

/// A single verification as the flags describe it.
pub(super) trait SingleRequest: Args {
    /// Who judges it.
    const COMMAND: credmint_verify::Command;

    /// The request that a line of a batch would be.
    fn into_request(self) -> Result<Request, Misuse>;
}

pub(super) fn verify<S: SingleRequest>(command: VerifyCommand<S>, format: Format) -> ExitCode {
    let VerifyCommand::Verify(arguments) = command;
    let judge = &mut Verifier::new(S::COMMAND, &ThisProcess);
    match arguments.single {
        None => batch::run(judge),
        Some(single) => {
            let line = single.into_request().and_then(Request::into_line);
            print_single(line.and_then(|line| judge.judge(&line)), format)
        }
    }
}

/// Prints the one answer of a single verification.
fn print_single(judgement: Result<Verification, Misuse>, format: Format) -> ExitCode {
    let status = match &judgement {
        Ok(judgement) => status_of(judgement),
        Err(misuse) if format == Format::Text => return misused(misuse),
        Err(_) => ExitCode::from(2),
    };
    match (format, judgement) {
        (Format::Text, Ok(Ok(mut proven))) => {
            let chain = proven.remove("chain");
            say(Accepted(&proven));
            let revocation_checked = proven.get("revocation").is_some_and(|own| own == "checked");
            chain.iter().for_each(|chain| say(DrawnPath::Valid { chain, revocation_checked }));
        }
        (Format::Text, Ok(Err(refused))) => {
            say(Explained(&refused.refusal));
            refused.beside.get("tried").iter().for_each(|tried| say(DrawnPath::Tried(tried)));
        }
        (_, judgement) => say(Value::Object(to_json(judgement))),
    }
    status
}

/// What was proven, in lines.
struct Accepted<'a>(&'a Proven);

impl fmt::Display for Accepted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Style::Good.on("accepted"))?;
        write_members(f, self.0, 2)
    }
}

/// Members a line each, and what does not fit into one in further lines. The recursion is as deep as the answer, which
/// is ours.
fn write_members(f: &mut fmt::Formatter<'_>, members: &Proven, indent: usize) -> fmt::Result {
    let width = members.keys().map(String::len).max().unwrap_or(0);
    for (name, value) in members {
        let name = OneLine(name).to_string();
        match Parts::of(value, indent + width + 1) {
            None => write!(f, "\n{:indent$}{name:<width$} {}", "", InLine(value))?,
            Some(parts) => {
                write!(f, "\n{:indent$}{name}", "")?;
                parts.write(f, indent + 2)?;
            }
        }
    }
    Ok(())
}

/// A value that does not fit into one line.
enum Parts<'a> {
    Members(&'a Proven),
    Elements(&'a [Value]),
}

impl<'a> Parts<'a> {
    /// The parts of a value whose text would begin at the column `used` and end beyond the last of [`style::width`].
    fn of(value: &'a Value, used: usize) -> Option<Self> {
        let is_long = || used + value.to_string().len() > style::width();
        match value {
            Value::Object(members) if !members.is_empty() && is_long() => {
                Some(Self::Members(members))
            }
            Value::Array(elements) if !elements.is_empty() && is_long() => {
                Some(Self::Elements(elements))
            }
            _ => None,
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, indent: usize) -> fmt::Result {
        match self {
            Self::Members(members) => write_members(f, members, indent),
            Self::Elements(elements) => elements.iter().try_for_each(|element| {
                write!(f, "\n{:indent$}-", "")?;
                match Parts::of(element, indent + 2) {
                    None => write!(f, " {}", InLine(element)),
                    Some(parts) => parts.write(f, indent + 2),
                }
            }),
        }
    }
}

/// A value in one line, a text as it is.
struct InLine<'a>(&'a Value);

impl fmt::Display for InLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Value::String(text) => write!(f, "{}", OneLine(text)),
            other => write!(f, "{}", OneLine(&other.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Map;

    #[test]
    fn what_was_proven_cannot_steer_the_terminal() {
        let proven = Map::from_iter([
            ("content".to_owned(), Value::from("a\n\u{1b}[2Jb\u{202e}")),
            ("n".to_owned(), Value::from(1)),
        ]);
        let text = Accepted(&proven).to_string();
        assert_eq!(text, "accepted\n  content a\\n\\u{1b}[2Jb\\u{202e}\n  n       1");
    }

    #[test]
    fn what_is_long_is_told_in_several_lines() {
        let long = "n".repeat(60);
        let certificate = serde_json::json!({
            "san": { "dns": [long, long], "uri": [] }, "subject": { "CN": "worker" },
        });
        let proven = Map::from_iter([("certificate".to_owned(), certificate)]);
        let expect = format!(
            "accepted\n  certificate\n    san\n      dns\n        - {long}\n        - {long}\n      uri []\n    \
             subject {{\"CN\":\"worker\"}}"
        );
        assert_eq!(Accepted(&proven).to_string(), expect);
    }
}
