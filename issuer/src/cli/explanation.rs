//! Explanations, for people.

use super::style::Style;
use credmint_core::exchange::{Explanation, Note, Outcome};
use credmint_core::expr::Clause;
use credmint_core::refusal::is_harmful;
use std::fmt;

/// The steps of an explanation in lines, each line with an indent of two.
pub(super) struct Steps<'a>(pub(super) &'a Explanation);

impl fmt::Display for Steps<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let notes = self.0.notes();
        let width = notes.iter().map(|note| note.step.as_str().len()).max().unwrap_or(0);
        let mut failed = false;
        for note in notes {
            write_step(f, note, width, failed)?;
            failed |= matches!(note.outcome, Outcome::Failed(_));
        }
        Ok(())
    }
}

fn write_step(
    f: &mut fmt::Formatter<'_>,
    note: &Note,
    width: usize,
    failed_before: bool,
) -> fmt::Result {
    let step = note.step.as_str();
    match &note.outcome {
        Outcome::Passed => {
            let found = note.found.as_deref().unwrap_or_default();
            let line = format!("    {step:<width$}  {}", OneLine(found));
            writeln!(f, "  {}{}", Style::Good.on("ok"), line.trim_end())?;
        }
        Outcome::Failed(refusal) => {
            let code = refusal.code();
            let also = if failed_before { " (would fail as well)" } else { "" };
            let failed = Style::Bad.on("FAIL");
            writeln!(f, "  {failed}  {step:<width$}  {}{also}", Style::Strong.on(code.as_str()))?;
            writeln!(f, "        {}", code.sentence())?;
            // The parts of a condition say more than its text and its values in one line.
            let seen = note.clause.is_none();
            for (name, text) in [
                ("detail", refusal.detail_text()),
                ("expected", refusal.expected_text().filter(|_| seen)),
                ("found", refusal.found_text().filter(|_| seen)),
            ] {
                if let Some(text) = text {
                    writeln!(f, "        {name:<9} {text}")?;
                }
            }
        }
    }
    if let Some(clause) = &note.clause {
        write_clause(f, clause, 8)?;
    }
    if let Some(hint) = &note.hint {
        writeln!(f, "        {}      {}", Style::Hint.on("hint"), OneLine(hint))?;
    }
    if let Outcome::Failed(refusal) = &note.outcome {
        writeln!(f, "        {}       {}", Style::Hint.on("fix"), refusal.code().advice())?;
    }
    Ok(())
}

/// The depth of the recursion is that of the expression, which its parser bounds.
fn write_clause(f: &mut fmt::Formatter<'_>, clause: &Clause, indent: usize) -> fmt::Result {
    let word = match clause.holds {
        Ok(true) => Style::Good.on("ok  "),
        Ok(false) => Style::Bad.on("FAIL"),
        Err(_) => Style::Bad.on("ERR "),
    };
    if clause.parts.is_empty() {
        writeln!(f, "{:indent$}{word}  {}", "", OneLine(&clause.text))?;
    } else {
        let all = if clause.operator == "&&" { "all of" } else { "one of" };
        writeln!(f, "{:indent$}{word}  {all}", "")?;
        for part in &clause.parts {
            write_clause(f, part, indent + 6)?;
        }
        return Ok(());
    }
    if clause.holds == Ok(true) {
        return Ok(());
    }
    let inner = indent + 6;
    for (path, value) in &clause.values {
        writeln!(f, "{:inner$}found  {path} = {}", "", OneLine(value))?;
    }
    if let Err(error) = &clause.holds {
        writeln!(f, "{:inner$}error  {}", "", OneLine(&error.to_string()))?;
    }
    if let Some(hint) = &clause.hint {
        writeln!(f, "{:inner$}{}   {}", "", Style::Hint.on("hint"), OneLine(hint))?;
    }
    Ok(())
}

/// Text from outside, which must not control the terminal that it is shown on.
pub(super) struct OneLine<'a>(pub(super) &'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '\n' | '\t' => f.write_str(" ")?,
                harmful if is_harmful(harmful) => write!(f, "{}", harmful.escape_default())?,
                plain => write!(f, "{plain}")?,
            }
        }
        Ok(())
    }
}
