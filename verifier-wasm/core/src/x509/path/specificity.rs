//! Which refusal to give when every path failed in its own way.

use crate::refusal::Code;

/// The codes of failed paths, the most specific last: the nearer a path came to being right, the more its
/// failure says. A path that only a date spoils was right yesterday; that there is no path says nothing.
const RANK: &[Code] = &[
    Code::PathNotFound,
    Code::PathTooDeep,
    Code::CertificateNotCa,
    Code::CertificateKeyUsage,
    Code::PathSignatureInvalid,
    Code::SignatureUnsupported,
    Code::CertificateSignatureAlgorithm,
    Code::KeyUnsupported,
    Code::KeyMalformed,
    Code::KeyWeak,
    Code::CertificateExtensionCritical,
    Code::CertificatePolicies,
    Code::CertificateNameConstraints,
    Code::CertificateExtendedKeyUsage,
    Code::CertificatePathLength,
    Code::CertificateNotYetValid,
    Code::CertificateExpired,
];

/// How specific a code is; `None` for a code that is not the failure of one path and ends the search.
pub(super) fn specificity(code: Code) -> Option<usize> {
    RANK.iter().position(|ranked| *ranked == code)
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
            );
            assert_eq!(specificity(*code).is_none(), ends, "{}", code.as_str());
        }
    }
}
