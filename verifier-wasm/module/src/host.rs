//! The signature arithmetic of the JavaScript host: several times faster than any compiled to WebAssembly.

use credmint_core::Hash;
use credmint_core::signature::{Answer, Backend, PublicKey, Scheme};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(raw_module = "#signature")]
extern "C" {
    /// `js/src/signature/verify.ts` says what it answers. The octets are views of this module's memory.
    #[wasm_bindgen(js_name = verifySignature, catch)]
    fn verify_signature(
        hash: &str,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<u8, JsValue>;
}

/// The back end of the host. Where the host has none, or one that fails, the next is asked.
pub(crate) struct Host;

impl Backend for Host {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        let hash = match scheme {
            Scheme::RsaPkcs1(hash) | Scheme::Ecdsa(_, hash) => hash,
            _ => return Answer::Unsupported,
        };
        let hash = match hash {
            Hash::Sha256 => "sha256",
            Hash::Sha384 => "sha384",
            Hash::Sha512 => "sha512",
            _ => return Answer::Unsupported,
        };
        match verify_signature(hash, key.spki_der(), message, signature) {
            Ok(1) => Answer::Good,
            Ok(0) => Answer::Bad,
            _ => Answer::Unsupported,
        }
    }
}
