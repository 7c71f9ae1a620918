//! name_constraints_unittest: names under constraints.
//!
//! The constraints stand in a certificate between root and leaf, once critical and once not; the names are the leaf's
//! subject, or its alternative names under an empty subject.

mod table;

use crate::{common_name, new_key};
use anyhow::{Context, Result};
use credmint_core::Refusal;
use credmint_core::x509::{KeyUse, PathRules, RevocationCheck};
use credmint_tests::fixtures::bare_certificate::BareCertificate;
use credmint_tests::fixtures::der;
use credmint_tests::shared_data;
use credmint_tests::suites::oracle::{self, Purpose};
use credmint_tests::suites::{self, Suite, pem_blocks};
use std::path::{Path, PathBuf};
use table::{Name, TABLE};

/// The keys of one run: making them takes longer than signing.
struct World {
    folder: PathBuf,
    root_key: rcgen::KeyPair,
    issuing_key: rcgen::KeyPair,
}

#[test]
fn names_under_constraints() -> Result<()> {
    let Some(folder) = shared_data::folder("boringssl-pki/name_constraints_unittest") else {
        return Ok(());
    };
    let mut suite = Suite::open("boringssl-pki/name_constraints_unittest");
    let world = World { folder, root_key: new_key(), issuing_key: new_key() };
    for (constraints, names) in TABLE {
        let value = read(&world.folder, constraints, "NAME CONSTRAINTS")?;
        for critical in [true, false] {
            for (name, good) in *names {
                let case = format!("{name} under {constraints}");
                let case = if critical { case } else { format!("{case}, not critical") };
                let good = good.unwrap_or(!critical);
                let (found, oracle) = world.judge(&value, critical, name)?;
                suite.judge_beside(&case, good, &found, oracle);
            }
        }
    }
    for case in table::MALFORMED {
        let value = read(&world.folder, case, "NAME CONSTRAINTS")?;
        let (found, oracle) = world.judge(&value, true, &Name::Subject("name-us"))?;
        suite.judge_beside(case, false, &found, oracle);
    }
    for case in ["san-invalid-empty", "san-invalid-ipaddress"] {
        let value = read(&world.folder, "dnsname-excluded", "NAME CONSTRAINTS")?;
        let (found, oracle) = world.judge(&value, true, &Name::Alternative(case))?;
        suite.judge_beside(case, false, &found, oracle);
    }
    suite.finish(table::CASES);
    Ok(())
}

fn read(folder: &Path, file: &str, label: &str) -> Result<Vec<u8>> {
    let text = crate::text(&folder.join(format!("{file}.pem")))?;
    pem_blocks::first(&text, label).with_context(|| file.to_owned())
}

impl World {
    /// Our verdict and whether the oracle accepts.
    fn judge(
        &self,
        constraints: &[u8],
        critical: bool,
        name: &Name,
    ) -> Result<(Result<(), Refusal>, bool)> {
        let (root_name, issuing_name) = (common_name("root"), common_name("issuing"));
        let root = BareCertificate::authority(&root_name, &root_name, &self.root_key);
        let root = root.signed(&self.root_key);
        let issuing = BareCertificate::authority(&root_name, &issuing_name, &self.issuing_key)
            .with("2.5.29.30", critical, constraints)
            .signed(&self.root_key);
        let leaf = self.leaf(&issuing_name, name)?.signed(&self.issuing_key);
        let time = suites::time("20261124120000Z");
        let (bag, anchors) = ([issuing], [root]);
        let found = crate::verify(
            &leaf,
            &bag,
            &anchors,
            &PathRules::new(time, KeyUse::Any, RevocationCheck::Off).with_any_leaf(),
        )
        .map(drop);
        Ok((found, oracle::webpki(&leaf, &bag, &anchors, time, Purpose::Any).is_ok()))
    }

    fn leaf(&self, issuer: &[u8], name: &Name) -> Result<BareCertificate> {
        let alternative = |value: &[u8]| {
            let subject = der::sequence(&[]);
            BareCertificate::new(issuer, &subject, &self.root_key).with("2.5.29.17", true, value)
        };
        Ok(match name {
            Name::Subject(file) => {
                let subject = read(&self.folder, file, "NAME")?;
                // An empty subject needs an alternative name; a registered identifier is constrained by nothing.
                let leaf = BareCertificate::new(issuer, &subject, &self.root_key);
                let any = der::sequence(&[&der::value(0x88, &[0x2a, 3])]);
                if subject == der::sequence(&[]) {
                    leaf.with("2.5.29.17", true, &any)
                } else {
                    leaf
                }
            }
            Name::Directory(file) => {
                let subject = read(&self.folder, file, "NAME")?;
                alternative(&der::sequence(&[&der::value(0xa4, &subject)]))
            }
            Name::Alternative(file) => {
                alternative(&read(&self.folder, file, "SUBJECT ALTERNATIVE NAME")?)
            }
            Name::Dns(text) => alternative(&der::sequence(&[&der::value(0x82, text.as_bytes())])),
            Name::V4(bytes) => alternative(&der::sequence(&[&der::value(0x87, bytes)])),
            Name::V6(bytes) => alternative(&der::sequence(&[&der::value(0x87, bytes)])),
        })
    }
}
