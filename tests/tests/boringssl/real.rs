//! verify_unittest: two chains of real servers, with Mozilla's roots of the time.

use anyhow::Result;
use credmint_core::UnixTime;
use credmint_core::x509::{Certificate, KeyUse, PathRules, RevocationCheck, TrustAnchor};
use credmint_tests::shared_data;
use credmint_tests::suites::Suite;
use credmint_tests::suites::oracle::{self, Purpose};
use std::fs;

/// The times that the suite judges at.
const GOOGLE: i64 = 1_499_727_444;
const LETS_ENCRYPT: i64 = 1_699_404_611;

#[test]
fn real_chains() -> Result<()> {
    let Some(folder) = shared_data::folder("boringssl-pki/verify_unittest") else { return Ok(()) };
    let read = |name: &str| fs::read(folder.join(format!("{name}.der"))).expect(name);
    let roots = roots(&read("mozilla_roots"));
    let mut suite = Suite::open("boringssl-pki/verify_unittest");
    let mut check = |about: &str,
                     time: i64,
                     leaf: &str,
                     bag: &[&str],
                     depth: Option<usize>,
                     anchors: &[Vec<u8>],
                     good: bool| {
        let time = UnixTime::from_seconds(time);
        let bag: Vec<_> = bag.iter().map(|name| read(name)).collect();
        let rules = PathRules::new(time, KeyUse::Any, RevocationCheck::Off)
            .with_any_leaf()
            .with_max_depth(depth);
        let found = crate::verify(&read(leaf), &bag, anchors, &rules).map(drop);
        let oracle = oracle::webpki(&read(leaf), &bag, anchors, time, Purpose::SERVER).is_ok();
        suite.judge_beside(about, good, &found, oracle);
    };
    let google = ["google-intermediate1", "google-intermediate2"];
    check("Google", GOOGLE, "google-leaf", &google, None, &roots, true);
    check("Google, no intermediate", GOOGLE, "google-leaf", &[], None, &roots, false);
    check("Google, no depth", GOOGLE, "google-leaf", &google, Some(0), &roots, false);
    let isrg = [read("lencr-root-x1")];
    let dst = [read("lencr-root-dst-x3")];
    let bag = ["lencr-intermediate-r3", "lencr-root-x1-cross-signed"];
    check("Let's Encrypt", LETS_ENCRYPT, "lencr-leaf", &bag, None, &roots, true);
    check("Let's Encrypt, its root", LETS_ENCRYPT, "lencr-leaf", &bag, None, &isrg, true);
    check("Let's Encrypt, the expired root", LETS_ENCRYPT, "lencr-leaf", &bag, None, &dst, true);
    suite.finish(6);
    Ok(())
}

/// The roots of a file, one certificate after the other, that are good for an anchor here.
fn roots(mut file: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut left_out = 0;
    while !file.is_empty() {
        let length = 4 + usize::from(u16::from_be_bytes([file[2], file[3]]));
        let (root, rest) = file.split_at(length);
        match Certificate::from_der(root).and_then(TrustAnchor::from_certificate) {
            Ok(_) => all.push(root.to_vec()),
            Err(_) => left_out += 1,
        }
        file = rest;
    }
    // Those of version 1 and those whose keys have 1024 bits.
    assert_eq!((all.len(), left_out), (133, 5));
    all
}
