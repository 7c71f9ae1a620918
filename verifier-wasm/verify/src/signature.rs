//! `credmint signature verify`: one signature, one key.

use crate::Host;
use crate::answer::{Misuse, Proven, Verification};
use crate::input;
use crate::request::{self, Document};
use credmint_core::jose::{Algorithm, VerificationKey};
use credmint_core::signature::{PublicKey, RsaLimit, Scheme, fixed_from_der, verify_signature};
use credmint_core::{Code, Hash, Refusal, Stop, json};
use serde::Deserialize;

/// One request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Request {
    alg: String,
    hash: Option<String>,
    encoding: Option<Encoding>,
    key: Document,
    message_b64: String,
    signature_b64: String,
    #[serde(default, deserialize_with = "request::list")]
    allow: Vec<RsaAllowed>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    /// r and s at full length, as in a JWS
    Jose,
    /// A SEQUENCE of r and s, as in certificates
    Der,
}

/// What is accepted beyond the defaults
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
pub(crate) enum RsaAllowed {
    /// RSA keys of 4097 to 8192 bits
    #[serde(rename = "rsa-8192")]
    Rsa8192,
}

impl RsaAllowed {
    /// The sizes of RSA keys under what is allowed.
    pub(crate) fn limit(allowed: &[Self]) -> RsaLimit {
        match allowed.contains(&Self::Rsa8192) {
            true => RsaLimit::Allow8192,
            false => RsaLimit::Standard,
        }
    }
}

impl crate::Request for Request {
    fn judge(self, host: &dyn Host) -> Result<Verification, Misuse> {
        Ok(self.verify(host))
    }
}

impl Request {
    fn verify(&self, host: &dyn Host) -> Verification {
        let algorithm = Algorithm::from_name(&self.alg)
            .ok_or_else(|| Refusal::new(Code::UnsupportedAlgorithm).found(&self.alg))?;
        let scheme = self.scheme(algorithm)?;
        let key = self.key(algorithm)?;
        if !algorithm.fits(key.kind()) {
            return Err(Refusal::new(Code::AlgorithmNotAllowed)
                .detail("the key is of another type or curve")
                .found(algorithm)
                .into());
        }
        let message = input::bytes(&self.message_b64, "message_b64")?;
        let signature = self.signature(scheme)?;
        crate::settle(host, |signatures| {
            verify_signature(scheme, &key, &message, &signature, signatures)
                .map_err(|not| Stop::of_signature(not, Code::SignatureInvalid))
        })?;
        let mut proven = Proven::new();
        proven.insert("alg".into(), algorithm.as_str().into());
        if let Some(hash) = scheme.hash() {
            proven.insert("hash".into(), hash.name().into());
        }
        Ok(proven)
    }

    /// The scheme of the algorithm. An RSA algorithm names its hash; an ECDSA key may be used with another
    /// one than JOSE pairs with its curve; Ed25519 has no hash to choose.
    fn scheme(&self, algorithm: Algorithm) -> Result<Scheme, Refusal> {
        let scheme = algorithm.scheme();
        let Some(name) = &self.hash else { return Ok(scheme) };
        let unsupported = || Refusal::new(Code::UnsupportedHash).found(name);
        let hash = Hash::from_name(name).ok_or_else(unsupported)?;
        match (scheme, scheme.hash()) {
            (Scheme::Ecdsa(curve, _), _) if hash != Hash::Sha1 => Ok(Scheme::Ecdsa(curve, hash)),
            (Scheme::RsaPkcs1(_) | Scheme::RsaPss(_), Some(own)) if hash == own => Ok(scheme),
            (Scheme::RsaPkcs1(_) | Scheme::RsaPss(_), Some(own)) => {
                Err(unsupported().expected(own.name()))
            }
            _ => Err(unsupported()),
        }
    }

    /// The key; a JWK that names its algorithm is for no other.
    fn key(&self, algorithm: Algorithm) -> Result<PublicKey, Refusal> {
        let limit = RsaAllowed::limit(&self.allow);
        if self.key.is_object() {
            let jwk = json::parse_object(self.key.0.as_bytes())?;
            Ok(VerificationKey::from_jwk(&jwk, &[algorithm], limit)?.key().clone())
        } else {
            input::spki(&self.key.0, limit)
        }
    }

    fn signature(&self, scheme: Scheme) -> Result<Vec<u8>, Refusal> {
        let signature = input::bytes(&self.signature_b64, "signature_b64")?;
        match (scheme, self.encoding) {
            (Scheme::Ecdsa(curve, _), Some(Encoding::Der)) => fixed_from_der(curve, &signature)
                .ok_or_else(|| {
                    Refusal::new(Code::SignatureMalformed).detail("not the DER of r and s")
                }),
            _ => Ok(signature),
        }
    }
}
