//! Colours, on a terminal alone. What is decided once for the whole run is whether there are any: <https://no-color.org>,
//! `CLICOLOR` and `TERM` are heeded.

use crate::limits::{COLUMNS, COLUMNS_LEAST};
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Color};
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use terminal_size::{Width, terminal_size_of};

static COLOURS: AtomicBool = AtomicBool::new(false);
static WIDTH: AtomicUsize = AtomicUsize::new(COLUMNS);

/// Looks whether standard output is a terminal that takes colours, and how wide it is. Before that, and in tests, there are
/// no colours.
pub(super) fn decide() {
    let choice = AutoStream::choice(&io::stdout());
    COLOURS.store(choice != ColorChoice::Never, Ordering::Relaxed);
    let variable = std::env::var("COLUMNS").ok();
    let terminal = terminal_size_of(io::stdout()).map(|(Width(columns), _)| columns);
    WIDTH.store(columns(variable.as_deref(), terminal), Ordering::Relaxed);
}

/// Columns after which a value is told in several lines.
pub(super) fn width() -> usize {
    WIDTH.load(Ordering::Relaxed)
}

/// What the variable `COLUMNS` says, else the width of the terminal.
fn columns(variable: Option<&str>, terminal: Option<u16>) -> usize {
    let said = variable.and_then(|text| text.parse().ok()).filter(|columns| *columns > 0);
    said.or(terminal.map(usize::from)).map_or(COLUMNS, |columns| columns.max(COLUMNS_LEAST))
}

/// What a part of a text is to its reader.
#[derive(Clone, Copy)]
pub(super) enum Style {
    /// It is as it should be.
    Good,
    /// It is what has to be corrected.
    Bad,
    /// It helps to correct it.
    Hint,
    /// It is a name or a place, to be found again.
    Strong,
}

impl Style {
    /// A text in this style.
    pub(super) const fn on<T>(self, text: T) -> Styled<T> {
        Styled(self, text)
    }

    const fn ansi(self) -> anstyle::Style {
        let plain = anstyle::Style::new();
        match self {
            Self::Good => plain.fg_color(Some(Color::Ansi(AnsiColor::Green))),
            Self::Bad => plain.fg_color(Some(Color::Ansi(AnsiColor::Red))).bold(),
            Self::Hint => plain.fg_color(Some(Color::Ansi(AnsiColor::Yellow))),
            Self::Strong => plain.bold(),
        }
    }
}

/// A text in a style. What is in it must not control the terminal by itself.
pub(super) struct Styled<T>(Style, T);

impl<T: fmt::Display> fmt::Display for Styled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !COLOURS.load(Ordering::Relaxed) {
            return self.1.fmt(f);
        }
        let style = self.0.ansi();
        write!(f, "{style}{}{style:#}", self.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_wide_as_the_terminal() {
        assert_eq!(columns(None, None), 100);
        assert_eq!(columns(None, Some(180)), 180);
        assert_eq!(columns(Some("72"), Some(180)), 72);
        assert_eq!(columns(Some("72"), None), 72);
        for nothing in ["", "0", "-1", "wide"] {
            assert_eq!(columns(Some(nothing), Some(120)), 120, "{nothing}");
            assert_eq!(columns(Some(nothing), None), 100, "{nothing}");
        }
        assert_eq!(columns(None, Some(1)), 40);
    }
}
