//! The conformance vectors, natively: every request has the record that its file says, octet for octet.

use anyhow::{Result, ensure};
use credmint_tests::judge::answers;
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
            let (name, expect) = (&vector.name, &vector.expect);
            ensure!(answer.to_string() == expect.to_string(), "{name}: {answer}\nnot {expect}");
        }
        println!("{command}: {} vectors", vectors.len());
    }
    Ok(())
}

/// Each has a name of its own, which its answer carries, and a twin: what is refused for an attack stands beside
/// what is accepted.
#[test]
fn vectors_have_names_and_twins() -> Result<()> {
    let mut names = BTreeSet::new();
    let mut verdicts: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for vector in vectors::all()? {
        ensure!(names.insert(vector.name.clone()), "{} stands twice", vector.name);
        let (_, name) = vector.name.split_once(": ").unwrap_or_default();
        ensure!(vector.request["id"] == *name && vector.expect["id"] == *name, "{name}: its id");
        let verdict = vector.expect["verdict"].as_str().unwrap_or_default().to_owned();
        verdicts.entry(topic(&vector.name)).or_default().insert(verdict);
    }
    for (topic, verdicts) in verdicts {
        ensure!(verdicts.contains("accept"), "{topic}: nothing is accepted");
        ensure!(verdicts.contains("refuse"), "{topic}: nothing is refused");
    }
    Ok(())
}

/// The attack of which a vector's name says that it is one twin; its file where it says none.
fn topic(name: &str) -> String {
    let (file, name) = name.split_once(": ").unwrap_or_default();
    let attack = name.split(' ').next().unwrap_or_default();
    let is_attack = attack.len() == 3 && attack[1..].bytes().all(|digit| digit.is_ascii_digit());
    if is_attack { attack.to_owned() } else { file.to_owned() }
}
