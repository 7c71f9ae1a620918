//! What a certificate must be for its place in a path: what can be said without any key.

use super::{KeyUse, PathRules};
use crate::refusal::{Code, Refusal};
use crate::x509::Certificate;

/// The certificate at the lower end.
pub(super) fn leaf(certificate: &Certificate, rules: &PathRules<'_>) -> Result<(), Refusal> {
    valid_at(certificate, rules)?;
    nothing_left_out(certificate)?;
    let usage = certificate.extensions().key_usage;
    if !rules.leaf_may_be_ca {
        // A leaf that claims keyCertSign is an authority for whoever forgets to look at cA. One that says itself that
        // it is none is a leaf: OPC UA asks its applications for both (Part 6, section 6.2.2).
        let is_silent = certificate.extensions().basic_constraints.is_none();
        let claims = is_silent && usage.is_some_and(|usage| usage.key_cert_sign());
        if certificate.is_ca() || claims {
            return Err(Refusal::new(Code::CertificateIsCa).detail(certificate));
        }
    }
    if rules.leaf_must_sign && usage.is_some_and(|usage| !usage.digital_signature()) {
        return Err(Refusal::new(Code::CertificateKeyUsage)
            .detail(certificate)
            .expected("digitalSignature"));
    }
    common_usage(&[], certificate, rules)
}

/// A certificate that signed the last one of `chain`: an intermediate, or the registered root.
pub(super) fn authority(
    certificate: &Certificate,
    chain: &[&Certificate],
    rules: &PathRules<'_>,
) -> Result<(), Refusal> {
    valid_at(certificate, rules)?;
    nothing_left_out(certificate)?;
    certificate.may_issue()?;
    common_usage(chain, certificate, rules)
}

/// RFC 5280 section 6.1.3 (a)(2); both ends belong to the period (section 4.1.2.5).
fn valid_at(certificate: &Certificate, rules: &PathRules<'_>) -> Result<(), Refusal> {
    if rules.time < certificate.not_before() {
        return Err(Refusal::new(Code::CertificateNotYetValid)
            .detail(certificate)
            .expected(format_args!("not before {}", certificate.not_before()))
            .found(rules.time));
    }
    if rules.time > certificate.not_after() {
        return Err(Refusal::new(Code::CertificateExpired)
            .detail(certificate)
            .expected(format_args!("not after {}", certificate.not_after()))
            .found(rules.time));
    }
    Ok(())
}

/// RFC 5280 sections 6.1.4 (o) and 6.1.5 (e): a critical extension that is not processed refuses.
fn nothing_left_out(certificate: &Certificate) -> Result<(), Refusal> {
    match &certificate.extensions().not_processed {
        Some(extension) => Err(Refusal::new(Code::CertificateExtensionCritical)
            .detail(certificate)
            .found(extension)),
        None => Ok(()),
    }
}

/// RFC 5280 section 4.2.1.12, through the path: one of the uses asked for must be allowed by every
/// certificate of `chain`, and by `last` above it, that names uses at all.
fn common_usage(
    chain: &[&Certificate],
    last: &Certificate,
    rules: &PathRules<'_>,
) -> Result<(), Refusal> {
    let allowed_by_all = |usage| {
        let all = chain.iter().copied().chain([last]);
        let mut named = all.filter_map(|own| own.extensions().extended_key_usage.as_ref());
        named.all(|named| named.contains(usage))
    };
    let KeyUse::Named(asked) = rules.key_use else { return Ok(()) };
    if asked.iter().any(allowed_by_all) {
        return Ok(());
    }
    let mut refusal = Refusal::new(Code::CertificateExtendedKeyUsage).detail(last);
    if let Some(usage) = asked.first() {
        refusal = refusal.expected(usage);
    }
    Err(refusal)
}
