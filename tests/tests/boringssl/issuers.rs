//! cert_issuer_source_static_unittest: which certificates are candidates for the issuer of another, by name.
//!
//! Here a candidate shows in the path: every certificate finds its way to the root over the others.

use anyhow::Result;
use credmint_core::x509::{KeyUse, PathRules, RevocationCheck};
use credmint_tests::shared_data;
use credmint_tests::suites::{self, Suite, pem_blocks};
use std::collections::BTreeMap;

/// Certificates by file.
type Bag = &'static [&'static str];

/// Target, the bag, the files of the intermediates on the path, any of which will do; none: there is no path.
const CASES: &[(&str, Bag, &[Bag])] = &[
    // `I1` and `i1` are one name.
    ("c1", &["i1_1", "i1_2", "i2", "i3_1"], &[&["i1_1"], &["i1_2"]]),
    ("c2", &["i1_1", "i1_2", "i2", "i3_1"], &[&["i1_1"], &["i1_2"]]),
    ("d", &["i3_1", "i3_2", "i1_1", "i2"], &[&["i2"]]),
    ("e1", &["i1_1", "i2", "i3_1", "i3_2"], &[&["i3_1"], &["i3_2"]]),
    ("e2", &["i1_1", "i2", "i3_1", "i3_2"], &[&["i3_1"], &["i3_2"]]),
    ("c1", &["c2", "d", "i2", "root"], &[]),
    ("c1", &[], &[]),
];

#[test]
fn issuers() -> Result<()> {
    let Some(folder) = shared_data::folder("boringssl-pki/cert_issuer_source_static_unittest")
    else {
        return Ok(());
    };
    let mut suite = Suite::open("boringssl-pki/cert_issuer_source_static_unittest");
    let mut certificates = BTreeMap::new();
    for file in crate::files(&folder, "pem")? {
        let certificate = pem_blocks::first(&crate::text(&file)?, "CERTIFICATE");
        certificates.insert(crate::name(&folder, &file)?, certificate.expect("a certificate"));
    }
    for (target, bag, paths) in CASES {
        let bag_of: Vec<_> = bag.iter().map(|name| certificates[*name].clone()).collect();
        let rules =
            PathRules::new(suites::time("20210505120000Z"), KeyUse::Any, RevocationCheck::Off)
                .with_any_leaf();
        let root = certificates["root"].clone();
        let found = crate::verify(&certificates[*target], &bag_of, &[root], &rules);
        if let Ok(path) = &found {
            let intermediates: Vec<_> = path.certificates().skip(1).map(|c| c.raw()).collect();
            let is_path = |names: &&[&str]| {
                names.iter().map(|name| certificates[*name].as_slice()).eq(intermediates.clone())
            };
            assert!(paths.iter().any(is_path), "{target}: another path");
        }
        let case = format!("{target} over {}", bag.join(" "));
        suite.judge(&case, !paths.is_empty(), &found.map(drop));
    }
    suite.finish(7);
    Ok(())
}
