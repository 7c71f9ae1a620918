//! Answers of the verify commands, for machines and for people.

use super::Format;
use super::x509::DrawnPath;
use credmint_core::Refusal;
use credmint_core::refusal::is_harmful;
use credmint_judge::{Judgement, Misuse, Proven, to_json};
use serde_json::Value;
use std::fmt;
use std::io::Write;
use std::process::ExitCode;

/// Wrong use, told on standard error.
pub(super) fn misused(message: impl fmt::Display) -> ExitCode {
    complain(format_args!("credmint: {message}"));
    ExitCode::from(2)
}

/// A line on standard output. Whoever stopped reading does not want it, so that it cannot be written is no error.
pub(super) fn say(line: impl fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A line on standard error.
pub(super) fn complain(line: impl fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// The exit status of a judgement.
pub(super) fn status_of(judgement: &Judgement) -> ExitCode {
    if judgement.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// Prints the one answer of a single verification.
pub(super) fn print_single(judgement: Result<Judgement, Misuse>, format: Format) -> ExitCode {
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
        write!(f, "accepted")?;
        let width = self.0.keys().map(String::len).max().unwrap_or(0);
        for (name, value) in self.0 {
            match value {
                Value::String(text) => write!(f, "\n  {name:<width$} {}", OneLine(text))?,
                other => write!(f, "\n  {name:<width$} {}", OneLine(&other.to_string()))?,
            }
        }
        Ok(())
    }
}

/// Text of somebody else's making, which must not steer the terminal that it is shown on.
pub(super) struct OneLine<'a>(pub(super) &'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            if is_harmful(character) {
                write!(f, "{}", character.escape_default())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        Ok(())
    }
}

/// A refusal in lines for the operator. The core has made its texts fit for a terminal.
pub(super) struct Explained<'a>(pub(super) &'a Refusal);

impl fmt::Display for Explained<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refusal = self.0;
        let code = refusal.code();
        write!(f, "refused at {}: {}", code.step().as_str(), code.as_str())?;
        write!(f, "\n  {}", code.sentence())?;
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
                write!(f, "\n  {name:<9} {text}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use credmint_core::Code;
    use serde_json::Map;

    #[test]
    fn a_refusal_is_explained() {
        let refusal = Refusal::new(Code::AudienceWrong).expected("https://a").found("https://b\n");
        assert_eq!(
            Explained(&refusal).to_string(),
            "refused at audience: audience_wrong
  The token is meant for another audience.
  expected  https://a
  found     https://b\\n
  rule      RFC 7519 section 4.1.3
  at fault  credential
  mend      Ask its issuer for a token with the expected audience."
        );
    }

    #[test]
    fn what_was_proven_cannot_steer_the_terminal() {
        let proven = Map::from_iter([
            ("content".to_owned(), Value::from("a\n\u{1b}[2Jb\u{202e}")),
            ("n".to_owned(), Value::from(1)),
        ]);
        let text = Accepted(&proven).to_string();
        assert_eq!(text, "accepted\n  content a\\n\\u{1b}[2Jb\\u{202e}\n  n       1");
    }
}
