//! The signature arithmetic of the JavaScript host: several times faster than any compiled to WebAssembly.

use core::cell::Cell;
use credmint_core::Hash;
use credmint_core::jose::{Algorithm, AlgorithmSet, known_answers};
use credmint_core::signature::{Answer, Backend, PublicKey, Scheme};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(raw_module = "#signature")]
extern "C" {
    /// `js/src/signature/verify.ts` says what it answers. The bytes are views of this module's memory.
    #[wasm_bindgen(js_name = verifySignature, catch)]
    fn verify_signature(
        scheme: &str,
        hash: Option<&str>,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<u8, JsValue>;
}

/// The back end of the host, for the algorithms of JOSE that it knows the known answers of. Where the host has none, or
/// one that fails, the next is asked.
pub(crate) struct Host;

impl Backend for Host {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        let of_jose = Algorithm::ALL.iter().find(|algorithm| algorithm.scheme() == scheme);
        match of_jose {
            Some(algorithm) if passes(*algorithm) => Asked.verify(scheme, key, message, signature),
            _ => Answer::Unsupported,
        }
    }
}

thread_local! {
    /// The algorithms that the host was probed for, and those of them that it passed.
    static PROBED: Cell<(AlgorithmSet, AlgorithmSet)> = Cell::default();
}

/// Whether the host passes the probe of an algorithm, which is made when the algorithm is first met.
fn passes(algorithm: Algorithm) -> bool {
    let (probed, passed) = PROBED.get();
    if probed.contains(algorithm) {
        return passed.contains(algorithm);
    }
    let passes = known_answers::passes(&Asked, algorithm);
    let more = |set: AlgorithmSet, new: bool| set.iter().chain(new.then_some(algorithm)).collect();
    PROBED.set((more(probed, true), more(passed, passes)));
    passes
}

/// The host, asked about everything.
struct Asked;

impl Backend for Asked {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        let name = match scheme {
            Scheme::RsaPkcs1(_) => "rsa-pkcs1",
            Scheme::RsaPss(_) => "rsa-pss",
            Scheme::Ecdsa(..) => "ecdsa",
            Scheme::Ed25519 => "ed25519",
            _ => return Answer::Unsupported,
        };
        let hash = match scheme.hash() {
            None => None,
            Some(Hash::Sha256) => Some("sha256"),
            Some(Hash::Sha384) => Some("sha384"),
            Some(Hash::Sha512) => Some("sha512"),
            Some(_) => return Answer::Unsupported,
        };
        match verify_signature(name, hash, key.spki_der(), message, signature) {
            Ok(1) => Answer::Good,
            Ok(0) => Answer::Bad,
            _ => Answer::Unsupported,
        }
    }
}
