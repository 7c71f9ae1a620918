//! `credmint signature verify`: one signature, one key.

use super::SingleRequest;
use super::answer::{Judgement, Misuse, Proven};
use super::batch::Judge;
use super::input;
use crate::decide::SIGNATURES;
use clap::Args;
use credmint_core::jose::{Algorithm, VerificationKey};
use credmint_core::signature::{KeyKind, PublicKey, RsaLimit, Scheme, Session, fixed_from_der};
use credmint_core::{Code, Hash, Refusal, json};
use serde::Deserialize;
use serde_json::Value;
use std::path::PathBuf;

/// Flags of a single verification.
#[derive(Args)]
pub(super) struct Single {
    /// The algorithm by its JOSE name, as RS256
    #[arg(long)]
    alg: String,
    /// Another hash for an ECDSA key, as SHA-512
    #[arg(long)]
    hash: Option<String>,
    /// How an ECDSA signature is encoded
    #[arg(long, value_parser = ["jose", "der"], default_value = "jose")]
    encoding: String,
    /// The public key: PEM or base64 SubjectPublicKeyInfo, or a JWK
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The message
    #[arg(long, value_name = "FILE")]
    message: PathBuf,
    /// The signature, binary
    #[arg(long, value_name = "FILE")]
    signature: PathBuf,
    /// What is allowed beyond the defaults
    #[arg(long, value_parser = ["rsa-8192"])]
    allow: Vec<String>,
}

/// One request.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    alg: String,
    hash: Option<String>,
    #[serde(default)]
    encoding: Encoding,
    key: Value,
    message_b64: String,
    signature_b64: String,
    #[serde(default)]
    allow: Vec<Allow>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    #[default]
    Jose,
    Der,
}

#[derive(PartialEq, Eq, Deserialize)]
enum Allow {
    #[serde(rename = "rsa-8192")]
    Rsa8192,
}

impl SingleRequest for Single {
    type Request = Request;

    fn into_request(self) -> Result<Request, Misuse> {
        let read = |path: &PathBuf| {
            std::fs::read(path)
                .map(|bytes| credmint_core::base64::encode_standard(&bytes))
                .map_err(|error| Misuse::new(format_args!("{}: {error}", path.display())))
        };
        let key = input::read_der_or_text(&self.key)?;
        Ok(Request {
            alg: self.alg,
            hash: self.hash,
            encoding: if self.encoding == "der" { Encoding::Der } else { Encoding::Jose },
            key: serde_json::from_str(&key).unwrap_or(Value::String(key)),
            message_b64: read(&self.message)?,
            signature_b64: read(&self.signature)?,
            allow: self.allow.iter().map(|_| Allow::Rsa8192).collect(),
        })
    }
}

impl Judge for Request {
    fn judge(self) -> Result<Judgement, Misuse> {
        if !matches!(self.key, Value::String(_) | Value::Object(_)) {
            return Err(Misuse::new("key must be a string (PEM or base64) or a JWK object"));
        }
        Ok(self.verify())
    }
}

impl Request {
    fn verify(&self) -> Judgement {
        let limit = if self.allow.contains(&Allow::Rsa8192) {
            RsaLimit::Allow8192
        } else {
            RsaLimit::Standard
        };
        let algorithm = Algorithm::from_name(&self.alg)
            .ok_or_else(|| Refusal::new(Code::JwsAlgorithmUnsupported).found(&self.alg))?;
        let message = input::octets(&self.message_b64, "message_b64")?;
        let signature = input::octets(&self.signature_b64, "signature_b64")?;
        let key = self.key(limit)?;
        let scheme = self.scheme(algorithm, &key)?;
        let signature = match (scheme, self.encoding) {
            (Scheme::Ecdsa(curve, _), Encoding::Der) => fixed_from_der(curve, &signature)
                .ok_or_else(|| {
                    Refusal::new(Code::SignatureMalformed).detail("not the DER of r and s")
                })?,
            _ => signature,
        };
        let session = Session::new(SIGNATURES);
        session
            .verify(scheme, &key, &message, &signature)
            .map_err(|failure| failure.refusal(Code::SignatureInvalid))?;
        let mut proven = Proven::new();
        proven.insert("alg".into(), algorithm.as_str().into());
        Ok(proven)
    }

    fn key(&self, limit: RsaLimit) -> Result<PublicKey, Refusal> {
        match &self.key {
            Value::String(text) => input::spki(text, limit),
            jwk => {
                let jwk = json::parse_object(jwk.to_string().as_bytes())?;
                Ok(VerificationKey::from_jwk(&jwk, &[], limit)?.key().clone())
            }
        }
    }

    /// The scheme of the algorithm, with the other hash where an ECDSA key is asked for one.
    fn scheme(&self, algorithm: Algorithm, key: &PublicKey) -> Result<Scheme, Refusal> {
        let scheme = algorithm.scheme();
        let fits = match (scheme, key.kind()) {
            (Scheme::RsaPkcs1(_), KeyKind::Rsa { .. }) => true,
            (Scheme::Ecdsa(curve, _), KeyKind::Ec(of_key)) => curve == of_key,
            _ => false,
        };
        if !fits {
            return Err(Refusal::new(Code::JwsAlgorithmNotAllowed)
                .detail("the key is of another type or curve")
                .found(algorithm.as_str()));
        }
        let Some(name) = &self.hash else { return Ok(scheme) };
        let unsupported = || Refusal::new(Code::HashUnsupported).found(name);
        let hash = Hash::from_name(name).ok_or_else(unsupported)?;
        match scheme {
            Scheme::Ecdsa(curve, _) if hash != Hash::Sha1 => Ok(Scheme::Ecdsa(curve, hash)),
            other if other == Scheme::RsaPkcs1(hash) => Ok(other),
            _ => Err(unsupported()),
        }
    }
}
