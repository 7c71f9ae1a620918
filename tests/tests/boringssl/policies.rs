//! certificate_policies_unittest: certificatePolicies extensions that parse or do not, each critical and not.

use crate::{common_name, new_key};
use anyhow::{Context, Result};
use credmint_core::Refusal;
use credmint_core::x509::{KeyUse, PathRules, RevocationCheck};
use credmint_tests::fixtures::bare_certificate::BareCertificate;
use credmint_tests::shared_data;
use credmint_tests::suites::{self, Suite, pem_blocks};

#[test]
fn certificate_policies() -> Result<()> {
    let Some(folder) = shared_data::folder("boringssl-pki/certificate_policies_unittest") else {
        return Ok(());
    };
    let mut suite = Suite::open("boringssl-pki/certificate_policies_unittest");
    for file in crate::files(&folder, "pem")? {
        let name = crate::name(&folder, &file)?;
        let text = crate::text(&file)?;
        let value = pem_blocks::first(&text, "CERTIFICATE POLICIES").context("policies")?;
        // A qualifier that is not known must be when the extension is critical (RFC 5280 section 4.2.1.4).
        let good = !name.starts_with("invalid-");
        suite.judge(&name, good, &verify(&value, false));
        let good = good && name != "policy_1_2_3_with_custom_qualifier";
        suite.judge(&format!("{name}, critical"), good, &verify(&value, true));
    }
    suite.finish(28);
    Ok(())
}

/// The verdict on a leaf with these policies below a root without any.
fn verify(value: &[u8], critical: bool) -> Result<(), Refusal> {
    let (root, leaf) = (common_name("root"), common_name("leaf"));
    let (root_key, leaf_key) = (new_key(), new_key());
    let anchor = BareCertificate::authority(&root, &root, &root_key).signed(&root_key);
    let leaf = BareCertificate::new(&root, &leaf, &leaf_key).with("2.5.29.32", critical, value);
    let rules = PathRules::new(suites::time("20261124120000Z"), KeyUse::Any, RevocationCheck::Off)
        .with_any_leaf();
    crate::verify(&leaf.signed(&root_key), &[], &[anchor], &rules).map(drop)
}
