//! Every attack that the project says it survives has a test that is named after it: `j07_…` for the seventh on tokens.

use crate::tree::{self, File};
use std::collections::BTreeSet;

/// A family of attacks, numbered from one.
struct Family {
    /// What names of tests begin with, before the number.
    letter: char,
    /// How many there are.
    count: usize,
    /// Attacks without a test of their own, each with its reason.
    untested: &'static [(usize, &'static str)],
}

/// The families: on signed tokens, on certificates, on signed messages, on OIDC with its trust policy.
const FAMILIES: &[Family] = &[
    Family {
        letter: 'j',
        count: 32,
        untested: &[(31, "an answer that is deferred; the tests of the signature session have it")],
    },
    Family { letter: 'x', count: 30, untested: &[] },
    Family { letter: 'o', count: 17, untested: &[] },
    Family {
        letter: 'c',
        count: 25,
        untested: &[
            (
                23,
                "documents stolen through the instance: a hazard that the pages of the clouds state",
            ),
            (24, "documents outlive their instance: a hazard that the pages of the clouds state"),
        ],
    },
];

/// The numbers of the tests that are named after an attack of this family.
fn tested(files: &[File], letter: char) -> BTreeSet<usize> {
    let sources = files.iter().filter(|file| file.path.ends_with(".rs"));
    let lines = sources.flat_map(|file| file.text.lines().zip(file.text.lines().skip(1)));
    lines.flat_map(|(attribute, line)| numbers(attribute, line, letter)).collect()
}

/// The numbers in `fn j07_…` or `fn j07_j08_…`, below an attribute that makes it a test.
fn numbers(attribute: &str, line: &str, letter: char) -> Vec<usize> {
    let line = line.trim_start();
    let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn ");
    match (attribute.trim(), name) {
        ("#[test]" | "#[tokio::test]", Some(name)) => {
            name.split('_').map_while(|word| number(word, letter)).collect()
        }
        _ => Vec::new(),
    }
}

/// The number in `j07`.
fn number(word: &str, letter: char) -> Option<usize> {
    let digits = word.strip_prefix(letter)?;
    (digits.len() == 2).then(|| digits.parse().ok())?
}

fn findings(files: &[File], families: &[Family]) -> Vec<String> {
    let mut findings = Vec::new();
    for Family { letter, count, untested } in families {
        let tested = tested(files, *letter);
        for attack in 1..=*count {
            let name = format!("{letter}{attack:02}");
            let listed = untested.iter().any(|(number, _)| *number == attack);
            match (tested.contains(&attack), listed) {
                (false, false) => findings.push(format!("{name}: no test is named after it")),
                (true, true) => findings.push(format!("{name}: has a test: it need not be listed")),
                _ => {}
            }
        }
        let beyond = tested.iter().chain(untested.iter().map(|(number, _)| number));
        for attack in beyond.filter(|attack| !(1..=*count).contains(*attack)) {
            findings.push(format!("{letter}{attack:02}: there is no such attack"));
        }
    }
    findings
}

#[test]
fn every_attack_has_its_test() {
    tree::report(&findings(&tree::files(), FAMILIES));
}

#[test]
fn finds_missing_stale_and_unknown_ones() {
    let check = |text: &str, untested: &'static [(usize, &'static str)], expect: &[&str]| {
        let files = [File { path: "a.rs".into(), text: text.into() }];
        let family = Family { letter: 'q', count: 2, untested };
        assert_eq!(findings(&files, &[family]), expect, "{text}");
    };
    const ONE: &str = "#[test]\nfn q01_a() {}\n";
    const BOTH: &str = "#[test]\nfn q01_a() {}\n    #[tokio::test]\n    async fn q02_b() {}\n";
    const MISSING: &str = "q02: no test is named after it";
    check(BOTH, &[], &[]);
    check(ONE, &[(2, "a reason")], &[]);
    check(ONE, &[], &[MISSING]);
    check(BOTH, &[(2, "a reason")], &["q02: has a test: it need not be listed"]);
    check("#[test]\nfn q01_q02_both() {}", &[], &[]);
    check(&format!("{ONE}fn q02_no_test() {{}}"), &[], &[MISSING]);
    check(&format!("{ONE}// q02_"), &[], &[MISSING]);
    check(&format!("{BOTH}#[test]\nfn q03_c() {{}}"), &[], &["q03: there is no such attack"]);
    check(BOTH, &[(9, "a reason")], &["q09: there is no such attack"]);
}
