//! The signature back end in pure Rust: it is there on every host, and answers where no faster one does.
//!
//! It verifies and holds no private key. Key and signature reach it checked in form by the core.
#![doc = ""]
#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod dsa;
mod ecdsa;
mod ed25519;
mod rsa;

use credmint_core::signature::{Answer, Backend, PublicKey, Scheme};

/// Every scheme: RSASSA-PKCS1-v1_5 with every hash; RSASSA-PSS, and ECDSA on every curve, with the SHA-2 hashes;
/// Ed25519; DSA with SHA-1.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCrypto;

impl Backend for RustCrypto {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        let good = match scheme {
            Scheme::RsaPkcs1(hash) => rsa::verify_pkcs1(hash, key, message, signature),
            Scheme::RsaPss(hash) => rsa::verify_pss(hash, key, message, signature),
            Scheme::Ecdsa(curve, hash) => ecdsa::verify(curve, hash, key, message, signature),
            Scheme::Ed25519 => ed25519::verify(key, message, signature),
            Scheme::DsaSha1 => dsa::verify_sha1(key, message, signature),
            _ => None,
        };
        match good {
            Some(true) => Answer::Good,
            Some(false) => Answer::Bad,
            None => Answer::Unsupported,
        }
    }
}
