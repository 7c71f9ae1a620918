//! The parts of generated certificates that are alike whatever the other verifier is.

use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyPair,
    KeyUsagePurpose, NameConstraints, SignatureAlgorithm,
};

/// Two keys of each kind, side by side: making them takes longest.
pub(crate) fn keys(kinds: &[&'static SignatureAlgorithm]) -> Vec<KeyPair> {
    let twice = kinds.iter().flat_map(|kind| [*kind, *kind]);
    twice.map(|kind| KeyPair::generate_for(kind).expect("a key")).collect()
}

/// What basicConstraints say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ca {
    /// They are not there.
    Silent,
    No,
    Yes,
    PathLength(u8),
}

/// When a certificate is valid, seen from the time of the test.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    Now,
    Past,
    Future,
}

/// A certificate of which only this is said.
pub(crate) fn params(
    ca: Ca,
    when: When,
    key_usages: &[KeyUsagePurpose],
    extended_key_usages: &[ExtendedKeyUsagePurpose],
) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.is_ca = match ca {
        Ca::Silent => IsCa::NoCa,
        Ca::No => IsCa::ExplicitNoCa,
        Ca::Yes => IsCa::Ca(BasicConstraints::Unconstrained),
        Ca::PathLength(number) => IsCa::Ca(BasicConstraints::Constrained(number)),
    };
    params.key_usages = key_usages.to_vec();
    params.extended_key_usages = extended_key_usages.to_vec();
    let (from, to) = match when {
        When::Now => (2020, 2040),
        When::Past => (2010, 2020),
        When::Future => (2030, 2040),
    };
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(to, 1, 1);
    params
}

/// Constraints on DNS names, and what is permitted of another kind; none when they say nothing.
pub(crate) fn constraints(
    permitted: &[&str],
    excluded: &[&str],
    other: Option<GeneralSubtree>,
) -> Option<NameConstraints> {
    let subtrees = |texts: &[&str]| -> Vec<GeneralSubtree> {
        texts.iter().map(|text| GeneralSubtree::DnsName((*text).to_owned())).collect()
    };
    let constraints = NameConstraints {
        permitted_subtrees: subtrees(permitted).into_iter().chain(other).collect(),
        excluded_subtrees: subtrees(excluded),
    };
    Some(constraints)
        .filter(|all| !all.permitted_subtrees.is_empty() || !all.excluded_subtrees.is_empty())
}
