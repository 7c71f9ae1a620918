//! A table in a box.

use std::fmt::Write as _;

use super::style::Style;

/// A cell, and whether it is as it should be.
pub(super) struct Cell {
    text: String,
    good: bool,
}

impl Cell {
    /// What is neither good nor bad.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), good: true }
    }

    /// What must be `good`; a mark shows what is not, in colour or without.
    pub(super) fn judged(text: impl Into<String>, good: bool) -> Self {
        let mark = if good { "" } else { " ✗" };
        Self { text: format!("{}{mark}", text.into()), good }
    }

    fn width(&self) -> usize {
        self.text.chars().count()
    }
}

/// The table as text, each column as wide as its widest cell.
pub(super) fn draw<const N: usize>(style: Style, head: [&str; N], rows: &[[Cell; N]]) -> String {
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = rows.iter().map(|row| row[column].width());
        cells.chain([head[column].chars().count()]).max().unwrap_or(0)
    });
    let rule = |left: char, middle: char, right: char| {
        let bars: Vec<String> = widths.iter().map(|width| "─".repeat(width + 2)).collect();
        format!("{left}{}{right}\n", bars.join(&middle.to_string()))
    };
    let mut out = rule('┌', '┬', '┐');
    for (text, width) in head.iter().zip(widths) {
        let _ = write!(out, "│ {} ", style.strong(&format!("{text:width$}")));
    }
    out.push_str("│\n");
    out.push_str(&rule('├', '┼', '┤'));
    for row in rows {
        for (cell, width) in row.iter().zip(widths) {
            let text = format!("{:width$}", cell.text);
            let text = if cell.good { text } else { style.bad(&text) };
            let _ = write!(out, "│ {text} ");
        }
        out.push_str("│\n");
    }
    out.push_str(&rule('└', '┴', '┘'));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table() {
        let rows = [
            [Cell::plain("ä"), Cell::judged("200", true)],
            [Cell::plain("long"), Cell::judged("503", false)],
        ];
        let expect = "\
┌──────┬───────┐
│ a    │ b     │
├──────┼───────┤
│ ä    │ 200   │
│ long │ 503 ✗ │
└──────┴───────┘
";
        assert_eq!(draw(Style::PLAIN, ["a", "b"], &rows), expect);
    }
}
