//! Revocation lists with one defect or one peculiarity each, from pyca/cryptography: read or refused by a name of
//! its own, never by a panic.

use anyhow::{Context, Result};
use credmint_core::x509::Crl;
use credmint_core::{Code, Refusal, pem};
use credmint_tests::shared_data;
use std::fs;
use std::path::Path;

/// How many entries were read, or the code and the field of the refusal.
type Read = Result<usize, (Code, &'static str)>;

/// The lists, with how many entries are read, or why it is refused and at which field.
const LISTS: &[(&str, Read)] = &[
    ("crl_all_reasons.pem", Err((Code::UnsupportedCrlIndirect, ""))),
    ("crl_almost_10k.pem", Ok(9_999)),
    ("crl_bad_version.pem", Err((Code::CrlMalformed, "version"))),
    ("crl_delta_crl_indicator.pem", Err((Code::UnsupportedCrlDelta, "CN=cryptography.io CA"))),
    ("crl_dup_entry_ext.pem", Err((Code::CrlMalformed, "extensions"))),
    ("crl_empty.pem", Ok(0)),
    ("crl_empty_no_sequence.der", Ok(0)),
    ("crl_ian_aia_aki.pem", Ok(0)),
    (
        "crl_idp_fullname_indirect_crl.pem",
        Err((Code::UnsupportedCrlIndirect, "issuingDistributionPoint")),
    ),
    ("crl_idp_fullname_only.pem", Ok(0)),
    ("crl_idp_fullname_only_aa.pem", Ok(0)),
    ("crl_idp_fullname_only_user.pem", Ok(0)),
    ("crl_idp_only_ca.pem", Ok(0)),
    ("crl_idp_reasons_only.pem", Ok(0)),
    ("crl_idp_relative_user_all_reasons.pem", Ok(0)),
    ("crl_idp_relativename_only.pem", Ok(0)),
    ("crl_inner_outer_mismatch.der", Err((Code::CrlMalformed, "signature"))),
    ("crl_inval_cert_issuer_entry_ext.pem", Err((Code::UnsupportedCrlIndirect, ""))),
    ("crl_inval_date_fractional_seconds.der", Err((Code::CrlMalformed, "issuer"))),
    ("crl_invalid_time.der", Err((Code::CrlMalformed, "thisUpdate"))),
    ("crl_issuer_invalid_printable_string.der", Ok(1)),
    ("crl_md2_unknown_crit_entry_ext.pem", Err((Code::CrlExtensionCritical, "crlEntryExtensions"))),
    ("crl_no_next_update.pem", Err((Code::CrlMalformed, "nextUpdate"))),
    ("crl_unrecognized_extension.der", Ok(0)),
    ("crl_unsupported_reason.pem", Err((Code::CrlMalformed, "reasonCode"))),
    ("invalid_signature_crl.pem", Ok(0)),
    ("valid_signature_crl.pem", Ok(0)),
];

#[test]
fn lists_of_pyca_are_read_or_refused_by_name() -> Result<()> {
    let Some(folder) = shared_data::folder("pyca") else { return Ok(()) };
    let mut wrong = Vec::new();
    let mut found = 0;
    for entry in fs::read_dir(folder.join("x509/custom"))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).context("a name")?.to_owned();
        if !name.starts_with("crl_") && !name.ends_with("_crl.pem") {
            continue;
        }
        found += 1;
        let read = read(&path)?.map(|list| list.len());
        let read = read.as_ref().map(|entries| *entries).map_err(|refusal| {
            let detail = refusal.detail_text().unwrap_or_default();
            (refusal.code(), detail.split(':').next().unwrap_or_default())
        });
        match LISTS.iter().find(|(known, _)| *known == name) {
            Some((_, expect)) if *expect == read => {}
            Some((_, expect)) => wrong.push(format!("{name}: {read:?}, not {expect:?}")),
            None => wrong.push(format!("    (\"{name}\", {read:?}),")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(found, LISTS.len(), "a list is gone");
    Ok(())
}

/// The list in a file, PEM or DER.
fn read(path: &Path) -> Result<Result<Crl, Refusal>> {
    let bytes = fs::read(path)?;
    Ok(match std::str::from_utf8(&bytes) {
        Ok(text) if text.contains("-----BEGIN") => {
            pem::revocation_lists(text).and_then(|lists| Crl::from_der(&lists[0]))
        }
        _ => Crl::from_der(&bytes),
    })
}
