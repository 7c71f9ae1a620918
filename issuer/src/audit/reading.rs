//! Reading records back, with the lines that are torn.
//!
//! A line is torn when a write ended in its middle. The record behind it is a `repair` with the length and the hash of what is
//! torn, so that nothing else can be passed off as such; at the end of a file a line without its end is torn as well.

use super::chain::{Head, hash};
use credmint_core::json;
use std::io::{self, BufRead};

/// What a line is.
pub(crate) enum Item {
    /// A record, as it stands there and as it is read.
    Record(Vec<u8>, json::Value),
    /// A line that is not whole. Nothing of it counts.
    Torn,
    /// Neither, and why.
    Other(String),
}

/// Gives each line of a file that is not empty, with its number.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn read(mut input: impl BufRead, mut each: impl FnMut(usize, Item)) -> io::Result<()> {
    // A line is known when the one behind it is.
    let mut held: Option<(usize, Vec<u8>, Result<json::Value, String>)> = None;
    let mut number = 0;
    loop {
        let mut line = Vec::new();
        let is_end = input.read_until(b'\n', &mut line)? == 0;
        number += 1;
        let is_whole = line.pop_if(|last| *last == b'\n').is_some();
        if !is_end && is_whole && line.trim_ascii().is_empty() {
            continue;
        }
        let record = if is_end { None } else { Some(record(&line)) };
        if let Some((number, text, read)) = held.take() {
            let is_torn = record
                .as_ref()
                .and_then(|record| record.as_ref().ok())
                .is_some_and(|record| torn_hash(record).is_some_and(|torn| torn == hash(&text)));
            let item = match read {
                _ if is_torn => Item::Torn,
                Ok(value) => Item::Record(text, value),
                Err(why) => Item::Other(why),
            };
            each(number, item);
        }
        let Some(record) = record else { return Ok(()) };
        if !is_whole {
            each(number, Item::Torn);
            return Ok(());
        }
        held = Some((number, line, record));
    }
}

fn record(line: &[u8]) -> Result<json::Value, String> {
    let value = json::parse_with(line.trim_ascii(), json::Limits::RECORD)
        .map_err(|refusal| refusal.to_string())?;
    match value.get("audit").and_then(json::Value::as_integer) {
        Some(1) => Ok(value),
        _ => Err("this is not an audit record".to_owned()),
    }
}

/// The kind of a record: a decision says none.
pub(crate) fn kind(record: &json::Value) -> &str {
    record.get("kind").and_then(json::Value::as_str).unwrap_or("decision")
}

/// The hash of what a repair says is torn.
fn torn_hash(record: &json::Value) -> Option<&str> {
    record.get("torn").filter(|_| kind(record) == "repair")?.get("hash")?.as_str()
}

/// The head that the last whole record of the end of a file makes.
pub(super) fn last_head(end: &[u8]) -> Option<Head> {
    let whole = &end[..end.iter().rposition(|byte| *byte == b'\n')?];
    let mut lines = whole.rsplit(|byte| *byte == b'\n');
    lines.find_map(|line| Head::of_record(line, &record(line).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str) -> Vec<String> {
        let mut items = Vec::new();
        let each = |number, item| {
            items.push(match item {
                Item::Record(_, record) => format!("{number} {}", kind(&record)),
                Item::Torn => format!("{number} torn"),
                Item::Other(why) => format!("{number} {why}"),
            });
        };
        read(text.as_bytes(), each).unwrap();
        items
    }

    #[test]
    fn i21_torn_lines_are_known_by_their_repair() {
        let decision = r#"{"audit":1,"verdict":"accept"}"#;
        let repair = |torn: &str| {
            let (bytes, hash) = (torn.len(), hash(torn.as_bytes()));
            format!(r#"{{"audit":1,"kind":"repair","torn":{{"bytes":{bytes},"hash":"{hash}"}}}}"#)
        };
        let cut = &decision[..12];
        let check = |text: String, expect: &[&str]| assert_eq!(items(&text), expect, "{text}");
        check(format!("{decision}\n\n{decision}\n"), &["1 decision", "3 decision"]);
        check(
            format!("{decision}\n{cut}\n{}\n{decision}\n", repair(cut)),
            &["1 decision", "2 torn", "3 repair", "4 decision"],
        );
        // Torn just before its line end: nobody was told that it is written.
        check(format!("{decision}\n{}\n", repair(decision)), &["1 torn", "2 repair"]);
        check(format!("{decision}\n{cut}"), &["1 decision", "2 torn"]);
        check(decision.to_owned(), &["1 torn"]);
        // A repair of something else excuses nothing.
        let malformed = items(&format!("{cut}\n{}\n", repair("x")));
        assert!(malformed[0].starts_with("1 json_malformed"), "{malformed:?}");
        check("{}\n".to_owned(), &["1 this is not an audit record"]);
        check(String::new(), &[]);
    }
}
