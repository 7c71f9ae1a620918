//! Generated chains, judged here and by `openssl verify -x509_strict`: every difference has a rule that explains it.
//!
//! `CREDMINT_SEED` (a number) chooses the chains and `PROPTEST_CASES` how many there are; each costs a process.

#[path = "x509_generated/certificate.rs"]
mod certificate;
#[path = "x509_openssl/chain.rs"]
mod chain;
#[path = "x509_generated/compare.rs"]
mod compare;
#[path = "x509_openssl/rules.rs"]
mod rules;

use chain::{Chain, chains};
use compare::{NOW, name, verify};
use credmint_core::Code;
use credmint_tests::fixtures::pem;
use std::fs;
use std::path::Path;
use std::process::Command;

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
    let folder = tempfile::tempdir().expect("a folder");
    compare::every_difference_has_a_rule(&chains(), 64, |chain| {
        let verdicts = judge(chain, folder.path());
        let rule = rules::RULES.iter().find(|rule| rule.explains(chain, &verdicts));
        name(chain, verdicts.ours, &verdicts.openssl, rule.map(|rule| rule.name))
    });
}

fn judge(chain: &Chain, folder: &Path) -> Verdicts {
    let (leaf, intermediates, root) = chain.issue();
    Verdicts {
        ours: verify(&leaf, &intermediates, &root),
        openssl: openssl(&leaf, &intermediates, &root, folder),
    }
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
    command.args(["-attime", &NOW.seconds().to_string(), "-no-CApath", "-no-CAstore"]);
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
