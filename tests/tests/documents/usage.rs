//! Usage lines: the commands and flags that they show are those of the program.

use std::process::Command;

use credmint_tests::environment;

use crate::kinds::Kind;
use crate::{all, report};

/// The help of a command, or nothing when there is no such command.
fn help(words: &[&str]) -> Option<String> {
    let output =
        Command::new(environment::credmint()).args(words).arg("--help").output().expect("it runs");
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What is wrong with a usage line.
fn wrong(line: &str) -> Option<String> {
    let words: Vec<&str> = line.split(' ').collect();
    let Some((&"credmint", rest)) = words.split_first() else {
        return Some("a usage line begins with credmint".to_owned());
    };
    let is_word = |word: &&&str| word.starts_with(|first: char| first.is_ascii_lowercase());
    let command: Vec<&str> = rest.iter().take_while(is_word).copied().collect();
    let Some(help) = help(&command) else { return Some("no such command".to_owned()) };
    let flags = line.split([' ', '[', ']', '(', ')', '|']).filter(|word| word.starts_with('-'));
    flags
        .filter(|flag| !help.split([' ', ',', '\n']).any(|word| word == *flag))
        .map(|flag| format!("no flag {flag}"))
        .next()
}

#[test]
fn usage_is_that_of_the_commands() {
    let blocks = all(|kind| matches!(kind, Kind::Usage).then_some(()));
    assert!(blocks.len() > 10, "{} blocks", blocks.len());
    let mut findings = Vec::new();
    for (block, ()) in &blocks {
        for line in block.text.lines() {
            findings.extend(wrong(line).map(|wrong| format!("{}: {wrong}: {line}", block.place())));
        }
    }
    report(&findings);
}

#[test]
fn finds_wrong_usage() {
    assert_eq!(wrong("credmint policy bundle --policy FILE [-o FILE]"), None);
    assert!(wrong("credmint policy burn --policy FILE").is_some());
    assert!(wrong("credmint keys show --fly FILE").is_some());
}
