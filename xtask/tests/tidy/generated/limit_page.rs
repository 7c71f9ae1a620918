//! `docs/limits.md`, and single limits for the prose of other pages: names, values and reasons as they stand in the
//! source, so that a new limit is written down once.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use credmint_core::UnixTime;

use super::row;
use crate::tree;

/// Where limits are, and the title of those that stand under none of their own.
const SOURCES: &[(&str, &str)] = &[
    ("verifier-wasm/core/src/limits.rs", ""),
    ("issuer/src/limits.rs", "The issuer and the command"),
];

/// How a time below a second begins.
const MILLISECONDS: &str = "Duration::from_millis(";

/// A constant of the source.
pub(super) struct Limit {
    group: String,
    pub(super) name: String,
    value: i64,
    is_time: bool,
    /// Whether the value is milliseconds.
    is_short: bool,
    reason: String,
}

/// Every limit, in the order of the source.
pub(super) fn all() -> Vec<Limit> {
    let text = |path: &str| fs::read_to_string(tree::root().join(path)).expect("the limits");
    let sources: Vec<_> = SOURCES.iter().map(|(path, title)| (text(path), *title)).collect();
    let constants = sources.iter().flat_map(|(text, _)| constants(text)).collect();
    sources.iter().flat_map(|(text, title)| read(text, title, &constants)).collect()
}

fn read(source: &str, title: &str, constants: &BTreeMap<&str, &str>) -> Vec<Limit> {
    let (mut group, mut reason) = (title.to_owned(), Vec::new());
    let mut limits = Vec::new();
    for line in source.lines() {
        if let Some(title) = line.strip_prefix("// ── ") {
            group = title.trim_end_matches(" ──").to_owned();
        } else if let Some(text) = line.strip_prefix("/// ") {
            reason.push(text);
        } else if let Some((name, kind)) = constant(line) {
            let reason = std::mem::take(&mut reason).join(" ").replace(['[', ']'], "");
            limits.push(Limit {
                group: group.clone(),
                name: name.to_owned(),
                value: value(name, constants).unwrap_or_else(|| panic!("{name}: what is it?")),
                is_short: constants.get(name).is_some_and(|text| text.contains(MILLISECONDS)),
                is_time: ["i64", "Duration"].contains(&kind) || reason.starts_with("Seconds"),
                reason,
            });
        } else {
            reason.clear();
        }
    }
    limits
}

/// Name and type of a constant whose declaration begins on this line.
fn constant(line: &str) -> Option<(&str, &str)> {
    let (_, rest) = line.split_once("const ").filter(|(before, _)| before.starts_with("pub"))?;
    let (name, rest) = rest.split_once(": ")?;
    Some((name, rest.split_once(" =")?.0))
}

/// The expressions of all constants, by name.
fn constants(source: &str) -> BTreeMap<&str, &str> {
    let declarations = source.split(" const ").skip(1);
    let parts = declarations.filter_map(|text| {
        let (declaration, _) = text.split_once(';')?;
        let (head, expression) = declaration.split_once('=')?;
        Some((head.split_once(':')?.0, expression.trim()))
    });
    parts.collect()
}

/// The value of a number, a constant, or a sum of products of them.
fn value(expression: &str, constants: &BTreeMap<&str, &str>) -> Option<i64> {
    let factor = |text: &str| {
        let text =
            text.trim().trim_start_matches("limits::").trim_start_matches("Duration::from_secs(");
        let text = text.trim_start_matches(MILLISECONDS);
        let text = text.trim_end_matches(')');
        let number = text.replace('_', "").parse().ok();
        number.or_else(|| value(constants.get(text)?, constants))
    };
    let product = |text: &str| {
        text.split('*').try_fold(1_i64, |product, text| product.checked_mul(factor(text)?))
    };
    expression.split('+').try_fold(0_i64, |sum, text| sum.checked_add(product(text)?))
}

