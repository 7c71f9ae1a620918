//! What the signatures of an exchange cost by themselves, on AWS-LC, with keys that are prepared.

use super::exchange::{Exchange, Verified};
use crate::measure::took;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING,
    EcdsaKeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
};
use credmint_tests::fixtures::key::TestKey;
use std::time::Duration;

/// As much as a token or a certificate has.
const MESSAGE: [u8; 900] = [b'x'; 900];

/// The time of one signature each.
pub(crate) struct Bare {
    pub(crate) rsa_verified: Duration,
    pub(crate) ec_verified: Duration,
    pub(crate) ec_signed: Duration,
}

impl Bare {
    /// Measures them here and now.
    ///
    /// # Panics
    /// When AWS-LC fails.
    pub(crate) fn measure() -> Self {
        let (rsa, ec, random) = (TestKey::rsa(), TestKey::ec(), SystemRandom::new());
        let of_rsa = rsa.sign("RS256", &MESSAGE);
        let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, rsa.spki_der());
        let key = key.expect("an RSA key");
        let rsa_verified = took(|| key.verify_sig(&MESSAGE, &of_rsa).expect("a good signature"));
        let signer = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, ec.pkcs8_der());
        let signer = signer.expect("an EC key");
        let of_ec = signer.sign(&random, &MESSAGE).expect("a signature");
        let key = ParsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, ec.spki_der());
        let key = key.expect("an EC key");
        let verify = || key.verify_sig(&MESSAGE, of_ec.as_ref()).expect("a good signature");
        let ec_verified = took(verify);
        let signer = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, ec.pkcs8_der());
        let signer = signer.expect("an EC key");
        let ec_signed = took(|| signer.sign(&random, &MESSAGE).expect("a signature"));
        Self { rsa_verified, ec_verified, ec_signed }
    }

    /// All signatures of one exchange, with that of the access token.
    pub(crate) fn of(&self, exchange: Exchange) -> Duration {
        let Verified { rsa, ec } = exchange.verified();
        self.rsa_verified * rsa + self.ec_verified * ec + self.ec_signed
    }
}
