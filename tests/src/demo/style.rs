//! What the terminal gets: colours where it is one, and lines that are not too long.

use std::env;
use std::io::{self, IsTerminal};

/// Columns that every line keeps to.
pub(super) const WIDTH: usize = 100;

/// Whether to use colours.
#[derive(Clone, Copy)]
pub(super) struct Style {
    colours: bool,
}

impl Style {
    /// Colours for a terminal, unless <https://no-color.org> speaks against it.
    pub(super) fn of_the_terminal() -> Self {
        let unwanted = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self { colours: io::stdout().is_terminal() && !unwanted }
    }

    #[cfg(test)]
    pub(super) const PLAIN: Self = Self { colours: false };

    pub(super) fn good(self, text: &str) -> String {
        self.with("32", text)
    }

    pub(super) fn bad(self, text: &str) -> String {
        self.with("1;31", text)
    }

    pub(super) fn strong(self, text: &str) -> String {
        self.with("1", text)
    }

    pub(super) fn faint(self, text: &str) -> String {
        self.with("2", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.colours { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// Prints a step that is done.
    pub(super) fn done(self, what: &str) {
        println!(" {} {what}", self.good("✓"));
    }
}

/// `text` in lines of at most `width` columns, broken at spaces where there are any.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let used = lines.last().map_or(0, |line| line.chars().count());
        let fits = used == 0 || used + 1 + word.chars().count() <= width;
        if !fits {
            lines.push(String::new());
        }
        let line = lines.last_mut().expect("a line");
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        // A word that is longer than a line is broken anywhere.
        while lines.last().is_some_and(|line| line.chars().count() > width) {
            let line = lines.pop().expect("a line");
            let split = line.char_indices().nth(width).map_or(line.len(), |(at, _)| at);
            let (head, rest) = line.split_at(split);
            lines.push(head.to_owned());
            lines.push(rest.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let check = |text: &str, expect: &[&str]| assert_eq!(wrap(text, 5), expect);
        check("", &[""]);
        check("abc", &["abc"]);
        check("ab cd", &["ab cd"]);
        check("ab cde", &["ab", "cde"]);
        check("abcdefg h", &["abcde", "fg h"]);
        check("äöü äöü", &["äöü", "äöü"]);
    }

    #[test]
    fn no_colours_outside_of_a_terminal() {
        assert_eq!(Style::PLAIN.good("x"), "x");
        assert_eq!(Style { colours: true }.good("x"), "\u{1b}[32mx\u{1b}[0m");
    }
}
