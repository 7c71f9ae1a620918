//! verify_certificate_chain_unittest: a chain in order, the target first and the anchor last, and the errors that it
//! must have.
//!
//! The suite's verifier takes an anchor as a name and a key unless a case says otherwise; ours holds a root to what its
//! certificate says. So the cases whose root would fail are exceptions, and their twins, in which the suite's anchor is
//! held to its dates and constraints too, are not.

use anyhow::{Context, Result};
use const_oid::ObjectIdentifier;
use credmint_core::x509::{KeyUse, PathRules, RevocationCheck};
use credmint_core::{Refusal, UnixTime};
use credmint_tests::shared_data;
use credmint_tests::suites::oracle::{self, Purpose};
use credmint_tests::suites::{self, Suite, pem_blocks};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// One `.test` file.
struct Case {
    /// Target first.
    chain: Vec<Vec<u8>>,
    anchored: bool,
    time: UnixTime,
    purpose: Purpose,
    good: bool,
}

#[test]
fn chains() -> Result<()> {
    let Some(folder) = shared_data::folder("boringssl-pki/verify_certificate_chain_unittest")
    else {
        return Ok(());
    };
    let mut suite = Suite::open("boringssl-pki/verify_certificate_chain_unittest");
    for file in crate::files(&folder, "test")? {
        let case = Case::read(&file).with_context(|| file.display().to_string())?;
        let name = crate::name(&folder, &file)?;
        suite.judge_beside(&name, case.good, &case.verdict(), case.oracle());
    }
    suite.finish(72);
    Ok(())
}

impl Case {
    fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file)?;
        let (head, errors) = text.split_once("expected_errors:").context("expected_errors")?;
        let values: BTreeMap<&str, &str> =
            head.lines().filter_map(|line| line.split_once(": ")).collect();
        let value = |key: &str| values.get(key).copied().with_context(|| key.to_owned());
        let chain = file.parent().context("a folder")?.join(value("chain")?);
        Ok(Self {
            chain: pem_blocks::all(&fs::read_to_string(chain)?, "CERTIFICATE"),
            // A chain whose end is a trusted leaf, distrusted or of no special trust has no anchor.
            anchored: value("last_cert_trust")?.starts_with("TRUSTED_ANCHOR"),
            time: match value("utc_time")? {
                "DEFAULT" => suites::time("211005120000Z"),
                time => suites::time(time),
            },
            purpose: purpose(value("key_purpose")?)?,
            good: !errors.lines().any(|line| line.starts_with("ERROR: ")),
        })
    }

    fn verdict(&self) -> Result<(), Refusal> {
        let usage;
        let key_use = match self.purpose {
            Purpose::Any => KeyUse::Any,
            Purpose::Use(oid) => {
                usage = [ObjectIdentifier::from_bytes(oid).expect("an identifier")];
                KeyUse::Named(&usage)
            }
        };
        let rules = PathRules::new(self.time, key_use, RevocationCheck::Off).with_any_leaf();
        let (leaf, others, anchors) = self.roles();
        crate::verify(leaf, others, &anchors, &rules).map(drop)
    }

    fn oracle(&self) -> bool {
        let (leaf, others, anchors) = self.roles();
        oracle::webpki(leaf, others, &anchors, self.time, self.purpose).is_ok()
    }

    /// The target, the others, and the last one when it is an anchor.
    fn roles(&self) -> (&[u8], &[Vec<u8>], Vec<Vec<u8>>) {
        let (leaf, others) = self.chain.split_first().expect("a target");
        (leaf, others, self.chain.last().filter(|_| self.anchored).cloned().into_iter().collect())
    }
}

/// The use that a case asks for. `STRICT` forms differ in what the suite's verifier lets pass.
fn purpose(name: &str) -> Result<Purpose> {
    Ok(match name.trim_end_matches("_LEAF").trim_end_matches("_STRICT") {
        "ANY_EKU" => Purpose::Any,
        "SERVER_AUTH" => Purpose::SERVER,
        "CLIENT_AUTH" => Purpose::CLIENT,
        // id-kp-rcsMlsClient, 2.23.146.2.1.3.
        "MLS_CLIENT_AUTH" => Purpose::Use(&[0x67, 0x81, 0x12, 2, 1, 3]),
        _ => anyhow::bail!("key_purpose {name}"),
    })
}
