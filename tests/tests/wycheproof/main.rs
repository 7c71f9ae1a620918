//! Project Wycheproof against both back ends: nothing invalid is accepted, nothing valid is refused, of what Credmint
//! offers, and both back ends give equal records. What is not offered, and what Wycheproof leaves to the
//! implementation, is listed by name and with its reason in `decisions.rs`.

mod decisions;
mod signatures;
mod suite;
mod tokens;

use credmint_aws_lc::AwsLc;
use credmint_core::Code;
use credmint_core::signature::{Backend, PublicKey, RsaLimit, SignatureProvider};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::shared_data;
use decisions::{DECISIONS, NOT_OFFERED};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::thread;
use suite::Suite;

const BACKENDS: [(&str, &dyn Backend); 2] = [("RustCrypto", &RustCrypto), ("AWS-LC", &AwsLc)];

/// What became of the cases of a file.
#[derive(Debug, Default)]
struct Record {
    accepted: usize,
    refused: usize,
    /// Cases whose key is refused as weak, or malformed, before any signature.
    keys_refused: usize,
    not_offered: BTreeMap<&'static str, usize>,
    /// The places of the decisions that were needed.
    decided: BTreeSet<usize>,
}

impl Record {
    /// Counts a case that both back ends answered as they should.
    fn count(&mut self, accepted: bool) {
        *(if accepted { &mut self.accepted } else { &mut self.refused }) += 1;
    }

    fn not_offered(&mut self, what: &str, cases: usize) {
        let known = NOT_OFFERED.iter().find(|(name, _)| *name == what);
        let (name, _) = known.unwrap_or_else(|| panic!("{what} is not listed as not offered"));
        *self.not_offered.entry(name).or_default() += cases;
    }

    fn judged(&self) -> usize {
        let not_offered: usize = self.not_offered.values().sum();
        self.accepted + self.refused + self.keys_refused + not_offered
    }
}

/// The one answer of both back ends; `verify` must not depend on anything else.
fn of_both<T: PartialEq + std::fmt::Debug>(
    verify: impl Fn(SignatureProvider<'_>) -> T,
    about: impl std::fmt::Display,
) -> T {
    let [first, second] = BACKENDS.map(|(_, implementation)| {
        let backends = [implementation];
        verify(SignatureProvider { backends: &backends })
    });
    let [first_name, second_name] = BACKENDS.map(|(name, _)| name);
    assert_eq!(first, second, "{first_name} and {second_name}: {about}");
    first
}

fn run(folder: &Path, file: &str) -> Record {
    let suite = Suite::read(folder, file);
    let mut record = Record::default();
    for group in suite.groups() {
        match group.text("type") {
            "EcCurveTest" => record.not_offered("descriptions of curves", group.cases().count()),
            "JsonWebSignature" | "JsonWebKey" | "JsonWebCrypto" => tokens::run(&group, &mut record),
            _ => signatures::run(&group, &mut record),
        }
    }
    assert_eq!(record.judged(), suite.number_of_tests(), "{file}");
    record
}

#[test]
fn every_case_of_every_file() {
    let Some(folder) = shared_data::folder("wycheproof") else { return };
    let mut files: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    files.sort();
    let records: Vec<Record> = thread::scope(|scope| {
        let folder = &folder;
        let running: Vec<_> =
            files.iter().map(|file| scope.spawn(move || run(folder, file))).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let (mut accepted, mut refused) = (0, 0);
    let mut not_offered: BTreeMap<&str, usize> = BTreeMap::new();
    let mut decided: BTreeSet<usize> = BTreeSet::new();
    for (file, record) in files.iter().zip(&records) {
        let Record { accepted: good, refused: bad, keys_refused, .. } = record;
        println!("{file}: accepted {good}, refused {bad}, by their key {keys_refused}");
        for (name, cases) in &record.not_offered {
            println!("    not offered: {name}, {cases}");
            *not_offered.entry(name).or_default() += cases;
        }
        accepted += good;
        refused += bad;
        decided.extend(&record.decided);
    }
    println!("in all: accepted {accepted}, refused {refused}");
    assert!(accepted > 1_600 && refused > 3_000, "accepted {accepted}, refused {refused}");
    for (name, reason) in NOT_OFFERED {
        let cases = not_offered.get(name).copied().unwrap_or_default();
        println!("not offered: {name}, {cases}: {reason}");
        assert!(cases > 0, "stale: {name} occurs nowhere");
    }
    for (place, decision) in DECISIONS.iter().enumerate() {
        println!("decided: {decision}");
        assert!(decided.contains(&place), "stale: {decision}");
    }
}

#[test]
fn j21_keys_over_the_limit_need_to_be_allowed() {
    let Some(folder) = shared_data::folder("wycheproof") else { return };
    for group in Suite::read(&folder, "rsa_signature_8192_sha512_test.json").groups() {
        let refusal = PublicKey::from_spki_der(&group.spki(), RsaLimit::Standard).unwrap_err();
        assert_eq!(refusal.code(), Code::KeyWeak);
    }
}
