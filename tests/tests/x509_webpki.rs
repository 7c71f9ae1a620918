//! Generated chains, judged here and by rustls-webpki: every difference has a rule that explains it.
//!
//! `CREDMINT_SEED` (a number) chooses the chains and `PROPTEST_CASES` how many there are.

#[path = "x509_webpki/chain.rs"]
mod chain;
#[path = "x509_webpki/rules.rs"]
mod rules;

use chain::{Chain, chains};
use credmint_core::signature::SignatureProvider;
use credmint_core::x509::{
    Certificate, KeyUse, PathRules, RevocationCheck, TrustAnchor, extended_key_usage, verify_path,
};
use credmint_core::{Code, Refusal, Stop, UnixTime};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::suites::oracle::{self, Purpose};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::env;

/// The two verdicts on one chain.
pub(crate) struct Verdicts {
    ours: Result<(), Code>,
    webpki: Result<(), String>,
}

#[test]
fn every_difference_has_a_rule() {
    let seed: u64 = env::var("CREDMINT_SEED").map_or(1, |text| text.parse().expect("a number"));
    let bytes: [u8; 32] = std::array::from_fn(|i| if i < 8 { seed.to_le_bytes()[i] } else { 0 });
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let config = Config { failure_persistence: None, max_shrink_iters: 256, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, rng);
    let counts = RefCell::new(BTreeMap::<&str, usize>::new());
    let result = runner.run(&chains(), |chain| {
        let verdicts = judge(&chain);
        let explained = explain(&chain, &verdicts);
        let name = explained.map_err(TestCaseError::fail)?;
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
    match (&verdicts.ours, &verdicts.webpki) {
        (Ok(()), Ok(())) => Ok(rules::BOTH_ACCEPT),
        (Err(_), Err(_)) => Ok(rules::BOTH_REFUSE),
        (ours, webpki) => rules::RULES
            .iter()
            .find(|rule| rule.explains(chain, verdicts))
            .map(|rule| rule.name)
            .ok_or_else(|| format!("no rule for ours {ours:?}, webpki {webpki:?}: {chain:#?}")),
    }
}

fn judge(chain: &Chain) -> Verdicts {
    let (leaf, intermediates, root) = chain.issue();
    let time = UnixTime::from_civil(2026, 11, 24, 12, 0, 0).expect("a time");
    let roots = [root];
    let ours = verify(&leaf, &intermediates, &roots[0], time).map_err(|refusal| refusal.code());
    let webpki = oracle::webpki(&leaf, &intermediates, &roots, time, Purpose::CLIENT);
    Verdicts { ours, webpki }
}

fn verify(
    leaf: &[u8],
    intermediates: &[Vec<u8>],
    root: &[u8],
    time: UnixTime,
) -> Result<(), Refusal> {
    let leaf = Certificate::from_der(leaf)?;
    let intermediates = intermediates
        .iter()
        .map(|der| Certificate::from_der(der))
        .collect::<Result<Vec<_>, Refusal>>()?;
    let anchor = TrustAnchor::from_certificate(Certificate::from_der(root)?)?;
    let usages = [extended_key_usage("clientAuth").expect("a usage")];
    let signatures = SignatureProvider { backends: &[&RustCrypto] };
    let rules = PathRules::new(time, KeyUse::Named(&usages), RevocationCheck::Off);
    verify_path(&leaf, &intermediates, &[anchor], &rules, signatures)
        .map(drop)
        .map_err(Stop::into_refusal)
}
