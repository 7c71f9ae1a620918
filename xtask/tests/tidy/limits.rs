//! Every number that bounds work, size or time is in the `limits.rs` of its crate, with its reason.

use crate::tree::{self, File};

/// The crates whose input comes from strangers.
const CRATES: &[&str] = &[
    "issuer/src/",
    "verifier-wasm/core/src/",
    "verifier-wasm/filter/src/",
    "verifier-wasm/verify/src/",
    "verifier-wasm/module/src/",
];

/// The types of sizes, counts and times. Single bytes are tags.
const TYPES: &[&str] = &["usize", "u64", "u32", "i64", "Duration"];

/// Numbers of these types that bound nothing.
const NO_LIMITS: &[(&str, &str)] = &[
    ("SECONDS_A_DAY", "a unit"),
    ("YEAR_0", "a date"),
    ("YEAR_10000", "a date"),
    ("RESULT", "the number of a field in a message of Envoy's"),
];

fn findings(file: &File) -> Vec<String> {
    let is_ours = CRATES.iter().any(|folder| file.path.starts_with(folder));
    let is_apart =
        file.path.split('/').any(|part| ["tests", "tests.rs", "limits.rs"].contains(&part));
    if !is_ours || is_apart {
        return Vec::new();
    }
    let lines = file.text.lines().enumerate().take_while(|(_, line)| *line != "mod tests {");
    lines
        .filter_map(|(index, line)| Some((index, stated(line)?)))
        .filter(|(_, name)| !NO_LIMITS.iter().any(|(known, _)| known == name))
        .map(|(index, name)| {
            format!("{}:{}: {name} belongs in limits.rs, with its reason", file.path, index + 1)
        })
        .collect()
}

/// The name of a constant of one of [`TYPES`] that is stated as a number. One that is made of others is no number of its
/// own, and what is written in hexadecimal or octal is a mask or a tag.
fn stated(line: &str) -> Option<&str> {
    let rest = line.trim_start();
    let rest =
        rest.strip_prefix("pub ").or_else(|| rest.strip_prefix("pub(crate) ")).unwrap_or(rest);
    let (name, rest) = rest.strip_prefix("const ")?.split_once(": ")?;
    let (kind, value) = rest.split_once(" = ")?;
    let is_number = value.trim_start_matches("Duration::from_secs(");
    let is_number = is_number.trim_start_matches("Duration::from_millis(");
    let is_number = is_number.trim_end_matches([';', ')']);
    let digits = |c: char| c.is_ascii_digit() || "_ *+-".contains(c);
    let is_mask = ["0x", "0o", "0b"].iter().any(|mark| is_number.starts_with(mark));
    (TYPES.contains(&kind) && !is_mask && is_number.chars().all(digits)).then_some(name)
}

#[test]
fn limits_stand_in_one_file() {
    let files = tree::files();
    tree::report(&files.iter().flat_map(findings).collect::<Vec<_>>());
}

#[test]
fn finds_numbers_elsewhere() {
    let check = |path: &str, text: &str, expect: usize| {
        let found = findings(&File { path: path.into(), text: text.into() });
        assert_eq!(found.len(), expect, "{path}: {text}: {found:?}");
    };
    let core = "verifier-wasm/core/src/jose.rs";
    check(core, "const WIDTH: usize = 16 * 1024;", 1);
    check(core, "    pub const AGE: i64 = 3_600;", 1);
    check("issuer/src/serve.rs", "pub(crate) const WAIT: Duration = Duration::from_secs(5);", 1);
    check(core, "const TEXT: usize = limits::TOKEN_BYTES;", 0);
    check(core, "const TEXT: usize = limits::TOKEN_BYTES * 2;", 0);
    check(core, "const SEQUENCE: u8 = 0x30;", 0);
    check(core, "const MASK: u32 = 0o177;", 0);
    check(core, "const SECONDS_A_DAY: i64 = 86_400;", 0);
    check(core, "mod tests {\n    const NOW: i64 = 1;", 0);
    check("verifier-wasm/core/src/limits.rs", "pub const WIDTH: usize = 16;", 0);
    check("tests/src/world.rs", "const WIDTH: usize = 16;", 0);
}
