//! Texts that are put together so that their parts can be told apart again.

use alloc::format;
use alloc::string::{String, ToString};

use super::syntax::{Form, Node, Path};
use super::{Expression, Facts, evaluate};
use crate::json::Value;

/// An `Append` of a text, fields, and a text between each two of them. When [`Joined::check`] has passed, different fields
/// give different texts: each but the last ends at the first character of what stands behind it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Joined<'e> {
    prefix: &'e str,
    parts: &'e [Node],
}

impl Expression {
    /// The expression as such a text, if it is one.
    pub(crate) fn joined(&self) -> Option<Joined<'_>> {
        let Form::Append(parts) = &self.root.form else { return None };
        let (first, rest) = parts.split_first()?;
        let prefix = literal(first)?;
        let mut after_field = false;
        let mut has_field = false;
        for part in rest {
            let is_field = field(part).is_some();
            if !is_field && literal(part).is_none() || is_field && after_field {
                return None;
            }
            after_field = is_field;
            has_field |= is_field;
        }
        has_field.then_some(Joined { prefix, parts: rest })
    }

    /// The text that every value begins with, and whether it is the whole value.
    pub(crate) fn beginning(&self) -> (&str, bool) {
        match &self.root.form {
            Form::Literal(Value::String(text)) => (text, true),
            Form::Append(parts) => (parts.first().and_then(literal).unwrap_or_default(), false),
            _ => ("", false),
        }
    }
}

impl<'e> Joined<'e> {
    /// The text before the first field; it is not empty.
    pub(crate) const fn prefix(&self) -> &'e str {
        self.prefix
    }

    /// The fields, in their order.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &'e Path> {
        self.parts.iter().filter_map(field)
    }

    /// Whether the parts can be told apart for `facts`, where a field has one kind alone: `is_integer` says which. A text of
    /// digits and an integer would be one individual.
    ///
    /// # Errors
    /// The field that is empty, that is of another kind, or in which the text behind it could begin.
    pub(crate) fn check(
        &self,
        facts: &Facts,
        is_integer: &dyn Fn(&Path) -> bool,
    ) -> Result<(), String> {
        let mut left = self.parts.iter().filter(|part| field(part).is_some()).count();
        let behind = self.parts.iter().skip(1).map(Some).chain([None]);
        for (part, behind) in self.parts.iter().zip(behind) {
            let Some(path) = field(part) else { continue };
            left = left.saturating_sub(1);
            let value = evaluate::value(part, facts).map_err(|error| format!("{error}"))?;
            let text = match (&value, is_integer(path)) {
                (Value::String(text), false) if text.is_empty() => {
                    return Err(format!("{path} is empty"));
                }
                (Value::String(text), false) => text.clone(),
                (Value::Integer(number), true) => number.to_string(),
                (Value::Integer(_), false) => {
                    return Err(format!(
                        "{path} is of kind integer, and no condition compares it with integers: it may also be a text"
                    ));
                }
                (other, _) => return Err(format!("{path} is of kind {}", other.kind())),
            };
            let separator = behind.and_then(literal).and_then(|text| text.chars().next());
            if let Some(separator) = separator.filter(|_| left > 0)
                && text.contains(separator)
            {
                return Err(format!(
                    "{path} has a `{separator}` in it, with which the next part begins"
                ));
            }
        }
        Ok(())
    }
}

/// A text that is not empty.
fn literal(node: &Node) -> Option<&str> {
    match &node.form {
        Form::Literal(Value::String(text)) if !text.is_empty() => Some(text),
        _ => None,
    }
}

/// A field, as it is or percent-encoded: either way different values stay different.
fn field(node: &Node) -> Option<&Path> {
    match &node.form {
        Form::Path(path) => Some(path),
        Form::PercentEncode(inner) => match &inner.form {
            Form::Path(path) => Some(path),
            _ => None,
        },
        _ => None,
    }
}

