//! parse_certificate_unittest: certificates, and parts of certificates, that parse or do not.
//!
//! Of a part, a TBSCertificate or an authorityKeyIdentifier, a certificate is made. The suite's TBSCertificates have
//! stand-ins where its parser does not look: one short SEQUENCE in place of a name, a key, an algorithm or an extension.
//! They are replaced by something real, so that what is tested decides.

use crate::der_walk::{contents, values};
use crate::{common_name, new_key};
use anyhow::{Context, Result};
use credmint_core::x509::Certificate;
use credmint_tests::fixtures::bare_certificate::{BareCertificate, extension, signed};
use credmint_tests::fixtures::der;
use credmint_tests::shared_data;
use credmint_tests::suites::{Suite, pem_blocks};
use rustls::pki_types::CertificateDer;
use webpki::EndEntityCert;

#[test]
fn certificates() -> Result<()> {
    let Some(folder) = shared_data::folder("boringssl-pki/parse_certificate_unittest") else {
        return Ok(());
    };
    let mut suite = Suite::open("boringssl-pki/parse_certificate_unittest");
    for file in crate::files(&folder, "pem")? {
        let text = crate::text(&file)?;
        let name = crate::name(&folder, &file)?;
        let certificate = certificate(&text).with_context(|| name.clone())?;
        let oracle = EndEntityCert::try_from(&CertificateDer::from(certificate.as_slice())).is_ok();
        let found = Certificate::from_der(&certificate).map(drop);
        suite.judge_beside(&name, is_good(&name, &text), &found, oracle);
    }
    suite.finish(103);
    Ok(())
}

/// The suite notes the errors in the file, but for these, whose verdict is in its test.
fn is_good(name: &str, text: &str) -> bool {
    const AUTHORITY_KEY_IDENTIFIERS: &[&str] = &[
        "empty_sequence",
        "key_identifier",
        "issuer_and_serial",
        "key_identifier_and_issuer_and_serial",
        "url_issuer_and_serial",
    ];
    if let Some(name) = name.strip_prefix("authority_key_identifier/") {
        return AUTHORITY_KEY_IDENTIFIERS.contains(&name);
    }
    let errors = pem_blocks::first(text, "ERRORS").unwrap_or_default();
    !String::from_utf8_lossy(&errors).lines().any(|line| line.starts_with("ERROR: "))
}

/// The certificate of a file, or one around what the file has.
fn certificate(text: &str) -> Result<Vec<u8>> {
    if let Some(certificate) = pem_blocks::first(text, "CERTIFICATE") {
        return Ok(certificate);
    }
    let key = new_key();
    let model = BareCertificate::new(&common_name("issuer"), &common_name("subject"), &key);
    if let Some(value) = pem_blocks::first(text, "AUTHORITY_KEY_IDENTIFIER") {
        return Ok(model.with("2.5.29.35", false, &value).signed(&key));
    }
    let tbs = pem_blocks::first(text, "TBS CERTIFICATE").context("neither block")?;
    let tbs = without_stand_ins(&tbs, &model);
    // A real one names the algorithm that it was signed with.
    let algorithm = values(contents(&tbs)).into_iter().find(|value| value[0] == 0x30);
    Ok(signed(&tbs, algorithm.context("an algorithm")?, &key))
}

/// A TBSCertificate with the fields of `model` in place of stand-ins.
fn without_stand_ins(tbs: &[u8], model: &BareCertificate) -> Vec<u8> {
    let is_stand_in = |value: &[u8]| matches!(value, [0x30, 3, 4, 1, _]);
    let mut real = [&*model.algorithm, &model.issuer, &[], &model.subject, &model.spki].into_iter();
    let mut fields = Vec::new();
    for value in values(contents(tbs)) {
        // The SEQUENCEs stand in this order, the validity, which is always real, in the middle.
        let field = if value[0] == 0x30 { real.next() } else { None };
        match field {
            Some(field) if is_stand_in(value) => fields.extend_from_slice(field),
            _ if value[0] == 0xa3 && is_stand_in(contents(value)) => {
                let list = der::sequence(&[&extension("2.5.29.14", false, &[4, 1, 7])]);
                fields.extend(der::value(0xa3, &list));
            }
            _ => fields.extend_from_slice(value),
        }
    }
    der::sequence(&[&fields])
}