impl Limit {
    /// The value with its unit.
    pub(super) fn in_words(&self) -> String {
        let name = self.name.as_str();
        match (self.is_time, self.value) {
            (_, milliseconds) if self.is_short => format!("{} ms", grouped(milliseconds)),
            (_, bytes) if name.ends_with("BYTES") => in_bytes(bytes),
            (_, bits) if name.ends_with("BITS") => format!("{} bits", grouped(bits)),
            (true, seconds) if name.starts_with("CLOCK") => {
                UnixTime::from_seconds(seconds).to_string()
            }
            (true, seconds) if !name.starts_with("JSON") => in_seconds(seconds),
            (_, count) => grouped(count),
        }
    }
}

fn in_bytes(bytes: i64) -> String {
    const KIB: i64 = 1024;
    match bytes {
        bytes if bytes % (KIB * KIB) == 0 => format!("{} MiB", grouped(bytes / KIB / KIB)),
        bytes if bytes % KIB == 0 => format!("{} KiB", grouped(bytes / KIB)),
        bytes => format!("{} bytes", grouped(bytes)),
    }
}

fn in_seconds(seconds: i64) -> String {
    let (count, unit) = match seconds {
        seconds if seconds % 86_400 == 0 && seconds > 86_400 => (seconds / 86_400, "day"),
        seconds if seconds % 3_600 == 0 => (seconds / 3_600, "hour"),
        seconds if seconds % 60 == 0 => (seconds / 60, "minute"),
        seconds => (seconds, "second"),
    };
    format!("{} {unit}{}", grouped(count), if count == 1 { "" } else { "s" })
}

/// `10000` as `10,000`.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The page.
pub(super) fn page() -> String {
    let mut page = format!(
        "<!-- Written by `cargo xtask bless` from {}. -->\n\
         # Limits\n\n\
         Every number that bounds the work of the verification core and of the issuer, with its reason. What exceeds a limit \
         of the core is refused with a [code](errors.md) of its own; nothing is cut short.\n",
        SOURCES.iter().map(|(path, _)| *path).collect::<Vec<_>>().join(" and ")
    );
    let mut group = String::new();
    for limit in all() {
        if limit.group != group {
            group.clone_from(&limit.group);
            let _ = write!(
                page,
                "\n## {group}\n\n| limit | value | what it bounds, and why |\n|---|---|---|\n"
            );
        }
        row(&mut page, &[&format!("`{}`", limit.name), &limit.in_words(), &limit.reason]);
    }
    page
}

#[test]
fn limits_are_those_of_the_core() {
    use credmint_core::limits;
    let all = all();
    let value = |name: &str| {
        let found = all.iter().find(|limit| limit.name == name);
        found.unwrap_or_else(|| panic!("{name}")).value
    };
    assert_eq!(value("TOKEN_BYTES"), i64::try_from(limits::TOKEN_BYTES).unwrap());
    assert_eq!(value("KEYS_STALE_MAX"), limits::KEYS_STALE_MAX);
    assert_eq!(value("JSON_INTEGER_MAX"), limits::JSON_INTEGER_MAX);
    assert!(all.iter().all(|limit| !limit.group.is_empty() && !limit.reason.is_empty()));
}

#[test]
fn reads_limits() {
    let source = "//! x\n\n// ── a ──\n/// One,\n/// [`two`].\npub const A_BYTES: usize = 2 * 1024;\n\
                  /// Three.\npub const B: i64 =\n    C + 2 * A_BYTES;\n\
                  /// Four.\npub const C: i64 = 1_000;\n";
    let limits = read(source, "", &constants(source));
    let shown: Vec<_> = limits.iter().map(|limit| (limit.in_words(), &*limit.reason)).collect();
    let expect =
        [("2 KiB", "One, `two`."), ("5,096 seconds", "Three."), ("1,000 seconds", "Four.")];
    assert_eq!(shown, expect.map(|(value, reason)| (value.to_owned(), reason)));
    for (seconds, text) in
        [(1, "1 second"), (300, "5 minutes"), (86_400, "24 hours"), (172_800, "2 days")]
    {
        assert_eq!(in_seconds(seconds), text);
    }
}
