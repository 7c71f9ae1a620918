//! The host as a signature back end: Envoy's foreign function `verify_signature`, about fifteen times as fast as the
//! same arithmetic in WebAssembly.
//!
//! Whether it serves is found out once, when the filter is configured: for each algorithm it must call a good
//! signature good and a bad one bad. What it does not offer is left to the next back end, in pure Rust.

mod message;

use crate::host::Host;
use credmint_core::jose::{Algorithm, AlgorithmSet, known_answers};
use credmint_core::signature::{Answer, Backend, PublicKey, Scheme, der_from_fixed};

/// The name of the function in Envoy.
const FUNCTION: &str = "verify_signature";

/// The algorithms that the function has a name for: not RSASSA-PSS, and a key that is neither RSA nor EC is an error to it.
pub const ASKED: [Algorithm; 6] = [
    Algorithm::Rs256,
    Algorithm::Rs384,
    Algorithm::Rs512,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::Es512,
];

/// The signature back end that asks the host.
pub struct HostSignatures<'a, H> {
    host: &'a H,
    offered: AlgorithmSet,
}

impl<'a, H: Host> HostSignatures<'a, H> {
    /// A back end for the algorithms that [`HostSignatures::probe`] found.
    pub const fn new(host: &'a H, offered: AlgorithmSet) -> Self {
        Self { host, offered }
    }

    /// The algorithms that the host verifies as it should.
    #[must_use]
    pub fn probe(host: &H) -> AlgorithmSet {
        let everything = HostSignatures::new(host, ASKED.into_iter().collect());
        let passes = |algorithm: &Algorithm| known_answers::passes(&everything, *algorithm);
        ASKED.into_iter().filter(passes).collect()
    }
}

impl<H: Host> Backend for HostSignatures<'_, H> {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        let offered = self.offered.iter().any(|algorithm| algorithm.scheme() == scheme);
        let answer = offered.then(|| ask(self.host, scheme, key, message, signature)).flatten();
        match answer {
            Some(true) => Answer::Good,
            Some(false) => Answer::Bad,
            // A call that fails says nothing of the signature: the back end in pure Rust gives the same answer.
            None => Answer::Unsupported,
        }
    }
}

/// Asks the host about one signature. `None` when it does not answer, or cannot be asked.
fn ask(
    host: &impl Host,
    scheme: Scheme,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Option<bool> {
    let der;
    let (hash, signature) = match scheme {
        Scheme::RsaPkcs1(hash) => (hash, signature),
        Scheme::Ecdsa(_, hash) => {
            der = der_from_fixed(signature)?;
            (hash, der.as_slice())
        }
        _ => return None,
    };
    let question = message::Question { hash, key, message, signature };
    message::read_answer(&host.function(FUNCTION, &question.encode()?).ok()?)
}

#[cfg(test)]
mod tests;
