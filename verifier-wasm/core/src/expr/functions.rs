//! The functions: what arguments each takes, and what it does with values.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::fmt::Write as _;

use super::syntax::{Form, Node, Segment, TextTest};
use crate::json::Value;
use crate::limits;

/// A function that an expression may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Append,
    Glob,
    Has,
    IsNullOrEmpty,
    PercentEncode,
    Size,
}

impl Function {
    /// The names, for a message.
    pub(super) const NAMES: &str =
        "`Append`, `IsNullOrEmpty`, `has`, `glob`, `percentEncode` and `size`";

    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "Append" => Some(Self::Append),
            "glob" => Some(Self::Glob),
            "has" => Some(Self::Has),
            "IsNullOrEmpty" => Some(Self::IsNullOrEmpty),
            "percentEncode" => Some(Self::PercentEncode),
            "size" => Some(Self::Size),
            _ => None,
        }
    }

    /// The call with these arguments, or what is wrong with them.
    pub(super) fn apply(self, arguments: Vec<Node>) -> Result<Form, String> {
        match self {
            Self::Append if arguments.is_empty() => Err("`Append` takes what it appends".into()),
            Self::Append => Ok(Form::Append(arguments)),
            Self::IsNullOrEmpty => {
                let [value] = exactly(arguments, "`IsNullOrEmpty` takes one argument")?;
                Ok(Form::IsNullOrEmpty(Box::new(value)))
            }
            Self::PercentEncode => {
                let [text] = exactly(arguments, "`percentEncode` takes one text")?;
                Ok(Form::PercentEncode(Box::new(text)))
            }
            Self::Size => {
                let [value] = exactly(arguments, "`size` takes one argument")?;
                Ok(Form::Size(Box::new(value)))
            }
            Self::Has => {
                let [value] = exactly(arguments, "`has` takes one path")?;
                match value.form {
                    Form::Path(path)
                        if matches!(path.segments().last(), Some(Segment::Member(_))) =>
                    {
                        Ok(Form::Has(path))
                    }
                    _ => {
                        Err("`has` takes a path that ends in a member, as `has(jwt.claims.sub)`"
                            .into())
                    }
                }
            }
            Self::Glob => {
                let [text, pattern] = exactly(arguments, "`glob` takes a text and a pattern")?;
                match pattern.form {
                    Form::Literal(Value::String(pattern)) => {
                        Ok(Form::Glob(Box::new(text), pattern))
                    }
                    _ => Err("the pattern of `glob` is a string literal".into()),
                }
            }
        }
    }
}

/// What is called behind a dot: `text.startsWith("a")`. The macros are no part of it, since their first
/// argument is a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Text(TextTest),
    Size,
}

impl Method {
    /// The names, the macros with them, for a message.
    pub(super) const NAMES: &str =
        "`startsWith`, `endsWith`, `contains`, `size`, `exists` and `all`";

    pub(super) fn from_name(name: &str) -> Option<Self> {
        match name {
            "startsWith" => Some(Self::Text(TextTest::StartsWith)),
            "endsWith" => Some(Self::Text(TextTest::EndsWith)),
            "contains" => Some(Self::Text(TextTest::Contains)),
            "size" => Some(Self::Size),
            _ => None,
        }
    }

    /// The call on `target` with these arguments, or what is wrong with them.
    pub(super) fn apply(self, target: Node, arguments: Vec<Node>) -> Result<Form, String> {
        match self {
            Self::Text(test) => {
                let otherwise = format!("`{}` takes one text", test.as_str());
                let [part] = exactly(arguments, &otherwise)?;
                Ok(Form::Text(test, Box::new(target), Box::new(part)))
            }
            Self::Size => {
                let [] = exactly(arguments, "`.size()` takes no argument")?;
                Ok(Form::Size(Box::new(target)))
            }
        }
    }
}

fn exactly<const N: usize>(arguments: Vec<Node>, otherwise: &str) -> Result<[Node; N], String> {
    let found = arguments.len();
    <[Node; N]>::try_from(arguments).map_err(|_| format!("{otherwise}, found {found}"))
}

