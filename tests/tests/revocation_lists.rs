//! Revocation lists with one defect or one peculiarity each, from pyca/cryptography: read or refused by a name of
//! its own, never by a panic.

use anyhow::{Context, Result};
use credmint_core::x509::{Crl, RevocationReason};
use credmint_core::{Code, Refusal, pem};
use credmint_tests::shared_data;
use std::fs;
use std::path::Path;

/// The lists, with how many entries are read or why it is refused.
const LISTS: &[(&str, Result<usize, Code>)] = &[];

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
        let read = read(&path)?.map(|list| list.len()).map_err(|refusal| refusal.code());
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

#[test]
fn reasons_and_entries_are_those_of_the_list() -> Result<()> {
    let Some(folder) = shared_data::folder("pyca") else { return Ok(()) };
    let list = read(&folder.join("x509/custom/crl_all_reasons.pem"))?;
    // removeFromCRL is among them, which no complete list may have.
    assert_eq!(list.map(drop).map_err(|refusal| refusal.code()), Err(Code::CrlMalformed));
    let list = read(&folder.join("x509/custom/crl_almost_10k.pem"))?;
    let list = list.map_err(|refusal| anyhow::anyhow!("{refusal}"))?;
    assert!(list.len() > 9000);
    assert_eq!(list.reason_of(&[0x7f; 20]), None::<RevocationReason>);
    Ok(())
}

/// The list in a file, PEM or DER.
fn read(path: &Path) -> Result<Result<Crl, Refusal>> {
    let octets = fs::read(path)?;
    Ok(match std::str::from_utf8(&octets) {
        Ok(text) if text.contains("-----BEGIN") => {
            pem::revocation_list(text).and_then(|der| Crl::from_der(&der))
        }
        _ => Crl::from_der(&octets),
    })
}
