//! Colours, on a terminal alone. What is decided once for the whole run is whether there are any: <https://no-color.org>,
//! `CLICOLOR` and `TERM` are heeded.

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Color};
use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};

/// Columns after which a value is told in several lines.
pub(super) const WIDTH: usize = 100;

static COLOURS: AtomicBool = AtomicBool::new(false);

/// Looks whether standard output is a terminal that takes colours. Before that, and in tests, there are none.
pub(super) fn decide() {
    let choice = AutoStream::choice(&io::stdout());
    COLOURS.store(choice != ColorChoice::Never, Ordering::Relaxed);
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
