//! `match:`, conditions without an expression: members with a value each, which compile to the language.

use super::preset::{Composed, Field, Path, Test};
use super::presets::Preset;
use crate::document::{Node, Problems};
use crate::expr::{Expression, ValueForm};
use crate::json::Value;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

/// The members of `match:` for a preset.
#[must_use]
pub const fn fields(preset: Preset) -> &'static [Field] {
    preset.match_fields()
}

/// The condition that `match:` stands for, as text.
pub(super) fn compile(node: &Node<'_>, preset: Preset, problems: &mut Problems) -> Option<String> {
    let composed = preset.definition().composed.as_ref();
    let mut members = node.members(problems)?;
    let mut clauses = Vec::new();
    let mut parts = Vec::new();
    let mut good = true;
    for field in fields(preset) {
        let Some(value) = members.optional(field.name) else { continue };
        let form = preset.form_of(field.path);
        let Some(values) = read_values(&value, (field.test, form), composed, problems) else {
            good = false;
            continue;
        };
        match field.test {
            Test::Text | Test::Integer => clauses.push(is_one_of(field.path, &values)),
            Test::Prefix => clauses.push(begins_with_one_of(field.path, &values)),
            Test::Part => parts.push((field.name, values)),
        }
    }
    members.close(problems);
    if let Some(whole) = composed {
        let form = preset.form_of(whole.path);
        clauses.extend(compose(whole, form, &parts, node, problems));
    }
    if node.value.as_object().is_some_and(crate::json::Object::is_empty) {
        problems.report(node, "this matches every proof", "one member at least");
    }
    (good && !clauses.is_empty()).then(|| clauses.join(" && "))
}

/// The literals of a member: one value or a list of them.
fn read_values(
    node: &Node<'_>,
    kind: (Test, Option<ValueForm>),
    composed: Option<&Composed>,
    problems: &mut Problems,
) -> Option<Vec<String>> {
    let values = match node.value {
        Value::Array(_) => node.elements(problems)?,
        _ => alloc::vec![node.clone()],
    };
    values.iter().map(|value| read_value(value, kind, composed, problems)).collect()
}

fn read_value(
    node: &Node<'_>,
    (test, form): (Test, Option<ValueForm>),
    composed: Option<&Composed>,
    problems: &mut Problems,
) -> Option<String> {
    if test == Test::Integer {
        return match node.value {
            Value::Integer(number) => Some(number.to_string()),
            other => {
                let message = format!("this is {}", other.kind());
                problems.report(node, message, "an integer, without quotes");
                None
            }
        };
    }
    if let Value::Integer(_) = node.value {
        problems.report(node, "this is integer", "a string: put the number in quotes");
        return None;
    }
    let value = node.name(problems)?;
    if value.contains('*') {
        problems.report(
            node,
            "a star has no special meaning here",
            "a whole value, or a list of them; patterns go into `condition`, as glob(…)",
        );
        return None;
    }
    if test == Test::Part && value.contains(['/', '"', '\\']) {
        let message = composed.map_or("this cannot be part of an id", |whole| whole.no_name);
        problems.report(node, message, "a name without `/`");
        return None;
    }
    match test {
        Test::Text => Some(literal(&spelled_value(value, form, node, problems)?)),
        _ => Some(literal(value)),
    }
}

/// The value in the spelling that facts have, where its field has a form.
pub(super) fn spelled_value(
    value: &str,
    form: Option<ValueForm>,
    node: &Node<'_>,
    problems: &mut Problems,
) -> Option<String> {
    let Some(form) = form.filter(|form| form.is_certain()) else { return Some(value.to_string()) };
    let canonical = form.canonical(value);
    if canonical.is_none() {
        problems.report(node, form.refusal(value), form.expected());
    }
    canonical
}

/// A string literal of the language.
fn literal(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A path in the spelling of the compatible service.
pub(super) fn spelled(path: Path) -> String {
    let mut text = String::new();
    for name in path {
        let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match name {
            _ if text.is_empty() || name.starts_with('[') => text.push_str(name),
            _ if is_plain => text.push_str(&format!(".{name}")),
            _ => text.push_str(&format!(".'{name}'")),
        }
    }
    text
}

fn is_one_of(path: Path, values: &[String]) -> String {
    match values {
        [value] => format!("{} == {value}", spelled(path)),
        _ => format!("{} in [{}]", spelled(path), values.join(", ")),
    }
}

fn begins_with_one_of(path: Path, prefixes: &[String]) -> String {
    let tests: Vec<String> =
        prefixes.iter().map(|prefix| format!("{}.startsWith({prefix})", spelled(path))).collect();
    match tests.as_slice() {
        [test] => test.clone(),
        _ => format!("({})", tests.join(" || ")),
    }
}

/// What members that are parts of one text come to: the whole text, or how it begins.
fn compose(
    whole: &Composed,
    form: Option<ValueForm>,
    given: &[(&str, Vec<String>)],
    node: &Node<'_>,
    problems: &mut Problems,
) -> Option<String> {
    if given.is_empty() {
        return None;
    }
    let values = |name: &str| given.iter().find(|(part, _)| *part == name).map(|(_, it)| it);
    let bare = |quoted: &String| quoted.trim_matches('"').to_string();
    let folded = |text: String| form.and_then(|form| form.folded(&text)).unwrap_or(text);
    let (usual, first) = whole.parts.split_last()?;
    let lasts = core::iter::once(usual).chain(whole.others);
    let mut named = lasts.filter(|(_, name)| values(name).is_some());
    let (before_last, last) = named.next().unwrap_or(usual);
    if let Some((_, other)) = named.next() {
        let message = format!("`{last}` and `{other}` are different things");
        problems.report(node, message, "one of the two");
        return None;
    }
    let mut text = String::new();
    for (before, name) in first {
        let Some([value]) = values(name).map(Vec::as_slice) else {
            problems.report(node, whole.whole, whole.expected);
            return None;
        };
        text.push_str(before);
        text.push_str(&bare(value));
    }
    text.push_str(before_last);
    let Some(names) = values(last) else {
        return Some(begins_with_one_of(whole.path, &[literal(&folded(text))]));
    };
    let ids: Vec<String> =
        names.iter().map(|name| literal(&folded(format!("{text}{}", bare(name))))).collect();
    Some(is_one_of(whole.path, &ids))
}

/// The conjunction of conditions, as text: each is put in parentheses when it needs them.
pub(super) fn conjunction(parts: &[&Expression]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .map(|part| match part.is_disjunction() {
            true => format!("({})", part.text()),
            false => part.text().to_string(),
        })
        .collect();
    parts.join(" && ")
}
