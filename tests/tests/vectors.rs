//! The conformance vectors, natively: every request has the record that its file says, byte for byte.

use anyhow::{Result, ensure};
use credmint_tests::commands::{answers, explained};
use credmint_tests::vectors::{self, Vector};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_vector_has_its_record() -> Result<()> {
    let mut commands: BTreeMap<String, Vec<Vector>> = BTreeMap::new();
    for vector in vectors::all()? {
        commands.entry(vector.command.clone()).or_default().push(vector);
    }
    for (command, vectors) in &commands {
        let requests: Vec<_> = vectors.iter().map(|vector| vector.request.clone()).collect();
        let answers = answers(command, &requests)?;
        ensure!(answers.len() == vectors.len(), "{command}: {} answers", answers.len());
        for (vector, answer) in vectors.iter().zip(&answers) {
            let (answer, expect) = (answer.to_string(), vector.expect.to_string());
            ensure!(answer == expect, "{}: {answer}\nnot {expect}", vector.name);
        }
        println!("{command}: {} vectors", vectors.len());
    }
    Ok(())
}

/// What is explained is what is decided, over every token request of the vectors: the record, and the first code.
#[test]
fn every_token_request_is_explained_as_it_is_decided() -> Result<()> {
    let vectors: Vec<Vector> = vectors::all()?
        .into_iter()
        .filter(|vector| vector.command == "proof" && vector.expect["verdict"] != "error")
        .collect();
    ensure!(!vectors.is_empty(), "no token requests");
    let requests: Vec<_> = vectors.iter().map(|vector| vector.request.clone()).collect();
    for (vector, (answer, failed)) in vectors.iter().zip(explained(&requests)?) {
        ensure!(answer == vector.expect, "{}: {answer}\nnot {}", vector.name, vector.expect);
        ensure!(failed == vector.expect["code"].as_str(), "{}: {failed:?}", vector.name);
    }
    Ok(())
}

/// Each has a name of its own, which its answer carries, and a twin: what is refused for an attack is beside
/// what is accepted.
#[test]
fn vectors_have_names_and_twins() -> Result<()> {
    let mut names = BTreeSet::new();
    let mut verdicts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for vector in vectors::all()? {
        ensure!(names.insert(vector.name.clone()), "{} occurs twice", vector.name);
        let (_, name) = vector.name.split_once(": ").unwrap_or_default();
        ensure!(vector.request["id"] == *name && vector.expect["id"] == *name, "{name}: its id");
        let verdict = vector.expect["verdict"].as_str().unwrap_or_default().to_owned();
        if let Some(attack) = attack(name) {
            verdicts.entry(attack.to_owned()).or_default().insert(verdict);
        }
    }
    ensure!(!verdicts.is_empty(), "no name says which attack it is about");
    for (attack, verdicts) in verdicts {
        ensure!(verdicts.contains("accept"), "{attack}: nothing is accepted");
        ensure!(verdicts.contains("refuse"), "{attack}: nothing is refused");
    }
    Ok(())
}

/// The attack of which a name says that it is one twin: a letter and two digits, then a space.
fn attack(name: &str) -> Option<&str> {
    let (attack, _) = name.split_once(' ')?;
    let digits = attack.strip_prefix(|letter: char| letter.is_ascii_lowercase())?;
    (digits.len() == 2 && digits.bytes().all(|digit| digit.is_ascii_digit())).then_some(attack)
}
