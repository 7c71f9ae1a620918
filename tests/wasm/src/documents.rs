//! Instance documents, for the benchmark against other JavaScript: bytes in, bytes out, the signer prepared.

use credmint_core::cms::{CmsRules, PinnedSigner, Profile, SignedMessage};
use credmint_core::signature::{Answer, Backend, PublicKey, Scheme, SignatureProvider};
use credmint_core::x509::Certificate;
use credmint_core::{Hash, Stop, UnixTime};
use credmint_rustcrypto::RustCrypto;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Verifies documents of one signer.
#[wasm_bindgen]
pub struct Documents {
    signers: Vec<PinnedSigner>,
    rules: CmsRules,
}

#[wasm_bindgen]
impl Documents {
    /// `profile` is `amazon-ec2` or `alibaba-ecs`, `signer` a certificate in DER, `now_seconds` Unix time in seconds.
    ///
    /// # Errors
    /// A sentence, for an unknown profile or a certificate that is none.
    #[wasm_bindgen(constructor)]
    pub fn new(profile: &str, signer: &[u8], now_seconds: f64) -> Result<Self, String> {
        let profile = match profile {
            "amazon-ec2" => Profile::AmazonEc2,
            "alibaba-ecs" => Profile::AlibabaEcs,
            _ => return Err(format!("`{profile}` is not a profile")),
        };
        let signer = Certificate::from_der(signer).and_then(PinnedSigner::from_certificate);
        let time = UnixTime::from_seconds(now_seconds as i64);
        Ok(Self { signers: vec![signer.map_err(told)?], rules: CmsRules::new(profile, time) })
    }

    /// The content of a message.
    ///
    /// # Errors
    /// A sentence, when the message is refused.
    pub fn verify(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let signatures = SignatureProvider { backends: &[&Global, &RustCrypto] };
        let message = SignedMessage::parse(message).map_err(told)?;
        let verified = message.verify(None, &self.signers, &self.rules, signatures);
        Ok(verified.map_err(told)?.content().to_vec())
    }
}

fn told(stop: impl Into<Stop>) -> String {
    stop.into().into_refusal().to_string()
}

#[wasm_bindgen]
extern "C" {
    /// What the npm package verifies signatures with, where the caller has put it there.
    #[wasm_bindgen(js_namespace = globalThis, js_name = credmintVerifySignature, catch)]
    fn verify_signature(
        scheme: &str,
        hash: &str,
        key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<u8, JsValue>;
}

/// RSA by the function above.
struct Global;

impl Backend for Global {
    fn verify(&self, scheme: Scheme, key: &PublicKey, message: &[u8], signature: &[u8]) -> Answer {
        let hash = match scheme {
            Scheme::RsaPkcs1(Hash::Sha1) => "sha1",
            Scheme::RsaPkcs1(Hash::Sha256) => "sha256",
            _ => return Answer::Unsupported,
        };
        match verify_signature("rsa-pkcs1", hash, key.spki_der(), message, signature) {
            Ok(1) => Answer::Good,
            Ok(0) => Answer::Bad,
            _ => Answer::Unsupported,
        }
    }
}
