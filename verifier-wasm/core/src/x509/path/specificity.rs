//! Which refusal to give when every path failed in its own way.

use crate::refusal::{Code, Refusal};
use crate::verdict::Stop;

/// The codes of failed paths, the most specific last: the closer a path was to being valid, the more its
/// failure says. A path that only a date spoils was right yesterday; that there is no path says nothing. Revocation
/// is looked at when all else is right, and that a certificate is revoked says most of all.
const RANK: &[Code] = &[
    Code::PathNotFound,
    Code::PathTooDeep,
    Code::CertificateNotCa,
    Code::CertificateKeyUsage,
    Code::PathSignatureInvalid,
    Code::UnsupportedSignature,
    Code::UnsupportedCertificateAlgorithm,
    Code::UnsupportedKey,
    Code::KeyMalformed,
    Code::KeyWeak,
    Code::CertificateExtensionCritical,
    Code::CertificatePolicies,
    Code::CertificateNameConstraints,
    Code::CertificateExtendedKeyUsage,
    Code::CertificatePathLength,
    Code::CertificateNotYetValid,
    Code::CertificateExpired,
    Code::CrlMissing,
    Code::CrlStale,
    Code::CrlNotYetValid,
    Code::UnsupportedCrlAlgorithm,
    Code::CrlKeyUsage,
    Code::CrlSignatureInvalid,
    Code::CertificateRevoked,
];

/// How specific a code is; `None` for a code that is not the failure of one path and ends the search.
pub(super) fn specificity(code: Code) -> Option<usize> {
    RANK.iter().position(|ranked| *ranked == code)
}

/// Keeps the more specific of two refusals, the first of equals.
///
/// # Errors
/// `stop` itself when it ends the search: by its code, or because something is wanted first.
pub(super) fn remember(best: &mut Option<Refusal>, stop: impl Into<Stop>) -> Result<(), Stop> {
    let refusal = match stop.into() {
        Stop::Refused(refusal) => refusal,
        wanting @ Stop::Wanting(_) => return Err(wanting),
    };
    let Some(rank) = specificity(refusal.code()) else { return Err(refusal.into()) };
    if best.as_ref().and_then(|best| specificity(best.code())).is_none_or(|best| rank > best) {
        *best = Some(refusal);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::refusal::Step;
    use alloc::string::String;

    #[test]
    fn the_rank_from_least_to_most_specific() {
        let rank: String = RANK.iter().map(|code| alloc::format!("{}\n", code.as_str())).collect();
        let expect = "\
path_not_found
path_too_deep
certificate_not_ca
certificate_key_usage
path_signature_invalid
unsupported_signature
unsupported_certificate_algorithm
unsupported_key
key_malformed
key_weak
certificate_extension_critical
certificate_policies
certificate_name_constraints
certificate_extended_key_usage
certificate_path_length
certificate_not_yet_valid
certificate_expired
crl_missing
crl_stale
crl_not_yet_valid
unsupported_crl_algorithm
crl_key_usage
crl_signature_invalid
certificate_revoked
";
        assert_eq!(rank, expect, "the rank is now:\n{rank}");
    }

    #[test]
    fn every_code_of_the_path_step_is_ranked_or_ends_the_search() {
        for code in Code::ALL.iter().filter(|code| code.step() == Step::Path) {
            let ends = matches!(
                code,
                Code::PathBudget
                    | Code::NameConstraintsBudget
                    | Code::PolicyBudget
                    | Code::CertificateIsCa
                    | Code::CrlUnavailable
                    // There is no search where certificates are registered by themselves.
                    | Code::CertificateNotRegistered
            );
            assert_eq!(specificity(*code).is_none(), ends, "{}", code.as_str());
        }
    }
}
