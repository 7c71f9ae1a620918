//! Signatures as certificates and revocation lists carry them (RFC 5280 sections 4.1.1.2 and 4.1.1.3).

use super::algorithm::{Primitive, SignatureAlgorithm};
use super::fields::{Fields, whole_bytes};
use crate::refusal::{Code, Refusal};
use crate::signature::{
    NotVerified, PublicKey, Question, RsaLimit, Session, SignatureFailure, SignatureProvider,
};
use crate::verdict::Stop;
use der::Tag;

/// What an authority signed, a certificate or a revocation list, and the signature as its algorithm encodes it.
pub(super) struct Signed<'a> {
    pub(super) message: &'a [u8],
    pub(super) signature: &'a [u8],
}

impl Signed<'_> {
    /// Whether `key` signed it.
    pub(super) fn verify(
        &self,
        primitive: Primitive,
        key: &PublicKey,
        session: &Session<'_>,
    ) -> Result<(), NotVerified> {
        self.answer(Question::Any, primitive, key, session)
    }

    /// The same where it is the certificate of an authority, whose signature may be remembered.
    pub(super) fn verify_authority(
        &self,
        primitive: Primitive,
        key: &PublicKey,
        session: &Session<'_>,
    ) -> Result<(), NotVerified> {
        self.answer(Question::Authority, primitive, key, session)
    }

    fn answer(
        &self,
        question: Question,
        primitive: Primitive,
        key: &PublicKey,
        session: &Session<'_>,
    ) -> Result<(), NotVerified> {
        let scheme = primitive.scheme(key.kind());
        session.verify_encoded(question, scheme, key, self.message, self.signature)
    }
}

/// Verifies a signature over `data` as a path does: `spki` is a SubjectPublicKeyInfo, `algorithm` an
/// AlgorithmIdentifier and `signature` a BIT STRING, each in DER.
///
/// # Errors
/// What is wrong with the key as [`PublicKey::from_spki_der`] says; [`Code::CertificateMalformed`] for an algorithm or a
/// signature that is not in this form; [`Code::UnsupportedCertificateAlgorithm`] for one that signs no certificate;
/// [`Code::PathSignatureInvalid`], [`Code::UnsupportedSignature`], [`Code::PathBudget`].
pub fn verify_signed_data(
    spki: &[u8],
    algorithm: &[u8],
    data: &[u8],
    signature: &[u8],
    signatures: SignatureProvider<'_>,
) -> Result<(), Stop> {
    let key = PublicKey::from_spki_der(spki, RsaLimit::Standard)?;
    let mut fields = Fields::of(algorithm, Code::CertificateMalformed)?;
    let identifier = fields.take(Tag::Sequence, "signatureAlgorithm")?;
    let algorithm = SignatureAlgorithm::read(&fields, &identifier)?;
    fields.finish("signatureAlgorithm")?;
    let mut fields = Fields::of(signature, Code::CertificateMalformed)?;
    let bits = fields.take(Tag::BitString, "signatureValue")?;
    let bytes = whole_bytes(bits.contents).ok_or_else(|| fields.wrong("signatureValue"))?;
    fields.finish("signatureValue")?;
    let primitive = algorithm
        .primitive()
        .ok_or_else(|| Refusal::new(Code::UnsupportedCertificateAlgorithm).found(&algorithm))?;
    let signed = Signed { message: data, signature: bytes };
    signed.verify(primitive, &key, &Session::new(signatures)).map_err(|not| match not {
        NotVerified::Failed(SignatureFailure::Malformed) => Code::PathSignatureInvalid.into(),
        NotVerified::Failed(SignatureFailure::Budget) => Code::PathBudget.into(),
        not => Stop::of_signature(not, Code::PathSignatureInvalid),
    })
}
