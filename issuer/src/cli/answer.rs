//! What the commands say, and how they say it on a terminal.

use super::style::Style;
use credmint_core::refusal::is_harmful;
use credmint_core::{Refusal, secrets};
use credmint_verify::Verification;
use std::borrow::Cow;
use std::fmt;
use std::io::Write;
use std::process::ExitCode;

/// Wrong use, told on standard error.
pub(super) fn misused(message: impl fmt::Display) -> ExitCode {
    complain(format_args!("credmint: {message}"));
    ExitCode::from(2)
}

/// Arguments that are not understood, or a question for help. What is repeated of the arguments may be a token that
/// stands where none belongs.
pub(super) fn misread(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    match secrets::hide(&text) {
        Cow::Owned(hidden) => complain(hidden.trim_end()),
        // That nobody reads it is no error.
        Cow::Borrowed(_) => drop(error.print()),
    }
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

/// A line on standard output. Whoever stopped reading does not want it, so that it cannot be written is no error.
pub(super) fn say(line: impl fmt::Display) {
    let _ = writeln!(std::io::stdout(), "{line}");
}

/// A line on standard error. Part of it may be an argument, and that a token which stands where none belongs.
pub(super) fn complain(line: impl fmt::Display) {
    let _ = writeln!(std::io::stderr(), "{}", secrets::hide(&line.to_string()));
}

/// The exit status of a judgement.
pub(super) fn status_of(judgement: &Verification) -> ExitCode {
    if judgement.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

/// Text from outside, which must not control the terminal that it is shown on.
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
        let verdict = Style::Bad.on(format!("refused at {}", code.step().as_str()));
        write!(f, "{verdict}: {}", Style::Strong.on(code.as_str()))?;
        write!(f, "\n  {}", code.sentence())?;
        let seen = [
            ("detail", refusal.detail_text()),
            ("expected", refusal.expected_text()),
            ("found", refusal.found_text()),
            ("rule", Some(code.rule())),
            ("at fault", Some(code.fault().as_str())),
            ("fix", Some(code.advice())),
        ];
        for (name, text) in seen {
            match text {
                Some(text) if name == "fix" => {
                    write!(f, "\n  {name:<9} {}", Style::Hint.on(text))?;
                }
                Some(text) => write!(f, "\n  {name:<9} {text}")?,
                None => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use credmint_core::Code;

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
  fix       Ask its issuer for a token with the expected audience."
        );
    }
}
