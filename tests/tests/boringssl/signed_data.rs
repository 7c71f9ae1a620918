//! verify_signed_data_unittest: a key, an algorithm, data and a signature, as in a certificate.

use anyhow::{Context, Result};
use credmint_core::signature::SignatureProvider;
use credmint_core::x509::verify_signed_data;
use credmint_core::{Refusal, Stop};
use credmint_rustcrypto::RustCrypto;
use credmint_tests::shared_data;
use credmint_tests::suites::{Suite, pem_blocks};

/// The cases whose signature verifies.
const GOOD: &[&str] = &[
    "ecdsa-prime256v1-sha512",
    "ecdsa-secp384r1-sha256",
    "rsa-pkcs1-sha1",
    "rsa-pkcs1-sha256",
    "rsa-pss-sha256",
    "rsa2048-pkcs1-sha512",
];

#[test]
fn signed_data() -> Result<()> {
    let Some(folder) = shared_data::folder("boringssl-pki/verify_signed_data_unittest") else {
        return Ok(());
    };
    let mut suite = Suite::open("boringssl-pki/verify_signed_data_unittest");
    for file in crate::files(&folder, "pem")? {
        let name = crate::name(&folder, &file)?;
        let found = verify(&crate::text(&file)?).with_context(|| name.clone())?;
        suite.judge(&name, GOOD.contains(&name.as_str()), &found);
    }
    suite.finish(26);
    Ok(())
}

fn verify(text: &str) -> Result<Result<(), Refusal>> {
    let block = |label: &str| pem_blocks::first(text, label).with_context(|| label.to_owned());
    let (key, algorithm) = (block("PUBLIC KEY")?, block("ALGORITHM")?);
    let (data, signature) = (block("DATA")?, block("SIGNATURE")?);
    let signatures = SignatureProvider { backends: &[&RustCrypto] };
    let verified = verify_signed_data(&key, &algorithm, &data, &signature, signatures);
    Ok(verified.map_err(Stop::into_refusal))
}