/// The fields, as they are spelled.
#[cfg(test)]
fn names(joined: &Joined<'_>) -> alloc::vec::Vec<String> {
    joined.fields().map(|path| format!("{path}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use proptest::prelude::*;

    fn facts(text: &str) -> Facts {
        Facts::new(json::parse_object(text.as_bytes()).unwrap())
    }

    #[test]
    fn what_is_joined_begins_with_a_text_and_has_one_between_fields() {
        let check = |text: &str, expect: Option<(&str, &[&str])>| {
            let expression = Expression::parse(text).unwrap();
            let joined = expression.joined();
            let found = joined.map(|joined| (joined.prefix().to_string(), names(&joined)));
            let expect = expect.map(|(prefix, fields)| {
                (prefix.to_string(), fields.iter().map(ToString::to_string).collect())
            });
            assert_eq!(found, expect, "{text}");
        };
        check("Append('urn:', a.b)", Some(("urn:", &["a.b"])));
        check(
            "Append('urn:', a.b, ':', percentEncode(a.c), '/x')",
            Some(("urn:", &["a.b", "a.c"])),
        );
        check("Append('urn:', 'x', a.b)", Some(("urn:", &["a.b"])));
        for text in [
            "a.b",
            "'urn:'",
            "Append(a.b)",
            "Append('', a.b)",
            "Append('urn:')",
            "Append('urn:', a.b, a.c)",
            "Append('urn:', a.b, '', a.c)",
            "Append('urn:', Append(a.b, a.c))",
            "Append('urn:', percentEncode(Append(a.b, a.c)))",
            "Append('urn:', a.b, 7, a.c)",
            "percentEncode(Append('urn:', a.b))",
            "{'x': 'y'}[a.b]",
        ] {
            check(text, None);
        }
    }

    #[test]
    fn values_that_could_be_mistaken_are_refused() {
        let text = "Append('urn:', a.b, ':', a.c)";
        let of = |text: &str, integers: &[&str], given: &str, expect: Result<(), &str>| {
            let expression = Expression::parse(text).unwrap();
            let is_integer = |path: &Path| integers.contains(&path.to_string().as_str());
            let found = expression.joined().unwrap().check(&facts(given), &is_integer);
            assert_eq!(found, expect.map_err(ToString::to_string), "{given}");
        };
        let check = |given: &str, expect: Result<(), &str>| of(text, &[], given, expect);
        check(r#"{"a":{"b":"x","c":"y:z"}}"#, Ok(()));
        check(r#"{"a":{"b":"7","c":"8"}}"#, Ok(()));
        let may =
            "is of kind integer, and no condition compares it with integers: it may also be a text";
        check(r#"{"a":{"b":7,"c":"8"}}"#, Err(&format!("a.b {may}")));
        check(r#"{"a":{"b":"7","c":8}}"#, Err(&format!("a.c {may}")));
        let both = ["a.b", "a.c"];
        of(text, &both, r#"{"a":{"b":7,"c":-8}}"#, Ok(()));
        of(text, &both, r#"{"a":{"b":7,"c":"8"}}"#, Err("a.c is of kind string"));
        of(text, &both[..1], r#"{"a":{"b":7,"c":"8"}}"#, Ok(()));
        // The digits of an integer are looked at as those of a text.
        let one = "Append('u', a.b, '1', a.c)";
        of(one, &both, r#"{"a":{"b":2,"c":11}}"#, Ok(()));
        let has = "a.b has a `1` in it, with which the next part begins";
        of(one, &both, r#"{"a":{"b":11,"c":1}}"#, Err(has));
        of(one, &both, r#"{"a":{"b":1,"c":11}}"#, Err(has));
        let has = "a.b has a `:` in it, with which the next part begins";
        check(r#"{"a":{"b":"x:y","c":"z"}}"#, Err(has));
        check(r#"{"a":{"b":"","c":"z"}}"#, Err("a.b is empty"));
        check(r#"{"a":{"b":"x","c":""}}"#, Err("a.c is empty"));
        check(r#"{"a":{"b":true,"c":"z"}}"#, Err("a.b is of kind boolean"));
        check(r#"{"a":{"b":["x"],"c":"z"}}"#, Err("a.b is of kind array"));
        check(r#"{"a":{"b":"x"}}"#, Err("a.c is missing"));
    }

    proptest! {
        /// No two individuals give one subject.
        #[test]
        fn different_fields_give_different_texts(
            one in ("[ab:%é-]{1,4}", "[ab:%é-]{1,4}", "[ab:%é-]{1,4}"),
            other in ("[ab:%é-]{1,4}", "[ab:%é-]{1,4}", "[ab:%é-]{1,4}"),
        ) {
            let text = "Append('u:', a.b, ':-', percentEncode(a.c), '-', a.d, ':')";
            let expression = Expression::parse(text).unwrap();
            let given = |(b, c, d): &(String, String, String)| {
                facts(&format!(r#"{{"a":{{"b":"{b}","c":"{c}","d":"{d}"}}}}"#))
            };
            let (first, second) = (given(&one), given(&other));
            let joined = expression.joined().unwrap();
            let check = |facts: &Facts| joined.check(facts, &|_| false);
            if one != other && check(&first).is_ok() && check(&second).is_ok() {
                prop_assert_ne!(expression.evaluate(&first), expression.evaluate(&second));
            }
        }
    }
}
