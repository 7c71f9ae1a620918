//! A look at a draft before it is written: what would not load is told with its place and the flag behind it.

use super::answers::Answers;
use super::draft::ROOT;
use crate::cli::answer::OneLine;
use crate::config::{self, ConfigError};
use credmint_verify::Misuse;
use std::fmt::Write as _;
use std::path::Path;

/// A self-signed certificate whose key was thrown away. It is a placeholder for the root that the author adds later.
const STAND_IN: &str = include_str!("stand_in.pem");

/// Checks that a draft loads and that its tests pass.
pub(super) fn check(text: &str, answers: &Answers) -> Result<(), Misuse> {
    // On one line, so that places stay as they are.
    let root = format!("{{ pem: {} }}", serde_json::Value::from(STAND_IN));
    let whole = text.replacen(ROOT, &root, 1);
    let errors = match config::compile_text(Path::new("draft"), &whole) {
        Err(errors) => causes(errors),
        Ok(compiled) => config::failed_tests(&compiled.policy, &compiled.sources),
    };
    if errors.is_empty() {
        return Ok(());
    }
    let mut told = String::from("the draft would not load, and nothing is written");
    for error in &errors {
        // Writing into a string cannot fail.
        let _ = write!(told, "\n{error}");
        if let Some(line) = line_of(text, error) {
            let _ = write!(told, "\n    {}", OneLine(line.trim()));
            for flag in answers.standing_in(from_column(line, error)) {
                let _ = write!(told, "  (--{flag})");
            }
        }
    }
    Err(Misuse::new(told))
}

/// Without what is wrong with the tests of the draft when something else is: it follows from that.
fn causes(errors: Vec<ConfigError>) -> Vec<ConfigError> {
    let is_cause = |error: &ConfigError| !error.pointer.starts_with("/tests/");
    let has_cause = errors.iter().any(is_cause);
    errors.into_iter().filter(|error| !has_cause || is_cause(error)).collect()
}

fn line_of<'t>(text: &'t str, error: &ConfigError) -> Option<&'t str> {
    let index = usize::try_from(error.line).ok()?.checked_sub(1)?;
    text.lines().nth(index)
}

/// The part of a line that begins where the error is.
fn from_column<'t>(line: &'t str, error: &ConfigError) -> &'t str {
    let before = usize::try_from(error.column).unwrap_or(usize::MAX).saturating_sub(1);
    line.char_indices().nth(before).and_then(|(at, _)| line.get(at..)).unwrap_or(line)
}

impl Answers {
    /// The flags whose answers a text begins with, or else has somewhere between quotes.
    fn standing_in(&self, text: &str) -> Vec<&'static str> {
        let flags = |stands: &dyn Fn(&str) -> bool| {
            let standing = self.given().iter().filter(|(_, answer)| stands(answer));
            standing.map(|(flag, _)| *flag).collect::<Vec<_>>()
        };
        let number = text.split([',', ' ', '}']).next();
        let first =
            flags(&|answer| number == Some(answer) || text.starts_with(&format!("'{answer}'")));
        if !first.is_empty() {
            return first;
        }
        flags(&|answer| {
            text.contains(&format!("'{answer}'")) || text.contains(&format!("\"{answer}\""))
        })
    }
}
