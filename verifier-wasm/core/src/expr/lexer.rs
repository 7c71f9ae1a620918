//! Text to tokens.

use alloc::format;
use alloc::string::String;
use core::str::Chars;

use super::SyntaxError;
use crate::limits;

/// A token with its place.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// A name or a keyword.
    Name(String),
    /// A string without its quotes, escapes resolved.
    Text {
        value: String,
        quote: char,
    },
    Integer(i64),
    /// Punctuation or an operator.
    Symbol(&'static str),
    End,
}

/// Longer symbols come before their prefixes.
const SYMBOLS: [&str; 19] = [
    "&&", "||", "==", "!=", "<=", ">=", "!", "<", ">", "(", ")", "[", "]", "{", "}", ",", ":", ".",
    "-",
];

/// Words that CEL keeps for itself; they name neither a model nor a function.
const RESERVED: [&str; 21] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "namespace",
    "null",
    "package",
    "return",
    "true",
    "var",
    "void",
    "while",
];

/// The reserved words that CEL refuses even after a dot.
const KEYWORDS: [&str; 4] = ["false", "in", "null", "true"];

pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// Whether `name` may follow a dot without quotes.
pub(super) fn is_member_name(name: &str) -> bool {
    name.starts_with(begins_name) && name.chars().all(continues_name) && !KEYWORDS.contains(&name)
}

// Names are ASCII: two names that look alike are alike.
const fn begins_name(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

const fn continues_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Characters that a reader of the policy cannot see, or that reorder what he sees.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{200b}'..='\u{200f}')
        || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        // Fillers, which are letters without a shape; annotations; variations and tags.
        || matches!(c, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}')
        || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
}

pub(super) struct Lexer<'s> {
    source: &'s str,
    rest: Chars<'s>,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self { source, rest: source.chars() }
    }

    pub(super) fn source(&self) -> &'s str {
        self.source
    }

    /// The next token; [`Kind::End`] for ever once the text is read.
    pub(super) fn token(&mut self) -> Result<Token, SyntaxError> {
        self.take_while(|c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\u{c}'));
        let start = self.offset();
        let kind = match self.peek() {
            None => Kind::End,
            Some(c) if begins_name(c) => Kind::Name(self.take_while(continues_name).into()),
            Some(c) if c.is_ascii_digit() => self.integer("")?,
            Some(quote @ ('"' | '\'')) => self.text(quote)?,
            Some(_) => self.symbol()?,
        };
        Ok(Token { start, end: self.offset(), kind })
    }

    fn offset(&self) -> usize {
        self.source.len().saturating_sub(self.rest.as_str().len())
    }

    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'s str {
        let all = self.rest.as_str();
        let after = all.trim_start_matches(wanted);
        self.rest = after.chars();
        all.strip_suffix(after).unwrap_or_default()
    }

    fn error<T>(&self, start: usize, message: impl Into<String>) -> Result<T, SyntaxError> {
        Err(SyntaxError::new(start, message))
    }

    fn symbol(&mut self) -> Result<Kind, SyntaxError> {
        let start = self.offset();
        let rest = self.rest.as_str();
        for symbol in SYMBOLS {
            if let Some(after) = rest.strip_prefix(symbol) {
                self.rest = after.chars();
                let is_sign = symbol == "-" && self.peek().is_some_and(|c| c.is_ascii_digit());
                return match symbol {
                    "-" if is_sign => self.integer("-"),
                    "-" => self.error(start, "`-` stands only before the digits of an integer"),
                    _ => Ok(Kind::Symbol(symbol)),
                };
            }
        }
        match self.peek() {
            Some('=') => self.error(start, "`=` is not an operator; equality is `==`"),
            Some('&') => self.error(start, "`&` is not an operator; conjunction is `&&`"),
            Some('|') => self.error(start, "`|` is not an operator; disjunction is `||`"),
            Some(c) if is_hidden(c) => {
                self.error(start, format!("invisible character {}", c.escape_unicode()))
            }
            other => {
                let c = other.unwrap_or_default();
                self.error(start, format!("`{}` has no meaning here", c.escape_debug()))
            }
        }
    }

    /// Decimal digits without leading zeros, within the integers that JSON carries everywhere.
    fn integer(&mut self, sign: &str) -> Result<Kind, SyntaxError> {
        let start = self.offset().saturating_sub(sign.len());
        let digits = self.take_while(|c| c.is_ascii_digit());
        let is_cut_off = self.peek().is_none_or(|c| !continues_name(c) && c != '.');
        if !is_cut_off || (digits.starts_with('0') && (digits.len() > 1 || !sign.is_empty())) {
            return self.error(
                start,
                "numbers are integers in decimal digits, without leading zeros, suffix or fraction",
            );
        }
        match format!("{sign}{digits}").parse::<i64>() {
            Ok(value) if value.saturating_abs() <= limits::JSON_INTEGER_MAX => {
                Ok(Kind::Integer(value))
            }
            _ => self.error(start, format!("an integer lies within ±{}", limits::JSON_INTEGER_MAX)),
        }
    }

    fn text(&mut self, quote: char) -> Result<Kind, SyntaxError> {
        let start = self.offset();
        self.rest.next();
        let mut value = String::new();
        loop {
            let at = self.offset();
            match self.rest.next() {
                Some(c) if c == quote => return Ok(Kind::Text { value, quote }),
                Some('\\') => value.push(self.escape(at)?),
                Some(c) if is_hidden(c) => {
                    return self.error(
                        at,
                        format!("invisible character in a string; write {}", in_escapes(c)),
                    );
                }
                Some(c) => value.push(c),
                None => {
                    return self.error(start, format!("the string has no closing {quote}"));
                }
            }
        }
    }

    /// What follows a backslash that stands at `at`.
    fn escape(&mut self, at: usize) -> Result<char, SyntaxError> {
        match self.rest.next() {
            Some(c @ ('\\' | '"' | '\'')) => Ok(c),
            Some('n') => Ok('\n'),
            Some('t') => Ok('\t'),
            Some('r') => Ok('\r'),
            Some('u') => {
                let mut code = Some(0_u32);
                for _ in 0..4 {
                    let digit = self.rest.next().and_then(|c| c.to_digit(16));
                    code = code
                        .zip(digit)
                        .map(|(code, digit)| code.saturating_mul(16).saturating_add(digit));
                }
                match code.and_then(char::from_u32) {
                    Some(c) => Ok(c),
                    None => self.error(
                        at,
                        "`\\u` takes four hexadecimal digits of a character, not of a surrogate",
                    ),
                }
            }
            _ => {
                self.error(at, r#"a backslash in a string begins \\, \", \', \n, \t, \r or \uXXXX"#)
            }
        }
    }
}

/// How to write a character that a string cannot hold literally.
fn in_escapes(c: char) -> String {
    match c {
        '\n' | '\t' | '\r' => format!("{}", c.escape_default()),
        _ if c.len_utf16() == 1 => format!("\\u{:04x}", u32::from(c)),
        _ => "nothing in its place".into(),
    }
}
