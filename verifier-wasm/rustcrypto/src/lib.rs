//! The signature back end in pure Rust: it is there on every host, and answers where no faster one does.
//!
//! It verifies and holds no private key. Key and signature reach it checked in form by the core.
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod ecdsa;
mod rsa;

use credmint_core::signature::{Answer, Backend, Curve, PublicKey, Scheme};

/// RSASSA-PKCS1-v1_5 with every hash, and ECDSA on P-256 and P-384 with the SHA-2 hashes.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

impl Backend for RustCrypto {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        let good = match scheme {
            Scheme::RsaPkcs1(hash) => rsa::verify(hash, key, message, signature),
            Scheme::Ecdsa(Curve::P256, hash) => ecdsa::verify_p256(hash, key, message, signature),
            Scheme::Ecdsa(Curve::P384, hash) => ecdsa::verify_p384(hash, key, message, signature),
            _ => None,
        };
        match good {
            Some(true) => Answer::Good,
            Some(false) => Answer::Bad,
            None => Answer::Unsupported,
        }
    }
}
