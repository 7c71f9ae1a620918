//! Generated chains, judged here and by `openssl verify -x509_strict`: every difference has a rule that explains it.
//!
//! `CREDMINT_SEED` (a number) chooses the chains and `PROPTEST_CASES` how many there are; each costs a process.

#[path = "x509_openssl/chain.rs"]
mod chain;
#[path = "x509_openssl/rules.rs"]
mod rules;

use chain::{Chain, chains};
use credmint_core::signature::SignatureProvider;
use credmint_core::x509::{
    Certificate, KeyUse, PathRules, RevocationCheck, TrustAnchor, extended_key_usage, verify_path,
};
use credmint_core::{Code, Refusal, Stop, UnixTime};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::fixtures::pem;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::Command;

/// 2026-11-24T12:00:00Z.
const NOW: i64 = 1_795_521_600;

/// The two verdicts on one chain.
pub(crate) struct Verdicts {
    ours: Result<(), Code>,
    /// The number of the error that OpenSSL names first.
    openssl: Result<(), u32>,
}

#[test]
fn every_difference_has_a_rule() {
    if Command::new("openssl").arg("version").output().is_err() {
        println!("no openssl here: paths are not compared with another verifier");
        return;
    }
    let seed: u64 = env::var("CREDMINT_SEED").map_or(1, |text| text.parse().expect("a number"));
    let bytes: [u8; 32] = std::array::from_fn(|i| if i < 8 { seed.to_le_bytes()[i] } else { 0 });
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config { failure_persistence: None, max_shrink_iters: 64, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let folder = tempfile::tempdir().expect("a folder");
    let counts = RefCell::new(BTreeMap::<&str, usize>::new());
    let result = runner.run(&chains(), |chain| {
        let verdicts = judge(&chain, folder.path());
        let name = explain(&chain, &verdicts).map_err(TestCaseError::fail)?;
        *counts.borrow_mut().entry(name).or_default() += 1;
        Ok(())
    });
    let counts = counts.into_inner();
    for (name, count) in &counts {
        println!("{count:6} {name}");
    }
    result.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    for both in [rules::BOTH_ACCEPT, rules::BOTH_REFUSE] {
        assert!(counts.contains_key(both), "seed {seed}: no chain that {both}");
    }
}

/// The name of the rule that a pair of verdicts falls under.
fn explain(chain: &Chain, verdicts: &Verdicts) -> Result<&'static str, String> {
    match (&verdicts.ours, &verdicts.openssl) {
        (Ok(()), Ok(())) => Ok(rules::BOTH_ACCEPT),
        (Err(_), Err(_)) => Ok(rules::BOTH_REFUSE),
        (ours, openssl) => rules::RULES
            .iter()
            .find(|rule| rule.explains(chain, verdicts))
            .map(|rule| rule.name)
            .ok_or_else(|| format!("no rule for ours {ours:?}, openssl {openssl:?}: {chain:#?}")),
    }
}

fn judge(chain: &Chain, folder: &Path) -> Verdicts {
    let (leaf, intermediates, root) = chain.issue();
    let ours = verify(&leaf, &intermediates, &root).map_err(|refusal| refusal.code());
    Verdicts { ours, openssl: openssl(&leaf, &intermediates, &root, folder) }
}

fn verify(leaf: &[u8], intermediates: &[Vec<u8>], root: &[u8]) -> Result<(), Refusal> {
    let leaf = Certificate::from_der(leaf)?;
    let intermediates = intermediates
        .iter()
        .map(|der| Certificate::from_der(der))
        .collect::<Result<Vec<_>, Refusal>>()?;
    let anchor = TrustAnchor::from_certificate(Certificate::from_der(root)?)?;
    let usages = [extended_key_usage("clientAuth").expect("a usage")];
    let signatures = SignatureProvider { backends: &[&RustCrypto] };
    let time = UnixTime::from_seconds(NOW);
    let rules = PathRules::new(time, KeyUse::Named(&usages), RevocationCheck::Off);
    verify_path(&leaf, &intermediates, &[anchor], &rules, signatures)
        .map(drop)
        .map_err(Stop::into_refusal)
}

fn openssl(leaf: &[u8], intermediates: &[Vec<u8>], root: &[u8], folder: &Path) -> Result<(), u32> {
    let write = |name: &str, certificates: &[&[u8]]| {
        let text: String = certificates.iter().map(|der| pem::encode("CERTIFICATE", der)).collect();
        fs::write(folder.join(name), text).expect("a file");
    };
    let others: Vec<&[u8]> = intermediates.iter().map(Vec::as_slice).collect();
    write("root.pem", &[root]);
    write("others.pem", &others);
    write("leaf.pem", &[leaf]);
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(["verify", "-x509_strict", "-purpose", "sslclient"]);
    command.args(["-attime", &NOW.to_string(), "-no-CApath", "-no-CAstore"]);
    command.args(["-CAfile", "root.pem"]);
    if !others.is_empty() {
        command.args(["-untrusted", "others.pem"]);
    }
    let run = command.arg("leaf.pem").output().expect("openssl");
    if run.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&run.stderr);
    let number = text.split("error ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
    Err(number.unwrap_or_else(|| panic!("openssl says: {text}")))
}
