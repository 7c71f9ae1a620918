//! What ties the certificates of a complete path to each other, from the root down.

use crate::limits;
use crate::refusal::{Code, Refusal};
use crate::signature::{NotVerified, PublicKey, RsaLimit, Session, SignatureFailure};
use crate::verdict::{Open, Stop};
use crate::x509::Certificate;
use crate::x509::signed_data::Signed;
use alloc::format;

/// RFC 5280 section 6.1.4 (l) and (m). `chain` has the leaf first; `root` is above its last.
///
/// A self-issued certificate, as in a change of keys, does not count as a further authority.
pub(super) fn path_lengths(chain: &[&Certificate], root: &Certificate) -> Result<(), Refusal> {
    // How many more authorities may follow, and who says so.
    let mut remaining = allowance(root);
    for authority in chain.iter().skip(1).rev() {
        if !authority.is_self_issued() {
            remaining = match remaining {
                Some((0, by)) => {
                    return Err(Refusal::new(Code::CertificatePathLength)
                        .detail(by)
                        .found(authority));
                }
                Some((number, by)) => Some((number.saturating_sub(1), by)),
                None => None,
            };
        }
        remaining = match (remaining, allowance(authority)) {
            (Some(from_above), Some(own)) if from_above.0 <= own.0 => Some(from_above),
            (from_above, own) => own.or(from_above),
        };
    }
    Ok(())
}

fn allowance(authority: &Certificate) -> Option<(u8, &Certificate)> {
    let constraints = authority.extensions().basic_constraints?;
    Some((constraints.path_length?, authority))
}

/// RFC 5280 section 6.1.3 (a)(1) for each certificate of `chain`, the topmost first: what `root` did not
/// sign costs one check.
///
/// The path is known before its signatures, so the checks of all its links are deferred together. What fails below an
/// open one is not the first to fail, and stays unsaid.
pub(super) fn signatures(
    chain: &[&Certificate],
    root: &Certificate,
    rsa: RsaLimit,
    session: &Session<'_>,
) -> Result<(), Stop> {
    let mut open = Open::default();
    let mut issuer = root;
    for (above_leaf, certificate) in chain.iter().enumerate().rev() {
        let checked = signature((above_leaf, certificate), issuer, rsa, session);
        open.sift(checked).map_err(|stop| open.before(stop))?;
        issuer = certificate;
    }
    open.settled()
}

/// `above_leaf` is 0 for the leaf.
fn signature(
    (above_leaf, certificate): (usize, &Certificate),
    issuer: &Certificate,
    rsa: RsaLimit,
    session: &Session<'_>,
) -> Result<(), Stop> {
    let algorithm = certificate.signature_algorithm();
    let primitive = algorithm.primitive().ok_or_else(|| {
        Refusal::new(Code::UnsupportedCertificateAlgorithm).detail(certificate).found(algorithm)
    })?;
    let key = key(issuer, rsa)?;
    let signed = Signed { message: certificate.tbs(), signature: certificate.signature() };
    let verified = match above_leaf {
        0 => signed.verify(primitive, &key, session),
        _ => signed.verify_authority(primitive, &key, session),
    };
    let failure = match verified {
        Ok(()) => return Ok(()),
        Err(NotVerified::Deferred(check)) => return Err((*check).into()),
        Err(NotVerified::Failed(failure)) => failure,
    };
    Err(Stop::Refused(match failure {
        SignatureFailure::Invalid | SignatureFailure::Malformed => {
            Refusal::new(Code::PathSignatureInvalid).detail(certificate).expected(issuer)
        }
        SignatureFailure::Unsupported => {
            Refusal::new(Code::UnsupportedSignature).detail(certificate).found(algorithm)
        }
        SignatureFailure::Budget => signatures_used_up(),
    }))
}

/// The refusal of a request that wants more signatures checked than one may.
pub(super) fn signatures_used_up() -> Refusal {
    Refusal::new(Code::PathBudget).detail("signatures of one request").expected(limits::SIGNATURES)
}

/// The key of a certificate of a path; a refusal says whose it is.
pub(super) fn key(certificate: &Certificate, rsa: RsaLimit) -> Result<PublicKey, Refusal> {
    certificate.public_key(rsa).map_err(|refusal| match refusal.detail_text() {
        Some(detail) => {
            let detail = format!("key of {certificate}: {detail}");
            refusal.detail(detail)
        }
        None => refusal.detail(format_args!("key of {certificate}")),
    })
}
