//! The host as a signature back end: Envoy's foreign function `verify_signature`, about fifteen times as fast as the
//! same arithmetic in WebAssembly.
//!
//! Whether it serves is found out once, when the filter is configured: for each algorithm it must call a good
//! signature good and a bad one bad. What it does not offer is left to the next back end, in pure Rust.

mod known_answers;
mod message;

use crate::host::Host;
use credmint_core::base64::decode_standard;
use credmint_core::jose::AlgorithmSet;
use credmint_core::signature::{Answer, Backend, PublicKey, RsaLimit, Scheme, der_from_fixed};
use known_answers::{KNOWN_ANSWERS, KnownAnswer, MESSAGE};

/// The name of the function in Envoy.
const FUNCTION: &str = "verify_signature";

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
        KNOWN_ANSWERS
            .iter()
            .filter(|known| knows(host, known).unwrap_or(false))
            .map(|known| known.algorithm)
            .collect()
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

/// Whether the host tells the known signature from the same one over another message.
fn knows(host: &impl Host, known: &KnownAnswer) -> Option<bool> {
    let key = decode_standard(known.key.as_bytes())?;
    let key = PublicKey::from_spki_der(&key, RsaLimit::Standard).ok()?;
    let signature = decode_standard(known.signature.as_bytes())?;
    let scheme = known.algorithm.scheme();
    let good = ask(host, scheme, &key, MESSAGE, &signature)?;
    let bad = ask(host, scheme, &key, &[MESSAGE, b"."].concat(), &signature)?;
    Some(good && !bad)
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
