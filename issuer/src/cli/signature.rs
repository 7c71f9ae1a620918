//! `credmint signature verify`: one signature, one key.

use super::SingleRequest;
use super::answer::{Judgement, Misuse, Proven};
use super::batch::Judge;
use super::input;
use super::request::{self, Document};
use crate::decide::SIGNATURES;
use clap::{Args, ValueEnum};
use credmint_core::jose::{Algorithm, VerificationKey};
use credmint_core::signature::{PublicKey, RsaLimit, Scheme, Session, fixed_from_der};
use credmint_core::{Code, Hash, Refusal, json};
use serde::Deserialize;
use std::path::PathBuf;

/// Flags of a single verification.
#[derive(Args)]
pub(super) struct Single {
    /// The algorithm by its JOSE name, as RS256
    #[arg(long, required = false, required_unless_present = "batch")]
    alg: String,
    /// Another hash for an ECDSA key, as SHA-512
    #[arg(long)]
    hash: Option<String>,
    /// How an ECDSA signature is encoded
    #[arg(long, value_enum, default_value = "jose")]
    encoding: Encoding,
    /// The public key: SubjectPublicKeyInfo in PEM, base64 or DER, or a JWK
    #[arg(long, value_name = "FILE", required = false, required_unless_present = "batch")]
    key: PathBuf,
    /// The message
    #[arg(long, value_name = "FILE", required = false, required_unless_present = "batch")]
    message: PathBuf,
    /// The signature, binary
    #[arg(long, value_name = "FILE", required = false, required_unless_present = "batch")]
    signature: PathBuf,
    /// What is allowed beyond the defaults
    #[arg(long, value_enum)]
    allow: Vec<Allow>,
}

/// One request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    alg: String,
    hash: Option<String>,
    encoding: Option<Encoding>,
    key: Document,
    message_b64: String,
    signature_b64: String,
    #[serde(default, deserialize_with = "request::list")]
    allow: Vec<Allow>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    /// r and s at full length, as in a JWS
    Jose,
    /// A SEQUENCE of r and s, as in certificates
    Der,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize, ValueEnum)]
enum Allow {
    /// RSA keys of 4097 to 8192 bits
    #[serde(rename = "rsa-8192")]
    #[value(name = "rsa-8192")]
    Rsa8192,
}

impl SingleRequest for Single {
    type Request = Request;

    fn into_request(self) -> Result<Request, Misuse> {
        Ok(Request {
            alg: self.alg,
            hash: self.hash,
            encoding: Some(self.encoding),
            key: Document(input::read_der_or_text(&self.key)?),
            message_b64: input::read_base64(&self.message)?,
            signature_b64: input::read_base64(&self.signature)?,
            allow: self.allow,
        })
    }
}

impl Judge for Request {
    type Shared = ();

    fn judge(self, (): &mut ()) -> Result<Judgement, Misuse> {
        Ok(self.verify())
    }
}

impl Request {
    fn verify(&self) -> Judgement {
        let algorithm = Algorithm::from_name(&self.alg)
            .ok_or_else(|| Refusal::new(Code::JwsAlgorithmUnsupported).found(&self.alg))?;
        let scheme = self.scheme(algorithm)?;
        let key = self.key(algorithm)?;
        if !algorithm.fits(key.kind()) {
            return Err(Refusal::new(Code::JwsAlgorithmNotAllowed)
                .detail("the key is of another type or curve")
                .found(algorithm));
        }
        let message = input::octets(&self.message_b64, "message_b64")?;
        let signature = self.signature(scheme)?;
        let session = Session::new(SIGNATURES);
        session
            .verify(scheme, &key, &message, &signature)
            .map_err(|failure| failure.refusal(Code::SignatureInvalid))?;
        let mut proven = Proven::new();
        proven.insert("alg".into(), algorithm.as_str().into());
        if let Scheme::RsaPkcs1(hash) | Scheme::Ecdsa(_, hash) = scheme {
            proven.insert("hash".into(), hash.name().into());
        }
        Ok(proven)
    }

    /// The scheme of the algorithm. An RSA algorithm names its hash; an ECDSA key may be used with another
    /// one than JOSE pairs with its curve.
    fn scheme(&self, algorithm: Algorithm) -> Result<Scheme, Refusal> {
        let scheme = algorithm.scheme();
        let Some(name) = &self.hash else { return Ok(scheme) };
        let unsupported = || Refusal::new(Code::HashUnsupported).found(name);
        let hash = Hash::from_name(name).ok_or_else(unsupported)?;
        match scheme {
            Scheme::Ecdsa(curve, _) if hash != Hash::Sha1 => Ok(Scheme::Ecdsa(curve, hash)),
            Scheme::RsaPkcs1(own) if hash == own => Ok(scheme),
            Scheme::RsaPkcs1(own) => Err(unsupported().expected(own.name())),
            _ => Err(unsupported()),
        }
    }

    /// The key; a JWK that names its algorithm is for no other.
    fn key(&self, algorithm: Algorithm) -> Result<PublicKey, Refusal> {
        let limit = if self.allow.contains(&Allow::Rsa8192) {
            RsaLimit::Allow8192
        } else {
            RsaLimit::Standard
        };
        if self.key.is_object() {
            let jwk = json::parse_object(self.key.0.as_bytes())?;
            Ok(VerificationKey::from_jwk(&jwk, &[algorithm], limit)?.key().clone())
        } else {
            input::spki(&self.key.0, limit)
        }
    }

    fn signature(&self, scheme: Scheme) -> Result<Vec<u8>, Refusal> {
        let signature = input::octets(&self.signature_b64, "signature_b64")?;
        match (scheme, self.encoding) {
            (Scheme::Ecdsa(curve, _), Some(Encoding::Der)) => fixed_from_der(curve, &signature)
                .ok_or_else(|| {
                    Refusal::new(Code::SignatureMalformed).detail("not the DER of r and s")
                }),
            _ => Ok(signature),
        }
    }
}
