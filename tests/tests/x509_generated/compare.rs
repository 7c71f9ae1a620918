//! Generated chains, judged here and by another verifier: every difference has a rule that explains it.
//!
//! `CREDMINT_SEED` (a number) chooses the chains and `PROPTEST_CASES` how many there are.

use credmint_core::x509::{
    Certificate, KeyUse, PathRules, RevocationCheck, TrustAnchor, extended_key_usage, verify_path,
};
use credmint_core::{Code, Refusal, Stop, UnixTime};
use credmint_tests::suites::authorities::known_or_not;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::env;
use std::fmt::Debug;

const BOTH_ACCEPT: &str = "both accept";
const BOTH_REFUSE: &str = "both refuse";

/// 2026-11-24T12:00:00Z.
pub(crate) const NOW: UnixTime = UnixTime::from_seconds(1_795_521_600);

/// Runs `explain` on each chain and prints how often each name came out. A chain without one fails the test, and so does
/// a run in which the verifiers never both accept, or never both refuse.
pub(crate) fn every_difference_has_a_rule<C: Debug>(
    chains: &impl Strategy<Value = C>,
    max_shrink_iters: u32,
    explain: impl Fn(&C) -> Result<&'static str, String>,
) {
    let seed: u64 = env::var("CREDMINT_SEED").map_or(1, |text| text.parse().expect("a number"));
    let bytes: [u8; 32] = std::array::from_fn(|i| if i < 8 { seed.to_le_bytes()[i] } else { 0 });
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config { failure_persistence: None, max_shrink_iters, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let counts = RefCell::new(BTreeMap::<&str, usize>::new());
    let result = runner.run(chains, |chain| {
        let name = explain(&chain).map_err(TestCaseError::fail)?;
        *counts.borrow_mut().entry(name).or_default() += 1;
        Ok(())
    });
    let counts = counts.into_inner();
    for (name, count) in &counts {
        println!("{count:6} {name}");
    }
    result.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
    for both in [BOTH_ACCEPT, BOTH_REFUSE] {
        assert!(counts.contains_key(both), "seed {seed}: no chain that {both}");
    }
}

/// The name of what a pair of verdicts falls under: one in common, or the `rule` that explains the difference.
pub(crate) fn name<E: Debug>(
    chain: &impl Debug,
    ours: Result<(), Code>,
    theirs: &Result<(), E>,
    rule: Option<&'static str>,
) -> Result<&'static str, String> {
    match (ours, theirs) {
        (Ok(()), Ok(())) => Ok(BOTH_ACCEPT),
        (Err(_), Err(_)) => Ok(BOTH_REFUSE),
        _ => {
            rule.ok_or_else(|| format!("no rule for ours {ours:?}, theirs {theirs:?}: {chain:#?}"))
        }
    }
}

/// Our verdict on a client's path, all in DER.
pub(crate) fn verify(leaf: &[u8], intermediates: &[Vec<u8>], root: &[u8]) -> Result<(), Code> {
    let judge = || {
        let leaf = Certificate::from_der(leaf)?;
        let intermediates = intermediates
            .iter()
            .map(|der| Certificate::from_der(der))
            .collect::<Result<Vec<_>, Refusal>>()?;
        let anchor = TrustAnchor::from_certificate(Certificate::from_der(root)?)?;
        let usages = [extended_key_usage("clientAuth").expect("a usage")];
        let rules = PathRules::new(NOW, KeyUse::Named(&usages), RevocationCheck::Off);
        let anchors = [anchor];
        known_or_not(|signatures| {
            verify_path(&leaf, &intermediates, &anchors, &rules, signatures)
                .map(drop)
                .map_err(Stop::into_refusal)
        })
    };
    judge().map_err(|refusal: Refusal| refusal.code())
}
