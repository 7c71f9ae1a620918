//! A second reader: every certificate, revocation list and name of the test material that our readers read is read by
//! x509-cert as well, with equal fields. Where it is not, a difference of the table says why.

mod certificates;
mod corpus;
mod differences;
mod lists;
mod names;

use corpus::Blob;
use credmint_core::x509::{Certificate, Crl, Name};
use credmint_tests::shared_data;
use differences::Differences;
use std::collections::BTreeSet;

/// How many values of a kind were compared.
#[derive(Default)]
struct Counts {
    certificates: usize,
    lists: usize,
    names: usize,
}

#[test]
fn what_is_read_here_is_read_by_x509_cert_with_equal_fields() {
    let Some(data) = shared_data::folder("") else { return };
    let (mut seen, mut counts) = (BTreeSet::new(), Counts::default());
    let mut differences = Differences::default();
    for file in shared_data::files(&data).expect("the test material") {
        for Blob { at, bytes } in corpus::blobs(&file) {
            if seen.insert(bytes.clone()) {
                compare(&at, &bytes, &mut counts, &mut differences);
            }
        }
    }
    let Counts { certificates, lists, names } = counts;
    println!("{certificates} certificates, {lists} lists, {names} names");
    differences.finish();
    assert!(certificates > 1_400 && lists > 170 && names > 90, "the material is not whole");
}

/// Compares what the bytes are for us.
fn compare(at: &str, bytes: &[u8], counts: &mut Counts, differences: &mut Differences) {
    if let Ok(ours) = Certificate::from_der(bytes) {
        counts.certificates += 1;
        differences.judge(at, bytes, certificates::compare(bytes, &ours));
    }
    if let Ok(ours) = Crl::from_der(bytes) {
        counts.lists += 1;
        differences.judge(at, bytes, lists::compare(bytes, &ours));
    }
    if let Ok(ours) = Name::from_der(bytes) {
        counts.names += 1;
        differences.judge(at, bytes, names::compare(bytes, &ours));
    }
}
