//! crl_unittest: a certificate, its issuer, and a revocation list that clears it, revokes it or is no proof of either.
//!
//! The suite's keys have 1024 bits, which no rule here lets pass. So every authority gets a new key of 2048 bits, and
//! what its old key had signed is signed anew; a signature that was wrong stays wrong. And every list of version 2 gets
//! the number that RFC 5280 section 5.2.3 demands and the suite leaves out.

use crate::der_walk::{contents, key_of, spki_of, values};
use anyhow::{Context, Result};
use aws_lc_rs::signature::{
    RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY as RSA_SHA256, UnparsedPublicKey,
};
use credmint_core::x509::{Crl, KeyUse, PathRules, RevocationCheck};
use credmint_core::{Code, Refusal};
use credmint_tests::fixtures::bare_certificate::{extension, rsa_sha256, signed};
use credmint_tests::fixtures::der;
use credmint_tests::shared_data;
use credmint_tests::suites::{self, Suite, pem_blocks};
use rcgen::PublicKeyData;

/// An authority of the suite: its old key, a new one, its certificate with it.
struct Authority {
    old_key: Vec<u8>,
    new_key: rcgen::KeyPair,
    tbs: Vec<u8>,
}

#[test]
fn revocation_lists() -> Result<()> {
    let Some(folder) = shared_data::folder("boringssl-pki/crl_unittest") else { return Ok(()) };
    let mut suite = Suite::open("boringssl-pki/crl_unittest");
    let keys = [new_key()?, new_key()?];
    for file in crate::files(&folder, "pem")? {
        let name = crate::name(&folder, &file)?;
        let found = verify(&crate::text(&file)?, &keys).with_context(|| name.clone())?;
        // A list without an end is refused before it is asked.
        if name.starts_with("revoked") && !name.ends_with("no_nextupdate") {
            let code = found.as_ref().err().map(Refusal::code);
            assert_eq!(code, Some(Code::CertificateRevoked), "{name}: {found:?}");
        }
        suite.judge(&name, name.starts_with("good"), &found);
    }
    suite.finish(66);
    Ok(())
}

fn new_key() -> Result<rcgen::KeyPair> {
    Ok(rcgen::KeyPair::generate_for(&rcgen::PKCS_RSA_SHA256)?)
}

/// The verdict of a path on which every certificate needs a list, the list alone being given.
fn verify(text: &str, keys: &[rcgen::KeyPair; 2]) -> Result<Result<(), Refusal>> {
    let mut authorities = Vec::new();
    for (label, key) in ["CA CERTIFICATE", "CA CERTIFICATE 2"].into_iter().zip(keys) {
        if let Some(certificate) = pem_blocks::first(text, label) {
            authorities.push(Authority::new(&certificate, key));
        }
    }
    let leaf = pem_blocks::first(text, "CERTIFICATE").context("a certificate")?;
    let leaf = with_key(&leaf, &crate::new_key());
    let list = anew(&pem_blocks::first(text, "CRL").context("a list")?, &authorities);
    // The list is the first authority's or that of the one above, which is an anchor as it is.
    let certificates: Vec<Vec<u8>> = authorities
        .iter()
        .map(|authority| {
            signed(&authority.tbs, rsa_sha256(), &authorities.last().expect("one").new_key)
        })
        .collect();
    let leaf = signed(&leaf, rsa_sha256(), &authorities[0].new_key);
    let (anchor, intermediates) = certificates.split_last().context("an authority")?;
    let list = match Crl::from_der(&list) {
        Ok(list) => list,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let lists = [list];
    // A list is given for the target alone.
    let revocation = match intermediates {
        [] => RevocationCheck::Required(&lists),
        _ => RevocationCheck::IfListed(&lists),
    };
    let time = suites::time("20170309000000Z");
    let rules = PathRules::new(time, KeyUse::Any, revocation).with_any_leaf();
    Ok(crate::verify(&leaf, intermediates, std::slice::from_ref(anchor), &rules).map(drop))
}

impl Authority {
    fn new(certificate: &[u8], new_key: &rcgen::KeyPair) -> Self {
        let new_key = rcgen::KeyPair::try_from(new_key.serialize_der()).expect("a key");
        Self {
            old_key: key_of(certificate),
            tbs: as_authority(&with_key(certificate, &new_key)),
            new_key,
        }
    }
}

/// The TBSCertificate of a certificate, with another key.
fn with_key(certificate: &[u8], key: &rcgen::KeyPair) -> Vec<u8> {
    let tbs = values(contents(certificate))[0];
    let old = spki_of(certificate);
    let fields: Vec<Vec<u8>> = values(contents(tbs))
        .into_iter()
        .map(|value| if value == old { key.subject_public_key_info() } else { value.to_vec() })
        .collect();
    der::sequence(&[&fields.concat()])
}

/// A list, signed with the new key of the authority that had signed it.
fn anew(list: &[u8], authorities: &[Authority]) -> Vec<u8> {
    let [tbs, algorithm, signature] = values(contents(list))[..] else { return list.to_vec() };
    if signature[0] != 3 {
        return list.to_vec();
    }
    let bytes = contents(signature).get(1..).unwrap_or_default();
    let signer = authorities.iter().find(|authority| {
        UnparsedPublicKey::new(&RSA_SHA256, &authority.old_key).verify(tbs, bytes).is_ok()
    });
    match signer {
        Some(signer) => signed(&with_number(tbs), algorithm, &signer.new_key),
        None => list.to_vec(),
    }
}

/// A TBSCertList of version 2 with a cRLNumber; any other as it is.
fn with_number(tbs: &[u8]) -> Vec<u8> {
    let fields = values(contents(tbs));
    let is_version_2 = fields[0].starts_with(&[2, 1, 1]);
    // The entries or a time may be the last field; anything else is what a case is about.
    let ends_well = fields.last().is_some_and(|last| [0x17, 0x18, 0x30, 0xa0].contains(&last[0]));
    match is_version_2 && ends_well {
        true => with_extension(tbs, 0xa0, &extension("2.5.29.20", false, &der::small_integer(1))),
        false => tbs.to_vec(),
    }
}

/// The TBSCertificate of an authority, with basicConstraints; the suite leaves them out too.
fn as_authority(tbs: &[u8]) -> Vec<u8> {
    let constraints = extension("2.5.29.19", true, &[0x30, 3, 1, 1, 0xff]);
    match tbs.windows(5).any(|at| at == [6, 3, 0x55, 0x1d, 0x13]) {
        true => tbs.to_vec(),
        false => with_extension(tbs, 0xa3, &constraints),
    }
}

/// A structure whose extensions, the last field with this tag, have one more.
fn with_extension(tbs: &[u8], tag: u8, more: &[u8]) -> Vec<u8> {
    let mut fields: Vec<Vec<u8>> = values(contents(tbs)).into_iter().map(<[u8]>::to_vec).collect();
    let list = match fields.pop_if(|last| last[0] == tag) {
        Some(extensions) => der::sequence(&[contents(contents(&extensions)), more]),
        None => der::sequence(&[more]),
    };
    fields.push(der::value(tag, &list));
    der::sequence(&[&fields.concat()])
}