/// What `IsNullOrEmpty` says of a value that is there.
pub(super) fn is_null_or_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::Bool(_) | Value::Integer(_) | Value::BigInteger(_) | Value::Decimal(_) => false,
    }
}

/// Why a value was not appended.
pub(super) enum NotAppended {
    Kind,
    TooLong,
}

/// Appends a string, an integer or a boolean to `text`. A decimal has no one spelling, null and
/// containers have none.
pub(super) fn append(text: &mut String, value: &Value) -> Result<(), NotAppended> {
    let written = match value {
        Value::String(part) => text.write_str(part),
        Value::Integer(part) => write!(text, "{part}"),
        Value::Bool(part) => write!(text, "{part}"),
        _ => return Err(NotAppended::Kind),
    };
    if written.is_err() || text.len() > limits::EXPRESSION_STRING_BYTES {
        return Err(NotAppended::TooLong);
    }
    Ok(())
}

/// Whether the whole of `text` matches `pattern`. The work is the product of the lengths, whatever
/// the pattern.
pub(super) fn glob(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    // reached[i]: the pattern read so far matches the first i characters.
    let mut reached = vec![false; text.len().saturating_add(1)];
    if let Some(start) = reached.first_mut() {
        *start = true;
    }
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let (wildcard, after) = match rest.strip_prefix("**") {
            Some(after) => (Some(Wildcard::Any), after),
            None if c == '*' => (Some(Wildcard::Segment), rest.strip_prefix(c).unwrap_or_default()),
            None => (None, rest.strip_prefix(c).unwrap_or_default()),
        };
        rest = after;
        // Walks the text once, carrying whether the position before could be reached.
        let mut carried = reached.first().copied().unwrap_or(false);
        if wildcard.is_none()
            && let Some(start) = reached.first_mut()
        {
            *start = false;
        }
        for (position, &next) in reached.iter_mut().skip(1).zip(&text) {
            let before = carried;
            match wildcard {
                None => {
                    carried = *position;
                    *position = before && next == c;
                }
                Some(wildcard) => {
                    *position = *position || (before && wildcard.matches(next));
                    carried = *position;
                }
            }
        }
    }
    reached.last().copied().unwrap_or(false)
}

#[derive(Clone, Copy)]
enum Wildcard {
    Segment,
    Any,
}

impl Wildcard {
    const fn matches(self, c: char) -> bool {
        match self {
            Self::Segment => c != '/' && c != ':',
            Self::Any => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn glob_is_anchored_and_a_star_keeps_to_its_segment() {
        let check = |text: &str, pattern: &str, expect: bool| {
            assert_eq!(glob(text, pattern), expect, "{text} against {pattern}");
        };
        check("", "", true);
        check("", "*", true);
        check("", "**", true);
        check("a", "", false);
        check("abc", "abc", true);
        check("abc", "ab", false);
        check("abc", "bc", false);
        check("refs/heads/main", "refs/heads/*", true);
        check("refs/heads/feature/x", "refs/heads/*", false);
        check("refs/heads/feature/x", "refs/heads/**", true);
        check("repo:org/repo-evil:x", "repo:org/repo:*", false);
        check("repo:org/repo:ref:refs/heads/main", "repo:org/repo:*", false);
        check("repo:org/repo:pull_request", "repo:org/repo:*", true);
        check("axbxc", "a*b*c", true);
        check("ababab", "*ab", true);
        check("a/b/ab", "**ab", true);
        check("a/b/ab", "*ab", false);
        check("a/x/b:y/c", "a/**/c", true);
        check("a?c", "a?c", true);
        check("abc", "a?c", false);
        check("***", "***", true);
        check("a/b", "***", true);
        check("ü", "*", true);
    }

    #[test]
    fn glob_does_not_blow_up() {
        let text = "a".repeat(2_000);
        let stars = "**a*".repeat(200);
        assert!(glob(&text, &stars));
        assert!(!glob(&text, &alloc::format!("{stars}b")));
    }
}
