//! path_builder_unittest: bags of certificates in which a path is to be found, or is not.

use anyhow::Result;
use credmint_core::x509::{KeyUse, PathRules, RevocationCheck};
use credmint_tests::shared_data;
use credmint_tests::suites::oracle::{self, Purpose};
use credmint_tests::suites::{self, Suite, pem_blocks};
use std::collections::BTreeMap;

/// Certificates by file.
type Bag = &'static [&'static str];

/// What it is about, the folder, time, target, intermediates, anchors, whether there is a path.
const CASES: &[(&str, &str, &str, &str, Bag, Bag, bool)] = &[
    ("signed by the anchor", ROOTS, T, "A-by-B", &[], &["B-by-F"], true),
    ("the target itself is the anchor", ROOTS, T, "A-by-B", &[], &["A-by-B"], false),
    (
        "the target is an anchor, its issuer too",
        ROOTS,
        T,
        "A-by-B",
        &[],
        &["A-by-B", "B-by-F"],
        true,
    ),
    ("a self-signed anchor is the target", ROOTS, T, "E-by-E", &[], &["E-by-E", "F-by-E"], true),
    (
        "a copy of the anchor, before C is valid",
        ROOTS,
        "20160101000000Z",
        "B-by-C",
        &["D-by-D", "C-by-D"],
        &["D-by-D"],
        false,
    ),
    ("a copy of the anchor", ROOTS, T, "B-by-C", &["D-by-D", "C-by-D"], &["D-by-D"], true),
    (
        "two ways up",
        ROOTS,
        T,
        "A-by-B",
        &["B-by-F", "F-by-E", "B-by-C", "C-by-E"],
        &["E-by-E"],
        true,
    ),
    ("an anchor half way", ROOTS, T, "A-by-B", &["B-by-C", "C-by-D"], &["D-by-D", "C-by-D"], true),
    (
        "back from a dead end",
        ROOTS,
        T,
        "A-by-B",
        &["B-by-F", "F-by-E", "B-by-C", "C-by-D"],
        &["D-by-D"],
        true,
    ),
    ("one dead end", ROOTS, T, "A-by-B", &["B-by-F", "F-by-E"], &["D-by-D"], false),
    (
        "two dead ends",
        ROOTS,
        T,
        "A-by-B",
        &["B-by-F", "F-by-E", "B-by-C", "C-by-E"],
        &["D-by-D"],
        false,
    ),
    ("no anchors", ROOTS, T, "A-by-B", &["B-by-F", "F-by-E", "B-by-C", "C-by-D"], &[], false),
    (
        "in one order",
        ROOTS,
        T,
        "A-by-B",
        &["B-by-C", "B-by-F", "F-by-E", "C-by-D", "D-by-D"],
        &["D-by-D"],
        true,
    ),
    (
        "in the other order",
        ROOTS,
        T,
        "A-by-B",
        &["D-by-D", "C-by-D", "F-by-E", "B-by-F", "B-by-C"],
        &["D-by-D"],
        true,
    ),
    (
        "rivals with and without key identifiers",
        "key_id_prioritization/",
        T,
        "target",
        &[
            "int_different_ski_a",
            "int_different_ski_b",
            "int_different_ski_c",
            "int_no_ski_a",
            "int_matching_ski_a",
            "int_matching_ski_b",
        ],
        &["root"],
        true,
    ),
    (
        "rivals named by serial number",
        "key_id_name_and_serial_prioritization/",
        T,
        "target",
        &["int_mismatch", "int_match_name_only", "int_matching"],
        &["root", "root2"],
        true,
    ),
    (
        "rivals with other dates",
        "validity_date_prioritization/",
        T,
        "target",
        &["int_ac", "int_ad", "int_bc", "int_bd"],
        &["root"],
        true,
    ),
    (
        "a root and its cross-certificate",
        "self_issued_prioritization/",
        T,
        "target",
        &["root1_cross"],
        &["root1", "root2"],
        true,
    ),
    (
        "over the cross-certificate alone",
        "self_issued_prioritization/",
        T,
        "target",
        &["root1_cross"],
        &["root2"],
        true,
    ),
    (
        "a precertificate",
        "precertificate/",
        "20231001000000Z",
        "precertificate",
        &[],
        &["root"],
        false,
    ),
];

const ROOTS: &str = "multi-root-";
/// The suite's time.
const T: &str = "20170301000000Z";

#[test]
fn paths() -> Result<()> {
    let Some(folder) = shared_data::folder("boringssl-pki/path_builder_unittest") else {
        return Ok(());
    };
    let mut certificates = BTreeMap::new();
    for file in crate::files(&folder, "pem")? {
        let certificate = pem_blocks::first(&crate::text(&file)?, "CERTIFICATE");
        certificates.insert(crate::name(&folder, &file)?, certificate.expect("a certificate"));
    }
    let mut suite = Suite::open("boringssl-pki/path_builder_unittest");
    for (about, prefix, time, target, bag, anchors, good) in CASES {
        let of = |name: &&str| certificates[&format!("{prefix}{name}")].clone();
        let bag: Vec<_> = bag.iter().map(of).collect();
        let anchors: Vec<_> = anchors.iter().map(of).collect();
        let (target, time) = (of(target), suites::time(time));
        let found = crate::verify(
            &target,
            &bag,
            &anchors,
            &PathRules::new(time, KeyUse::Any, RevocationCheck::Off).with_any_leaf(),
        );
        let oracle = oracle::webpki(&target, &bag, &anchors, time, Purpose::Any).is_ok();
        suite.judge_beside(about, *good, &found.map(drop), oracle);
    }
    suite.finish(20);
    Ok(())
}
